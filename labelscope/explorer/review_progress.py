"""How far the review is, in numbers that hold: what was found, how fast, and what stopping now would mean."""

from __future__ import annotations

import numpy as np

from labelscope.explorer.audit_sample import Sample
from labelscope.explorer.decisions import Decisions
from labelscope.explorer.extra_queues import DecidedUnlike
from labelscope.explorer.learned_order import LearnedOrder
from labelscope.explorer.remaining_errors import remaining
from labelscope.explorer.replies.panels import AuditPart, AuditReport, Expected, ProgressReport
from labelscope.explorer.stage_results import StageResults
from labelscope.explorer.worklist import Worklist
from labelscope.review.review_yield import Share, review_yield
from labelscope.review.reviewer_agreement import agreement as reviewer_agreement
from labelscope.session import Session

__all__ = ["expected", "report"]

AHEAD = 100  # suggestions of which is said how many are likely right


def report(
    session: Session,
    decisions: Decisions,
    sample: Sample,
    results: StageResults,
    ahead: Expected | None = None,
    unlike: DecidedUnlike | None = None,
) -> ProgressReport:
    """The numbers of the panel "Progress".

    Parameters
    ----------
    session : Session
    decisions : Decisions
        Counts the queues.
    sample : Sample
    results : StageResults
    ahead : Expected, optional
        What the next suggestions are likely to bring.
    unlike : DecidedUnlike, optional
    """
    return ProgressReport(
        counts=decisions.counts(of_all=True),
        review=review_yield(session.standing_numbers, session.reasons["reason"]),
        remaining=remaining(session),
        audit=_judged(session, sample) if len(sample) else None,
        searched=results.searched,
        expected=ahead,
        unlike=0 if unlike is None else len(unlike.cells()[0]),
        agreement=reviewer_agreement(session.second_looks),
    )


def expected(learned: LearnedOrder, worklist: Worklist) -> Expected | None:
    """How many of the next suggestions are likely right, by what the decisions say of suggestions like them; None where none waits."""
    waiting = np.flatnonzero((worklist.verdicts == 0) & worklist.listed)
    if not len(waiting):
        return None
    best = np.sort(learned.likely(worklist)[waiting])[::-1][:AHEAD]
    return Expected(len(best), round(float(np.nansum(best)), 1))


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
