"""What the voters say: the consensus of a cell's raters, rules and judges, in which the other detectors have a say too.

Every voter counts by how informed it is (:mod:`labelscope.voters.fusion`). On crowd votes this finds far more than any
detector that sees the items alone (``benchmarks/RESULTS.md``); a cell that nobody voted on is left to the others.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from labelscope.data.labels import NEGATIVE, UNKNOWN
from labelscope.issues.cell_block import CellBlock
from labelscope.issues.context import Context
from labelscope.issues.detector import Detector, Scorer
from labelscope.voters.fusion import fuse

__all__ = ["DETECTOR"]


def prepare(context: Context) -> Scorer:
    """Scorer of the cells with votes: how much of what the voters say is on the other side.

    Its last argument is P(label) as the other detectors leave it.
    """
    ds = context.dataset
    assert ds.votes is not None
    if not (ds.votes.values >= NEGATIVE).any():
        return lambda cells, _: np.full(cells.states.shape, np.nan, np.float32)
    fused = fuse(ds, ds.votes, context.probabilities)
    voted = (fused.keys // ds.n_labels, fused.keys % ds.n_labels)
    places = sp.csr_matrix((np.arange(1, len(fused.keys) + 1), voted), shape=ds.labels.shape)

    def score(cells: CellBlock, p: np.ndarray) -> np.ndarray:
        out = np.full(cells.states.shape, np.nan, np.float32)
        row, column, place = cells.entries(places)
        given = cells.states[row, column]
        positive = fused.beside(place - 1, p[row, column].astype(np.float64))
        out[row, column] = np.where(given == UNKNOWN, np.nan, np.abs(given - positive))
        return out

    return score


DETECTOR = Detector("votes", "votes", ("votes",), "what its raters, rules and judges voted", prepare, on_listed=True)
