"""The cells that somebody decided on, and their states now: what the cards, the map and the filters show of the decisions.

A million of them are three arrays; a decision costs the same after a million others.
"""

from __future__ import annotations

from threading import Lock

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.labels import POSITIVE, LabelMatrix
from labelscope.data.positions import positions

__all__ = ["DecidedCells"]


class DecidedCells:
    """States of the decided cells of a data set, by item and by label.

    Parameters
    ----------
    dataset : Dataset
    cells : polars.DataFrame
        item_id, label, given and state of those that were decided before.
    """

    def __init__(self, dataset: Dataset, cells: pl.DataFrame) -> None:
        self._dataset = dataset
        self._lock = Lock()
        here = {"expected": "decisions: expected items and labels of this data set", "remedy": "name the ledger of this one"}
        rows = positions(cells["item_id"], dataset.item_ids, **here) if cells.height else np.empty(0, np.int64)
        labels = positions(cells["label"], pl.Series(dataset.label_names, dtype=pl.String), **here) if cells.height else rows
        order = np.argsort(rows, kind="stable")  # of one item: as they were decided
        self._rows, self._labels = rows[order].astype(np.int32), labels[order].astype(np.int32)
        self._states, self._given = (cells[name].to_numpy()[order].astype(np.int8) for name in ("state", "given"))
        self._new: dict[int, dict[int, int]] = {}  # not yet in the arrays: state by label, by row

    def put(self, row: int, label: int, state: int) -> None:
        """Somebody decided on a cell: this is its state now."""
        with self._lock:
            start, stop = self._span(row)
            known = np.flatnonzero(self._labels[start:stop] == label)
            if len(known):
                self._states[start + known[0]] = state
            else:
                self._new.setdefault(row, {})[label] = state

    def of_row(self, row: int) -> dict[int, int]:
        """State by label of the decided cells of an item, in the order in which they were first decided."""
        with self._lock:
            start, stop = self._span(row)
            known = zip(self._labels[start:stop].tolist(), self._states[start:stop].tolist(), strict=True)
            return {**dict(known), **self._new.get(row, {})}

    def of_label(self, label: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows on which somebody decided about a label, and its states there."""
        with self._lock:
            self._merge()
            here = self._labels == label
            return self._rows[here].astype(np.int64), self._states[here]

    def gained(self, labels: LabelMatrix) -> np.ndarray:
        """How many positives more each label has than in some labels of the same items, int64 (n_labels,)."""
        with self._lock:
            self._merge()
            rows, columns = self._rows.astype(np.int64), self._labels.astype(np.int64)
            more = (self._states == POSITIVE).astype(np.int64) - (labels.states(rows, columns) == POSITIVE)
        return np.bincount(columns, more, minlength=labels.shape[1]).astype(np.int64)

    def changed_rows(self) -> np.ndarray:
        """The items of which a cell is other than given, int64, each once."""
        changed = np.zeros(self._dataset.n_items, bool)
        with self._lock:
            self._merge()
            changed[self._rows[self._states != self._given]] = True
        return np.flatnonzero(changed)

    def _span(self, row: int) -> tuple[int, int]:
        start, stop = np.searchsorted(self._rows, np.array([row, row + 1], np.int32))  # of one type, or all would be copied
        return int(start), int(stop)

    def _merge(self) -> None:
        """Put what is new into the arrays."""
        if not self._new:
            return
        new = np.array([(row, label, state) for row, of in self._new.items() for label, state in of.items()], np.int32)
        rows, labels, states = new[np.argsort(new[:, 0], kind="stable")].T
        at = np.searchsorted(self._rows, rows, side="right")
        self._rows, self._labels = np.insert(self._rows, at, rows), np.insert(self._labels, at, labels)
        self._states = np.insert(self._states, at, states)
        self._given = np.insert(self._given, at, self._dataset.labels.states(rows.astype(np.int64), labels.astype(np.int64)))
        self._new = {}
