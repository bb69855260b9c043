"""How far the review is, in numbers that hold: what was found, how fast, and what stopping now would mean."""

from __future__ import annotations

from labelscope.explorer.audit_sample import Sample
from labelscope.explorer.decisions import Decisions
from labelscope.explorer.remaining_errors import remaining
from labelscope.explorer.replies.panels import AuditPart, AuditReport, ProgressReport
from labelscope.explorer.stage_results import StageResults
from labelscope.review.review_yield import Share, review_yield
from labelscope.session import Session

__all__ = ["report"]


def report(session: Session, decisions: Decisions, sample: Sample, results: StageResults) -> ProgressReport:
    """The numbers of the panel "Progress".

    Parameters
    ----------
    session : Session
    decisions : Decisions
        Counts the queues.
    sample : Sample
    results : StageResults
    """
    return ProgressReport(
        counts=decisions.counts(of_all=True),
        review=review_yield(session.standing_numbers),
        remaining=remaining(session),
        audit=_judged(session, sample) if len(sample) else None,
        searched=results.searched,
    )


def _judged(session: Session, sample: Sample) -> AuditReport:
    """What the judgements say so far: the estimate by kind and what stopping now would mean."""
    estimate, stopping = session.estimate, session.stopping
    flagged = estimate.frame.filter(part="flagged")
    false = estimate.false_discovery_rate
    known = flagged.height > 0 and bool(flagged["n_audited"].item())
    return AuditReport(
        **sample.counts(),
        parts=[AuditPart(**part) for part in estimate.frame.to_dicts()],
        discoveries=Share(false.estimate, false.low, false.high) if known else None,
        undecidable=estimate.undecidable_share,
        notes=list(estimate.notes),
        advice=stopping.advice,
        words=stopping.words,
    )
