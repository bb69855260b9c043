"""How the probabilities of each label lie, state by state: one pass over the cells serves calibration, thresholds and conformal sets.

Everything these stages ask ("how many known negatives score at least this?", "how many positives are above the
threshold?") is a cumulative count along the probability. Counts on a fine grid of log-odds answer it in one pass of
constant memory, for any number of items and with all labels of a block at once, where sorting would cost a pass and a
Python step a label. The price is that probabilities within one bin (1/64 of a unit of log-odds, at most 0.4% of
probability) are taken for equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from labelscope.compute.executor import row_blocks
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN, LabelMatrix

__all__ = [
    "CENTERS",
    "EDGES",
    "N_BINS",
    "Histograms",
    "bins_at",
    "bins_of",
    "column_blocks",
    "histograms",
    "log_odds",
    "odds_at",
    "take_columns",
]

N_BINS = 2048
SPAN = 16.0  # log-odds on either side of 0 that the grid covers: probabilities from 1e-7 to 1 - 1e-7
EDGES = 1 / (1 + np.exp(-np.linspace(-SPAN, SPAN, N_BINS + 1)))
"""Probabilities at the bounds of the bins, float64 (N_BINS + 1,): bin b holds EDGES[b] <= p < EDGES[b + 1]."""
CENTERS = (np.arange(N_BINS) + 0.5) * (2 * SPAN / N_BINS) - SPAN
"""Log-odds in the middle of the bins, float64 (N_BINS,)."""
TABLES = 48 << 20  # bytes of counts at a time
CELLS = 96 << 20  # bytes of states and probabilities at a time


@dataclass(frozen=True, eq=False)
class Histograms:
    """Counts of cells by fold, label and bin of their probability.

    Attributes
    ----------
    negative, positive, unknown : int64, shape (n_folds, n_labels, N_BINS)
        Cells of each state; one fold where none were asked for.
    """

    negative: np.ndarray
    positive: np.ndarray
    unknown: np.ndarray


def histograms(states: np.ndarray, probabilities: np.ndarray, folds: np.ndarray | None = None, n_folds: int = 1) -> Histograms:
    """Counts of the cells of some labels.

    Parameters
    ----------
    states : int8 array of shape (n_items, n_labels)
    probabilities : float array of shape (n_items, n_labels)
    folds : array of int, shape (n_items,), optional
        Group of each item, counted apart.
    n_folds : int

    Examples
    --------
    >>> found = histograms(np.array([[1], [0], [-1]], np.int8), np.array([[0.9], [0.2], [0.5]]))
    >>> [int(counts.sum()) for counts in (found.negative, found.positive, found.unknown)], int(found.unknown.argmax())
    ([1, 1, 1], 1024)
    """
    n_items, n_labels = states.shape
    folds = np.zeros(n_items, np.int64) if folds is None else folds
    shape = (3, n_folds, n_labels, N_BINS)
    counts = np.zeros(int(np.prod(shape)), np.int64)
    column = np.arange(n_labels, dtype=np.int64) * N_BINS
    for block in row_blocks(n_items, n_labels * 8, 8 << 20):
        index = bins_of(probabilities[block])
        index += column
        index += (folds[block].astype(np.int64) * (n_labels * N_BINS))[:, None]
        index += np.where(states[block] == UNKNOWN, 2, states[block]).astype(np.int64) * (n_folds * n_labels * N_BINS)
        counts += np.bincount(index.ravel(), minlength=len(counts))
    table = counts.reshape(shape)
    return Histograms(table[NEGATIVE], table[POSITIVE], table[2])


def log_odds(probabilities: np.ndarray) -> np.ndarray:
    """ln(p / (1 - p)) within the span of the grid, float32 or float64 of the same shape."""
    p = np.asarray(probabilities)
    with np.errstate(divide="ignore"):
        return np.clip(np.log(p) - np.log1p(-p), -SPAN, SPAN)


def bins_of(probabilities: np.ndarray) -> np.ndarray:
    """Bin of each probability, int64 of the same shape in 0 ... N_BINS - 1."""
    return bins_at(log_odds(probabilities))


def bins_at(odds: np.ndarray) -> np.ndarray:
    """Bin of each value of log-odds, int64 of the same shape in 0 ... N_BINS - 1; those beyond the span in the outermost."""
    index = (np.clip(odds, -SPAN, SPAN) + SPAN) * (N_BINS / (2 * SPAN))
    return np.minimum(index.astype(np.int64), N_BINS - 1)


def odds_at(bins: np.ndarray | float) -> np.ndarray:
    """Log-odds at the lower bound of bins, float64 of the same shape."""
    return np.asarray(bins, np.float64) * (2 * SPAN / N_BINS) - SPAN


def column_blocks(n_items: int, n_labels: int, n_folds: int = 1) -> Iterator[slice]:
    """Slices of labels whose cells and counts fit into memory together."""
    bytes_a_label = max(n_items * 5 * TABLES // CELLS, n_folds * 3 * N_BINS * 8)
    return row_blocks(n_labels, bytes_a_label, TABLES)


def take_columns(labels: LabelMatrix, columns: slice) -> LabelMatrix:
    """The labels of a block of columns."""
    return LabelMatrix(labels.positives[:, columns], labels.exceptions[:, columns], labels.default)
