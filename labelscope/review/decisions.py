"""Decisions as frames for people: the record of what was said, and where two people disagree."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from labelscope.review.events import Event
from labelscope.review.replay_index import ReplayIndex

__all__ = ["VERDICT_OF", "conflicts", "decisions", "opposed", "standing_numbers"]

VERDICT_OF = {"accept": "accepted", "reject": "rejected", "skip": "skipped", "edit": "edited", "confirm": "confirmed"}


def decisions(index: ReplayIndex, item_type: pl.DataType, reasons: pl.DataFrame | None = None) -> pl.DataFrame:
    """Every decision on a cell in its order, undone ones included; edits of the label set are no decisions on cells.

    Parameters
    ----------
    index : ReplayIndex
    item_type : polars data type
        Of the item ids of the data set.
    reasons : polars.DataFrame, optional
        seq and reason of the decisions for which somebody gave one.

    Returns
    -------
    polars.DataFrame
        seq, item_id, label, verdict ("accepted", "rejected", "skipped", "edited", "confirmed"), before, after, suggestion_id,
        reviewer, time, undone (Boolean), source (where the state of a cell comes from that was accepted with many others and that nobody
        looked at; null where somebody decided the cell itself), reason (null where nobody gave one).
    """
    columns = ("seq", "item_id", "label", "verdict", "before", "after", "suggestion_id", "reviewer", "time", "undone", "source", "reason")
    told = index.events.frame().with_columns(undone=pl.Series(~index.active)).filter(pl.col("kind").is_in(list(VERDICT_OF)))
    verdict = pl.col("kind").replace_strict(VERDICT_OF, return_dtype=pl.String)
    if reasons is None or not reasons.height:
        told = told.with_columns(reason=pl.lit(None, pl.String))
    else:
        told = told.join(reasons.select("seq", "reason"), on="seq", how="left", maintain_order="left")
    return told.with_columns(pl.col("item_id").cast(item_type), verdict=verdict).select(columns)


def standing_numbers(index: ReplayIndex, label_names: Sequence[str]) -> pl.DataFrame:
    """The decisions on single cells of some labels that stand, as :func:`labelscope.review.review_yield.review_yield` takes them.

    A million of them take a tenth of the time of :func:`decisions`: no item and no time is written out.

    Parameters
    ----------
    index : ReplayIndex
    label_names : sequence of str
    """
    events = index.events.compact().select("kind", "label", "before", "after", "suggestion_id", "reviewer", "time", "source")
    numbered = events.with_columns(cell=pl.Series(index.cell_numbers), active=pl.Series(index.active))
    told = numbered.filter(
        "active", pl.col("source").is_null(), pl.col("kind").is_in(list(VERDICT_OF)), pl.col("label").is_in(list(label_names))
    )
    verdict = pl.col("kind").replace_strict(VERDICT_OF, return_dtype=pl.Enum(list(VERDICT_OF.values())))
    return told.select("cell", "before", "after", "reviewer", "time", verdict=verdict, answers=pl.col("suggestion_id").is_not_null())


def conflicts(index: ReplayIndex, item_type: pl.DataType) -> pl.DataFrame:
    """The cells on which the last active decisions of two reviewers disagree. A skip is no opinion, nor is what was accepted unseen.

    Parameters
    ----------
    index : ReplayIndex
    item_type : polars data type
        Of the item ids of the data set.

    Returns
    -------
    polars.DataFrame
        One row a cell and reviewer: item_id, label, reviewer, verdict, state (what the reviewer left), time, seq.
    """
    cell = ["item_id", "label"]
    opinions = index.standing_decisions.filter(
        pl.col("source").is_null(), pl.col("kind").is_in([kind for kind in VERDICT_OF if kind != "skip"])
    )
    contested = opinions.filter(pl.col("after").n_unique().over(cell) > 1).with_row_index("place")
    held = contested.with_columns(begun=pl.col("place").min().over(*cell, "reviewer"), cell=pl.col("place").min().over(cell))
    last = held.unique([*cell, "reviewer"], keep="last").sort("cell", "begun")
    opposed = last.filter(pl.col("after").n_unique().over(cell) > 1)
    verdict = pl.col("kind").replace_strict(VERDICT_OF, return_dtype=pl.String)
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
    held = [event for event in decisions if event.kind in VERDICT_OF and event.kind != "skip" and event.source is None]
    before = {event.reviewer: event.after for event in held[:-1]}  # what the last to decide could see
    last: dict[str, Event] = {}
    for event in held:
        last.pop(event.reviewer, None)
        last[event.reviewer] = event
    agreed = len({event.after for event in last.values()}) < 2
    return () if agreed or len(set(before.values())) > 1 else tuple(last.values())
