"""Neighbours' disagreement: the share of the nearest items that have the other state.

A tenth of neighbour votes is already in the default probabilities. Alone they rank worse than the model on all but one
of the real-noise sets, because neighbours share their noise (``benchmarks/RESULTS.md``): an option, and a reason that
people understand.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from labelscope.issues.cell_block import CellBlock
from labelscope.issues.context import Context
from labelscope.issues.detector import Detector, Scorer

__all__ = ["DETECTOR"]

PSEUDO_COUNT = 2.0  # neighbours' worth of prevalence mixed into every vote
DUPLICATE = 0.995  # cosine from which a neighbour often carries a copy of the very label in question


def prepare(context: Context) -> Scorer:
    """Scorer of the disagreement of the nearest neighbours, shrunk to the prevalence."""
    near, labels = context.near, context.dataset.labels
    positives = labels.positives.astype(np.float32)
    prior = (PSEUDO_COUNT * context.prevalence).astype(np.float32)

    def score(cells: CellBlock, _: np.ndarray) -> np.ndarray:
        states = cells.states
        voters, voting = near.indices[cells.rows], (near.similarities[cells.rows] < DUPLICATE).astype(np.float32)
        starts = np.arange(0, voters.size + 1, max(1, voters.shape[1]))
        ballots = sp.csr_matrix((voting.ravel(), voters.ravel(), starts), shape=(len(voters), labels.shape[0]))
        share = ((ballots @ positives).toarray() + prior) / (labels.count_known(ballots) + np.float32(PSEUDO_COUNT))
        return np.where(states < 0, np.nan, np.abs(states - share)).astype(np.float32)

    return score


DETECTOR = Detector("neighbors", "estimate", ("embeddings",), "its nearest neighbours", prepare)
