"""Out-of-fold probabilities of an estimator with the interface of scikit-learn, items that belong together in one fold."""

from __future__ import annotations

from typing import Any

import numpy as np

from labelscope.compute.executor import one_thread
from labelscope.compute.progress import advance
from labelscope.data.dataset import Dataset
from labelscope.data.labels import POSITIVE, UNKNOWN
from labelscope.errors import StageError
from labelscope.models.folds import assign_folds
from labelscope.models.predict import PredictConfig, kept_together
from labelscope.space.embed import embed

__all__ = ["is_estimator", "out_of_fold"]


def is_estimator(given: Any) -> bool:
    """Whether `given` can be fitted and asked, as the estimators of scikit-learn can."""
    return not isinstance(given, type) and hasattr(given, "fit") and (hasattr(given, "predict_proba") or hasattr(given, "predict"))


def out_of_fold(dataset: Dataset, estimator: Any, *, name: str = "estimator", n_folds: int = 5, seed: int = 0) -> np.ndarray:
    """Probabilities of every known cell from an estimator that saw neither the item nor one that belongs to it.

    One copy of the estimator is fitted for each label, on the vectors of the data set (:func:`labelscope.space.embed.embed`) and the
    labels as given.

    Parameters
    ----------
    dataset : Dataset
    estimator : scikit-learn estimator
        A classifier of two classes. It is cloned, not fitted.
    name : str
        For messages.
    n_folds : int
    seed : int

    Returns
    -------
    float32, shape (n_items, n_labels)
        Without ``predict_proba``: 1 or 0 as predicted. A label without known positives and negatives in every training part
        gets its prevalence; unknown cells get 0.

    Raises
    ------
    StageError
        If there are no vectors, fewer groups than folds, or the estimator cannot be cloned or fitted.
    """
    from sklearn.base import clone
    from sklearn.model_selection import PredefinedSplit, cross_val_predict

    vectors = embed(dataset, seed=seed)
    together = kept_together(dataset, vectors, None, None, PredictConfig(n_folds=n_folds), seed)
    folds = assign_folds(together, n_folds, seed)
    method = "predict_proba" if hasattr(estimator, "predict_proba") else "predict"
    found = np.zeros(dataset.labels.shape, np.float32)
    for label in range(dataset.n_labels):
        states = dataset.labels.columns(np.array([label]))[:, 0]
        known = np.flatnonzero(states != UNKNOWN)
        positive, fold = (states[known] == POSITIVE).astype(np.int64), folds[known]
        per_fold = np.stack([np.bincount(fold, positive == state, n_folds) for state in (0, 1)])
        left = (per_fold.sum(axis=1, keepdims=True) - per_fold)[:, np.unique(fold)]  # to learn from, by state and fold left out
        if not left.size or left.min() < 1:
            found[known, label] = positive.mean() if len(positive) else 0.0
            continue
        try:
            with one_thread():  # many small products: more threads wait for each other
                told = cross_val_predict(clone(estimator), vectors[known], positive, cv=PredefinedSplit(fold), method=method)
        except (TypeError, ValueError, RuntimeError, AttributeError) as error:
            reason = str(error).strip().split("\n")[0][:200]
            raise StageError(f"{name}: expected a classifier that learns from vectors and 0 or 1, got an error: {reason}") from None
        found[known, label] = told[:, 1] if method == "predict_proba" else told
        advance(f"evaluate: {name}", (label + 1) / dataset.n_labels)
    return found
