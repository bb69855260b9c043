"""Verdicts on relations: what a person confirmed or rejected, in the same ledger as the verdicts on cells.

They are notes of the ledger, with the same rules as its events: append-only, an undo is one that names what it undoes, and
what stands is the replay of all. The last active verdict on a relation counts, whoever gave it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from labelscope.errors import DataError
from labelscope.review import replay
from labelscope.review.events import utc_now
from labelscope.review.ledger import Ledger
from labelscope.review.said_notes import Said, SaidNotes

__all__ = ["CONSTRAINING", "RelationEvent", "RelationVerdicts"]

CONSTRAINING = ("implies", "identical", "exclusive")  # the relations that can be confirmed


@dataclass(frozen=True, slots=True)
class RelationEvent(Said):
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


class RelationVerdicts(SaidNotes[RelationEvent]):
    """The verdicts on relations in a ledger, as one reviewer gives them.

    Parameters
    ----------
    ledger : Ledger
    reviewer : callable
        Gives the name that signs the next verdict: it may be another one than that of the last.
    """

    def __init__(self, ledger: Ledger, reviewer: Callable[[], str]) -> None:
        super().__init__(ledger, reviewer, "relation", RelationEvent)

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
            n_before = int(self.pressed_before(wanted) is not None)
            standing = [event for event in replay.active(self.events) if event.is_decision and event.key == key]
            for event in standing:
                self.take_back((event,), wanted)
            return n_before + len(standing)

    @property
    def frame(self) -> pl.DataFrame:
        """What stands: label_a, relation, label_b, verdict ("confirmed" or "rejected"), source, reviewer, time."""
        words = {"confirm": "confirmed", "reject": "rejected"}
        rows = [(*e.key, words[e.kind], e.source, e.reviewer, e.time) for e in self.standing]
        names = ("label_a", "relation", "label_b", "verdict", "source", "reviewer", "time")
        return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")

    def _judge(self, kind: str, label_a: str, relation: str, label_b: str, source: str | None) -> RelationEvent:
        if relation not in CONSTRAINING:
            raise DataError(f"relation: expected {', '.join(CONSTRAINING)}, got {relation!r}")
        if label_a == label_b:
            raise DataError(f"relation: expected two labels, got {label_a!r} twice")
        key = _key(label_a, relation, label_b)
        return self.add(RelationEvent(0, kind, *key, source, self.reviewer, utc_now()), (kind, self.reviewer, *key))


def _key(label_a: str, relation: str, label_b: str) -> tuple[str, str, str]:
    """The relation as it is kept: the labels of a symmetric one in the order of their names."""
    if relation != "implies":
        label_a, label_b = sorted((label_a, label_b))
    return (label_a, relation, label_b)
