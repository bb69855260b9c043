"""A uniform sample of a list, judged in the order in which it was drawn, and how much of the list may be accepted unseen by it."""

from __future__ import annotations

import numpy as np
import polars as pl

from labelscope.audit.accept_rest import accept_rest, draw_rest
from labelscope.errors import DataError
from labelscope.explorer.replies.unknown import RestShown
from labelscope.query.terms import Cells

__all__ = ["LONG", "SUGGESTION", "TAUGHT", "RestSample"]

SUGGESTION = "suggestion"
"""Where the states of suggestions come from."""
LONG, TAUGHT = 400, 100  # cells of a list, and decisions, from which on another order frees more (benchmarks/accept_rest.py)


class RestSample:
    """The list that was drawn from last, as it was then, and what people said of the drawn cells.

    Attributes
    ----------
    rows, labels : array of int64, shape (n_cells,)
        The list, best first.
    states : array of int8, shape (n_cells,)
        What each cell would become.
    """

    def __init__(self) -> None:
        self.draw("", "", np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int8))

    def draw(self, title: str, source: str, rows: np.ndarray, labels: np.ndarray, states: np.ndarray) -> None:
        """Draw from another list of cells that nobody has decided.

        Parameters
        ----------
        title, source : str
            What the list is, and where its states come from.
        rows, labels, states : arrays of shape (n_cells,)
            Best first.
        """
        self._title, self._source = title, source
        self.rows, self.labels, self.states = rows, labels, states
        self._listed = pl.DataFrame({"item_id": rows, "label": labels, "state": states})
        numbered = self._listed.with_row_index("place")
        drawn = draw_rest(self._listed, n=len(rows)) if len(rows) else self._listed
        self._order = drawn.join(numbered, on=["item_id", "label"], how="left", maintain_order="left")["place"].to_numpy().astype(np.int64)
        self._codes = self._coded(rows, labels)
        self._sorted = np.argsort(self._codes)
        self._said = np.full(len(rows), -1, np.int8)  # 1: the state is wrong, or nobody can tell; 0: right; -1: not decided

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def left(self) -> Cells:
        """Rows and labels of the cells that nobody has decided, in the order of the draw."""
        order = self._order[self._said[self._order] < 0]
        return self.rows[order], self.labels[order]

    @property
    def n_left(self) -> int:
        """How many those are."""
        return int((self._said < 0).sum())

    @property
    def n_judged(self) -> int:
        """Drawn cells that are decided, up to the first that is not: what was decided out of turn says nothing."""
        waiting = self._said[self._order] < 0
        return int(waiting.argmax()) if waiting.any() else len(waiting)

    def put(self, row: int, label: int, state: int, *, decided: bool) -> None:
        """The state of a cell now, and whether somebody has decided on it."""
        place = self._place(row, label)
        if place >= 0:
            self._said[place] = int(state != self.states[place]) if decided else -1

    def shown(self, alpha: float) -> RestShown:
        """How far the sample is judged, and what may go at a share of wrong cells of `alpha` at most."""
        judged = self._order[: self.n_judged]
        frame = self._freed(alpha)
        free = frame.filter("free")
        n_free = len(self.free(alpha))
        ahead = frame.filter(~pl.col("free"), pl.col("n_more").is_not_null()).sort("n_more", "n_cells", descending=[False, True])
        more = ahead.head(1).to_dicts()
        return RestShown(
            title=self._title,
            n_listed=len(self),
            n_judged=len(judged),
            n_wrong=int(self._said[judged].sum()),
            alpha=alpha,
            n_free=n_free,
            within=0 if not n_free else int(free["n_cells"].max()),  # type: ignore[arg-type]  # it is a count
            n_more=more[0]["n_more"] if more else 0,
            n_then=more[0]["n_cells"] - more[0]["n_decided"] - more[0]["n_more"] * more[0]["n_cells"] // len(self) if more else 0,
            anew=self._source == SUGGESTION and len(self) >= LONG and len(judged) >= TAUGHT,
        )

    def free(self, alpha: float) -> np.ndarray:
        """Places in the list of the cells that may be accepted unseen, and that nobody has decided."""
        within = self._freed(alpha).filter("free")["n_cells"].max()
        return np.flatnonzero(self._said[: 0 if within is None else int(within)] < 0)  # type: ignore[arg-type]  # it is a count

    def source(self, alpha: float) -> str:
        """What an accepted cell keeps."""
        judged = self._order[: self.n_judged]
        words = f"{int(self._said[judged].sum()):,} of {len(judged):,} judged cells were wrong"
        return f"{self._source}, accepted unseen: at most {100 * alpha:g}% wrong by a sample in which {words}"

    def _freed(self, alpha: float) -> pl.DataFrame:
        if not len(self):
            raise DataError("sample: expected a sample of a list, got none; draw one first")
        judged = self._order[: self.n_judged]
        outcomes = self._listed[judged].with_columns(wrong=pl.Series(self._said[judged] == 1, dtype=pl.Boolean))
        return accept_rest(self._listed, outcomes, alpha=alpha)

    def _place(self, row: int, label: int) -> int:
        asked = self._coded(np.array([row]), np.array([label]))[0]
        at = int(np.searchsorted(self._codes, asked, sorter=self._sorted))
        found = int(self._sorted[at]) if at < len(self) else -1
        return found if found >= 0 and self._codes[found] == asked else -1

    @staticmethod
    def _coded(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
        return rows.astype(np.int64) << 32 | labels.astype(np.int64)
