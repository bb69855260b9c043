"""What the taxonomy says: a label that a given label implies is missing if it is not given.

The parent is true whenever the child is, so a negative parent is at least as suspicious as the child is plausible,
however one-sided the noise of the data set is otherwise.
"""

from __future__ import annotations

import numpy as np

from labelscope.data.labels import NEGATIVE, POSITIVE
from labelscope.issues.cell_block import CellBlock
from labelscope.issues.context import Context
from labelscope.issues.detector import Detector, Scorer

__all__ = ["DETECTOR"]


def prepare(context: Context) -> Scorer:
    """Scorer of negative cells with a given descendant: the probability of the most plausible one."""
    taxonomy = context.dataset.taxonomy
    assert taxonomy is not None
    above = taxonomy.above
    n_above = np.diff(above.indptr)

    def score(cells: CellBlock, p: np.ndarray) -> np.ndarray:
        row, column = np.nonzero(cells.states == POSITIVE)
        label, q = cells.label_of(row, column), p[row, column]
        ancestors, row, q = above[label].indices, np.repeat(row, n_above[label]), np.repeat(q, n_above[label])
        column = cells.column_of(row, ancestors)
        listed = column >= 0
        child = np.zeros(cells.states.shape, np.float32)
        np.maximum.at(child, (row[listed], column[listed]), q[listed])
        return np.where((cells.states == NEGATIVE) & (child > 0), child, np.float32(np.nan))

    return score


DETECTOR = Detector("taxonomy", "rule", ("taxonomy",), "a more specific label of the item, which implies it", prepare, on_listed=True)
