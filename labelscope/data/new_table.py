"""A data set as a table of its own, with what belongs beside it: read again, it is the same data set."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.files import Writer, write_files
from labelscope.data.inputs import Inputs
from labelscope.data.labels import UNKNOWN
from labelscope.data.table_files import check_table_file, table_writers
from labelscope.errors import DataError

__all__ = ["NewTable", "write_new_table"]

BESIDE = {"votes": ".votes.parquet", "embeddings": ".embeddings.npy"}


@dataclass(frozen=True)
class NewTable:
    """What was written.

    Attributes
    ----------
    path : pathlib.Path
        A column for each label: 1, 0, or null where nobody knows.
    beside : mapping of str to pathlib.Path
        Votes and embeddings, where there are any.
    arguments : mapping
        For :func:`labelscope.read`, with `path` first.
    n_items, n_labels : int
    """

    path: Path
    beside: Mapping[str, Path]
    arguments: Mapping[str, Any]
    n_items: int
    n_labels: int

    def __str__(self) -> str:
        more = "".join(f", with its {role} in {path.name}" for role, path in self.beside.items())
        return f"{self.path}: {self.n_items:,} items x {self.n_labels:,} labels{more}"


def write_new_table(dataset: Dataset, path: str | os.PathLike[str], *, name: str, inputs: Inputs = ()) -> NewTable:
    """Write items and labels as one table, CSV or Parquet by its suffix, and beside it votes (.votes.parquet) and embeddings (.npy).

    Parameters
    ----------
    dataset : Dataset
        Probabilities, taxonomy and descriptions are not written.
    path : path
        What is there is replaced.
    name : str
        Of what writes, for messages.
    inputs : iterable of (what, path)
        Files that are never replaced.

    Returns
    -------
    NewTable

    Raises
    ------
    DataError
        If a label is called like a column of the items, or a file cannot be written: then none is.
    """
    target = Path(path)
    check_table_file(target, name=name)
    twice = next((label for label in dataset.label_names if label in dataset.items.columns), None)
    if twice is not None:
        raise DataError(f"{name}: expected labels that are called like no column, got {twice!r}; rename that label or that column first")
    beside: dict[str, Path] = {}
    writers: dict[Path, Writer] = {}
    if dataset.votes is not None:
        beside["votes"] = target.with_name(target.stem + BESIDE["votes"])
        writers[beside["votes"]] = _votes(dataset).write_parquet
    if (embeddings := dataset.embeddings) is not None:
        beside["embeddings"] = target.with_name(target.stem + BESIDE["embeddings"])
        writers[beside["embeddings"]] = lambda file: np.lib.format.write_array(file, np.asarray(embeddings), allow_pickle=False)
    writers |= table_writers(dataset.items.with_columns(_columns(dataset)), target)
    write_files(writers, name=name, inputs=inputs)
    roles = {"labels": list(dataset.label_names), "text": dataset.text, "id": "item_id", **{role: str(at) for role, at in beside.items()}}
    given = {role: value for role, value in roles.items() if value is not None}
    return NewTable(target, beside, {"path": str(target), **given}, dataset.n_items, dataset.n_labels)


def _columns(dataset: Dataset) -> Iterator[pl.Series]:
    states = np.empty((dataset.n_items, dataset.n_labels), np.int8)
    for rows, block in dataset.labels.blocks():
        states[rows] = block
    for name, column in zip(dataset.label_names, states.T, strict=True):
        known = pl.Series(name, column, dtype=pl.Int8)
        yield known.set(known == UNKNOWN, None)


def _votes(dataset: Dataset) -> pl.DataFrame:
    votes = dataset.votes
    assert votes is not None
    return pl.DataFrame({
        "item_id": dataset.item_ids.gather(votes.items), "rater": pl.Series(votes.rater_names, dtype=pl.String).gather(votes.raters),
        "label": pl.Series(dataset.label_names, dtype=pl.String).gather(votes.labels), "value": votes.values,
    })  # fmt: skip
