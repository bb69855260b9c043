"""The changes of an export as JSON Lines: which cell, from what to what, by whom, when and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.frames import to_polars
from labelscope.data.positions import positions
from labelscope.errors import DataError

__all__ = ["COLUMNS", "Changes", "locate_changes"]

COLUMNS = ("item_id", "label", "before", "after", "reviewer", "time", "suggestion_id", "source", "reason")
REQUIRED = COLUMNS[:4]


@dataclass(frozen=True, eq=False)
class Changes:
    """Changed cells by position, in the order of the table: by item, then by label.

    Attributes
    ----------
    items, labels : int64, shape (n_changes,)
    after : int8, shape (n_changes,)
        The state that counts: 1, 0 or -1. A cell that changed twice is here once, with its last state.
    frame : polars.DataFrame
        All lines, with the columns :data:`COLUMNS`.
    """

    items: np.ndarray
    labels: np.ndarray
    after: np.ndarray
    frame: pl.DataFrame

    def write(self, file: BinaryIO) -> None:
        """One JSON object a line."""
        if self.frame.height:
            self.frame.write_ndjson(file)


def locate_changes(dataset: Dataset, changes: Any) -> Changes:
    """Changes of a data set, found in it and put in order.

    Parameters
    ----------
    dataset : Dataset
    changes : polars.DataFrame (or pandas, Arrow)
        Columns item_id, label, before, after; and, where known, reviewer, time, suggestion_id, source, reason. Later
        rows of one cell count.

    Raises
    ------
    DataError
        On a missing column, an unknown item or label, or a state that is not 1, 0 or -1.
    """
    changes = to_polars(changes, "changes")
    missing = [name for name in REQUIRED if name not in changes.columns]
    if missing and (changes.height or changes.width):
        raise DataError(f"changes: expected the columns {', '.join(REQUIRED)}, got no {missing[0]!r}; add it")
    frame = changes if not missing else pl.DataFrame(schema=dict.fromkeys(REQUIRED, pl.Int8))
    known = "changes: expected values of {} that the data set has"
    items = positions(frame["item_id"], dataset.item_ids, expected=known.format("item_id"), remedy="is this its ledger?")
    names = pl.Series(dataset.label_names, dtype=pl.String)
    labels = positions(frame["label"], names, expected=known.format("label"), remedy="is this its ledger?")
    after = frame["after"]
    for column in ("before", "after"):
        states = frame[column].cast(pl.Int64, strict=False)
        if not states.is_in([1, 0, -1]).fill_null(value=False).all():
            raise DataError(f"changes: expected the states 1, 0 and -1 in {column!r}, got another; correct it")
    order = np.lexsort((labels, items))  # stable: lines of one cell keep their order
    lines = _lines(frame, dataset)[order]
    items, labels, states = items[order], labels[order], after.cast(pl.Int8).to_numpy()[order]
    last = np.ones(len(items), bool)
    last[:-1] = (items[1:] != items[:-1]) | (labels[1:] != labels[:-1])
    return Changes(items[last], labels[last], states[last], lines)


def _lines(frame: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    lines = frame.with_columns(
        pl.col("item_id").cast(pl.String).cast(dataset.item_ids.dtype),
        pl.col("label").cast(pl.String),
        pl.col("before", "after").cast(pl.Int8),
    )
    return lines.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in COLUMNS if name not in frame.columns).select(
        _iso(lines, name) for name in COLUMNS
    )


def _iso(lines: pl.DataFrame, name: str) -> pl.Expr:
    dtype = lines[name].dtype if name in lines.columns else None
    if not isinstance(dtype, pl.Datetime):
        return pl.col(name)
    utc = pl.col(name).dt.convert_time_zone("UTC") if dtype.time_zone else pl.col(name)
    return utc.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").alias(name)
