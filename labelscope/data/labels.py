"""The one encoding of labels: a cell is positive (1), negative (0) or unknown (-1, "nobody checked").

Stored sparse, whatever the size: the positives, the state of every cell that is not listed (`default`:
negative or unknown), and the exceptions to it. So 20,000 items with 100,000 labels cost what their positives
cost, and a set in which most cells are unknown costs no more than one in which none is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp

from labelscope.compute.executor import row_blocks
from labelscope.compute.row_search import find_in_rows
from labelscope.data.limits import check_label_count, plain_array
from labelscope.errors import DataError

__all__ = ["NEGATIVE", "POSITIVE", "UNKNOWN", "LabelMatrix", "from_dense", "from_lists", "from_sparse"]

POSITIVE, NEGATIVE, UNKNOWN = 1, 0, -1


@dataclass(frozen=True, eq=False)
class LabelMatrix:
    """Labels of shape (n_items, n_labels), each cell 1, 0 or -1.

    Parameters
    ----------
    positives : scipy.sparse.csr_matrix of bool, shape (n_items, n_labels)
    exceptions : scipy.sparse.csr_matrix of bool, shape (n_items, n_labels)
        The cells that are neither positive nor in the default state: the unknown cells where the default is
        negative, the negative ones where it is unknown.
    default : {0, -1}
        State of a cell that is in neither matrix.
    """

    positives: sp.csr_matrix
    exceptions: sp.csr_matrix
    default: int = NEGATIVE

    @property
    def shape(self) -> tuple[int, int]:
        """(n_items, n_labels)."""
        return self.positives.shape

    @cached_property
    def n_positive(self) -> np.ndarray:
        """Positives of each label, int64 (n_labels,)."""
        return np.bincount(self.positives.indices, minlength=self.shape[1]).astype(np.int64)

    @cached_property
    def n_unknown(self) -> np.ndarray:
        """Unknown cells of each label, int64 (n_labels,)."""
        exceptions = np.bincount(self.exceptions.indices, minlength=self.shape[1]).astype(np.int64)
        return exceptions if self.default == NEGATIVE else self.shape[0] - self.n_positive - exceptions

    @cached_property
    def n_unknown_of_items(self) -> np.ndarray:
        """Unknown cells of each item, int64 (n_items,)."""
        exceptions = np.diff(self.exceptions.indptr).astype(np.int64)
        return exceptions if self.default == NEGATIVE else self.shape[1] - np.diff(self.positives.indptr) - exceptions

    @property
    def known_items(self) -> np.ndarray:
        """Whether any cell of each item is known, bool (n_items,)."""
        return self.n_unknown_of_items < self.shape[1]

    @property
    def n_negative(self) -> np.ndarray:
        """Negatives of each label, int64 (n_labels,)."""
        return self.shape[0] - self.n_positive - self.n_unknown

    @property
    def has_unknown(self) -> bool:
        """Whether any cell is unknown."""
        return bool(self.n_unknown.any())

    def dense(self, rows: slice | np.ndarray | None = None) -> np.ndarray:
        """States of some rows (all by default) as int8 (n_rows, n_labels)."""
        positives, exceptions = self.positives, self.exceptions
        if rows is not None and not (isinstance(rows, slice) and rows == slice(0, self.shape[0])):  # all rows need no copy
            positives, exceptions = positives[rows], exceptions[rows]
        out = np.full(positives.shape, self.default, np.int8)
        out[_row_index(exceptions), exceptions.indices] = UNKNOWN if self.default == NEGATIVE else NEGATIVE
        out[_row_index(positives), positives.indices] = POSITIVE
        return out

    def count_known(self, weights: sp.csr_matrix) -> np.ndarray:
        """Weighted number of known cells: weights (n_rows, n_items) times known (n_items, n_labels), dense.

        The result broadcasts: it has one column where every cell is known.
        """
        if self.default == NEGATIVE:
            total = np.asarray(weights.sum(axis=1), np.float32).reshape(-1, 1)
            return total - (weights @ self.exceptions.astype(np.float32)).toarray() if self.exceptions.nnz else total
        return (weights @ (self.positives.astype(np.float32) + self.exceptions.astype(np.float32))).toarray()

    def blocks(self, budget: int | None = None) -> Iterator[tuple[slice, np.ndarray]]:
        """Row blocks as (slice, int8 (n_rows, n_labels)), each within `budget` bytes (default as for `row_blocks`)."""
        for block in row_blocks(self.shape[0], self.shape[1], budget):
            yield block, self.dense(block)

    def rows(self, items: slice | np.ndarray) -> LabelMatrix:
        """The labels of some items, by position."""
        return LabelMatrix(self.positives[items], self.exceptions[items], self.default)

    def columns(self, labels: np.ndarray) -> np.ndarray:
        """States of all items for some labels as int8 (n_items, n_chosen), by position."""
        return self.chosen(labels).dense()

    def chosen(self, labels: np.ndarray) -> LabelMatrix:
        """The same items with some labels only, by position, in that order."""
        return LabelMatrix(self.positives[:, labels], self.exceptions[:, labels], self.default)

    def extended(self, states: np.ndarray) -> LabelMatrix:
        """The same items with more labels, behind these.

        Parameters
        ----------
        states : array of 1, 0 or -1, shape (n_items, n_more)
        """
        exception = UNKNOWN if self.default == NEGATIVE else NEGATIVE
        return LabelMatrix(
            sp.csr_matrix(sp.hstack([self.positives, sp.csr_matrix(states == POSITIVE)], format="csr", dtype=bool)),
            sp.csr_matrix(sp.hstack([self.exceptions, sp.csr_matrix(states == exception)], format="csr", dtype=bool)),
            self.default,
        )

    def state(self, item: int, label: int) -> int:
        """State of one cell, by position."""
        return int(self.dense(slice(item, item + 1))[0, label])

    def states(self, items: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """States of the cells (items[i], labels[i]) as int8 (n_cells,), by position."""
        out = np.full(len(items), self.default, np.int8)
        out[_holds(self.exceptions, items, labels)] = UNKNOWN if self.default == NEGATIVE else NEGATIVE
        out[_holds(self.positives, items, labels)] = POSITIVE
        return out

    def replace(self, items: np.ndarray, labels: np.ndarray, states: np.ndarray) -> LabelMatrix:
        """The same labels with the cells (items[i], labels[i]) set to states[i], the last one counting.

        Parameters
        ----------
        items, labels : array of int, shape (n_changes,)
        states : array of 1, 0 or -1, shape (n_changes,)
        """
        width = self.shape[1]
        flat = np.asarray(items, np.int64) * width + np.asarray(labels, np.int64)
        flat, last = np.unique(flat[::-1], return_index=True)
        states = np.asarray(states, np.int8)[::-1][last]
        positive = states == POSITIVE
        exception = ~positive & (states != self.default)
        return LabelMatrix(
            _with_cells(self.positives, flat, flat[positive]),
            _with_cells(self.exceptions, flat, flat[exception]),
            self.default,
        )


def from_dense(labels: Any) -> LabelMatrix:
    """Labels from a dense array-like (n_items, n_labels) of 1, 0 and -1 (booleans and floats accepted).

    Raises
    ------
    DataError
        If it is not two-dimensional or holds anything else; NaN is refused with the hint that -1 means unknown.
    """
    array = plain_array("labels", labels)
    if array.ndim != 2:
        raise DataError(
            f"labels: expected an array of shape (n_items, n_labels), got shape {array.shape}; write one row an item and one column a label"
        )
    if array.dtype.kind not in "biuf":
        raise DataError(f"labels: expected the states 1, 0 and -1, got an array of {array.dtype}; map names to columns")
    if array.dtype.kind == "f" and np.isnan(array).any():
        raise DataError("labels: expected the states 1, 0 and -1, got NaN; write -1 for a cell that nobody checked")
    wrong = ~np.isin(array, (POSITIVE, NEGATIVE, UNKNOWN))
    if wrong.any():
        i, k = np.argwhere(wrong)[0]
        raise DataError(f"labels: expected the states 1, 0 and -1, got {array[i, k]} at item {i}, label {k}; write one of the three")
    states = array.astype(np.int8)
    default = UNKNOWN if (states == UNKNOWN).sum() > (states == NEGATIVE).sum() else NEGATIVE
    exception = NEGATIVE if default == UNKNOWN else UNKNOWN
    return LabelMatrix(sp.csr_matrix(states == POSITIVE), sp.csr_matrix(states == exception), default)


def from_sparse(positives: Any, *, unlisted: str = "negative") -> LabelMatrix:
    """Labels from a scipy sparse matrix (n_items, n_labels) whose non-zero entries are the positives."""
    matrix = sp.csr_matrix(positives)
    if matrix.nnz and not np.isin(matrix.data, (0, 1)).all():
        raise DataError("labels: expected a sparse matrix of ones (the positives), got other values; give -1 cells dense")
    matrix = matrix.astype(bool)
    matrix.eliminate_zeros()
    matrix.sum_duplicates()
    return LabelMatrix(matrix, sp.csr_matrix(matrix.shape, dtype=bool), default_state(unlisted))


def from_lists(
    items: np.ndarray, labels: np.ndarray, shape: tuple[int, int], *, unlisted: str = "negative", unknown_items: np.ndarray | None = None
) -> LabelMatrix:
    """Labels from the positions of the positives: cell (items[i], labels[i]) is positive.

    Parameters
    ----------
    items, labels : array of int, shape (n_positives,)
        Duplicates count once.
    shape : (n_items, n_labels)
    unlisted : {"negative", "unknown"}
        What a label that an item does not list means.
    unknown_items : array of int, optional
        Items that have no list at all (null): all their cells are unknown.
    """
    positives = _from_places(np.asarray(items, np.int64) * shape[1] + labels, shape)
    default = default_state(unlisted)
    exceptions = sp.csr_matrix(shape, dtype=bool)
    if default == NEGATIVE and unknown_items is not None and len(unknown_items):
        rows = np.repeat(np.asarray(unknown_items), shape[1])
        columns = np.tile(np.arange(shape[1]), len(unknown_items))
        exceptions = sp.csr_matrix((np.ones(len(rows), bool), (rows, columns)), shape=shape)
    return LabelMatrix(positives, exceptions, default)


def _from_places(places: np.ndarray, shape: tuple[int, int]) -> sp.csr_matrix:
    """The matrix whose cells at some places, row by row, are true. Sorted here once; scipy sorts each row by itself."""
    places = np.sort(places)
    places = places[np.diff(places, prepend=-1) > 0]
    rows, columns = np.divmod(places, max(shape[1], 1))
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=shape[0]))])
    return sp.csr_matrix((np.ones(len(places), bool), columns, starts), shape=shape)


def default_state(unlisted: str) -> int:
    """The state that ``unlisted="negative" | "unknown"`` stands for."""
    states = {"negative": NEGATIVE, "unknown": UNKNOWN}
    if unlisted not in states:
        raise DataError(f'unlisted: expected "negative" or "unknown", got {unlisted!r}')
    return states[unlisted]


def _row_index(matrix: sp.csr_matrix) -> np.ndarray:
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))


def _holds(matrix: sp.csr_matrix, items: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Whether the cells (items[i], labels[i]) are in the matrix, bool (n_cells,)."""
    if not matrix.has_sorted_indices:
        matrix = matrix.sorted_indices()
    return find_in_rows(matrix.indptr, matrix.indices, np.asarray(items, np.int64), np.asarray(labels, np.int64)) >= 0


def _with_cells(matrix: sp.csr_matrix, cleared: np.ndarray, added: np.ndarray) -> sp.csr_matrix:
    """The matrix without the cells `cleared` (ascending) but with those `added`, which are some of them."""
    if not len(cleared):
        return matrix
    width = matrix.shape[1]
    flat = _row_index(matrix).astype(np.int64) * width + matrix.indices
    place = np.minimum(np.searchsorted(cleared, flat), len(cleared) - 1)  # a search a cell: to sort them all takes ten times as long
    flat = np.concatenate([flat[cleared[place] != flat], added])
    return sp.csr_matrix((np.ones(len(flat), bool), (flat // width, flat % width)), shape=matrix.shape, dtype=bool)


def index_lists(lists: Sequence[Sequence[Any]], label_names: Sequence[str] | None) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Positions of the positives of a list of lists of label names or of label indices.

    Returns
    -------
    items, labels : array of int64
    label_names : tuple of str
        As given, or the sorted names that occur, or "0", "1", ... for indices.
    """
    items = np.repeat(np.arange(len(lists)), [len(row) for row in lists])
    flat = [value for row in lists for value in row]
    kinds = {"index" if isinstance(v, (int, np.integer)) and not isinstance(v, bool) else type(v).__name__ for v in flat}
    if kinds <= {"index"}:
        check_label_count(max(flat, default=0) + 1)
        labels = np.asarray(flat, np.int64)
        names = tuple(label_names) if label_names is not None else tuple(str(k) for k in range(int(labels.max(initial=-1)) + 1))
        if len(labels) and (labels.min() < 0 or labels.max() >= len(names)):
            bad = labels.max() if labels.max() >= len(names) else labels.min()
            raise DataError(
                f"labels: expected indices from 0 to {len(names) - 1} (there are {len(names)} label names), got {bad}; add its name"
            )
        return items, labels, names
    if kinds == {"str"}:
        names = tuple(label_names) if label_names is not None else tuple(sorted(set(flat)))
        position = {name: k for k, name in enumerate(names)}
        unknown = next((v for v in flat if v not in position), None)
        if unknown is not None:
            raise DataError(f"labels: expected names out of label_names, got {unknown!r}; add it to label_names")
        return items, np.asarray([position[v] for v in flat], np.int64), names
    raise DataError(
        f"labels: expected lists of label names or of label indices, got a mix of {', '.join(sorted(kinds))}; use one of the two"
    )
