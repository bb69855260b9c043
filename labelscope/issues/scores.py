"""Suspicion of cells and items from labels and probabilities alone: arrays in, arrays out."""

from __future__ import annotations

from typing import Any

import numpy as np

from labelscope.compute.executor import row_blocks
from labelscope.data.arguments import checked
from labelscope.data.limits import plain_array
from labelscope.errors import DataError

__all__ = ["score_cells", "score_items"]

CACHE_BYTES = 1 << 20  # a block that stays in the processor's cache is written and read again for free


@checked
def score_cells(labels: Any, probabilities: Any) -> np.ndarray:
    """Suspicion that the state of each cell is wrong, by self-confidence.

    1 - p for a positive cell, p for a negative one: the probability that the model puts on the other state. It ranks;
    it does not count errors. Source: Northcutt, Jiang and Chuang (2021); per label as in Thyagarajan et al. (2023).

    Parameters
    ----------
    labels : array-like of shape (n_items, n_labels)
        States 1, 0 and -1.
    probabilities : array-like of shape (n_items, n_labels)
        P(label), out of fold, in [0, 1].

    Returns
    -------
    float32, shape (n_items, n_labels)
        In [0, 1], higher = more suspicious; NaN where the state is unknown.

    Raises
    ------
    DataError
        If the shapes differ, a state is not 1, 0 or -1, or a probability is outside [0, 1].

    Examples
    --------
    >>> score_cells([[1, 0, -1]], [[0.9, 0.75, 0.5]]).tolist()
    [[0.10000002384185791, 0.75, nan]]
    """
    states, p = np.asarray(labels), np.asarray(probabilities)
    if states.ndim != 2 or states.shape != p.shape:
        raise DataError(f"score_cells: expected two arrays of one shape (n_items, n_labels), got {states.shape} and {p.shape}")
    if states.dtype.kind not in "biuf" or p.dtype.kind not in "fiub":
        raise DataError(f"score_cells: expected numbers, got {states.dtype} and {p.dtype}")
    scores = np.empty(states.shape, np.float32)
    for block in row_blocks(len(states), 4 * max(1, states.shape[1]), CACHE_BYTES):
        out, given = scores[block], states[block]
        lowest, highest = (given.min(), given.max()) if given.size else (0, 0)
        if not (lowest >= -1 and highest <= 1):  # also True for NaN
            raise DataError(f"score_cells: expected the states 1, 0 and -1, got values from {lowest} to {highest}")
        np.copyto(out, p[block], casting="unsafe")
        if out.size and not (out.min() >= 0 and out.max() <= 1):
            raise DataError(f"score_cells: expected probabilities in [0, 1], got values from {out.min()} to {out.max()}")
        np.subtract(given, out, out=out, casting="unsafe")
        np.abs(out, out=out)
        if lowest < 0:
            out[given < 0] = np.nan
    return scores


@checked
def score_items(cell_scores: Any) -> np.ndarray:
    """Suspicion of each item: that of its most suspicious cell.

    Parameters
    ----------
    cell_scores : array-like of shape (n_items, n_labels)
        In [0, 1]; NaN (unknown) is passed over.

    Returns
    -------
    float32, shape (n_items,)
        In [0, 1]; 0 where every cell is unknown.

    Raises
    ------
    DataError
        If it is not two-dimensional.

    Examples
    --------
    >>> score_items([[0.1, 0.75], [0.5, float("nan")]]).tolist()
    [0.75, 0.5]
    """
    given = plain_array("score_items", cell_scores)
    if given.dtype.kind not in "fiub":
        raise DataError(f"score_items: expected numbers, got an array of {given.dtype}; pass what score_cells returns")
    scores = given.astype(np.float32, copy=False)
    if scores.ndim != 2:
        raise DataError(f"score_items: expected an array of shape (n_items, n_labels), got shape {scores.shape}")
    if scores.shape[1] == 0:
        return np.zeros(len(scores), np.float32)
    return np.nan_to_num(np.fmax.reduce(scores, axis=1), nan=0.0)
