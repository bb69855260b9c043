"""What travels between the import page and the kernel, declared once; the page's own types are those of ``import/messages.ts``."""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = [
    "PROTOCOL",
    "Asked",
    "Carried",
    "Carry",
    "CarryAsked",
    "Cell",
    "Choices",
    "Column",
    "Example",
    "Head",
    "InspectAsked",
    "Inspected",
    "Look",
    "LookAsked",
    "OpenAsked",
    "Opened",
    "Place",
    "PrepareAsked",
    "Prepared",
    "Problem",
    "Reading",
    "Refused",
    "Remedy",
]

PROTOCOL = 3  # the extension asks for the protocol it was written for


class Choices(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How a person wants a table to be read: arguments of :func:`labelscope.read`, and where the decisions go. Files are paths."""

    labels: str | list[str] | None = None
    text: list[str] | str | None = None
    image: str | None = None
    id: str | None = None
    features: list[str] | None = None
    groups: str | None = None
    split: str | None = None
    values: str | None = None
    rater: str | list[str] | None = None
    unlisted: Literal["negative", "unknown"] = "negative"
    labels_per_item: Literal["one", "several"] | None = None
    labels_delimiter: str | None = None
    labels_format: str | None = None
    missing: list[str] | None = None
    empty: list[str] | None = None
    label_names: str | list[str] | None = None
    taxonomy: str | None = None
    votes: str | None = None
    embeddings: str | None = None
    probabilities: str | None = None
    separator: str | None = None
    columns: list[str] | None = None
    format: str | None = None
    image_root: str | None = None
    ledger: str | None = None


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="ask"):
    """A request about a table, or about the ``.labelscope`` folder beside one."""

    path: str


class LookAsked(Asked, frozen=True, tag="look"):
    """What is in the table, and what was chosen for it the last time."""

    separator: str | None = None
    columns: list[str] | None = None


class InspectAsked(Asked, frozen=True, tag="inspect"):
    """How the table would be read; as a guess, also what its columns seem to be."""

    choices: Choices
    guess: bool = False


class PrepareAsked(Asked, frozen=True, tag="prepare"):
    """Begin to work on what somebody is about to confirm."""

    choices: Choices


class OpenAsked(Asked, frozen=True, tag="open"):
    """Open the table in the Explorer, and keep the choices for the next time."""

    choices: Choices
    reviewer: str | None = None


class CarryAsked(Asked, frozen=True, tag="carry"):
    """Take the decisions on an earlier version of the table over; `dry_run`: only say what that would do."""

    choices: Choices
    dry_run: bool = False


class Head(msgspec.Struct, frozen=True):
    """What every answer says of the kernel."""

    protocol: int
    version: str


class Cell(msgspec.Struct, frozen=True, omit_defaults=True):
    """A cell of the preview: its beginning, and all of it (up to a length) where that is more; null where there is none."""

    text: str | None
    full: str | None = None


class Column(msgspec.Struct, frozen=True):
    """A column and its type in a word."""

    name: str
    type: str


class Look(msgspec.Struct, frozen=True):
    """The first rows of a table."""

    name: str
    format: str
    n_rows: int
    columns: list[Column]
    rows: list[list[Cell]]
    chosen: Choices | None
    is_open: bool


class Remedy(msgspec.Struct, frozen=True):
    """The arguments that mend a problem, or choose a reading: in words for a button, and as code."""

    words: str
    code: str
    arguments: dict[str, str | list[str]]


class Problem(msgspec.Struct, frozen=True):
    """A line for a person: with what reading would stop, or what to know; `about`: the argument that it concerns, or ""."""

    about: str
    text: str
    remedies: list[Remedy]


class Carry(msgspec.Struct, frozen=True):
    """What carrying the decisions on an earlier version over would do: from where, how many of each kind, the command, to where."""

    ledger: str
    counts: dict[str, int]
    command: str
    to: str | None


class Carried(msgspec.Struct, frozen=True):
    """What became of the decisions: how many of each kind, in a line, and all of it in words."""

    counts: dict[str, int]
    line: str
    lines: list[str]


class Refused(msgspec.Struct, frozen=True):
    """The line with which a request is refused; as a problem where it is about the table; with what would take decisions over."""

    error: str
    problem: Problem | None = None
    carry: Carry | None = None


class Example(msgspec.Struct, frozen=True):
    """What a reading makes of a row."""

    row: int
    cell: str
    labels: list[str]
    n_positive: int
    n_unknown: int


class Reading(msgspec.Struct, frozen=True):
    """A way in which the labels can be read, and what it would give."""

    title: str
    why: str
    argument: Remedy | None
    n_labels: int
    n_positive: int
    n_unknown: int
    names: list[str]
    examples: list[Example]
    chosen: bool


class Place(msgspec.Struct, frozen=True):
    """Where the decisions go, and whose they are; `problem`: why they cannot go there."""

    path: str
    problem: str
    reviewer: str


class Inspected(msgspec.Struct, frozen=True):
    """How a table would be read; `keeps_one`: each item has one label, and decisions and exports keep it so."""

    choices: Choices
    n_rows: int
    readings: list[Reading]
    one_label_each: bool
    keeps_one: bool
    refusals: list[Problem]
    warnings: list[Problem]
    call: str
    place: Place


class Prepared(msgspec.Struct, frozen=True):
    """Nothing more."""


class Opened(msgspec.Struct, frozen=True):
    """A table that is open in this kernel."""

    title: str
    n_items: int
    n_labels: int
