"""The answers about single items, and about the worklist and the decisions taken in it."""

from __future__ import annotations

from labelscope.explorer.replies.card import Action, Chip, Entry, Label
from labelscope.explorer.replies.reply import Told
from labelscope.explorer.replies.state import Counts

__all__ = [
    "BatchApplied",
    "BatchExample",
    "BatchGroup",
    "BatchShown",
    "Decided",
    "Edited",
    "Found",
    "FoundLabels",
    "Hovered",
    "Judged",
    "Listed",
    "Sampled",
    "Stepped",
    "Tally",
    "Text",
    "Thumbnail",
]


class Text(Told, frozen=True):
    """The whole text of an item."""

    text: str


class Hovered(Told, frozen=True):
    """What the map shows when the pointer rests on an item."""

    row: int
    item: str
    text: str
    labels: list[str]
    n_labels: int


class Thumbnail(Told, frozen=True):
    """MIME type of the picture in the buffer."""

    type: str


class FoundLabels(Told, frozen=True):
    """Labels by name, and how many there are."""

    labels: list[Label]
    total: int


class Found(Told, frozen=True):
    """How many items a search finds, one bit an item in the buffer; None without words to search for."""

    count: int | None


class Tally(Told, frozen=True):
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
    """What an undo or redo was about, and how many decisions it took back or again; none, if there was nothing."""

    entry: Entry | None
    label: str
    n: int


class Sampled(Tally, frozen=True):
    """How many cells the audit sample has now."""

    n: int


class BatchApplied(Tally, frozen=True):
    """How many suggestions were decided."""

    total: int


class BatchGroup(Told, frozen=True):
    """Equal changes of a batch, and the least confidence among them."""

    label: str
    action: Action
    n: int
    least: float


class BatchExample(Told, frozen=True):
    """One suggestion of a batch."""

    row: int
    item: str
    label: str
    action: Action
    confidence: float
    text: str


class BatchShown(Told, frozen=True):
    """What a batch would change. Companions: what its suggestions make necessary besides, accepted with them."""

    total: int
    companions: int
    items: int
    n_groups: int
    groups: list[BatchGroup]
    sample: list[BatchExample]
