"""Labels that are just being made: items are judged one by one, and each judgement is in the ledger before it counts.

A label is there from its first positive on. What was judged negative before that waits in the ledger, and is written with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN
from labelscope.errors import DataError
from labelscope.explorer.asked import LabelState, as_state
from labelscope.review.events import Event
from labelscope.review.group_verdicts import GroupVerdict
from labelscope.review.label_edit import LabelEdit
from labelscope.session import Session

__all__ = ["GrowingLabels"]


@dataclass
class _Growing:
    """How each judgement of a label is taken back, and its states, so that a click costs what it changes."""

    steps: list[tuple[int, LabelState, int]] = field(default_factory=list)  # row, what it was before, undos that take it back
    known: tuple[int, np.ndarray] | None = None  # the states in the ledger, and the number of the last event in them


class GrowingLabels:
    """The labels that are just being made, by name.

    Parameters
    ----------
    session : Session
    follow : callable
        Shows what was decided.
    """

    def __init__(self, session: Session, follow: Callable[[], object]) -> None:
        self._session, self.follow = session, follow
        self._known: dict[str, _Growing] = {}

    def states(self, name: str) -> np.ndarray:
        """What is said of each item so far, int8 (n_items,)."""
        growing, seq = self._of(name), self._session.last_event
        if growing.known is None or growing.known[0] != seq:
            growing.known = (seq, self._session.states(name))
        states = growing.known[1].copy()
        states[self.waiting(name)] = NEGATIVE
        return states

    def waiting(self, name: str) -> np.ndarray:
        """Rows of the items that were judged negative of a label that is not there yet."""
        return np.array([], np.int64) if self._is_there(name) else self._session.early_negatives(name)

    def settle(self, name: str) -> None:
        """Write what waits, where somebody else made the label meanwhile."""
        if self._is_there(name) and self._session.settle_early(name):
            self.follow()

    def select(self, name: str, rows: np.ndarray, reason: str) -> None:
        """Make the label, with these items."""
        self._apply(name, rows, reason)
        self._session.settle_early(name)
        self.follow()

    def judge(self, name: str, row: int, state: LabelState, reason: str) -> None:
        """Say of an item that it has the label, has it not, or nothing any more."""
        growing, before = self._of(name), as_state(int(self.states(name)[row]))
        if before == state:
            return
        n_steps, item = 0, self._session.dataset.item_ids[row]
        if self._is_there(name):
            event = self._session.edit(item, name, state)
            if growing.known is not None and event.seq == growing.known[0] + 1:  # nothing else came: a click costs what it changes
                growing.known[1][row] = state
                growing.known = (event.seq, growing.known[1])
            n_steps = 1
        elif state == POSITIVE:
            self._apply(name, np.array([row]), reason)
            n_steps = 1 + bool(self._session.settle_early(name))
        else:
            self._session.judge_early(name, item, state)
        growing.steps.append((row, before, n_steps))
        self.follow()

    def undo(self, name: str) -> int:
        """Take the last judgement back: the row of its item, -1 where there is none."""
        growing = self._of(name)
        if not growing.steps:
            return -1
        row, before, n_steps = growing.steps[-1]
        for _ in range(n_steps):
            event = self._session.undo()
            if event is not None and not (isinstance(event, Event) and event.label == name):
                self._session.redo()
                about = event.name if isinstance(event, GroupVerdict) else event.label
                raise DataError(f"undo: expected a decision about {name!r} to be the last one, got one about {about!r}; undo it first")
        if not n_steps:
            item = self._session.dataset.item_ids[row]
            if self._is_there(name):  # somebody else made it meanwhile
                self._session.edit(item, name, before)
            else:
                self._session.judge_early(name, item, before)
        growing.steps.pop()
        self.follow()
        return row

    def _is_there(self, name: str) -> bool:
        return name in self._session.label_names

    def _of(self, name: str) -> _Growing:
        """What is known of a label; what waits in the ledger can be taken back, whenever it was said."""
        if name not in self._known:
            self._known[name] = _Growing([(row, as_state(UNKNOWN), 0) for row in self.waiting(name).tolist()])
        return self._known[name]

    def _apply(self, name: str, rows: np.ndarray, reason: str) -> None:
        self._session.apply(LabelEdit.new(name, self._session.dataset.item_ids.gather(rows).to_list(), reason=reason))
