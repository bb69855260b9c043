"""Which other labels a label is taken for, and which are taken for it, item by item."""

from __future__ import annotations

import numpy as np
import polars as pl

from labelscope.compute.executor import row_blocks
from labelscope.data.cell_scores import Scores
from labelscope.data.dataset import Dataset
from labelscope.data.labels import NEGATIVE, POSITIVE

__all__ = ["confusions", "threshold_of"]

SURPRISE = 2.0  # standard deviations
LEAST_ITEMS = 2
MOST_LISTED = 50  # labels whose items are listed


def threshold_of(states: np.ndarray, probability: np.ndarray) -> float:
    """The probability above which as many known items lie as are given positive: where the model draws its line."""
    known = states >= 0
    n_positive = int((states == POSITIVE).sum())
    ordered = np.sort(probability[known])[::-1]
    if not 0 < n_positive < len(ordered):
        return 0.5
    return float((ordered[n_positive - 1] + ordered[n_positive]) / 2)


def confusions(dataset: Dataset, probabilities: Scores, column: int, threshold: float) -> tuple[pl.DataFrame, dict[str, np.ndarray]]:
    """Other labels, those confused most first.

    Parameters
    ----------
    dataset : Dataset
    probabilities : Scores, shape (n_items, n_labels)
    column : int
        Position of the label.
    threshold : float
        Probability from which the model says the label.

    Returns
    -------
    frame : polars.DataFrame
        label (the other), claimed (items given the other and not this label, which the model gives this one), lost (items
        given this label, which the model does not give it but rather the other), lift (both together, relative to what the
        other label's frequency would let one expect).
    rows : mapping of label to int64 array
        The items behind each row, those nearest to the threshold first: the clear ones are rather errors than confusions.

    Notes
    -----
    Many labels lie on any item, so a label that is merely frequent is found on the doubtful ones too. A direction counts
    where its number is two standard deviations (Poisson) above what is expected. Ancestors and descendants in a taxonomy
    are left out: they go together and are no confusion.
    """
    states = dataset.labels.columns(np.array([column]))[:, 0]
    p = probabilities.column(column)
    claimed = np.flatnonzero((states == NEGATIVE) & (p >= threshold))
    lost = np.flatnonzero((states == POSITIVE) & (p < threshold))
    related = {column}
    if dataset.taxonomy is not None:
        related |= {*dataset.taxonomy.ancestors(column), *dataset.taxonomy.descendants(column)}
    instead = _instead(dataset, probabilities, lost, p, list(related))
    on_both = np.asarray(dataset.labels.positives[states == POSITIVE].sum(axis=0), np.int64).ravel()
    beside = (dataset.labels.n_positive - on_both) / max(1, int((states == NEGATIVE).sum()))
    found = (
        np.asarray(dataset.labels.positives[claimed].sum(axis=0), np.int64).ravel(),
        np.bincount(instead[instead >= 0], minlength=dataset.n_labels),
    )
    expected = (len(claimed) * beside, len(lost) * dataset.labels.n_positive / dataset.n_items)
    counts = tuple(np.where(n - e >= SURPRISE * np.sqrt(np.maximum(e, 1e-9)), n, 0) for n, e in zip(found, expected, strict=True))
    total = counts[0] + counts[1]
    total[list(related)] = 0
    others = np.argsort(-total, kind="stable")
    others = others[total[others] >= LEAST_ITEMS]
    lift = total / np.maximum(sum(e * (n > 0) for n, e in zip(counts, expected, strict=True)), 1e-9)
    frame = pl.DataFrame({
        "label": pl.Series(dataset.label_names, dtype=pl.String)[others],
        "claimed": counts[0][others], "lost": counts[1][others], "lift": lift[others],
    })  # fmt: skip
    behind = {}
    for k in others[:MOST_LISTED].tolist():
        carried = claimed[dataset.labels.states(claimed, np.full(len(claimed), k)) == POSITIVE][: counts[0][k]]
        missed = lost[instead == k][: counts[1][k]]  # all of them, or none where the direction does not count
        nearest = (carried[np.argsort(p[carried], kind="stable")], missed[np.argsort(-p[missed], kind="stable")])
        behind[dataset.label_names[k]] = np.concatenate(nearest)
    return frame, behind


def _instead(dataset: Dataset, probabilities: Scores, lost: np.ndarray, p: np.ndarray, related: list[int]) -> np.ndarray:
    """For each lost item the label not given to it that the model gives it most, and more than this one; -1 for none."""
    out = np.full(len(lost), -1, np.int64)
    for block in row_blocks(len(lost), 8 * dataset.n_labels):
        rows = lost[block]
        other = np.where(dataset.labels.dense(rows) == POSITIVE, -1.0, probabilities.rows(rows))
        other[:, related] = -1.0
        best = other.argmax(axis=1)
        out[block] = np.where(other[np.arange(len(rows)), best] > p[rows], best, -1)
    return out
