"""A number for every cell: the one type that stages ask for probabilities and suspicion, and that says how these are stored.

Today they lie in one dense array. Nobody but this module counts on it: whoever asks names the items, labels or cells that
are wanted, so that a form that stores some cells only can take the array's place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from labelscope.compute.executor import row_blocks

__all__ = ["Scores"]


@dataclass(frozen=True, eq=False)
class Scores:
    """Numbers in [0, 1], or NaN where there is none, of the cells of a data set.

    Parameters
    ----------
    values : float array of shape (n_items, n_labels)

    Examples
    --------
    >>> scores = Scores(np.array([[0.1, 0.8], [0.6, 0.3]]))
    >>> scores.at(np.array([0, 1]), np.array([1, 0])).tolist(), scores.column(1).tolist(), scores.highest(0, 1).tolist()
    ([0.8, 0.6], [0.8, 0.3], [1])
    """

    values: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        """(n_items, n_labels)."""
        n_items, n_labels = self.values.shape
        return n_items, n_labels

    def of(self, item: int, label: int) -> float:
        """The number of one cell, by position."""
        return float(self.values[item, label])

    def at(self, items: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Numbers of the cells (items[i], labels[i]) as an array (n_cells,), by position."""
        return self.values[items, labels]

    def rows(self, items: slice | np.ndarray) -> np.ndarray:
        """Numbers of some items as an array (n_chosen, n_labels), by position. Not to be written to."""
        return self.values[items]

    def column(self, label: int) -> np.ndarray:
        """Numbers of all items for one label as an array (n_items,). Not to be written to."""
        return self.values[:, label]

    def columns(self, labels: slice | np.ndarray) -> np.ndarray:
        """Numbers of all items for some labels as an array (n_items, n_chosen), by position. Not to be written to."""
        return self.values[:, labels]

    def blocks(self, budget: int | None = None) -> Iterator[tuple[slice, np.ndarray]]:
        """Row blocks as (slice, array (n_rows, n_labels)), each within `budget` bytes (default as for `row_blocks`)."""
        for block in row_blocks(self.shape[0], self.shape[1] * self.values.itemsize, budget):
            yield block, self.rows(block)

    def highest(self, item: int, n: int) -> np.ndarray:
        """Positions of the `n` labels with the highest numbers of an item, the highest first; all labels where there are fewer."""
        row = self.values[item]
        best = np.argpartition(-row, min(n, len(row)) - 1)[:n]
        return best[np.argsort(-row[best], kind="stable")]

    def means(self) -> np.ndarray:
        """Mean over the items of each label, float64 (n_labels,)."""
        return self.values.mean(axis=0, dtype=np.float64)

    def tells_items_apart(self) -> bool:
        """Whether any label has other numbers for some items than for others."""
        first = self.rows(slice(0, 1))
        return any(bool((block != first).any()) for _, block in self.blocks())
