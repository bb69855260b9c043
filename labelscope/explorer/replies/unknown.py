"""The answers about unknown cells that have a pseudo-label, and about the sample of a list that may be accepted unseen."""

from __future__ import annotations

from labelscope.explorer.asked import LabelState
from labelscope.explorer.replies.reply import ReplyBody

__all__ = ["AbstainedGroup", "RestShown", "UnknownGroup", "UnknownShown"]


class UnknownGroup(ReplyBody, frozen=True):
    """Unknown cells of one label that would become one state; `weakest`: probability of that state of the least sure one.

    `first`: place of its first cell in the list that is shown, or -1.
    """

    label: int
    name: str
    state: LabelState
    n: int
    weakest: float
    methods: list[str]
    first: int


class AbstainedGroup(ReplyBody, frozen=True):
    """Cells of a label that stay unknown, and why."""

    name: str
    n: int
    reason: str


class UnknownShown(ReplyBody, frozen=True):
    """What becomes of how many unknown cells, and what stays unknown; `source`: at which rate, against what."""

    source: str
    total: int
    groups: list[UnknownGroup]
    abstained: list[AbstainedGroup]


class RestShown(ReplyBody, frozen=True):
    """How far the sample of a list is judged, and how much of the list may be accepted unseen.

    `n_free`: cells that may go now, all within the first `within` of the list. `n_more`: further decisions that would let `n_then`
    go in all, if the share of wrong ones stays as it is; 0 where no number is known. `anew`: whether the order that learns has enough to go
    by, so that a sample of what is left, in that order, may free more.
    """

    title: str
    n_listed: int
    n_judged: int
    n_wrong: int
    alpha: float
    n_free: int
    within: int
    n_more: int
    n_then: int
    anew: bool
