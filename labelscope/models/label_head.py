"""The heads behind the probabilities of one label, fitted once more and kept: what an explanation takes apart.

:func:`labelscope.models.predict.predict` keeps probabilities, not heads. Here the same heads come back: same folds, same
penalties, same scaling. The probability of an item is then a linear score of its vector (averaged over the cross-fits,
each by the head that did not see the item) through one sigmoid, apart from the share of the neighbour votes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelscope.compute.cache import cached, content_key
from labelscope.compute.executor import row_blocks
from labelscope.data.dataset import Dataset
from labelscope.data.labels import LabelMatrix
from labelscope.errors import StageError
from labelscope.models import ridge
from labelscope.models.calibration import fit_platt
from labelscope.models.folds import assign_folds
from labelscope.models.heads import trainable
from labelscope.models.predict import Predictions, kept_together
from labelscope.models.predict_config import PredictConfig, enough_known, n_cross_fits, searches_all
from labelscope.models.votes import Landmarks, neighbor_votes
from labelscope.space.neighbors import Neighbors, nearest

__all__ = ["LabelHead", "fit_label_head"]

MOST_BYTES = 64 << 20  # of heads kept for all labels at once; with more labels each is fitted when asked for


@dataclass(frozen=True, eq=False)
class LabelHead:
    """The cross-fitted ridge heads of one label.

    Attributes
    ----------
    column : int
        Position of the label.
    folds : int64, shape (n_repeats, n_items)
        Fold of each item in each cross-fit.
    weights : float32, shape (n_repeats, n_folds, n_features)
    intercepts : float32, shape (n_repeats, n_folds)
    penalties : float64, shape (n_repeats, n_folds)
        See :class:`labelscope.models.ridge.Heads`.
    states : int8, shape (n_items,)
        What the heads were trained on: 1, 0, or -1 for a cell that took no part.
    scores : float32, shape (n_items,)
        Out of fold, averaged over the cross-fits, on the scale of the 0/1 targets.
    slope, intercept : float
        Platt: P = sigmoid(slope * score + intercept).
    probabilities : float32, shape (n_items,)
        With the neighbour votes mixed in: what `predict` gives.
    """

    column: int
    folds: np.ndarray
    weights: np.ndarray
    intercepts: np.ndarray
    penalties: np.ndarray
    states: np.ndarray
    scores: np.ndarray
    slope: float
    intercept: float
    probabilities: np.ndarray

    def of_item(self, row: int) -> tuple[np.ndarray, float]:
        """Weights (n_features,) and constant of the log-odds of an item, from the heads that did not see it."""
        each = np.arange(len(self.folds))
        weights = self.weights[each, self.folds[:, row]].mean(axis=0, dtype=np.float64)
        constant = self.intercepts[each, self.folds[:, row]].mean(dtype=np.float64)
        return self.slope * weights, float(self.slope * constant + self.intercept)

    def agreement(self, predictions: Predictions) -> float:
        """Correlation of these probabilities with the given ones over all items; 1 where they come from these heads."""
        given = predictions.cell_probabilities.column(self.column).astype(np.float64)
        if np.abs(given - self.probabilities).max(initial=0) < 1e-3:
            return 1.0
        if given.std() == 0 or self.probabilities.std() == 0:
            return 0.0
        return float(np.corrcoef(given, self.probabilities)[0, 1])


def fit_label_head(
    dataset: Dataset,
    features: np.ndarray,
    column: int,
    *,
    config: PredictConfig | None = None,
    groups: str | None = None,
    vote_share: float | None = None,
    seed: int = 0,
) -> LabelHead:
    """The heads behind ``predict(dataset)`` for one label.

    Parameters
    ----------
    dataset : Dataset
    features : float32, shape (n_items, n_features)
        What `predict` embedded the items as.
    column : int
        Position of the label.
    config : PredictConfig, optional
    groups : str, optional
    vote_share : float, optional
        What `predict` settled on (`Predictions.vote_share`); default: that of the configuration.
    seed : int
        As they were given to `predict`.

    Returns
    -------
    LabelHead
        The heads are kept by content: the next label of the same data set costs one pass over the items.

    Raises
    ------
    StageError
        If the label has too few positives or negatives to be scored, or there are fewer items than folds.
    """
    config = config or PredictConfig()
    labels = trainable(dataset.labels)
    if dataset.n_items < config.n_folds:
        raise StageError(f"explain: expected at least {config.n_folds} items (one a fold), got {dataset.n_items}")
    if not enough_known(labels, config)[column]:
        raise StageError(
            f"label {dataset.label_names[column]!r}: expected at least {config.min_positives} positives and as many negatives, "
            f"got {labels.n_positive[column]} and {labels.n_negative[column]}; no head was trained for it, look at its neighbours"
        )
    near = nearest(features, config.n_neighbors, seed=seed) if searches_all(dataset, config) else None
    together = kept_together(dataset, features, near, groups, config, seed)
    folds = np.stack([assign_folds(together, config.n_folds, seed + repeat) for repeat in range(n_cross_fits(features, labels, config))])
    parts = _heads(dataset, labels, features, folds, column)
    one = LabelMatrix(labels.positives[:, [column]], labels.exceptions[:, [column]], labels.default)
    scores = _scores(features, folds, parts["weights"], parts["intercepts"])
    platt = fit_platt(scores[:, None], one)
    probabilities = platt.apply(scores[:, None].copy())
    share = config.vote_share if vote_share is None else vote_share
    if share > 0 and config.n_neighbors > 0:
        probabilities += np.float32(share) * (_votes(one, features, near, together, config, seed) - probabilities)
    return LabelHead(
        column=column,
        folds=folds,
        weights=parts["weights"],
        intercepts=parts["intercepts"],
        penalties=parts["penalties"],
        states=one.dense()[:, 0],
        scores=scores,
        slope=float(platt.slope[0]),
        intercept=float(platt.intercept[0]),
        probabilities=probabilities[:, 0],
    )


def _votes(
    label: LabelMatrix, features: np.ndarray, near: Neighbors | None, together: np.ndarray, config: PredictConfig, seed: int
) -> np.ndarray:
    """Neighbour votes on one label as `predict` counts them, float32 (n_items, 1)."""
    prevalence = (label.n_positive + 1) / (label.shape[0] - label.n_unknown + 2)
    if near is None:
        return Landmarks(features, label, prevalence, together, seed=seed).votes(slice(0, len(features)))
    out = np.empty(label.shape, np.float32)
    for block, part in neighbor_votes(label, near.indices, near.similarities, prevalence, together, duplicate=config.duplicate):
        out[block] = part
    return out


def _heads(dataset: Dataset, labels: LabelMatrix, features: np.ndarray, folds: np.ndarray, column: int) -> dict[str, np.ndarray]:
    """Weights, intercepts and penalties of one label, each with a first axis of cross-fits."""
    n_folds = int(folds.max()) + 1
    size = 4 * len(folds) * n_folds * features.shape[1]
    every = size * labels.shape[1] <= MOST_BYTES
    columns = np.arange(labels.shape[1]) if every else np.array([column])

    def fit() -> dict[str, np.ndarray]:
        chosen = LabelMatrix(labels.positives[:, columns], labels.exceptions[:, columns], labels.default)
        heads = [ridge.fit_heads(features, chosen, fold) for fold in folds]
        return {name: np.stack([getattr(head, name) for head in heads]) for name in ("weights", "intercepts", "penalties")}

    key = content_key("label heads", 1, dataset.fingerprint, features, folds, None if every else column)
    place = column if every else 0
    return {name: np.ascontiguousarray(array[..., place]) for name, array in cached(key, fit).items()}


def _scores(features: np.ndarray, folds: np.ndarray, weights: np.ndarray, intercepts: np.ndarray) -> np.ndarray:
    """Out-of-fold scores averaged over the cross-fits, float32 (n_items,)."""
    out = np.zeros(len(features), np.float32)
    for block in row_blocks(len(features), 4 * features.shape[1]):
        rows = np.asarray(features[block], np.float32)
        for fold, heads, constants in zip(folds, weights, intercepts, strict=True):
            every = rows @ heads.T + constants
            out[block] += every[np.arange(len(rows)), fold[block]]
    return out / np.float32(len(folds))
