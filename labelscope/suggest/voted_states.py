"""States of the unknown cells that somebody voted on: those of which all voters and the model together are sure enough."""

from __future__ import annotations

import numpy as np

from labelscope.data.cell_scores import Scores
from labelscope.data.labels import NEGATIVE, POSITIVE
from labelscope.suggest.state_bounds import Picks

__all__ = ["voted_picks"]


def voted_picks(cells: np.ndarray, probabilities: Scores, rate: float, max_cells: int) -> Picks:
    """The surest cells of either state, as many as are expected to be wrong at a rate at most.

    The rate is an estimate: the mean chance of being wrong by the probabilities, which are right where the voters are weighed
    rightly. Conformal selection has no say in it: given labels are often the majority of the same votes, and cells whose state
    is known because of what the voters said tell nothing of how often the voters err.

    Parameters
    ----------
    cells : int64 array of shape (n_cells,)
        Unknown cells with votes, as item * n_labels + label.
    probabilities : Scores, shape (n_items, n_labels)
        P(label), by voters and model.
    rate : float
        False discovery rate of each state, in (0, 1).
    max_cells : int
        Most cells of each state.
    """
    rows, columns = np.divmod(cells, probabilities.shape[1])
    p = probabilities.at(rows, columns)
    chosen, states = [], []
    for state, wrong in ((NEGATIVE, p), (POSITIVE, 1 - p)):
        able = np.flatnonzero(wrong < 0.5)
        order = able[np.argsort(wrong[able], kind="stable")]
        shares = np.cumsum(wrong[order]) / np.arange(1, len(order) + 1)
        kept = np.sort(order[: np.searchsorted(shares, rate, side="right")][:max_cells])
        chosen.append(kept)
        states.append(np.full(len(kept), state, np.int8))
    at = np.concatenate(chosen)
    own = np.ones(len(at), bool)
    return Picks(rows[at], columns[at], np.concatenate(states), p[at].astype(np.float32), own, trimmed=False)
