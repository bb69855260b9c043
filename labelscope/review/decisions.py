"""Decisions as frames for people: the record of what was said, and where two people disagree."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from labelscope.review.events import Cell, Event
from labelscope.review.replay import active

__all__ = ["conflicts", "decisions", "opposed"]

VERDICTS = {"accept": "accepted", "reject": "rejected", "skip": "skipped", "edit": "edited"}


def decisions(events: Sequence[Event], item_type: pl.DataType) -> pl.DataFrame:
    """Every decision on a cell in its order, undone ones included; edits of the label set are no decisions on cells.

    Parameters
    ----------
    events : sequence of Event
    item_type : polars data type
        Of the item ids of the data set.

    Returns
    -------
    polars.DataFrame
        seq, item_id, label, verdict ("accepted", "rejected", "skipped", "edited"), before, after, suggestion_id,
        reviewer, time, undone (Boolean).
    """
    standing = {event.seq for event in active(events)}
    rows = [
        (e.seq, e.item_id, e.label, VERDICTS[e.kind], e.before, e.after, e.suggestion_id, e.reviewer, e.time, e.seq not in standing)
        for e in events
        if e.kind in VERDICTS
    ]
    schema = {
        "seq": pl.Int64(), "item_id": pl.String(), "label": pl.String(), "verdict": pl.String(), "before": pl.Int8(), "after": pl.Int8(),
        "suggestion_id": pl.String(), "reviewer": pl.String(), "time": pl.String(), "undone": pl.Boolean(),
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("item_id").cast(item_type))


def conflicts(events: Sequence[Event], item_type: pl.DataType) -> pl.DataFrame:
    """The cells on which the last active decisions of two reviewers disagree. A skip is no opinion.

    Returns
    -------
    polars.DataFrame
        One row a cell and reviewer: item_id, label, reviewer, verdict, state (what the reviewer left), time, seq.
    """
    opinions: dict[Cell, dict[str, Event]] = {}
    for event in active(events):
        if event.kind in VERDICTS and event.kind != "skip":
            opinions.setdefault(event.cell, {})[event.reviewer] = event
    rows = [
        (e.item_id, e.label, e.reviewer, VERDICTS[e.kind], e.after, e.time, e.seq)
        for held in opinions.values()
        if len({e.after for e in held.values()}) > 1
        for e in held.values()
    ]
    schema = {
        "item_id": pl.String(), "label": pl.String(), "reviewer": pl.String(), "verdict": pl.String(), "state": pl.Int8(),
        "time": pl.String(), "seq": pl.Int64(),
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("item_id").cast(item_type))


def opposed(decisions: Sequence[Event]) -> tuple[Event, ...]:
    """The opinions of reviewers who disagree on a cell, as long as nobody has settled it.

    A decision on a cell about which two others disagreed before settles it: whoever took it saw both. :func:`conflicts`
    lists the disagreement for ever, as a fact about the reviewers; this is what is left to do.

    Parameters
    ----------
    decisions : sequence of Event
        The active decisions on one cell, oldest first.

    Returns
    -------
    tuple of Event
        The last decision of each reviewer, the newest last; empty where all agree, or somebody settled it.
    """
    held = [event for event in decisions if event.kind in VERDICTS and event.kind != "skip"]
    before = {event.reviewer: event.after for event in held[:-1]}  # what the last to decide could see
    last: dict[str, Event] = {}
    for event in held:
        last.pop(event.reviewer, None)
        last[event.reviewer] = event
    agreed = len({event.after for event in last.values()}) < 2
    return () if agreed or len(set(before.values())) > 1 else tuple(last.values())
