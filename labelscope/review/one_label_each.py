"""Data with one label an item: a decision replaces one label by another, and no item is left without one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from labelscope.data.labels import NEGATIVE, POSITIVE
from labelscope.errors import DataError
from labelscope.review.events import Cell, Kind
from labelscope.review.replay_index import ReplayIndex
from labelscope.review.reviewer_log import Decision

__all__ = ["Known", "OneLabelEach"]


class Known(NamedTuple):
    """What is known of the items beside the decisions.

    Attributes
    ----------
    given : callable (item_id) -> labels
        The labels that are given.
    state : callable (cell) -> state
        The state of a cell now.
    suggestion : callable (cell) -> suggestion_id or None
        The suggestion on a cell.
    instead : callable (cell) -> (label, suggestion_id) or None
        What is suggested in place of the label of a cell.
    """

    given: Callable[[str], Sequence[str]]
    state: Callable[[Cell], int]
    suggestion: Callable[[Cell], str | None]
    instead: Callable[[Cell], tuple[str, str] | None]


class OneLabelEach:
    """Completes decisions so that each item that had a label has one afterwards.

    Parameters
    ----------
    index : ReplayIndex
        Followed: a label may have come to an item by a decision.
    known : Known
    """

    def __init__(self, index: ReplayIndex, known: Known) -> None:
        self._index, self._known = index, known
        self._touched: dict[str, set[str]] = defaultdict(set)
        self._read = 0  # events taken in

    def complete(self, decisions: Iterable[Decision]) -> tuple[Decision, ...]:
        """The decisions with what they bring along, to be written as one batch.

        Raises
        ------
        DataError
            If an item would get two labels, or be left without one.
        """
        decisions = tuple(decisions)
        self._follow()
        by_item: dict[str, list[Decision]] = defaultdict(list)
        for decision in decisions:
            by_item[decision.cell[0]].append(decision)
        more = [one for item, of in by_item.items() for one in (*self._missing(item, of), *self._other_halves(item, of))]
        asked = {decision.cell for decision in decisions}
        source = next((decision.source for decision in decisions), None)  # what nobody looked at brings along what nobody looked at
        return (*decisions, *{one.cell: one._replace(source=source) for one in more if one.cell not in asked}.values())

    def _missing(self, item: str, decisions: Sequence[Decision]) -> list[Decision]:
        before = {label for label in (*self._known.given(item), *self._touched[item]) if self._known.state((item, label)) == POSITIVE}
        given = set(self._known.given(item))
        after: set[str] = set(before)
        chosen: list[str] = []
        for decision in decisions:
            label = decision.cell[1]
            if self._outcome(decision, given, before) == POSITIVE:
                chosen.append(label)
                after.add(label)
            else:
                after.discard(label)
        there = [label for label in dict.fromkeys(chosen) if label in after]
        put = [label for label in there if label not in before] or there
        if len(put) > 1:
            raise DataError(f"labels: expected one label for {item!r}, got {' and '.join(map(repr, put))}; choose one")
        if put:
            return [self._decided((item, other), NEGATIVE) for other in sorted(after - {put[0]})]
        if after or not before:
            return []
        return self._replacement(item, sorted(before), decisions, sorted(given))

    def _other_halves(self, item: str, decisions: Sequence[Decision]) -> list[Decision]:
        """What rejecting or skipping one half of a replacement says of the other."""
        found = []
        for kind, cell in ((decision.kind, decision.cell) for decision in decisions if decision.kind in {"reject", "skip"}):
            given = [label for label in self._known.given(item) if label != cell[1]]
            for label in given[:1]:
                other, offered = self._known.suggestion((item, label)), self._known.instead((item, label))
                if other is not None and offered is not None and offered[0] == cell[1]:
                    found.append(Decision(kind, (item, label), NEGATIVE, other))
            offered = self._known.instead(cell)
            if offered is not None:
                found.append(Decision(kind, (item, offered[0]), POSITIVE, offered[1]))
        return found

    def _replacement(self, item: str, gone: Sequence[str], decisions: Sequence[Decision], given: Sequence[str]) -> list[Decision]:
        """What an item gets that would be left without a label."""
        if all(decision.kind in {"reject", "skip"} for decision in decisions):  # an accepted replacement is taken back
            return [self._decided((item, label), POSITIVE, kind=decisions[0].kind) for label in given[:1]]
        for label in gone:
            found = self._known.instead((item, label))
            if found is not None:
                return [Decision("accept", (item, found[0]), POSITIVE, found[1])]
        raise DataError(f"labels: expected a label in place of {gone[0]!r}, got none: each item has one; choose the label that it is")

    def _decided(self, cell: Cell, state: int, kind: Kind = "accept") -> Decision:
        suggestion = self._known.suggestion(cell)
        if suggestion is None:
            return Decision("edit", cell, state)
        if state == NEGATIVE:
            return Decision("accept", cell, state, suggestion)
        return Decision(kind, cell, NEGATIVE, suggestion)

    def _outcome(self, decision: Decision, given: set[str], before: set[str]) -> int:
        """State of its cell after a decision."""
        if decision.kind in {"accept", "edit", "label"}:
            return decision.target
        label = decision.cell[1]
        now = POSITIVE if label in before else NEGATIVE
        return (POSITIVE if label in given else NEGATIVE) if now == decision.target else now

    def _follow(self) -> None:
        events = self._index.events
        if not self._read:  # what was decided before, in one go
            for item, label in self._index.changes.select("item_id", "label").iter_rows():
                self._touched[item].add(label)
        for event in events[self._read :] if self._read else ():
            self._touched[event.item_id].add(event.label)
        self._read = len(events)
