"""Where reviewers disagree, as a queue: open until somebody decides who has seen the disagreement."""

from __future__ import annotations

from collections.abc import Sequence
from threading import RLock

import numpy as np
import polars as pl

from labelscope.explorer.asked import as_state
from labelscope.explorer.chosen import Chosen
from labelscope.explorer.replies.card import Opinion
from labelscope.review.decisions import opposed
from labelscope.review.events import Event
from labelscope.session import Session

__all__ = ["OpenConflicts"]

SCHEMA = {"item_id": pl.String, "label": pl.String, "reviewer": pl.String, "state": pl.Int8, "seq": pl.Int64}


class OpenConflicts:
    """The open disagreements of a ledger, kept cell by cell: :func:`labelscope.review.decisions.opposed` says which are open.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._lock = RLock()  # decisions and counts come from several threads
        self._open: dict[tuple[int, int], tuple[Event, ...]] = {}
        self._counted: tuple[Chosen, int] | None = None  # a selection, and how many lie in it
        for row, label, decisions in session.contested_cells:
            self.put(row, label, decisions)

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, cell: tuple[int, int]) -> bool:
        return cell in self._open

    def put(self, row: int, label: int, decisions: Sequence[Event]) -> None:
        """These are the decisions that stand on a cell now, oldest first."""
        with self._lock:
            known, opinions = (row, label) in self._open, opposed(decisions)
            if opinions:
                self._open[row, label] = opinions
            elif known:
                del self._open[row, label]
            if self._counted is not None:
                chosen, n = self._counted
                kept = bool(chosen.keeps(np.array([row]), np.array([label]))[0])
                self._counted = (chosen, n + (bool(opinions) - known) * kept)

    def count(self, chosen: Chosen | None) -> int:
        """How many there are, of those that are listed if there is a selection."""
        if chosen is None:
            return len(self._open)
        with self._lock:
            if self._counted is None or self._counted[0] is not chosen:  # else `put` kept count: no click goes through all conflicts
                self._counted = (chosen, int(chosen.keeps(*self.cells).sum()))
            return self._counted[1]

    @property
    def cells(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows and labels, int64."""
        with self._lock:
            rows, labels = np.array(list(self._open), np.int64).reshape(-1, 2).T
        return rows, labels

    @property
    def frame(self) -> pl.DataFrame:
        """One row an opinion: item_id, label, reviewer, state, seq."""
        with self._lock:
            rows = [(e.item_id, e.label, e.reviewer, e.after, e.seq) for opinions in self._open.values() for e in opinions]
        return pl.DataFrame(rows, schema=SCHEMA, orient="row").sort("seq")

    def of(self, row: int, label: int) -> list[Opinion]:
        """Who says what about a cell: reviewer and state, the latest last."""
        return [Opinion(event.reviewer, as_state(event.after)) for event in self._open.get((row, label), ())]
