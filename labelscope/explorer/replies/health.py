"""What to mend before anybody trains on the data, each finding with what a click lists and what mends it."""

from __future__ import annotations

from typing import Literal

from labelscope.explorer.messages import Queue
from labelscope.explorer.replies.reply import ReplyBody

__all__ = ["HealthFix", "HealthLabel", "HealthReport", "HealthRow"]


class HealthLabel(ReplyBody, frozen=True):
    """A label that a finding names, and what of it."""

    label: int
    name: str
    words: str


class HealthFix(ReplyBody, frozen=True):
    """What mends a finding: a queue to work through, or a tab."""

    words: str
    queue: Queue | None = None
    tab: str = ""


class HealthRow(ReplyBody, frozen=True):
    """A finding: what was looked at, how bad it is, and a sentence.

    `n_labels`: of all labels that it names; `items`, `cells`: how many a click lists, null where it lists none; `column`: the column of
    the items that it is about.
    """

    check: str
    severity: Literal["serious", "warning", "fine", "not measured"]
    says: str
    labels: list[HealthLabel]
    n_labels: int
    items: int | None
    cells: int | None
    fix: HealthFix | None
    column: str = ""


class HealthReport(ReplyBody, frozen=True):
    """All findings, the worst first; before the stage is over (`measured` is false), those that need no stage."""

    measured: bool
    summary: str
    rows: list[HealthRow]
