"""Level of detail: of more items than a browser can hold, a uniform sample of what is in sight.

The whole map gets a sample of all items; a part of it, when somebody looks closer, a sample of the items there, until
all of them fit. The sample is by a fixed shuffle, so that the items of the overview are among those of every part.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from labelscope.errors import DataError

__all__ = ["MOST", "in_sight"]

MOST = 3_000_000  # points sent at most
SEED = 0


def in_sight(xy: np.ndarray, bounds: Sequence[float] = ()) -> np.ndarray | None:
    """Which items to show.

    Parameters
    ----------
    xy : array of float32, shape (n_items, 2)
    bounds : sequence of float
        Left, bottom, right and top of what is in sight, in units of the map; empty for all of it.

    Returns
    -------
    array of int64, shape (n_shown,), or None
        Rows, rising; None where there is room for all items.

    Raises
    ------
    DataError
        If the bounds are not four numbers.

    Examples
    --------
    >>> in_sight(np.zeros((5, 2))) is None
    True
    """
    if len(xy) <= MOST:
        return None
    if len(bounds) not in (0, 4):
        raise DataError(f"map: expected bounds of four numbers, got {len(bounds)}; reload the view")
    chosen = np.random.default_rng(SEED).permutation(len(xy))
    if len(bounds):
        left, bottom, right, top = bounds
        here = (xy[:, 0] >= left) & (xy[:, 0] <= right) & (xy[:, 1] >= bottom) & (xy[:, 1] <= top)
        chosen = chosen[here[chosen]]
    return np.sort(chosen[:MOST])
