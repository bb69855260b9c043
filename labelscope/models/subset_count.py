"""The one compiled loop of the prediction sets. Import it only where it runs: numba is heavy."""

from __future__ import annotations

import numba
import numpy as np

__all__ = ["count_subsets"]


@numba.njit(nogil=True, cache=True)
def count_subsets(costs: np.ndarray, starts: np.ndarray, budgets: np.ndarray, most: int) -> np.ndarray:
    """How many subsets of each item's costs sum up to its budget or less, the empty one included, int64 (n_items,).

    Depth first over costs in rising order: every step counts one subset or ends a branch, so an item takes about
    `most` steps however many labels it has.

    Parameters
    ----------
    costs : float64, shape (n_costs,)
        Those of one item after the other, rising within an item.
    starts : int64, shape (n_items + 1,)
        Where the costs of each item start.
    budgets : float64, shape (n_items,)
        Not negative.
    most : int
        Counting stops there.
    """
    out = np.empty(len(budgets), np.int64)
    for item in range(len(budgets)):
        first, end = starts[item], starts[item + 1]
        chosen = np.empty(end - first + 1, np.int64)
        depth, left, count, at = 0, budgets[item], 1, first
        while count < most:
            if at < end and costs[at] <= left:
                chosen[depth] = at
                depth += 1
                left -= costs[at]
                count += 1
                at += 1
            elif depth > 0:
                depth -= 1
                at = chosen[depth]
                left += costs[at]
                at += 1
            else:
                break
        out[item] = count
    return out
