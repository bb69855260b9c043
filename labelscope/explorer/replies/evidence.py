"""Why one cell is believed or doubted, and what speaks for a label in an item."""

from __future__ import annotations

from typing import Literal

import msgspec

from labelscope.explorer.asked import LabelState
from labelscope.explorer.replies.card import Chip, Suggestion
from labelscope.explorer.replies.reply import ReplyBody
from labelscope.voters.voter_words import Word

__all__ = ["Attributed", "Evidence", "Faithful", "Field", "Influence", "Neighbor", "Neighbors", "Past", "Side"]


class Neighbor(ReplyBody, frozen=True):
    """An item near another, with its state of the label."""

    row: int
    item: str
    text: str
    similarity: float
    state: LabelState
    duplicate: bool


class Side(ReplyBody, frozen=True):
    """How many near items are of one opinion, and the nearest of them."""

    n: int
    items: list[Neighbor]


class Neighbors(ReplyBody, frozen=True):
    """Near items whose state of the label is known."""

    asked: int
    agree: Side
    contradict: Side


class Past(ReplyBody, frozen=True):
    """What somebody decided on a cell before."""

    reviewer: str
    verdict: str
    after: LabelState
    time: str


class Field(ReplyBody, frozen=True):
    """A column of an item, in words."""

    name: str
    value: str


class Evidence(ReplyBody, frozen=True):
    """Why one cell is believed or doubted.

    `agreed`: P(positive) by all voters; `without`: why there are no neighbours, where embeddings are there.
    """

    row: int
    label: int
    item: str
    name: str
    description: str
    given: LabelState
    chip: Chip
    suggestion: Suggestion | None
    suspicion: float | None
    neighbors: Neighbors | None
    votes: list[Word]
    agreed: float | None
    history: list[Past]
    fields: list[Field]
    without: str = ""


class Faithful(ReplyBody, frozen=True):
    """Whether to believe an attribution."""

    verdict: Literal["faithful", "weak", "unfaithful", "flat", "short"]
    words: str


class Influence(ReplyBody, frozen=True):
    """What speaks for a label in an item, weights in [-1, 1].

    Pieces of its text with their weights, or squares of its picture (left, top, right, bottom as shares of it, weight), which
    is in the buffer as PNG.
    """

    of: Literal["text", "image"]
    finding: str
    faithful: Faithful
    notes: list[str]
    pieces: list[tuple[str, float]] = msgspec.field(default_factory=list)
    squares: list[tuple[float, float, float, float, float]] = msgspec.field(default_factory=list)


class Attributed(ReplyBody, frozen=True):
    """What speaks for a label in an item, or why that cannot be said."""

    row: int
    label: int
    name: str
    why: str = ""
    found: Influence | None = None
