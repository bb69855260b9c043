"""How many cells of each label and split are given and predicted how: what is known of all cells without an audit."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import scipy.sparse as sp

from labelscope.audit.metrics import CODES
from labelscope.compute.executor import row_blocks
from labelscope.data.labels import POSITIVE, UNKNOWN, LabelMatrix

__all__ = ["ancestors_too", "closed_labels", "confusion_counts", "pair_counts"]


def confusion_counts(labels: LabelMatrix, said: sp.csr_matrix, part: np.ndarray) -> np.ndarray:
    """Known cells by part of the items, label and code (:mod:`labelscope.audit.metrics`), int64 (n_parts, n_labels, CODES).

    Parameters
    ----------
    labels : LabelMatrix
    said : bool csr_matrix (n_items, n_labels)
        What the model says is positive.
    part : int array of shape (n_items,)
        Number of the part of each item.
    """
    n_labels, n_parts = labels.shape[1], int(part.max(initial=0)) + 1
    found = np.zeros((n_parts, n_labels, CODES), np.int64)
    for block in row_blocks(labels.shape[0], n_labels * 32):
        found += _count(labels.dense(block), said[block].toarray().astype(np.int8), part[block], (n_parts, n_labels, CODES))
    return found


def pair_counts(labels: LabelMatrix, said: Mapping[str, sp.csr_matrix]) -> dict[tuple[str, str], np.ndarray]:
    """Known cells by label and by what was given, what the one model says, and what the other says, for each two models.

    Returns
    -------
    dict of (name, name) to int64 (n_labels, 2 * CODES)
        Code: four times the given state, plus twice what the first says, plus what the second says.
    """
    n_labels = labels.shape[1]
    pairs = list(combinations(said, 2))
    found = {pair: np.zeros((1, n_labels, 2 * CODES), np.int64) for pair in pairs}
    for block in row_blocks(labels.shape[0], n_labels * 32):
        states = labels.dense(block)
        told = {name: matrix[block].toarray().astype(np.int8) for name, matrix in said.items()}
        whole = np.zeros(len(states), np.int64)
        for one, other in pairs:
            found[one, other] += _count(states, 2 * told[one] + told[other], whole, (1, n_labels, 2 * CODES))
    return {pair: counts[0] for pair, counts in found.items()}


def ancestors_too(said: sp.csr_matrix, edges: np.ndarray) -> sp.csr_matrix:
    """Positives with all that they imply: the ancestors of a positive label are positive.

    Parameters
    ----------
    said : bool csr_matrix (n_items, n_labels)
    edges : int64 array of shape (n_edges, 2)
        Rows of (parent, child).
    """
    n_labels = said.shape[1]
    step = sp.csr_matrix((np.ones(len(edges), bool), (edges[:, 1], edges[:, 0])), shape=(n_labels, n_labels))
    closed, before = sp.csr_matrix(said, dtype=bool), -1
    while closed.nnz != before:  # as often as the tree is deep
        before = closed.nnz
        closed = sp.csr_matrix(closed + closed @ step, dtype=bool)
        closed.eliminate_zeros()
    return closed


def closed_labels(labels: LabelMatrix, edges: np.ndarray) -> LabelMatrix:
    """Labels in which the ancestors of a positive label are positive."""
    added = sp.coo_matrix(ancestors_too(labels.positives, edges).astype(np.int8) - labels.positives.astype(np.int8))
    chosen = added.data > 0
    return labels.replace(added.row[chosen], added.col[chosen], np.full(int(chosen.sum()), POSITIVE))


def _count(states: np.ndarray, said: np.ndarray, part: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    n_parts, n_labels, n_codes = shape
    at = (part[:, None] * n_labels + np.arange(n_labels)) * n_codes + (n_codes // 2) * (states == POSITIVE) + said
    return np.bincount(at[states != UNKNOWN], minlength=n_parts * n_labels * n_codes).reshape(shape)
