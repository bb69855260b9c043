"""Asking a judge many questions: several at a time, each answer kept as it arrives, whatever stops the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from labelscope.compute.progress import advance
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN
from labelscope.errors import DataError, LabelscopeError, StageError
from labelscope.voters.answers import Answer, Answers
from labelscope.voters.question import Question

__all__ = ["Asked", "BudgetSpent", "Judge", "NoAnswer", "ask", "name_of"]

Judge = Callable[[Question], Any]
LOOK = 0.2  # seconds after which somebody who wants to stop is heard, whatever a judge is doing


class NoAnswer(Exception):  # noqa: N818 - what is the case; the cell is left out
    """A judge could not be asked, and may answer another time."""


class BudgetSpent(Exception):  # noqa: N818 - the same
    """A judge may not be asked any more in this session."""


class Asked(NamedTuple):
    """What came of the questions.

    Attributes
    ----------
    answers : list of Answer or None
        None where there is none.
    failure : str
        Why the last one without an answer failed.
    spent : bool
        Whether a budget was used up.
    """

    answers: list[Answer | None]
    failure: str
    spent: bool


def ask(
    judge: Judge, asked: Iterable[Question], n: int, answers: Answers, told: Callable[[int, Answer], None] = lambda _, __: None
) -> Asked:
    """Ask what has no answer yet.

    Parameters
    ----------
    judge : callable
        Its `workers` say how many questions it takes at once.
    asked : iterable of Question
    n : int
        How many there are.
    answers : Answers
        Answers that there are; new ones are added.
    told : callable
        Called with the number of a question and its answer as soon as there is one.

    Raises
    ------
    Cancelled
        If who watches asks for it; the answers to the questions under way are still taken.
    StageError
        If the judge fails.
    DataError
        If it returns no answer, or an answer cannot be kept.
    """
    asking = _Asking(judge, answers, n, told)
    waiting = asking.unanswered(asked)
    workers = max(1, int(getattr(judge, "workers", 1)))
    with ThreadPoolExecutor(workers, thread_name_prefix="judge") as pool:
        try:
            while asking.start(pool, islice(waiting, 0 if asking.spent else 2 * workers - asking.n_pending)):
                asking.gather()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            asking.keep_arrived()
    for _ in waiting:  # fills in what the cache has to the questions that were not asked any more
        pass
    return Asked(asking.found, asking.failure, asking.spent)


class _Asking:
    """Questions under way, by their key: two cells with the same text are one question."""

    def __init__(self, judge: Judge, answers: Answers, n: int, told: Callable[[int, Answer], None]) -> None:
        self._judge, self._answers, self._told = judge, answers, told
        self._name, self._identity = name_of(judge), _identity(judge)
        self._under_way: dict[str, tuple[Future[Answer], list[int]]] = {}
        self._done = 0
        self.found: list[Answer | None] = [None] * n
        self.failure, self.spent = "", False

    @property
    def n_pending(self) -> int:
        return len(self._under_way)

    def unanswered(self, asked: Iterable[Question]) -> Iterator[tuple[int, str, Question]]:
        """The questions that there is no answer to; those that there is one to are filled in."""
        for at, question in enumerate(asked):
            key = question.key(self._identity)
            known = self._answers.get(key)
            if known is None:
                yield at, key, question
            else:
                self._take(at, known)

    def start(self, pool: ThreadPoolExecutor, some: Iterable[tuple[int, str, Question]]) -> bool:
        """Ask some more; whether anything is under way."""
        for at, key, question in some:
            if key in self._under_way:
                self._under_way[key][1].append(at)
            else:
                self._under_way[key] = pool.submit(_answer, self._judge, question, self._name), [at]
        return bool(self._under_way)

    def gather(self) -> None:
        """Wait for an answer, but not for long, and keep all that have come."""
        wait([future for future, _ in self._under_way.values()], timeout=LOOK, return_when=FIRST_COMPLETED)
        for key in [key for key, (future, _) in self._under_way.items() if future.done()]:
            future, cells = self._under_way.pop(key)
            self._done += len(cells)
            try:
                self._keep(key, future.result(), cells)
            except NoAnswer as error:
                self.failure = str(error)
            except BudgetSpent as error:
                self.failure, self.spent = str(error), True
        advance("judge", self._done / max(len(self.found), 1))

    def keep_arrived(self) -> None:
        """Keep the answers that arrived while something else failed or somebody stopped this."""
        for key, (future, cells) in self._under_way.items():
            if future.done() and not future.cancelled() and future.exception() is None:
                self._keep(key, future.result(), cells)

    def _keep(self, key: str, answer: Answer, cells: list[int]) -> None:
        self._answers.put(key, self._name, answer)
        for at in cells:
            self._take(at, answer)

    def _take(self, at: int, answer: Answer) -> None:
        self.found[at] = answer
        self._told(at, answer)


def _answer(judge: Judge, question: Question, name: str) -> Answer:
    try:
        said = judge(question)
    except (NoAnswer, BudgetSpent, LabelscopeError):
        raise
    except Exception as error:
        about = f"{type(error).__name__}: {error} about item {question.item_id!r}"
        raise StageError(f"judge {name!r}: expected an answer, got {about}; mend it and call again") from error
    value, reason, tokens = (*said, 0)[:3] if isinstance(said, tuple) and len(said) in (2, 3) else (said, "", 0)
    if isinstance(value, (bool, np.bool_)):
        value = int(value)
    if value not in (POSITIVE, NEGATIVE, UNKNOWN):
        raise DataError(f"judge {name!r}: expected 1, 0 or -1, or a pair of that and a reason, got {said!r}")
    return Answer(int(value), str(reason), int(tokens))


def name_of(judge: Judge) -> str:
    """Under which a judge votes."""
    return str(getattr(judge, "name", None) or getattr(judge, "__name__", None) or type(judge).__name__)


def _identity(judge: Judge) -> str:
    """Under which its answers are kept: a judge that is asked differently is another one."""
    return str(getattr(judge, "identity", None) or name_of(judge))
