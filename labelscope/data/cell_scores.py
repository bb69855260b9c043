"""A number for every cell: the one type that stages ask for probabilities and suspicion, and that says how these are stored.

Small sets keep one dense array. Where it would not fit, only the cells that are worth a number have one
(:class:`labelscope.data.listed_scores.ListedScores`). Nobody counts on either: whoever asks names the items, labels or
cells that are wanted, and what the listed form cannot answer refuses in one line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from labelscope.compute.executor import row_blocks

__all__ = ["AllCells", "Scores", "scores_of"]


class Scores:
    """Numbers in [0, 1], or NaN where there is none, of the cells of a data set; here all of them in one array.

    Parameters
    ----------
    values : float array of shape (n_items, n_labels)

    Examples
    --------
    >>> scores = Scores(np.array([[0.1, 0.8], [0.6, 0.3]]))
    >>> scores.at(np.array([0, 1]), np.array([1, 0])).tolist(), scores.column(1).tolist(), scores.highest(0, 1).tolist()
    ([0.8, 0.6], [0.8, 0.3], [1])
    """

    def __init__(self, values: np.ndarray) -> None:
        self._values = values

    @property
    def values(self) -> np.ndarray:
        """All numbers, (n_items, n_labels). Not to be written to. Whatever asks for it needs the dense form."""
        return self._values

    @property
    def shape(self) -> tuple[int, int]:
        """(n_items, n_labels)."""
        n_items, n_labels = self.values.shape
        return n_items, n_labels

    def of(self, item: int, label: int) -> float | None:
        """The number of one cell, by position; None where it has none of its own."""
        cell = np.array([item]), np.array([label])
        return float(self.at(*cell)[0]) if self.known(*cell)[0] else None

    def at(self, items: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Numbers of the cells (items[i], labels[i]) as an array (n_cells,), by position."""
        return self.values[items, labels]

    def known(self, items: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Whether the cells (items[i], labels[i]) have a number of their own, bool (n_cells,): here all."""
        return np.ones(np.broadcast(items, labels).shape, bool)

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

    def highest_besides(self, items: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The label with the highest number of each item, `labels` left out, and that number: int64 and float32 (n_asked,).

        Parameters
        ----------
        items, labels : array of int, shape (n_asked,)
            By position; labels[i] is left out for items[i].
        """
        best, most = np.zeros(len(items), np.int64), np.zeros(len(items), np.float32)
        for block in row_blocks(len(items), self.shape[1] * 4):
            row = self.rows(items[block]).astype(np.float32)
            row[np.arange(len(row)), labels[block]] = -1
            best[block], most[block] = row.argmax(axis=1), row.max(axis=1)
        return best, most

    def means(self) -> np.ndarray:
        """Mean over the items of each label, float64 (n_labels,)."""
        return self.values.mean(axis=0, dtype=np.float64)

    def cells(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Item, label and number of every cell that has one, by position, items first, three arrays (n_cells,)."""
        n_items, n_labels = self.shape
        return np.repeat(np.arange(n_items), n_labels), np.tile(np.arange(n_labels), n_items), self.values.ravel()

    def tells_items_apart(self) -> bool:
        """Whether any label has other numbers for some items than for others."""
        first = self.rows(slice(0, 1))
        return any(bool((block != first).any()) for _, block in self.blocks())


class AllCells:
    """A field of a result that is given as an array or as :class:`Scores`, and read as the array.

    Reading it where only some cells are listed is refused in one line; :func:`scores_of` gives either form.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, result: object | None, owner: type | None = None) -> Any:
        if result is None:  # what a dataclass takes for the default
            return Scores(np.empty((0, 0), np.float32))
        return scores_of(result, self._name).values

    def __set__(self, result: object, value: np.ndarray | Scores) -> None:
        vars(result)[self._name] = value if isinstance(value, Scores) else Scores(value)


def scores_of(result: object, name: str) -> Scores:
    """What a field of the type :class:`AllCells` holds."""
    held: Scores = vars(result)[name]
    return held
