"""A block of cells that are judged together: some items with all of their labels, or with those that are listed.

Both are tables with an item a row. Where all labels are there, a column is a label; where cells are listed, the cells of
an item stand side by side and the row is filled up with cells in the state unknown, of which nobody says anything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from labelscope.compute.executor import Rows
from labelscope.compute.row_search import find_in_rows
from labelscope.data.cell_scores import Scores
from labelscope.data.labels import UNKNOWN, LabelMatrix
from labelscope.data.listed_scores import ListedScores

__all__ = ["CellBlock", "cell_block"]


@dataclass(frozen=True, eq=False)
class CellBlock:
    """Cells of some items, and their states.

    Attributes
    ----------
    rows : slice or array of int
        The items.
    states : int8, shape (n_rows, width)
    labels : int64, shape (n_rows, width), or None
        Label of each cell, rising within what is listed of an item. None: width is n_labels and a column is a label.
    sizes : int64, shape (n_rows,), or None
        Cells that are listed of each item.
    """

    rows: Rows
    states: np.ndarray
    labels: np.ndarray | None = None
    sizes: np.ndarray | None = None

    def by_label(self, values: np.ndarray) -> np.ndarray:
        """What each cell takes from an array (n_labels,): of the shape of the block, or one that broadcasts to it."""
        return values if self.labels is None else values[self.labels]

    def label_of(self, row: np.ndarray, column: np.ndarray) -> np.ndarray:
        """Labels of the cells (row[i], column[i]) of the block."""
        return column if self.labels is None else self.labels[row, column]

    def column_of(self, row: np.ndarray, label: np.ndarray) -> np.ndarray:
        """Columns of the cells of (row[i], label[i]) in the block; -1 where they are not listed."""
        if self.labels is None or self.sizes is None:
            return label
        n_rows, width = self.labels.shape
        place = find_in_rows(np.arange(n_rows + 1) * width, self.labels.ravel(), row, label)
        column = place - row * width
        return np.where((place >= 0) & (column < self.sizes[row]), column, -1)

    def entries(self, matrix: sp.csr_matrix) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Row and column in the block, and value, of what a sparse matrix (n_items, n_labels) holds of these cells."""
        held = matrix[self.rows].tocoo()
        column = self.column_of(held.row, held.col)
        there = column >= 0
        return held.row[there], column[there], held.data[there]

    def kept(self, values: np.ndarray) -> np.ndarray:
        """Of an array of the shape of the block, what is no filling: as it is, or the cells listed one after the other."""
        return values if self.sizes is None else values[np.arange(values.shape[1]) < self.sizes[:, None]]


def cell_block(labels: LabelMatrix, scores: Scores, rows: Rows) -> tuple[CellBlock, np.ndarray]:
    """The cells of some items that have a number, and their numbers, float32 of the shape of the block; 0 in the filling."""
    if not isinstance(scores, ListedScores):
        return CellBlock(rows, labels.dense(rows)), scores.rows(rows)
    listed, numbers, sizes = scores.side_by_side(rows)
    of_rows = labels.rows(rows)
    inside = np.arange(listed.shape[1]) < sizes[:, None]
    states = np.full(listed.shape, UNKNOWN, np.int8)
    states[inside] = of_rows.states(np.nonzero(inside)[0], listed[inside])
    return CellBlock(rows, states, listed, sizes), numbers
