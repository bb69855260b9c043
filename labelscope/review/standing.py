"""What stands after the events so far, kept event by event, so that a click costs the same after 100,000 others.

Gives what the pure functions of :mod:`labelscope.review.replay` give, at any moment; a property test holds them
together. An event that is undone falls, an event whose undo is undone rises again.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import takewhile

import polars as pl

from labelscope.review.events import LABEL_SET, Cell, Event

__all__ = ["Standing"]

CELLS = {"item_id": pl.String, "label": pl.String, "given": pl.Int8, "state": pl.Int8}


class Standing:
    """The active decisions, by cell and by reviewer.

    Parameters
    ----------
    events : iterable of Event
        In the order of `seq`.
    """

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.events: list[Event] = []
        self._by_seq: dict[int, Event] = {}
        self._undos: Counter[int] = Counter()  # active undos of each event
        self._active: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)  # sorted seqs, by each key of _keys
        self._decided: dict[str, int] = {}  # last decision of each reviewer, undone or not
        self._given: dict[Cell, int] = {}
        self._changed: dict[Cell, Event] = {}
        self._label_set: dict[Cell, Event] = {}
        for event in events:
            self.apply(event)

    @property
    def seq(self) -> int:
        """Number of the last event that counted here, 0 if there is none."""
        return self.events[-1].seq if self.events else 0

    def apply(self, event: Event) -> None:
        """Take in the next event."""
        self.events.append(event)
        self._by_seq[event.seq] = event
        self._given.setdefault(event.cell, event.before)
        if event.is_decision:
            self._decided[event.reviewer] = event.seq
        self._rise(event)

    def since(self, seq: int) -> tuple[Event, ...]:
        """The events after number `seq`, in their order. Costs what came since."""
        return tuple(self.events[bisect_right(self.events, seq, key=lambda event: event.seq) :])

    def on(self, cell: Cell) -> tuple[Event, ...]:
        """The active decisions on a cell, oldest first."""
        return tuple(self._by_seq[seq] for seq in self._active.get(("cell", *cell), ()))

    def latest(self, cell: Cell) -> Event | None:
        """The last active decision on a cell, or None if there is none."""
        seqs = self._active.get(("cell", *cell))
        return self._by_seq[seqs[-1]] if seqs else None

    def stands(self, event: Event) -> bool:
        """Whether an event counts: no undo of it does."""
        return not self._undos[event.seq]

    def state(self, cell: Cell) -> int | None:
        """State of a cell by the decisions, or None if no active one is about it."""
        event = self.latest(cell)
        return None if event is None else event.after

    @property
    def changed(self) -> Mapping[Cell, Event]:
        """The deciding event of each cell whose state differs from the given one."""
        return self._changed

    @property
    def label_set(self) -> dict[str, bool]:
        """The labels that came (True) or went (False) by edits of the label set that stand, in the order of those edits."""
        decided = sorted(self._label_set.values(), key=lambda event: event.seq)
        return {event.label: bool(event.after) for event in decided}

    def judged(self, cell: Cell) -> Event | None:
        """The last active decision that somebody made on the cell itself, not on its label; None if there is none."""
        seqs = self._active.get(("cell", *cell), [])
        return next((event for seq in reversed(seqs) if (event := self._by_seq[seq]).kind != "label"), None)

    @property
    def given(self) -> Mapping[Cell, int]:
        """Given state of each cell that any event is about."""
        return self._given

    @property
    def shared(self) -> list[Cell]:
        """The cells on which active decisions of more than one reviewer lie: reads all cells."""
        several = ((key[1], key[2]) for key, seqs in self._active.items() if key[0] == "cell" and len(seqs) > 1)
        return [cell for cell in several if len({event.reviewer for event in self.on(cell)}) > 1]

    @property
    def cells(self) -> pl.DataFrame:
        """Every cell that an event is about, by its first event: item_id, label, given, state (now). Reads all cells."""
        rows = [
            (*cell, given, given if (state := self.state(cell)) is None else state)
            for cell, given in self._given.items()
            if cell[0] != LABEL_SET
        ]
        return pl.DataFrame(rows, schema=CELLS, orient="row")

    def undoable(self, reviewer: str) -> tuple[Event, ...]:
        """What undo would take back, oldest first."""
        return self._last_batch(self._active.get(("decision", reviewer), []))

    def redoable(self, reviewer: str) -> tuple[Event, ...]:
        """The undo, or batch of undos, that redo would take back, oldest first."""
        undos = self._active.get(("undo", reviewer), [])
        return self._last_batch(undos[bisect_left(undos, self._decided.get(reviewer, 0)) :])

    def together(self, event: Event) -> tuple[Event, ...]:
        """The events written in one batch with this one, itself included."""
        if event.batch is None:
            return (event,)
        here = bisect_left(self.events, event.seq, key=lambda e: e.seq)  # a batch is a run of events: one transaction wrote it
        first, last = here, here
        while first > 0 and self.events[first - 1].batch == event.batch:
            first -= 1
        while last < len(self.events) and self.events[last].batch == event.batch:
            last += 1
        return tuple(self.events[first:last])

    def _last_batch(self, seqs: list[int]) -> tuple[Event, ...]:
        newest = (self._by_seq[seq] for seq in reversed(seqs))
        last = next(newest, None)
        if last is None:
            return ()
        rest = takewhile(lambda e: e.batch == last.batch, newest) if last.batch is not None else ()
        return (last, *rest)[::-1]

    def _rise(self, event: Event) -> None:
        for key in self._keys(event):
            insort(self._active[key], event.seq)
        self._settle(event, +1)

    def _fall(self, event: Event) -> None:
        for key in self._keys(event):
            seqs = self._active[key]
            del seqs[bisect_left(seqs, event.seq)]
        self._settle(event, -1)

    def _settle(self, event: Event, direction: int) -> None:
        """Pass the rise or fall of an event on to what it undoes, or to its cell."""
        if event.undoes is not None:
            count = self._undos[event.undoes] = self._undos[event.undoes] + direction
            if direction > 0 and count == 1:
                self._fall(self._by_seq[event.undoes])
            elif direction < 0 and count == 0:
                self._rise(self._by_seq[event.undoes])
            return
        latest, changed = self.latest(event.cell), self._label_set if event.of_label_set else self._changed
        if latest is not None and latest.after != self._given[event.cell]:
            changed[event.cell] = latest
        else:
            changed.pop(event.cell, None)

    def _keys(self, event: Event) -> tuple[tuple[str, ...], ...]:
        if event.undoes is None:
            return (("cell", *event.cell), ("decision", event.reviewer))
        redo = self._by_seq[event.undoes].undoes is not None
        return () if redo else (("undo", event.reviewer),)
