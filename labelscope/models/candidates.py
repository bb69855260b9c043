"""Which cells are worth a probability of their own, beside the most probable labels of each item.

*Named* cells: the positives; the labels that most often come with them; their ancestors in the taxonomy; the cells on
which somebody voted. *Label tops*: the most probable items of each label, as many as it has positives and at least ten.
Rare labels are seldom among the most probable ones of an item, and their missing positives are at the top of their own list.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from labelscope.compute.runs import run_places
from labelscope.data.dataset import Dataset

__all__ = ["LabelTops", "named_cells"]

PARTNERS = 5  # labels that most often come with a label
TOGETHER = 2  # items that a pair of labels must have in common: one may be chance
ROUNDED = np.float32(1 - 1e-5)  # the same cell may come out a rounding lower in another block
WAITING = 4_000_000  # cells that wait until they are sorted in


def named_cells(dataset: Dataset) -> sp.csr_matrix:
    """The cells that are listed whatever their probability, sparse bool (n_items, n_labels)."""
    positives = dataset.labels.positives
    links = _partners(positives)
    if dataset.taxonomy is not None:
        links = links + dataset.taxonomy.above
    named = positives + positives @ links
    if dataset.votes is not None:
        votes = dataset.votes
        named = named + sp.csr_matrix((np.ones(len(votes.items), bool), (votes.items, votes.labels)), shape=positives.shape)
    named = sp.csr_matrix(named, dtype=bool)
    named.sort_indices()
    return named


def _partners(positives: sp.csr_matrix) -> sp.csr_matrix:
    """The labels that most often come with each label, sparse bool (n_labels, n_labels)."""
    counted = positives.astype(np.int32)
    together = (counted.T @ counted).tocoo()
    kept = (together.row != together.col) & (together.data >= TOGETHER)
    row, column, count = together.row[kept], together.col[kept], together.data[kept]
    order = np.lexsort((column, -count, row))
    best = order[run_places(row[order]) < PARTNERS]
    return sp.csr_matrix((np.ones(len(best), bool), (row[best], column[best])), shape=together.shape)


class LabelTops:
    """The most probable cells of each label, found while blocks of items pass by.

    Only what reaches the last place that a label has to give is looked at twice: that floor rises as blocks come in.

    Parameters
    ----------
    sizes : int array of shape (n_labels,)
        Cells to keep of each label.
    some : float array of shape (n_some, n_labels)
        Probabilities of any of the items: the floor to begin with.

    Attributes
    ----------
    floor : float32, shape (n_labels,)
        Probability from which a cell may be among the tops.
    """

    def __init__(self, sizes: np.ndarray, some: np.ndarray) -> None:
        self._sizes, self._waiting = sizes, 0
        self._parts = [(np.empty(0, np.int64), np.empty(0, np.float32))]
        falling = -np.sort(-some, axis=0)
        self.floor = np.full(len(sizes), np.float32(np.inf))
        asked, within = sizes > 0, (sizes > 0) & (sizes <= len(some))
        self.floor[asked] = -1
        lowest = falling[sizes[within] - 1, np.flatnonzero(within)]
        self.floor[within] = lowest * ROUNDED

    def add(self, keys: np.ndarray, numbers: np.ndarray) -> None:
        """Cells that reached the floor.

        Parameters
        ----------
        keys : int64, shape (n_cells,)
            item * n_labels + label.
        numbers : float32, shape (n_cells,)
        """
        self._parts.append((keys, numbers))
        self._waiting += len(keys)
        if self._waiting > WAITING:
            self._sort_in()

    def best(self) -> tuple[np.ndarray, np.ndarray]:
        """Keys and numbers of the most probable cells; of equal ones those of the first items."""
        self._sort_in()
        return self._parts[0]

    def _sort_in(self) -> None:
        keys, numbers = (np.concatenate(parts) for parts in zip(*self._parts, strict=True))
        labels = keys % len(self._sizes)
        order = np.lexsort((keys, -numbers, labels))
        place, sizes = run_places(labels[order]), self._sizes[labels[order]]
        ends = order[place == sizes - 1]
        self.floor[labels[ends]] = np.maximum(self.floor[labels[ends]], numbers[ends] * ROUNDED)
        kept = order[place < sizes]
        self._parts, self._waiting = [(keys[kept], numbers[kept])], 0
