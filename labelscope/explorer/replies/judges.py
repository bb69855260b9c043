"""What would be asked of judges, and how far they are."""

from __future__ import annotations

from labelscope.explorer.replies.reply import ReplyBody

__all__ = ["AskPreview", "AskedJudge", "Asking", "JudgeTally"]


class AskedJudge(ReplyBody, frozen=True):
    """A judge by its name, and the address that questions to it are sent to; "" for a function in this kernel.

    `calls`, `tokens`: what is left of its budget, null where it has no limit.
    """

    name: str
    address: str
    pictures: bool
    calls: int | None
    tokens: int | None


class AskPreview(ReplyBody, frozen=True):
    """What would be sent: to whom, about how many cells of a list, and one question as an example.

    `total`: cells of the list; `cells`: of the first ones, as many as were asked for, those that the first judge has not answered;
    `known`: those that it has; `tokens`: an estimate for all of them, null where nothing is known of it.
    """

    judges: list[AskedJudge]
    total: int
    cells: int
    known: int
    item: str
    label: str
    text: str
    tokens: int | None


class JudgeTally(ReplyBody, frozen=True):
    """The answers of a judge in this run."""

    name: str
    yes: int
    no: int
    unsure: int


class Asking(ReplyBody, frozen=True):
    """How far a run is: the answers of each judge so far, the first of `total` cells; `trouble`: what went wrong."""

    run: int
    total: int
    judges: list[JudgeTally]
    running: bool
    stopping: bool
    trouble: str
