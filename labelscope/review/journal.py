"""The journal: a ledger and what stands by it, as one reviewer keeps it. Write first, then believe.

A decision is in the ledger before it counts here; one that could not be written raises and leaves no trace.
What other processes wrote meanwhile is taken in before each decision, so `before` is always what stood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from threading import RLock
from typing import NamedTuple
from uuid import uuid4

from labelscope.review.events import Cell, EditRecord, Event, Kind, utc_now
from labelscope.review.ledger import Ledger
from labelscope.review.standing import Standing

__all__ = ["Decision", "Journal"]


class Decision(NamedTuple):
    """What a person says about a cell.

    Attributes
    ----------
    kind : {"accept", "reject", "skip", "edit", "label"}
        "label": the cell changes because its label does.
    cell : (item_id, label)
    target : {1, 0, -1}
        The state suggested, or that the person sets.
    suggestion_id : str or None
    """

    kind: Kind
    cell: Cell
    target: int
    suggestion_id: str | None = None


class Journal:
    """Decisions of one reviewer, on a ledger that others may write too.

    Parameters
    ----------
    ledger : Ledger
    reviewer : str
    given : callable
        Gives the given states of a list of cells.
    """

    def __init__(self, ledger: Ledger, reviewer: str, given: Callable[[list[Cell]], Sequence[int]]) -> None:
        self.ledger = ledger
        self.reviewer = reviewer
        self.lock = RLock()
        self._given = given
        self.standing = Standing(ledger.events())
        self._news: list[Event] = []  # events of others, taken in but not yet told

    @property
    def events(self) -> tuple[Event, ...]:
        """All events known here, in their order."""
        with self.lock:
            return tuple(self.standing.events)

    def together(self, event: Event) -> tuple[Event, ...]:
        """The events written in one batch with this one, itself included."""
        with self.lock:
            return self.standing.together(event)

    def state(self, cell: Cell) -> int:
        """State of a cell now."""
        with self.lock:
            state = self.standing.state(cell)
        return self._given([cell])[0] if state is None else state

    def sync(self) -> tuple[Event, ...]:
        """Take in what other processes wrote, and give what was not given before."""
        with self.lock:
            self._catch_up()
            news, self._news = tuple(self._news), []
            return news

    def decide(self, decisions: Iterable[Decision], *, edit: EditRecord | None = None) -> tuple[Event, ...]:
        """Write decisions, all or none; several are one batch with one undo.

        Accept and edit set the cell to the target. Reject and skip leave it, unless it is at the target (the
        suggestion had been accepted): then they take it back to the given state. So a suggestion counts as
        accepted exactly when its cell is at its target.

        Parameters
        ----------
        decisions : iterable of Decision
        edit : EditRecord, optional
            The edit of the label set that they make up; it is written with them, under the name of their batch.

        Raises
        ------
        LedgerError
            If they could not be made durable; then none of them counts.
        """
        decisions = list(decisions)
        batch, time = uuid4().hex if len(decisions) > 1 or edit is not None else None, utc_now()
        with self.lock:
            self._catch_up()
            given = self._given_states([decision.cell for decision in decisions])
            now = {cell: given[cell] if (state := self.standing.state(cell)) is None else state for cell in given}
            events = []
            for kind, cell, target, suggestion_id in decisions:
                before = now[cell]
                after = target if kind in ("accept", "edit", "label") else given[cell] if before == target else before
                now[cell] = after  # a batch may name a cell twice
                events.append(Event(0, kind, *cell, before, after, suggestion_id, self.reviewer, time, batch))
            return self._write(events, None if edit is None or batch is None else replace(edit, batch=batch))

    def undo(self) -> tuple[Event, ...]:
        """Take back this reviewer's last active decision, or batch; nothing if there is none."""
        with self.lock:
            self._catch_up()
            return self._take_back(self.standing.undoable(self.reviewer))

    def redo(self) -> tuple[Event, ...]:
        """Take back this reviewer's last undo, unless a decision came after it."""
        with self.lock:
            self._catch_up()
            return self._take_back(self.standing.redoable(self.reviewer))

    def catch_up(self) -> None:
        """Take in what other processes wrote; :meth:`sync` still tells of it.

        Raises
        ------
        LedgerError
            If the ledger cannot be read.
        """
        with self.lock:
            self._catch_up()

    def _given_states(self, cells: list[Cell]) -> dict[Cell, int]:
        known = self.standing.given
        new = [cell for cell in cells if cell not in known]
        return {cell: known[cell] for cell in cells if cell in known} | dict(zip(new, self._given(new), strict=True))

    def _take_back(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        batch, time = uuid4().hex if len(events) > 1 else None, utc_now()
        return self._write(
            [Event(0, "undo", *e.cell, e.after, e.before, e.suggestion_id, self.reviewer, time, batch, e.seq) for e in reversed(events)]
        )

    def _write(self, events: list[Event], edit: EditRecord | None = None) -> tuple[Event, ...]:
        written = self.ledger.append(events) if edit is None else self.ledger.append(events, edit)
        if written and written[0].seq > self.standing.seq + 1:  # another process wrote between our reading and writing
            mine = {event.seq for event in written}
            self._take_in(event for event in self.ledger.events(self.standing.seq) if event.seq < min(mine))
        for event in written:
            self.standing.apply(event)
        return written

    def _catch_up(self) -> None:
        self._take_in(self.ledger.events(self.standing.seq))

    def _take_in(self, events: Iterable[Event]) -> None:
        for event in events:
            self.standing.apply(event)
            self._news.append(event)
