"""What people say of a label before it is there: a label is there from its first positive on, and the negatives that come before wait.

They are notes of the ledger, so that none is lost with a kernel. Once the label is there they are written as decisions on its cells,
each by whoever said it; should the label go by an undo, the notes count again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from labelscope.data.labels import NEGATIVE
from labelscope.review.events import utc_now
from labelscope.review.ledger import Ledger
from labelscope.review.said_notes import Said, SaidNotes

__all__ = ["EARLY_VERDICTS", "EarlyVerdict", "EarlyVerdicts"]

EARLY_VERDICTS = "early verdict"
"""Kind of the notes."""


@dataclass(frozen=True, slots=True)
class EarlyVerdict(Said):
    """What somebody said of an item and a label that is not there yet: 0 (it has it not) or -1 (nothing any more)."""

    seq: int
    kind: str
    label: str
    item_id: str
    state: int
    reviewer: str
    time: str
    undoes: int | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """A cell and a reviewer: of several words of one person the last one stands."""
        return self.label, self.item_id, self.reviewer


class EarlyVerdicts(SaidNotes[EarlyVerdict]):
    """The early verdicts in a ledger, as one reviewer gives them.

    Parameters
    ----------
    ledger : Ledger
    reviewer : callable
        Gives the name that signs the next one.
    """

    def __init__(self, ledger: Ledger, reviewer: Callable[[], str]) -> None:
        super().__init__(ledger, reviewer, EARLY_VERDICTS, EarlyVerdict)

    def say(self, label: str, item_id: str, state: int) -> None:
        """Say 0 or -1 of an item. Raises LedgerError if that could not be made durable; then what was said before stands."""
        if (item_id in self.negatives(label)) != (state == NEGATIVE):
            note = EarlyVerdict(0, "judge", label, item_id, state, self.reviewer, utc_now())
            self.add(note, ("judge", self.reviewer, label, item_id, state))

    def negatives(self, label: str) -> list[str]:
        """Items of which the reviewer said that they have not got the label, in the order in which it was said."""
        mine = (note for note in self.standing if note.label == label and note.reviewer == self.reviewer)
        return [note.item_id for note in mine if note.state == NEGATIVE]
