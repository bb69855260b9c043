"""What the other labels of an item say about a label that it lacks: an oversight, or truly absent.

Under a => b, an item with a and without b has lost b. Then its other labels are those of any item with a and b: among
them the narrower labels of b (its witnesses, apart from a and what hangs together with a) as often as there. Where b is
truly absent they are absent too. Labels *above* b are not asked: raters who leave out b tend to leave out those as well.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.special import betaln

from labelscope.data.labels import NEGATIVE, LabelMatrix
from labelscope.stats.pairs import LabelPairs

__all__ = ["hearing"]

CERTAINTY = 20.0  # a share of witnesses counts as known to this many items: co-labels differ between kinds of items


def hearing(labels: LabelMatrix, pairs: LabelPairs, rules: np.ndarray, rate: float | np.ndarray) -> np.ndarray:
    """Log likelihood ratio, for each a => b, of the witnesses on its broken items: oversight against truly absent.

    Parameters
    ----------
    labels : LabelMatrix
    pairs : LabelPairs
        The candidates a => b.
    rules : bool array of shape (n_pairs,)
        Those that seem to hold: they say which labels are narrower than which.
    rate : float, or float64 array of shape (n_pairs,)
        Share of a's items that lose b by oversight if the rule holds.

    Returns
    -------
    float64, shape (n_pairs,)
        0 where nothing can be said.
    """
    out = np.zeros(len(pairs.a))
    above = sp.csr_matrix((np.ones(int(rules.sum()), bool), (pairs.a[rules], pairs.b[rules])), shape=(labels.shape[1],) * 2)
    below = above.T.tocsr()
    court, rates = _Court(labels), np.broadcast_to(rate, len(out))
    order = np.argsort(pairs.b, kind="stable")
    for mine in np.split(order, np.flatnonzero(np.diff(pairs.b[order])) + 1) if len(order) else []:
        b = int(pairs.b[mine[0]])
        witnesses = _row(below, b)
        if not len(witnesses):
            continue
        court.open(b, witnesses)
        for k in mine:
            a = int(pairs.a[k])
            partial = np.concatenate([[a], _row(above, a), _row(below, a)])
            out[k] = court.ask(a, partial, float(rates[k]))
    return out


class _Court:
    """Items by label, and which of them carry witnesses of one label at a time."""

    def __init__(self, labels: LabelMatrix) -> None:
        self._items = sp.csc_matrix(labels.positives)
        self._other = sp.csc_matrix(labels.exceptions)
        self._default = labels.default
        self._n_items = labels.shape[0]
        self._place = np.full(self._n_items, -1, np.int32)  # of the items asked about, and nothing between questions

    def open(self, b: int, witnesses: np.ndarray) -> None:
        """Take up label b."""
        self._witnesses = witnesses
        self._has = _marked(self._n_items, _column(self._items, b))
        self._lacks = _marked(self._n_items, _column(self._other, b))
        if self._default == NEGATIVE:
            self._lacks = ~(self._has | self._lacks)
        self._carried = np.zeros(self._n_items, np.int32)
        for c in witnesses:
            self._carried[_column(self._items, c)] += 1  # an item once in each column
        self._elsewhere = (float((self._carried[self._lacks] > 0).sum()) + 0.5) / (float(self._lacks.sum()) + 1)

    def ask(self, a: int, partial: np.ndarray, rate: float) -> float:
        """The log likelihood ratio for a, without the witnesses that come with a anyway."""
        left_out = np.intersect1d(self._witnesses, partial)
        if len(left_out) == len(self._witnesses):
            return 0.0
        items = _column(self._items, a)
        carried = self._carried[items]
        if len(left_out):
            self._place[items] = np.arange(len(items), dtype=np.int32)
            for c in left_out:
                found = self._place[_column(self._items, c)]
                carried[found[found >= 0]] -= 1
            self._place[items] = -1
        speaks, has, lacks = carried > 0, self._has[items], self._lacks[items]
        n_broken, n_speaking = int(lacks.sum()), int((speaks & lacks).sum())
        if not n_broken:
            return 0.0
        oversight = (float((speaks & has).sum()) + 0.5) / (float(has.sum()) + 1)
        lost = min(1.0, rate * (n_broken + int(has.sum())) / n_broken)  # share of the broken items that noise accounts for in any case
        absent = lost * oversight + (1 - lost) * min(self._elsewhere, oversight)
        return _log_likelihood(n_speaking, n_broken, oversight) - _log_likelihood(n_speaking, n_broken, absent)


def _log_likelihood(count: int, n: int, share: float) -> float:
    a, b = share * CERTAINTY, (1 - share) * CERTAINTY
    return float(betaln(count + a, n - count + b) - betaln(a, b))


def _marked(n_items: int, items: np.ndarray) -> np.ndarray:
    out = np.zeros(n_items, bool)
    out[items] = True
    return out


def _row(matrix: sp.csr_matrix, k: int) -> np.ndarray:
    return np.asarray(matrix.indices[matrix.indptr[k] : matrix.indptr[k + 1]])


def _column(matrix: sp.csc_matrix, k: int) -> np.ndarray:
    return np.asarray(matrix.indices[matrix.indptr[k] : matrix.indptr[k + 1]])
