"""The changes that suggestions would make which nobody has decided on."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.labels import NEGATIVE, POSITIVE
from labelscope.errors import DataError

__all__ = ["THRESHOLDS", "changes_above", "pending_changes"]

THRESHOLDS = (0.9, 0.8, 0.7, 0.6, 0.5)


def pending_changes(
    dataset: Dataset, suggestions: pl.DataFrame, decided: Collection[str], confidence: float, *, reviewer: str, time: str
) -> pl.DataFrame:
    """Changes by the undecided suggestions of at least some confidence.

    Parameters
    ----------
    dataset : Dataset
    suggestions : polars.DataFrame
        suggestion_id, item_id, label, action, confidence.
    decided : collection of str
        Ids of suggestions that somebody decided on; they are left out.
    confidence : float
        In [0, 1].
    reviewer, time : str
        Who asked for it, and when (ISO 8601, UTC).

    Returns
    -------
    polars.DataFrame
        item_id, label, before, after, reviewer, time, suggestion_id, source ("accept-above P").

    Raises
    ------
    DataError
        If `confidence` is outside [0, 1], or a suggestion is about an item or label that is not there.
    """
    if not 0 <= confidence <= 1:
        raise DataError(f"accept_above: expected a confidence in [0, 1], got {confidence!r}")
    frame = suggestions.filter(pl.col("confidence") >= confidence)
    frame = frame.filter(~pl.col("suggestion_id").is_in(list(decided)))
    if dataset.one_label_each:
        frame = _replacements(frame, suggestions.filter(pl.col("suggestion_id").is_in(list(decided)))["item_id"])
    items = np.asarray([dataset.position(item) for item in frame["item_id"]], np.int64)
    columns = np.asarray([dataset.label_position(label) for label in frame["label"]], np.int64)
    return frame.select(
        pl.col("item_id").cast(dataset.item_ids.dtype),
        "label",
        pl.Series("before", dataset.labels.states(items, columns)),
        pl.when(pl.col("action") == "add").then(POSITIVE).otherwise(NEGATIVE).cast(pl.Int8).alias("after"),
        pl.lit(reviewer).alias("reviewer"),
        pl.lit(time).alias("time"),
        "suggestion_id",
        pl.lit(f"accept-above {confidence:g}").alias("source"),
    ).filter(pl.col("before") != pl.col("after"))


def changes_above(
    dataset: Dataset, suggestions: pl.DataFrame, decided: Collection[str], thresholds: Sequence[float] = THRESHOLDS
) -> pl.DataFrame:
    """How many changes :func:`pending_changes` would make at each of some confidences.

    Parameters
    ----------
    dataset, suggestions, decided
        As for :func:`pending_changes`.
    thresholds : sequence of float

    Returns
    -------
    polars.DataFrame
        accept_above, n_added, n_removed, n_changes: a row a threshold.
    """
    rows = []
    for threshold in thresholds:
        made = pending_changes(dataset, suggestions, decided, threshold, reviewer="", time="")
        n_added = made.filter(pl.col("after") == POSITIVE).height
        rows.append((threshold, n_added, made.height - n_added, made.height))
    schema = {"accept_above": pl.Float64, "n_added": pl.Int64, "n_removed": pl.Int64, "n_changes": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _replacements(frame: pl.DataFrame, decided: pl.Series) -> pl.DataFrame:
    """Of data with one label an item: what takes one label away and adds another, on items that nobody has decided on."""
    counts = frame.group_by("item_id").agg(n_added=(pl.col("action") == "add").sum(), n_removed=(pl.col("action") == "remove").sum())
    whole = counts.filter(n_added=1, n_removed=1).filter(~pl.col("item_id").is_in(decided.implode()))
    return frame.join(whole, on="item_id", how="semi", maintain_order="left")
