"""A card of the worklist: an item, what it is about, and the labels that matter for it."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, UnsetType

from labelscope.explorer.messages import Judgement, LabelState, Verdict
from labelscope.explorer.replies.reply import Told

__all__ = ["Change", "Chip", "Conflict", "Entry", "Label", "Opinion", "Question", "Suggestion"]

Action = Literal["add", "remove"]


class Chip(Told, frozen=True):
    """A label of an item; with the probability where there is a model, and what is suggested on a card."""

    label: int
    name: str
    state: LabelState
    probability: float | UnsetType = UNSET
    suggested: Action | UnsetType = UNSET


class Label(Told, frozen=True):
    """A label with the items that have it; with its chip where an item was named."""

    label: int
    name: str
    count: int
    chip: Chip | UnsetType = UNSET


class Change(Told, frozen=True):
    """A change that a suggestion makes necessary: accepted with it, by the same decision."""

    label: int
    name: str
    action: Action


class Suggestion(Told, frozen=True):
    """A suggestion with the verdict on it."""

    id: str
    label: int
    name: str
    action: Action
    confidence: float | None
    reason: str
    verdict: Verdict
    companions: list[Change]


class Opinion(Told, frozen=True):
    """What a reviewer says of a cell."""

    reviewer: str
    state: LabelState


class Conflict(Told, frozen=True):
    """A cell that reviewers disagree on."""

    label: int
    name: str
    opinions: list[Opinion]


class Question(Told, frozen=True):
    """A cell of the audit sample: nothing else is known about it on its card. It may have been judged elsewhere."""

    label: int
    name: str
    given: Literal[0, 1]
    judgement: Judgement | Literal["judged"] | None


class Entry(Told, frozen=True):
    """A card: an item, what it is about (the label, or -1), and the labels that matter for it; `more` letters are left out."""

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
