"""The state of one label on every item, as it stands now."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from labelscope.data.dataset import Dataset
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN, LabelMatrix
from labelscope.explorer.decided import DecidedCells

__all__ = ["CurrentLabels", "column", "states_of"]

Decided = tuple[np.ndarray, np.ndarray]


def states_of(labels: LabelMatrix, label: int, decided: Decided) -> np.ndarray:
    """States of one label, int8 (n_items,).

    Parameters
    ----------
    labels : LabelMatrix
        As given: to change a copy of it at every decision would take seconds with a million items.
    label : int
    decided : (rows, states)
        Where somebody decided on the label, and the states there now.
    """
    out = np.full(labels.shape[0], labels.default, np.int8)
    out[column(labels.exceptions, label)] = UNKNOWN if labels.default == NEGATIVE else NEGATIVE
    out[column(labels.positives, label)] = POSITIVE
    rows, states = decided
    out[rows] = states
    return out


def column(matrix: sp.csr_matrix, label: int) -> np.ndarray:
    """Rows with an entry in one column."""
    entries = np.flatnonzero(matrix.indices == label)
    return np.searchsorted(matrix.indptr, entries, side="right") - 1


class CurrentLabels:
    """The labels with what people decided.

    Parameters
    ----------
    dataset : Dataset
    decided : DecidedCells
    """

    def __init__(self, dataset: Dataset, decided: DecidedCells) -> None:
        self._labels, self._decided = dataset.labels, decided

    def column(self, label: int) -> np.ndarray:
        """State of one label on every item now, int8 (n_items,)."""
        return states_of(self._labels, label, self._decided.of_label(label))

    def positives(self, rows: np.ndarray) -> list[tuple[int, int]]:
        """The cells of some items that are positive now, as (row, label), item by item."""
        given = self._labels.rows(rows).positives
        out = []
        for i, row in enumerate(rows.tolist()):
            decided = self._decided.of_row(row)
            labels = dict.fromkeys([*given.indices[given.indptr[i] : given.indptr[i + 1]].tolist(), *decided])
            out += [(row, label) for label in labels if decided.get(label, POSITIVE) == POSITIVE]
        return out

    def given(self, row: int, label: int) -> int:
        """State of a cell before anybody decided."""
        return int(self._labels.states(np.array([row]), np.array([label]))[0])
