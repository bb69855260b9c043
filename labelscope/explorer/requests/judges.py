"""Asking judges about the cells of a list: what would be sent is shown first, and nothing is sent before a person says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from labelscope.errors import DataError
from labelscope.explorer.judge_run import JudgeRun
from labelscope.explorer.messages import ApplyAsk, AskCells
from labelscope.explorer.replies.judges import AskedJudge, AskPreview
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.requests.request import Request
from labelscope.explorer.worklist import Suggested
from labelscope.query.terms import Cells
from labelscope.session import Session
from labelscope.voters.asking import Judge, name_of
from labelscope.voters.judges import N_EXAMPLES
from labelscope.voters.openai_judge import OpenAIJudge
from labelscope.voters.question import Question, questions

__all__ = ["JudgeRequests"]

N_SAMPLE = 12  # questions that an estimate of tokens is made from


class JudgeRequests:
    """Answers about judges.

    Parameters
    ----------
    session : Session
    suggested : Suggested
    run : JudgeRun
    """

    def __init__(self, session: Session, suggested: Suggested, run: JudgeRun) -> None:
        self._session, self._suggested, self._run = session, suggested, run

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"ask_preview": self.ask_preview, "ask": self.ask, "ask_stop": self.ask_stop, "ask_resume": self.ask_resume}

    def ask_preview(self, request: Request) -> Reply:
        """What would be sent about the first cells of a list, and where."""
        asked = request.read(AskCells)
        (rows, labels), total, known = self._cells(asked.listing, asked.n)
        judges = self._run.judges
        shown = self._sample(rows, labels)
        first = shown[0] if shown else None
        preview = AskPreview(
            judges=[_asked(one) for one in judges],
            total=total,
            cells=len(rows),
            known=known,
            item="" if first is None else first.item_id,
            label="" if first is None else first.label,
            text="" if first is None or not judges else _text(judges[0], first),
            tokens=_tokens(judges[0], shown, len(rows)) if judges else None,
        )
        return Reply(preview)

    def ask(self, request: Request) -> Reply:
        """Ask about the cells as they were shown.

        Raises
        ------
        DataError
            If there are others now.
        """
        asked = request.read(ApplyAsk)
        (rows, labels), _, _ = self._cells(asked.listing, asked.n)
        if len(rows) != asked.cells:
            raise DataError(f"judge: expected {asked.cells:,} cells as shown, got {len(rows):,}: votes came meanwhile; look again")
        if not asked.cells:
            raise DataError("judge: expected at least one cell to ask about, got none")
        self._run.start(rows, labels)
        return Reply()

    def ask_stop(self, _: Request) -> Reply:
        """Ask nothing more."""
        self._run.stop()
        return Reply()

    def ask_resume(self, _: Request) -> Reply:
        """Ask what was left."""
        self._run.resume()
        return Reply()

    def _cells(self, token: str, n: int) -> tuple[Cells, int, int]:
        """Of the first cells of a list those that are to be asked about; how many the list has; how many have an answer."""
        listing = self._suggested.worklist.listing(token)
        if listing is None:
            raise DataError("judge: expected a list that was made lately; refresh the list")
        if listing.blind:
            raise DataError("judge: expected a list of the review, got the audit, whose cells are judged by a person alone")
        about = listing.labels >= 0
        keys = listing.rows[about] * self._session.dataset.n_labels + listing.labels[about]
        _, first = np.unique(keys, return_index=True)
        rows, labels = np.divmod(keys[np.sort(first)], self._session.dataset.n_labels)
        total, rows, labels = len(rows), rows[: max(0, n)], labels[: max(0, n)]
        left = self._run.unasked(rows, labels) if self._run.judges else np.zeros(len(rows), bool)
        return (rows[left], labels[left]), total, int((~left).sum())

    def _sample(self, rows: np.ndarray, labels: np.ndarray) -> list[Question]:
        """Some of the questions, the first one first."""
        if not len(rows):
            return []
        spread = np.unique(np.linspace(0, len(rows) - 1, N_SAMPLE).astype(np.int64))
        return list(questions(self._session.for_judges, rows[spread], labels[spread], None, n_examples=N_EXAMPLES))


def _asked(judge: Judge) -> AskedJudge:
    if not isinstance(judge, OpenAIJudge):
        return AskedJudge(name_of(judge), "", pictures=False, calls=None, tokens=None)
    return AskedJudge(name_of(judge), judge.base_url, pictures=judge.images, **judge.left)


def _text(judge: Judge, question: Question) -> str:
    """What is sent, in words."""
    if not isinstance(judge, OpenAIJudge):
        return question.written
    told = [message["content"] for message in judge.messages(question)]
    return "\n\n".join(text if isinstance(text, str) else f"{text[0]['text']}\n\n[the picture of the item]" for text in told)


def _tokens(judge: Judge, shown: list[Question], n: int) -> int | None:
    """An estimate for n questions like those shown."""
    if not isinstance(judge, OpenAIJudge) or not shown:
        return None
    return round(n * sum(judge.tokens(question) for question in shown) / len(shown))
