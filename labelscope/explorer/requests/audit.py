"""The audit in the app: the cells of the sample, one after the other, with nothing on them that could sway the person.

What is shown is the item, the label and its given state: no suggestion, no probability, no suspicion, no neighbours. The
list is the whole rest of the sample in its order of reading, whatever is selected or searched for: a part that was
chosen would not be a sample any more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from labelscope.errors import DataError, StageError
from labelscope.explorer.audit_sample import Sample
from labelscope.explorer.cards import Cards
from labelscope.explorer.decisions import Decisions
from labelscope.explorer.messages import AuditAsked, JudgeAsked
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.replies.review import Judged, Sampled
from labelscope.explorer.requests.request import Request
from labelscope.explorer.stage_results import StageResults
from labelscope.session import Session

__all__ = ["AuditRequests"]

LARGEST = 20_000  # cells that somebody could mean to judge


class AuditRequests:
    """Answers about the audit.

    Parameters
    ----------
    session : Session
    results : StageResults
    sample : Sample
    cards : Cards
    decisions : Decisions
    """

    def __init__(self, session: Session, results: StageResults, sample: Sample, cards: Cards, decisions: Decisions) -> None:
        self._session, self._results, self._sample = session, results, sample
        self._cards, self._decisions = cards, decisions

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"audit": self.audit, "judge": self.judge}

    def audit(self, request: Request) -> Reply:
        """Draw the sample, or make it larger."""
        n = request.read(AuditAsked).n
        if not 1 <= n <= LARGEST:
            raise DataError(f"audit: expected 1 to {LARGEST:,} cells, got {n:,}")
        if not self._results.searched:
            raise StageError("audit: expected what the search for wrong labels found, got nothing yet; wait for it")
        self._session.audit(n)
        self._decisions.show_audit()
        return Reply(Sampled(counts=self._decisions.counts(), decisions=self._decisions.version, n=len(self._sample)))

    def judge(self, request: Request) -> Reply:
        """Say of a cell of the sample that its given state is right, wrong or undecidable."""
        asked = request.read(JudgeAsked)
        self._decisions.judge(asked.row, asked.label, asked.verdict)
        entry = self._cards.question(asked.row, asked.label, self._sample.judgement((asked.row, asked.label)))
        return Reply(Judged(counts=self._decisions.counts(), decisions=self._decisions.version, entry=entry))
