"""The answers about single items, and about the worklist and the decisions taken in it."""

from __future__ import annotations

from typing import Literal

import msgspec

from labelscope.explorer.asked import LabelState
from labelscope.explorer.replies.card import Action, Chip, Entry, Label
from labelscope.explorer.replies.reply import ReplyBody
from labelscope.explorer.replies.state import Counts

__all__ = [
    "BatchApplied",
    "BatchExample",
    "BatchGroup",
    "BatchShown",
    "BulkItem",
    "BulkRule",
    "BulkShown",
    "Decided",
    "Edited",
    "Found",
    "FoundLabels",
    "GridItem",
    "GridShown",
    "Hovered",
    "Judged",
    "Listed",
    "ReasonsShown",
    "Sampled",
    "Stepped",
    "Tally",
    "Text",
    "Thumbnail",
]


class Text(ReplyBody, frozen=True):
    """The whole text of an item."""

    text: str


class Hovered(ReplyBody, frozen=True):
    """What the map shows when the pointer rests on an item."""

    row: int
    item: str
    text: str
    labels: list[str]
    n_labels: int


class Thumbnail(ReplyBody, frozen=True):
    """MIME type of the picture in the buffer."""

    type: str


class FoundLabels(ReplyBody, frozen=True):
    """Labels by name, and how many there are."""

    labels: list[Label]
    total: int


class Found(ReplyBody, frozen=True):
    """How many items a search finds, one bit an item in the buffer; None without words to search for."""

    count: int | None


class Tally(ReplyBody, frozen=True):
    """What every reply about decisions says: the counts, and the number of the newest decision known to it."""

    counts: Counts
    decisions: int


class Listed(Tally, frozen=True):
    """A window of a listing."""

    listing: str
    total: int
    offset: int
    entries: list[Entry]


class Decided(Tally, frozen=True):
    """The card as it is now, and how many suggestions were decided."""

    entry: Entry
    n: int


class Edited(Tally, frozen=True):
    """The card and the chip as they are now."""

    entry: Entry
    chip: Chip


class Judged(Tally, frozen=True):
    """The card of an audited cell as it is now."""

    entry: Entry


class Stepped(Tally, frozen=True):
    """What an undo or redo was about, and how many decisions it took back or again; none, if there was nothing.

    `kept`: cells among them that stay as others, `by`, have decided since. `reason`: the decision itself stands, only its reason went
    or came back. `text`: what a label means went or came back, and no decision did; `group`: what was said of a group of items that no
    label explains, whose name is `label` then.
    """

    entry: Entry | None
    label: str
    n: int
    kept: int = 0
    by: list[str] = msgspec.field(default_factory=list)
    reason: bool = False
    text: bool = False
    group: bool = False


class ReasonsShown(ReplyBody, frozen=True):
    """The last verdict of the reviewer, how many cells it is about, its reason or "", and the reasons to choose from."""

    about: int
    verdict: Literal["accepted", "rejected", "skipped", "edited", "confirmed"]
    state: LabelState
    label: str
    item: str
    n: int
    reason: str
    kinds: list[str]


class Sampled(Tally, frozen=True):
    """How many cells the audit sample has now."""

    n: int


class BatchApplied(Tally, frozen=True):
    """How many suggestions were decided."""

    total: int


class BatchGroup(ReplyBody, frozen=True):
    """Equal changes of a batch, and the least confidence among them."""

    label: str
    action: Action
    n: int
    least: float


class BatchExample(ReplyBody, frozen=True):
    """One suggestion of a batch."""

    row: int
    item: str
    label: str
    action: Action
    confidence: float
    text: str


class BatchShown(ReplyBody, frozen=True):
    """What a batch would change. Companions: what its suggestions make necessary besides, accepted with them."""

    total: int
    companions: int
    items: int
    n_groups: int
    groups: list[BatchGroup]
    sample: list[BatchExample]


class GridItem(ReplyBody, frozen=True):
    """An item among many."""

    row: int
    item: str
    text: str
    image: bool


class GridShown(ReplyBody, frozen=True):
    """Items that would all get a state of a label; how many there are in the list, and the rows that come after them."""

    label: int
    name: str
    state: Literal[1, 0]
    left: int
    items: list[GridItem]
    ahead: list[int]


class BulkRule(ReplyBody, frozen=True):
    """What the rules change with a label: another label that gets a state on so many items."""

    label: str
    state: LabelState
    n: int


class BulkItem(ReplyBody, frozen=True):
    """An item that would change, with the state of its cell now."""

    row: int
    item: str
    text: str
    state: LabelState


class BulkShown(ReplyBody, frozen=True):
    """What a change of the selection would do: cells and items that change, those that are so already, and those left alone."""

    selection: int
    total: int
    items: int
    same: int = 0
    decided: int = 0
    rules: list[BulkRule] = msgspec.field(default_factory=list)
    entries: list[BulkItem] = msgspec.field(default_factory=list)
