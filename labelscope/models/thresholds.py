"""From which probability a label is said to be there: thresholds by label, shrunk to one for all.

F1 has its best threshold nowhere near 0.5 for rare labels, and where labels are missed 0.5 finds next to nothing. A threshold
of its own for every label is best where it has many positives and noise where it has few, so each is shrunk:
(n_positive t_own + 10 t_global) / (n_positive + 10). Macro-F1 is a mean over labels, so the labels' thresholds are
chosen one by one (Koyejo, Natarajan, Ravikumar and Dhillon 2015), in one pass over counts instead of a sort a label.

All scores are held out: thresholds chosen on four fifths of the items, counted on the fifth. On the fitted items the
thresholds of single labels always look best.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, get_args

import numpy as np
import polars as pl

from labelscope.compute.progress import advance
from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.labels import LabelMatrix
from labelscope.data.results import Result
from labelscope.errors import StageError
from labelscope.models.audited_labels import audited_labels
from labelscope.models.check_predictions import predictions_of
from labelscope.models.folds import assign_folds
from labelscope.models.histograms import EDGES, N_BINS, bins_of, column_blocks, histograms, take_columns
from labelscope.models.predict import Predictions

__all__ = ["ThresholdConfig", "Thresholds", "thresholds"]

Metric = Literal["f1", "f2", "f0.5"]
Count = Callable[[int, int], tuple[np.ndarray, np.ndarray]]  # positives and negatives by fold and bin, of the labels from one to another
HALF = N_BINS // 2
RULES = ("0.5", "global", "own", "shrunk")


@dataclass(frozen=True)
class ThresholdConfig:
    """How :func:`thresholds` works.

    Attributes
    ----------
    strength : float
        Positives that the global threshold counts as; 0 leaves every label its own threshold.
    n_folds : int
        Parts of the items that the scores are held out in.
    """

    strength: float = 10.0
    n_folds: int = 5


@dataclass(frozen=True, eq=False, repr=False)
class Thresholds(Result):
    """Thresholds by label, and what they are worth.

    Attributes
    ----------
    frame : polars.DataFrame
        label, threshold (shrunk: the one to use), own_threshold (null without a positive), n_positive, and the held-out
        scores f_at_half, f_global, f_own and f_shrunk (null without a positive).
    scores : polars.DataFrame
        rule ("0.5", "global", "own", "shrunk"), macro (mean over the labels with a positive) and micro (over all cells), held
        out, of the metric.
    global_threshold : float
        The one threshold of the best macro score.
    metric : str
    against : str
        "the labels as given" or "N audited cells".
    """

    scores: pl.DataFrame = field(default_factory=pl.DataFrame)
    global_threshold: float = 0.5
    metric: str = "f1"
    against: str = "the labels as given"

    def apply(self, probabilities: np.ndarray) -> np.ndarray:
        """Whether each cell is at its label's threshold or above, bool of the same shape.

        Parameters
        ----------
        probabilities : float array of shape (n_items, n_labels)
        """
        return np.asarray(probabilities >= self.frame["threshold"].to_numpy().astype(np.float32))

    def summary(self) -> str:
        """One line of plain text."""
        by_rule = {rule: macro for rule, macro, _ in self.scores.iter_rows()}
        name = self.metric.upper()
        return (
            f"Thresholds of {self.frame.height:,} labels: held-out macro-{name} {by_rule['shrunk']:.3f} against {by_rule['0.5']:.3f} "
            f"at 0.5 and {by_rule['global']:.3f} at {self.global_threshold:.2f} for all (against {self.against})"
        )


@checked
def thresholds(
    dataset: Dataset,
    predictions: Predictions | None = None,
    *,
    metric: Metric = "f1",
    audited: Any = None,
    config: ThresholdConfig | None = None,
    seed: int = 0,
) -> Thresholds:
    """The probability threshold of each label that maximises the metric, shrunk towards the threshold of all labels.

    Parameters
    ----------
    dataset : Dataset
        Unknown cells are left out. Where labels are missed, thresholds fitted to them are too high for the truth.
    predictions : Predictions, optional
        Default: ``predict(dataset)``.
    metric : {"f1", "f2", "f0.5"}
        F score; F2 counts recall twice as much as precision, F0.5 half as much.
    audited : frame of (item_id, label, state), optional
        Cells that a person has checked, a random sample: they take the place of the labels.
    config : ThresholdConfig, optional
    seed : int
        Of the folds.

    Returns
    -------
    Thresholds

    Raises
    ------
    StageError
        If an argument is out of its range, or nothing can be predicted.
    DataError
        If `audited` does not fit the data set.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> p = rng.beta(0.3, 2, size=(2000, 5))
    >>> ds = Dataset.from_arrays((rng.random(p.shape) < p).astype(int), probabilities=p)
    >>> found = thresholds(ds)
    >>> bool(found.frame["threshold"].max() < 0.45)
    True
    """
    config = config or ThresholdConfig()
    if metric not in get_args(Metric):
        raise StageError(f"metric: expected {', '.join(map(repr, get_args(Metric)))}, got {metric!r}")
    if config.strength < 0:
        raise StageError(f"strength: expected at least 0, got {config.strength}")
    if not 2 <= config.n_folds <= dataset.n_items:
        raise StageError(f"n_folds: expected 2 to {dataset.n_items:,} (the items), got {config.n_folds}")
    known = None if audited is None else audited_labels(dataset, audited)
    labels = dataset.labels if known is None else known
    predictions = predictions_of(dataset, predictions)
    weight = float(metric[1:]) ** 2
    folds = assign_folds(np.arange(dataset.n_items), config.n_folds, seed)

    @lru_cache(maxsize=1)  # where all labels are one block, as mostly, they are counted once
    def count(start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        return _counts(labels, predictions, slice(start, stop), folds, config.n_folds)

    own, overall = _choose(labels.shape, count, config.n_folds, weight)
    chosen, counts = _judge(labels.shape, count, own, overall, config)
    return Thresholds(
        _frame(dataset, own[-1], chosen, counts, weight),
        scores=_scores(counts, weight),
        global_threshold=float(EDGES[overall[-1]]),
        metric=metric,
        against="the labels as given" if known is None else f"{int(known.n_positive.sum() + known.n_negative.sum()):,} audited cells",
    )


def _choose(shape: tuple[int, int], count: Count, n_folds: int, weight: float) -> tuple[np.ndarray, np.ndarray]:
    """Best bins on the complement of each fold and, last, on all items: of each label (n_folds + 1, n_labels), and of all together."""
    own = np.empty((n_folds + 1, shape[1]), np.int64)
    total = np.zeros((n_folds + 1, N_BINS))
    for columns in column_blocks(*shape, n_folds):
        positive, negative = count(columns.start, columns.stop)
        everything = positive.sum(axis=0), negative.sum(axis=0)
        for view in range(n_folds + 1):
            left_out = (0, 0) if view == n_folds else (positive[view], negative[view])
            score = _curve(everything[0] - left_out[0], everything[1] - left_out[1], weight)
            own[view, columns] = _plateau(score)
            total[view] += score.sum(axis=0)
        advance("thresholds", 0.5 * columns.stop / shape[1])
    return own, _plateau(total)


def _judge(
    shape: tuple[int, int], count: Count, own: np.ndarray, overall: np.ndarray, config: ThresholdConfig
) -> tuple[np.ndarray, np.ndarray]:
    """The shrunk bin of each label, and held-out true positives, found and positives, (n_rules, 3, n_labels)."""
    counts = np.zeros((len(RULES), 3, shape[1]), np.int64)
    chosen = np.empty(shape[1], np.int64)
    for columns in column_blocks(*shape, config.n_folds):
        positive, negative = count(columns.start, columns.stop)
        n_positive = positive.sum(axis=(0, 2))
        chosen[columns] = _shrunk(own[-1, columns], int(overall[-1]), n_positive, config.strength)
        for fold in range(config.n_folds):
            here = np.full(len(n_positive), int(overall[fold]))
            mine = own[fold, columns]
            shrunk = _shrunk(mine, int(overall[fold]), n_positive - positive[fold].sum(axis=1), config.strength)
            above, below = _from_top(positive[fold]), _from_top(negative[fold])
            for rule, bins in enumerate((np.full_like(here, HALF), here, mine, shrunk)):
                hits, alarms = (np.take_along_axis(part, bins[:, None], axis=1)[:, 0] for part in (above, below))
                counts[rule, :, columns] += np.stack([hits, hits + alarms, above[:, 0]])
        advance("thresholds", 0.5 + 0.5 * columns.stop / shape[1])
    return chosen, counts


def _counts(
    labels: LabelMatrix, predictions: Predictions, columns: slice, folds: np.ndarray, n_folds: int
) -> tuple[np.ndarray, np.ndarray]:
    found = histograms(take_columns(labels, columns).dense(), predictions.cell_probabilities.columns(columns), folds, n_folds)
    return found.positive, found.negative


def _from_top(counts: np.ndarray) -> np.ndarray:
    return np.cumsum(counts[..., ::-1], axis=-1)[..., ::-1]


def _curve(positive: np.ndarray, negative: np.ndarray, weight: float) -> np.ndarray:
    """F score of "this bin or above" for each bin, (n_labels, N_BINS); 0 without a positive."""
    hits, found = _from_top(positive), _from_top(positive + negative)
    return _f_score(hits, found, hits[:, :1], weight)


def _f_score(hits: np.ndarray, found: np.ndarray, positives: np.ndarray, weight: float) -> np.ndarray:
    return np.asarray((1 + weight) * hits / np.maximum(found + weight * positives, 1e-12))


def _plateau(score: np.ndarray) -> np.ndarray:
    """Middle of the first run of bins of the best score in each row: between two cells any threshold fits the same."""
    best = score >= score.max(axis=1, keepdims=True) - 1e-12
    first = best.argmax(axis=1)
    ended = ~best & (np.arange(score.shape[1]) > first[:, None])
    last = np.where(ended.any(axis=1), ended.argmax(axis=1), score.shape[1]) - 1
    return np.asarray((first + last) // 2)


def _shrunk(own: np.ndarray, overall: int, n_positive: np.ndarray, strength: float) -> np.ndarray:
    """Bins of the weighted means of the thresholds; those of the global one where a label has no positive."""
    total = n_positive + strength
    mean = np.where(total > 0, (n_positive * EDGES[own] + strength * EDGES[overall]) / np.maximum(total, 1e-12), EDGES[overall])
    return bins_of(np.where(n_positive > 0, mean, EDGES[overall]) * (1 + 1e-9))


def _frame(dataset: Dataset, own: np.ndarray, chosen: np.ndarray, counts: np.ndarray, weight: float) -> pl.DataFrame:
    some = counts[0, 2] > 0
    columns = {
        "label": pl.Series(dataset.label_names, dtype=pl.String),
        "threshold": EDGES[chosen],
        "own_threshold": pl.Series(np.where(some, EDGES[own], np.nan)).fill_nan(None),
        "n_positive": counts[0, 2],
    }
    for name, (hits, found, positives) in zip(("f_at_half", "f_global", "f_own", "f_shrunk"), counts, strict=True):
        columns[name] = pl.Series(np.where(some, _f_score(hits, found, positives, weight), np.nan)).fill_nan(None)
    return pl.DataFrame(columns)


def _scores(counts: np.ndarray, weight: float) -> pl.DataFrame:
    some = counts[0, 2] > 0
    hits, found, positives = counts[:, 0], counts[:, 1], counts[:, 2]
    return pl.DataFrame({
        "rule": RULES,
        "macro": _f_score(hits, found, positives, weight)[:, some].mean(axis=1),
        "micro": _f_score(hits.sum(axis=1), found.sum(axis=1), positives.sum(axis=1), weight),
    })  # fmt: skip
