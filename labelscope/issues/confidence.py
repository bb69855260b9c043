"""How likely a suspicious cell is wrong, as a number that a person can act on.

Suspicion ranks cells; it is not the share of them that is wrong. How much of it to believe cannot be read off the labels:
a data set that is hard for the model and one that is noisy look the same to it (Liu, Cheng and Zhang 2023, on what is
identifiable). What can be said is what held elsewhere. Over 19 sets with real noise and a second look, six tenths of
the suspicion comes nearest to the share that was wrong (Brier score 0.201 against 0.280 for the suspicion itself and
0.245 for a Bayesian posterior under assumed noise rates, ``benchmarks/RESULTS.md``), and no function of the noise rates
and prevalences that can be estimated does clearly better. Single sets lie far on either side: nearly all of the 3%
most suspicious cells are wrong where single raters labelled, one in thirty where a strong model meets clean labels. So
the confidence never exceeds 0.6 where a model alone speaks, and the decisions of a person are what settles it.

Where people voted on the cell, or a rule is broken, the suspicion already is a probability under what they said.
"""

from __future__ import annotations

import numpy as np

__all__ = ["state_confidence"]

BELIEVED = 0.6


def state_confidence(suspicion: np.ndarray, firm: np.ndarray) -> np.ndarray:
    """P(the state is wrong) of single cells, float32 (n_cells,) in [0, 1], never above the suspicion.

    Parameters
    ----------
    suspicion : float array of shape (n_cells,)
    firm : bool array of shape (n_cells,)
        Whether votes or a rule speak on the cell.

    Examples
    --------
    >>> state_confidence(np.array([0.5, 0.5]), np.array([False, True])).round(2).tolist()
    [0.30000001192092896, 0.5]
    """
    return np.where(firm, suspicion, BELIEVED * suspicion).astype(np.float32)
