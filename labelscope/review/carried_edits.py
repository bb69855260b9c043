"""Which edits of the label set hold on another version of a table: those that find there what they found when they were made.

An edit that takes a label away must have moved each of its items. Where the new version has items with that label which the edit never
saw, keeping it would lose their label without a word, so the edit is asked again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.labels import POSITIVE
from labelscope.review.events import LABEL_SET, EditRecord, Event
from labelscope.review.label_edit import GOES, first_states
from labelscope.review.log import EventLog
from labelscope.review.replay_index import ReplayIndex

__all__ = ["NOWHERE", "CarriedEdits", "carried_edits", "now_states"]

NOWHERE = 2  # in place of the state of a cell that is not there


@dataclass
class CarriedEdits:
    """What becomes of the edits of the label set.

    Attributes
    ----------
    kept, agreed, dropped : sets of str
        Batches: edits that hold; that the new version has made already; that are asked again.
    first : dict of label to int8 array (n_items,)
        First states, in the new version, of each label that a kept edit makes.
    """

    kept: set[str] = field(default_factory=set)
    agreed: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)
    first: dict[str, np.ndarray] = field(default_factory=dict)

    def holds(self, event: Event, log: EventLog) -> bool:
        """Whether an event on a label itself, or the undo of one, is kept."""
        while event.undoes is not None:
            event = log.of(event.undoes)
        return event.batch in self.kept


def carried_edits(records: Sequence[EditRecord], index: ReplayIndex, cells: pl.DataFrame, new: Dataset) -> CarriedEdits:
    """What becomes of the edits of a ledger on another version of the table.

    Parameters
    ----------
    records : sequence of EditRecord
        In their order.
    index : ReplayIndex
        Of all events of the ledger.
    cells : polars.DataFrame
        Every cell that an event is about, in the order of their numbers: item_id, label, given (earlier), row (in the new version, -1
        where it is gone).
    new : Dataset
    """
    out = CarriedEdits()
    if not records:
        return out
    events = index.events.compact()
    edits = np.flatnonzero((events["kind"] == "label").to_numpy())
    made = events.select("item_id", "batch", "label", "after")[edits].with_columns(cell=pl.Series(index.cell_numbers[edits]))
    made = made.with_columns(pl.col("batch").cast(pl.String), pl.col("label").cast(pl.String), on_label=pl.col("item_id") == LABEL_SET)
    for record in records:
        mine = made.filter(pl.col("batch") == record.batch)
        comes = dict(mine.filter("on_label").select("label", "after").iter_rows())
        touched = cells[mine.filter(~pl.col("on_label"))["cell"].unique()]
        if comes and all(new.has_label(name) == bool(there) for name, there in comes.items()):
            out.agreed.add(record.batch)
        elif _holds(record, comes, touched, cells, new, out.first):
            out.kept.add(record.batch)
        else:
            out.dropped.add(record.batch)
    return out


def now_states(cells: pl.DataFrame, new: Dataset, first: Mapping[str, np.ndarray]) -> np.ndarray:
    """Given state of cells in the new version, int8 (n_cells,); NOWHERE where the item or the label is not there."""
    place = {**{name: k for k, name in enumerate(new.label_names)}}
    names = cells["label"].unique()
    columns = names.to_frame("label").with_columns(column=pl.Series([place.get(name, -1) for name in names.to_list()], dtype=pl.Int64))
    column = cells.select("label").join(columns, on="label", how="left", maintain_order="left")["column"].to_numpy()
    row = cells["row"].to_numpy()
    out = np.full(cells.height, NOWHERE, np.int8)
    there = (row >= 0) & (column >= 0)
    out[there] = new.labels.states(row[there], column[there])
    for name, states in first.items():
        mine = (cells["label"] == name).to_numpy() & (row >= 0)
        out[mine] = states[row[mine]]
    return out


def _holds(
    record: EditRecord, comes: dict[str, int], touched: pl.DataFrame, cells: pl.DataFrame, new: Dataset, first: dict[str, np.ndarray]
) -> bool:
    """Whether an edit finds the labels, and the cells that it changed, as it found them; notes the labels that it makes."""
    source = _column(record.label, new, first)
    if record.label is not None and source is None:
        return False
    fresh = [name for name in record.into if comes.get(name)]
    if any(new.has_label(name) for name in fresh) or any(_column(name, new, first) is None for name in record.into if name not in fresh):
        return False
    if record.parent == GOES and source is not None:
        seen = cells.filter((pl.col("label") == record.label) & (pl.col("row") >= 0))["row"].to_numpy()
        left = source == POSITIVE
        left[seen] = False
        if left.any():
            return False
    made = {name: first_states(record.action, source, new.n_items) for name in fresh if name not in first}
    now = now_states(touched, new, first | made)
    if ((now != NOWHERE) & (now != touched["given"].to_numpy())).any():
        return False
    first |= made
    return True


def _column(label: str | None, new: Dataset, first: Mapping[str, np.ndarray]) -> np.ndarray | None:
    if label is None:
        return None
    if new.has_label(label):
        return new.labels.columns(np.array([new.label_position(label)]))[:, 0]
    return None if label not in first else first[label].copy()
