"""Like items that were decided unlike: a slip, or a rule that nobody has written down."""

from __future__ import annotations

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.positions import positions
from labelscope.models.groups import join_groups, join_pairs
from labelscope.space.duplicates import hashed_duplicates

__all__ = ["unlike_decisions"]

ALIKE = 0.995  # cosine from which two items are near-duplicates
LARGEST = 20  # items of a group; more hang together by chance


def unlike_decisions(dataset: Dataset, decided: pl.DataFrame) -> pl.DataFrame:
    """The decided cells of like items that have another state than one another.

    Alike are items with the same text, or near-duplicates in the embeddings.

    Parameters
    ----------
    dataset : Dataset
        With text, embeddings or both; otherwise nothing is alike.
    decided : polars.DataFrame
        item_id, label, state (1 or 0): a row a cell, as :attr:`labelscope.Session.decided`.

    Returns
    -------
    polars.DataFrame
        group (a number), item_id, label, state; what belongs together one after the other.
    """
    here = {"expected": "decided: expected items of the data set", "remedy": "take those of this one"}
    rows = positions(decided["item_id"], dataset.item_ids, **here)
    items, place = np.unique(rows, return_inverse=True)
    told = decided.select("item_id", "label", "state").with_columns(group=pl.Series(_groups(dataset, items)[place]))
    together = ["label", "group"]
    unlike = told.filter(pl.col("state").n_unique().over(together) > 1).sort(*together, "state", maintain_order=True)
    return unlike.select("group", "item_id", "label", "state")


def _groups(dataset: Dataset, items: np.ndarray) -> np.ndarray:
    """A group of each of some items, int64: like items have the same."""
    groups = np.arange(len(items))
    if len(items) < 2:
        return groups
    if dataset.embeddings is not None:
        groups = join_pairs(hashed_duplicates(np.asarray(dataset.embeddings[items], np.float32), ALIKE, seed=0), len(items), LARGEST)
    if dataset.text is None:
        return groups
    words = dataset.items[dataset.text].gather(items).cast(pl.String).str.replace_all(r"\s+", " ").str.strip_chars()
    alone = pl.when(pl.col("words").fill_null("") == "").then(pl.format("\x1f{}", pl.int_range(pl.len()))).otherwise("words")
    same = words.to_frame("words").select(alone.alias("words")).to_series().rank("dense").to_numpy().astype(np.int64) - 1
    return join_groups(groups, same)
