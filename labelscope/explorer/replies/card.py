"""A card of the worklist: an item, what it is about, and the labels that matter for it."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, UnsetType

from labelscope.audit.sample import Judgement
from labelscope.explorer.asked import LabelState
from labelscope.explorer.replies.reply import ReplyBody
from labelscope.review.verdicts import Verdict

__all__ = ["Change", "Chip", "Conflict", "Entry", "Label", "Opinion", "Proposed", "Question", "Suggestion"]

Action = Literal["add", "remove"]


class Chip(ReplyBody, frozen=True):
    """A label of an item; with the probability where there is a model, and what is suggested or proposed (a pseudo-label) on a card."""

    label: int
    name: str
    state: LabelState
    probability: float | UnsetType = UNSET
    suggested: Action | UnsetType = UNSET
    proposed: LabelState | UnsetType = UNSET


class Label(ReplyBody, frozen=True):
    """A label with the items that have it; with its chip where an item was named."""

    label: int
    name: str
    count: int
    chip: Chip | UnsetType = UNSET


class Change(ReplyBody, frozen=True):
    """A change that a suggestion makes necessary: accepted with it, by the same decision."""

    label: int
    name: str
    action: Action


class Suggestion(ReplyBody, frozen=True):
    """A suggestion with the verdict on it."""

    id: str
    label: int
    name: str
    action: Action
    confidence: float | None
    reason: str
    verdict: Verdict
    companions: list[Change]
    instead: str = ""
    """In data with one label an item: the label that goes for the one that comes, or comes for the one that goes."""


class Proposed(ReplyBody, frozen=True):
    """A pseudo-label of an unknown cell, and what became of it; `probability`: of positive."""

    label: int
    name: str
    state: LabelState
    probability: float
    reason: str
    verdict: Verdict


class Opinion(ReplyBody, frozen=True):
    """What a reviewer says of a cell."""

    reviewer: str
    state: LabelState


class Conflict(ReplyBody, frozen=True):
    """A cell that reviewers disagree on."""

    label: int
    name: str
    opinions: list[Opinion]


class Question(ReplyBody, frozen=True):
    """A cell of the audit sample: nothing else is known about it on its card. It may have been judged elsewhere."""

    label: int
    name: str
    given: Literal[0, 1]
    judgement: Judgement | Literal["judged"] | None


class Entry(ReplyBody, frozen=True):
    """A card: an item, what it is about (the label, or -1), and the labels that matter for it; `more` letters are left out.

    `ask`: whom to ask for a vote on it; `said`: the reason that somebody gave for the last decision on the cell.
    """

    row: int
    item: str
    text: str
    more: int
    image: bool
    label: int
    suggestion: Suggestion | None
    conflict: Conflict | None
    chips: list[Chip]
    audit: Question | UnsetType = UNSET
    ask: str | UnsetType = UNSET
    proposed: Proposed | UnsetType = UNSET
    said: str | UnsetType = UNSET
