"""Features of the table beside the embeddings of the items: how they are joined, and for which labels that helps.

A label takes the features only where they lower its out-of-fold log loss by more than chance would: a column that tells
nothing then changes nothing, and one that tells a few labels serves those alone.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from labelscope.compute.executor import row_blocks
from labelscope.data.labels import POSITIVE, UNKNOWN, LabelMatrix

__all__ = ["SURE", "WEIGHTS", "gains", "widen"]

WEIGHTS = (1.0, 0.25)
"""Tried one after the other: standard deviation of all features together, relative to that of the embeddings. A ridge
head penalises a column the less the more it varies, so this is the penalty of the features."""
SURE = 2.0  # standard errors by which the log loss of a label must fall


def widen(embeddings: np.ndarray, features: np.ndarray, weight: float) -> np.ndarray:
    """Embeddings and features side by side, float32 (n_items, n_dimensions + n_columns).

    Parameters
    ----------
    embeddings : array of shape (n_items, n_dimensions)
    features : array of shape (n_items, n_columns)
        As of :func:`labelscope.models.metadata.encode_features`.
    weight : float
        Out of :data:`WEIGHTS`.
    """
    spread = float(embeddings.var(axis=0, dtype=np.float64).sum()) / max(float(features.var(axis=0, dtype=np.float64).sum()), 1e-12)
    return np.concatenate([embeddings, features * np.float32(weight * spread**0.5)], axis=1, dtype=np.float32)


def gains(labels: LabelMatrix, before: np.ndarray, after: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """By how many standard errors the log loss of each label falls from one set of probabilities to another, (n_labels,).

    Parameters
    ----------
    labels : LabelMatrix, shape (n_items, n_labels)
    before, after : arrays of shape (n_items, n_labels)
    groups : array of int, shape (n_items,)
        Items of a group are no independent witnesses: their differences are summed up first.
    """
    n_items, n_labels = labels.shape
    members = sp.csr_matrix((np.ones(n_items), (groups, np.arange(n_items))), shape=(int(groups.max()) + 1, n_items))
    out = np.zeros(n_labels)
    for block in row_blocks(n_labels, 32 * n_items):
        part = np.arange(n_labels)[block]
        states = labels.columns(part)
        fall = members @ (_losses(states, before[:, block]) - _losses(states, after[:, block]))
        error = fall.std(axis=0) * len(fall) ** 0.5
        np.divide(fall.sum(axis=0), error, out=out[block], where=error > 0)
    return out


def _losses(states: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    right = np.where(states == POSITIVE, probabilities, 1 - probabilities).astype(np.float64)
    return np.where(states == UNKNOWN, 0, -np.log(np.maximum(right, 1e-6)))
