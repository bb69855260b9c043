"""Numbers of some cells only, where all of them would not fit: rows of labels and their numbers, as in a CSR matrix.

A cell that is not listed is not unknown: its state is what the labels say, and it has the number that such cells have on
the average (`rest`). Whatever needs the numbers of all cells refuses, so that nothing is computed from what is not there.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from labelscope.compute.row_search import find_in_rows
from labelscope.data.cell_scores import Scores
from labelscope.errors import StageError

__all__ = ["ListedScores"]


class ListedScores(Scores):
    """Numbers in [0, 1], or NaN where the state is unknown, of the cells that are listed.

    Parameters
    ----------
    shape : (n_items, n_labels)
    starts : int64, shape (n_items + 1,)
        The cells of item i are those from starts[i] to starts[i + 1].
    labels : int32, shape (n_cells,)
        Label of each cell by position, rising within an item.
    numbers : float32, shape (n_cells,)
    rest : float32, shape (n_labels,)
        What the cells of each label that are not listed have on the average.
    means : float64, shape (n_labels,)
        Mean of each label over all items, unlisted cells included.
    name : str
        What the numbers are called in an error.

    Examples
    --------
    >>> scores = ListedScores((2, 3), np.array([0, 2, 3]), np.array([0, 2, 1]), np.array([0.5, 0.9, 0.7]), np.full(3, 0.1), np.ones(3))
    >>> scores.at(np.array([0, 0]), np.array([2, 1])).tolist(), scores.known(np.array([0]), np.array([1])).tolist()
    ([0.9, 0.1], [False])
    """

    def __init__(
        self,
        shape: tuple[int, int],
        starts: np.ndarray,
        labels: np.ndarray,
        numbers: np.ndarray,
        rest: np.ndarray,
        means: np.ndarray,
        name: str = "probabilities",
    ) -> None:
        self._shape, self._name, self._means = shape, name, means
        self.starts, self.labels, self.numbers, self.rest = starts, labels, numbers, rest

    @property
    def values(self) -> np.ndarray:
        """Refused.

        Raises
        ------
        StageError
            Always: there is no array of all cells.
        """
        n_items, n_labels = self.shape
        raise StageError(
            f"{self._name}: expected a number for each of {n_items:,} items x {n_labels:,} labels, got {len(self.labels):,} listed cells;"
            f" use .cells, or hold all in memory ({4e-9 * n_items * n_labels:,.1f} GB an array): predict(..., cells='all')"
        )

    @property
    def shape(self) -> tuple[int, int]:
        """(n_items, n_labels)."""
        return self._shape

    @cached_property
    def items(self) -> np.ndarray:
        """Item of each cell by position, int64 (n_cells,)."""
        return np.repeat(np.arange(self.shape[0]), np.diff(self.starts))

    def like(self, numbers: np.ndarray, name: str) -> ListedScores:
        """Other numbers of the same cells; 0 stands for those that are not listed."""
        n_items, n_labels = self.shape
        sums = np.bincount(self.labels, np.nan_to_num(numbers), n_labels)
        return ListedScores(self.shape, self.starts, self.labels, numbers, np.zeros(n_labels, np.float32), sums / max(1, n_items), name)

    def at(self, items: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Numbers of the cells (items[i], labels[i]) as an array (n_cells,), by position; `rest` where they are not listed."""
        place = find_in_rows(self.starts, self.labels, items, labels)
        out = np.asarray(self.rest[labels], self.numbers.dtype)
        out[place >= 0] = self.numbers[place[place >= 0]]
        return out

    def known(self, items: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Whether the cells (items[i], labels[i]) are listed, bool (n_cells,)."""
        return find_in_rows(self.starts, self.labels, items, labels) >= 0

    def side_by_side(self, items: slice | np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The cells of some items as a table: each row has those of an item in front, and is filled up behind them.

        Returns
        -------
        labels : int64, shape (n_chosen, width)
            Filled up with the last label.
        numbers : float32, shape (n_chosen, width)
            Filled up with 0.
        sizes : int64, shape (n_chosen,)
            Cells of each item.
        """
        first, sizes = self.starts[:-1][items], np.diff(self.starts)[items]
        width = int(sizes.max(initial=1))
        inside = np.arange(width) < sizes[:, None]
        place = (first[:, None] + np.arange(width))[inside]
        labels, numbers = np.full(inside.shape, self.shape[1] - 1, np.int64), np.zeros(inside.shape, np.float32)
        labels[inside], numbers[inside] = self.labels[place], self.numbers[place]
        return labels, numbers, sizes

    def highest(self, item: int, n: int) -> np.ndarray:
        """Positions of the `n` listed labels with the highest numbers of an item, the highest first; all where there are fewer."""
        row = slice(self.starts[item], self.starts[item + 1])
        return self.labels[row][np.argsort(-self.numbers[row], kind="stable")[:n]]

    def highest_besides(self, items: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The listed label with the highest number of each item, `labels` left out, and that number; -1 where there is none."""
        columns, numbers, sizes = self.side_by_side(items)
        numbers[(columns == labels[:, None]) | (np.arange(columns.shape[1]) >= sizes[:, None])] = -1
        best = numbers.argmax(axis=1)
        each = np.arange(len(best))
        return columns[each, best], numbers[each, best]

    def means(self) -> np.ndarray:
        """Mean over the items of each label, unlisted cells included, float64 (n_labels,)."""
        return self._means

    def cells(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Item, label and number of every listed cell, by position, items first, three arrays (n_cells,)."""
        return self.items, self.labels, self.numbers

    def tells_items_apart(self) -> bool:
        """Whether any label has other numbers for some items than for others."""
        lowest, highest = np.full(self.shape[1], np.inf), np.full(self.shape[1], -np.inf)
        np.minimum.at(lowest, self.labels, self.numbers)
        np.maximum.at(highest, self.labels, self.numbers)
        return bool((highest > lowest).any())
