"""How far the review is, in numbers that hold: what was found, how fast, and what stopping now would mean."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import polars as pl

from labelscope.explorer.audit_sample import Sample
from labelscope.explorer.remaining_errors import remaining
from labelscope.explorer.stage_results import StageResults
from labelscope.explorer.worklist import Suggested
from labelscope.review.review_yield import review_yield
from labelscope.session import Session

__all__ = ["numbers", "report"]


def report(session: Session, suggested: Suggested, sample: Sample, results: StageResults) -> dict[str, Any]:
    """The numbers of the panel "Progress", as JSON.

    Parameters
    ----------
    session : Session
    suggested : Suggested
    sample : Sample
    results : StageResults

    Returns
    -------
    dict
        counts; what :func:`~labelscope.review.review_yield.review_yield` gives;
        remaining = :class:`~labelscope.explorer.remaining_errors.Remaining`; audit = what :func:`numbers` gives, None
        without a sample; searched = whether one can be drawn.
    """
    return {
        "counts": {**suggested.worklist.counts(), **sample.counts()},
        "changed": int(session.progress["n_changed"]),
        **review_yield(session.decisions.filter(~pl.col("undone"))),
        "remaining": asdict(remaining(session)),
        "audit": {**sample.counts(), **numbers(session)} if len(sample) else None,
        "searched": results.searched,
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
