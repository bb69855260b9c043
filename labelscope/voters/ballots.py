"""Votes as questions with answers: the one form in which both kinds of label sets are weighed.

Where labels are independent, each cell with a vote is a question of its own with the answers no and yes. Where exactly
one label fits an item, the item is the question and the labels are its answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from labelscope.data.labels import NEGATIVE, POSITIVE
from labelscope.data.votes import Votes

__all__ = ["Ballots", "cell_ballots", "item_ballots"]


@dataclass(frozen=True, eq=False)
class Ballots:
    """Decided votes, each the answer of a voter to a question.

    Attributes
    ----------
    question, voter, answer : int64, shape (n_ballots,)
    keys : int64, shape (n_questions,)
        What is asked: item * n_labels + label of a cell, or the item.
    group : int64, shape (n_questions,)
        The label of a cell; 0 for items. Voters are rated for each group apart.
    n_groups, n_answers, n_voters : int
    """

    question: np.ndarray
    voter: np.ndarray
    answer: np.ndarray
    keys: np.ndarray
    group: np.ndarray
    n_groups: int
    n_answers: int
    n_voters: int

    @property
    def n_questions(self) -> int:
        """Number of questions with a vote."""
        return len(self.keys)

    @cached_property
    def counts(self) -> np.ndarray:
        """Votes for each answer, float64 (n_questions, n_answers)."""
        flat = np.bincount(self.question * self.n_answers + self.answer, minlength=self.n_questions * self.n_answers)
        return flat.reshape(self.n_questions, self.n_answers).astype(np.float64)

    @cached_property
    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """The (voter, group) pairs that voted, as voter * n_groups + group, and the pair of each ballot."""
        return np.unique(self.voter * self.n_groups + self.group[self.question], return_inverse=True)

    def by_question(self, evidence: np.ndarray) -> np.ndarray:
        """Sums over the ballots of each question, float64 (n_questions, n_columns)."""
        n = len(self.question)
        gather = sp.csr_matrix((np.ones(n), (self.question, np.arange(n))), shape=(self.n_questions, n))
        return np.asarray(gather @ evidence)


def cell_ballots(votes: Votes, n_labels: int) -> Ballots:
    """Every cell with a decided vote is a question; its answers are no (0) and yes (1)."""
    decided = votes.values >= NEGATIVE
    keys, question = np.unique(votes.items[decided] * n_labels + votes.labels[decided], return_inverse=True)
    answer = (votes.values[decided] == POSITIVE).astype(np.int64)
    return Ballots(question, votes.raters[decided], answer, keys, keys % n_labels, n_labels, 2, len(votes.rater_names))


def item_ballots(votes: Votes, n_labels: int) -> Ballots:
    """Every item that got a yes is a question; its answers are the labels. A no says nothing that the yes does not."""
    said = votes.values == POSITIVE
    keys, question = np.unique(votes.items[said], return_inverse=True)
    group = np.zeros(len(keys), np.int64)
    return Ballots(question, votes.raters[said], votes.labels[said], keys, group, 1, n_labels, len(votes.rater_names))
