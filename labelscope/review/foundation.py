"""What stands after the events that lie in columns: worked out for all of them at once, and looked up cell by cell.

:class:`labelscope.review.replay_index.ReplayIndex` goes on from here event by event.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
import polars as pl

from labelscope.review.events import LABEL_SET, Cell

__all__ = ["Foundation"]


class Foundation:
    """What stands after the events of a frame of :func:`labelscope.review.log.columns`, by event, by cell and by reviewer.

    Attributes
    ----------
    undos : int32 array
        Of each event, how many undos of it count; while there is one, it does not count itself.
    undoes : int32 array
        Of each event, the place of the one that it undoes, -1 for a decision.
    after : int8 array
        Of each event, the state that it leaves.
    cell : int32 array
        Of each event, the place of its cell among the cells.
    earlier : int32 array
        Of each decision, the place of the decision before it on its cell, -1 if there is none, counting or not.
    first, newest, last : int32 arrays
        Of each cell, the place of its first event, of its newest decision and of its last decision that counts, -1 if there is none.
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
        self.undoes = np.full(len(is_undo), -1, np.int32)
        self.undoes[undos] = targets
        self.undos = self._replayed(undos, targets)
        counts = self.undos == 0
        decides = ~is_undo & counts
        self._index(base, ~is_undo, decides)
        before, self.after = base["before"].to_numpy(), base["after"].to_numpy()
        self.given = before[self.first]
        self.changed = (self.last >= 0) & (self.after[self.last] != self.given) if len(self.last) else np.zeros(0, bool)
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

    def find(self, cells: Sequence[Cell]) -> np.ndarray:
        """The places of cells among the cells, -1 where no event is about one: int64."""
        if not len(self._items) or not cells:
            return np.full(len(cells), -1)
        items = pl.Series([item for item, _ in cells], dtype=pl.String)
        labels = np.array([self._labels.get(label, -1) for _, label in cells])
        at = np.minimum(self._items.search_sorted(items).to_numpy().astype(np.int64), len(self._items) - 1)
        codes = at * len(self._labels) + labels
        k = np.minimum(np.searchsorted(self._cells, codes), len(self._cells) - 1)
        known = (labels >= 0) & (self._items.gather(at) == items).to_numpy() & (self._cells[k] == codes)
        return np.where(known, k, -1)

    def _replayed(self, undos: np.ndarray, targets: np.ndarray) -> np.ndarray:
        counts = array("i", bytes(4 * len(self._seqs)))
        for place, target in zip(undos[::-1].tolist(), targets[::-1].tolist(), strict=True):
            if not counts[place]:  # an undo comes after what it undoes: backwards, its own fate is known first
                counts[target] += 1
        return np.frombuffer(counts, np.int32)

    def _index(self, base: pl.DataFrame, is_decision: np.ndarray, decides: np.ndarray) -> None:
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
        self._cells = cells[starts]
        del cells  # a million cells are 8 MB: what is worked with here should not lie in memory at once
        self.first = order[starts]
        self.cell = np.empty(n, np.int32)
        self.cell[order] = np.repeat(np.arange(len(starts), dtype=np.int32), np.diff(starts, append=np.int32(n)))
        self.last, self.newest = _latest(decides, order, starts), _latest(is_decision, order, starts)
        self.earlier = np.full(n, -1, np.int32)
        order = order[is_decision[order]]
        same = self.cell[order[1:]] == self.cell[order[:-1]]
        self.earlier[order[1:][same]] = order[:-1][same]
        item = int(self._items.search_sorted(LABEL_SET)) if n else 0
        there = n > 0 and item < len(self._items) and self._items[item] == LABEL_SET
        self.of_label_set = self._cells // max(len(names), 1) == (item if there else -1)

    @staticmethod
    def _reviewers(base: pl.DataFrame) -> list[tuple[str, np.ndarray]]:
        names = base["reviewer"].unique()
        codes = _codes(base["reviewer"], names)
        return [(name, codes == code) for code, name in enumerate(names.cast(pl.String).to_list())]


def _latest(which: np.ndarray, order: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Of each cell, the place of the last of some events on it, -1 if there is none; `order` has the events cell by cell."""
    if not len(order):
        return starts
    at = np.maximum.reduceat(np.where(which[order], np.arange(len(order), dtype=np.int32), np.int32(-1)), starts)
    return np.where(at >= 0, order[at], np.int32(-1))


def _codes(column: pl.Series, names: pl.Series) -> np.ndarray:
    """Of each value of a categorical column, its place among the names: int32."""
    known = names.to_physical().to_numpy()
    places = np.zeros(int(known.max(initial=0)) + 1, np.int32)
    places[known] = np.arange(len(known))
    return places[column.to_physical().to_numpy()]
