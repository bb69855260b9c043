"""Where a column stands in a row of a sparse matrix: a binary search in all rows asked for at once."""

from __future__ import annotations

import numpy as np

__all__ = ["find_in_rows"]


def find_in_rows(starts: np.ndarray, columns: np.ndarray, rows: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Places in `columns` of the cells (rows[i], wanted[i]), int64 (n_asked,); -1 where a row does not hold the column.

    The cost is that of the cells asked for, whatever the size of the matrix.

    Parameters
    ----------
    starts : array of int, shape (n_rows + 1,)
        Row r is ``columns[starts[r] : starts[r + 1]]``, as `indptr` of a CSR matrix.
    columns : array of int, shape (n_cells,)
        Rising within each row.
    rows, wanted : array of int, shape (n_asked,)

    Examples
    --------
    >>> find_in_rows(np.array([0, 2, 3]), np.array([1, 4, 0]), np.array([0, 0, 1]), np.array([4, 0, 0])).tolist()
    [1, -1, 2]
    """
    low, end = starts[rows].astype(np.int64), starts[np.asarray(rows) + 1].astype(np.int64)
    if not len(columns):
        return np.full(len(low), -1)
    high, last = end.copy(), len(columns) - 1
    while (open_ := low < high).any():
        middle = (low + high) >> 1
        before = open_ & (columns[np.minimum(middle, last)] < wanted)
        low = np.where(before, middle + 1, low)
        high = np.where(open_ & ~before, middle, high)
    return np.where((low < end) & (columns[np.minimum(low, last)] == wanted), low, -1)
