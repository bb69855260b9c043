"""Thresholds in common use that promise nothing about errors: class-aware and asymmetric pseudo-labels.

They are here for comparison, and for training recipes that want them. What they give is called "uncontrolled" wherever
it is shown: their share of wrong states is whatever the model's calibration makes of it.
"""

from __future__ import annotations

import numpy as np

from labelscope.data.dataset import Dataset
from labelscope.models.histograms import N_BINS, bins_of, column_blocks, histograms, take_columns
from labelscope.models.predict import Predictions
from labelscope.suggest.conformal import NO_OPPOSITE, NOT_SCORED
from labelscope.suggest.state_bounds import Bounds

__all__ = ["asymmetric_bounds", "class_aware_bounds", "fixed_bounds"]


def class_aware_bounds(dataset: Dataset, predictions: Predictions, threshold: float) -> Bounds:
    """Positive above max(threshold, mean probability of the label); nothing is made negative.

    The rule of COMIC (Zhang, Li, Xie et al. 2023) for positives that a long-tailed set misses, with the mean over the
    data set in place of the batch's.
    """
    mean = predictions.cell_probabilities.means()
    bins = np.where(predictions.scored, bins_of(np.maximum(threshold, mean)), N_BINS)
    return _bounds(dataset, bins, np.full(dataset.n_labels, -1), predictions, "below the threshold of its label")


def asymmetric_bounds(dataset: Dataset, predictions: Predictions, share: float) -> Bounds:
    """Negative for the least probable `share` of each label's unknown cells; nothing is made positive.

    Negatives first, because the lowest-scored unknown cells are far surer than the highest-scored: asymmetric
    pseudo-labelling (Zhou, Chen, Wang, Chen and Heng 2022), in one step and as states; their soft targets are in
    ``PseudoLabels.soft``.
    """
    bins = np.full(dataset.n_labels, -1)
    for columns in column_blocks(dataset.n_items, dataset.n_labels):
        part = take_columns(dataset.labels, columns)
        counts = histograms(part.dense(), predictions.cell_probabilities.columns(columns))
        below = counts.unknown[0].cumsum(axis=-1)
        bins[columns] = (below <= share * below[:, -1:]).sum(axis=-1) - 1
    none = np.full(dataset.n_labels, N_BINS)
    reason = f"not among the least probable {share:.0%} of its label"
    return _bounds(dataset, none, np.where(predictions.scored, bins, -1), predictions, reason)


def fixed_bounds(dataset: Dataset, threshold: float) -> Bounds:
    """Positive from `threshold`, negative up to 1 - threshold, for every label with known cells of both states."""
    both = np.minimum(dataset.labels.n_positive, dataset.labels.n_negative) > 0
    positive = np.where(both, bins_of(np.array(threshold)), N_BINS)
    negative = np.where(both, bins_of(np.array(1 - threshold)), -1)
    reasons = np.where(both, f"no state has a share of {threshold:g} of what its neighbours say", NO_OPPOSITE).tolist()
    own = np.full(dataset.n_labels, N_BINS), np.full(dataset.n_labels, -1)
    return Bounds(positive[None], negative[None], *own, np.zeros(dataset.n_items, np.int64), reasons)


def _bounds(dataset: Dataset, positive: np.ndarray, negative: np.ndarray, predictions: Predictions, reason: str) -> Bounds:
    folds, none = np.zeros(dataset.n_items, np.int64), np.full(dataset.n_labels, N_BINS)
    reasons = np.where(predictions.scored, reason, NOT_SCORED).tolist()
    return Bounds(positive[None], negative[None], none, negative, folds, reasons)
