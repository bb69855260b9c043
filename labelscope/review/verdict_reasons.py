"""Why somebody decided as they did: a reason of a verdict, in a few words, in the same ledger.

A reason is a note of its own, so that a decision costs one key and a reason one more. It names the decision that it is about by
its number; one about a batch holds for all of it. It is undone like a decision, counts nowhere as one, and falls silent while the
decision is undone. Which reasons are offered is a note too: a team has one list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from labelscope.errors import DataError
from labelscope.review.events import Event, utc_now
from labelscope.review.reviewer_log import ReviewerLog
from labelscope.review.said_notes import Said, SaidNotes

__all__ = ["REASON_KINDS", "VerdictReasons"]

REASON_KINDS = (
    "clearly wrong",
    "confused with a similar label",
    "no fitting label in the label set",
    "both labels fit",
    "hard to tell",
)
"""The reasons that are offered until somebody writes others: those of Northcutt et al. (2021), in plain words."""
MOST_KINDS = 9  # a digit chooses one
LONGEST = 200
_KINDS = "reason kinds"


@dataclass(frozen=True, slots=True)
class ReasonNote(Said):
    """The reason of a verdict, or the undo of one: the number of the decision that it is about, and the words."""

    seq: int
    kind: str
    about: int
    reason: str
    reviewer: str
    time: str
    undoes: int | None = None

    @property
    def key(self) -> int:
        """The decision that it is about: of several reasons the last one stands."""
        return self.about


class VerdictReasons:
    """The reasons of the verdicts in a ledger, as the reviewer of a log gives them.

    Parameters
    ----------
    log : ReviewerLog
    """

    def __init__(self, log: ReviewerLog) -> None:
        self._log = log
        self._notes = SaidNotes(log.ledger, lambda: log.reviewer, "reason", ReasonNote)
        self._read: tuple[int, dict[int, ReasonNote]] = (0, {})

    @property
    def kinds(self) -> tuple[str, ...]:
        """The reasons that are offered, at most nine."""
        written = self._log.ledger.notes(_KINDS)
        return tuple(written[-1].payload["kinds"]) if written else REASON_KINDS

    @kinds.setter
    def kinds(self, kinds: Sequence[str]) -> None:
        if isinstance(kinds, str):
            raise DataError(f"reason_kinds: expected a list of reasons, got the text {kinds!r}; put it into a list")
        words = tuple(_words(kind) for kind in kinds)
        if not 1 <= len(words) <= MOST_KINDS or len(set(words)) < len(words):
            raise DataError(
                f"reason_kinds: expected 1 to {MOST_KINDS} different reasons, got {len(words)}; leave some out or name them apart"
            )
        if words != self.kinds:
            self._log.ledger.add(_KINDS, {"kinds": list(words), "reviewer": self._log.reviewer, "time": utc_now()})

    def last_verdict(self) -> Event | None:
        """The reviewer's last decision that stands: what a reason is about unless told otherwise."""
        with self._log.lock:
            return next((event for event in self._log.index.undoable(self._log.reviewer) if not event.of_label_set), None)

    def give(self, reason: str, about: int | None = None) -> Event:
        """Give the reason of a decision: it replaces an earlier one.

        Parameters
        ----------
        reason : str
        about : int, optional
            Number of the decision; default: the reviewer's last one.

        Raises
        ------
        DataError
            If the words are none, or no decision of that number stands.
        LedgerError
            If it could not be made durable; then there is no such reason.
        """
        words = _words(reason)
        event = self.last_verdict() if about is None else self._standing(about)
        if event is None:
            raise DataError("reason: expected a verdict of yours to give it for, got none that stands; decide first")
        first = self._log.together(event)[0].seq
        self._notes.add(ReasonNote(0, "give", first, words, self._log.reviewer, utc_now()), ("give", self._log.reviewer, first, words))
        return event

    def of(self, event: Event) -> str:
        """The reason of a decision; "" without one."""
        standing = self._standing_notes
        note = standing.get(self._log.together(event)[0].seq) if standing else None
        return "" if note is None else note.reason

    @property
    def frame(self) -> pl.DataFrame:
        """The reasons of decisions that stand, a row a decision: seq, reason, reviewer (who gave it), time."""
        rows = []
        with self._log.lock:
            for note in self._standing_notes.values():
                event = self._standing(note.about)
                together = () if event is None else self._log.index.together(event)
                rows += [(e.seq, note.reason, note.reviewer, note.time) for e in together if self._log.index.stands(e)]
        schema = {"seq": pl.Int64(), "reason": pl.String(), "reviewer": pl.String(), "time": pl.String()}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def sync(self) -> None:
        """Take in the reasons that others gave. Raises LedgerError if the ledger cannot be read."""
        self._notes.sync()

    @property
    def notes(self) -> SaidNotes[ReasonNote]:
        """The reasons as notes: they are undone in turn with what else was said (:mod:`labelscope.review.notes_in_turn`)."""
        return self._notes

    def about(self, note: ReasonNote) -> Event | None:
        """The decision that a note is about."""
        return self._known(note.about)

    @property
    def _standing_notes(self) -> dict[int, ReasonNote]:
        n_known = len(self._notes.events)
        if self._read[0] != n_known:
            self._read = (n_known, {note.about: note for note in self._notes.standing})
        return self._read[1]

    def _known(self, seq: int) -> Event | None:
        place = self._log.index.events.place(seq)
        return self._log.index.events[place] if place >= 0 else None

    def _standing(self, seq: int) -> Event | None:
        with self._log.lock:
            event = self._known(seq)
            return event if event is not None and event.is_decision and self._log.index.stands(event) else None


def _words(given: object) -> str:
    """A reason in one line."""
    words = " ".join(given.split()) if isinstance(given, str) else ""
    if not words or not words.isprintable() or len(words) > LONGEST:
        raise DataError(f"reason: expected one line of up to {LONGEST} letters, got {given!r:.60}; write it in a few words")
    return words
