"""Cells that a person has checked: the only labels that say what is true, not what was given."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import scipy.sparse as sp

from labelscope.data.dataset import Dataset
from labelscope.data.frames import to_polars
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN, LabelMatrix
from labelscope.data.positions import positions
from labelscope.errors import DataError

__all__ = ["audited_labels"]

COLUMNS = ("item_id", "label", "state")


def audited_labels(dataset: Dataset, audited: Any) -> LabelMatrix:
    """The audited states as labels of the data set's shape, every other cell unknown.

    Parameters
    ----------
    dataset : Dataset
    audited : frame of (item_id, label, state)
        `state`: 1, 0, or -1 for a cell that could not be decided (left out). Any data frame library.

    Raises
    ------
    DataError
        If a column is missing, an item or label is not of this data set, a state is none of the three, a cell has
        two states, or no cell is decided.

    Examples
    --------
    >>> ds = Dataset.from_arrays([[1, 0], [0, 1]], label_names=["a", "b"])
    >>> audited_labels(ds, pl.DataFrame({"item_id": [1], "label": ["a"], "state": [1]})).dense().tolist()
    [[-1, -1], [1, -1]]
    """
    frame = to_polars(audited, "audited")
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise DataError(f"audited: expected the columns {', '.join(COLUMNS)}, got {', '.join(frame.columns)}; {missing[0]} is missing")
    rows = positions(frame["item_id"], dataset.item_ids, expected="audited: expected known values in item_id", remedy="drop them")
    names = pl.Series(dataset.label_names, dtype=pl.String)
    columns = positions(frame["label"], names, expected="audited: expected known values in label", remedy="drop them")
    states = frame["state"].cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
    wrong = np.flatnonzero(~np.isin(states, (POSITIVE, NEGATIVE, UNKNOWN)))
    if len(wrong):
        raise DataError(f"audited: expected the states 1, 0 and -1, got {frame['state'][int(wrong[0])]!r}; drop or mend these rows")
    decided = states != UNKNOWN
    cells = np.unique(np.stack([rows[decided] * dataset.n_labels + columns[decided], states[decided].astype(np.int64)]), axis=1)
    if cells.shape[1] == 0:
        raise DataError("audited: expected at least one cell with state 1 or 0, got none; leave audited out")
    twice = np.flatnonzero(np.diff(cells[0]) == 0)
    if len(twice):
        row, column = divmod(int(cells[0, twice[0]]), dataset.n_labels)
        where = f"item {dataset.item_ids[row]!r}, label {dataset.label_names[column]!r}"
        raise DataError(f"audited: expected one state a cell, got both 1 and 0 for {where}; keep the one that counts")
    positive, negative = (_matrix(cells[0, cells[1] == state], dataset) for state in (POSITIVE, NEGATIVE))
    return LabelMatrix(positive, negative, UNKNOWN)


def _matrix(cells: np.ndarray, dataset: Dataset) -> sp.csr_matrix:
    width = dataset.n_labels
    return sp.csr_matrix((np.ones(len(cells), bool), (cells // width, cells % width)), shape=dataset.labels.shape, dtype=bool)
