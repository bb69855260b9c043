"""The selection as the worklist takes it: the items that pass all filters, and of them the cells that the filters name."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np

from labelscope.query.terms import Cells

__all__ = ["Chosen"]

SHIFT = 32  # bits of a label: an item and a label as one number


class Chosen:
    """The selected items, and which of their cells are listed: those that are named, all of an item where none is.

    Parameters
    ----------
    items : array of bool, shape (n_items,)
    cells : iterable of (rows, labels)
        What each filter names; cells of items that are not selected count for nothing.
    """

    def __init__(self, items: np.ndarray, cells: Iterable[Cells] = ()) -> None:
        self.items = items
        codes = [_codes(rows, labels) for rows, labels in cells]
        named = np.unique(np.concatenate(codes)) if codes else np.empty(0, np.int64)
        self._named = named[items[named >> SHIFT]]

    @property
    def named(self) -> Cells:
        """Rows and labels of the named cells, by row."""
        return self._named >> SHIFT, self._named & ((1 << SHIFT) - 1)

    @cached_property
    def whole(self) -> np.ndarray:
        """The selected items without a named cell, bool (n_items,)."""
        out = self.items.copy()
        out[self._named >> SHIFT] = False
        return out

    def names(self, rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Whether cells are named, bool (n_cells,); a label of -1 is none."""
        if not len(self._named):
            return np.zeros(len(rows), bool)
        asked = _codes(rows, labels)
        place = np.minimum(np.searchsorted(self._named, asked), len(self._named) - 1)
        return (labels >= 0) & (self._named[place] == asked)

    def keeps(self, rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Whether cells are listed, bool (n_cells,)."""
        return self.whole[rows] | self.names(rows, labels)

    @property
    def n_entries(self) -> int:
        """How many entries the list of all items has."""
        return len(self._named) + int(self.whole.sum())


def _codes(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return rows.astype(np.int64) << SHIFT | labels.astype(np.int64)
