"""Counts of label pairs, each over the items where both labels are known: the ground under every pair statistic.

One sparse product gives the items with both labels. Unknown cells are no negatives, so the counts of each single
label and the number of items shrink, pair by pair, to the items where the other label is known too; that takes
sparse products as well, read at the listed pairs only. Where nothing is unknown none of that is computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
import scipy.sparse as sp

from labelscope.data.labels import NEGATIVE, LabelMatrix
from labelscope.stats.pair_counts import count_together

__all__ = ["EXPECTED_LEAST", "LabelPairs", "count_given_pairs", "count_pairs"]

EXPECTED_LEAST = 3.0  # with fewer expected, an absence is no evidence: P(none) = exp(-expected) > .05
BLOCK_CELLS = 16_000_000  # of a dense block of label x label counts
MOST_LABELS = 20_000  # all pairs of which are counted
SPARSE = 20  # cells an entry from which on looking up costs less than filling


@dataclass(frozen=True, eq=False)
class LabelPairs:
    """Counts of pairs of labels.

    Attributes
    ----------
    a, b : int64, shape (n_pairs,)
        Label columns.
    n_a, n_b, n_ab, n_known : int64, shape (n_pairs,)
        Items with a, with b, with both; and items counted: those where both labels are known.
    """

    a: np.ndarray
    b: np.ndarray
    n_a: np.ndarray
    n_b: np.ndarray
    n_ab: np.ndarray
    n_known: np.ndarray

    @property
    def expected(self) -> np.ndarray:
        """Items with both labels if the two were independent, float64 (n_pairs,)."""
        return self.n_a * (self.n_b / np.maximum(self.n_known, 1))

    def select(self, rows: np.ndarray | slice) -> LabelPairs:
        """The pairs at `rows` (positions, a mask or a slice)."""
        return LabelPairs(self.a[rows], self.b[rows], self.n_a[rows], self.n_b[rows], self.n_ab[rows], self.n_known[rows])

    def swapped(self) -> LabelPairs:
        """The same pairs the other way round: a is b and b is a."""
        return LabelPairs(self.b, self.a, self.n_b, self.n_a, self.n_ab, self.n_known)

    @staticmethod
    def concatenate(parts: Sequence[LabelPairs]) -> LabelPairs:
        """The pairs of all parts, in their order."""
        return LabelPairs(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(LabelPairs)))


def count_pairs(labels: LabelMatrix) -> LabelPairs:
    """All pairs of labels with an item in common, and those with none where at least three were to be expected."""
    labels = _with_known_cells(labels)
    width = labels.shape[1]
    present, n_ab = count_together(labels.positives)
    missing = _absent(labels, present)
    flat = np.concatenate([present, missing])
    a, b = flat // width, flat % width
    n_ab = np.concatenate([n_ab, np.zeros(len(missing), np.int64)])
    pairs = LabelPairs(a, b, *_margins(labels, a, b), n_ab=n_ab, n_known=_n_known(labels, a, b))
    return pairs.select((pairs.n_ab > 0) | (pairs.expected >= EXPECTED_LEAST)) if len(missing) else pairs


def count_given_pairs(labels: LabelMatrix, a: np.ndarray, b: np.ndarray) -> LabelPairs:
    """Counts of the given pairs of label columns, in their order."""
    labels = _with_known_cells(labels)
    n_ab = _product_at(labels.positives, labels.positives, a, b)
    return LabelPairs(a, b, *_margins(labels, a, b), n_ab=n_ab, n_known=_n_known(labels, a, b))


def _absent(labels: LabelMatrix, present: np.ndarray) -> np.ndarray:
    """Keys of pairs without a common item that may be expected to have three; `present` holds those that have one, ascending."""
    found = [np.zeros(0, np.int64)]
    for a, b in _expectable(labels):
        flat = np.minimum(a, b) * labels.shape[1] + np.maximum(a, b)
        if len(present):
            place = np.minimum(np.searchsorted(present, flat), len(present) - 1)
            flat = flat[present[place] != flat]
        if labels.has_unknown:
            flat = flat[_expected(labels, flat // labels.shape[1], flat % labels.shape[1]) >= EXPECTED_LEAST]
        found.append(flat)
    return np.sort(np.concatenate(found))


def _expected(labels: LabelMatrix, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    n_a, n_b = _margins(labels, a, b)
    return np.asarray(n_a * (n_b / np.maximum(_n_known(labels, a, b), 1)))


def _expectable(labels: LabelMatrix) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs of labels that may be expected to have three items in common, in blocks; whether they are is counted later.

    Few items know both of two labels where much is unknown, so that even rare labels may be expected together there: then
    all pairs are taken, up to 20,000 labels.
    """
    counts = labels.n_positive
    known = labels.shape[0] - int(np.sort(labels.n_unknown)[-2:].sum())  # at least so many items know any two labels
    able = np.flatnonzero(counts >= EXPECTED_LEAST)  # no more are expected together than the rarer label has
    if 2 * known >= labels.shape[0] or len(able) > MOST_LABELS:
        yield from _frequent_pairs(counts, EXPECTED_LEAST * max(known, labels.shape[0] // 2))
        return
    yield from _leading(able, np.arange(len(able))[::-1], BLOCK_CELLS // 4)


def _frequent_pairs(counts: np.ndarray, least: float) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs of labels whose counts have a product of at least `least`, in blocks."""
    order = np.argsort(-counts, kind="stable")
    ordered = counts[order]
    # how many labels, from the most frequent on, make a product large enough with label i
    reach = np.searchsorted(-ordered, -least / np.maximum(ordered, 1e-9), side="right")
    yield from _leading(order, np.maximum(0, reach - np.arange(1, len(order) + 1)), BLOCK_CELLS)


def _leading(order: np.ndarray, partners: np.ndarray, budget: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs of each label with the `partners` ones that come next in the order, in blocks of about `budget` pairs."""
    ends = np.cumsum(partners)
    first = 0
    while first < len(order) and partners[first]:
        last = max(first + 1, int(np.searchsorted(ends, (ends[first - 1] if first else 0) + budget)))
        each = partners[first:last]
        rows = np.repeat(np.arange(first, last), each)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(each) - each, each)
        yield order[rows], order[rows + 1 + within]
        first = last


def _with_known_cells(labels: LabelMatrix) -> LabelMatrix:
    """The items with a known cell: the others (whose label list is null) take no part in any pair."""
    known = labels.known_items
    return labels if known.all() else LabelMatrix(labels.positives[known], labels.exceptions[known], labels.default)


def _margins(labels: LabelMatrix, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Items with a, and items with b, among those where the other label is known."""
    counts, positives, exceptions = labels.n_positive, labels.positives, labels.exceptions
    if labels.default == NEGATIVE:
        if not exceptions.nnz:
            return counts[a], counts[b]
        return counts[a] - _product_at(positives, exceptions, a, b), counts[b] - _product_at(exceptions, positives, a, b)
    known = positives + exceptions
    return _product_at(positives, known, a, b), _product_at(known, positives, a, b)


def _n_known(labels: LabelMatrix, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Items where both labels are known."""
    exceptions = labels.exceptions
    if labels.default != NEGATIVE:
        known = labels.positives + exceptions
        return _product_at(known, known, a, b)
    if not exceptions.nnz:
        return np.full(len(a), labels.shape[0], np.int64)
    unknown = labels.n_unknown
    return labels.shape[0] - unknown[a] - unknown[b] + _product_at(exceptions, exceptions, a, b)


def _product_at(left: sp.csr_matrix, right: sp.csr_matrix, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(leftᵀ right)[a, b] of two boolean matrices, at the given places, in blocks of rows of the product."""
    columns, right = left.astype(np.int32).T.tocsr(), right.astype(np.int32)
    used, place = np.unique(a, return_inverse=True)
    order = np.argsort(place, kind="stable")
    out = np.empty(len(a), np.int64)
    step = max(1, BLOCK_CELLS // right.shape[1])
    for start in range(0, len(used), step):
        rows = order[slice(*np.searchsorted(place[order], [start, start + step]))]
        block = columns[used[start : start + step]] @ right
        out[rows] = _cells_of(block, place[rows] - start, b[rows])
    return out


def _cells_of(block: sp.csr_matrix, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Values at (i, j): looked up in a dense copy, or among the entries where they are few."""
    if block.nnz * SPARSE > block.shape[0] * block.shape[1]:
        return np.asarray(block.toarray()[i, j])
    if not block.nnz:
        return np.zeros(len(i), np.int64)
    block.sort_indices()
    width = block.shape[1]
    keys = np.repeat(np.arange(block.shape[0], dtype=np.int64), np.diff(block.indptr)) * width + block.indices
    wanted = i.astype(np.int64) * width + j
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, block.data[at], 0)
