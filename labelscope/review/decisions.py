"""Decisions as frames for people: the record of what was said, and where two people disagree."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from labelscope.review.events import Event
from labelscope.review.standing import Standing

__all__ = ["VERDICTS", "conflicts", "decisions", "opposed", "standing_numbers"]

VERDICTS = {"accept": "accepted", "reject": "rejected", "skip": "skipped", "edit": "edited"}


def decisions(standing: Standing, item_type: pl.DataType) -> pl.DataFrame:
    """Every decision on a cell in its order, undone ones included; edits of the label set are no decisions on cells.

    Parameters
    ----------
    standing : Standing
    item_type : polars data type
        Of the item ids of the data set.

    Returns
    -------
    polars.DataFrame
        seq, item_id, label, verdict ("accepted", "rejected", "skipped", "edited"), before, after, suggestion_id,
        reviewer, time, undone (Boolean).
    """
    columns = ("seq", "item_id", "label", "verdict", "before", "after", "suggestion_id", "reviewer", "time", "undone")
    told = standing.events.frame().with_columns(undone=pl.Series(~standing.active)).filter(pl.col("kind").is_in(list(VERDICTS)))
    verdict = pl.col("kind").replace_strict(VERDICTS, return_dtype=pl.String)
    return told.with_columns(pl.col("item_id").cast(item_type), verdict=verdict).select(columns)


def standing_numbers(standing: Standing, label_names: Sequence[str]) -> pl.DataFrame:
    """The decisions on cells of some labels that stand, as :func:`labelscope.review.review_yield.review_yield` takes them.

    A million of them take a tenth of the time of :func:`decisions`: no item and no time is written out.

    Parameters
    ----------
    standing : Standing
    label_names : sequence of str
    """
    events = standing.events.compact().select("kind", "label", "before", "after", "suggestion_id", "reviewer", "time")
    numbered = events.with_columns(cell=pl.Series(standing.cell_numbers), active=pl.Series(standing.active))
    told = numbered.filter("active", pl.col("kind").is_in(list(VERDICTS)), pl.col("label").is_in(list(label_names)))
    verdict = pl.col("kind").replace_strict(VERDICTS, return_dtype=pl.Enum(list(VERDICTS.values())))
    return told.select("cell", "before", "after", "reviewer", "time", verdict=verdict, answers=pl.col("suggestion_id").is_not_null())


def conflicts(standing: Standing, item_type: pl.DataType) -> pl.DataFrame:
    """The cells on which the last active decisions of two reviewers disagree. A skip is no opinion.

    Parameters
    ----------
    standing : Standing
    item_type : polars data type
        Of the item ids of the data set.

    Returns
    -------
    polars.DataFrame
        One row a cell and reviewer: item_id, label, reviewer, verdict, state (what the reviewer left), time, seq.
    """
    cell = ["item_id", "label"]
    opinions = standing.standing_decisions.filter(pl.col("kind").is_in([kind for kind in VERDICTS if kind != "skip"]))
    contested = opinions.filter(pl.col("after").n_unique().over(cell) > 1).with_row_index("place")
    held = contested.with_columns(begun=pl.col("place").min().over(*cell, "reviewer"), cell=pl.col("place").min().over(cell))
    last = held.unique([*cell, "reviewer"], keep="last").sort("cell", "begun")
    opposed = last.filter(pl.col("after").n_unique().over(cell) > 1)
    verdict = pl.col("kind").replace_strict(VERDICTS, return_dtype=pl.String)
    out = opposed.with_columns(pl.col("item_id").cast(item_type), verdict=verdict, state="after")
    return out.select("item_id", "label", "reviewer", "verdict", "state", "time", "seq")


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
