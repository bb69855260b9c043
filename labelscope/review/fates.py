"""What becomes of each decided cell of a ledger on another version of its table.

The given state that a person saw decides. Where it is the same, all that was ever said of the cell is kept. Where the table now says what
was decided, the decision is kept as the confirmation of what the table says. Otherwise the cell is open again. A cell whose item
or label is gone is listed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.review.carried_edits import CarriedEdits, carried_edits, now_states
from labelscope.review.decisions import VERDICTS
from labelscope.review.events import LABEL_SET, EditRecord
from labelscope.review.standing import Standing

__all__ = ["AGREED", "ASKED", "KEPT", "NO_ITEM", "NO_LABEL", "OUTCOMES", "Fates", "fates"]

OUTCOMES = KEPT, AGREED, ASKED, NO_ITEM, NO_LABEL = "kept", "agreed", "asked again", "item gone", "label gone"
SCHEMA = pl.Schema({
    "item_id": pl.String, "earlier_id": pl.String, "label": pl.String, "outcome": pl.String, "verdict": pl.String, "decided": pl.Int8,
    "given_before": pl.Int8, "given_now": pl.Int8, "reviewer": pl.String, "time": pl.String,
})  # fmt: skip
_CELL = ["item_id", "label"]
_OUTCOME = pl.Enum(OUTCOMES)


@dataclass(frozen=True)
class Fates:
    """What becomes of the events of a ledger.

    Attributes
    ----------
    frame : polars.DataFrame
        One row a cell on which a person's decision stands, in the order of the ledger: item_id (in the new version; null where it is
        gone), earlier_id, label, outcome, verdict ("accepted", ...), decided (state that the decision left), given_before,
        given_now, reviewer, time.
    events : polars.DataFrame
        The events that are carried: seq, row (in the new version; -1 for an event on a label itself) and agreed, the given state where
        the event becomes the confirmation of it, else null. In the order of `seq`.
    edits : CarriedEdits
    """

    frame: pl.DataFrame
    events: pl.DataFrame
    edits: CarriedEdits


def fates(standing: Standing, records: tuple[EditRecord, ...], rows: pl.DataFrame, new: Dataset) -> Fates:
    """What becomes of each event.

    Parameters
    ----------
    standing : Standing
        Of all events of the ledger.
    records : tuple of EditRecord
        The edits of the label set, in their order.
    rows : polars.DataFrame
        item_id (as the ledger has it), row (in the new version).
    new : Dataset
    """
    cells = standing.cells.join(rows, on="item_id", how="left", maintain_order="left").with_columns(pl.col("row").fill_null(-1))
    edits = carried_edits(records, standing.events, cells, new)
    now = now_states(cells, new, edits.first)
    judged = standing.judgements.select(*_CELL, "seq", "kind", "reviewer", "time", "after")
    last = standing.decided.select(*_CELL, pl.col("seq").alias("last"))
    told = (
        cells.with_columns(now=now)
        .join(judged, on=_CELL, how="left", maintain_order="left")
        .join(last, on=_CELL, how="left", maintain_order="left")
    )
    told = told.with_columns(outcome=_outcomes(told, standing, edits))
    ids = new.item_ids.cast(pl.String)
    there = told["row"].to_numpy()
    named = ids.gather(np.maximum(there, 0)).set(pl.Series(there < 0), None) if new.n_items else ids
    frame = told.with_columns(named.alias("new_id")).filter(pl.col("seq").is_not_null()).sort("seq")
    frame = frame.select(
        item_id="new_id",
        earlier_id="item_id",
        label="label",
        outcome="outcome",
        verdict=pl.col("kind").replace_strict(VERDICTS, return_dtype=pl.String),
        decided="after",
        given_before="given",
        given_now=pl.when(pl.col("now") == 2).then(None).otherwise(pl.col("now")),
        reviewer="reviewer",
        time="time",
    ).cast(SCHEMA)
    return Fates(frame, _events(standing, told, edits), edits)


def _outcomes(told: pl.DataFrame, standing: Standing, edits: CarriedEdits) -> pl.Series:
    here = (pl.col("row") >= 0) & (pl.col("now") != 2)
    same = pl.col("now") == pl.col("given")
    whole = ~pl.col("redone")
    settled = (pl.col("state") == pl.col("now")) & (pl.col("seq") == pl.col("last")) & (pl.col("kind") != "skip")
    redone = _redone(told, standing, edits)
    opposed = _opposed(told.filter(~same), standing)
    frame = told.with_columns(redone=redone).join(opposed, on=_CELL, how="left", maintain_order="left")
    settled = settled.fill_null(value=False) & pl.col("opposed").is_null()
    outcome = (
        pl.when(pl.col("row") < 0)
        .then(pl.lit(NO_ITEM))
        .when(~here)
        .then(pl.lit(NO_LABEL))
        .when(same & whole)
        .then(pl.lit(KEPT))
        .when(settled)
        .then(pl.lit(AGREED))
        .otherwise(pl.lit(ASKED))
    )
    return frame.select(outcome.cast(_OUTCOME).alias("outcome"))["outcome"]


def _redone(told: pl.DataFrame, standing: Standing, edits: CarriedEdits) -> pl.Series:
    """Of each cell, whether it began with an edit of the label set that is not kept: the rest does not stand without it."""
    first = standing.events.frame().unique(_CELL, keep="first", maintain_order=True)
    gone = first.filter((pl.col("kind") == "label") & pl.col("batch").is_in([*edits.dropped, *edits.agreed]))
    found = told.select(_CELL).join(gone.select(_CELL).with_columns(redone=pl.lit(1)), on=_CELL, how="left", maintain_order="left")
    return found["redone"].is_not_null()


def _opposed(told: pl.DataFrame, standing: Standing) -> pl.DataFrame:
    """Those cells on which the last decision of some reviewer is another than the state that the table has now."""
    cells = told.select(*_CELL, "now")
    decided = standing.standing_decisions.filter(pl.col("kind").is_in(["accept", "reject", "edit"]))
    mine = decided.join(cells, on=_CELL, how="inner", maintain_order="left").unique([*_CELL, "reviewer"], keep="last", maintain_order=True)
    return mine.filter(pl.col("after") != pl.col("now")).select(_CELL).unique().with_columns(opposed=pl.lit(1))


def _events(standing: Standing, told: pl.DataFrame, edits: CarriedEdits) -> pl.DataFrame:
    """The events that are carried, as :class:`Fates` has them."""
    cells = told.select(*_CELL, "row", "outcome", "last", "now")
    events = standing.events.frame()
    of_gone = _of_edits(events, [*edits.dropped, *edits.agreed])
    events = events.select("seq", *_CELL).with_columns(of_gone=of_gone).join(cells, on=_CELL, how="left", maintain_order="left")
    agreed = (pl.col("outcome") == AGREED) & (pl.col("seq") == pl.col("last"))
    kept = events.filter(((pl.col("outcome") == KEPT) & ~pl.col("of_gone")) | agreed)
    kept = kept.select("seq", "row", agreed=pl.when(agreed).then("now").cast(pl.Int8))
    on_labels = standing.events.take(np.flatnonzero((events["item_id"] == LABEL_SET).to_numpy()))
    held = [event.seq for event in on_labels if edits.holds(event, standing.events)]
    more = pl.DataFrame({"seq": held}, schema={"seq": pl.Int64}).with_columns(row=pl.lit(-1, pl.Int64), agreed=pl.lit(None, pl.Int8))
    return pl.concat([kept, more]).sort("seq")


def _of_edits(events: pl.DataFrame, batches: list[str]) -> pl.Series:
    """Of each event, whether it is part of one of some edits of the label set, or an undo or redo of a part."""
    part = (events["kind"] == "label") & events["batch"].is_in(batches)
    if not part.any():
        return part
    undoes, seqs = events["undoes"].to_numpy(), events["seq"].to_numpy()
    root = np.where(np.isnan(undoes), np.arange(len(seqs)), np.searchsorted(seqs, np.nan_to_num(undoes, nan=0)))
    while (root != (further := root[root])).any():
        root = further
    return pl.Series(part.to_numpy()[root])
