"""How many items each pair of labels has in common.

Where items carry few labels, as is usual, their pairs are written down and counted: half the work of a sparse product, which
finds each pair twice and the labels themselves too, and its result comes in order. A product does the rest.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp

__all__ = ["count_together"]

MOST_LABELS = 24  # of an item whose pairs are written down
CHUNK = 8_000_000  # pairs at a time
TALLY = 4 * CHUNK  # cells of a table of all pairs that is filled rather than sorted for


def count_together(positives: sp.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of columns with a row in common, and how many they have.

    Parameters
    ----------
    positives : scipy.sparse.csr_matrix of bool, shape (n_items, n_labels)
        Without duplicates.

    Returns
    -------
    keys : int64, shape (n_pairs,)
        a * n_labels + b with a < b, ascending.
    counts : int64, shape (n_pairs,)

    Examples
    --------
    >>> keys, counts = count_together(sp.csr_matrix(np.array([[1, 1, 0], [1, 1, 1]], bool)))
    >>> keys.tolist(), counts.tolist()
    ([1, 2, 5], [2, 1, 1])
    """
    if not positives.has_sorted_indices:
        positives = positives.sorted_indices()
    sizes, n_labels = np.diff(positives.indptr), positives.shape[1]
    parts = [_reduced(keys, n_labels) for keys in _written_down(positives, sizes, n_labels)]
    many = np.flatnonzero(sizes > MOST_LABELS)
    if len(many):
        parts.append(_product(positives if len(many) == len(sizes) else positives[many]))
    if not parts:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return parts[0] if len(parts) == 1 else _summed(parts)


def _written_down(positives: sp.csr_matrix, sizes: np.ndarray, n_labels: int) -> Iterator[np.ndarray]:
    """Keys of the pairs of the items with few labels, in chunks."""
    dtype = np.int32 if n_labels**2 < 1 << 31 else np.int64
    waiting: list[np.ndarray] = []
    n_waiting = 0
    for size in range(2, MOST_LABELS + 1):
        starts = positives.indptr[:-1][sizes == size]
        step = max(1, 2 * CHUNK // (size * (size - 1)))
        for first in range(0, len(starts), step):
            columns = [positives.indices[starts[first : first + step] + k].astype(dtype) for k in range(size)]
            for i in range(size - 1):
                left = columns[i] * dtype(n_labels)
                waiting.extend(left + columns[j] for j in range(i + 1, size))
            n_waiting += len(columns[0]) * size * (size - 1) // 2
            if n_waiting >= CHUNK:
                yield np.concatenate(waiting)
                waiting, n_waiting = [], 0
    if waiting:
        yield np.concatenate(waiting)


def _reduced(keys: np.ndarray, n_labels: int) -> tuple[np.ndarray, np.ndarray]:
    """Distinct keys in order, and how often each occurs."""
    if n_labels**2 <= min(TALLY, 8 * len(keys)):
        counts = np.bincount(keys, minlength=n_labels**2)
        found = np.flatnonzero(counts)
        return found, counts[found]
    keys.sort()
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    return keys[first].astype(np.int64), np.diff(np.append(first, len(keys)))


def _product(positives: sp.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    counted = positives.astype(np.int32)
    together = counted.T.tocsr() @ counted
    together.sort_indices()
    rows = np.repeat(np.arange(together.shape[0]), np.diff(together.indptr))
    kept = together.indices > rows
    return rows[kept] * positives.shape[1] + together.indices[kept], together.data[kept].astype(np.int64)


def _summed(parts: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    keys, counts = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    return keys[first], np.add.reduceat(counts[order], first)
