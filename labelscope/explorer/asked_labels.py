"""What a view may ask about labels as such: their list, the page of one, and one that is just being made."""

from __future__ import annotations

from typing import Literal

from labelscope.explorer.asked import Asked, LabelState

__all__ = [
    "GroupSaid",
    "GrowAsked",
    "GrowFrom",
    "GrowJudged",
    "LabelColumnAsked",
    "LabelNameAsked",
    "LabelTableAsked",
    "LabelTextAsked",
    "LabelsAsked",
    "ProposalApplied",
    "ProposalAsked",
    "Sort",
]

Sort = Literal["count", "rare", "name", "selected", "suggested"]
GrowFrom = Literal["next", "sample", "selection"]


class LabelsAsked(Asked, frozen=True):
    """Labels by name; with their chips on an item, if one is named."""

    query: str = ""
    row: int = -1


class LabelNameAsked(Asked, frozen=True):
    """Something of a label, by its name."""

    label: str


class LabelColumnAsked(Asked, frozen=True):
    """Something of a label, by its position."""

    label: int


class LabelTextAsked(LabelColumnAsked, frozen=True):
    """What a label means and when it is to be given, to write; "" for nothing."""

    description: str
    guideline: str


class ProposalAsked(Asked, frozen=True):
    """An edit of the label set that is suggested; `into`: the label that takes the items."""

    edit_id: str
    into: str


class ProposalApplied(ProposalAsked, frozen=True):
    """The same, to be done; `cells`: how many would change, as was shown."""

    cells: int


class LabelTableAsked(Asked, frozen=True):
    """A window of the labels with their counts."""

    sort: Sort = "count"
    query: str = ""
    offset: int = 0
    limit: int = 60


class GroupSaid(Asked, frozen=True):
    """What a person says of a group of items that no label explains; `name`: what it is to be called."""

    key: str
    do: Literal["dismiss", "restore", "name"]
    name: str = ""


class GrowNamed(LabelNameAsked, frozen=True):
    """A label that is just being made, and what it means."""

    description: str = ""


class GrowAsked(GrowNamed, frozen=True):
    """What to look at next for it; `of`: by what is known, at random for the count, or out of the selected items."""

    of: GrowFrom = "next"


class GrowJudged(LabelNameAsked, frozen=True):
    """Whether an item has the label; unknown takes back what was said."""

    row: int
    state: LabelState
    description: str = ""
