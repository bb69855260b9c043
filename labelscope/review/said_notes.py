"""What people say beside the decisions on cells, as notes of the ledger with the same rules as its events.

Append-only, an undo is a note that names what it undoes, and what stands is the replay of all. The last active word on a
thing counts, whoever gave it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import asdict, replace
from threading import RLock
from typing import Any, Generic, TypeVar

from labelscope.review import replay
from labelscope.review.events import utc_now
from labelscope.review.ledger import Ledger
from labelscope.review.press import LastPress

__all__ = ["SaidNotes"]

N = TypeVar("N", bound="Any")


class Said:
    """What notes of all kinds have in common: they come one by one, and are taken back one by one.

    The frozen dataclass of a kind has the fields seq, kind, reviewer, time and undoes, and the property key (what it is about).
    """

    __slots__ = ()
    kind: str

    @property
    def is_decision(self) -> bool:
        """Whether it says something, and does not undo or redo."""
        return self.kind != "undo"

    @property
    def batch(self) -> None:
        """No note has others in its batch."""
        return


class SaidNotes(Generic[N]):
    """The notes of one kind in a ledger, as one reviewer writes them.

    Parameters
    ----------
    ledger : Ledger
    reviewer : callable
        Gives the name that signs the next note: it may be another one than that of the last.
    kind : str
        Of the notes.
    said : type
        Frozen dataclass of a note, out of :class:`Said`.
    """

    def __init__(self, ledger: Ledger, reviewer: Callable[[], str], kind: str, said: type[N]) -> None:
        self.ledger = ledger
        self._reviewer, self._kind, self._said = reviewer, kind, said
        self.lock = RLock()
        self._last = LastPress(ledger)
        self._events: list[N] = []
        self.sync()

    @property
    def reviewer(self) -> str:
        """Who writes now."""
        return self._reviewer()

    def undo(self) -> N | None:
        """Take back this reviewer's last active note; None if there is none."""
        return self._step("undo", replay.undoable)

    def redo(self) -> N | None:
        """Take back this reviewer's last undo, unless a note came after it."""
        return self._step("redo", replay.redoable)

    @property
    def undoable(self) -> N | None:
        """What :meth:`undo` would take back."""
        with self.lock:
            return next(iter(replay.undoable(self._events, self.reviewer)), None)

    @property
    def redoable(self) -> N | None:
        """What :meth:`redo` would bring back."""
        with self.lock:
            return next(iter(replay.redoable(self._events, self.reviewer)), None)

    def sync(self) -> tuple[N, ...]:
        """Take in what other processes wrote, and return it."""
        with self.lock:
            known = len(self._events)
            self._events = [self._read(note.seq, note.payload) for note in self.ledger.notes(self._kind)]
            return tuple(self._events[known:])

    @property
    def events(self) -> tuple[N, ...]:
        """All notes known here, undos among them, in their order."""
        with self.lock:
            return tuple(self._events)

    @property
    def standing(self) -> list[N]:
        """The last active note on each thing, in the order of the notes."""
        last = {event.key: event for event in replay.active(self.events) if event.is_decision}
        return sorted(last.values(), key=lambda event: event.seq)

    def add(self, event: N, wanted: Hashable) -> N:
        """Write a note, unless it was written at the last press, whose outcome nobody knew."""
        with self.lock:
            if (written := self.pressed_before(wanted)) is not None:
                return written
            return self._write(event, wanted)

    def pressed_before(self, wanted: Hashable) -> N | None:
        """What was written at the last press, if nobody could say so then and the same is wanted again."""
        numbers, again = self._last.settle(wanted)
        self.sync()
        return next((event for event in self._events if again and event.seq in numbers), None)

    def take_back(self, events: tuple[N, ...], wanted: Hashable) -> N | None:
        """Write that the last of these no longer counts."""
        if not events:
            return None
        undone = events[-1]
        return self._write(replace(undone, kind="undo", reviewer=self.reviewer, time=utc_now(), undoes=undone.seq), wanted)

    def _step(self, word: str, found: Callable[[list[N], str], tuple[N, ...]]) -> N | None:
        with self.lock:
            wanted = (word, self.reviewer)
            if (written := self.pressed_before(wanted)) is not None:
                return written
            return self.take_back(found(self._events, self.reviewer), wanted)

    def _write(self, event: N, wanted: Hashable) -> N:
        said = {name: value for name, value in asdict(event).items() if name not in ("seq", "kind")}
        with self._last.remembered(wanted):
            seq = self.ledger.add(self._kind, said | {"verdict": event.kind})
        self.sync()
        return replace(event, seq=seq)

    def _read(self, seq: int, payload: Mapping[str, Any]) -> N:
        return self._said(seq=seq, kind=payload["verdict"], **{name: value for name, value in payload.items() if name in self._names})

    @property
    def _names(self) -> frozenset[str]:
        """What a payload may say here; a newer labelscope may say more."""
        return frozenset(self._said.__dataclass_fields__) - {"seq", "kind"}
