"""The state that is pushed, and what the answers about the whole data set and the selection say."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, UnsetType

from labelscope.explorer.messages import Colour
from labelscope.explorer.replies.card import Label
from labelscope.explorer.replies.judges import Asking
from labelscope.explorer.replies.reply import ReplyBody
from labelscope.stages.runner import StageReport

__all__ = [
    "Coloured",
    "Counted",
    "CountedQuery",
    "Counts",
    "Exported",
    "FilterChip",
    "LegendEntry",
    "NumberedState",
    "Opened",
    "Placed",
    "Renamed",
    "Selected",
    "SinceSuggestions",
    "State",
    "StaticView",
    "VersionNumbers",
    "Way",
]


class Counts(ReplyBody, frozen=True):
    """Entries of the queues, judged cells of the audit, changed cells.

    `audit`: cells without a judgement; `agreed`: open suggestions that a judge agrees with; `label_next`, `ask_next` and `ambiguous`:
    null where nobody has asked for what takes time to work out; `unknown`: pseudo-labels that nobody has decided on; `sample`: cells of the
    sample of a list that wait; `unlike`: cells of like items decided unlike, as they were looked for last.
    """

    pending: int
    accepted: int
    rejected: int
    skipped: int
    agreed: int
    all: int
    label_next: int | None
    ask_next: int | None
    ambiguous: int | None
    unlike: int
    conflicts: int
    audit: int
    judged: int
    changed: int
    unknown: int
    sample: int


class SinceSuggestions(ReplyBody, frozen=True):
    """What people said since the suggestions were made."""

    decisions: int
    relations: int
    voters: int
    labels: int


class FilterChip(ReplyBody, frozen=True):
    """One condition of the selection; with the number of cells where it names some."""

    key: str
    kind: str
    title: str
    negated: bool
    count: int
    cells: int | UnsetType = UNSET


class VersionNumbers(ReplyBody, frozen=True):
    """Numbers that rise whenever something else is to be shown."""

    map: int
    selection: int
    worklist: int
    decisions: int
    pairs: int
    voters: int
    health: int
    groups: int


class State(ReplyBody, frozen=True):
    """What is pushed whenever it changes; the last three only where somebody can decide, the last one once judges were asked.

    `n_labels`: labels that there are now.
    """

    stages: list[StageReport]
    running: bool
    versions: VersionNumbers
    method: str
    n_labels: int
    counts: Counts
    selected: int | None
    filters: list[FilterChip]
    reviewer: str | UnsetType = UNSET
    since_suggestions: SinceSuggestions | UnsetType = UNSET
    asking: Asking | UnsetType = UNSET


class NumberedState(ReplyBody, frozen=True):
    """The newest state and its number."""

    version: int
    body: State


class Way(ReplyBody, frozen=True):
    """Something that the map can be coloured by."""

    by: Colour
    column: str
    name: str


class LegendEntry(ReplyBody, frozen=True):
    """What a code of a colour means, with a query for its items where there is one; of a level its lowest and highest number."""

    code: int
    name: str
    role: str
    count: int
    query: str | UnsetType = UNSET
    ends: list[str] | UnsetType = UNSET


class Coloured(ReplyBody, frozen=True):
    """What the codes of the items, in the buffer, mean."""

    legend: list[LegendEntry]


class Placed(ReplyBody, frozen=True):
    """Which map it is whose places are in the buffer; a second buffer names the items where it is a sample."""

    version: int
    method: str
    total: int


class Opened(ReplyBody, frozen=True):
    """What the data set is; with the map and its colours where they are there; the judge that can be asked, or ""."""

    n_items: int
    n_labels: int
    labels: list[Label]
    image: bool
    text: bool
    export_path: str
    reviewer: str
    guessed: bool
    colours: list[Way]
    judge: str
    map: Placed | UnsetType = UNSET
    legend: list[LegendEntry] | UnsetType = UNSET


class Renamed(ReplyBody, frozen=True):
    """Who reviews now."""

    reviewer: str


class Exported(ReplyBody, frozen=True):
    """What was written, in words."""

    summary: str


class StaticView(ReplyBody, frozen=True):
    """What is saved with a notebook: MIME type to data."""

    data: dict[str, Any]


class CountedQuery(ReplyBody, frozen=True):
    """Items that a query selects, and cells where it names some; or why it is none."""

    items: int
    cells: int | UnsetType = UNSET
    error: str = ""


class Counted(ReplyBody, frozen=True):
    """How much each query would list, in their order."""

    found: list[CountedQuery]


class Selected(ReplyBody, frozen=True):
    """The filters and how many items they leave; the buffer holds one bit an item, and there is none without a filter."""

    version: int
    count: int | None
    counts: Counts
    filters: list[FilterChip]
