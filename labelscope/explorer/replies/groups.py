"""Groups of items that no label explains, as the tab "Novel groups" lists them."""

from __future__ import annotations

from typing import Literal

from labelscope.explorer.replies.reply import ReplyBody

__all__ = ["GroupExample", "GroupShown", "GroupsShown"]


class GroupExample(ReplyBody, frozen=True):
    """One of the most central items of a group."""

    row: int
    item: str
    text: str


class GroupShown(ReplyBody, frozen=True):
    """One group: `key` names it in a request.

    `proposed`: its name unless somebody gave it another; `stability`: how far it comes back when a fifth of the items is left out, 0 to 1,
    and in words; `nearest`: the label that most of its items carry, "" where none carries any, and the `share` that does; `label`: of a
    taken group the label that came since and is on most of its items.
    """

    key: str
    group: int
    name: str
    proposed: str
    words: list[str]
    items: int
    stability: float
    steady: str
    nearest: str
    share: float
    state: Literal["open", "taken", "dismissed"]
    label: str
    examples: list[GroupExample]


class GroupsShown(ReplyBody, frozen=True):
    """All groups, the most stable and coherent first.

    `found`: whether they were looked for; `blocked`: why they cannot be, or ""; `stale`: whether labels changed since; `alone`: items in no
    group; `images`: whether items have pictures.
    """

    found: bool
    blocked: str
    stale: bool
    alone: int
    images: bool
    groups: list[GroupShown]
