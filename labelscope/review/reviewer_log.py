"""The reviewer's log: a ledger and what stands by it, as one reviewer keeps it. Write first, then believe.

A decision is in the ledger before it counts here; one that could not be written raises and leaves no trace.
What other processes wrote meanwhile is taken in before each decision, so `before` is always what stood. Readers
subscribe: each has its own place in the one row of events.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple
from uuid import uuid4
from weakref import WeakSet

from labelscope.compute.collector import paused_collector
from labelscope.review.events import Cell, EditRecord, Event, Kind, utc_now
from labelscope.review.ledger import Ledger
from labelscope.review.press import LastPress
from labelscope.review.replay_index import ReplayIndex
from labelscope.review.subscription import Subscription

__all__ = ["Decision", "ReviewerLog"]


class Decision(NamedTuple):
    """What a person says about a cell.

    Attributes
    ----------
    kind : {"accept", "reject", "skip", "edit", "label", "confirm"}
        "label": the cell changes because its label does.
    cell : (item_id, label)
    target : {1, 0, -1}
        The state suggested, or that the person sets.
    suggestion_id : str or None
    source : str or None
        Where the state comes from, if nobody looked at the cell.
    """

    kind: Kind
    cell: Cell
    target: int
    suggestion_id: str | None = None
    source: str | None = None


class ReviewerLog:
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
        self.lock = threading.RLock()
        self._given = given
        self.index = ReplayIndex(ledger.events())
        self._own: list[range] = []  # numbers of the events that this log wrote
        self._last = LastPress(ledger)
        self._synced = self.index.seq
        self._subscriptions: WeakSet[Subscription] = WeakSet()

    @property
    def events(self) -> tuple[Event, ...]:
        """All events known here, in their order."""
        with self.lock:
            return tuple(self.index.events)

    def together(self, event: Event) -> tuple[Event, ...]:
        """The events written in one batch with this one, itself included."""
        with self.lock:
            return self.index.together(event)

    def state(self, cell: Cell) -> int:
        """State of a cell now."""
        with self.lock:
            state = self.index.state(cell)
        return self._given([cell])[0] if state is None else state

    def sync(self) -> tuple[Event, ...]:
        """Take in what others wrote, and give what of it the last call did not know. Takes nothing from a subscription."""
        with self.lock:
            self._catch_up()
            news = self.index.since(self._synced)
            self._synced = self.index.seq
            own = {seq for run in self._own for seq in run}
            self._own.clear()  # they are behind us now
        return tuple(event for event in news if event.seq not in own)

    def subscribe(self, wake: threading.Event | None = None) -> Subscription:
        """A reader of all that is decided from now on, here and elsewhere; `wake` is set whenever there is more."""
        with self.lock:
            made = Subscription(self.index, self.lock, wake)
            self._subscriptions.add(made)
            return made

    def decide(self, decisions: Iterable[Decision], *, edit: EditRecord | None = None, wanted: Hashable | None = None) -> tuple[Event, ...]:
        """Write decisions, all or none; several are one batch with one undo.

        Accept and edit set the cell to the target. Reject and skip leave it, unless it is at the target (the
        suggestion had been accepted): then they take it back to the given state. So a suggestion counts as
        accepted exactly when its cell is at its target. Confirm leaves the cell as it stands.

        Parameters
        ----------
        decisions : iterable of Decision
        edit : EditRecord, optional
            The edit of the label set that they make up; it is written with them, under the name of their batch.
        wanted : hashable, optional
            What the decisions were worked out from, where that depends on what stands: by it :meth:`pressed_before` knows them
            again. Default: the decisions themselves.

        Raises
        ------
        LedgerError
            If they could not be made durable; then none of them counts.
        OutcomeUnknown
            If nobody could say whether they were; the same call again finds that out first, and decides nothing twice.
        """
        decisions = tuple(decisions)
        wanted = ("decide", self.reviewer, decisions, edit) if wanted is None else wanted
        batch, time = uuid4().hex if len(decisions) > 1 or edit is not None else None, utc_now()
        with self.lock, paused_collector():
            if (written := self.pressed_before(wanted)) is not None:
                return written
            self._catch_up()
            given, now = self._states([decision.cell for decision in decisions])
            events = []
            for kind, cell, target, suggestion_id, source in decisions:
                before = now[cell]
                if kind in ("reject", "skip"):
                    after = given[cell] if before == target else before
                else:
                    after = before if kind == "confirm" else target
                now[cell] = after  # a batch may name a cell twice
                events.append(Event(0, kind, *cell, before, after, suggestion_id, self.reviewer, time, batch, source=source))
            return self._write(events, wanted, None if edit is None or batch is None else replace(edit, batch=batch))

    def pressed_before(self, wanted: Hashable) -> tuple[Event, ...] | None:
        """What was written at the last press, if nobody could say so then and the same is wanted again; None otherwise.

        Raises
        ------
        OutcomeUnknown
            If nobody can say yet.
        """
        with self.lock:
            numbers, again = self._last.settle(wanted)
            if not numbers:
                return None
            self._take_in(self.ledger.known(self.index.seq))
            self._own.append(numbers)
            return tuple(event for event in self.index.since(numbers.start - 1) if event.seq in numbers) if again else None

    def undo(self) -> tuple[Event, ...]:
        """Take back this reviewer's last active decision, or batch; nothing if there is none."""
        with self.lock:
            wanted = ("undo", self.reviewer)
            if (written := self.pressed_before(wanted)) is not None:
                return written
            self._catch_up()
            return self._take_back(self.index.undoable(self.reviewer), wanted)

    def redo(self) -> tuple[Event, ...]:
        """Take back this reviewer's last undo, unless a decision came after it."""
        with self.lock:
            wanted = ("redo", self.reviewer)
            if (written := self.pressed_before(wanted)) is not None:
                return written
            self._catch_up()
            return self._take_back(self.index.redoable(self.reviewer), wanted)

    def catch_up(self) -> None:
        """Take in what others wrote: subscriptions and :meth:`sync` tell of it.

        Raises
        ------
        LedgerError
            If the ledger cannot be read.
        """
        with self.lock:
            self._catch_up()

    def _states(self, cells: list[Cell]) -> tuple[dict[Cell, int], dict[Cell, int]]:
        """Given states of cells, and their states now."""
        first, last = self.index.states(cells)
        new = [cell for cell, state in zip(cells, first, strict=True) if state is None]
        told = dict(zip(new, self._given(new), strict=True)) if new else {}
        given = {cell: told[cell] if state is None else state for cell, state in zip(cells, first, strict=True)}
        return given, {cell: given[cell] if state is None else state for cell, state in zip(cells, last, strict=True)}

    def _take_back(self, events: tuple[Event, ...], wanted: Hashable) -> tuple[Event, ...]:
        batch, time = uuid4().hex if len(events) > 1 else None, utc_now()
        with paused_collector():
            taken = [
                Event(0, "undo", *e.cell, e.after, e.before, e.suggestion_id, self.reviewer, time, batch, e.seq) for e in reversed(events)
            ]
            return self._write(taken, wanted)

    def _write(self, events: list[Event], wanted: Hashable, edit: EditRecord | None = None) -> tuple[Event, ...]:
        with self._last.remembered(wanted):
            written = self.ledger.append(events) if edit is None else self.ledger.append(events, edit)
        if not written:
            return ()
        first = written[0].seq
        if first > self.index.seq + 1:  # another process wrote between our reading and writing
            self._take_in(event for event in self.ledger.known(self.index.seq) if event.seq < first)
        last = self._own.pop() if self._own and self._own[-1].stop == first else range(first, first)
        self._own.append(range(last.start, first + len(written)))
        self._take_in(written)
        return written

    def _catch_up(self) -> None:
        self._take_in(self.ledger.events(self.index.seq))

    def _take_in(self, events: Iterable[Event]) -> None:
        known = self.index.seq
        self.index.take_in(tuple(events))
        if self.index.seq > known:
            for subscription in list(self._subscriptions):
                subscription.tell()
