"""Regions of label sets: bounds by label or a budget for whole sets, their masks, their counts, and the sets themselves."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from labelscope.compute.executor import row_blocks
from labelscope.data.dataset import Dataset
from labelscope.data.labels import POSITIVE, UNKNOWN, LabelMatrix
from labelscope.errors import StageError
from labelscope.models.histograms import N_BINS, bins_of, column_blocks, histograms, log_odds, take_columns
from labelscope.models.predict import Predictions

__all__ = ["Budgets", "LabelBounds", "Region", "best_first", "cheapest_subsets", "label_bounds", "set_budgets"]

ROUND = 1e-9  # so that rounding up a count of a round share is not off by one


@dataclass(frozen=True, eq=False)
class LabelBounds:
    """Bins of probability within which each state is possible, int64 (n_folds, n_labels).

    Attributes
    ----------
    positive : from this bin up a cell can be positive.
    negative : up to this bin a cell can be negative.
    """

    positive: np.ndarray
    negative: np.ndarray


@dataclass(frozen=True, eq=False)
class Budgets:
    """Highest nonconformity of a label set, float64 (n_folds,), and the held-out share of true sets within it."""

    budgets: np.ndarray
    realised: float


@dataclass(frozen=True, eq=False)
class Region:
    """Which label sets are predicted for each item: by bounds of the labels, or by the budget of the set."""

    dataset: Dataset
    predictions: Predictions
    folds: np.ndarray
    bounds: LabelBounds | None
    budgets: Budgets | None
    max_sets: int

    def masks(self, rows: slice) -> tuple[np.ndarray, np.ndarray]:
        """Certain and possible labels of some items, two bool (n_rows, n_labels)."""
        p, fold = self.predictions.cell_probabilities.rows(rows), self.folds[rows]
        if self.bounds is not None:
            bins = bins_of(p)
            can, cannot = bins >= self.bounds.positive[fold], bins <= self.bounds.negative[fold]
            return can & ~cannot, can == cannot  # a cell that is usual for neither state is undecided
        odds, left = self._odds_and_left(rows)
        flips = (np.abs(odds) <= left[:, None]) & self.predictions.scored
        return (odds >= 0) & ~flips & (left >= 0)[:, None] & self.predictions.scored, flips

    def count(self, rows: slice, possible: np.ndarray) -> np.ndarray:
        """Label sets of some items, int64 (n_rows,), stopping at `max_sets`."""
        n_possible = possible.sum(axis=1)
        if self.budgets is None:
            return np.minimum(2.0 ** np.minimum(n_possible, 60), self.max_sets).astype(np.int64)
        from labelscope.models.subset_count import count_subsets

        odds, left = self._odds_and_left(rows)
        out = np.where(left < 0, 0, self.max_sets)
        few = np.flatnonzero((left >= 0) & (n_possible + 1 < self.max_sets))  # each flip alone is a set already
        costs = np.sort(np.where(possible[few], np.abs(odds[few]), np.inf), axis=1)
        starts = np.concatenate([[0], np.cumsum(n_possible[few])])
        out[few] = count_subsets(costs[costs < np.inf], starts, left[few], self.max_sets)
        return out

    def _odds_and_left(self, rows: slice) -> tuple[np.ndarray, np.ndarray]:
        """Log-odds, and what the most likely set leaves of the budget."""
        odds = log_odds(self.predictions.cell_probabilities.rows(rows).astype(np.float64))
        least = np.log1p(np.exp(-np.abs(odds)))[:, self.predictions.scored].sum(axis=1)
        budgets = self.budgets.budgets if self.budgets is not None else np.full(int(self.folds.max()) + 1, np.inf)
        return odds, budgets[self.folds[rows]] - least


def label_bounds(labels: LabelMatrix, predictions: Predictions, folds: np.ndarray, n_folds: int, error: float) -> LabelBounds:
    """Bounds by label and state (Mondrian), each fold's from the known cells of the others.

    A state is possible where its conformal p-value, (1 + cells of the state at least as unusual) / (n + 1), exceeds its
    level: `error` for the rarer state, and for the other one as many errors at most. With one level for both, a label of
    one item in a hundred would be called certain ten times as often as it occurs.
    """
    n_items, n_labels = labels.shape
    positive, negative = np.zeros((n_folds, n_labels), np.int64), np.full((n_folds, n_labels), N_BINS - 1)
    for columns in column_blocks(n_items, n_labels, n_folds):
        found = histograms(take_columns(labels, columns).dense(), predictions.cell_probabilities.columns(columns), folds, n_folds)
        others = [counts.sum(axis=0) - counts for counts in (found.positive, found.negative)]
        n_positive, n_negative = (counts.sum(axis=-1, keepdims=True) for counts in others)
        fewer = np.minimum(n_positive, n_negative)
        positive[:, columns] = _outermost(others[0], error * fewer / np.maximum(n_positive, 1))
        negative[:, columns] = N_BINS - 1 - _outermost(others[1][..., ::-1], error * fewer / np.maximum(n_negative, 1))
    scored = predictions.scored
    return LabelBounds(np.where(scored, positive, 0), np.where(scored, negative, N_BINS - 1))


def _outermost(counts: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Bin of the r-th lowest cell, r = floor(error (n + 1)); 0 for r = 0: too few cells to call any unusual."""
    below = np.cumsum(counts, axis=-1)
    rank = np.floor(error * (below[..., -1:] + 1) + ROUND)
    return np.where(rank[..., 0] > 0, (below >= rank).argmax(axis=-1), 0)


def set_budgets(labels: LabelMatrix, predictions: Predictions, folds: np.ndarray, n_folds: int, coverage: float) -> Budgets:
    """Budget of each fold: the conformal quantile of the nonconformity of the known label sets of the others.

    Raises
    ------
    StageError
        If too few items have all their scored labels known for the coverage.
    """
    scored = predictions.scored
    cost, complete = np.zeros(labels.shape[0]), np.zeros(labels.shape[0], bool)
    for block in row_blocks(labels.shape[0], labels.shape[1] * 32):
        states, odds = labels.dense(block)[:, scored], log_odds(predictions.cell_probabilities.rows(block)[:, scored].astype(np.float64))
        cost[block] = np.log1p(np.exp(-np.where(states == POSITIVE, odds, -odds))).sum(axis=1)
        complete[block] = (states != UNKNOWN).all(axis=1)
    needed = int(np.ceil(coverage / (1 - coverage) - ROUND))
    budgets, covered = np.empty(n_folds), 0
    for fold in range(n_folds):
        known = np.sort(cost[complete & (folds != fold)])
        if len(known) < needed or not scored.any():
            raise StageError(
                f"label_set: expected at least {needed:,} items with all scored labels known outside each fold for a coverage of "
                f'{coverage:g}, got {len(known):,}; use method="per_label"'
            )
        budgets[fold] = known[int(np.ceil(coverage * (len(known) + 1) - ROUND)) - 1]
        covered += int((cost[complete & (folds == fold)] <= budgets[fold]).sum())
    return Budgets(budgets, covered / max(1, int(complete.sum())))


def best_first(region: Region, item_id: object) -> pl.DataFrame:
    """The label sets of one item, the most likely first (rank, labels, log_likelihood)."""
    row = region.dataset.position(item_id)
    rows = slice(row, row + 1)
    certain, possible = (mask[0] for mask in region.masks(rows))
    p = region.predictions.cell_probabilities.rows(rows)[0].astype(np.float64)
    odds = log_odds(p)
    flips = np.flatnonzero(possible)
    flips = flips[np.argsort(np.abs(odds[flips]), kind="stable")]
    best = certain | (possible & (odds >= 0))
    counted = region.predictions.scored | possible
    likely = -np.log1p(np.exp(np.where(best, -odds, odds)))[counted].sum()
    left = np.inf
    if region.budgets is not None:
        left = float(region._odds_and_left(rows)[1][0])  # noqa: SLF001 - two halves of one idea
    names = region.dataset.label_names
    found: list[tuple[int, list[str], float]] = []
    for cost, chosen in cheapest_subsets(np.abs(odds[flips])):
        if cost > left or len(found) == region.max_sets:
            break
        mine = best.copy()
        mine[flips[chosen]] ^= True
        found.append((len(found) + 1, [names[k] for k in np.flatnonzero(mine)], float(likely - cost)))
    return pl.DataFrame(found, schema={"rank": pl.Int64, "labels": pl.List(pl.String), "log_likelihood": pl.Float64}, orient="row")


def cheapest_subsets(costs: np.ndarray) -> Iterator[tuple[float, list[int]]]:
    """Subsets of rising costs by rising sum, the empty one first.

    Each subset is made once, from one that is no dearer: by adding the next cost to it, or by putting the next in the place of
    its last.
    """
    yield 0.0, []
    queue = [(float(costs[0]), [0])] if len(costs) else []
    while queue:
        total, chosen = heapq.heappop(queue)
        yield total, chosen
        last = chosen[-1]
        if last + 1 < len(costs):
            step = float(costs[last + 1])
            heapq.heappush(queue, (total + step, [*chosen, last + 1]))
            heapq.heappush(queue, (total - float(costs[last]) + step, [*chosen[:-1], last + 1]))
