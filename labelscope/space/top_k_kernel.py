"""The one compiled loop of the neighbour search. Import it only where it runs: numba is heavy."""

from __future__ import annotations

import numba
import numpy as np

__all__ = ["offer"]

GROUP = 16  # similarities looked at together: one vector comparison says whether any is worth a closer look


@numba.njit(nogil=True, cache=True)
def _insert(item: int, partner: int, value: float, indices: np.ndarray, similarities: np.ndarray, worst: np.ndarray) -> None:
    """Put a partner in its place in the sorted row of an item; the worst one drops out."""
    place = similarities.shape[1] - 1
    while place > 0 and similarities[item, place - 1] < value:
        similarities[item, place] = similarities[item, place - 1]
        indices[item, place] = indices[item, place - 1]
        place -= 1
    similarities[item, place] = value
    indices[item, place] = partner
    worst[item] = similarities[item, similarities.shape[1] - 1]


@numba.njit(nogil=True, cache=True)
def offer(tile: np.ndarray, first: int, left: int, indices: np.ndarray, similarities: np.ndarray, worst: np.ndarray) -> None:
    """Keep what a tile of similarities holds for the items of its rows and, where it lies beside the diagonal, of its columns.

    Parameters
    ----------
    tile : float32, shape (n_rows, n_columns)
        Similarities of items ``first + i`` and ``left + j``. A tile on the diagonal (first == left) holds each pair twice.
    first, left : int
    indices, similarities : int32 and float32, shape (n_items, k)
        The best so far, changed in place; similarities fall along each row.
    worst : float32, shape (n_items,)
        Last column of `similarities`, changed in place.
    """
    n_rows, n_columns = tile.shape
    diagonal = first == left
    for i in range(n_rows):
        item = first + i
        for start in range(0, n_columns, GROUP):
            stop = min(start + GROUP, n_columns)
            bound = worst[item]
            worth = 0
            for j in range(start, stop):
                value = tile[i, j]
                worth |= (value > bound) | (value > worst[left + j])
            if not worth:
                continue
            for j in range(start, stop):
                value = tile[i, j]
                if diagonal and i == j:
                    continue
                if value > worst[item]:
                    _insert(item, left + j, value, indices, similarities, worst)
                if not diagonal and value > worst[left + j]:
                    _insert(left + j, item, value, indices, similarities, worst)
