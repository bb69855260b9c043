"""Who votes beside the heads: the neighbours, or landmarks where these lower the log loss of the given labels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from labelscope.compute.executor import Rows
from labelscope.compute.seeds import generator
from labelscope.data.labels import LabelMatrix
from labelscope.models.heads import Problem
from labelscope.models.label_rows import log_losses
from labelscope.models.predict_config import PredictConfig
from labelscope.models.votes import Landmarks, NeighborVotes

__all__ = ["choose_voters"]

JUDGED = 1_000_000  # cells on which it is judged whether landmark votes help


def choose_voters(
    problem: Problem, labels: LabelMatrix, prevalence: np.ndarray, config: PredictConfig, before: Callable[[Rows], np.ndarray]
) -> Landmarks | NeighborVotes | None:
    """Voters with a share of `config.vote_share` in the mix, or None.

    Parameters
    ----------
    problem : Problem
    labels : LabelMatrix, shape (n_items, n_labels)
        To train on.
    prevalence : float array of shape (n_labels,)
    config : PredictConfig
    before : callable
        rows -> P(label) of some items without any vote, (n_rows, n_labels).
    """
    share = np.float32(config.vote_share)
    if "votes" in config.heads or not (share > 0 and config.n_neighbors > 0):
        return None
    if problem.near is not None:
        near = problem.near
        return NeighborVotes(labels, near.indices, near.similarities, prevalence, problem.groups, duplicate=config.duplicate)
    n_items = len(problem.features)
    landmarks = Landmarks(problem.features, labels, prevalence, problem.groups, seed=problem.seed)
    most = max(1, JUDGED // labels.shape[1])
    judged = np.sort(generator(problem.seed, "judged").permutation(n_items)[:most]) if n_items > most else slice(0, n_items)
    states, without = labels.dense(judged), before(judged)
    votes = without + share * (landmarks.votes(judged) - without)
    return landmarks if log_losses(states, votes).sum() < log_losses(states, without).sum() else None
