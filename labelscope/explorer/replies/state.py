"""The state that is pushed, and what the answers about the whole data set and the selection say."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, UnsetType

from labelscope.explorer.messages import Colour
from labelscope.explorer.replies.card import Label
from labelscope.explorer.replies.reply import Told
from labelscope.stages.runner import StageReport

__all__ = [
    "Coloured",
    "Counts",
    "Exported",
    "FilterChip",
    "LegendEntry",
    "News",
    "NumberedState",
    "Opened",
    "Placed",
    "Renamed",
    "Selected",
    "State",
    "Still",
    "VersionNumbers",
    "Way",
]


class Counts(Told, frozen=True):
    """Entries of the queues (of the audit: cells without a judgement), judged cells of the audit, changed cells."""

    pending: int
    accepted: int
    rejected: int
    skipped: int
    all: int
    conflicts: int
    audit: int
    judged: int
    changed: int


class News(Told, frozen=True):
    """What people said since the suggestions were made."""

    decisions: int
    relations: int


class FilterChip(Told, frozen=True):
    """One condition of the selection."""

    key: str
    kind: str
    title: str
    negated: bool
    count: int


class VersionNumbers(Told, frozen=True):
    """Numbers that rise whenever something else is to be shown."""

    map: int
    selection: int
    worklist: int
    decisions: int
    pairs: int


class State(Told, frozen=True):
    """What is pushed whenever it changes; the last two only where somebody can decide."""

    stages: list[StageReport]
    running: bool
    versions: VersionNumbers
    method: str
    counts: Counts
    selected: int | None
    filters: list[FilterChip]
    reviewer: str | UnsetType = UNSET
    news: News | UnsetType = UNSET


class NumberedState(Told, frozen=True):
    """The newest state and its number."""

    version: int
    body: State


class Way(Told, frozen=True):
    """Something that the map can be coloured by."""

    by: Colour
    column: str
    name: str


class LegendEntry(Told, frozen=True):
    """What a code of a colour means, with a query for its items where there is one."""

    code: int
    name: str
    role: str
    count: int
    query: str | UnsetType = UNSET


class Coloured(Told, frozen=True):
    """What the codes of the items, in the buffer, mean."""

    legend: list[LegendEntry]


class Placed(Told, frozen=True):
    """Which map it is whose places are in the buffer; a second buffer names the items where it is a sample."""

    version: int
    method: str
    total: int


class Opened(Told, frozen=True):
    """What the data set is; with the map and its colours where they are there."""

    n_items: int
    n_labels: int
    labels: list[Label]
    image: bool
    text: bool
    export_path: str
    reviewer: str
    guessed: bool
    colours: list[Way]
    map: Placed | UnsetType = UNSET
    legend: list[LegendEntry] | UnsetType = UNSET


class Renamed(Told, frozen=True):
    """Who reviews now."""

    reviewer: str


class Exported(Told, frozen=True):
    """What was written, in words."""

    summary: str


class Still(Told, frozen=True):
    """What is saved with a notebook: MIME type to data."""

    data: dict[str, Any]


class Selected(Told, frozen=True):
    """The filters and how many items they leave; the buffer holds one bit an item, and there is none without a filter."""

    version: int
    count: int | None
    counts: Counts
    filters: list[FilterChip]
