"""What stands after the events that lie in columns: worked out for all of them at once, and looked up cell by cell.

:class:`labelscope.review.standing.Standing` goes on from here event by event.
"""

from __future__ import annotations

from array import array
from collections import Counter

import numpy as np
import polars as pl

from labelscope.review.events import LABEL_SET, Cell

__all__ = ["Foundation"]


class Foundation:
    """The active events among those of a frame of :func:`labelscope.review.log.columns`, by cell and by reviewer.

    Attributes
    ----------
    active : bytearray
        Of each event, whether it counts.
    undos : Counter
        Active undos of each event, by its number.
    first, last : int64 arrays
        Of each cell, the place of its first event and of its last active decision, -1 if there is none.
    given : int8 array
        Of each cell, its state before its first event.
    changed : bool array
        Of each cell, whether its state differs from the given one.
    of_label_set : bool array
        Of each cell, whether it stands for a label itself.
    """

    def __init__(self, base: pl.DataFrame) -> None:
        self._seqs = base["seq"].to_numpy()
        undoes = base["undoes"].fill_null(0).to_numpy()
        is_undo = undoes > 0
        targets = np.searchsorted(self._seqs, undoes)
        self.active, self.undos = self._replayed(np.flatnonzero(is_undo), targets)
        decides = ~is_undo & np.frombuffer(self.active, np.uint8).astype(bool)
        self._index(base, decides)
        before, after = base["before"].to_numpy(), base["after"].to_numpy()
        self.given = before[self.first]
        self.changed = (self.last >= 0) & (after[self.last] != self.given) if len(self.last) else np.zeros(0, bool)
        takes_back = is_undo & ~is_undo[np.minimum(targets, max(len(targets) - 1, 0))] if len(targets) else is_undo
        counts = takes_back & np.frombuffer(self.active, np.uint8).astype(bool)
        self.decided: dict[str, int] = {}  # last decision of each reviewer, undone or not
        self.lists: dict[tuple[str, str], array[int]] = {}  # numbers of the active decisions and undos of each
        for name, mine in self._reviewers(base):
            own = np.flatnonzero(mine & ~is_undo)
            if len(own):
                self.decided[name] = int(self._seqs[own[-1]])
            self.lists["decision", name] = array("q", self._seqs[mine & decides].astype(np.int64).tobytes())
            self.lists["undo", name] = array("q", self._seqs[mine & counts].astype(np.int64).tobytes())

    def find(self, cell: Cell) -> int:
        """The place of a cell among the cells, -1 if no event is about it."""
        label = self._labels.get(cell[1])
        if label is None or not len(self._items):
            return -1
        item = int(self._items.search_sorted(cell[0]))
        if item >= len(self._items) or self._items[item] != cell[0]:
            return -1
        code = item * len(self._labels) + label
        k = int(np.searchsorted(self._cells, code))
        return k if k < len(self._cells) and self._cells[k] == code else -1

    def numbers(self, k: int) -> list[int]:
        """The numbers of the active decisions on a cell, by its place among the cells."""
        places = self._order[self._starts[k] : self._starts[k + 1]]
        return self._seqs[places[self._decides[places]]].tolist()

    def _replayed(self, undos: np.ndarray, targets: np.ndarray) -> tuple[bytearray, Counter[int]]:
        active, counts = bytearray(b"\1") * len(self._seqs), Counter[int]()
        for place, target in zip(undos[::-1].tolist(), targets[undos][::-1].tolist(), strict=True):
            if active[place]:  # an undo comes after what it undoes: backwards, its own fate is known first
                active[target] = 0
                counts[int(self._seqs[target])] += 1
        return active, counts

    def _index(self, base: pl.DataFrame, decides: np.ndarray) -> None:
        n = base.height
        codes, at, labels = np.unique(base["label"].to_physical().to_numpy(), return_index=True, return_inverse=True)
        self._labels = {name: k for k, name in enumerate(base["label"].gather(at).cast(pl.String).to_list())}
        self._items = base["item_id"].unique().sort()
        cells = (base["item_id"].rank("dense").to_numpy().astype(np.int64) - 1) * len(codes) + labels
        order = np.argsort(cells, kind="stable")
        cells = cells[order]
        starts = np.flatnonzero(np.concatenate([[True], cells[1:] != cells[:-1]])) if n else np.zeros(0, np.int64)
        self._cells, self._starts = cells[starts], np.append(starts, n)
        self._order, self._decides = order.astype(np.int32), decides
        self.first = order[starts]
        deciding = np.where(decides[order], np.arange(n), -1)
        at = np.maximum.reduceat(deciding, starts) if n else np.zeros(0, np.int64)
        self.last = np.where(at >= 0, order[at], -1) if n else np.zeros(0, np.int64)
        item = int(self._items.search_sorted(LABEL_SET)) if n else 0
        there = n > 0 and item < len(self._items) and self._items[item] == LABEL_SET
        self.of_label_set = self._cells // max(len(codes), 1) == (item if there else -1)

    @staticmethod
    def _reviewers(base: pl.DataFrame) -> list[tuple[str, np.ndarray]]:
        codes = base["reviewer"].to_physical().to_numpy()
        found, at = np.unique(codes, return_index=True)
        names = base["reviewer"].gather(at).cast(pl.String).to_list()
        return [(name, codes == code) for name, code in zip(names, found, strict=True)]
