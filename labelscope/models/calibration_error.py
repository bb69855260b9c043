"""Expected calibration error in bins of equal mass, from counts on the fine grid of probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelscope.data.labels import POSITIVE
from labelscope.models.histograms import EDGES, N_BINS, bins_of

__all__ = ["Cells", "MassBins", "calibration_error", "chance_error", "count_cells", "equal_mass"]

COVERAGE = 0.95


@dataclass(frozen=True, eq=False)
class Cells:
    """Sums over the known cells of some labels.

    Attributes
    ----------
    n, n_positive, probability : float64, shape (n_labels, N_BINS)
        Cells, positive ones, and the sum of their probabilities, in each fine bin.
    squares : float64, shape (n_labels,)
        Sum of the squared errors.
    """

    n: np.ndarray
    n_positive: np.ndarray
    probability: np.ndarray
    squares: np.ndarray

    def __add__(self, other: Cells) -> Cells:
        return Cells(
            self.n + other.n, self.n_positive + other.n_positive, self.probability + other.probability, self.squares + other.squares
        )

    def pooled(self) -> Cells:
        """All labels as one."""
        parts = (self.n, self.n_positive, self.probability, self.squares)
        return Cells(*(part.sum(axis=0, keepdims=True) for part in parts))


@dataclass(frozen=True, eq=False)
class MassBins:
    """Bins of equal mass; all of shape (n_labels, n_bins).

    Attributes
    ----------
    n, n_positive : float64
        Cells and positive ones.
    mean, share : float64
        Mean probability and share of positives; 0 where there is no cell.
    weight : float64
        Share of the label's mass; each row sums to 1, or to 0 where there is none.
    start, stop : float64
        The probabilities that a bin holds, start <= p < stop: from 0 in the first and up to infinity in the last. Both are the same where
        no part of the fine grid falls into a bin.
    """

    n: np.ndarray
    n_positive: np.ndarray
    mean: np.ndarray
    share: np.ndarray
    weight: np.ndarray
    start: np.ndarray
    stop: np.ndarray


def count_cells(columns: np.ndarray, states: np.ndarray, probabilities: np.ndarray, n_labels: int) -> Cells:
    """Sums over single cells.

    Parameters
    ----------
    columns : array of int, shape (n_cells,)
    states : array of 1 and 0, shape (n_cells,)
    probabilities : float array of shape (n_cells,)
    n_labels : int
    """
    at, positive = columns * N_BINS + bins_of(probabilities), states == POSITIVE
    p = probabilities.astype(np.float64)
    n, total = (np.bincount(at, weights, n_labels * N_BINS).reshape(n_labels, N_BINS) for weights in (None, p))
    n_positive = np.bincount(at[positive], minlength=n_labels * N_BINS).reshape(n_labels, N_BINS)
    squares = np.bincount(columns, (p - positive) ** 2, n_labels)
    return Cells(n.astype(np.float64), n_positive.astype(np.float64), total, squares)


def equal_mass(cells: Cells, n_bins: int, *, positives: bool = False) -> MassBins:
    """Bins that hold equal numbers of cells, or of positives, as nearly as the fine grid allows.

    Parameters
    ----------
    cells : Cells
    n_bins : int
    positives : bool
        Whether it is the positives that are shared out evenly.
    """
    mass = cells.n_positive if positives else cells.n
    total = mass.sum(axis=1, keepdims=True)
    before = np.cumsum(mass, axis=1) - mass
    group = np.minimum(before * n_bins / np.maximum(total, 1), n_bins - 1).astype(np.int64)
    at = (group + np.arange(len(mass))[:, None] * n_bins).ravel()
    n, n_positive, probability, weight = (
        np.bincount(at, part.ravel(), len(mass) * n_bins).reshape(-1, n_bins)
        for part in (cells.n, cells.n_positive, cells.probability, mass)
    )
    some = np.maximum(n, 1)
    wide = np.bincount(at, minlength=len(mass) * n_bins).reshape(-1, n_bins)  # fine bins of each, which rise along the grid
    last = np.cumsum(wide, axis=1)
    bounds = np.array([0.0, *EDGES[1:-1], np.inf])
    return MassBins(
        n, n_positive, probability / some, n_positive / some, weight / np.maximum(total, 1), bounds[last - wide], bounds[last]
    )  # fmt: skip


def calibration_error(bins: MassBins) -> np.ndarray:
    """Mean distance between probability and frequency, by mass, float64 (n_labels,) in [0, 1]."""
    return np.asarray((bins.weight * np.abs(bins.mean - bins.share)).sum(axis=1))


def chance_error(bins: MassBins) -> np.ndarray:
    """What :func:`calibration_error` would be on average if the probabilities were exact, float64 (n_labels,).

    The mean absolute deviation of a binomial share: sqrt(2 v / (pi n)) with v = p (1 - p), and 2 v where n is so
    small that hardly any positive is to be expected.
    """
    variance = bins.mean * (1 - bins.mean)
    return np.asarray((bins.weight * np.minimum(np.sqrt(2 * variance / (np.pi * np.maximum(bins.n, 1))), 2 * variance)).sum(axis=1))
