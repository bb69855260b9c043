"""Labels that are just being made: items are judged one by one, and each judgement is in the ledger before it counts.

A label is there from its first positive on. What was judged negative before that is remembered here, and written with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from labelscope.data.labels import NEGATIVE, POSITIVE
from labelscope.errors import DataError
from labelscope.explorer.asked import LabelState, as_state
from labelscope.review.label_edit import LabelEdit
from labelscope.session import Session

__all__ = ["GrowingLabels"]


@dataclass
class _Growing:
    """What is said of a label beside the ledger: items without it before it is there, and how each judgement is taken back."""

    negatives: dict[int, None] = field(default_factory=dict)
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

    def of(self, name: str) -> _Growing:
        """What is said of a label beside the ledger."""
        return self._known.setdefault(name, _Growing())

    def states(self, name: str) -> np.ndarray:
        """What is said of each item so far, int8 (n_items,)."""
        growing, seq = self.of(name), self._session.last_event
        if growing.known is None or growing.known[0] != seq:
            growing.known = (seq, self._session.states(name))
        states = growing.known[1].copy()
        states[list(growing.negatives)] = NEGATIVE
        return states

    def select(self, name: str, rows: np.ndarray, reason: str) -> None:
        """Make the label, with these items."""
        self._apply(name, rows, reason)
        self._settle(name)
        self.follow()

    def judge(self, name: str, row: int, state: LabelState, reason: str) -> None:
        """Say of an item that it has the label, has it not, or nothing any more."""
        growing, before = self.of(name), as_state(int(self.states(name)[row]))
        if before == state:
            return
        n_steps = 0
        if name in self._session.label_names:
            event = self._session.edit(self._session.dataset.item_ids[row], name, state)
            if growing.known is not None and event.seq == growing.known[0] + 1:  # nothing else came: a click costs what it changes
                growing.known[1][row] = state
                growing.known = (event.seq, growing.known[1])
            n_steps = 1
        elif state == POSITIVE:
            growing.negatives.pop(row, None)
            self._apply(name, np.array([row]), reason)
            n_steps = 1 + self._settle(name)
        else:
            growing.negatives.pop(row, None)
            if state == NEGATIVE:
                growing.negatives[row] = None
        growing.steps.append((row, before, n_steps))
        self.follow()

    def undo(self, name: str) -> int:
        """Take the last judgement back: the row of its item, -1 where there is none."""
        growing = self.of(name)
        if not growing.steps:
            return -1
        row, before, n_steps = growing.steps[-1]
        waiting = np.flatnonzero(self._session.states(name) == NEGATIVE).tolist() if n_steps > 1 else []
        for _ in range(n_steps):
            event = self._session.undo()
            if event is not None and event.label != name:
                self._session.redo()
                raise DataError(
                    f"undo: expected a decision about {name!r} to be the last one, got one about {event.label!r}; undo it first"
                )
        growing.steps.pop()
        growing.negatives.update(dict.fromkeys(waiting))
        if not n_steps or name not in self._session.label_names:
            growing.negatives.pop(row, None)
            if before == NEGATIVE:
                growing.negatives[row] = None
        self.follow()
        return row

    def _apply(self, name: str, rows: np.ndarray, reason: str) -> None:
        self._session.apply(LabelEdit.new(name, self._session.dataset.item_ids.gather(rows).to_list(), reason=reason))

    def _settle(self, name: str) -> int:
        """Write what was judged negative before the label was there: how many undos take that back."""
        growing = self.of(name)
        ids = self._session.dataset.item_ids
        cells = [(ids[row], name, NEGATIVE) for row in growing.negatives]
        if cells:
            self._session.edit_all(cells)
        growing.negatives.clear()
        return int(bool(cells))
