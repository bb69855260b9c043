"""How far the review is, in numbers that hold: what was found, how fast, and what stopping now would mean."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from labelscope.compute.intervals import wilson
from labelscope.explorer.remaining_errors import remaining

if TYPE_CHECKING:
    from labelscope.explorer.state import Board
    from labelscope.session import Session

__all__ = ["numbers", "report", "share"]

PAUSE = 120.0  # seconds without a decision after which nobody was reviewing
RECENT = 50  # decisions whose yield says what the next ones will bring
N_POINTS = 160


def report(board: Board) -> dict[str, Any]:
    """The numbers of the panel "Progress", as JSON.

    Parameters
    ----------
    board : Board

    Returns
    -------
    dict
        counts; reviewed, accepted; rate = share accepted with a 95 % interval; per_minute; recent = yield of the last
        decisions; curve = accepted against reviewed; reviewers; remaining = :class:`~labelscope.explorer.remaining_errors.Remaining`;
        audit = what :func:`numbers` gives, None without a sample; searched = whether one can be
        drawn.
    """
    decisions = board.session.decisions.filter(~pl.col("undone"))
    judged = decisions.filter(pl.col("suggestion_id").is_not_null() & (pl.col("verdict") != "skipped"))
    judged = judged.unique(["item_id", "label"], keep="last", maintain_order=True)
    right = _accepted(judged)
    counts = {**board.worklist.counts(), **board.sample.counts()}
    by_whom = decisions.group_by("reviewer").len().sort("len", descending=True)
    return {
        "counts": counts,
        "changed": int(board.session.progress["n_changed"]),
        "reviewed": len(right),
        "accepted": int(right.sum()),
        "rate": share(int(right.sum()), len(right)),
        "per_minute": pace([datetime.fromisoformat(time) for time in decisions["time"].to_list()[-500:]]),
        "recent": {"n": len(right[-RECENT:]), "accepted": int(right[-RECENT:].sum())},
        "curve": curve(right),
        "reviewers": [{"name": name, "n": n} for name, n in by_whom.iter_rows()],
        "remaining": asdict(remaining(board.session)),
        "audit": {**board.sample.counts(), **numbers(board.session)} if len(board.sample) else None,
        "searched": board.searched,
    }


def numbers(session: Session) -> dict[str, Any]:
    """What the judgements say so far, as JSON: the estimate by kind and what stopping now would mean.

    Parameters
    ----------
    session : Session
        With a sample.

    Returns
    -------
    dict
        parts = rows of the estimate (part, n_cells, n_audited, n_wrong, wrong with low and high, rate with low and high);
        discoveries = share of the flagged cells that are right after all, with its interval; undecidable = share of the
        answers; notes; advice and words of :class:`~labelscope.audit.stopping.Stopping`.
    """
    estimate, stopping = session.estimate, session.stopping
    flagged = estimate.frame.filter(part="flagged")
    false = estimate.false_discovery_rate
    known = flagged.height > 0 and bool(flagged["n_audited"].item())
    return {
        "parts": estimate.frame.to_dicts(),
        "discoveries": {"share": false.estimate, "low": false.low, "high": false.high} if known else None,
        "undecidable": estimate.undecidable_share,
        "notes": list(estimate.notes),
        "advice": stopping.advice,
        "words": stopping.words,
    }


def share(hits: int, n: int) -> dict[str, float] | None:
    """A share with its 95 % interval (Wilson 1927); None of nothing.

    Examples
    --------
    >>> {name: round(value, 3) for name, value in share(8, 10).items()}
    {'share': 0.8, 'low': 0.49, 'high': 0.943}
    """
    if n <= 0:
        return None
    low, high = wilson(np.array(hits), np.array(n))
    return {"share": hits / n, "low": float(low), "high": float(high)}


def pace(times: list[datetime]) -> float | None:
    """Decisions a minute while somebody was at work: pauses of more than two minutes do not count; None for too few."""
    seconds = np.diff(np.sort([time.timestamp() for time in times])) if len(times) > 2 else np.empty(0)
    seconds = seconds[seconds <= PAUSE]
    return round(60 * len(seconds) / max(float(seconds.sum()), 1.0), 1) if len(seconds) >= 2 else None


def curve(right: np.ndarray) -> list[list[int]]:
    """Accepted against reviewed, as [reviewed, accepted] of at most some hundred points."""
    found = np.concatenate([[0], np.cumsum(right)]).astype(int)
    at = np.unique(np.linspace(0, len(right), min(N_POINTS, len(right) + 1)).astype(int))
    return [[int(i), int(found[i])] for i in at]


def _accepted(judged: pl.DataFrame) -> np.ndarray:
    """Whether each decision took the suggested state: an edit that did so counts as well."""
    changed = (pl.col("verdict") == "accepted") | ((pl.col("verdict") == "edited") & (pl.col("before") != pl.col("after")))
    return judged.select(changed.alias("right"))["right"].to_numpy()
