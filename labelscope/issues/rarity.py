"""Rare labels: their positives look unlikely to any model, right or wrong.

A model that has seen a label five times gives hardly any item a high probability of it, so self-confidence suspects all
positives of the tail before it comes to the head, and a review drowns in them. The odds that a positive cell is wrong
are therefore scaled by a small power of how frequent its label is; the typical positive keeps its own.

A fifth, because the truth lies between two worlds: where labels come from rules and old records, rare labels are as
clean as others and Bayes' rule (power 1) orders their positives far better; where single raters chose, rare labels are
the ones chosen wrongly, and it orders them worse (``benchmarks/RESULTS.md``). Standardising within each label was worse
than nothing.
"""

from __future__ import annotations

import numpy as np

__all__ = ["rarity_weights"]

POWER = 0.2


def rarity_weights(prevalence: np.ndarray, n_positive: np.ndarray) -> np.ndarray:
    """Factor on the odds that a positive cell is wrong, float32 (n_labels,): below 1 for rare labels.

    Parameters
    ----------
    prevalence : float array of shape (n_labels,)
        Inside (0, 1).
    n_positive : int array of shape (n_labels,)

    Examples
    --------
    >>> rarity_weights(np.array([0.5, 0.5]), np.array([10, 10])).tolist()
    [1.0, 1.0]
    """
    odds = np.log(prevalence / (1 - prevalence))
    typical = np.average(odds, weights=np.maximum(n_positive, 1e-9))
    return np.exp(POWER * (odds - typical)).astype(np.float32)
