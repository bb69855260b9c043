"""Neighbour votes: the share of an item's neighbours that carry a label, shrunk to the label's prevalence.

Two electorates. *Neighbours*: the nearest items of all, found by comparing every pair, which costs more than everything
else once there are many items and few labels. *Landmarks*: the nearest of 500 items drawn at random, at a cost that
grows with the number of items alone.

Near-duplicates and members of the item's own group have no vote: they often carry a copy of the very label in question.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp

from labelscope.compute.executor import row_blocks
from labelscope.compute.seeds import generator
from labelscope.data.labels import POSITIVE, UNKNOWN, LabelMatrix

__all__ = ["Landmarks", "NeighborVotes", "neighbor_votes"]

PSEUDO_COUNT = 2.0  # neighbours' worth of prevalence mixed into every vote
N_LANDMARKS = 250
NEAR = 1.5  # standard deviations above an item's mean similarity from which a landmark has a vote
EXCESS = 0.44  # mean of a standard normal above that threshold, less the threshold: what one vote weighs on average


class NeighborVotes:
    """Who has a vote on each item: its nearest neighbours, near-duplicates and its own group left out.

    Parameters as for :func:`neighbor_votes`.

    Attributes
    ----------
    cell_bytes : int
        Memory that votes take for each cell of a block.
    """

    cell_bytes = 12

    def __init__(
        self,
        labels: LabelMatrix,
        neighbors: np.ndarray,
        similarities: np.ndarray,
        prevalence: np.ndarray,
        groups: np.ndarray,
        *,
        duplicate: float,
    ) -> None:
        n_items, k = neighbors.shape
        counts = ((similarities < duplicate) & (groups[neighbors] != groups[:, None])).astype(np.float32)
        self._voters = sp.csr_matrix((counts.ravel(), neighbors.ravel(), np.arange(0, n_items * k + 1, k)), shape=(n_items, n_items))
        self._voters.eliminate_zeros()
        self._labels, self._positives, self._prevalence = labels, labels.positives.astype(np.float32), prevalence

    def votes(self, rows: slice | np.ndarray) -> np.ndarray:
        """P(label) of some items, float32 (n_rows, n_labels) in [0, 1].

        Parameters
        ----------
        rows : slice or array of int
        """
        ballots = self._voters[rows]
        yes = (ballots @ self._positives).toarray()
        return np.asarray((yes + PSEUDO_COUNT * self._prevalence) / (self._labels.count_known(ballots) + PSEUDO_COUNT), np.float32)


def neighbor_votes(
    labels: LabelMatrix,
    neighbors: np.ndarray,
    similarities: np.ndarray,
    prevalence: np.ndarray,
    groups: np.ndarray,
    *,
    duplicate: float,
) -> Iterator[tuple[slice, np.ndarray]]:
    """P(label) as the neighbours have it, in row blocks of (slice, float32 (n_rows, n_labels)), each in [0, 1].

    (positive neighbours + 2 prevalence) / (known neighbours + 2).

    Parameters
    ----------
    labels : LabelMatrix, shape (n_items, n_labels)
    neighbors : array of int, shape (n_items, k)
    similarities : array of float, shape (n_items, k)
        Cosine.
    prevalence : array of float, shape (n_labels,)
    groups : array of int, shape (n_items,)
        Neighbours of the item's own group have no vote.
    duplicate : float
        Similarity from which a neighbour is a near-duplicate.
    """
    voters = NeighborVotes(labels, neighbors, similarities, prevalence, groups, duplicate=duplicate)
    for block in row_blocks(len(neighbors), labels.shape[1] * voters.cell_bytes):
        yield block, voters.votes(block)


class Landmarks:
    """Items drawn at random, and what those near an item say about its labels.

    Parameters
    ----------
    features : array of shape (n_items, n_features)
    labels : LabelMatrix, shape (n_items, n_labels)
    prevalence : array of float, shape (n_labels,)
    groups : array of int, shape (n_items,)
        Landmarks of the item's own group, near-duplicates among them, have no vote.
    seed : int

    Attributes
    ----------
    landmarks : array of int64, shape (n_landmarks,)
        The items drawn, in rising order.
    cell_bytes : int
        Memory that votes take for each cell of a block.
    """

    cell_bytes = 4

    def __init__(self, features: np.ndarray, labels: LabelMatrix, prevalence: np.ndarray, groups: np.ndarray, *, seed: int) -> None:
        self._features, self._groups = features, groups
        self.landmarks = np.sort(generator(seed, "landmarks").permutation(len(features))[:N_LANDMARKS])
        places = np.asarray(features[self.landmarks], np.float32)
        length = np.sqrt(np.einsum("ij,ij->i", places, places))
        self._places = (places / np.where(length > 0, length, 1)[:, None]).T.copy()
        states = labels.dense(self.landmarks)
        self._ballots = np.concatenate([states == POSITIVE, states != UNKNOWN], axis=1).astype(np.float32)
        self._shared = np.flatnonzero(np.bincount(groups)[groups[self.landmarks]] > 1)  # landmarks that are not alone in their group
        self._prior = (PSEUDO_COUNT * prevalence).astype(np.float32)

    def votes(self, rows: slice | np.ndarray) -> np.ndarray:
        """P(label) of some items, float32 (n_rows, n_labels) in [0, 1].

        Parameters
        ----------
        rows : slice or array of int
        """
        features, groups = self._features[rows], self._groups[rows]
        items = np.arange(len(self._features))[rows]
        out = np.empty((len(items), len(self._prior)), np.float32)
        for block in row_blocks(len(items), 4 * len(self.landmarks), 1 << 20):  # similarities stay in the processor's cache
            similar = np.asarray(features[block], np.float32) @ self._places
            mean = similar.mean(axis=1)
            spread = np.sqrt(np.maximum(np.einsum("ij,ij->i", similar, similar) / similar.shape[1] - mean**2, 0))
            similar -= (mean + np.float32(NEAR) * spread)[:, None]
            votes = np.maximum(similar, 0, out=similar)
            votes[:, self._shared] *= groups[block][:, None] != self._groups[self.landmarks[self._shared]]
            at = np.minimum(np.searchsorted(self.landmarks, items[block]), len(self.landmarks) - 1)
            itself = np.flatnonzero(self.landmarks[at] == items[block])
            votes[itself, at[itself]] = 0
            yes, known = np.hsplit(votes @ self._ballots / np.maximum(np.float32(EXCESS) * spread, 1e-12)[:, None], 2)
            out[block] = (yes + self._prior) / (known + np.float32(PSEUDO_COUNT))
        return out
