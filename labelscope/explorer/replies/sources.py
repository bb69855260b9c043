"""Where errors come from, what tells labels by itself, and personal data that were found."""

from __future__ import annotations

from typing import Literal

from labelscope.explorer.replies.reply import ReplyBody

__all__ = ["PersonalRow", "ShortcutRow", "SourceRow", "SourceTable"]


class SourceRow(ReplyBody, frozen=True):
    """A value of a column: its cells, the share of them that is wrong (or its mean suspicion) with 95% limits.

    `out`: it has more errors than the others; `labels`: those of which this is true.
    """

    column: str
    value: str
    n: int
    share: float
    low: float
    high: float
    out: bool
    labels: list[str]


class ShortcutRow(ReplyBody, frozen=True):
    """A label that one column or word alone tells: area under the ROC curve, and the items with that value."""

    label: str
    column: str
    value: str
    auc: float
    n_items: int
    word: bool


class PersonalRow(ReplyBody, frozen=True):
    """Items with personal data of a kind in a column."""

    column: str
    kind: str
    n_items: int


class SourceTable(ReplyBody, frozen=True):
    """The values of all columns, what stands out first; `why`: why there are none yet.

    `basis`: what is compared, a guess where it is suspicion; `n_decided`: decided cells; `total`: values of all columns; `redact`: "" where
    the personal data can be left out of an export, else why not.
    """

    why: str
    basis: Literal["decided", "suspicion"]
    n_decided: int
    rows: list[SourceRow]
    total: int
    shortcuts: list[ShortcutRow]
    personal: list[PersonalRow]
    redact: str
