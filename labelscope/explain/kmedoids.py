"""k-medoids: the items of a set that stand best for all of it, real ones and not averages. Deterministic."""

from __future__ import annotations

import numpy as np

__all__ = ["greedy_start", "medoids", "separation"]

TOLERANCE = 1e-9  # relative to the cost: a swap must gain more


def medoids(distances: np.ndarray, k: int, *, start: np.ndarray | None = None) -> np.ndarray:
    """Positions of `k` medoids by PAM: greedy start, then the best swap again and again until none helps.

    Parameters
    ----------
    distances : float array of shape (n, n)
        Symmetric, zero on the diagonal.
    k : int
        At least 1; of fewer than `k` items all are returned.
    start : int64 array, optional
        What :func:`greedy_start` gives for `k` or more: several `k` are tried for the cost of one start.

    Returns
    -------
    int64, shape (min(k, n),)
        In the order in which the start chose their predecessors.

    Notes
    -----
    L. Kaufman, P. Rousseeuw, *Finding Groups in Data* (1990); all swaps of a step are priced in one pass over the distances,
    after E. Schubert, P. Rousseeuw, *Faster k-medoids clustering* (2019). O(n^2) a step.

    Examples
    --------
    >>> x = np.array([0.0, 0.1, 0.2, 5.0, 5.1, 5.2])
    >>> medoids(np.abs(x[:, None] - x), 2).tolist()
    [1, 4]
    """
    n = len(distances)
    if n <= k:
        return np.arange(n)
    chosen = greedy_start(distances, k) if start is None else start[:k].copy()
    while True:
        gain, out, candidate = _best_swap(distances, chosen)
        if gain >= -TOLERANCE * max(1e-12, float(distances[:, chosen].min(axis=1).sum())):
            return np.sort(chosen)
        chosen[out] = candidate


def separation(distances: np.ndarray, chosen: np.ndarray) -> float:
    """How much nearer the items are to their own medoid than to the next, 0 to 1 (the simplified silhouette)."""
    if len(chosen) < 2:
        return 0.0
    near = np.partition(distances[:, chosen], 1, axis=1)
    return float((1 - near[:, 0] / np.maximum(near[:, 1], 1e-12)).mean())


def greedy_start(distances: np.ndarray, k: int) -> np.ndarray:
    """Positions of `k` items, int64: the one that is nearest to all, then each time the one that brings all others nearest to one."""
    chosen = [int(distances.sum(axis=0).argmin())]
    near = distances[:, chosen[0]]
    while len(chosen) < k:
        saved = np.maximum(near[:, None] - distances, 0).sum(axis=0)
        saved[chosen] = -1.0
        chosen.append(int(saved.argmax()))
        near = np.minimum(near, distances[:, chosen[-1]])
    return np.asarray(chosen, np.int64)


def _best_swap(distances: np.ndarray, chosen: np.ndarray) -> tuple[float, int, int]:
    """Change of the cost, position of the medoid to give up, and the item to take instead."""
    to_chosen = distances[:, chosen]
    nearest = to_chosen.argmin(axis=1)
    first = to_chosen[np.arange(len(distances)), nearest]
    second = np.partition(to_chosen, 1, axis=1)[:, 1] if len(chosen) > 1 else np.full(len(distances), np.inf)
    joining = np.minimum(distances - first[:, None], 0)
    change = np.tile(joining.sum(axis=0), (len(chosen), 1))
    for place in range(len(chosen)):
        own = nearest == place
        leaving = np.minimum(distances[own], second[own, None]) - first[own, None]
        change[place] += (leaving - joining[own]).sum(axis=0)
    change[:, chosen] = np.inf
    out, candidate = (int(best) for best in np.unravel_index(int(change.argmin()), change.shape))
    return float(change[out, candidate]), out, candidate
