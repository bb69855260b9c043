"""What stands after the events so far, kept up as they come, so that a click costs the same after a million others.

Gives what the pure functions of :mod:`labelscope.review.replay` give, at any moment; a property test holds them
together. What comes at once is worked out at once, in arrays: an edit of the label set may be 100,000 events.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, groupby

import numpy as np
import polars as pl

from labelscope.review.events import AUDITING, FIELDS, LABEL_SET, Cell, Event, judgement
from labelscope.review.foundation import Foundation
from labelscope.review.grown import Grown
from labelscope.review.log import EventLog

__all__ = ["ReplayIndex"]


class ReplayIndex:
    """The active decisions, by cell and by reviewer.

    Parameters
    ----------
    events : iterable of Event
        In the order of `seq`. The columns of an :class:`labelscope.review.log.EventLog` are worked out at once.
    """

    def __init__(self, events: Iterable[Event] = ()) -> None:
        late = tuple(events) if not isinstance(events, EventLog) else ()
        self.events = EventLog()
        if isinstance(events, EventLog):
            self.events, late = events.parted()
        base = self._base = Foundation(self.events.base)
        self._undos, self._undoes, self._after = Grown(base.undos), Grown(base.undoes), Grown(base.after)  # of each event
        self._cell, self._earlier = Grown(base.cell), Grown(base.earlier)
        self._first, self._newest, self._last = Grown(base.first), Grown(base.newest), Grown(base.last)  # of each cell
        self._given, self._changed, self._of_label_set = Grown(base.given), Grown(base.changed), Grown(base.of_label_set)
        self._numbers: dict[Cell, int] = {}  # of the cells that were looked at
        self._lists, self._decided = base.lists, base.decided
        edits = self.events.take(np.flatnonzero((self.events.base["item_id"] == LABEL_SET).to_numpy()))
        self.label_events = [event for event in edits if event.kind == "label"]  # by which labels came and went, undone ones included
        decided = self.events.take(base.last[base.changed & base.of_label_set])
        self._label_set: dict[Cell, Event] = {event.cell: event for event in decided}
        self.n_changed = int((base.changed & ~base.of_label_set).sum())  # cells that are other than given
        self.take_in(late)

    @property
    def seq(self) -> int:
        """Number of the last event that counted here, 0 if there is none."""
        return self.events.seq

    def take_in(self, events: Sequence[Event]) -> None:
        """Take in the next events."""
        for run in _runs(events):
            self._take_in(run)

    # One cell, one event ---------------------------------------------------------------------------------------

    def since(self, seq: int) -> tuple[Event, ...]:
        """The events after number `seq`, in their order. Costs what came since."""
        return self.events.since(seq)

    def on(self, cell: Cell) -> tuple[Event, ...]:
        """The active decisions on a cell, oldest first."""
        number, places = self._number(cell), []
        at = -1 if number < 0 else int(self._newest.values[number])
        undos, earlier = self._undos.values, self._earlier.values
        while at >= 0:
            if not undos[at]:
                places.append(at)
            at = int(earlier[at])
        return tuple(self.events[place] for place in reversed(places))

    def latest(self, cell: Cell) -> Event | None:
        """The last active decision on a cell, or None if there is none."""
        number = self._number(cell)
        place = -1 if number < 0 else int(self._last.values[number])
        return self.events[place] if place >= 0 else None

    def stands(self, event: Event) -> bool:
        """Whether an event counts: no undo of it does."""
        return not self._undos.values[self.events.place(event.seq)]

    def state(self, cell: Cell) -> int | None:
        """State of a cell by the decisions, or None if no active one is about it."""
        number = self._number(cell)
        place = -1 if number < 0 else int(self._last.values[number])
        return int(self._after.values[place]) if place >= 0 else None

    def states(self, cells: Sequence[Cell]) -> tuple[list[int | None], list[int | None]]:
        """Of each cell its given state, None where no event is about it, and its state by the decisions, None where no active one is."""
        numbers = self._found(cells)
        known = numbers >= 0
        place = np.full(len(cells), -1)
        place[known] = self._last.values[numbers[known]]
        return _told(self._given.values, numbers), _told(self._after.values, place)

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
        last, first = np.full(len(self._first), -1, np.int64), np.zeros(len(self._first), np.int64)
        last[cells[made]] = made  # of several values for one place, numpy keeps the last
        first[cells[::-1]] = np.arange(len(cells))[::-1]
        chosen = np.sort(last[last >= 0])
        chosen = chosen[~withdrawn.to_numpy()[chosen]]
        given = events["before"].gather(first[cells[chosen]]).alias("given")
        return events.select("item_id", "label", "kind", "after")[chosen].with_columns(given)

    @property
    def cell_numbers(self) -> np.ndarray:
        """Of each event, in their order, a number that all events on its cell have: int32."""
        return self._cell.values.copy()

    @property
    def standing_decisions(self) -> pl.DataFrame:
        """All active decisions in their order, their fields. Reads all events."""
        return self.events.frame(np.flatnonzero(self.active & (self._undoes.values < 0)))

    @property
    def active(self) -> np.ndarray:
        """Of each event, in their order, whether it counts: bool."""
        return self._undos.values == 0

    # Inside ----------------------------------------------------------------------------------------------------

    def _number(self, cell: Cell) -> int:
        """The number of a cell, -1 if no event is about it."""
        number = self._numbers.get(cell, -1)
        return number if number >= 0 else int(self._found([cell])[0])

    def _found(self, cells: Sequence[Cell]) -> np.ndarray:
        """The numbers of cells, -1 where no event is about one."""
        out = np.fromiter((self._numbers.get(cell, -1) for cell in cells), np.int64, len(cells))
        if len(self._base.first) and (missing := np.flatnonzero(out < 0)).size:
            sought = list(compress(cells, out < 0))
            found = self._base.find(sought)
            out[missing] = found
            self._numbers.update(compress(zip(sought, found.tolist(), strict=True), found >= 0))
        return out

    def _all_cells(self) -> tuple[np.ndarray, np.ndarray]:
        """Places of the first event and of the last active decision (-1: none) of every cell, by the first event."""
        order = np.argsort(self._first.values, kind="stable")
        return self._first.values[order], self._last.values[order]

    def _changed_cells(self) -> tuple[np.ndarray, np.ndarray]:
        """The same of the cells whose state differs from the given one, without those that stand for a label."""
        other = np.flatnonzero(self._changed.values & ~self._of_label_set.values)
        other = other[np.argsort(self._first.values[other], kind="stable")]
        return self._first.values[other], self._last.values[other]

    def _last_batch(self, seqs: array[int] | None, after: int) -> tuple[Event, ...]:
        """The newest of some events, with those of its batch among them, if it came after a number."""
        if not seqs or seqs[-1] < after:
            return ()
        together = self.together(self.events.of(seqs[-1]))
        wanted = set(seqs[bisect_left(seqs, max(after, together[0].seq)) :])
        return tuple(event for event in together if event.seq in wanted)

    def _take_in(self, events: Sequence[Event]) -> None:
        """Take in events of which none undoes another."""
        start = len(self.events)
        places = np.arange(start, start + len(events), dtype=np.int32)
        undoes = self._targets(events)
        is_decision = undoes < 0
        self.events.extend(events)
        cells = self._settled_in(events, places)
        self._undos.extend(np.zeros(len(events), np.int32))
        self._undoes.extend(undoes)
        self._after.extend(np.array([event.after for event in events], np.int8))
        self._cell.extend(cells)
        self._earlier.extend(self._chained(places, cells, is_decision))
        self.label_events += [event for event in compress(events, is_decision) if event.of_label_set and event.kind == "label"]
        self._list(events, undoes, counts=True)
        for event in compress(events, is_decision):
            self._decided[event.reviewer] = event.seq
        flipped = self._count_undos(undoes[~is_decision])
        for counts in (True, False):
            of = flipped[(self._undos.values[flipped] == 0) == counts]
            self._list(self.events.take(of), self._undoes.values[of], counts=counts)
        decisions = flipped[self._undoes.values[flipped] < 0]
        self._decide(np.unique(np.concatenate([cells[is_decision], self._cell.values[decisions]])))

    def _targets(self, events: Sequence[Event]) -> np.ndarray:
        """Places of what events undo, -1 for a decision: int32."""
        seqs = np.array([-1 if event.undoes is None else event.undoes for event in events], np.int64)
        return np.where(seqs < 0, -1, self.events.places(seqs)).astype(np.int32) if (seqs >= 0).any() else seqs.astype(np.int32)

    def _settled_in(self, events: Sequence[Event], places: np.ndarray) -> np.ndarray:
        """The numbers of the cells of events; those that no event was about before get one."""
        cells = [event.cell for event in events]
        out = self._found(cells)
        new = np.flatnonzero(out < 0)
        if len(new):
            n, named = len(self._first), list(dict.fromkeys(compress(cells, out < 0)))
            self._numbers.update(zip(named, range(n, n + len(named)), strict=True))
            out[new] = [self._numbers[cell] for cell in compress(cells, out < 0)]
            begun = np.zeros(len(named), np.int64)
            begun[out[new][::-1] - n] = new[::-1]  # of several values for one place, numpy keeps the last
            firsts = [events[k] for k in begun.tolist()]
            self._first.extend(places[begun])
            self._given.extend(np.array([event.before for event in firsts], np.int8))
            self._of_label_set.extend(np.array([event.of_label_set for event in firsts], bool))
            self._changed.extend(np.zeros(len(named), bool))
            for of in (self._newest, self._last):
                of.extend(np.full(len(named), -1, np.int32))
        return out.astype(np.int32)

    def _chained(self, places: np.ndarray, cells: np.ndarray, is_decision: np.ndarray) -> np.ndarray:
        """Of each event, the place of the decision before it on its cell; from now on the decisions are the newest on their cells."""
        out = np.full(len(places), -1, np.int32)
        decisions = np.flatnonzero(is_decision)
        decisions = decisions[np.argsort(cells[decisions], kind="stable")]
        same = cells[decisions[1:]] == cells[decisions[:-1]]
        out[decisions] = self._newest.values[cells[decisions]]
        out[decisions[1:][same]] = places[decisions[:-1][same]]
        self._newest.values[cells[decisions]] = places[decisions]
        return out

    def _count_undos(self, undone: np.ndarray) -> np.ndarray:
        """Count an undo of each of some events, with all that follows from it: the places of those that count anew, or no more."""
        undos, by, flips = self._undos.values, np.ones(len(undone), np.int32), []
        while len(undone):
            once = np.unique(undone)
            was = undos[once] == 0
            np.add.at(undos, undone, by)
            flipped = once[(undos[once] == 0) != was]
            flips.append(flipped)
            undone = self._undoes.values[flipped]
            by = np.where(undos[flipped] == 0, 1, -1)[undone >= 0]
            undone = undone[undone >= 0]
        return np.unique(np.concatenate(flips)) if flips else np.zeros(0, np.int32)

    def _decide(self, cells: np.ndarray) -> None:
        """Find out what stands on cells of which a decision came, or counts anew, or no more."""
        undos, at = self._undos.values, self._newest.values[cells]
        while len(undone := np.flatnonzero((at >= 0) & (undos[at] > 0))):
            at[undone] = self._earlier.values[at[undone]]
        changed = (at >= 0) & (self._after.values[at] != self._given.values[cells])
        of_items = ~self._of_label_set.values[cells]
        self.n_changed += int(changed[of_items].sum()) - int(self._changed.values[cells[of_items]].sum())
        self._last.values[cells], self._changed.values[cells] = at, changed
        for k in np.flatnonzero(~of_items).tolist():
            cell = self.events[int(self._first.values[cells[k]])].cell
            self._label_set.pop(cell, None)
            if changed[k]:
                self._label_set[cell] = self.events[int(at[k])]

    def _list(self, events: Sequence[Event], undoes: np.ndarray, *, counts: bool) -> None:
        """Put events in the lists of what undo and redo of their reviewers take back, or take them out of them."""
        for what, among in (("decision", undoes < 0), ("undo", (undoes >= 0) & (self._undoes.values[undoes] < 0))):
            by_reviewer: dict[str, list[int]] = {}
            for event in compress(events, among):
                by_reviewer.setdefault(event.reviewer, []).append(event.seq)
            for reviewer, seqs in by_reviewer.items():
                known = self._lists.setdefault((what, reviewer), array("q"))
                self._lists[what, reviewer] = _with(known, seqs) if counts else _without(known, seqs)


def _runs(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    """The events in pieces of which none undoes an event of its own."""
    start = 0
    for k, event in enumerate(events):
        if event.undoes is not None and event.undoes >= events[start].seq:
            yield events[start:k]
            start = k
    if start < len(events):
        yield events[start:]


def _with(known: array[int], seqs: list[int]) -> array[int]:
    """Numbers in order with more of them, which may be among them."""
    if not known or seqs[0] > known[-1]:
        known.extend(seqs)
    elif len(seqs) == 1:
        at = bisect_left(known, seqs[0])
        if known[at] != seqs[0]:
            known.insert(at, seqs[0])
    else:
        return array("q", np.union1d(np.frombuffer(known, np.int64), np.array(seqs, np.int64)).tobytes())
    return known


def _without(known: array[int], seqs: list[int]) -> array[int]:
    """Numbers in order without some of them, which may not be among them."""
    if len(seqs) == 1:
        at = bisect_left(known, seqs[0])
        if at < len(known) and known[at] == seqs[0]:
            del known[at]
        return known
    numbers, sought = np.frombuffer(known, np.int64), np.array(seqs, np.int64)
    places = np.searchsorted(numbers, sought)
    there = places < len(numbers)
    places, sought = places[there], sought[there]
    kept = np.ones(len(numbers), bool)
    kept[places[numbers[places] == sought]] = False
    return array("q", numbers[kept].tobytes())


def _told(states: np.ndarray, places: np.ndarray) -> list[int | None]:
    """The states at some places, None where a place is -1."""
    known = places >= 0
    out: list[int | None] = [None] * len(places)
    for k, state in zip(np.flatnonzero(known).tolist(), states[places[known]].tolist(), strict=True):
        out[k] = state
    return out
