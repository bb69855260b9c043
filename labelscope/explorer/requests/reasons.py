"""The answers about reasons: why somebody decided as they did."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError
from labelscope.explorer.messages import ReasonAsked, ReasonKindsAsked
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.replies.review import ReasonsShown
from labelscope.explorer.requests.request import Request
from labelscope.review.decisions import VERDICT_OF
from labelscope.session import Session

__all__ = ["ReasonRequests"]


class ReasonRequests:
    """Answers about the reason of the last verdict.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._dataset: Dataset = session.dataset

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"reasons": self.reasons, "reason": self.reason, "reason_kinds": self.reason_kinds}

    def reasons(self, _: Request) -> Reply:
        """The last verdict of the reviewer, and the reasons to choose from."""
        return Reply(self._shown())

    def reason(self, request: Request) -> Reply:
        """Give the reason of the verdict that was shown."""
        asked = request.read(ReasonAsked)
        self._session.give_reason(asked.reason, about=asked.about)
        return Reply(self._shown())

    def reason_kinds(self, request: Request) -> Reply:
        """Offer other reasons."""
        self._session.reason_kinds = request.read(ReasonKindsAsked).kinds
        return Reply(self._shown())

    def _shown(self) -> ReasonsShown:
        last = self._session.last_verdict
        if last is None:
            raise DataError("reason: expected a verdict of yours to give it for, got none that stands; decide first")
        together = self._session.together(last)
        return ReasonsShown(
            about=last.seq,
            verdict=VERDICT_OF[last.kind],  # type: ignore[arg-type]  # they are the words of it
            state=last.after,  # type: ignore[arg-type]  # a state
            label=last.label,
            item=last.item_id,
            n=len(together),
            reason=self._session.reason(last),
            kinds=list(self._session.reason_kinds),
        )
