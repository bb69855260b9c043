"""Events: what one person said about one cell, and when. The only thing that review ever stores.

An event is never changed or deleted. Undo is an event that names the event it undoes, redo is the undo of an
undo, and a batch is a run of events written in one transaction under one `batch` name, so a batch of undos
takes back a batch of decisions.

An edit of the label set (a new label, a merge, a rename, a split) is a batch too: for each label that comes or goes an
event on the cell of that label of an item that no data set has, and an event on each cell that changes. So it is undone,
redone and replayed by the same rules as any decision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Literal, get_args

import msgspec

__all__ = [
    "AUDITING",
    "CARRIED",
    "FIELDS",
    "JUDGING",
    "KINDS",
    "LABEL_SET",
    "Cell",
    "EditRecord",
    "Event",
    "Kind",
    "Note",
    "judgement",
    "utc_now",
]

Kind = Literal["accept", "reject", "skip", "edit", "label", "undo", "confirm"]
KINDS = frozenset(get_args(Kind))
JUDGING = KINDS - {"label", "undo"}  # what somebody says about a cell itself
AUDITING = JUDGING - {"confirm"}  # of these, what an audit takes as its verdict: who confirms an item has not judged each cell alone
Cell = tuple[str, str]  # (item id as a string, label name)
CARRIED = "carried"  # kind of the note that says from which ledger the entries before it were taken over
LABEL_SET = "\x1flabel set"  # stands for the item whose cells say which labels there are


class Event(msgspec.Struct, frozen=True, gc=False):
    """One decision on one cell, or the undo of one.

    Attributes
    ----------
    seq : int
        Number that the ledger gave, in the order of commit: 1, 2, 3, ..., shared with its notes. 0 before that.
    kind : {"accept", "reject", "skip", "edit", "label", "undo", "confirm"}
        "label": part of an edit of the label set. "confirm": the cell is right as it stands, said of a whole item.
    item_id : str
        The item's id, integers written as text; :data:`LABEL_SET` where the event is about the label itself.
    label : str
    before, after : {1, 0, -1}
        State of the cell before and after this event; of a label itself, 1 where it is in the label set and 0 where not.
    suggestion_id : str or None
        The suggestion that it answers.
    reviewer : str
    time : str
        ISO 8601, UTC.
    batch : str or None
        Name shared by the events that were written together and are undone together.
    undoes : int or None
        For an undo, the `seq` of the event that no longer counts.
    source : str or None
        Where the state comes from, for a cell that was accepted with many others and that nobody looked at; None where somebody decided
        the cell itself.
    """

    seq: int
    kind: Kind
    item_id: str
    label: str
    before: int
    after: int
    suggestion_id: str | None
    reviewer: str
    time: str
    batch: str | None = None
    undoes: int | None = None
    source: str | None = None

    @property
    def cell(self) -> Cell:
        """The cell it is about: (item_id, label)."""
        return (self.item_id, self.label)

    @property
    def is_decision(self) -> bool:
        """Whether it decides about a cell (and does not undo or redo)."""
        return self.kind != "undo"

    @property
    def audits(self) -> bool:
        """Whether an audit takes it as its verdict: somebody judged this one cell."""
        return self.kind in AUDITING and self.source is None and not self.postpones

    @property
    def postpones(self) -> bool:
        """Whether it leaves a suggestion for another time, which says nothing of its cell; a skip of a cell itself says "cannot tell"."""
        return self.kind == "skip" and self.suggestion_id is not None

    @property
    def withdraws(self) -> bool:
        """Whether it leaves a suggestion for another time that had been accepted: the cell is as it was, which nobody says is right."""
        return self.postpones and self.before != self.after

    @property
    def of_label_set(self) -> bool:
        """Whether it is about a label that comes or goes (or its undo), and not about a cell of an item."""
        return self.item_id == LABEL_SET


@dataclass(frozen=True, slots=True)
class EditRecord:
    """What an edit of the label set was meant to do; whether it stands, and which cells it changed, its events say.

    Attributes
    ----------
    batch : str
        Name of the batch of its events.
    action : {"new", "merge", "rename", "split"}
    label : str or None
        The label that it is about; None for a new one.
    into : tuple of str
        The labels that take its items.
    parent : str or None
        For a split: "narrows", "stays" or "goes".
    reason : str
    """

    batch: str
    action: str
    label: str | None
    into: tuple[str, ...]
    parent: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What stands in the ledger beside the events on cells: an audit sample, a verdict on a relation, an edit of the label set, ...

    A ledger keeps notes of every kind, also of those that only a newer labelscope knows.

    Attributes
    ----------
    seq : int
        Number that the ledger gave, in the order of commit.
    kind : str
    payload : mapping of str to value
        What JSON can say.
    """

    seq: int
    kind: str
    payload: Mapping[str, Any]


FIELDS = Event.__struct_fields__


def judgement(standing: Sequence[Event]) -> Event | None:
    """What an audit takes as the verdict on a cell, out of the active decisions on it, oldest first; None if nobody has judged it alone."""
    last = next((event for event in reversed(standing) if event.audits or event.withdraws), None)
    return None if last is None or last.withdraws else last


def utc_now() -> str:
    """The time now as ISO 8601 in UTC, to the millisecond."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")
