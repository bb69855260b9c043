"""Decisions as frames for people: the record of what was said, and where two people disagree."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from labelscope.review.events import Cell, Event
from labelscope.review.replay import active

__all__ = ["conflicts", "decisions"]

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
