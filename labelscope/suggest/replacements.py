"""Suggestions on data with one label an item: each replaces one label by another, and the two halves of it are one decision."""

from __future__ import annotations

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.positions import positions

__all__ = ["other_labels", "second_halves"]


def other_labels(dataset: Dataset, frame: pl.DataFrame, rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The label that goes where a suggestion adds one, or that comes where it removes one; -1 where there is none.

    Parameters
    ----------
    dataset : Dataset
        Only where :attr:`~labelscope.Dataset.one_label_each` is there such a label.
    frame : polars.DataFrame
        action and swap of each suggestion.
    rows, labels : int64, shape (n_suggestions,)
        Item and label of each.

    Returns
    -------
    int64 array of shape (n_suggestions,)
    """
    none = np.full(frame.height, -1, np.int64)
    if not dataset.one_label_each or "swap" not in frame.columns or not frame.height:
        return none
    given = dataset.labels.positives
    sizes = np.diff(given.indptr)
    own = np.where(sizes == 1, np.append(given.indices, -1)[np.minimum(given.indptr[:-1], given.nnz)], -1).astype(np.int64)
    adds, swap = (frame["action"] == "add").to_numpy(), frame["swap"]
    comes = none.copy()
    known = swap.is_not_null().to_numpy()
    names = pl.Series(dataset.label_names, dtype=pl.String)
    comes[known] = positions(swap.drop_nulls(), names, expected="suggestions: expected known labels", remedy="suggest for this data set")
    return np.where(adds, np.where(own[rows] == labels, -1, own[rows]), comes)


def second_halves(dataset: Dataset, frame: pl.DataFrame, rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Which suggestions say again what another says: they remove the label that the other one replaces; bool (n_suggestions,).

    Parameters
    ----------
    dataset, frame, rows, labels
        As for :func:`other_labels`.
    """
    others = other_labels(dataset, frame, rows, labels)
    adds = (frame["action"] == "add").to_numpy()
    there = {*zip(rows[adds].tolist(), labels[adds].tolist(), strict=True)} if (others >= 0).any() else set()
    return np.array([not add and (row, other) in there for add, row, other in zip(adds, rows.tolist(), others.tolist(), strict=True)], bool)
