"""Cross-fitted ridge regression of all labels at once, in one pass over the items.

Each fold's Gram matrix XᵀX and moments XᵀY are summed once; the training sums of a fold are the totals minus its
own. One eigendecomposition a fold then serves a whole grid of penalties, whose out-of-fold squared error follows
from the same sums, so choosing the penalty costs no further pass. Source: the closed form of ridge regression
(Hoerl and Kennard 1970); on frozen embeddings it matches a logistic head at a small share of its time.

Unknown cells take no part: they are filled with the current out-of-fold fit and refitted until nothing moves, which
has the complete-case solution as its fixed point (Healy and Westmacott 1956) and keeps one Gram matrix for all labels.

With fewer items than features, all of it happens in the span of the items: a rotation there (one QR decomposition) loses
nothing, since the weights of a ridge lie in that span, and every matrix is as small as the number of items.
"""

from __future__ import annotations

import os
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from labelscope.compute.executor import map_chunks, one_thread, row_blocks
from labelscope.compute.progress import advance
from labelscope.compute.span import rotate_to_span
from labelscope.data.labels import UNKNOWN, LabelMatrix
from labelscope.models.device import accelerator, product

__all__ = ["Heads", "cross_fit", "fit_heads", "score_rows"]

PENALTIES = 10.0 ** np.arange(-3.0, 2.5, 0.5)  # relative to the mean eigenvalue of the centred Gram matrix
OVERSHOOT = 10.0**0.5
"""Times the penalty of least out-of-fold error. That error is measured on the noisy labels and so rewards a head that
follows their noise; half a decade more finds more wrong labels on average over the real-noise sets."""
MAX_FILLS = 8
TOLERANCE = 5e-3  # of a fitted value in [0, 1], between two fills
THREADED = 200  # features from which a decomposition takes longer than starting a thread
WATCHED = 4096  # items whose fills tell whether anything still moves
SPARSE = 0.02  # share of unknown cells below which a sparse product beats a dense one


@dataclass
class _Gram:
    """Sums of the features of each fold."""

    outer: np.ndarray  # (n_folds, n_features, n_features): sum of x xᵀ
    total: np.ndarray  # (n_folds, n_features): sum of x
    sizes: np.ndarray  # (n_folds,)
    n_features: int  # of the items before any rotation: what a mean eigenvalue is a mean of

    def __add__(self, other: _Gram) -> _Gram:
        return _Gram(self.outer + other.outer, self.total + other.total, self.sizes + other.sizes, self.n_features)

    def scale(self, basis: _Basis) -> float:
        """Mean eigenvalue of the centred Gram matrix of a fold's complement: the unit of the penalties."""
        return float(basis.values.sum() / self.n_features)


@dataclass
class _Moments:
    """Sums of the targets of each fold, with the features and alone."""

    cross: np.ndarray  # (n_folds, n_features, n_labels): sum of x y
    total: np.ndarray  # (n_folds, n_labels): sum of y
    squares: np.ndarray  # (n_folds, n_labels): sum of y²

    def __add__(self, other: _Moments) -> _Moments:
        return _Moments(self.cross + other.cross, self.total + other.total, self.squares + other.squares)


@dataclass
class _Basis:
    """The eigenbasis of one fold's training Gram matrix, and the held-out Gram matrix in it."""

    values: np.ndarray  # (n_features,)
    vectors: np.ndarray  # (n_features, n_features)
    mean: np.ndarray  # (n_features,) of the training items
    held_out: np.ndarray  # (n_features, n_features), relative to the training mean


@dataclass
class _Training:
    """The targets of one fold's complement: moments in its eigenbasis, (n_features, n_labels), and means (n_labels,)."""

    cross: np.ndarray
    mean: np.ndarray


@dataclass
class Heads:
    """Linear heads of all labels, one for each fold that it must not see.

    Attributes
    ----------
    weights : float32, shape (n_folds, n_features, n_labels)
    intercepts : float32, shape (n_folds, n_labels)
    penalties : float64, shape (n_folds, n_labels)
        Of the squared weights, in the units of the Gram matrix of the centred features; the intercept has none.
    """

    weights: np.ndarray
    intercepts: np.ndarray
    penalties: np.ndarray

    def chosen(self, labels: slice) -> Heads:
        """The heads of some labels, as views."""
        return Heads(self.weights[:, :, labels], self.intercepts[:, labels], self.penalties[:, labels])


def cross_fit(
    features: np.ndarray, labels: LabelMatrix, folds: np.ndarray, executor: Executor | None = None, device: str | None = None
) -> np.ndarray:
    """Out-of-fold scores of all labels, float32 (n_items, n_labels), on the scale of the 0/1 targets.

    Parameters
    ----------
    features : array of shape (n_items, n_features)
    labels : LabelMatrix, shape (n_items, n_labels)
        Unknown cells take no part in training.
    folds : array of int, shape (n_items,)
    executor : concurrent.futures.Executor, optional
        Where the blocks of items are summed up; the chunks, and so the answer, do not depend on it.
    device : str, optional
        A torch device for the large products; default: a GPU where there is one and enough to do, and no executor.
    """
    if device is None and executor is None:
        n_items, n_features = features.shape
        device = accelerator(n_items * n_features * float(n_features + labels.shape[1]))
    heads = fit_heads(features, labels, folds, executor, device)
    scores = np.empty(labels.shape, np.float32)
    for block in row_blocks(len(features), 4 * sum(features.shape[1:] + labels.shape[1:])):
        scores[block] = score_rows(features[block], folds[block], heads, device)
        advance("predict", 0.4 + 0.4 * block.stop / len(features))
    return scores


def fit_heads(
    features: np.ndarray, labels: LabelMatrix, folds: np.ndarray, executor: Executor | None = None, device: str | None = None
) -> Heads:
    """The heads that :func:`cross_fit` scores with, one for each fold that it must not see. Parameters as there."""
    n_items, n_features = features.shape
    if n_items >= n_features:
        return _fit(features, labels, folds, n_features, executor, device)
    axes, rotated = rotate_to_span(features)
    heads = _fit(rotated.astype(np.float32), labels, folds, n_features, executor, device)
    weights = np.stack([axes.astype(np.float32) @ of_fold for of_fold in heads.weights])
    return Heads(weights, heads.intercepts, heads.penalties)


def _fit(
    features: np.ndarray, labels: LabelMatrix, folds: np.ndarray, n_features: int, executor: Executor | None, device: str | None
) -> Heads:
    """Heads on the features as they are; the penalties are relative to the mean of `n_features` eigenvalues."""
    gram, moments = _sum_all(features, labels, folds, n_features, executor, device)
    bases = _decompose_all(gram)
    if labels.has_unknown:
        return _fill_unknown(features, labels, folds, gram, bases, moments, executor)
    return _solve(gram, bases, moments, _choose(gram, bases, moments))


def _sum_all(
    features: np.ndarray, labels: LabelMatrix, folds: np.ndarray, n_features: int, executor: Executor | None, device: str | None
) -> tuple[_Gram, _Moments]:
    """Sums of the features, and moments of the positives (all other targets are zero), in one pass: each block travels once."""
    (n_items, width), n_folds, n_labels = features.shape, int(folds.max()) + 1, labels.shape[1]
    gram = _Gram(np.zeros((n_folds, width, width)), np.zeros((n_folds, width)), np.zeros(n_folds), n_features)
    moments = _Moments(np.zeros((n_folds, width, n_labels)), np.zeros((n_folds, n_labels)), np.zeros((n_folds, n_labels)))
    blocks = list(row_blocks(n_items, 8 * width))
    chunks = ((features[block], labels.positives[block].astype(np.float32), folds[block], n_folds, n_features, device) for block in blocks)
    for block, (of_features, of_targets) in zip(blocks, map_chunks(_sums, chunks, executor), strict=True):
        gram, moments = gram + of_features, moments + of_targets
        advance("predict", 0.3 * block.stop / n_items)
    return gram, moments


def _sums(chunk: tuple[np.ndarray, sp.csr_matrix, np.ndarray, int, int, str | None]) -> tuple[_Gram, _Moments]:
    rows, targets, marks, n_folds, n_features, device = chunk
    return _feature_sums(rows, marks, n_folds, n_features, device), _target_sums(rows, targets, marks, n_folds)


def _feature_sums(rows: np.ndarray, marks: np.ndarray, n_folds: int, n_features: int, device: str | None) -> _Gram:
    parts = [np.asarray(rows[marks == fold], np.float32) for fold in range(n_folds)]
    return _Gram(
        np.stack([product(x.T, x, device) for x in parts]).astype(np.float64),
        np.stack([x.sum(axis=0, dtype=np.float64) for x in parts]),
        np.asarray([len(x) for x in parts], np.float64),
        n_features,
    )


def _sum_fills(features: np.ndarray, labels: LabelMatrix, folds: np.ndarray, heads: Heads, executor: Executor | None) -> _Moments:
    """Moments of the fits that stand in for unknown cells."""
    blocks = row_blocks(len(features), 8 * sum(features.shape[1:] + labels.shape[1:]))
    chunks = ((features[block], labels.rows(block), folds[block], heads) for block in blocks)
    parts = map_chunks(_fill_sums, chunks, executor)
    total = next(parts)
    for part in parts:
        total = total + part
    return total


def _target_sums(rows: np.ndarray, targets: sp.csr_matrix, marks: np.ndarray, n_folds: int) -> _Moments:
    n_labels = targets.shape[1]
    column = np.repeat(marks * n_labels, np.diff(targets.indptr)) + targets.indices  # a column a fold and label: one product for all folds
    spread = sp.csr_matrix((targets.data, column, targets.indptr), shape=(len(rows), n_folds * n_labels))
    cross = np.asarray(spread.T @ np.asarray(rows, np.float32), np.float64)
    values = targets.data.astype(np.float64)
    total, squares = (np.bincount(column, w, n_folds * n_labels).reshape(n_folds, n_labels) for w in (values, values**2))
    return _Moments(cross.reshape(n_folds, n_labels, -1).transpose(0, 2, 1), total, squares)


def _fill_sums(chunk: tuple[np.ndarray, LabelMatrix, np.ndarray, Heads]) -> _Moments:
    rows, labels, marks, heads = chunk
    rows, n_folds = np.asarray(rows, np.float32), len(heads.weights)
    fills = np.where(labels.dense() == UNKNOWN, score_rows(rows, marks, heads), np.float32(0))
    if np.count_nonzero(fills) < SPARSE * fills.size:
        return _target_sums(rows, sp.csr_matrix(fills), marks, n_folds)
    parts = [(rows[marks == fold], fills[marks == fold]) for fold in range(n_folds)]
    return _Moments(
        np.stack([x.T @ y for x, y in parts]).astype(np.float64),
        np.stack([y.sum(axis=0, dtype=np.float64) for _, y in parts]),
        np.stack([np.einsum("ik,ik->k", y, y, dtype=np.float64) for _, y in parts]),
    )


def _decompose_all(gram: _Gram) -> list[_Basis]:
    """Bases of all folds, each in a thread of its own: LAPACK's threads would wait for each other longer than they compute."""
    folds = range(len(gram.sizes))
    workers = min(len(folds), os.cpu_count() or 1) if gram.total.shape[1] >= THREADED else 1
    with one_thread():
        if workers == 1:
            return [_decompose(gram, fold) for fold in folds]
        with ThreadPoolExecutor(workers) as pool:
            return list(pool.map(_decompose, [gram] * len(folds), folds))


def _decompose(gram: _Gram, fold: int) -> _Basis:
    others = np.arange(len(gram.sizes)) != fold
    n = gram.sizes[others].sum()
    mean = gram.total[others].sum(axis=0) / n
    values, vectors = np.linalg.eigh(gram.outer[others].sum(axis=0) - n * np.outer(mean, mean))
    values = np.maximum(values, 0) + 1e-9 * max(values[-1], 1e-12)
    shift = np.outer(mean, gram.total[fold])
    held_out = gram.outer[fold] - shift - shift.T + gram.sizes[fold] * np.outer(mean, mean)
    return _Basis(values, vectors, mean, vectors.T @ held_out @ vectors)


def _rotate(gram: _Gram, bases: list[_Basis], moments: _Moments) -> list[_Training]:
    """The training sums of the targets of each fold's complement, centred and in its eigenbasis."""
    trainings = []
    for fold, basis in enumerate(bases):
        others = np.arange(len(bases)) != fold
        n = gram.sizes[others].sum()
        mean = moments.total[others].sum(axis=0) / n
        cross = moments.cross[others].sum(axis=0) - n * np.outer(basis.mean, mean)
        trainings.append(_Training(basis.vectors.T @ cross, mean))
    return trainings


def _choose(gram: _Gram, bases: list[_Basis], moments: _Moments) -> np.ndarray:
    """Penalty of each label, (n_labels,), relative to the mean eigenvalue."""
    n_labels = moments.total.shape[1]
    errors = np.zeros((len(PENALTIES), n_labels))
    for fold, (basis, training) in enumerate(zip(bases, _rotate(gram, bases, moments), strict=True)):
        for part in row_blocks(n_labels, 8 * len(PENALTIES) * len(basis.values)):
            errors[:, part] += _held_out_errors(gram, basis, moments, fold, training, part)
    return np.asarray(PENALTIES[errors.argmin(axis=0)] * OVERSHOOT)


def _solve(gram: _Gram, bases: list[_Basis], moments: _Moments, penalties: np.ndarray) -> Heads:
    """Weights of each fold's complement."""
    n_folds, n_features, n_labels = moments.cross.shape
    shape = (n_folds, n_labels)
    heads = Heads(np.empty((n_folds, n_features, n_labels), np.float32), np.empty(shape, np.float32), np.empty(shape))
    for fold, (basis, training) in enumerate(zip(bases, _rotate(gram, bases, moments), strict=True)):
        heads.penalties[fold] = penalties * gram.scale(basis)
        weights = basis.vectors @ (training.cross / (basis.values[:, None] + heads.penalties[fold]))
        heads.weights[fold] = weights
        heads.intercepts[fold] = training.mean - basis.mean @ weights
    return heads


def _held_out_errors(gram: _Gram, basis: _Basis, moments: _Moments, fold: int, training: _Training, part: slice) -> np.ndarray:
    """Squared error of each penalty and some labels on the held-out fold, (n_penalties, n_chosen), from sums alone."""
    n, total, targets, mean = gram.sizes[fold], gram.total[fold], moments.total[fold, part], training.mean[part]
    cross = moments.cross[fold][:, part] - np.outer(basis.mean, targets) - np.outer(total - n * basis.mean, mean)
    square = moments.squares[fold, part] - 2 * mean * targets + n * mean**2
    shrunk = 1 / (basis.values[:, None] + PENALTIES * gram.scale(basis))
    weights = training.cross[:, None, part] * shrunk[:, :, None]  # (n_features, n_penalties, n_chosen)
    spread = (basis.held_out @ weights.reshape(len(weights), -1)).reshape(weights.shape)
    spread -= 2 * (basis.vectors.T @ cross)[:, None]
    return np.asarray(np.einsum("dpk,dpk->pk", weights, spread) + square)


def _fill_unknown(
    features: np.ndarray,
    labels: LabelMatrix,
    folds: np.ndarray,
    gram: _Gram,
    bases: list[_Basis],
    moments: _Moments,
    executor: Executor | None,
) -> Heads:
    """Heads fitted to the known cells only."""
    penalties = _choose(gram, bases, moments)
    heads, filled_in = _solve(gram, bases, moments, penalties), moments
    watched = np.unique(np.linspace(0, len(features) - 1, WATCHED, dtype=np.int64))
    unknown = labels.dense(watched) == UNKNOWN
    before = np.zeros(unknown.shape, np.float32)
    for _ in range(MAX_FILLS):
        filled = score_rows(features[watched], folds[watched], heads)
        if np.abs(filled - before).max(where=unknown, initial=0) < TOLERANCE:
            break
        before = filled
        filled_in = moments + _sum_fills(features, labels, folds, heads, executor)
        heads = _solve(gram, bases, filled_in, penalties)
    return _solve(gram, bases, filled_in, _choose(gram, bases, filled_in))


def score_rows(rows: np.ndarray, folds: np.ndarray, heads: Heads, device: str | None = None) -> np.ndarray:
    """Scores of all labels of the heads by those heads that did not see the row, float32 (n_rows, n_labels).

    Parameters
    ----------
    rows : array of shape (n_rows, n_features)
    folds : array of int, shape (n_rows,)
    heads : Heads
    device : str, optional
        As for :func:`cross_fit`; default: numpy.
    """
    rows = np.asarray(rows, np.float32)
    out = np.empty((len(rows), heads.weights.shape[2]), np.float32)
    for fold in range(len(heads.weights)):
        mine = folds == fold
        out[mine] = product(rows[mine], heads.weights[fold], device) + heads.intercepts[fold]
    return out
