"""How far down the ranking a state can be given within a stated false discovery rate.

A cell's conformal p-value for "positive" is the share of reference cells known to be negative that score at least as
high, and the mirror image for "negative" (class-conditional: Vovk, Lindsay, Nouretdinov and Gammerman 2003). Where the
unknown cells of a state score like the known cells of that state, whatever the mix of states, the p-values of the
wrong ones are uniform, and the procedure of Benjamini and Hochberg (1995) holds the false discovery rate (Bates, Candès, Lei,
Romano and Sesia 2023). Jin and Candès (2023) divide by all reference cells instead: more power for the majority state, but
the rate is lost as soon as the unknown cells have another mix of states, for instance where only positives were hidden.

Three things keep the rate where it is stated:

* All labels are ranked together, and the rate is that of the whole list of a state. A label of its own, tested alone,
  would add its accidental finds to the list, and with a thousand labels these are most of it.
* Scores are put on one scale by a Platt scaling that is cross-fitted over items. One that has seen a label's known
  cells pulls the few highest-scored known negatives down, and unknown cells then look better than they are: at the
  top of the list up to half as many again were wrong.
* The share of wrong states among the candidates is taken as 1, and estimated (Storey 2002) only where they are
  clearly the minority; a state is never given beyond the point where that share of the reference cells would get it.
  An audit says how large the share is, and there all audited cells divide.

The labels must be right where they are known. Wrong known cells void the rate against the truth; audited cells restore it
(:func:`audited_bounds`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from labelscope.compute.executor import row_blocks
from labelscope.compute.progress import advance
from labelscope.data.dataset import Dataset
from labelscope.data.labels import LabelMatrix
from labelscope.models.calibration import fit_counts
from labelscope.models.folds import assign_folds
from labelscope.models.histograms import CENTERS, N_BINS, Histograms, bins_at, bins_of, column_blocks, histograms, odds_at, take_columns
from labelscope.models.predict import Predictions
from labelscope.suggest.state_bounds import Bounds

__all__ = ["audited_bounds", "known_bounds", "lowest_bins"]

N_FOLDS = 5
COARSE = 4  # bins joined for the check of the mix
N_COARSE, SPAN = 512, 8.0  # bins of the Platt scaling, and standard deviations on either side that they cover
HALF = 0.5  # p-value above which Storey counts the candidates
PER_STRATUM = 25  # audited cells in a stratum of scores
MIXES = np.linspace(0, 1, 21)
ALPHA, LEAST_DISTANCE = 1e-3, 0.05  # of the check that unknown cells are like some mix of the known ones

NOT_SCORED = "too few known positives or negatives to score this label"
NO_OPPOSITE = "no known cells of the opposite state to measure errors on; audit some cells"
UNLIKE = "unknown cells score unlike any mix of known positives and negatives; audit some of them"


def known_bounds(dataset: Dataset, predictions: Predictions, rate: float, seed: int) -> Bounds:
    """Bounds with the known cells as reference: the rate holds against the labels as given.

    Parameters
    ----------
    dataset : Dataset
    predictions : Predictions
    rate : float
        False discovery rate of each state, in (0, 1).
    seed : int
        Of the folds of the cross-fitted scaling.
    """
    labels, n_labels = dataset.labels, dataset.n_labels
    folds = assign_folds(np.arange(dataset.n_items), min(N_FOLDS, dataset.n_items), seed)
    n_folds = int(folds.max()) + 1
    both = np.minimum(labels.n_positive, labels.n_negative) > 0
    unlike = np.zeros(n_labels, bool)
    own = np.full(n_labels, N_BINS), np.full(n_labels, -1)
    scaling = np.zeros((2, n_folds, n_labels))
    pooled = np.zeros((3, N_BINS))
    for columns in column_blocks(dataset.n_items, n_labels, n_folds):
        part = take_columns(labels, columns)
        found = histograms(part.dense(), predictions.cell_probabilities.columns(columns), folds, n_folds)
        usable = both[columns] & predictions.scored[columns] & (part.n_unknown > 0)
        unlike[columns] = usable & _unlike_any_mix(found, n_labels)
        usable &= ~unlike[columns]
        negatives, positives, unknown = (counts.sum(axis=0)[usable] for counts in _states(found))
        own[0][columns][usable], own[1][columns][usable] = _both_bounds(negatives, positives, unknown, rate)
        scaling[:, :, columns] = _cross_fit(found)
        pooled += _pooled(found, scaling[:, :, columns], usable)
        advance("pseudo-labels", 0.5 * columns.stop / n_labels)
    positive, negative = (int(bound) for bound in _both_bounds(pooled[0], pooled[1], pooled[2], rate))
    use = both & predictions.scored & ~unlike
    bounds = _unscaled(scaling, positive, negative, use)
    inseparable = f"not separable from the other state at a false discovery rate of {rate:g}"
    reasons = np.where(~predictions.scored, NOT_SCORED, np.where(~both, NO_OPPOSITE, np.where(unlike, UNLIKE, inseparable)))
    return Bounds(*bounds, *own, folds, reasons.tolist())


def audited_bounds(dataset: Dataset, predictions: Predictions, audited: LabelMatrix, rate: float, target: int) -> Bounds:
    """Bounds with audited cells as reference: the rate holds against what the audit says, wrong known cells or not.

    The audited cells may be drawn at random or by their score (more of them near the top is far more telling): they are
    weighted by how many cells to choose from lie in their stratum of scores (weighted conformal p-values: Tibshirani,
    Foygel Barber, Candès and Ramdas 2019; Jin and Candès 2023). They must not be chosen by anything else that says
    whether they are right. All labels are pooled.

    Parameters
    ----------
    dataset : Dataset
    predictions : Predictions
    audited : LabelMatrix, shape (n_items, n_labels)
        Unknown where not audited.
    rate : float
    target : {-1, 0}
        State of the cells to choose from.
    """
    candidates = np.zeros(N_BINS)
    for block in row_blocks(dataset.n_items, dataset.n_labels * 12):
        able = (dataset.labels.dense(block) == target) & (audited.dense(block) < 0) & predictions.scored
        candidates += np.bincount(bins_of(predictions.cell_probabilities.rows(block)[able]), minlength=N_BINS)
        advance("pseudo-labels", 0.5 * block.stop / dataset.n_items)
    wrong, right = (_counts_at(cells, predictions) for cells in (audited.exceptions, audited.positives))
    weight = _weights(wrong + right, candidates)
    covered = candidates * (weight > 0)
    positive = _lowest_weighted_bin(wrong, right, weight, covered, rate)
    from_below = _lowest_weighted_bin(right[::-1], wrong[::-1], weight[::-1], covered[::-1], rate)
    negative = N_BINS - 1 - max(from_below, _spared((right * weight)[::-1], rate))
    n_audited = int(wrong.sum() + right.sum())
    few = f"not separable from the other state at a false discovery rate of {rate:g} by {n_audited:,} audited cells"
    if n_audited * rate < 1:
        few = f"{n_audited:,} audited cells are too few for a false discovery rate of {rate:g}; audit a few hundred"
    n_labels, folds = dataset.n_labels, np.zeros(dataset.n_items, np.int64)
    shape = (1, n_labels)
    return Bounds(
        np.where(predictions.scored, positive, N_BINS).reshape(shape), np.where(predictions.scored, negative, -1).reshape(shape),
        np.full(n_labels, N_BINS), np.full(n_labels, -1), folds, np.where(predictions.scored, few, NOT_SCORED).tolist(),
    )  # fmt: skip


def lowest_bins(reference: np.ndarray, candidates: np.ndarray, rate: float) -> np.ndarray:
    """Lowest bin from which the candidates can be selected, int64 (...); the number of bins where none can.

    Parameters
    ----------
    reference : array of shape (..., n_bins)
        Cells of the opposite state in each bin, or weights; bins ascending in score.
    candidates : array of shape (..., n_bins)
    rate : float

    Examples
    --------
    >>> int(lowest_bins(np.array([60, 39, 1, 0]), np.array([50, 10, 5, 20]), 0.1))
    2
    """
    above, chosen = _from_top(reference), _from_top(candidates)
    total, m = above[..., :1], np.maximum(chosen[..., :1], 1)
    p_values = (1 + above) / (1 + total)
    beyond = np.where(p_values > HALF, candidates, 0).sum(axis=-1, keepdims=True)
    minority = np.minimum(1, (1 + beyond) / (HALF * m))
    nulls = np.where(minority < HALF, minority, 1.0)
    passed = (p_values <= rate * np.minimum(1, chosen / (m * nulls))) & (chosen > 0) & (total > 0)
    return np.where(passed.any(axis=-1), passed.argmax(axis=-1), passed.shape[-1])


def _lowest_weighted_bin(wrong: np.ndarray, right: np.ndarray, weight: np.ndarray, candidates: np.ndarray, rate: float) -> int:
    """The same for audited cells of both states in each bin, weighted up to the candidates: their mix of states is known.

    So the p-values divide by all of them, as Jin and Candès do.
    """
    above, chosen = _from_top(wrong * weight), _from_top(candidates)
    p_values = (weight + above) / np.maximum(weight + ((wrong + right) * weight).sum(), 1e-300)
    passed = (p_values <= rate * chosen / max(1.0, chosen[0])) & (chosen > 0)
    return int(passed.argmax()) if passed.any() else len(passed)


def _spared(weights: np.ndarray, rate: float) -> int:
    """Lowest bin from which at most `rate` of all the weight lies; without any weight, none."""
    above = _from_top(weights)
    spared = above <= rate * above[0]
    return int(spared.argmax()) if above[0] > 0 else len(weights)


def _from_top(counts: np.ndarray) -> np.ndarray:
    return np.cumsum(counts[..., ::-1], axis=-1)[..., ::-1]


def _both_bounds(negative: np.ndarray, positive: np.ndarray, candidates: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray]:
    yes = lowest_bins(negative, candidates, rate)
    no = candidates.shape[-1] - 1 - lowest_bins(positive[..., ::-1], candidates[..., ::-1], rate)
    return yes, no


def _states(found: Histograms) -> Sequence[np.ndarray]:
    return found.negative, found.positive, found.unknown


def _coarse(counts: np.ndarray) -> np.ndarray:
    return counts.reshape(*counts.shape[:-1], -1, COARSE).sum(axis=-1)


def _cross_fit(found: Histograms) -> np.ndarray:
    """Slopes and intercepts on the log-odds, (2, n_folds, n_labels), each from the cells of the other folds.

    The log-odds are standardised by all cells of the label first, known and unknown alike: the Newton steps start near the
    optimum then, however far off the scale of given probabilities is.
    """
    whole = sum(counts.sum(axis=0) for counts in _states(found))
    total = np.maximum(whole.sum(axis=1), 1)
    mean = whole @ CENTERS / total
    spread = np.sqrt(np.maximum(whole @ CENTERS**2 / total - mean**2, 0)) + 1e-3
    standard = (CENTERS - mean[:, None]) / spread[:, None]
    places = np.clip((standard + SPAN) * (N_COARSE / (2 * SPAN)), 0, N_COARSE - 1).astype(np.int64)
    positive, negative = (_moved(counts, places) for counts in (found.positive, found.negative))
    others = [counts if len(counts) == 1 else counts.sum(axis=0) - counts for counts in (positive, negative)]
    centers = (np.arange(N_COARSE) + 0.5) * (2 * SPAN / N_COARSE) - SPAN
    fitted = fit_counts(centers, *(counts.reshape(-1, N_COARSE) for counts in others))
    slope, intercept = fitted.slope.reshape(positive.shape[:2]), fitted.intercept.reshape(positive.shape[:2])
    return np.stack([slope / spread, intercept - slope * mean / spread])


def _moved(counts: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Counts (n_folds, n_labels, N_BINS) in the coarse bins that each label's fine bins belong to, float64."""
    fold, label, at = np.nonzero(counts)
    index = (fold * counts.shape[1] + label) * N_COARSE + places[label, at]
    return np.bincount(index, counts[fold, label, at], counts.shape[0] * counts.shape[1] * N_COARSE).reshape(*counts.shape[:2], N_COARSE)


def _pooled(found: Histograms, scaling: np.ndarray, usable: np.ndarray) -> np.ndarray:
    """Cells of each state in the bins of the common scale, over all usable labels, float64 (3, N_BINS)."""
    fold, label, at = np.nonzero((found.negative + found.positive + found.unknown) * usable[:, None])
    slope, intercept = scaling[:, fold, label]
    bins = bins_at(slope * CENTERS[at] + intercept)
    return np.stack([np.bincount(bins, counts[fold, label, at], N_BINS) for counts in _states(found)])


def _unscaled(scaling: np.ndarray, positive: int, negative: int, use: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bounds on each label's own probabilities, (n_folds, n_labels) each, from bounds on the common scale."""
    first = [_first_bin(scaling, odds_at(bound)) for bound in (positive, negative + 1)]
    return (
        np.where(use & (positive < N_BINS), first[0], N_BINS),
        np.where(use & (negative >= 0), first[1] - 1, -1),
    )


def _first_bin(scaling: np.ndarray, odds: np.ndarray) -> np.ndarray:
    """Lowest bin of each fold and label that lies at `odds` or above on the common scale, int64 (n_folds, n_labels)."""
    slope, intercept = scaling
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = np.where(slope > 0, (odds - intercept) / slope, np.where(intercept >= odds, -np.inf, np.inf))
    return np.searchsorted(CENTERS, needed)


def _unlike_any_mix(found: Histograms, n_tests: int) -> np.ndarray:
    """Labels whose unknown cells are no mix of the known states by their scores, bool (n_labels,).

    Kolmogorov's distance to the nearest mix, against its bound at level `ALPHA` over all labels.
    """
    shares, sizes = [], []
    for counts in _states(found):
        coarse = _coarse(counts.sum(axis=0)).cumsum(axis=-1)
        sizes.append(np.maximum(coarse[:, -1], 1).astype(np.float64))
        shares.append(coarse / sizes[-1][:, None])
    negative, positive, unknown = shares
    excess = np.full(len(unknown), np.inf)
    scale = np.sqrt(np.log(2 * n_tests / ALPHA) / 2)
    for mix in MIXES:
        distance = np.abs(unknown - mix * positive - (1 - mix) * negative).max(axis=-1)
        spread = np.sqrt(1 / sizes[2] + mix**2 / sizes[1] + (1 - mix) ** 2 / sizes[0])
        excess = np.minimum(excess, distance - np.maximum(LEAST_DISTANCE, scale * spread))
    return excess > 0


def _counts_at(cells: sp.csr_matrix, predictions: Predictions) -> np.ndarray:
    """Audited cells of one state in each bin, float64 (N_BINS,); labels that are not scored left out."""
    found = cells.tocoo()
    kept = predictions.scored[found.col]
    return np.bincount(bins_of(predictions.cell_probabilities.at(found.row[kept], found.col[kept])), minlength=N_BINS).astype(np.float64)


def _weights(audited: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Candidates for each audited cell, by stratum of scores, float64 (N_BINS,)."""
    n_strata = max(1, int(audited.sum()) // PER_STRATUM)
    before = np.cumsum(audited) - audited / 2
    stratum = np.minimum((before * n_strata / max(1.0, audited.sum())).astype(np.int64), n_strata - 1)
    held, offered = (np.bincount(stratum, counts, n_strata) for counts in (audited, candidates))
    return (offered / np.maximum(held, 1))[stratum]
