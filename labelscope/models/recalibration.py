"""Probabilities of the truth: the probabilities of the given labels, bent to what audited cells say.

`predict` is calibrated to the labels as given, missed and wrong ones included, and that is what finding errors needs.
A person who reads "0.8" wants the chance that the label is true, and only audited cells know it. How freely the curve may
bend depends on how many there are: isotonic regression (Zadrozny and Elkan 2002) from 1,000 audited positives of
a label, two parameters on the log-odds (Platt 1999) from 30, and one shared pair for all rarer labels together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from labelscope.data.cell_scores import Scores
from labelscope.data.labels import NEGATIVE, POSITIVE, LabelMatrix
from labelscope.models.calibration import Platt, fit_counts
from labelscope.models.histograms import CENTERS, N_BINS, bins_of, log_odds

__all__ = ["Recalibration", "fit_recalibration", "known_cells"]

ISOTONIC, OWN = 1000, 30  # audited positives (and negatives) of a label from which it gets its own curve


class _Curve(Protocol):
    def predict(self, probabilities: np.ndarray, /) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class Recalibration:
    """A curve from probability of the given label to probability of the true one, for each label.

    Attributes
    ----------
    platt : Platt
        On the log-odds; labels that share a curve have equal entries.
    isotonic : dict of int to fitted IsotonicRegression
        By position of the label.
    kinds : array of str, shape (n_labels,)
        "isotonic", "own" or "shared".
    """

    platt: Platt
    isotonic: dict[int, _Curve]
    kinds: np.ndarray

    def apply(self, probabilities: Scores) -> np.ndarray:
        """New probabilities, float32 of the same shape (n_items, n_labels)."""
        out = np.empty(probabilities.shape, np.float32)
        for block, p in probabilities.blocks():
            out[block] = self.apply_at(p, np.arange(probabilities.shape[1]))
        return out

    def apply_at(self, probabilities: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """New probabilities of cells of the given labels, float32; `columns` broadcasts against `probabilities`."""
        odds = self.platt.slope[columns] * log_odds(probabilities) + self.platt.intercept[columns]
        out = (1 / (1 + np.exp(-odds))).astype(np.float32)
        columns = np.broadcast_to(columns, out.shape)
        for column, curve in self.isotonic.items():
            mine = columns == column
            if mine.any():
                out[mine] = curve.predict(np.asarray(probabilities, np.float64)[mine])
        return out


def fit_recalibration(rows: np.ndarray, columns: np.ndarray, states: np.ndarray, probabilities: Scores) -> Recalibration:
    """The curves that fit audited cells.

    Where the audited cells were drawn by their score the curves hold all the same: they say how often a cell *of a
    given probability* is true.

    Parameters
    ----------
    rows, columns : array of int, shape (n_cells,)
    states : array of 1 and 0, shape (n_cells,)
    probabilities : Scores, shape (n_items, n_labels)
    """
    n_labels = probabilities.shape[1]
    p = np.asarray(probabilities.at(rows, columns), np.float64)
    n_pos, n_neg = (np.bincount(columns[states == state], minlength=n_labels) for state in (POSITIVE, NEGATIVE))
    least = np.minimum(n_pos, n_neg)
    kinds = np.where(least >= ISOTONIC, "isotonic", np.where(least >= OWN, "own", "shared"))
    shared = _fit(p, np.zeros(len(p), np.int64), states, 1, use=kinds[columns] == "shared")
    slope, intercept = np.full(n_labels, shared.slope[0]), np.full(n_labels, shared.intercept[0])
    own = np.flatnonzero(kinds != "shared")
    if len(own):
        place = np.searchsorted(own, columns)
        fitted = _fit(p, np.minimum(place, len(own) - 1), states, len(own), use=kinds[columns] != "shared")
        slope[own], intercept[own] = fitted.slope, fitted.intercept
    return Recalibration(Platt(slope, intercept), _isotonic(p, columns, states, np.flatnonzero(kinds == "isotonic")), kinds)


def known_cells(labels: LabelMatrix) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, columns and states of all known cells of labels that are mostly unknown, in the order of the items."""
    positive, negative = labels.positives.tocoo(), labels.exceptions.tocoo()
    rows, columns = np.concatenate([positive.row, negative.row]), np.concatenate([positive.col, negative.col])
    states = np.repeat(np.array([POSITIVE, NEGATIVE], np.int8), [positive.nnz, negative.nnz])
    order = np.lexsort((columns, rows))
    return rows[order].astype(np.int64), columns[order].astype(np.int64), states[order]


def _fit(p: np.ndarray, groups: np.ndarray, states: np.ndarray, n_groups: int, *, use: np.ndarray) -> Platt:
    """Platt scaling of each group; the identity where there is nothing to fit."""
    if not use.any():
        return Platt(np.ones(n_groups), np.zeros(n_groups))
    at = groups[use] * N_BINS + bins_of(p[use])
    positives, negatives = (
        np.bincount(at[states[use] == state], minlength=n_groups * N_BINS).reshape(n_groups, N_BINS).astype(np.float64)
        for state in (POSITIVE, NEGATIVE)
    )
    return fit_counts(CENTERS, positives, negatives)


def _isotonic(p: np.ndarray, columns: np.ndarray, states: np.ndarray, labels: np.ndarray) -> dict[int, _Curve]:
    from sklearn.isotonic import IsotonicRegression

    out: dict[int, _Curve] = {}
    for label in labels:
        mine = columns == label
        out[int(label)] = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(p[mine], states[mine] == POSITIVE)
    return out
