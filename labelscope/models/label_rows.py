"""What a table of predictions says about each label: how well it is told, and how often it is expected."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.labels import POSITIVE, UNKNOWN

__all__ = ["label_rows", "log_losses", "summed_losses"]


def log_losses(states: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Summed log loss of the known cells of each label, float64 (n_labels,)."""
    right = np.where(states == POSITIVE, probabilities, 1 - probabilities)
    np.log(np.maximum(right, np.float32(1e-6), out=right), out=right)
    return -np.where(states == UNKNOWN, np.float32(0), right).sum(axis=0, dtype=np.float64)


def summed_losses(dataset: Dataset, probabilities: np.ndarray) -> np.ndarray:
    """Summed log loss of the known cells of each label over all items, float64 (n_labels,)."""
    losses = np.zeros(dataset.n_labels)
    for block, states in dataset.labels.blocks(4 << 20):
        losses += log_losses(states, probabilities[block])
    return losses


def label_rows(dataset: Dataset, means: np.ndarray, losses: np.ndarray, enough: np.ndarray) -> pl.DataFrame:
    """One row a label, as in :attr:`labelscope.Predictions.frame`.

    Parameters
    ----------
    dataset : Dataset
    means, losses : float64 array of shape (n_labels,)
        Mean probability, and summed log loss of the known cells.
    enough : bool array of shape (n_labels,)
        Labels that are scored.
    """
    known = np.maximum(dataset.n_items - dataset.labels.n_unknown, 1)
    columns: Mapping[str, object] = {
        "label": list(dataset.label_names),
        "n_positive": dataset.labels.n_positive,
        "prevalence": dataset.labels.n_positive / known,
        "mean_probability": means,
        "log_loss": losses / known,
        "scored": enough,
    }
    return pl.DataFrame(columns)
