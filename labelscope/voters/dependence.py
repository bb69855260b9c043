"""Voters who say the same thing for the same reason: copies, rules that fire together, judges of one family.

Two voters who nearly always agree tell little more than one of them. How alike two voters are is their agreement beyond
chance (Cohen's kappa) on the questions that both answered; for two that each give one answer only, as rules do, the
correlation of where they speak. Up to 0.7 that is what good voters reach without knowing of each other; above, their votes
on a question share one weight, as m readings with correlation r are worth m / (1 + (m - 1) r) independent ones.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from labelscope.voters.ballots import Ballots

__all__ = ["ballot_weights", "likeness"]

ALIKE = 0.7
LEAST_SHARED = 20  # questions that two voters must share


def likeness(ballots: Ballots, *, one_answer: np.ndarray) -> sp.csr_matrix:
    """How far each pair of voters repeats each other, sparse float64 (n_voters, n_voters), in (0, 1].

    Parameters
    ----------
    ballots : Ballots
    one_answer : bool array of shape (n_voters,)
        Voters who give one answer only.
    """
    spoke = _matrix(ballots, np.ones(len(ballots.question)), ballots.n_questions)
    shared = sp.csr_matrix(spoke.T @ spoke)
    if not (sp.triu(shared, k=1).data >= LEAST_SHARED).any():
        return sp.csr_matrix(shared.shape)
    answers = [_matrix(ballots, (ballots.answer == answer).astype(float), ballots.n_questions) for answer in np.unique(ballots.answer)]
    same = sum((said.T @ said for said in answers), sp.csr_matrix(shared.shape))
    chance = sum(((said.T @ spoke).multiply((said.T @ spoke).T) for said in answers), sp.csr_matrix(shared.shape))
    pairs = sp.triu(shared, k=1).tocoo()
    enough = pairs.data >= LEAST_SHARED
    a, b, n = pairs.row[enough], pairs.col[enough], pairs.data[enough]
    observed = np.asarray(sp.csr_matrix(same)[a, b]).ravel() / n
    expected = np.asarray(sp.csr_matrix(chance)[a, b]).ravel() / n**2
    with np.errstate(divide="ignore", invalid="ignore"):
        kappa = np.where(expected < 1, (observed - expected) / (1 - expected), 0)
        speaks = np.asarray(spoke.sum(axis=0)).ravel()
        spread = np.sqrt(speaks * (ballots.n_questions - speaks))
        firing = (n * ballots.n_questions - speaks[a] * speaks[b]) / (spread[a] * spread[b])
    alike = np.where(one_answer[a] & one_answer[b], np.where(observed > 0, np.nan_to_num(firing), 0), kappa)
    excess = np.clip((alike - ALIKE) / (1 - ALIKE), 0, 1)
    kept = excess > 0
    half = sp.coo_matrix((excess[kept], (a[kept], b[kept])), shape=shared.shape)
    return sp.csr_matrix(half + half.T)


def ballot_weights(ballots: Ballots, alike: sp.csr_matrix) -> np.ndarray:
    """What each ballot counts beside those of voters like its own, float64 (n_ballots,), in (0, 1]."""
    if not alike.nnz:
        return np.ones(len(ballots.question))
    spoke = _matrix(ballots, np.ones(len(ballots.question)), ballots.n_questions)
    repeated = sp.csr_matrix(spoke @ alike)
    return 1 / (1 + np.asarray(repeated[ballots.question, ballots.voter]).ravel())


def _matrix(ballots: Ballots, values: np.ndarray, n_questions: int) -> sp.csr_matrix:
    return sp.csr_matrix((values, (ballots.question, ballots.voter)), shape=(n_questions, ballots.n_voters))
