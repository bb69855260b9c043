"""What stands after the events so far, kept event by event, so that a click costs the same after a million others.

Gives what the pure functions of :mod:`labelscope.review.replay` give, at any moment; a property test holds them
together. An event that is undone falls, an event whose undo is undone rises again.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import polars as pl

from labelscope.review.events import AUDITING, FIELDS, LABEL_SET, Cell, Event, judgement
from labelscope.review.foundation import Foundation
from labelscope.review.log import EventLog

__all__ = ["ReplayIndex"]


@dataclass(slots=True)
class _Known:
    """A cell that was looked at: its number, its place in the foundation or -1, the place of its first event, and what stands on it."""

    number: int
    place: int
    first: int
    given: int
    changed: bool  # whether its state differs from the given one
    seqs: list[int]  # numbers of the active decisions on it


class ReplayIndex:
    """The active decisions, by cell and by reviewer.

    Parameters
    ----------
    events : iterable of Event
        In the order of `seq`. The columns of an :class:`labelscope.review.log.EventLog` are worked out at once.
    """

    def __init__(self, events: Iterable[Event] = ()) -> None:
        late = events
        self.events = EventLog()
        if isinstance(events, EventLog):
            self.events, late = events.parted()
        self._base = Foundation(self.events.base)
        self._active = self._base.active
        self._undos = self._base.undos
        self._lists = self._base.lists
        self._decided = self._base.decided
        self._cells: dict[Cell, _Known] = {}
        self._n_cells = len(self._base.first)
        self._late_cells = array("i")  # of each event behind the foundation, the number of its cell
        edits = self.events.take(np.flatnonzero((self.events.base["item_id"] == LABEL_SET).to_numpy()))
        self.label_events = [event for event in edits if event.kind == "label"]  # by which labels came and went, undone ones included
        decided = self.events.take(self._base.last[self._base.changed & self._base.of_label_set])
        self._label_set: dict[Cell, Event] = {event.cell: event for event in decided}
        self.n_changed = int((self._base.changed & ~self._base.of_label_set).sum())  # cells that are other than given
        for event in late:
            self.apply(event)

    @property
    def seq(self) -> int:
        """Number of the last event that counted here, 0 if there is none."""
        return self.events.seq

    def apply(self, event: Event) -> None:
        """Take in the next event."""
        place = len(self.events)
        self.events.append(event)
        self._active.append(1)
        known = self._known(event.cell)
        if known is None:
            known = self._cells[event.cell] = _Known(self._n_cells, -1, place, event.before, changed=False, seqs=[])
            self._n_cells += 1
        self._late_cells.append(known.number)
        if event.is_decision:
            self._decided[event.reviewer] = event.seq
        if event.of_label_set and event.kind == "label":
            self.label_events.append(event)
        self._rise(event)

    # One cell, one event ---------------------------------------------------------------------------------------

    def since(self, seq: int) -> tuple[Event, ...]:
        """The events after number `seq`, in their order. Costs what came since."""
        return self.events.since(seq)

    def on(self, cell: Cell) -> tuple[Event, ...]:
        """The active decisions on a cell, oldest first."""
        known = self._known(cell)
        return () if known is None else tuple(self.events.of(seq) for seq in known.seqs)

    def latest(self, cell: Cell) -> Event | None:
        """The last active decision on a cell, or None if there is none."""
        known = self._known(cell)
        return self.events.of(known.seqs[-1]) if known is not None and known.seqs else None

    def stands(self, event: Event) -> bool:
        """Whether an event counts: no undo of it does."""
        return not self._undos[event.seq]

    def state(self, cell: Cell) -> int | None:
        """State of a cell by the decisions, or None if no active one is about it."""
        event = self.latest(cell)
        return None if event is None else event.after

    def first(self, cell: Cell) -> int | None:
        """Given state of a cell, or None if no event is about it."""
        known = self._known(cell)
        return None if known is None else known.given

    def judged(self, cell: Cell) -> Event | None:
        """The last active decision that somebody made on the cell alone, not on its label or item; None if there is none."""
        return judgement(self.on(cell))

    @property
    def label_set(self) -> dict[str, bool]:
        """The labels that came (True) or went (False) by edits of the label set that stand, in the order of those edits."""
        decided = sorted(self._label_set.values(), key=lambda event: event.seq)
        return {event.label: bool(event.after) for event in decided}

    def undoable(self, reviewer: str) -> tuple[Event, ...]:
        """What undo would take back, oldest first."""
        return self._last_batch(self._lists.get(("decision", reviewer)), 0)

    def redoable(self, reviewer: str) -> tuple[Event, ...]:
        """The undo, or batch of undos, that redo would take back, oldest first."""
        return self._last_batch(self._lists.get(("undo", reviewer)), self._decided.get(reviewer, 0))

    def together(self, event: Event) -> tuple[Event, ...]:
        """The events written in one batch with this one, itself included."""
        run = self.events.run(self.events.place(event.seq))
        return (event,) if len(run) == 1 else self.events[run.start : run.stop]

    # All cells -------------------------------------------------------------------------------------------------

    @property
    def changed(self) -> dict[Cell, Event]:
        """The deciding event of each cell whose state differs from the given one. Reads all cells."""
        return {event.cell: event for event in self.events.take(self._changed_cells()[1])}

    @property
    def changes(self) -> pl.DataFrame:
        """The same as a frame, in the order of the deciding events: the fields of each, and `given`."""
        first, last = self._changed_cells()
        given = self.events.frame(first)["before"].alias("given")
        return self.events.frame(last).with_columns(given).sort("seq")

    @property
    def given(self) -> dict[Cell, int]:
        """Given state of each cell that any event is about. Reads all cells."""
        first, _ = self._all_cells()
        return {(item, label): given for item, label, given in self.events.frame(first).select("item_id", "label", "before").iter_rows()}

    @property
    def contested(self) -> list[tuple[Event, ...]]:
        """The active decisions on each cell on which more than one reviewer has some, oldest first. Reads all events, once."""
        cell = ["item_id", "label"]
        shared = self.standing_decisions.filter(pl.col("reviewer").n_unique().over(cell) > 1)
        in_turn = shared.with_columns(begun=pl.col("seq").min().over(cell)).sort("begun", "seq", maintain_order=True)
        events = (Event(*row) for row in in_turn.select(FIELDS).iter_rows())
        return [tuple(on_cell) for _, on_cell in groupby(events, key=lambda event: event.cell)]

    @property
    def cells(self) -> pl.DataFrame:
        """Every cell that an event is about, by its first event: item_id, label, given, state (now). Reads all cells."""
        first, last = self._all_cells()
        out = self.events.frame(first).select("item_id", "label", pl.col("before").alias("given"))
        now = out["given"].to_numpy().copy()
        now[last >= 0] = self.events.frame(last[last >= 0])["after"].to_numpy()
        return out.with_columns(state=pl.Series(now, dtype=pl.Int8)).filter(pl.col("item_id") != LABEL_SET)

    @property
    def decided(self) -> pl.DataFrame:
        """The last active decision on every cell that has one, its fields. Reads all cells."""
        _, last = self._all_cells()
        return self.events.frame(last[last >= 0])

    @property
    def judgements(self) -> pl.DataFrame:
        """The last active decision that somebody made on each cell alone, not on its label or item, in the order of these decisions.

        Reads all events, but as numbers: `item_id`, `label`, `kind` (categories), `after` and `given`.
        """
        events, cells = self.events.compact(), self.cell_numbers
        postponed = (events["kind"] == "skip") & events["suggestion_id"].is_not_null()
        withdrawn = postponed & (events["before"] != events["after"])
        alone = events["kind"].is_in(list(AUDITING)) & events["source"].is_null() & (~postponed | withdrawn)
        made = np.flatnonzero(self.active & alone.to_numpy())
        last, first = np.full(self._n_cells, -1, np.int64), np.zeros(self._n_cells, np.int64)
        last[cells[made]] = made  # of several values for one place, numpy keeps the last
        first[cells[::-1]] = np.arange(len(cells))[::-1]
        chosen = np.sort(last[last >= 0])
        chosen = chosen[~withdrawn.to_numpy()[chosen]]
        given = events["before"].gather(first[cells[chosen]]).alias("given")
        return events.select("item_id", "label", "kind", "after")[chosen].with_columns(given)

    @property
    def cell_numbers(self) -> np.ndarray:
        """Of each event, in their order, a number that all events on its cell have: int32."""
        return np.concatenate([self._base.cells(), np.array(self._late_cells, np.int32)])

    @property
    def standing_decisions(self) -> pl.DataFrame:
        """All active decisions in their order, their fields. Reads all events."""
        frame = self.events.frame(np.flatnonzero(np.frombuffer(bytes(self._active), np.uint8)))
        return frame.filter(pl.col("kind") != "undo")

    @property
    def active(self) -> np.ndarray:
        """Of each event, in their order, whether it counts: bool."""
        return np.frombuffer(bytes(self._active), np.uint8).astype(bool)

    # Inside ----------------------------------------------------------------------------------------------------

    def _known(self, cell: Cell) -> _Known | None:
        known = self._cells.get(cell)
        if known is None and (place := self._base.find(cell)) >= 0:
            base = self._base
            known = _Known(place, place, int(base.first[place]), int(base.given[place]), bool(base.changed[place]), base.numbers(place))
            self._cells[cell] = known
        return known

    def _all_cells(self) -> tuple[np.ndarray, np.ndarray]:
        """Places of the first event and of the last active decision (-1: none) of every cell, by the first event."""
        last = self._base.last.copy()
        new: list[tuple[int, int]] = []
        for known in self._cells.values():
            at = self.events.place(known.seqs[-1]) if known.seqs else -1
            if known.place >= 0:
                last[known.place] = at
            else:
                new.append((known.first, at))
        order = np.argsort(self._base.first, kind="stable")
        late = np.array(sorted(new), np.int64).reshape(-1, 2)
        return np.concatenate([self._base.first[order], late[:, 0]]), np.concatenate([last[order], late[:, 1]])

    def _changed_cells(self) -> tuple[np.ndarray, np.ndarray]:
        """The same of the cells whose state differs from the given one, without those that stand for a label."""
        first, last = self._all_cells()
        first, last = first[last >= 0], last[last >= 0]
        now = self.events.frame(last).select("item_id", "after")
        other = (now["after"] != self.events.frame(first)["before"]) & (now["item_id"] != LABEL_SET)
        return first[other.to_numpy()], last[other.to_numpy()]

    def _last_batch(self, seqs: array[int] | None, after: int) -> tuple[Event, ...]:
        """The newest of some events, with those of its batch among them, if it came after a number."""
        if not seqs or seqs[-1] < after:
            return ()
        together = self.together(self.events.of(seqs[-1]))
        wanted = set(seqs[bisect_left(seqs, max(after, together[0].seq)) :])
        return tuple(event for event in together if event.seq in wanted)

    def _rise(self, event: Event) -> None:
        for seqs in self._listed(event):
            insort(seqs, event.seq)
        self._settle(event, +1)

    def _fall(self, event: Event) -> None:
        for seqs in self._listed(event):
            del seqs[bisect_left(seqs, event.seq)]
        self._settle(event, -1)

    def _settle(self, event: Event, direction: int) -> None:
        """Pass the rise or fall of an event on to what it undoes, or to its cell."""
        self._active[self.events.place(event.seq)] = direction > 0
        if event.undoes is not None:
            count = self._undos[event.undoes] = self._undos[event.undoes] + direction
            if direction > 0 and count == 1:
                self._fall(self.events.of(event.undoes))
            elif direction < 0 and count == 0:
                self._rise(self.events.of(event.undoes))
            return
        known, latest = self._cells[event.cell], self.latest(event.cell)
        other = latest is not None and latest.after != known.given
        if not event.of_label_set:
            self.n_changed += other - known.changed
        elif other and latest is not None:
            self._label_set[event.cell] = latest
        else:
            self._label_set.pop(event.cell, None)
        known.changed = other

    def _listed(self, event: Event) -> list[list[int] | array[int]]:
        """The lists of active events that an event is in while it is active."""
        if event.undoes is None:
            known = self._known(event.cell)
            return [known.seqs if known is not None else [], self._list("decision", event.reviewer)]
        redo = self.events.of(event.undoes).undoes is not None
        return [] if redo else [self._list("undo", event.reviewer)]

    def _list(self, what: str, reviewer: str) -> array[int]:
        return self._lists.setdefault((what, reviewer), array("q"))
