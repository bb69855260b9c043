"""A page on one label: what is known at once, and the examples, which take longer."""

from __future__ import annotations

from typing import Literal

from labelscope.explorer.replies.reply import ReplyBody

__all__ = [
    "ConfusedLabel",
    "LabelBin",
    "LabelExamples",
    "LabelFact",
    "LabelItem",
    "LabelPageShown",
    "LabelRule",
    "LabelShare",
    "LabelTextShown",
]

LabelItemKind = Literal["missing", "spurious", "exemplar", "borderline, given", "borderline, not given", "confused"]


class LabelFact(ReplyBody, frozen=True):
    """A figure in words, and the query that lists its items or cells; "" where there is none.

    `cells`: whether a filter by the name of the figure lists its cells.
    """

    section: str
    figure: str
    words: str
    query: str
    cells: bool


class LabelRule(ReplyBody, frozen=True):
    """A relation to another label, the items that break it, and the query that lists them."""

    label_a: str
    relation: Literal["implies", "identical", "exclusive"]
    label_b: str
    exceptions: int | None
    query: str


class LabelShare(ReplyBody, frozen=True):
    """The share of the label in a split with its 95% interval, null where nothing is known."""

    split: str
    n_positive: int
    share: float | None
    low: float | None
    high: float | None
    query: str


class LabelBin(ReplyBody, frozen=True):
    """Cells of like probability, and the share of them that is positive with its 95% interval; `query`: these items."""

    n: int
    probability: float
    share: float
    low: float
    high: float
    query: str


class LabelItem(ReplyBody, frozen=True):
    """An item on the page; `figure`: its suspicion, or the probability that the model gives it, 0 to 1."""

    row: int
    item: str
    kind: LabelItemKind
    other: str
    text: str
    figure: float


class LabelPageShown(ReplyBody, frozen=True):
    """What is known about a label; `examples`: whether typical items can be asked for, `images`: whether items have pictures."""

    label: int
    name: str
    description: str
    guideline: str
    facts: list[LabelFact]
    rules: list[LabelRule]
    shares: list[LabelShare]
    bins: list[LabelBin]
    items: list[LabelItem]
    examples: bool
    images: bool


class LabelTextShown(ReplyBody, frozen=True):
    """What a label means and when it is to be given, as it stands."""

    description: str
    guideline: str


class ConfusedLabel(ReplyBody, frozen=True):
    """Another label that the label is confused with (`words` say how) or that its items often have too, and its query."""

    name: str
    words: str
    query: str


class LabelExamples(ReplyBody, frozen=True):
    """Typical and borderline items, labels that it is confused with or goes with, and whether the embedding sees it."""

    items: list[LabelItem]
    confused: list[ConfusedLabel]
    goes_with: list[ConfusedLabel]
    sight: str
