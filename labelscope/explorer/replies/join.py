"""Two data sets compared, as the dialog shows them before they are joined."""

from __future__ import annotations

from typing import Literal

from labelscope.explorer.replies.reply import ReplyBody

__all__ = ["JoinCompared", "JoinPair", "JoinSide", "JoinTold"]


class JoinSide(ReplyBody, frozen=True):
    """One of the two: what it is called, how large it is, and the labels that only it has or that cannot be compared."""

    name: str
    items: int
    labels: int
    alone: list[str]
    unclear: list[str]


class JoinPair(ReplyBody, frozen=True):
    """Two labels that may be one, or of which one may imply the other.

    `at`: its row; `relation`: "implies" where left implies right; `score`: how alike they are, about 0 to 1, null where they have too few
    items and only their names are the same; `examples`: texts of up to two items, one of each set.
    """

    at: int
    left: str
    right: str
    relation: Literal["identical", "same name", "implies", "implied by"]
    score: float | None
    examples: list[str]


class JoinCompared(ReplyBody, frozen=True):
    """What was found.

    `made`: names this comparison in the next request; `reading`: how the labels of the other file were read; `told`: what a person should
    know of it; `path`: where the joined table may go.
    """

    made: int
    left: JoinSide
    right: JoinSide
    reading: str
    told: list[str]
    pairs: list[JoinPair]
    path: str


class JoinTold(ReplyBody, frozen=True):
    """What was written, in a line."""

    summary: str
