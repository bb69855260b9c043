"""Self-confidence in the light of the item's other labels.

Where items carry a single label, its labels compete. A missed label hides where the given ones are doubtful: a rater
who marked the wrong label usually left out the right one. A given label is suspicious where another given one already
explains the item, and where the model would rather have a label that is not given. Where items carry several labels,
one plausible label says little about the others: every effect is scaled by how often a label stands alone.

With q the probability of the cell, e the exclusivity, b the largest probability among the item's *other given* labels
and m the largest among all its labels::

    negative cell:  q (1 - e b)
    positive cell:  1 - q / m^(e/3) (1 - e b)

The form and the third were chosen over the real-noise sets (``benchmarks/RESULTS.md``); on no board set does it fall
below self-confidence by more than a hundredth.
"""

from __future__ import annotations

import numpy as np

from labelscope.data.labels import POSITIVE, LabelMatrix
from labelscope.issues.cell_block import CellBlock
from labelscope.issues.context import Context
from labelscope.issues.detector import Detector, Scorer
from labelscope.issues.scores import score_cells

__all__ = ["DETECTOR", "best_given", "exclusivity", "score_label_set"]

RIVALRY = 1 / 3  # power, at full exclusivity, on the probability of the item's most plausible label


def exclusivity(labels: LabelMatrix) -> float:
    """Share of the positive cells that stand alone on their item, in [0, 1]."""
    sizes = np.diff(labels.positives.indptr)
    return float((sizes == 1).sum() / max(1, sizes.sum()))


def score_label_set(states: np.ndarray, p: np.ndarray, exclusive: float) -> np.ndarray:
    """Suspicion of each cell, float32 (n_rows, n_labels) in [0, 1]; NaN where unknown.

    Parameters
    ----------
    states : int8 array of shape (n_rows, n_labels)
    p : float32 array of shape (n_rows, n_labels)
        P(label given).
    exclusive : float
        From :func:`exclusivity`.
    """
    out = score_cells(states, p)
    if exclusive == 0 or not out.size:
        return out
    rows, columns = np.nonzero(states == POSITIVE)
    best, other = best_given(rows, p[rows, columns], len(out))
    out *= (1 - exclusive * best)[:, None].astype(np.float32)
    most = np.maximum(p.max(axis=1), np.float32(1e-6))[rows] ** (RIVALRY * exclusive)
    out[rows, columns] = 1 - p[rows, columns] / most * (1 - exclusive * other)
    return out


def best_given(rows: np.ndarray, q: np.ndarray, n_rows: int) -> tuple[np.ndarray, np.ndarray]:
    """The largest probability among the given labels of each row, (n_rows,), and among the others of each cell, (n_cells,).

    0 where there is none. The cells come in the order of their rows.
    """
    best, second = np.zeros(n_rows, np.float32), np.zeros(n_rows, np.float32)
    if not len(rows):
        return best, q
    starts = np.flatnonzero(np.diff(rows, prepend=-1))
    present = rows[starts]
    best[present] = np.maximum.reduceat(q, starts)
    largest = q == best[rows]
    second[present] = np.maximum.reduceat(np.where(largest, 0, q), starts)
    tied = np.bincount(rows[largest], minlength=n_rows) > 1
    second[tied] = best[tied]
    return best, np.where(largest, second[rows], best[rows])


def prepare(context: Context) -> Scorer:
    """Scorer of :func:`score_label_set`."""
    exclusive = exclusivity(context.dataset.labels)

    def score(cells: CellBlock, p: np.ndarray) -> np.ndarray:
        return score_label_set(cells.states, p, exclusive)

    return score


DETECTOR = Detector("label_set", "estimate", (), "what the model believes, given the item's other labels", prepare, on_listed=True)
