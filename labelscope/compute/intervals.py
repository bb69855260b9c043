"""Intervals of a share: how far a figure counted on a few cells can be trusted."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

__all__ = ["wilson"]


def wilson(count: np.ndarray, n: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Score interval of a binomial share, each float64 of the shape of `count`; NaN where `n` is 0.

    Close to its nominal level down to a handful of observations, unlike the interval of the normal approximation, and
    narrower than the exact one. Source: Wilson (1927).

    Parameters
    ----------
    count, n : arrays of numbers of one shape
        Successes and trials.
    level : float
        In (0, 1).

    Examples
    --------
    >>> [x.round(3).tolist() for x in wilson(np.array([0, 5]), np.array([10, 10]))]
    [[0.0, 0.237], [0.278, 0.763]]
    """
    n = np.where(np.asarray(n) > 0, n, np.nan).astype(np.float64)
    share, z2 = count / n, float(ndtri((1 + level) / 2)) ** 2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    return np.maximum(middle - half, 0), np.minimum(middle + half, 1)
