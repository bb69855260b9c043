"""The panels of labels, pairs, relations and progress."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from labelscope.explorer.messages import Relation
from labelscope.explorer.remaining_errors import Remaining
from labelscope.explorer.replies.reply import ReplyBody
from labelscope.explorer.replies.state import Counts
from labelscope.review.review_yield import ReviewYield, Share
from labelscope.review.reviewer_agreement import ReviewerAgreement

__all__ = [
    "AuditPart",
    "AuditReport",
    "Expected",
    "LabelRow",
    "LabelTable",
    "NamedLabel",
    "PairGrid",
    "PairMatrix",
    "ProgressReport",
    "RelationRow",
    "RelationTable",
]

Tier = Literal["head", "medium", "tail"]


class AuditPart(ReplyBody, frozen=True):
    """The estimate for one kind of cells."""

    part: str
    n_cells: int
    n_audited: int
    n_wrong: int
    n_undecidable: int
    wrong: float | None
    wrong_low: int
    wrong_high: int
    rate: float | None
    rate_low: float
    rate_high: float


class AuditReport(ReplyBody, frozen=True):
    """What the judgements of the audit say so far, and what stopping now would mean."""

    audit: int
    judged: int
    parts: list[AuditPart]
    discoveries: Share | None
    undecidable: float
    notes: list[str]
    advice: Literal["go on", "audit first", "stop"]
    words: str


class Expected(ReplyBody, frozen=True):
    """Of the next `n` suggestions in the order that learns, how many are likely right."""

    n: int
    repairs: float


class ProgressReport(ReplyBody, frozen=True):
    """How far the review is, and whether an audit sample can be drawn."""

    counts: Counts
    review: ReviewYield
    remaining: Remaining
    audit: AuditReport | None
    searched: bool
    expected: Expected | None
    unlike: int
    agreement: list[ReviewerAgreement]


class LabelRow(ReplyBody, frozen=True):
    """A label with its counts."""

    label: int
    name: str
    tier: Tier
    positive: int
    unknown: int
    selected: int
    add: int
    remove: int


class LabelTable(ReplyBody, frozen=True):
    """A window of the labels with their counts, and the whole long tail as a curve."""

    total: int
    offset: int
    most: int
    n_selected: int | None
    rows: list[LabelRow]
    curve: list[tuple[int, int]]
    tiers: dict[Tier, int]


class NamedLabel(ReplyBody, frozen=True):
    """A label and its name."""

    label: int
    name: str


class PairMatrix(ReplyBody, frozen=True):
    """Some labels and, in the buffers, counts, lift and significance of their pairs; `whole`: all of them can be shown."""

    ready: bool
    labels: list[NamedLabel] = msgspec.field(default_factory=list)
    focus: int = -1
    n_labels: int = 0
    summary: str = ""
    whole: bool = False


class PairGrid(ReplyBody, frozen=True):
    """All labels by all labels, or windows of them, in cells whose values are in the buffers."""

    ready: bool
    n_labels: int = 0
    down: tuple[int, int] = (0, 0)
    across: tuple[int, int] = (0, 0)
    shape: tuple[int, int] = (0, 0)
    names: tuple[list[str], list[str]] = ([], [])
    labels: tuple[list[int], list[int]] = ([], [])
    found: dict[int, str] = msgspec.field(default_factory=dict)


class RelationRow(ReplyBody, frozen=True):
    """A relation between two labels, and what a person said of it where somebody can be asked."""

    label_a: str
    label_b: str
    relation: Relation
    n_a: int
    n_b: int
    n_ab: int
    expected: float
    counter_examples: int | None
    q_value: float | None
    source: str
    supported: bool | None
    direct: bool
    verdict: Literal["confirmed", "rejected", "pending"] | UnsetType = UNSET


class RelationTable(ReplyBody, frozen=True):
    """Relations, and how many there are of each kind."""

    ready: bool
    total: int = 0
    kinds: dict[str, int] = msgspec.field(default_factory=dict)
    rows: list[RelationRow] = msgspec.field(default_factory=list)
