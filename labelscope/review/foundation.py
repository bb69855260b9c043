"""What stands after the events that lie in columns: worked out for all of them at once, and looked up cell by cell.

:class:`labelscope.review.replay_index.ReplayIndex` goes on from here event by event.
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
    first, last : int32 arrays
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
        is_undo = base["undoes"].is_not_null().to_numpy()
        undos = np.flatnonzero(is_undo)
        targets = np.searchsorted(self._seqs, base["undoes"].drop_nulls().to_numpy())
        self.active, self.undos = self._replayed(undos, targets)
        counts = np.frombuffer(bytes(self.active), bool)
        decides = ~is_undo & counts
        self._index(base, decides)
        before, after = base["before"].to_numpy(), base["after"].to_numpy()
        self.given = before[self.first]
        self.changed = (self.last >= 0) & (after[self.last] != self.given) if len(self.last) else np.zeros(0, bool)
        takes_back = np.zeros(len(is_undo), bool)
        takes_back[undos] = counts[undos] & ~is_undo[targets]
        self.decided: dict[str, int] = {}  # last decision of each reviewer, undone or not
        self.lists: dict[tuple[str, str], array[int]] = {}  # numbers of the active decisions and undos of each
        for name, mine in self._reviewers(base):
            own = np.flatnonzero(mine & ~is_undo)
            if len(own):
                self.decided[name] = int(self._seqs[own[-1]])
            self.lists["decision", name] = array("q", self._seqs[mine & decides].tobytes())
            self.lists["undo", name] = array("q", self._seqs[mine & takes_back].tobytes())

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

    def cells(self) -> np.ndarray:
        """Of each event, the place of its cell among the cells: int32."""
        out = np.empty(len(self._order), np.int32)
        out[self._order] = np.repeat(np.arange(len(self._cells), dtype=np.int32), np.diff(self._starts))
        return out

    def numbers(self, k: int) -> list[int]:
        """The numbers of the active decisions on a cell, by its place among the cells."""
        places = self._order[self._starts[k] : self._starts[k + 1]]
        return self._seqs[places[self._decides[places]]].tolist()

    def _replayed(self, undos: np.ndarray, targets: np.ndarray) -> tuple[bytearray, Counter[int]]:
        active, counts = bytearray(b"\1") * len(self._seqs), Counter[int]()
        for place, target in zip(undos[::-1].tolist(), targets[::-1].tolist(), strict=True):
            if active[place]:  # an undo comes after what it undoes: backwards, its own fate is known first
                active[target] = 0
                counts[int(self._seqs[target])] += 1
        return active, counts

    def _index(self, base: pl.DataFrame, decides: np.ndarray) -> None:
        n = base.height
        names = base["label"].unique()
        self._labels = {name: k for k, name in enumerate(names.cast(pl.String).to_list())}
        self._items = base["item_id"].unique().sort()
        cells = self._items.search_sorted(base["item_id"]).to_numpy().astype(np.int64)
        cells *= len(names)
        cells += _codes(base["label"], names)
        order = np.argsort(cells, kind="stable").astype(np.int32)
        cells = cells[order]
        starts = np.flatnonzero(np.diff(cells, prepend=-1)).astype(np.int32)
        self._cells, self._starts = cells[starts], np.append(starts, np.int32(n))
        del cells  # a million cells are 8 MB: what is worked with here should not lie in memory at once
        self._order, self._decides = order, decides
        self.first = order[starts]
        deciding = np.where(decides[order], np.arange(n, dtype=np.int32), np.int32(-1))
        at = np.maximum.reduceat(deciding, starts) if n else starts
        self.last = np.where(at >= 0, order[at], np.int32(-1))
        item = int(self._items.search_sorted(LABEL_SET)) if n else 0
        there = n > 0 and item < len(self._items) and self._items[item] == LABEL_SET
        self.of_label_set = self._cells // max(len(names), 1) == (item if there else -1)

    @staticmethod
    def _reviewers(base: pl.DataFrame) -> list[tuple[str, np.ndarray]]:
        names = base["reviewer"].unique()
        codes = _codes(base["reviewer"], names)
        return [(name, codes == code) for code, name in enumerate(names.cast(pl.String).to_list())]


def _codes(column: pl.Series, names: pl.Series) -> np.ndarray:
    """Of each value of a categorical column, its place among the names: int32."""
    known = names.to_physical().to_numpy()
    places = np.zeros(int(known.max(initial=0)) + 1, np.int32)
    places[known] = np.arange(len(known))
    return places[column.to_physical().to_numpy()]
