"""What the decisions on suggestions have come to: how many were taken, how fast, and how that changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from labelscope.compute.intervals import wilson

__all__ = ["ReviewYield", "Share", "curve", "pace", "review_yield", "share"]

PAUSE = 120.0  # seconds without a decision after which nobody was reviewing
RECENT = 50  # decisions whose yield says what the next ones will bring
N_POINTS = 160


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval."""

    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Recent:
    """Yield of the last decisions."""

    n: int
    accepted: int


@dataclass(frozen=True)
class ByReviewer:
    """How many decisions a reviewer took."""

    name: str
    n: int


@dataclass(frozen=True)
class ReviewYield:
    """What the decisions have come to.

    Attributes
    ----------
    reviewed, accepted : int
        Suggestions that somebody decided on, and took.
    rate : Share or None
        Share accepted.
    per_minute : float or None
    recent : Recent
    curve : list of (reviewed, accepted)
    reviewers : list of ByReviewer
    """

    reviewed: int
    accepted: int
    rate: Share | None
    per_minute: float | None
    recent: Recent
    curve: list[tuple[int, int]]
    reviewers: list[ByReviewer]


def review_yield(decisions: pl.DataFrame) -> ReviewYield:
    """The numbers of the panel "Progress" that follow from decisions alone.

    Parameters
    ----------
    decisions : polars.DataFrame
        Those that were not undone, in their order: cell (equal where the cell is), verdict, before, after, answers (Boolean: a
        suggestion), reviewer, time (Datetime in UTC).

    Returns
    -------
    ReviewYield
    """
    judged = decisions.filter(pl.col("answers") & (pl.col("verdict") != "skipped"))
    right = _accepted(judged.unique("cell", keep="last", maintain_order=True))
    by_whom = decisions.group_by("reviewer", maintain_order=True).len().sort("len", descending=True, maintain_order=True)
    return ReviewYield(
        reviewed=len(right),
        accepted=int(right.sum()),
        rate=share(int(right.sum()), len(right)),
        per_minute=pace(decisions["time"].tail(500).drop_nulls().to_list()),
        recent=Recent(len(right[-RECENT:]), int(right[-RECENT:].sum())),
        curve=curve(right),
        reviewers=[ByReviewer(name, n) for name, n in by_whom.iter_rows()],
    )


def share(hits: int, n: int) -> Share | None:
    """A share with its 95 % interval (Wilson 1927); None of nothing.

    Examples
    --------
    >>> f"{share(8, 10).low:.3f} to {share(8, 10).high:.3f}"
    '0.490 to 0.943'
    """
    if n <= 0:
        return None
    low, high = wilson(np.array(hits), np.array(n))
    return Share(hits / n, float(low), float(high))


def pace(times: list[datetime]) -> float | None:
    """Decisions a minute while somebody was at work: pauses of more than two minutes do not count; None for too few."""
    seconds = np.diff(np.sort([time.timestamp() for time in times])) if len(times) > 2 else np.empty(0)
    seconds = seconds[seconds <= PAUSE]
    return round(60 * len(seconds) / max(float(seconds.sum()), 1.0), 1) if len(seconds) >= 2 else None


def curve(right: np.ndarray) -> list[tuple[int, int]]:
    """Accepted against reviewed, as (reviewed, accepted) of at most some hundred points."""
    found = np.concatenate([[0], np.cumsum(right)]).astype(int)
    at = np.unique(np.linspace(0, len(right), min(N_POINTS, len(right) + 1)).astype(int))
    return [(int(i), int(found[i])) for i in at]


def _accepted(judged: pl.DataFrame) -> np.ndarray:
    """Whether each decision took the suggested state: an edit that did so counts as well."""
    changed = (pl.col("verdict") == "accepted") | ((pl.col("verdict") == "edited") & (pl.col("before") != pl.col("after")))
    return judged.select(changed.alias("right"))["right"].to_numpy()
