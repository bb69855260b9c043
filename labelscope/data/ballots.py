"""What several raters said of the items: one set of labels from one rater about one item; and what most of them say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from labelscope.compute.executor import row_blocks
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN, LabelMatrix
from labelscope.data.votes import Votes
from labelscope.errors import DataError

__all__ = ["Ballots"]

MOST_CELLS = 50_000_000
MOST_VOTES = 50_000_000


@dataclass(frozen=True, eq=False)
class Ballots:
    """Labels by ballot, with the item that each is about and the rater who gave it.

    Attributes
    ----------
    labels : LabelMatrix, shape (n_ballots, n_labels)
    items, raters : int64, shape (n_ballots,)
    n_items : int
    rater_names : tuple of str
    """

    labels: LabelMatrix
    items: np.ndarray
    raters: np.ndarray
    n_items: int
    rater_names: tuple[str, ...]

    def votes(self) -> Votes:
        """One vote a cell of which a ballot says something.

        Raises
        ------
        DataError
            If that are too many to hold.
        """
        n_votes = int(self.labels.n_positive.sum() + self.labels.n_negative.sum())
        if n_votes > MOST_VOTES:
            raise DataError(
                f"rater: expected at most {MOST_VOTES:,} votes, got {n_votes:,} (a label that a rater did not give is a vote against it);"
                " pass unlisted='unknown' so that only the labels that were given count"
            )
        ballots, labels, values = [], [], []
        for rows, states in self.labels.blocks():
            i, k = np.nonzero(states != UNKNOWN)
            ballots.append(i + rows.start)
            labels.append(k)
            values.append(states[i, k])
        at = np.concatenate(ballots)
        return Votes(self.items[at], self.raters[at], np.concatenate(labels), np.concatenate(values).astype(np.int8), self.rater_names)

    def majority(self) -> tuple[np.ndarray, int]:
        """What most ballots say of each cell, int8 (n_items, n_labels), and how many cells are unknown because as many say yes as no.

        Raises
        ------
        DataError
            If there are too many cells.
        """
        n_labels = self.labels.shape[1]
        if self.n_items * n_labels > MOST_CELLS:
            raise DataError(
                f"rater: expected at most {MOST_CELLS:,} cells, got {self.n_items:,} items x {n_labels:,} labels; read a part of the rows"
            )
        states = np.full((self.n_items, n_labels), UNKNOWN, np.int8)
        by_item, positives, n_tied = self._by_item, self.labels.positives.astype(np.float32), 0
        for block in row_blocks(self.n_items, n_labels * 16):
            yes = (by_item[block] @ positives).toarray()
            said = self.labels.count_known(by_item[block])
            states[block][2 * yes > said] = POSITIVE
            states[block][2 * yes < said] = NEGATIVE
            n_tied += int(((2 * yes == said) & (said > 0)).sum())
        return states, n_tied

    def plurality(self) -> tuple[np.ndarray, int]:
        """The label of each item that most ballots give, -1 where none is or two are given as often; and how many items are tied."""
        yes = (self._by_item @ self.labels.positives.astype(np.float32)).tocoo()
        order = np.lexsort((yes.col, -yes.data, yes.row))
        rows, labels, counts = yes.row[order], yes.col[order], yes.data[order]
        first = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1]])) if len(rows) else np.zeros(0, np.int64)
        second = np.minimum(first + 1, max(0, len(rows) - 1))
        tied = (second > first) & (rows[second] == rows[first]) & (counts[second] == counts[first])
        winners = np.full(self.n_items, -1)
        winners[rows[first]] = np.where(tied, -1, labels[first])
        return winners, int(tied.sum())

    @property
    def _by_item(self) -> sp.csr_matrix:
        ones = np.ones(len(self.items), np.float32)
        return sp.csr_matrix((ones, (self.items, np.arange(len(self.items)))), shape=(self.n_items, len(self.items)))
