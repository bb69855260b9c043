"""Second looks in the app: decided suggestions that come back in the worklist as if nobody had decided on them."""

from __future__ import annotations

import numpy as np
import polars as pl

from labelscope.explorer.worklist import Suggested
from labelscope.review.cell_positions import cell_positions
from labelscope.review.verdicts import VERDICTS
from labelscope.session import Session

__all__ = ["SecondLooks"]


class SecondLooks:
    """The second looks that wait for the reviewer of a session.

    Parameters
    ----------
    session : Session
    suggested : Suggested
    """

    def __init__(self, session: Session, suggested: Suggested) -> None:
        self._session, self._suggested = session, suggested
        self._known: tuple[object, object, dict[int, int]] = (None, None, {})

    @property
    def due(self) -> np.ndarray:
        """The suggestions that come back, by position, the oldest decision first: int64 (n_due,)."""
        return np.array([*self._seqs], np.int64)

    def __contains__(self, suggestion: int) -> bool:
        return suggestion in self._seqs

    def labels(self, row: int) -> list[int]:
        """The labels of an item that are to be looked at again."""
        worklist, due = self._suggested.worklist, self._seqs
        return [int(worklist.labels[i]) for i in worklist.of_row(row).tolist() if i in due]

    def hidden(self, verdicts: np.ndarray) -> np.ndarray:
        """Verdicts on all suggestions, uint8 (n_suggestions,), with those that are to be looked at again as pending."""
        due = self.due
        if not len(due):
            return verdicts
        shown = verdicts.copy()
        shown[due] = VERDICTS.index("pending")
        return shown

    def note(self, suggestion: int) -> None:
        """The reviewer decides on a suggestion now: keep that it is a second look, if it is one."""
        seq = self._seqs.get(suggestion)
        if seq is not None:
            self._session.look_again(seq)

    @property
    def _seqs(self) -> dict[int, int]:
        """The decision on each of them, by the position of the suggestion."""
        due, worklist = self._session.looks_due, self._suggested.worklist
        now = tuple(due["seq"].to_list())
        if self._known[0] != now or self._known[1] is not worklist:
            self._known = (now, worklist, self._located(due))
        return self._known[2]

    def _located(self, due: pl.DataFrame) -> dict[int, int]:
        if not due.height:
            return {}
        worklist = self._suggested.worklist
        found = worklist.on_all(*cell_positions(self._session.dataset, due))
        return {
            position: seq
            for position, seq in zip(found.tolist(), due["seq"].to_list(), strict=True)
            if position >= 0 and worklist.listed[position]
        }
