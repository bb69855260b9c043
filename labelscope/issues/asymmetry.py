"""How one-sided the noise is: what a negative cell's suspicion weighs against that of a positive one.

Rank the cells of a label by out-of-fold probability. Near the top nearly all truly carry it, so the share of them that
is given as negative estimates P(given 0 | truly 1), the miss rate, without knowing the truth (the anchor idea of
Patrini et al. 2017, with groups of cells instead of single points). Going down the ranking that share rises anyway,
because the model gets unsure. So look at how it changes: real misses *persist* at the top; where nothing is ever
missed (candidate label sets, lists that err on the generous side) they vanish as the model gets surer, and a negative
cell is rarely wrong even at a high probability. The persistence, the rate at the top over the rate among as many cells
as the label has positives, scales the odds that a negative cell is wrong; where hardly a miss is to be expected among
the few cells at the top, that there is none says nothing. Where every item carries exactly one label nothing has to be
estimated: the wrong label took the place of the right one, so every spurious cell comes with a missed one.

Where misses persist, a negative cell that the model believes in is wrong more often than a positive one that it
disbelieves by as much: models of rare labels are modest, and low probabilities of true positives are the rule. Hence
the factor `MOST`, which holds on every crowd-labelled set at hand.

One figure for the whole data set, pooled over its labels: figures of single labels rest on a dozen cells each and
reorder the missing cells for the worse (``benchmarks/RESULTS.md``, ablation).

The mirror image, a spurious rate from the lowest-ranked cells, does not work: every rare label has plenty of cells
that nobody would mark, while real spurious labels sit on look-alikes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from labelscope.compute.runs import run_places
from labelscope.data.cell_scores import Scores
from labelscope.data.labels import POSITIVE, UNKNOWN, LabelMatrix
from labelscope.data.listed_scores import ListedScores
from labelscope.stats.characteristics import single_choice

__all__ = ["MOST", "miss_rates", "missing_weight", "weigh_odds"]

TOP_SHARE, BROAD_SHARE = 0.1, 1.0  # of a label's positives: how many cells are compared
TOP_MIN = 10
MOST = 4.0  # odds of a negative cell against those of a positive one, where misses persist in full
POWER = 4  # on the persistence; both chosen on the real-noise sets
SINGLE_POWER = 20  # on the share of items with exactly one label: 19 in 20 are a third of the way
PRIOR = 0.5  # cells: where not even one miss is expected at the top, that there is none says nothing
LEAST = 1e-6  # no finite group of cells shows that nothing is ever missed


def miss_rates(labels: LabelMatrix, probabilities: Scores, shares: Sequence[float] = (TOP_SHARE, BROAD_SHARE)) -> np.ndarray:
    """Share of given negatives among the highest-ranked cells of each label, float64 (n_shares, n_labels) in [0, 1].

    At the top it estimates P(given negative | truly positive), and overestimates it where the model is weak.

    Parameters
    ----------
    labels : LabelMatrix, shape (n_items, n_labels)
    probabilities : Scores, shape (n_items, n_labels)
        Out of fold.
    shares : sequence of float
        How many cells count as highest-ranked, as a share of the label's positives; at least ten.
    """
    if isinstance(probabilities, ListedScores):
        return _listed_rates(labels, probabilities, np.asarray(shares))
    n_items, n_labels = labels.shape
    rates = np.ones((len(shares), n_labels))
    width = max(1, (64 << 20) // max(1, n_items * 8))
    for start in range(0, n_labels, width):
        columns = np.arange(start, min(n_labels, start + width))
        for column, states in zip(columns, labels.columns(columns).T, strict=True):
            known = states != UNKNOWN
            doubt, given = -probabilities.column(int(column))[known], states[known] == POSITIVE
            counts = np.maximum(TOP_MIN, (np.asarray(shares) * given.sum()).astype(np.int64))
            possible = np.unique(counts[counts < len(given)])
            if len(possible):
                order = np.argpartition(doubt, possible)
                seen = np.cumsum(given[order[: possible[-1]]])
                rates[:, column] = [1 - seen[n - 1] / n if n < len(given) else 1 for n in counts]
    return rates


def _listed_rates(labels: LabelMatrix, probabilities: ListedScores, shares: np.ndarray) -> np.ndarray:
    """The same where cells are listed: those that rank highest for a label always are (:mod:`labelscope.models.candidates`)."""
    n_labels = labels.shape[1]
    states = labels.states(probabilities.items, probabilities.labels)
    known = states != UNKNOWN
    label, p, given = probabilities.labels[known], probabilities.numbers[known], states[known] == POSITIVE
    order = np.lexsort((-p, label))
    label, given = label[order], given[order]
    rank, n_known = run_places(label), labels.n_positive + labels.n_negative
    rates = np.ones((len(shares), n_labels))
    for share, rate in zip(shares, rates, strict=True):
        counts = np.maximum(TOP_MIN, (share * labels.n_positive).astype(np.int64))
        seen = np.bincount(label[given & (rank < counts[label])], minlength=n_labels)
        rate[counts < n_known] = (1 - seen / counts)[counts < n_known]
    lowest, highest = np.full(n_labels, np.inf), np.full(n_labels, -np.inf)
    np.minimum.at(lowest, label, p[order])
    np.maximum.at(highest, label, p[order])
    same = (lowest >= highest) & (n_known > TOP_MIN)  # not scored, or never told apart: any of its cells may be the highest
    rates[:, same] = (1 - labels.n_positive / np.maximum(n_known, 1))[same]
    return rates


def missing_weight(labels: LabelMatrix, rates: np.ndarray) -> float:
    """Factor on the odds that a negative cell is wrong, above 0 and at most `MOST`.

    Parameters
    ----------
    labels : LabelMatrix, shape (n_items, n_labels)
    rates : float array of shape (2, n_labels)
        From :func:`miss_rates`: at the top, and among as many cells as there are positives.
    """
    top, broad = np.average(rates, axis=1, weights=np.maximum(labels.n_positive, 1e-9))
    n_top = max(TOP_MIN, TOP_SHARE * float(labels.n_positive.sum()))
    persistence = min(1.0, (top * n_top + PRIOR) / (broad * n_top + PRIOR))
    return float(MOST * max(persistence**POWER, single_choice(labels) ** SINGLE_POWER, LEAST))


def weigh_odds(suspicion: np.ndarray, weight: float | np.ndarray) -> np.ndarray:
    """Probabilities whose odds are `weight` times those of `suspicion`, same shape.

    Examples
    --------
    >>> weigh_odds(np.array([0.5, 0.99]), 1 / 99).round(2).tolist()
    [0.01, 0.5]
    """
    weighed = suspicion * weight
    return np.asarray(weighed / (weighed + (1 - suspicion)))
