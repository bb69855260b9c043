"""Places in the orders of a worklist: computed here only, for the app and for a published page alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

__all__ = ["group_places", "label_places", "shuffled_places", "suspicion_places"]

SHUFFLE_SEED = 2026


def shuffled_places(n_items: int) -> np.ndarray:
    """Place of each item in a fixed shuffle, int64 (n_items,).

    It is the same whatever is filtered, so the first k items of a list are a uniform sample of that list.
    """
    return np.random.default_rng(SHUFFLE_SEED).permutation(n_items)


def suspicion_places(suspicion: np.ndarray) -> np.ndarray:
    """Place of each item, the most suspicious first, int64 (n_items,); items of the same suspicion have the same place.

    Examples
    --------
    >>> suspicion_places(np.array([0.2, np.nan, 0.9, 0.2])).tolist()
    [1, 2, 0, 1]
    """
    return np.unique(-np.nan_to_num(suspicion), return_inverse=True)[1].reshape(-1)


def label_places(names: Sequence[str]) -> np.ndarray:
    """Place of each label by its name, int64 (n_labels,).

    Examples
    --------
    >>> label_places(["tree", "cat"]).tolist()
    [1, 0]
    """
    places = np.empty(len(names), np.int64)
    places[np.argsort(np.asarray(names))] = np.arange(len(names))
    return places


def group_places(frame: pl.DataFrame, labels: np.ndarray, n_labels: int) -> np.ndarray:
    """Place of each suggestion where equal changes lie together, int64 (n_suggestions,); equal changes have the same place.

    The largest batches come first; suggestions without a batch follow by their change. Where there are no batches, the labels
    with most suggestions come first, so that a person takes the same decision many times in a row.

    Parameters
    ----------
    frame : polars.DataFrame
        label, action and perhaps batch_id.
    labels : int array, shape (n_suggestions,)
        Column of each suggestion's label.
    n_labels : int
    """
    if "batch_id" in frame.columns:
        return _batch_places(frame)
    commonest = np.argsort(np.argsort(-np.bincount(labels, minlength=n_labels), kind="stable"))
    return 2 * commonest[labels] + (frame["action"] == "add").to_numpy()


def _batch_places(frame: pl.DataFrame) -> np.ndarray:
    alone = pl.col("batch_id").is_null()
    changes = pl.col("label") + pl.col("action")
    keyed = frame.select(alone.alias("alone"), pl.when(alone).then(changes).otherwise("batch_id").alias("key"))
    sizes = keyed.group_by("alone", "key").len().sort(["alone", "len", "key"], descending=[False, True, False]).with_row_index("place")
    joined = keyed.join(sizes, on=["alone", "key"], how="left", maintain_order="left")
    return joined["place"].cast(pl.Int64).to_numpy()
