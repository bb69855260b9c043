"""Runs of equal numbers in an array that is sorted by them."""

from __future__ import annotations

import numpy as np

__all__ = ["run_places"]


def run_places(group: np.ndarray) -> np.ndarray:
    """Place of each element within its run of equal numbers, from 0, int64 (n,).

    Parameters
    ----------
    group : int array of shape (n,)
        Equal numbers beside each other.

    Examples
    --------
    >>> run_places(np.array([4, 4, 4, 7, 2, 2])).tolist()
    [0, 1, 2, 0, 0, 1]
    """
    starts = np.flatnonzero(np.diff(group, prepend=group[:1] - 1))
    return np.arange(len(group)) - np.repeat(starts, np.diff(np.append(starts, len(group))))
