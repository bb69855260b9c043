"""The standard figures that say how imbalanced and how entangled the labels of a data set are.

Definitions as in the R package mldr (Charte and Charte 2015), so that figures compare with published ones: IRLbl
(count of the most frequent label over the count of this one), its mean and coefficient of variation, SCUMBLE
(how far rare and frequent labels meet in one item) and TCS (theoretical complexity score). Only positives count:
an unknown cell is neither, and the share of unknown cells is one of the figures.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from labelscope.data.labels import LabelMatrix
from labelscope.errors import DataError

__all__ = ["characteristics", "imbalance", "label_set_codes", "single_choice"]


def imbalance(n_positive: np.ndarray, *, empty_labels: str = "exclude") -> np.ndarray:
    """IRLbl of each label: positives of the most frequent label / positives of this one.

    Parameters
    ----------
    n_positive : array of int, shape (n_labels,)
    empty_labels : {"exclude", "zero"}
        What a label without positives gets: NaN, which leaves it out of every mean, or the 0 of the published figures.

    Returns
    -------
    array of float64, shape (n_labels,)
        1 for the most frequent label, larger for rarer ones.

    Raises
    ------
    DataError
        On another name of a convention.
    """
    values = {"exclude": np.nan, "zero": 0.0}
    if empty_labels not in values:
        raise DataError(f'empty_labels: expected "exclude" or "zero", got {empty_labels!r}')
    counts = np.asarray(n_positive, np.float64)
    out = np.full(len(counts), values[empty_labels])
    np.divide(counts.max(initial=0), counts, out=out, where=counts > 0)
    return out


def characteristics(labels: LabelMatrix, *, n_features: int | None = None, empty_labels: str = "exclude") -> dict[str, float]:
    """The characteristics of a label matrix, by name.

    Parameters
    ----------
    labels : LabelMatrix, shape (n_items, n_labels)
    n_features : int, optional
        Input features of an item, which the TCS needs.
    empty_labels : {"exclude", "zero"}
        Whether labels that never occur are left out of MeanIR and CVIR, or count as 0 as in the published figures.

    Returns
    -------
    dict
        - cardinality: positives an item; density: that / n_labels
        - diversity: number of distinct label sets
        - mean_ir, cv_ir: mean and coefficient of variation of IRLbl; NaN and 0 where no label has a positive
        - scumble: in [0, 1), 0 where no item mixes rare and frequent labels
        - tcs: ln(n_features x n_labels x label sets), NaN where n_features is not known
        - gini: of the positives a label, in [0, 1), 0 where all labels are equally frequent
        - n_items, n_labels, and unknown_share: unknown cells / all cells

    Notes
    -----
    Charte et al., "Addressing imbalance in multilabel classification" (Neurocomputing 2015) for IRLbl, MeanIR, CVIR;
    "Concurrence among imbalanced labels and its influence on multilabel resampling" (HAIS 2014) for SCUMBLE; "On the
    impact of dataset complexity and sampling strategy in multilabel classifiers performance" (HAIS 2016) for TCS.
    """
    n_items, n_labels = labels.shape
    counts = labels.n_positive
    ir = imbalance(counts, empty_labels=empty_labels)
    counted = ir[~np.isnan(ir)]
    cardinality = float(counts.sum() / n_items)
    label_sets = n_label_sets(labels.positives)
    spread = float(counted.std(ddof=1) / counted.mean()) if len(counted) > 1 else 0.0
    return {
        "cardinality": cardinality,
        "density": cardinality / n_labels,
        "diversity": label_sets,
        "mean_ir": float(counted.mean()) if len(counted) else float("nan"),
        "cv_ir": spread,
        "scumble": scumble(labels.positives, ir),
        "tcs": float(np.log(float(n_features) * n_labels * label_sets)) if n_features else float("nan"),
        "n_items": n_items,
        "n_labels": n_labels,
        "unknown_share": float(labels.n_unknown.sum() / (n_items * n_labels)),
        "gini": gini(counts),
    }


def label_set_codes(positives: sp.csr_matrix) -> np.ndarray:
    """A number for the set of positive labels of each item, uint64 (n_items,): the same for the same set.

    Each label gets a random 64-bit number and each row the wrapping sum of its labels' numbers: two different rows of
    a million collide with a probability of about 3e-8, and no set is ever compared with another.
    """
    marks = np.random.default_rng(20_240_731).integers(0, 2**64, positives.shape[1], dtype=np.uint64)
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(marks[positives.indices], dtype=np.uint64)])
    return np.asarray(sums[positives.indptr[1:]] - sums[positives.indptr[:-1]])


def n_label_sets(positives: sp.csr_matrix) -> int:
    """Number of distinct rows of a sparse boolean matrix."""
    codes = np.sort(label_set_codes(positives))
    return int((codes[1:] != codes[:-1]).sum()) + 1


def scumble(positives: sp.csr_matrix, ir: np.ndarray) -> float:
    """SCUMBLE: mean over items of 1 - geometric mean / arithmetic mean of the IRLbl of the item's labels."""
    sizes = np.diff(positives.indptr)
    filled = sizes > 0
    if not filled.any():
        return 0.0
    starts = positives.indptr[:-1][filled]  # an empty row holds nothing between two starts
    of_cells = ir[positives.indices]
    arithmetic = np.add.reduceat(of_cells, starts) / sizes[filled]
    geometric = np.exp(np.add.reduceat(np.log(of_cells), starts) / sizes[filled])
    return float((1 - geometric / arithmetic).sum() / len(sizes))


def gini(counts: np.ndarray) -> float:
    """Gini coefficient of non-negative counts, in [0, 1).

    Examples
    --------
    >>> gini(np.array([5, 5])), gini(np.array([0, 10]))
    (0.0, 0.5)
    """
    ordered = np.sort(np.asarray(counts, np.float64))
    n, total = len(ordered), ordered.sum()
    if not total:
        return 0.0
    return float(2 * (np.arange(1, n + 1) * ordered).sum() / (n * total) - (n + 1) / n)


def single_choice(labels: LabelMatrix) -> float:
    """Share of the items with any known cell that carry exactly one label, in [0, 1]."""
    sizes = np.diff(labels.positives.indptr)
    return float((sizes == 1).sum() / max(1, labels.known_items.sum()))
