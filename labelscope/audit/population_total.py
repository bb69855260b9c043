"""How many cells of a population are wrong, from a sample that was drawn stratum by stratum: an interval that covers.

The estimate is the usual one, the cells of each stratum times the share of wrong ones in its sample. Its error is skewed
and lumpy (one hit in a stratum of 90,000 cells stands for a thousand), so the textbook interval, estimate and 1.96
standard errors, covers the truth far too rarely at a few hundred cells. Here the interval is made of the totals that a
test does not reject, where the test knows the exact distribution: the hits of a stratum are hypergeometric, and the
distribution of their weighted sum is the convolution over the strata. How a hypothetical total divides over the strata
is unknown; the division most likely given the sample is taken for it (the profile method of Wendell and Schmee 1996,
Kang and Chen 2000, with the likelihood in place of their search). With one stratum this is the interval of Clopper and
Pearson (1934) for a finite population; with no hit it is the rule of three (3.7 for two sides at 95%) in the stratum
whose cells were drawn most thinly.

Seven other constructions were measured against it (``benchmarks/audit.py``): those that are narrower do not cover.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

__all__ = ["Total", "total_interval"]

GRID = 24  # totals tested at a time
FINEST, COARSEST, LONGEST = 24, 3, 2000  # steps of the largest weight, at most and at least; steps of the weighted sum
EXACT_BELOW, PRECISION = 1000, 1e-3  # width up to which limits are exact to the cell; share of it that they are off beyond
NEGLIGIBLE = 1e-14
SPREAD, HALVINGS = 40.0, 44  # of the search for the multiplier: natural logarithms on either side of zero, steps


class Total(NamedTuple):
    """A number of cells: the estimate, and the least and the most that the sample allows."""

    estimate: float
    low: int
    high: int


@dataclass(frozen=True)
class _Strata:
    """Strata by position: cells, cells drawn, hits among them, and the least and most hits that the stratum can hold."""

    cells: np.ndarray
    drawn: np.ndarray
    hits: np.ndarray
    least: np.ndarray
    most: np.ndarray

    def only(self, chosen: np.ndarray) -> _Strata:
        return _Strata(self.cells[chosen], self.drawn[chosen], self.hits[chosen], self.least[chosen], self.most[chosen])


def total_interval(
    cells: np.ndarray,
    drawn: np.ndarray,
    hits: np.ndarray,
    *,
    least: np.ndarray | None = None,
    most: np.ndarray | None = None,
    confidence: float = 0.95,
) -> Total:
    """Number of cells with a property (wrong, positive, ...) in all strata together.

    Parameters
    ----------
    cells : int array of shape (n_strata,)
        Cells of each stratum.
    drawn : int array of shape (n_strata,)
        Cells drawn from it, each as likely as any other of the stratum, none twice. A stratum with none drawn is said
        to hold anything between `least` and `most`.
    hits : int array of shape (n_strata,)
        Cells with the property among those drawn.
    least, most : int array of shape (n_strata,), optional
        What is known of the stratum from elsewhere, for instance wrong cells that were found without the sample.
    confidence : float
        Of the interval, half of the rest on each side.

    Returns
    -------
    Total
        Never below the hits seen, never above the cells that could have the property.

    Examples
    --------
    >>> total_interval(np.array([100_000]), np.array([200]), np.array([0]))
    Total(estimate=0.0, low=0, high=1825)
    >>> total_interval(np.array([500, 90_000]), np.array([50, 150]), np.array([30, 1]))
    Total(estimate=900.0, low=326, high=3250)
    """
    cells, drawn, hits = (np.asarray(part, np.int64) for part in (cells, drawn, hits))
    floor = hits if least is None else np.maximum(hits, least)
    roof = cells - (drawn - hits)
    strata = _Strata(cells, drawn, hits, floor, np.maximum(floor, roof if most is None else np.minimum(roof, most)))
    estimate = float(np.clip(cells * hits / np.maximum(drawn, 1), strata.least, strata.most).sum())
    sampled = (strata.most > strata.least) & (drawn > 0)
    rest = strata.only(~sampled)
    low, high = _limits(strata.only(sampled), (1 - confidence) / 2) if sampled.any() else (0, 0)
    return Total(estimate, low + int(rest.least.sum()), high + int(rest.most.sum()))


def _limits(strata: _Strata, tail: float) -> tuple[int, int]:
    """The least and the greatest total whose tail probability exceeds `tail`."""
    weights = strata.cells / strata.drawn
    finest = int(np.clip(LONGEST // max(1, strata.hits.sum()), COARSEST, FINEST))
    steps = np.maximum(1, np.round(weights / weights.max() * finest)).astype(np.int64)
    bottom, top = int(strata.least.sum()), int(strata.most.sum())
    start = int(np.clip(round(float((weights * strata.hits).sum())), bottom, top))
    high = _search(start, top, lambda totals: _at_most(strata, steps, totals)[0] > tail)
    low = _search(start, bottom, lambda totals: _at_most(strata, steps, totals)[1] > tail)
    return low, high


def _search(accepted: int, end: int, accepts: Callable[[np.ndarray], np.ndarray]) -> int:
    """The total farthest from `accepted` towards `end` that is still accepted, by trying many at once."""
    if accepted == end or accepts(np.array([end]))[0]:
        return end
    rejected, away, reach = end, 1 if end > accepted else -1, abs(end - accepted)
    start = accepted
    while abs(rejected - accepted) > max(1, PRECISION * (abs(rejected - start) - EXACT_BELOW)):
        gap = abs(rejected - accepted)
        steps = np.geomspace(1, gap, GRID + 2) if gap > reach / 2 else np.linspace(0, gap, GRID + 2)
        steps = np.unique(steps[1:-1].astype(np.int64))
        tried = accepted + away * steps[(steps > 0) & (steps < gap)]
        passed = accepts(tried)
        first = len(tried) if passed.all() else int(np.argmin(passed))
        rejected = int(tried[first]) if first < len(tried) else rejected
        accepted = int(tried[first - 1]) if first else accepted
    return accepted if abs(rejected - accepted) <= 1 else rejected


def _at_most(strata: _Strata, steps: np.ndarray, totals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """P(weighted hits <= those seen) and P(weighted hits >= those seen), for each hypothetical total."""
    seen = int(steps @ strata.hits)
    held = _whole(_likeliest(strata, totals), totals)
    mass = np.zeros((len(totals), seen + 1))  # of the weighted sum, over the strata so far
    mass[:, 0] = 1
    for h, step in enumerate(steps):
        first, chance = _hypergeometric(int(strata.cells[h]), held[:, h], int(strata.drawn[h]), seen // int(step))
        before, mass = mass, np.zeros_like(mass)
        for k in range(chance.shape[1]):
            shift = (first + k) * step
            mass[:, shift:] += chance[:, k, None] * before[:, : seen + 1 - shift]
    below = mass.sum(axis=1)
    return below, 1 - below + mass[:, seen]


def _hypergeometric(cells: int, held: np.ndarray, drawn: int, most: int) -> tuple[int, np.ndarray]:
    """Chance of each number of hits up to `most`, for each number of cells held: the first number, and (n_held, n_numbers).

    Built from the ratios of neighbours: differences of log-factorials lose their digits in large strata.
    """
    k = np.arange(drawn)
    held = held[:, None].astype(np.float64)
    first = np.maximum(0, drawn - (cells - held))
    with np.errstate(divide="ignore"):
        ratio = np.log(np.maximum(held - k, 0)) + np.log(drawn - k) - np.log(k + 1) - np.log(np.maximum(cells - held - drawn + k + 1, 1))
    logs = np.zeros((len(held), drawn + 1))
    np.cumsum(np.where(k < first, 0.0, ratio), axis=1, out=logs[:, 1:])
    logs[np.arange(drawn + 1) < first] = -np.inf
    chance = np.exp(logs - logs.max(axis=1, keepdims=True))
    chance /= chance.sum(axis=1, keepdims=True)
    chance = chance[:, : most + 1]
    matters = np.flatnonzero(chance.max(axis=0) > NEGLIGIBLE)
    start, stop = (int(matters[0]), int(matters[-1]) + 1) if len(matters) else (0, 1)
    return start, chance[:, start:stop]


def _likeliest(strata: _Strata, totals: np.ndarray) -> np.ndarray:
    """The division of each total over the strata that makes the sample most likely, float64 (n_totals, n_strata).

    The binomial likelihood: in stratum h the hits held satisfy x/M - (n - x)/(N - M) = multiplier, one multiplier for
    all, found by bisection. Where nothing was hit the likelihood is steepest in the cells drawn most thinly.
    """
    cells, drawn, hits = (part.astype(np.float64) for part in (strata.cells, strata.drawn, strata.hits))
    scale, totals = (drawn / cells).max(), totals[:, None].astype(np.float64)

    def hits_at(place: np.ndarray) -> np.ndarray:
        multiplier = scale * np.sinh(SPREAD * place)
        b = drawn + multiplier * cells
        root = np.sqrt(np.maximum(b * b - 4 * multiplier * hits * cells, 0))
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            found = np.where(b >= 0, 2 * hits * cells / np.maximum(b + root, 1e-300), (b - root) / (2 * multiplier))
        return np.clip(found, strata.least, strata.most)

    low, high = np.full_like(totals, -1.0), np.full_like(totals, 1.0)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        over = hits_at(middle).sum(axis=1, keepdims=True) > totals
        low, high = np.where(over, middle, low), np.where(over, high, middle)
    most, least = hits_at(low), hits_at(high)
    span = (most - least).sum(axis=1, keepdims=True)
    share = np.divide(totals - least.sum(axis=1, keepdims=True), span, out=np.zeros_like(span), where=span > 0)
    return np.asarray(least + np.clip(share, 0, 1) * (most - least))


def _whole(parts: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Whole numbers next to `parts` whose rows sum to `totals`, int64: the largest remainders are rounded up."""
    down = np.floor(parts + 1e-9)
    left = np.round(totals - down.sum(axis=1)).astype(np.int64)
    rank = np.argsort(np.argsort(down - parts, axis=1, kind="stable"), axis=1, kind="stable")
    return np.asarray(down + (rank < left[:, None]), np.int64)
