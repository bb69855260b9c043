"""Edits of the label set that the data suggest, as a label page offers them."""

from __future__ import annotations

from typing import Literal

from labelscope.explorer.replies.reply import ReplyBody

__all__ = ["LabelProposal", "LabelProposals", "ProposalShown"]


class LabelProposal(ReplyBody, frozen=True):
    """An edit that is suggested, and why; `into`: the label that takes the items, "" where somebody must name one."""

    edit_id: str
    action: Literal["merge", "rename", "split"]
    label: str
    into: str
    items: int
    reason: str


class LabelProposals(ReplyBody, frozen=True):
    """The edits that are suggested for a label."""

    proposals: list[LabelProposal]


class ProposalShown(ReplyBody, frozen=True):
    """What an edit would change: how many cells, and in words what becomes of the labels."""

    cells: int
    words: list[str]
