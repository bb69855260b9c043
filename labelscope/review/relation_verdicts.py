"""Verdicts on relations: what a person confirmed or rejected, in the same ledger as the verdicts on cells.

They are notes of the ledger, with the same rules as its events: append-only, an undo is one that names what it undoes, and
what stands is the replay of all. The last active verdict on a relation counts, whoever gave it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import asdict, dataclass, replace
from threading import RLock
from typing import Any

import polars as pl

from labelscope.errors import DataError
from labelscope.review import replay
from labelscope.review.events import utc_now
from labelscope.review.ledger import Ledger
from labelscope.review.press import LastPress

__all__ = ["CONSTRAINING", "RelationEvent", "RelationVerdicts"]

CONSTRAINING = ("implies", "identical", "exclusive")  # the relations that can be confirmed
_KIND = "relation"


@dataclass(frozen=True, slots=True)
class RelationEvent:
    """A verdict on a relation, or the undo of one.

    Attributes
    ----------
    seq : int
        Number that the ledger gave, in the order of commit; 0 before that.
    kind : {"confirm", "reject", "undo"}
    label_a, relation, label_b : str
        The relation: a implies b, a and b are identical, or exclusive.
    source : str or None
        Who had proposed it: "labels", "names", "embeddings", "taxonomy".
    reviewer : str
    time : str
        ISO 8601, UTC.
    undoes : int or None
    """

    seq: int
    kind: str
    label_a: str
    relation: str
    label_b: str
    source: str | None
    reviewer: str
    time: str
    undoes: int | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """The relation that it is about."""
        return (self.label_a, self.relation, self.label_b)

    @property
    def is_decision(self) -> bool:
        """Whether it judges (and does not undo or redo)."""
        return self.kind != "undo"

    @property
    def batch(self) -> None:
        """Verdicts on relations come one by one."""
        return


class RelationVerdicts:
    """The verdicts on relations in a ledger, as one reviewer gives them.

    Parameters
    ----------
    ledger : Ledger
    reviewer : callable
        Gives the name that signs the next verdict: it may be another one than that of the last.
    """

    def __init__(self, ledger: Ledger, reviewer: Callable[[], str]) -> None:
        self.ledger = ledger
        self._reviewer = reviewer
        self.lock = RLock()
        self._last = LastPress(ledger)
        self._events: list[RelationEvent] = []
        self.sync()

    @property
    def reviewer(self) -> str:
        """Who judges now."""
        return self._reviewer()

    def confirm(self, label_a: str, relation: str, label_b: str, *, source: str | None = None) -> RelationEvent:
        """Say that a relation holds: it becomes a constraint.

        Raises
        ------
        DataError
            If it is no relation that can be confirmed.
        LedgerError
            If the verdict could not be made durable; then it does not count.
        """
        return self._judge("confirm", label_a, relation, label_b, source)

    def reject(self, label_a: str, relation: str, label_b: str, *, source: str | None = None) -> RelationEvent:
        """Say that a relation does not hold. Raises as :meth:`confirm`."""
        return self._judge("reject", label_a, relation, label_b, source)

    def withdraw(self, label_a: str, relation: str, label_b: str) -> int:
        """Take back every verdict on a relation, whoever gave it: nothing is said of it then. How many there were."""
        key = _key(label_a, relation, label_b)
        with self.lock:
            wanted = ("withdraw", self.reviewer, key)
            n_before = int(self._pressed_before(wanted) is not None)
            standing = [event for event in replay.active(self._events) if event.is_decision and event.key == key]
            for event in standing:
                self._take_back((event,), wanted)
            return n_before + len(standing)

    def undo(self) -> RelationEvent | None:
        """Take back this reviewer's last active verdict on a relation; None if there is none."""
        with self.lock:
            if (written := self._pressed_before(("undo", self.reviewer))) is not None:
                return written
            return self._take_back(replay.undoable(self._events, self.reviewer), ("undo", self.reviewer))

    def redo(self) -> RelationEvent | None:
        """Take back this reviewer's last undo, unless a verdict came after it."""
        with self.lock:
            if (written := self._pressed_before(("redo", self.reviewer))) is not None:
                return written
            return self._take_back(replay.redoable(self._events, self.reviewer), ("redo", self.reviewer))

    def sync(self) -> tuple[RelationEvent, ...]:
        """Take in what other processes wrote, and return it."""
        with self.lock:
            known = len(self._events)
            self._events = [RelationEvent(note.seq, note.payload["verdict"], *_said(note.payload)) for note in self.ledger.notes(_KIND)]
            return tuple(self._events[known:])

    @property
    def events(self) -> tuple[RelationEvent, ...]:
        """All verdicts and undos known here, in their order."""
        with self.lock:
            return tuple(self._events)

    @property
    def frame(self) -> pl.DataFrame:
        """What stands: label_a, relation, label_b, verdict ("confirmed" or "rejected"), source, reviewer, time."""
        standing = {event.key: event for event in replay.active(self.events) if event.is_decision}
        words = {"confirm": "confirmed", "reject": "rejected"}
        rows = [(*e.key, words[e.kind], e.source, e.reviewer, e.time) for e in sorted(standing.values(), key=lambda e: e.seq)]
        names = ("label_a", "relation", "label_b", "verdict", "source", "reviewer", "time")
        return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")

    def _judge(self, kind: str, label_a: str, relation: str, label_b: str, source: str | None) -> RelationEvent:
        if relation not in CONSTRAINING:
            raise DataError(f"relation: expected {', '.join(CONSTRAINING)}, got {relation!r}")
        if label_a == label_b:
            raise DataError(f"relation: expected two labels, got {label_a!r} twice")
        with self.lock:
            wanted = (kind, self.reviewer, *_key(label_a, relation, label_b))
            if (written := self._pressed_before(wanted)) is not None:
                return written
            return self._write(RelationEvent(0, kind, *_key(label_a, relation, label_b), source, self.reviewer, utc_now()), wanted)

    def _pressed_before(self, wanted: Hashable) -> RelationEvent | None:
        """What was written at the last press, if nobody could say so then and the same is wanted again."""
        numbers, again = self._last.settle(wanted)
        self.sync()
        return next((event for event in self._events if again and event.seq in numbers), None)

    def _take_back(self, events: tuple[RelationEvent, ...], wanted: Hashable) -> RelationEvent | None:
        if not events:
            return None
        undone = events[-1]
        return self._write(replace(undone, kind="undo", reviewer=self.reviewer, time=utc_now(), undoes=undone.seq), wanted)

    def _write(self, event: RelationEvent, wanted: Hashable) -> RelationEvent:
        said = {name: value for name, value in asdict(event).items() if name not in ("seq", "kind")}
        with self._last.remembered(wanted):
            seq = self.ledger.add(_KIND, said | {"verdict": event.kind})
        self.sync()
        return replace(event, seq=seq)


def _said(payload: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(payload[name] for name in ("label_a", "relation", "label_b", "source", "reviewer", "time", "undoes"))


def _key(label_a: str, relation: str, label_b: str) -> tuple[str, str, str]:
    """The relation as it is kept: the labels of a symmetric one in the order of their names."""
    if relation != "implies":
        label_a, label_b = sorted((label_a, label_b))
    return (label_a, relation, label_b)
