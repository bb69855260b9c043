"""Replay: what a list of events amounts to. Pure functions, the definition that everything else must agree with.

Three rules. An event is active unless an active undo undoes it. The state of a cell is the `after` of the last
active decision on it. Undo takes back the reviewer's own last active decision (with its batch), redo the
reviewer's own last active undo, as long as the reviewer has decided nothing since.

Each call reads all events. :class:`labelscope.review.replay_index.ReplayIndex` gives the same answers event by event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

import polars as pl

from labelscope.review.events import Cell, Event

__all__ = ["active", "change_frame", "changes", "given", "label_set", "latest", "redoable", "told_changes", "undoable"]

CHANGES = {
    "item_id": pl.String(),
    "label": pl.String(),
    "before": pl.Int8(),
    "after": pl.Int8(),
    "reviewer": pl.String(),
    "time": pl.String(),
    "suggestion_id": pl.String(),
    "source": pl.String(),
}
_USUAL = {"label": "label set"}


class Replayed(Protocol):
    """What replay asks of an event, on cells or on relations."""

    @property
    def seq(self) -> int:
        """Number in the order of commit."""

    @property
    def reviewer(self) -> str:
        """Who wrote it."""

    @property
    def batch(self) -> str | None:
        """Name shared by what is undone together."""

    @property
    def undoes(self) -> int | None:
        """Number of the event that it undoes."""

    @property
    def is_decision(self) -> bool:
        """Whether it decides, and does not undo or redo."""


E = TypeVar("E", bound=Replayed)


def active(events: Sequence[E]) -> list[E]:
    """The events that count, in their order.

    Parameters
    ----------
    events : sequence of Event
        In the order of `seq`, as a ledger gives them.
    """
    undone: set[int] = set()
    standing = []
    for event in reversed(events):  # an undo comes after what it undoes: backwards, its own fate is known first
        if event.seq not in undone:
            standing.append(event)
            if event.undoes is not None:
                undone.add(event.undoes)
    return standing[::-1]


def latest(events: Sequence[Event]) -> dict[Cell, Event]:
    """The last active decision on each cell that has one."""
    return {event.cell: event for event in active(events) if event.is_decision}


def given(events: Iterable[Event]) -> dict[Cell, int]:
    """State that each cell had before anybody decided: the `before` of its first decision, undone or not."""
    first: dict[Cell, int] = {}
    for event in events:
        first.setdefault(event.cell, event.before)
    return first


def changes(events: Sequence[Event]) -> pl.DataFrame:
    """The cells whose state now differs from the given one.

    Returns
    -------
    polars.DataFrame
        item_id (String), label, before (as given), after (now), reviewer, time, suggestion_id, source ("review"; "label set" where the
        cell changed because its label did; where it comes from, for a cell that was accepted unseen).
    """
    before = given(events)
    decided = {cell: event for cell, event in latest(events).items() if not event.of_label_set}
    return change_frame({cell: event for cell, event in decided.items() if event.after != before[cell]}, before)


def label_set(events: Sequence[Event]) -> dict[str, bool]:
    """The labels that came (True) or went (False), by the last active event on each, in the order of those events."""
    before = given(events)
    decided = sorted(latest(events).items(), key=lambda entry: entry[1].seq)
    return {label: bool(e.after) for (item, label), e in decided if e.of_label_set and e.after != before[item, label]}


def told_changes(deciding: pl.DataFrame) -> pl.DataFrame:
    """The frame of :func:`changes`, from the fields of the deciding events, in their order, and `given`."""
    usual = pl.when(pl.col("kind") == "label").then(pl.lit("label set")).otherwise(pl.lit("review"))
    return deciding.with_columns(before="given", source=pl.coalesce("source", usual)).select(list(CHANGES))


def change_frame(changed: Mapping[Cell, Event], before: Mapping[Cell, int]) -> pl.DataFrame:
    """The frame of :func:`changes`, from the deciding event and the given state of each changed cell."""
    rows = [
        (e.item_id, e.label, before[e.cell], e.after, e.reviewer, e.time, e.suggestion_id, e.source or _USUAL.get(e.kind, "review"))
        for e in sorted(changed.values(), key=lambda event: event.seq)
    ]
    return pl.DataFrame(rows, schema=CHANGES, orient="row")


def undoable(events: Sequence[E], reviewer: str) -> tuple[E, ...]:
    """What undo would take back: the reviewer's last active decision with the rest of its batch, or nothing."""
    return _last_batch([e for e in active(events) if e.reviewer == reviewer and e.is_decision])


def redoable(events: Sequence[E], reviewer: str) -> tuple[E, ...]:
    """The undo (with its batch) that redo would take back, or nothing."""
    undos = {e.seq for e in events if not e.is_decision}
    decided = max((e.seq for e in events if e.reviewer == reviewer and e.is_decision), default=0)
    return _last_batch(
        [e for e in active(events) if e.reviewer == reviewer and e.seq in undos and e.undoes not in undos and e.seq > decided]
    )


def _last_batch(events: list[E]) -> tuple[E, ...]:
    if not events or events[-1].batch is None:
        return tuple(events[-1:])
    return tuple(e for e in events if e.batch == events[-1].batch)
