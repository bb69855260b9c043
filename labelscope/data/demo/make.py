"""The demo data set, its planted truth, and both as files. All of it is synthetic and follows from the seed.

The table holds the labels as one column each, 1, 0 or blank: a list of positives could not say which cells nobody
checked. :func:`demo` reads that table as :func:`labelscope.read` reads a user's, so an export has the same columns.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from labelscope.compute.seeds import generator
from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.demo.annotation import CAUSES, Annotation, annotate
from labelscope.data.demo.captions import describe
from labelscope.data.demo.drawing import Pictures, draw, encode
from labelscope.data.demo.raters import vote
from labelscope.data.demo.scenes import Scenes, sample
from labelscope.data.demo.truth import DemoTruth
from labelscope.data.demo.vocabulary import DESCRIPTIONS, LABELS, TAXONOMY
from labelscope.data.file_names import check_file_name
from labelscope.data.files import Writer, add_to_mark, write_files
from labelscope.data.labels import UNKNOWN
from labelscope.data.mark import refuse_foreign
from labelscope.data.read import read
from labelscope.errors import DataError

__all__ = ["DemoFiles", "demo", "demo_truth", "made_demo", "write_demo"]

_VISIBLE = 0.3  # an object of which less can be seen is taken out of the scene: nobody could say that it is there
_README = """Synthetic demo data of labelscope: {n_items:,} drawn scenes, {n_labels} labels, seed {seed}.
No real picture, no real annotator.

scenes.parquet    the table: item_id, image (PNG), caption, split, and one column a label (1 yes, 0 no, blank nobody checked)
votes.parquet     three simulated raters: item_id, rater, label, value
taxonomy.csv      parent, child
read.json         the arguments of labelscope.read for this table; files by their names in this folder
truth.parquet     the true states, to be looked at last
planted.parquet   the wrong cells: item_id, label, kind, given, truth, cause
"""


@dataclass(frozen=True)
class DemoFiles:
    """Where :func:`write_demo` put what.

    Attributes
    ----------
    table, votes, taxonomy, arguments, truth, planted : pathlib.Path
    """

    table: Path
    votes: Path
    taxonomy: Path
    arguments: Path
    truth: Path
    planted: Path


_READ: dict[str, Any] = {"labels": LABELS, "id": "item_id", "text": "caption", "image": "image"}


@dataclass(frozen=True, eq=False)
class MadeDemo:
    """The demo with its truth.

    Attributes
    ----------
    table : polars.DataFrame
        The items, and a column of 1, 0 or null a label.
    annotation : Annotation
        True and given states.
    votes : polars.DataFrame
    """

    table: pl.DataFrame
    annotation: Annotation
    votes: pl.DataFrame


@checked
def demo(n_items: int = 2000, *, seed: int = 0) -> Dataset:
    """A small synthetic data set with everything labelscope looks at, made in about three seconds.

    Drawn scenes of 64 x 64 pixels with shapes, colours and patterns, a caption each, and 24 labels: a long tail,
    co-occurrence, a taxonomy, an exclusive pair (day, night), three raters on a quarter of the items, 15% of the
    cells unknown, and planted errors that depend on the picture (:func:`demo_truth` has them).

    Parameters
    ----------
    n_items : int
        At least 20; the rarest labels have about 8 positives in 1,000 items.
    seed : int

    Returns
    -------
    Dataset
        `text` is "caption", `image` is "image" (PNG bytes).

    Raises
    ------
    DataError
        On fewer than 20 items.

    Examples
    --------
    >>> ds = demo(100)
    >>> ds.labels.shape, ds.label_names[:3]
    ((100, 24), ('shape', 'polygon', 'square'))
    """
    made = made_demo(n_items, seed)
    return read(made.table, **_READ, votes=made.votes, taxonomy=TAXONOMY, label_descriptions=DESCRIPTIONS)


@checked
def demo_truth(n_items: int = 2000, *, seed: int = 0) -> DemoTruth:
    """The planted truth of :func:`demo` with the same arguments, to score what was found against it.

    Parameters
    ----------
    n_items : int
        As given to :func:`demo`.
    seed : int

    Returns
    -------
    DemoTruth
        `states` (int8, n_items x n_labels), `planted` (a frame of the wrong cells), and `found(cells)`.

    Raises
    ------
    DataError
        On fewer than 20 items.

    Examples
    --------
    >>> demo_truth(100).planted.columns
    ['item_id', 'label', 'kind', 'given', 'truth', 'cause']
    """
    made = made_demo(n_items, seed)
    truth, given, cause = made.annotation.truth, made.annotation.given, made.annotation.cause
    rows, columns = np.nonzero((given != UNKNOWN) & (given != truth))
    planted = pl.DataFrame(
        {
            "item_id": made.table["item_id"].gather(rows),
            "label": pl.Series(LABELS).gather(columns),
            "given": given[rows, columns],
            "truth": truth[rows, columns],
            "cause": pl.Series(CAUSES).gather(cause[rows, columns]),
        }
    )
    kind = pl.when(pl.col("truth") == 1).then(pl.lit("missing")).otherwise(pl.lit("spurious"))
    return DemoTruth(truth, planted.with_columns(kind=kind).select("item_id", "label", "kind", "given", "truth", "cause"))


@checked
def write_demo(folder: str | Path, n_items: int = 2000, *, seed: int = 0) -> DemoFiles:
    """Write the demo as the files that a user would bring, with the planted truth beside them.

    Parameters
    ----------
    folder : path
        Made if it is not there.
    n_items : int
    seed : int

    Returns
    -------
    DemoFiles

    Raises
    ------
    DataError
        On fewer than 20 items, or where the folder cannot be written or holds files of these names that labelscope did
        not write.
    """
    check_file_name(folder, "demo")
    made, truth, folder = made_demo(n_items, seed), demo_truth(n_items, seed=seed), Path(folder)
    names = ("scenes.parquet", "votes.parquet", "taxonomy.csv", "read.json", "truth.parquet", "planted.parquet")
    files = DemoFiles(*(folder / name for name in names))
    arguments = {**_READ, "votes": files.votes.name, "taxonomy": files.taxonomy.name}
    states = pl.concat([made.table.select("item_id"), _label_columns(truth.states)], how="horizontal")
    about = _README.format(n_items=n_items, n_labels=len(LABELS), seed=seed)
    writers: dict[Path, Writer] = {
        files.table: made.table.write_parquet,
        files.votes: made.votes.write_parquet,
        files.taxonomy: pl.DataFrame(TAXONOMY, schema=["parent", "child"], orient="row").write_csv,
        files.arguments: lambda file: file.write((json.dumps(arguments, indent=1) + "\n").encode()),
        files.truth: states.write_parquet,
        files.planted: truth.planted.write_parquet,
        folder / "README.txt": lambda file: file.write(about.encode()),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        refuse_foreign(folder, [path.name for path in writers], "demo")
        write_files(writers, name="demo", inputs=())
        add_to_mark(folder, {path.name: "demo" for path in writers})
    except OSError as error:
        reason = error.strerror or error
        raise DataError(f"demo: expected a folder that can be written, got {str(folder)!r} ({reason}); name another one") from error
    return files


def _label_columns(states: np.ndarray) -> pl.DataFrame:
    table = pl.DataFrame(states, schema=dict.fromkeys(LABELS, pl.Int8))
    return table.with_columns(pl.when(pl.all() != UNKNOWN).then(pl.all()))


@lru_cache(maxsize=2)
def made_demo(n_items: int, seed: int) -> MadeDemo:
    """The table of the demo, its true and its given labels, and the votes; kept for the next who asks."""
    if n_items < 20:
        raise DataError(f"n_items: expected at least 20 scenes, got {n_items}")
    scenes, pictures = _compose(n_items, seed)
    ids = pl.Series("item_id", [f"synthetic-{k:05d}" for k in range(n_items)])
    split = np.where(generator(seed, "demo", "split").random(n_items) < 0.8, "train", "test")
    items = pl.DataFrame({"item_id": ids, "image": encode(pictures.pixels), "caption": describe(scenes, pictures, seed), "split": split})
    annotation = annotate(scenes, pictures, seed)
    table = pl.concat([items, _label_columns(annotation.given)], how="horizontal")
    return MadeDemo(table, annotation, vote(ids, scenes, pictures, seed))


def _compose(n_items: int, seed: int) -> tuple[Scenes, Pictures]:
    """Scenes in which every object can be seen, and their pictures."""
    scenes = sample(n_items, seed)
    pictures = draw(scenes)
    while (hidden := pictures.share < _VISIBLE).any():
        scenes, rows = scenes.without(hidden), np.flatnonzero(hidden.any(axis=1))
        again = draw(scenes.take(rows))
        for name in ("pixels", "visible", "share"):
            getattr(pictures, name)[rows] = getattr(again, name)
    return scenes, pictures
