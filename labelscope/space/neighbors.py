"""The nearest neighbours of every item by cosine similarity: kNN votes, explanations, duplicates and the map.

Exact up to `EXACT_LIMIT` (about 100,000 items of 384 features), NN-descent (pynndescent) above. On two cores
NN-descent itself takes seconds, but compiling it takes most of a minute in every process and it misses one
neighbour in ten at its default width, so the exact search wins far beyond the size where its cost, quadratic in
n_items, would suggest (``benchmarks/RESULTS.md``).

The exact search multiplies each pair once and keeps both sides of it (:mod:`labelscope.space.top_k_kernel`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelscope.compute.cache import cached, content_key
from labelscope.compute.executor import row_blocks
from labelscope.compute.progress import advance
from labelscope.errors import StageError

__all__ = ["EXACT_LIMIT", "Neighbors", "exact_neighbors", "largest_of_rows", "nearest", "nearest_to", "unit_rows"]

EXACT_LIMIT = 4e12  # n_items^2 * n_features up to which every pair is compared
STAGE = "neighbours"
SHARED = 25  # every search finds at least so many: votes, reasons, explanations and the map share one search
SMALL = 10_000  # n_items up to which compiling the scan would cost more than it saves
BLOCK = 4096  # rows and columns of a tile of similarities: 67 MB
NOTHING = -2.0  # below every cosine
SAMPLED = 8  # one column in so many tells how high a row's largest values are


@dataclass(frozen=True, eq=False)
class Neighbors:
    """The nearest neighbours of each item, nearest first, the item itself left out.

    Attributes
    ----------
    indices : int32, shape (n_items, k)
        Rows of the neighbours. Every row is full: k is at most n_items - 1.
    similarities : float32, shape (n_items, k)
        Cosine similarity in [-1, 1], falling along each row; 0 where either vector is zero.
    """

    indices: np.ndarray
    similarities: np.ndarray

    @property
    def k(self) -> int:
        """Neighbours an item."""
        return int(self.indices.shape[1])


def nearest(X: np.ndarray, k: int = 15, *, seed: int = 0) -> Neighbors:
    """The `k` nearest neighbours of each row of `X` by cosine similarity.

    Parameters
    ----------
    X : array of float, shape (n_items, n_features)
        float16 to float64; a memory map is read block by block. Zero rows are legal: they are like nothing.
    k : int
        At least 1; with n_items <= k, every row holds all n_items - 1 others.
    seed : int
        Of the approximate search; the exact one needs none.

    Returns
    -------
    Neighbors
        Kept by content, so that the next call with the same rows reads it from the disk.

    Raises
    ------
    StageError
        If `X` is not two-dimensional or not finite.

    Notes
    -----
    Approximate search: W. Dong, C. Moses, K. Li, *Efficient k-nearest neighbor graph construction for generic
    similarity measures* (WWW 2011), as in pynndescent, with at least 30 candidates an item (recall@15 0.97 on
    54,643 sentence embeddings); similarities are recomputed exactly.

    Examples
    --------
    >>> found = nearest(np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0]]), k=1)
    >>> found.indices.ravel().tolist()
    [1, 0, 1]
    """
    if X.ndim != 2:
        raise StageError(f"neighbours: expected an array of shape (n_items, n_features), got {X.shape}")
    n_items, n_features = X.shape
    k = min(k, n_items - 1)
    if k < 1:
        return Neighbors(np.empty((n_items, 0), np.int32), np.empty((n_items, 0), np.float32))
    exact = float(n_items) ** 2 * n_features <= EXACT_LIMIT
    width = min(max(k, SHARED), n_items - 1)

    def search() -> dict[str, np.ndarray]:
        unit = unit_rows(X)
        indices, similarities = exact_neighbors(unit, width) if exact else _descent(unit, width, seed)
        return {"indices": indices, "similarities": similarities}

    found = cached(content_key("nearest", 1, X, width, None if exact else seed), search)
    return Neighbors(found["indices"][:, :k], found["similarities"][:, :k])


def nearest_to(X: np.ndarray, rows: np.ndarray, k: int = 15, *, seed: int = 0) -> Neighbors:
    """The `k` nearest neighbours of some rows of `X` by cosine similarity, among all of them.

    For a few thousand items of a large set, whose neighbours a reason counts: each is compared with all, which costs
    their share of the whole search. The whole search is done where it is quick, or where the few are many.

    Parameters
    ----------
    X : array of float, shape (n_items, n_features)
    rows : array of int, shape (n_rows,)
        In any order; one that is named twice comes back twice.
    k, seed : int
        As for :func:`nearest`.

    Returns
    -------
    Neighbors
        Of `rows`, in their order: arrays of shape (n_rows, k). Kept by content.

    Raises
    ------
    StageError
        As :func:`nearest`.

    Examples
    --------
    >>> nearest_to(np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0]]), np.array([2]), k=1).indices.tolist()
    [[1]]
    """
    asked, place = np.unique(np.asarray(rows, np.int64), return_inverse=True)
    n_items = len(X)
    few = n_items > SMALL and 4 * len(asked) <= n_items and float(len(asked)) * X.size <= EXACT_LIMIT / 4
    if X.ndim != 2 or not few:
        near = nearest(X, k, seed=seed)
        return Neighbors(near.indices[rows], near.similarities[rows])
    width = max(k, SHARED)
    found = cached(content_key("nearest to", 1, X, asked, width), lambda: _to(unit_rows(X), asked, width))
    return Neighbors(found["indices"][place, :k], found["similarities"][place, :k])


def unit_rows(X: np.ndarray) -> np.ndarray:
    """The rows of `X` scaled to length 1 as float32; zero rows stay zero.

    Raises
    ------
    StageError
        If a row is not finite.
    """
    unit = np.empty(X.shape, np.float32)
    for block in row_blocks(len(X), X.shape[1] * 8):
        rows = np.asarray(X[block], np.float64 if X.dtype == np.float64 else np.float32)
        peak = np.abs(rows).max(axis=1, keepdims=True)  # first, so that squaring neither overflows nor underflows
        if not np.isfinite(peak).all():
            row = block.start + int(np.flatnonzero(~np.isfinite(peak[:, 0]))[0])
            raise StageError(f"neighbours: expected finite features, got NaN or infinity in row {row}; drop or recompute it")
        rows = rows / np.where(peak > 0, peak, 1)
        norm = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
        unit[block] = rows / np.where(norm > 0, norm, 1)
    return unit


def exact_neighbors(unit: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices and cosine similarities of the `k` nearest of each of the unit rows, (n_rows, k) each, by comparing all with all."""
    return _by_rows(unit, k) if len(unit) <= SMALL else _by_pairs(unit, k)


def _by_rows(unit: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Each row against all: twice the products, nothing to compile and no library to load."""
    found = _to(unit, np.arange(len(unit)), k)
    return found["indices"], found["similarities"]


def _to(unit: np.ndarray, rows: np.ndarray, k: int) -> dict[str, np.ndarray]:
    """Some rows against all."""
    indices, similarities = np.empty((len(rows), k), np.int32), np.empty((len(rows), k), np.float32)
    for block in row_blocks(len(rows), len(unit) * 4):
        cosines = unit[rows[block]] @ unit.T
        cosines[np.arange(len(cosines)), rows[block]] = NOTHING
        indices[block], similarities[block] = largest_of_rows(cosines, k)
        advance(STAGE, min(block.stop, len(rows)) / len(rows))
    return {"indices": indices, "similarities": similarities.clip(-1, 1)}


def largest_of_rows(values: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Columns and values of the k largest of each row, largest first.

    A floor is read off a sample of the columns, and only what reaches it is sorted out: four times faster than a
    partition of whole rows. Rows in which too few or far too many values reach their floor are partitioned whole.
    """
    n_rows, n_columns = values.shape
    if n_columns < SAMPLED * (k + SAMPLED):
        return _partitioned(values, k)
    sample = values[:, ::SAMPLED]
    rank = sample.shape[1] - (2 * k // SAMPLED + 6)  # about 2 k + 50 columns reach the floor
    floor = np.partition(sample, rank, axis=1)[:, rank]
    reached = values >= floor[:, None]
    counts = np.count_nonzero(reached, axis=1)
    odd = (counts < k) | (counts > SAMPLED * (k + SAMPLED))
    reached[odd] = False
    best, largest = np.empty((n_rows, k), np.int64), np.empty((n_rows, k), np.float32)
    best[odd], largest[odd] = _partitioned(values[odd], k)
    reaching = np.flatnonzero(reached)
    row, column = np.divmod(reaching, n_columns)
    counts[odd] = 0
    place = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    candidates = np.full((n_rows, max(k, counts.max())), NOTHING, np.float32)
    columns = np.zeros(candidates.shape, np.int64)
    candidates[row, place], columns[row, place] = values.ravel()[reaching], column
    among, values_ = _partitioned(candidates[~odd], k)
    best[~odd], largest[~odd] = np.take_along_axis(columns[~odd], among, axis=1), values_
    return best, largest


def _partitioned(values: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The same by a partition of whole rows; of equal values those in front."""
    least = np.partition(values, values.shape[1] - k, axis=1)[:, [values.shape[1] - k]]
    chosen, equal = values > least, values == least
    missing = k - np.count_nonzero(chosen, axis=1)
    chosen |= equal & (np.cumsum(equal, axis=1, dtype=np.int32) <= missing[:, None])
    best = np.nonzero(chosen)[1].reshape(-1, k)
    largest = np.take_along_axis(values, best, axis=1)
    order = np.argsort(-largest, axis=1, kind="stable")
    return np.take_along_axis(best, order, axis=1), np.take_along_axis(largest, order, axis=1)


def _by_pairs(unit: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Each pair once; a compiled scan keeps what beats the worst neighbour that either side has so far."""
    import torch

    from labelscope.space.top_k_kernel import offer

    rows = torch.from_numpy(unit)
    indices, similarities = np.full((len(unit), k), -1, np.int32), np.full((len(unit), k), NOTHING, np.float32)
    worst = similarities[:, -1].copy()
    for start in range(0, len(unit), BLOCK):
        block = rows[start : start + BLOCK]
        for left in range(start, len(unit), BLOCK):
            tile = (block @ rows[left : left + BLOCK].T).numpy()
            offer(tile, start, left, indices, similarities, worst)
        done = min(1.0, (start + BLOCK) / len(unit))
        advance(STAGE, done * (2 - done))
    return indices, similarities.clip(-1, 1)


def _descent(unit: np.ndarray, k: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    from pynndescent import NNDescent

    advance(STAGE, 0.0)
    width = max(30, k + 1)
    graph, _ = NNDescent(unit, metric="cosine", n_neighbors=width, random_state=seed, n_jobs=-1, compressed=False).neighbor_graph
    indices = np.empty((len(unit), k), np.int32)
    similarities = np.empty((len(unit), k), np.float32)
    for block in row_blocks(len(unit), width * unit.shape[1] * 4):
        found = graph[block]
        cosines = np.einsum("ij,ikj->ik", unit[block], unit[found])
        own = np.arange(block.start, block.stop)
        cosines[(found == own[:, None]) | (found < 0)] = NOTHING
        for row in np.flatnonzero((cosines > NOTHING).sum(axis=1) < k):  # the descent left a hole: compare with everything
            everything = unit @ unit[own[row]]
            everything[own[row]] = NOTHING
            found[row] = np.argsort(-everything, kind="stable")[:width]
            cosines[row] = everything[found[row]]
        order = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
        indices[block] = np.take_along_axis(found, order, axis=1)
        similarities[block] = np.take_along_axis(cosines, order, axis=1)
    return indices, similarities.clip(-1, 1)
