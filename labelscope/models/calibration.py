"""Scores to probabilities: Platt scaling of every label at once, on histograms of its scores.

Platt (1999) with the smoothed targets of Lin, Lin and Weng (2007). The fit sees each label's scores through a
histogram of 1,024 bins, so that it costs one pass over the cells whatever the number of items, and the Newton
steps run on all labels together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelscope.compute.executor import row_blocks
from labelscope.data.labels import LabelMatrix

__all__ = ["Beyond", "Platt", "fit_counts", "fit_platt"]

N_BINS = 1024
SPAN = 8.0  # standard deviations on either side of the mean that the histogram covers
STEPS = 30


@dataclass(frozen=True)
class Platt:
    """P(label) = sigmoid(slope * score + intercept), per label.

    Attributes
    ----------
    slope, intercept : float64, shape (n_labels,)
    """

    slope: np.ndarray
    intercept: np.ndarray

    def apply(self, scores: np.ndarray) -> np.ndarray:
        """Probabilities in [0, 1], written over `scores` (float32, n_items x n_labels), block by block."""
        slope, intercept = self.slope.astype(np.float32), self.intercept.astype(np.float32)
        for block in row_blocks(len(scores), scores.shape[1] * 4, budget=4 << 20):  # stays in the processor's cache
            part = scores[block]
            part *= -slope
            part -= intercept
            np.clip(part, -30, 30, out=part)
            np.exp(part, out=part)
            part += 1
            np.reciprocal(part, out=part)
        return scores


@dataclass(frozen=True, eq=False)
class Beyond:
    """The cells of the items that are not in a sample: the positives one by one, the negatives by their number.

    Attributes
    ----------
    labels : int array of shape (n_positives,)
    scores : float array of shape (n_positives,)
    n_negative : float array of shape (n_labels,)
        Negatives of each label in the sample and beyond.
    """

    labels: np.ndarray
    scores: np.ndarray
    n_negative: np.ndarray


def fit_platt(scores: np.ndarray, labels: LabelMatrix, beyond: Beyond | None = None) -> Platt:
    """Slope and intercept of each label; never a falling slope.

    Parameters
    ----------
    scores : float array of shape (n_items, n_labels)
        Out of fold.
    labels : LabelMatrix, shape (n_items, n_labels)
        Unknown cells are left out.
    beyond : Beyond, optional
        Where the items are a sample: each of its negatives stands for several, and no positive is lost.
    """
    if beyond is not None:
        return Platt(*_fit(scores, labels, beyond))
    slope, intercept = np.empty((2, scores.shape[1]))
    for part in row_blocks(scores.shape[1], 8 * N_BINS, 16 << 20):  # of labels: the histograms of 100,000 would fill the memory
        whole = part == slice(0, scores.shape[1])
        chosen = labels if whole else LabelMatrix(labels.positives[:, part], labels.exceptions[:, part], labels.default)
        slope[part], intercept[part] = _fit(scores[:, part], chosen)
    return Platt(slope, intercept)


def _fit(scores: np.ndarray, labels: LabelMatrix, beyond: Beyond | None = None) -> tuple[np.ndarray, np.ndarray]:
    mean, deviation = _moments(scores)
    counts = _histogram(scores, labels, mean, deviation)
    centers = (np.arange(N_BINS) + 0.5) * (2 * SPAN / N_BINS) - SPAN
    negatives, positives = counts[0], counts[1]
    if beyond is not None:
        negatives *= (beyond.n_negative / np.maximum(negatives.sum(axis=1), 1))[:, None]
        place = (beyond.scores - mean[beyond.labels]) / deviation[beyond.labels] + SPAN
        bins = np.clip((place * (N_BINS / (2 * SPAN))).astype(np.int64), 0, N_BINS - 1)
        positives += np.bincount(beyond.labels * N_BINS + bins, minlength=positives.size).reshape(positives.shape)
    n_pos, n_neg = positives.sum(axis=1), negatives.sum(axis=1)
    high, low = (n_pos + 1) / (n_pos + 2), 1 / (n_neg + 2)
    slope, intercept = _newton(centers, positives, negatives, high, low)
    return slope / deviation, intercept - slope * mean / deviation


def _moments(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each label's scores, float64 (n_labels,), block by block."""
    total = square = np.zeros(scores.shape[1])
    for block in row_blocks(len(scores), 8 * scores.shape[1], 4 << 20):
        part = scores[block].astype(np.float64)
        total, square = total + part.sum(axis=0), square + np.einsum("ij,ij->j", part, part)
    mean = total / len(scores)
    return mean, np.sqrt(np.maximum(square / len(scores) - mean**2, 0)) + 1e-9


def fit_counts(scores: np.ndarray, positives: np.ndarray, negatives: np.ndarray) -> Platt:
    """Slope and intercept of each label from counts of its cells by score; never a falling slope.

    Parameters
    ----------
    scores : float array of shape (n_bins,)
        Score of each bin, of the order of 1 in spread.
    positives, negatives : array of shape (n_labels, n_bins)
        Cells in each bin, or weights.
    """
    n_pos, n_neg = positives.sum(axis=1), negatives.sum(axis=1)
    return Platt(*_newton(scores, positives, negatives, (n_pos + 1) / (n_pos + 2), 1 / (n_neg + 2)))


def _histogram(scores: np.ndarray, labels: LabelMatrix, mean: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """Counts of shape (2, n_labels, N_BINS): negatives, positives."""
    n_labels = scores.shape[1]
    counts = np.zeros(3 * n_labels * N_BINS, np.int64)
    offset = np.arange(n_labels, dtype=np.int64) * N_BINS
    scale = N_BINS / (2 * SPAN)
    for block, part in labels.blocks(4 << 20):
        bins = ((scores[block] - mean) * (scale / deviation) + SPAN * scale).astype(np.int64)
        np.clip(bins, 0, N_BINS - 1, out=bins)
        bins += offset
        bins += (part % 3).astype(np.int64) * (n_labels * N_BINS)  # -1 counts as 2
        counts += np.bincount(bins.ravel(), minlength=len(counts))
    return counts.reshape(3, n_labels, N_BINS)[:2].astype(np.float64)


def _newton(
    centers: np.ndarray, positives: np.ndarray, negatives: np.ndarray, high: np.ndarray, low: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    weight = positives + negatives
    target = positives * high[:, None] + negatives * low[:, None]  # sum of smoothed targets in each bin
    share = np.clip(target.sum(axis=1) / np.maximum(weight.sum(axis=1), 1), 1e-6, 1 - 1e-6)
    slope, intercept = np.full(len(share), 0.5), np.log(share / (1 - share))
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(slope[:, None] * centers + intercept[:, None], -30, 30)))
        residual, curvature = weight * p - target, weight * p * (1 - p)
        gradient = np.stack([residual @ centers + 1e-3 * slope, residual.sum(axis=1)])
        aa, ab, bb = curvature @ centers**2 + 1e-3, curvature @ centers, curvature.sum(axis=1) + 1e-9
        determinant = np.maximum(aa * bb - ab**2, 1e-12)
        step = np.stack([bb * gradient[0] - ab * gradient[1], aa * gradient[1] - ab * gradient[0]]) / determinant
        step = np.clip(step, -1, 1)  # far from the optimum a full Newton step can overshoot
        slope, intercept = np.maximum(slope - step[0], 0), intercept - step[1]
        if np.abs(step).max() < 1e-6:
            break
    return slope, intercept
