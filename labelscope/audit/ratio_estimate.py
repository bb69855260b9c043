"""What a sample of audited cells says of a model: ratios such as F1, each with an interval from how the cells were drawn.

The truth of a cell is foretold from its given state and from what the model says, by the weighted shares in the sample. What
is foretold is summed over all cells, and the sample corrects the sum by what it got wrong, each cell weighted by how rarely
it was drawn (the difference estimator of Särndal, Swensson and Wretman 1992, chapter 6; with audited labels and a model,
Angelopoulos et al. 2023). So the estimate is right on average whatever the foretelling is worth, and narrower where it is good.

The limits are Fieller's (1954) for a ratio whose denominator is estimated too. Errors are rare and weights large, and the
spread seen in a sample without an error is zero. So each group of cells that are alike (stratum, given state, said by the
model) counts half a cell of spread more than was seen, as in Jeffreys' interval, and cells of a kind that the sample has
missed may be anything. ``benchmarks/evaluate.py`` measures how often the intervals hold the truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from labelscope.audit.audited_cells import AuditedCells
from labelscope.audit.metrics import CODES, GIVEN, METRICS, SAID, Metric

__all__ = ["ModelSample", "Ratio", "difference_variance", "limits"]

UNSEEN_SPREAD = 0.5  # of a cell, added to what was seen in each group: the variance of a cell with a share of (x + 1/2) / (n + 1)
MISSED = 0.125  # variance of the share of positives among cells of which none was drawn: Beta(1/2, 1/2)
MOVES = np.stack([part for metric in METRICS.values() for part in (metric.top, metric.bottom)])  # of both sums of each metric, by code
RESTS = np.stack([part for metric in METRICS.values() for part in (metric.top_rest, metric.bottom_rest)])
PRIOR = 1.0  # drawn cells that the shares of given state and prediction apart count as


class Ratio(NamedTuple):
    """Both sums of a metric, and their covariance, shape (2, 2)."""

    top: float
    bottom: float
    covariance: np.ndarray


def limits(ratio: Ratio, z: float) -> tuple[float, float]:
    """The ratios that the sample does not refute, within [0, 1].

    Parameters
    ----------
    ratio : Ratio
    z : float
        Standard errors to either side.
    """
    (v_top, v_both), (_, v_bottom) = ratio.covariance
    a = ratio.bottom**2 - z * z * v_bottom
    if a <= 0:  # the denominator may be zero
        return 0.0, 1.0
    b, c = ratio.top * ratio.bottom - z * z * v_both, ratio.top**2 - z * z * v_top
    root = max(b * b - a * c, 0.0) ** 0.5
    return float(np.clip((b - root) / a, 0, 1)), float(np.clip((b + root) / a, 0, 1))


@dataclass(frozen=True, eq=False)
class ModelSample:
    """The audited cells with what a model says of each.

    Attributes
    ----------
    cells : AuditedCells
    code : int array of shape (n_cells,)
        Twice the given state plus what the model says.
    share : float64 (CODES,)
        Foretold share of positives by code.
    """

    cells: AuditedCells
    code: np.ndarray
    share: np.ndarray

    @classmethod
    def of(cls, cells: AuditedCells, said: np.ndarray) -> ModelSample:
        """The sample for a model that says `said` (0 or 1) of each audited cell."""
        code = 2 * cells.given + said
        weight = np.bincount(code, cells.weight, CODES)
        positive = np.bincount(code, cells.weight * cells.state, CODES)
        drawn = np.bincount(code, minlength=CODES)
        alone = (_shares(positive, weight, GIVEN) + _shares(positive, weight, SAID)) / 2
        prior = PRIOR * np.divide(weight, drawn, out=np.ones(CODES), where=drawn > 0)
        return cls(cells, code, (positive + prior * alone) / (weight + prior))

    @property
    def residual(self) -> np.ndarray:
        """How far each audited cell is from what was foretold, float64 (n_cells,)."""
        return self.cells.state - self.share[self.code]

    def ratios(self, counts: np.ndarray, inside: np.ndarray | None = None) -> dict[str, Ratio]:
        """Every metric, by name, in all cells or in a part of them.

        Parameters
        ----------
        counts : int array of shape (CODES,)
            Cells of the part by code.
        inside : bool array of shape (n_cells,), optional
            The audited cells of the part.
        """
        residual = self.residual
        within = np.ones(len(self.cells)) if inside is None else inside.astype(np.float64)
        moves = MOVES[:, self.code] * within
        covariance = _covariance(self.cells, self.code, moves * residual, moves, within)
        covariance += _of_missed(MOVES, counts, np.bincount(self.code, self.cells.weight * within, CODES))
        sums = (MOVES * self.share + RESTS) @ counts + moves @ (self.cells.weight * residual)
        return {
            name: Ratio(float(sums[2 * k]), float(sums[2 * k + 1]), covariance[2 * k : 2 * k + 2, 2 * k : 2 * k + 2])
            for k, name in enumerate(METRICS)
        }

    def influence(self, metric: Metric, ratio: Ratio) -> np.ndarray:
        """What one more positive cell of each code adds to the metric, float64 (CODES,); zero where it is not defined."""
        if ratio.bottom <= 0:
            return np.zeros(CODES)
        return (metric.top - ratio.top / ratio.bottom * metric.bottom) / ratio.bottom


def difference_variance(
    one: tuple[ModelSample, np.ndarray], other: tuple[ModelSample, np.ndarray], counts: np.ndarray, inside: np.ndarray | None = None
) -> float:
    """Variance of the difference of a metric of two models, which the same cells judge.

    Parameters
    ----------
    one, other : ModelSample and float array of shape (CODES,)
        With the influence of a cell of each code on the metric.
    counts : int array of shape (2 * CODES,)
        Cells of the part by four times the given state, plus twice what the one says, plus what the other says.
    inside : bool array of shape (n_cells,), optional
        The audited cells of the part.
    """
    (first, of_first), (second, of_second) = one, other
    cells = first.cells
    within = np.ones(len(cells.weight)) if inside is None else inside.astype(np.float64)
    code = 2 * first.code + second.code % 2
    value = first.residual * of_first[first.code] - second.residual * of_second[second.code]
    both = np.arange(2 * CODES)
    moves = of_first[both // 2] - of_second[2 * (both // 4) + both % 2]
    seen = _covariance(cells, code, (value * within)[None], (moves[code] * within)[None], within)
    return float((seen + _of_missed(moves[None], counts, np.bincount(code, cells.weight * within, 2 * CODES)))[0, 0])


def _shares(positive: np.ndarray, weight: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Share of positives among the codes that are alike in `by`, for each code; a half where none was drawn."""
    top, bottom = np.bincount(by, positive)[by], np.bincount(by, weight)[by]
    return np.divide(top, bottom, out=np.full(len(by), 0.5), where=bottom > 0)


def _covariance(cells: AuditedCells, code: np.ndarray, values: np.ndarray, moves: np.ndarray, within: np.ndarray) -> np.ndarray:
    """Covariance of weighted sums of `values`, shape (n_sums, n_cells), by the design, with the spread that may be unseen.

    Parameters
    ----------
    moves : float array of the same shape
        What each sum would change by, were the state of the cell the other one.
    within : float array of shape (n_cells,)
        1 for the cells of the part that is summed, 0 for others.
    """
    n_strata = int(cells.stratum.max(initial=-1)) + 1
    drawn = np.bincount(cells.stratum, minlength=n_strata)
    mean = np.stack([np.bincount(cells.stratum, row, n_strata) for row in values]) / np.maximum(drawn, 1)
    several = drawn > 1
    rest = values - np.where(several, mean, 0)[:, cells.stratum]
    unbiased = np.where(several, drawn / np.maximum(drawn - 1, 1), 1.0)[cells.stratum]
    variance = cells.weight**2 * (1 - cells.inclusion)
    seen = (rest * (variance * unbiased)) @ rest.T
    inside = np.flatnonzero(within)
    if not len(inside):
        return np.asarray(seen)
    _, first = np.unique(cells.stratum[inside] * 2 * CODES + code[inside], return_index=True)
    first = inside[first]
    return np.asarray(seen + (moves[:, first] * (UNSEEN_SPREAD * variance[first])) @ moves[:, first].T)


def _of_missed(moves: np.ndarray, counts: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Covariance that comes from cells of each code for which no drawn cell stands."""
    missed = np.maximum(counts - weight, 0.0)
    return np.asarray((moves * (MISSED * missed**2)) @ moves.T)
