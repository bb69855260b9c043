"""Scores with further labels behind the known ones: an edit of the label set copies no array of all cells until one is asked for."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from labelscope.data.cell_scores import Scores

__all__ = ["ExtendedScores"]


class ExtendedScores(Scores):
    """The first labels of some scores, and more of them.

    Parameters
    ----------
    first : Scores
    n_first : int
        Labels that are taken from there.
    more : float array of shape (n_items, n_more)
        Numbers of the labels behind them.

    Examples
    --------
    >>> wide = ExtendedScores(Scores(np.array([[0.1, 0.8], [0.6, 0.3]])), 2, np.array([[0.5], [0.7]]))
    >>> wide.shape, wide.column(2).tolist(), wide.at(np.array([0, 1]), np.array([1, 2])).tolist()
    ((2, 3), [0.5, 0.7], [0.8, 0.7])
    """

    def __init__(self, first: Scores, n_first: int, more: np.ndarray) -> None:
        self._first, self._n_first, self._more = first, n_first, more

    @cached_property
    def values(self) -> np.ndarray:
        """All numbers, (n_items, n_labels), copied when they are first asked for. Not to be written to."""
        return np.hstack([self._first.values[:, : self._n_first], self._more])

    @property
    def shape(self) -> tuple[int, int]:
        """(n_items, n_labels)."""
        return len(self._more), self._n_first + self._more.shape[1]

    def at(self, items: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Numbers of the cells (items[i], labels[i]) as an array (n_cells,), by position."""
        items, labels = np.broadcast_arrays(items, labels)
        out = np.empty(items.shape, np.result_type(self._first.column(0), self._more) if self._n_first else self._more.dtype)
        known = labels < self._n_first
        out[known] = self._first.at(items[known], labels[known])
        out[~known] = self._more[items[~known], labels[~known] - self._n_first]
        return out

    def column(self, label: int) -> np.ndarray:
        """Numbers of all items for one label as an array (n_items,). Not to be written to."""
        return self._first.column(label) if label < self._n_first else self._more[:, label - self._n_first]
