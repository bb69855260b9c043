"""A label that is just being made: what to look at next, and how many items have it."""

from __future__ import annotations

from typing import Literal

from labelscope.explorer.asked import LabelState
from labelscope.explorer.replies.reply import ReplyBody

__all__ = ["GrowCount", "GrowItem", "GrowRound", "GrowTold"]


class GrowItem(ReplyBody, frozen=True):
    """An item to look at, and the probability that it has the label, null where nothing is known."""

    row: int
    item: str
    text: str
    image: bool
    probability: float | None


class GrowCount(ReplyBody, frozen=True):
    """How many items have the label in all, with a 95% interval, from a sample of so many."""

    estimate: float
    low: int
    high: int
    sampled: int


class GrowTold(ReplyBody, frozen=True):
    """What is said of the label so far: whether it is there, the items with it and without it; the item that was just judged or -1."""

    name: str
    there: bool
    positive: int
    negative: int
    row: int
    state: LabelState


class GrowRound(GrowTold, frozen=True):
    """What to look at next, and what these items were chosen by; how many there are is null before a sample of them is judged."""

    items: list[GrowItem]
    basis: Literal["examples", "words", "random", "selection"]
    count: GrowCount | None
    advice: str
