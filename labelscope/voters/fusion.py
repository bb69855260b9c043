"""What the voters say of a cell, and what a model says of it, as one probability.

Where people voted, their consensus counts as many votes as there are and the model as two more: the idea of CROWDLAB
(Goh, Tkachenko and Mueller 2022) with the consensus of :mod:`labelscope.voters.weighing` in place of the weighted share.
Multiplying the odds instead ranks worse, because the votes on a hard cell err together. Where fewer than four vote on a
cell, the model also takes part in rating them: one voter alone, a judge that was just asked, has nobody else to agree
with. Where rules voted, each with one answer, the model is what tells a good rule from a bad one, and its odds are
multiplied with theirs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelscope.data.cell_scores import Scores
from labelscope.data.dataset import Dataset
from labelscope.data.labels import NEGATIVE, POSITIVE
from labelscope.data.votes import Votes
from labelscope.stats.characteristics import single_choice
from labelscope.voters.ballots import Ballots, cell_ballots, item_ballots
from labelscope.voters.weighing import weigh

__all__ = ["MODEL_VOTES", "Fused", "fuse", "heard"]

MODEL_VOTES = 2.0
ENOUGH = 4.0  # votes a cell from which voters rate each other
SINGLE = 0.99  # share of the items with one label each from which labels are taken to exclude each other


@dataclass(frozen=True, eq=False)
class Fused:
    """The cells on which anybody voted, as item * n_labels + label, rising; what the votes come to, and what that counts.

    Attributes
    ----------
    keys : int64, shape (n_cells,)
    belief : float64, shape (n_cells,)
        P(positive) by the votes, in [0, 1].
    n_votes : float64, shape (n_cells,)
        Votes' worth; infinite where the model has already been heard.
    """

    keys: np.ndarray
    belief: np.ndarray
    n_votes: np.ndarray

    def beside(self, cells: np.ndarray, p: np.ndarray) -> np.ndarray:
        """P(positive) of some of the cells by position, with what a model says of them, float64 (n_chosen,)."""
        share = MODEL_VOTES / (MODEL_VOTES + self.n_votes[cells])
        return np.asarray(self.belief[cells] + share * (p - self.belief[cells]))


def fuse(ds: Dataset, votes: Votes, probabilities: Scores) -> Fused:
    """What all voters say, ready to be taken together with a model.

    Parameters
    ----------
    ds : Dataset
    votes : Votes
        At least one of them decided.
    probabilities : Scores, shape (n_items, n_labels)
        P(label) by a model, by which rules are told apart where labels exclude each other.
    """
    n = ds.n_labels
    if not _exclude_each_other(ds, votes):
        ballots = cell_ballots(votes, n)
        positive = (ds.labels.n_positive + 0.5) / (ds.labels.n_positive + ds.labels.n_negative + 1)
        said = _log_odds(ballots, probabilities) if _few(ballots, probabilities) else None
        weighed = weigh(ballots, base=np.stack([1 - positive, positive], axis=1), beside=said)
        return Fused(ballots.keys, weighed.posterior[:, 1], ballots.counts.sum(axis=1))
    ballots = item_ballots(votes, n)
    weighed = weigh(ballots)
    n_votes = ballots.counts.sum(axis=1)
    if weighed.one_answer[ballots.voter].mean() > 0.5:
        said = np.log(np.clip(probabilities.rows(ballots.keys).astype(np.float64), 1e-6, 1))
        weighed, n_votes = weigh(ballots, beside=said), np.full(ballots.n_questions, np.inf)
    keys = (ballots.keys[:, None] * n + np.arange(n)).ravel()
    return Fused(keys, weighed.posterior.ravel(), np.repeat(n_votes, n))


def heard(ds: Dataset, probabilities: Scores) -> tuple[Scores, np.ndarray]:
    """P(label) by a model and all who voted, and the cells on which anybody did.

    Parameters
    ----------
    ds : Dataset
    probabilities : Scores, shape (n_items, n_labels)
        P(label) by the model.

    Returns
    -------
    probabilities : Scores, shape (n_items, n_labels)
        Those of the model itself where nobody voted.
    voted : int64, shape (n_cells,)
        As item * n_labels + label, rising.
    """
    if ds.votes is None or not (ds.votes.values >= NEGATIVE).any():
        return probabilities, np.empty(0, np.int64)
    fused = fuse(ds, ds.votes, probabilities)
    cells, together = (fused.keys // ds.n_labels, fused.keys % ds.n_labels), np.array(probabilities.values, np.float32)
    together[cells] = fused.beside(np.arange(len(fused.keys)), together[cells].astype(np.float64))
    return Scores(together), fused.keys


def _few(ballots: Ballots, probabilities: Scores) -> bool:
    """Whether too few vote on a cell to rate each other, and a model can do it instead."""
    return len(ballots.question) < ENOUGH * ballots.n_questions and probabilities.tells_items_apart()


def _log_odds(ballots: Ballots, probabilities: Scores) -> np.ndarray:
    """Log-probability of no and yes by the model, (n_questions, 2)."""
    p = np.clip(probabilities.at(*np.divmod(ballots.keys, probabilities.shape[1])).astype(np.float64), 1e-6, 1 - 1e-6)
    return np.log(np.stack([1 - p, p], axis=1))


def _exclude_each_other(ds: Dataset, votes: Votes) -> bool:
    """Whether every item has one label, and most voters never say yes to two labels of an item."""
    if ds.n_labels < 2 or single_choice(ds.labels) < SINGLE:
        return False
    said = votes.values == POSITIVE
    width = ds.n_items * ds.n_labels
    cells = np.unique(votes.raters[said] * width + votes.items[said] * ds.n_labels + votes.labels[said])
    n_cells = np.bincount(cells // width)
    n_items = np.bincount(np.unique(cells // ds.n_labels) // ds.n_items, minlength=len(n_cells))
    spoke = n_cells > 0
    return bool(spoke.any() and (n_items[spoke] >= SINGLE * n_cells[spoke]).mean() > 0.5)
