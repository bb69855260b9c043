"""What no output may replace: the files that a data set came from, and ledgers."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from labelscope.data.formats.several_files import files_of
from labelscope.errors import DataError

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset

__all__ = ["IMAGE", "LOGS", "Inputs", "input_files", "is_ledger", "refuse_replacing"]

COMPANIONS = {
    "embeddings": "the embeddings",
    "probabilities": "the probabilities",
    "votes": "the votes",
    "taxonomy": "the taxonomy",
    "label_names": "the label names",
}
TABLE, IMAGE = "the table", "an image"
MAGIC = b"SQLite format 3\0"
LOGS = ("-journal", "-wal", "-shm", "-writer")  # what SQLite and those who write keep beside a ledger

Inputs = Iterable[tuple[str, "str | Path"]]


def input_files(dataset: Dataset) -> Iterator[tuple[str, str | Path]]:
    """The files that a data set was read from, each with what it is: the table, what came beside it, its images."""
    source = dataset.source
    if source is not None and source.path is not None:
        yield TABLE, source.path
        yield from ((TABLE, file) for file in files_of(str(source.path)) or ())
    options = {} if source is None else source.options
    for option, role in COMPANIONS.items():
        given = options.get(option)
        if isinstance(given, str):
            yield role, Path(given)
        mapped = getattr(getattr(dataset, option, None), "filename", None)  # a memory map that came without a path
        if mapped is not None:
            yield role, Path(mapped)
    if dataset.image is not None:
        for name in _image_paths(dataset.items[dataset.image]):
            yield from ((IMAGE, os.path.join(folder, name)) for folder in dataset.images.folders)  # noqa: PTH118 - a million of them


def _image_paths(images: pl.Series) -> list[str]:
    if isinstance(images.dtype, pl.Struct) and "path" in images.struct.fields:
        images = images.struct.field("path")
    if images.dtype == pl.String or isinstance(images.dtype, (pl.Categorical, pl.Enum)):
        paths = images.cast(pl.String).unique().drop_nulls()
        return paths.filter(~paths.str.contains(r"^[/\\]{2}")).to_list()  # on Windows, to look at these would ask another machine
    return []


def is_ledger(path: Path) -> bool:
    """Whether a file is a ledger, or what SQLite keeps beside one: told by what is in it, whatever its name."""
    kept = any(of.exists() for of in _kept_for(path))
    return kept or _is_database(path) or any(path.with_name(f"{path.name}{end}").exists() for end in LOGS)


def refuse_replacing(target: Path, inputs: Inputs, name: str) -> None:
    """Refuse to write to a file that an output must not replace.

    Two names are one file where they are the same path or where the disk says so: links of both kinds, and file systems
    that do not tell upper from lower case.

    Parameters
    ----------
    target : pathlib.Path
    inputs : iterable of (what it is, path)
    name : str
        The command or function that writes, for the message.

    Raises
    ------
    DataError
        If `target` is one of `inputs` or a ledger, or a name that a ledger needs for what is kept beside it.
    """
    lost = _lost(target, inputs)
    if lost == TABLE:
        raise DataError(f"{name}: expected another file than the input, got {target}; choose another name, the input is never overwritten")
    if lost is not None:
        raise DataError(f"{name}: expected a file that may be replaced, got {target}, which is {lost}; choose another name")


def _lost(target: Path, inputs: Inputs) -> str | None:
    """What would be lost by writing to `target`, in words; None if nothing would."""
    try:
        there = target.stat()
    except (OSError, ValueError):  # nothing that could be lost, unless SQLite takes the file for its own journal
        ledger = next((of for of in _kept_for(Path(os.path.realpath(target))) if _is_database(of)), None)
        return None if ledger is None else f"a name that the ledger {ledger.name} needs"
    real = Path(os.path.realpath(target))
    if is_ledger(real):
        return "a ledger"
    names = {os.path.normcase(target.absolute()), os.path.normcase(real)}
    for role, path in inputs:
        if role != IMAGE and os.path.normcase(Path(path).absolute()) in names:
            return role
        try:
            if os.path.samestat(there, os.stat(path)):  # noqa: PTH116 - a million of them
                return role
        except (OSError, ValueError):  # an input that is gone
            continue
    return None


def _kept_for(path: Path) -> list[Path]:
    """The files beside which a file of this name would be kept, were they ledgers."""
    return [path.with_name(path.name[: -len(end)]) for end in LOGS if path.name.endswith(end) and path.name != end]


def _is_database(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except (OSError, ValueError):
        return False
