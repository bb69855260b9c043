"""Learning dynamics: cells that a short training run never makes its own.

The area under the margin (Pleiss et al. 2020): the mean, over the steps of a short logistic regression on the
embeddings, of the margin by which the cell's own state leads; here per label. A right state is learnt from its likes
early on, a wrong one is fought by them. All labels are trained at once by accelerated full-batch steps, and since the
score is linear in the weights, only their mean over the steps is kept: the run costs `STEPS` passes over the items and
holds nothing per cell.

The run sees the labels that it judges, so it finds less than cross-fitting where features are many and items few; on
the real-noise sets it is on a par with self-confidence, and adding it helps some and harms as many
(``benchmarks/RESULTS.md``). So it is an option.
"""

from __future__ import annotations

import numpy as np

from labelscope.compute.executor import row_blocks
from labelscope.data.labels import UNKNOWN, LabelMatrix
from labelscope.issues.cell_block import CellBlock
from labelscope.issues.context import Context
from labelscope.issues.detector import Detector, Scorer
from labelscope.issues.log_odds import sigmoid

__all__ = ["DETECTOR", "mean_weights"]

STEPS = 20


def prepare(context: Context) -> Scorer:
    """Scorer of the mean margin, as a probability."""
    features = context.features
    center = features.mean(axis=0, dtype=np.float64).astype(np.float32)
    prior = np.log(context.prevalence / (1 - context.prevalence)).astype(np.float32)
    weights = mean_weights(features, center, context.dataset.labels, prior)

    def score(cells: CellBlock, _: np.ndarray) -> np.ndarray:
        margin = (2 * cells.states - 1) * ((features[cells.rows] - center) @ weights + prior)
        return np.where(cells.states < 0, np.nan, sigmoid(-margin)).astype(np.float32)

    return score


def mean_weights(features: np.ndarray, center: np.ndarray, labels: LabelMatrix, prior: np.ndarray) -> np.ndarray:
    """Weights averaged over the training run, float32 (n_features, n_labels).

    Parameters
    ----------
    features : float32 array of shape (n_items, n_features)
    center : float32 array of shape (n_features,)
    labels : LabelMatrix, shape (n_items, n_labels)
    prior : float32 array of shape (n_labels,)
        Log-odds that every label starts from.
    """
    n_items, n_features = features.shape
    step = 4 * n_items / _largest_eigenvalue(features, center)  # one over the curvature of the logistic loss
    now = before = np.zeros((n_features, labels.shape[1]), np.float32)
    total = np.zeros_like(now)
    for t in range(STEPS):
        ahead = now + np.float32(t / (t + 3)) * (now - before)  # Nesterov (1983)
        before, now = now, ahead - np.float32(step / n_items) * _gradient(features, center, labels, prior, ahead)
        total += now
    return total / STEPS


def _gradient(features: np.ndarray, center: np.ndarray, labels: LabelMatrix, prior: np.ndarray, weights: np.ndarray) -> np.ndarray:
    out = np.zeros_like(weights)
    for block in row_blocks(len(features), 8 * (features.shape[1] + labels.shape[1])):
        x, states = features[block] - center, labels.dense(block)
        residual = sigmoid(x @ weights + prior) - states
        residual[states == UNKNOWN] = 0
        out += x.T @ residual
    return out


def _largest_eigenvalue(features: np.ndarray, center: np.ndarray) -> float:
    gram = np.zeros((features.shape[1], features.shape[1]))
    for block in row_blocks(len(features), 4 * features.shape[1]):
        x = features[block] - center
        gram += x.T @ x
    return max(float(np.linalg.eigvalsh(gram)[-1]), 1e-12)


DETECTOR = Detector("learning_dynamics", "estimate", ("embeddings",), "how hard it is to learn", prepare)
