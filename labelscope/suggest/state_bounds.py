"""Which cells get a state: those above one bound of probability, or below another, by label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from labelscope.compute.executor import row_blocks
from labelscope.compute.progress import advance
from labelscope.data.cell_scores import Scores
from labelscope.data.labels import NEGATIVE, POSITIVE, LabelMatrix
from labelscope.models.histograms import N_BINS, bins_of

__all__ = ["Bounds", "Picks", "pick"]

LIKELIER = N_BINS // 2  # the bin from which positive is the likelier state


@dataclass(frozen=True, eq=False)
class Bounds:
    """From which bin of probability a cell gets a state (:mod:`labelscope.models.histograms`).

    Attributes
    ----------
    positive : int array of shape (n_folds, n_labels)
        A cell in this bin or above is made positive; N_BINS: none is.
    negative : int array of shape (n_folds, n_labels)
        A cell in this bin or below is made negative; -1: none is.
    own_positive, own_negative : int array of shape (n_labels,)
        The same by what is known of the label alone: cells within both bounds hold the rate within their label too.
    folds : int array of shape (n_items,)
    reasons : sequence of str, one a label
        Why its other cells get no state.
    """

    positive: np.ndarray
    negative: np.ndarray
    own_positive: np.ndarray
    own_negative: np.ndarray
    folds: np.ndarray
    reasons: Sequence[str]


@dataclass(frozen=True, eq=False)
class Picks:
    """The cells that get a state, in the order of the items.

    Attributes
    ----------
    rows, columns : int64, shape (n_cells,)
    states : int8, shape (n_cells,)
    probability : float32, shape (n_cells,)
    own : bool, shape (n_cells,)
        Whether the label alone supports the state.
    trimmed : bool
        Whether there were more than could be listed.
    """

    rows: np.ndarray
    columns: np.ndarray
    states: np.ndarray
    probability: np.ndarray
    own: np.ndarray
    trimmed: bool


def pick(
    labels: LabelMatrix, probabilities: Scores, bounds: Bounds, *, target: int, passed_over: LabelMatrix | None, max_cells: int
) -> Picks:
    """The cells within the bounds.

    A cell that both bounds accept gets the likelier state, and a negative state that the label alone does not support
    is given only where it is the likelier one.

    Parameters
    ----------
    labels : LabelMatrix, shape (n_items, n_labels)
    probabilities : Scores, shape (n_items, n_labels)
    bounds : Bounds
    target : {-1, 0}
        State of the cells to choose from; negative cells can only be made positive.
    passed_over : LabelMatrix, optional
        Cells that are known here are left alone.
    max_cells : int
        Most cells kept of each state, the surest first.
    """
    kept: tuple[list[Part], list[Part]] = ([], [])
    trimmed = False
    for block in row_blocks(labels.shape[0], labels.shape[1] * 24):
        able = labels.dense(block) == target
        if passed_over is not None:
            able &= passed_over.dense(block) < 0
        for parts, new in zip(kept, _within(able, probabilities.rows(block), bounds, block, target), strict=True):
            parts.append(new)
            if sum(len(part[0]) for part in parts) > 2 * max_cells:
                parts[:], trimmed = [_surest(_joined(parts), max_cells)], True
        advance("pseudo-labels", 0.5 + 0.5 * block.stop / labels.shape[0])
    trimmed |= any(sum(len(part[0]) for part in parts) > max_cells for parts in kept)
    negative, positive = (_surest(_joined(parts), max_cells) for parts in kept)
    states = np.repeat(np.array([NEGATIVE, POSITIVE], np.int8), [len(negative[0]), len(positive[0])])
    rows, columns, probability, own = _joined([negative, positive])
    return Picks(rows, columns, states, probability, own, trimmed)


Part = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # rows, columns, probability, own


def _within(able: np.ndarray, p: np.ndarray, bounds: Bounds, block: slice, target: int) -> tuple[Part, Part]:
    """Cells of a block of rows to make negative, and to make positive."""
    bins, folds = bins_of(p), bounds.folds[block]
    likelier, own_no, own_yes = bins >= LIKELIER, bins <= bounds.own_negative, bins >= bounds.own_positive
    yes = able & (bins >= bounds.positive[folds])
    no = able & (bins <= bounds.negative[folds]) & (own_no | ~likelier) & (target != NEGATIVE)
    both = yes & no
    yes &= ~both | likelier
    no &= ~yes
    parts = []
    for mask, own in ((no, own_no), (yes, own_yes)):
        i, k = np.nonzero(mask)
        parts.append((i + block.start, k, np.asarray(p[i, k], np.float32), own[i, k]))
    return parts[0], parts[1]


def _joined(parts: list[Part]) -> Part:
    a, b, c, d = (np.concatenate(values) for values in zip(*parts, strict=True))
    return a, b, c, d


def _surest(part: Part, count: int) -> Part:
    """The `count` cells furthest from 0.5, in their order; of equal ones the first."""
    surety = np.abs(part[2] - np.float32(0.5))
    if len(surety) <= count:
        return part
    bound = np.partition(surety, len(surety) - count)[len(surety) - count]
    kept = surety > bound
    kept[np.flatnonzero(surety == bound)[: count - np.count_nonzero(kept)]] = True
    a, b, c, d = (values[kept] for values in part)
    return a, b, c, d
