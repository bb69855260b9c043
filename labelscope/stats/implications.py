"""Which implications the labels support, and how surely: exceptions weighed against what noise does in this data set.

Three things speak. How many items break the rule, against the rate at which noise breaks rules here
(:mod:`labelscope.stats.violation_model`). Whether a goes to b more often than by chance. And what else the broken
items carry: an item that lost "animal" by an oversight still carries its other animals, an item that is none does not
(:mod:`labelscope.stats.cooccurring_evidence`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from labelscope.data.labels import LabelMatrix
from labelscope.stats.cooccurring_evidence import hearing
from labelscope.stats.pairs import LabelPairs
from labelscope.stats.violation_model import Candidates, ViolationModel, fit_violations

__all__ = ["Implications", "believed", "implications"]

BELIEVED = 0.5
LARGEST_SHARE = 0.5  # of what independence would give: with more, a does not speak for b
MOST_FOR, MOST_AGAINST = 1.0, -3.0  # of what the witnesses may say, in log odds


@dataclass(frozen=True)
class Implications:
    """How sure each implication is.

    Attributes
    ----------
    forth, back : float64, shape (n_pairs,)
        Probability that a => b and that b => a; 0 where the pair is no candidate (too few items, too many exceptions,
        no more often together than by chance).
    model : ViolationModel
        The noise as it shows in the broken rules.
    n_rules : int
        Implications believed (one identical pair is two).
    """

    forth: np.ndarray
    back: np.ndarray
    model: ViolationModel
    n_rules: int


def implications(
    labels: LabelMatrix, pairs: LabelPairs, q_more: np.ndarray, *, least: int, false_discoveries: float, rates: tuple[float, float] | None
) -> Implications:
    """Probabilities of the implications between pairs of labels.

    Parameters
    ----------
    labels : LabelMatrix
    pairs : LabelPairs
    q_more : float64 array of shape (n_pairs,)
        Adjusted p-values of being together more often than by chance.
    least : int
        Items that a label needs for what it implies to be testable.
    false_discoveries : float
        Largest `q_more` of a candidate.
    rates : (miss, spurious), optional
        Noise rates; estimated where not given.
    """
    back = pairs.swapped()
    both = [_eligible(side, q_more, least, false_discoveries) for side in (pairs, back)]
    sides = LabelPairs.concatenate([pairs.select(both[0]), back.select(both[1])])
    candidates = _candidates(sides)
    known = None if rates is None else broken_by_noise(sides, *rates)
    model = fit_violations(candidates, known)
    odds = model.log_odds(candidates, known)
    said = hearing(labels, sides, odds > 0, model.rate if known is None else known)
    belief = expit(odds + np.clip(said, MOST_AGAINST, MOST_FOR))
    forward, backward, n_forward = np.zeros(len(q_more)), np.zeros(len(q_more)), int(both[0].sum())
    forward[both[0]], backward[both[1]] = belief[:n_forward], belief[n_forward:]
    return Implications(forward, backward, model, int(believed(belief).sum()))


def believed(probability: np.ndarray) -> np.ndarray:
    """Whether an implication is listed: more likely true than not."""
    return np.asarray(probability >= BELIEVED)


def broken_by_noise(pairs: LabelPairs, miss: float, spurious: float) -> np.ndarray:
    """Share of a's items without b that noise alone makes if a => b, float64 (n_pairs,).

    A true a lacks its b with probability `miss`; a spurious a has b no more often than any other item.
    """
    elsewhere = (pairs.n_b - pairs.n_ab) / np.maximum(pairs.n_known - pairs.n_a, 1)
    return np.asarray(np.clip((1 - spurious) * miss + spurious * (1 - elsewhere), 1e-4, 1 - 1e-4))


def _eligible(pairs: LabelPairs, q_more: np.ndarray, least: int, false_discoveries: float) -> np.ndarray:
    broken = pairs.n_a - pairs.n_ab
    return np.asarray((pairs.n_a >= least) & (q_more <= false_discoveries) & (broken <= _limit(pairs) * pairs.n_a))


def _candidates(pairs: LabelPairs) -> Candidates:
    return Candidates(pairs.n_a - pairs.n_ab, pairs.n_a, _limit(pairs), pairs.n_a <= pairs.n_b)


def _limit(pairs: LabelPairs) -> np.ndarray:
    return LARGEST_SHARE * (1 - pairs.n_b / np.maximum(pairs.n_known, 1))
