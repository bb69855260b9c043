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
from labelscope.review.carried_edits import NOWHERE, CarriedEdits, carried_edits, now_states
from labelscope.review.decisions import VERDICT_OF
from labelscope.review.events import JUDGING, KINDS, LABEL_SET, EditRecord
from labelscope.review.replay_index import ReplayIndex

__all__ = ["AGREED", "ASKED", "KEPT", "NO_ITEM", "NO_LABEL", "OUTCOMES", "Fates", "fates"]

OUTCOMES = KEPT, AGREED, ASKED, NO_ITEM, NO_LABEL = "kept", "agreed", "asked again", "item gone", "label gone"
SCHEMA = pl.Schema({
    "item_id": pl.String, "earlier_id": pl.String, "label": pl.String, "outcome": pl.String, "verdict": pl.String, "decided": pl.Int8,
    "given_before": pl.Int8, "given_now": pl.Int8, "reviewer": pl.String, "time": pl.String,
})  # fmt: skip
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


def fates(index: ReplayIndex, records: tuple[EditRecord, ...], rows: pl.DataFrame, new: Dataset) -> Fates:
    """What becomes of each event.

    Parameters
    ----------
    index : ReplayIndex
        Of all events of the ledger.
    records : tuple of EditRecord
        The edits of the label set, in their order.
    rows : polars.DataFrame
        item_id (as the ledger has it), row (in the new version).
    new : Dataset
    """
    cells = _cells(index).join(rows, on="item_id", how="left", maintain_order="left").with_columns(pl.col("row").fill_null(-1))
    edits = carried_edits(records, index, cells, new)
    cells = cells.with_columns(now=now_states(cells, new, edits.first))
    cells = cells.with_columns(outcome=_outcomes(cells, index, edits))
    return Fates(_frame(cells, index, new), _events(cells, index, edits), edits)


def _cells(index: ReplayIndex) -> pl.DataFrame:
    """Every cell that an event is about, in the order of their numbers.

    Columns: item_id, label, given, state (now), and the places of its first event, of its last active decision and of the last active
    one that somebody made on the cell itself (-1: none).
    """
    events, cells = index.events.compact(), index.cell_numbers
    n, places = int(cells.max(initial=-1)) + 1, np.arange(len(cells))
    first, last, judged = np.zeros(n, np.int64), np.full(n, -1), np.full(n, -1)
    first[cells[::-1]] = places[::-1]  # of several values for one place, numpy keeps the last
    for out, kinds in ((last, KINDS - {"undo"}), (judged, JUDGING)):
        made = np.flatnonzero(index.active & events["kind"].is_in(list(kinds)).to_numpy())
        out[cells[made]] = made
    given, after = events["before"].to_numpy()[first], events["after"].to_numpy()
    state = np.where(last >= 0, after[last], given) if n else given
    told = {"given": given, "state": state, "first": first, "last": last, "judged": judged}
    return events.select("item_id", pl.col("label").cast(pl.String))[first].with_columns(pl.Series(name, of) for name, of in told.items())


def _outcomes(cells: pl.DataFrame, index: ReplayIndex, edits: CarriedEdits) -> pl.Series:
    events = index.events.compact()
    gone = events["batch"].cast(pl.String).is_in([*edits.dropped, *edits.agreed]) & (events["kind"] == "label")
    begun = gone.gather(cells["first"]).fill_null(value=False)  # what began with an edit that is not kept does not stand without it
    skips = (events["kind"] == "skip").to_numpy()[np.maximum(cells["judged"].to_numpy(), 0)]
    same = pl.col("now") == pl.col("given")
    settled = (pl.col("state") == pl.col("now")) & (pl.col("judged") == pl.col("last")) & (pl.col("judged") >= 0) & ~pl.col("unsure")
    outcome = (
        pl.when(pl.col("row") < 0)
        .then(pl.lit(NO_ITEM))
        .when(pl.col("now") == NOWHERE)
        .then(pl.lit(NO_LABEL))
        .when(same & ~pl.col("begun"))
        .then(pl.lit(KEPT))
        .when(settled)
        .then(pl.lit(AGREED))
        .otherwise(pl.lit(ASKED))
    )
    unsure = pl.Series(skips | _opposed(cells["now"].to_numpy(), index))
    return cells.with_columns(begun=begun, unsure=unsure).select(outcome.cast(_OUTCOME).alias("outcome"))["outcome"]


def _opposed(now: np.ndarray, index: ReplayIndex) -> np.ndarray:
    """Of each cell, whether the last decision of some reviewer is another than the state that the table has now."""
    events = index.events.compact()
    made = np.flatnonzero(index.active & events["kind"].is_in(["accept", "reject", "edit", "confirm"]).to_numpy())
    told = events.select("reviewer", "after")[made].with_columns(cell=pl.Series(index.cell_numbers[made]))
    last = told.unique(["cell", "reviewer"], keep="last")
    cells, after = last["cell"].to_numpy(), last["after"].to_numpy()
    out = np.zeros(len(now), bool)
    out[cells[after != now[cells]]] = True
    return out


def _frame(cells: pl.DataFrame, index: ReplayIndex, new: Dataset) -> pl.DataFrame:
    """The judged cells, as :class:`Fates` has them."""
    told = cells.filter(pl.col("judged") >= 0).sort("judged")
    row = told["row"].to_numpy()
    ids = new.item_ids.cast(pl.String).gather(np.maximum(row, 0)).set(pl.Series(row < 0), None)
    made = index.events.frame(told["judged"].to_numpy()).select("kind", "after", "reviewer", "time")
    return told.with_columns(ids.alias("new_id"), *made).select(
        item_id="new_id", earlier_id="item_id", label="label", outcome="outcome",
        verdict=pl.col("kind").replace_strict(VERDICT_OF, return_dtype=pl.String), decided="after", given_before="given",
        given_now=pl.when(pl.col("now") != NOWHERE).then("now"), reviewer="reviewer", time="time",
    ).cast(SCHEMA)  # fmt: skip


def _events(cells: pl.DataFrame, index: ReplayIndex, edits: CarriedEdits) -> pl.DataFrame:
    """The events that are carried, as :class:`Fates` has them."""
    events, number = index.events.compact(), index.cell_numbers
    outcome, last = cells["outcome"].gather(number), cells["last"].to_numpy()[number]
    agreed = (outcome == AGREED).to_numpy() & (last == np.arange(len(number)))
    kept = ((outcome == KEPT).to_numpy() & ~_of_edits(events, [*edits.dropped, *edits.agreed])) | agreed
    on_labels = (events["item_id"] == LABEL_SET).to_numpy()
    held = [edits.holds(event, index.events) for event in index.events.take(np.flatnonzero(on_labels))]
    kept[on_labels] = held
    told = events.select("seq").with_columns(
        row=cells["row"].gather(number), agreed=pl.Series(np.where(agreed, cells["now"].to_numpy()[number], NOWHERE), dtype=pl.Int8)
    )
    return told.filter(pl.Series(kept)).with_columns(agreed=pl.when(pl.col("agreed") != NOWHERE).then("agreed"))


def _of_edits(events: pl.DataFrame, batches: list[str]) -> np.ndarray:
    """Of each event, whether it is part of one of some edits of the label set, or an undo or redo of a part."""
    part = ((events["kind"] == "label") & events["batch"].cast(pl.String).is_in(batches)).fill_null(value=False).to_numpy()
    if not part.any():
        return part
    seqs, undoes = events["seq"].to_numpy(), events["undoes"]
    root = np.where(undoes.is_null().to_numpy(), np.arange(len(seqs)), np.searchsorted(seqs, undoes.fill_null(0).to_numpy()))
    while (root != (further := root[root])).any():
        root = further
    return part[root]
