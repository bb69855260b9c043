"""What the decisions on suggestions have come to: how many were taken, how fast, and how that changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from labelscope.compute.intervals import wilson

__all__ = ["ReasonCount", "ReviewYield", "Share", "curve", "effort", "gaps", "pace", "review_yield", "share"]

PAUSE = 120.0  # seconds without a decision after which nobody was reviewing
LATELY = 500  # decisions that say how fast somebody works
RECENT = 50  # decisions whose yield says what the next ones will bring
N_POINTS = 160
FEW = 5


@dataclass(frozen=True)
class Share:
    """A share with its 95% interval."""

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
class ReasonCount:
    """How many decisions have a reason."""

    reason: str
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
    seconds : float or None
        A verdict, median.
    repairs_per_hour : float or None
        Labels that were changed.
    confirmed : int
        Labels of items that were confirmed as they stand.
    recent : Recent
    curve : list of (reviewed, accepted)
    reviewers : list of ByReviewer
    reasons : list of ReasonCount
        The most frequent first.
    """

    reviewed: int
    accepted: int
    rate: Share | None
    per_minute: float | None
    seconds: float | None
    repairs_per_hour: float | None
    confirmed: int
    recent: Recent
    curve: list[tuple[int, int]]
    reviewers: list[ByReviewer]
    reasons: list[ReasonCount]


def review_yield(decisions: pl.DataFrame, reasons: pl.Series) -> ReviewYield:
    """The numbers of the panel "Progress" that follow from decisions alone.

    Parameters
    ----------
    decisions : polars.DataFrame
        Those that were not undone, in their order: cell (equal where the cell is), verdict, before, after, answers (Boolean: a
        suggestion), reviewer, time (Datetime in UTC).
    reasons : polars.Series
        The reasons that were given for them.

    Returns
    -------
    ReviewYield
    """
    judged = decisions.filter(pl.col("answers") & (pl.col("verdict") != "skipped"))
    right = _accepted(judged.unique("cell", keep="last", maintain_order=True))
    seconds, repairs = effort(decisions.tail(LATELY))
    by_whom = decisions.group_by("reviewer", maintain_order=True).len().sort("len", descending=True, maintain_order=True)
    return ReviewYield(
        reviewed=len(right),
        accepted=int(right.sum()),
        rate=share(int(right.sum()), len(right)),
        per_minute=pace(decisions["time"].tail(LATELY).drop_nulls().to_list()),
        seconds=seconds,
        repairs_per_hour=repairs,
        confirmed=_confirmed(decisions),
        recent=Recent(len(right[-RECENT:]), int(right[-RECENT:].sum())),
        curve=curve(right),
        reviewers=[ByReviewer(name, n) for name, n in by_whom.iter_rows()],
        reasons=[
            ReasonCount(*row)
            for row in reasons.alias("reason").value_counts().sort(["count", "reason"], descending=[True, False]).iter_rows()
        ],
    )


def share(hits: int, n: int) -> Share | None:
    """A share with its 95% interval (Wilson 1927); None of nothing.

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
    seconds = gaps(times)
    return round(60 * len(seconds) / max(float(seconds.sum()), 1.0), 1) if len(seconds) >= 2 else None


def gaps(times: list[datetime]) -> np.ndarray:
    """Seconds from one decision to the next while somebody was at work, float64; none for one or two decisions."""
    seconds = np.diff(np.sort([time.timestamp() for time in times])) if len(times) > 2 else np.empty(0)
    return seconds[seconds <= PAUSE]


def effort(decisions: pl.DataFrame) -> tuple[float | None, float | None]:
    """Seconds a verdict (median) and labels changed an hour, while somebody was at work; None for too few.

    What was decided at once counts as one verdict. Pauses of more than two minutes do not count.

    Parameters
    ----------
    decisions : polars.DataFrame
        before, after, reviewer, time, as for :func:`review_yield`.
    """
    verdicts = decisions.drop_nulls("time").group_by("reviewer", "time", maintain_order=True)
    told = verdicts.agg(n=(pl.col("before") != pl.col("after")).sum()).sort("time")
    steps = told.with_columns(took=pl.col("time").diff().over("reviewer").dt.total_milliseconds() / 1000).filter(pl.col("took") <= PAUSE)
    if steps.height < FEW:
        return None, None
    worked = max(float(steps["took"].sum()), 1.0)
    return round(float(np.median(steps["took"].to_numpy())), 1), round(3600 * int(steps["n"].sum()) / worked, 1)


def curve(right: np.ndarray) -> list[tuple[int, int]]:
    """Accepted against reviewed, as (reviewed, accepted) of at most some hundred points."""
    found = np.concatenate([[0], np.cumsum(right)]).astype(int)
    at = np.unique(np.linspace(0, len(right), min(N_POINTS, len(right) + 1)).astype(int))
    return [(int(i), int(found[i])) for i in at]


def _confirmed(decisions: pl.DataFrame) -> int:
    """Cells with a label on which the last word is that the item is right as it stands."""
    last = decisions.unique("cell", keep="last")
    return last.filter((pl.col("verdict") == "confirmed") & (pl.col("after") == 1)).height


def _accepted(judged: pl.DataFrame) -> np.ndarray:
    """Whether each decision took the suggested state: an edit that did so counts as well."""
    changed = (pl.col("verdict") == "accepted") | ((pl.col("verdict") == "edited") & (pl.col("before") != pl.col("after")))
    return judged.select(changed.alias("right"))["right"].to_numpy()
