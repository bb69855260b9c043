"""What people say of groups of items that no label explains: dismissed, back again, or called by another name.

They are notes of the ledger, with the same rules as its events: append-only, an undo is a note, and the last word on a group
counts, whoever gave it. Groups are found anew with every run, so a note names no group but items: it is about the group that
shares most of them, and two groups are the same where the Jaccard similarity of their items is at least `SAME`.

A note of a large group holds a sketch of its items: those with the smallest hashes. The hash of an item is the same in every
group, so that of two sketches the similarity of the groups can be told (Broder 1997), and exactly where both groups are small.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from labelscope.errors import DataError
from labelscope.review.events import utc_now
from labelscope.review.ledger import Ledger
from labelscope.review.said_notes import Said, SaidNotes

__all__ = ["GROUP_VERDICTS", "GroupStanding", "GroupVerdict", "GroupVerdicts", "overlap", "sketch"]

GROUP_VERDICTS = "group verdict"
"""Kind of the notes."""
SKETCHED = 1000  # items of a sketch: its standard error is 0.016 at most
SAME = 0.5
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class GroupVerdict(Said):
    """What somebody said of a group of items, or the undo of that.

    Attributes
    ----------
    seq : int
        Number that the ledger gave, in the order of commit; 0 before that.
    kind : {"dismiss", "restore", "name", "undo"}
    name : str
        What the group is called; with "name", by this word.
    items : tuple of str
        Sketch of its items (:func:`sketch`).
    reviewer : str
    time : str
        ISO 8601, UTC.
    undoes : int or None
    """

    seq: int
    kind: str
    name: str
    items: tuple[str, ...]
    reviewer: str
    time: str
    undoes: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "items", tuple(self.items))  # JSON knows lists alone

    @property
    def key(self) -> int:
        """The note itself: which group it is about depends on what was found."""
        return self.seq


class GroupStanding(NamedTuple):
    """What stands of a group: whether it is dismissed, and what it is called, "" where nobody named it."""

    dismissed: bool = False
    name: str = ""


class GroupVerdicts(SaidNotes[GroupVerdict]):
    """The verdicts on groups in a ledger, as one reviewer gives them.

    Parameters
    ----------
    ledger : Ledger
    reviewer : callable
        Gives the name that signs the next one.
    """

    def __init__(self, ledger: Ledger, reviewer: Callable[[], str]) -> None:
        super().__init__(ledger, reviewer, GROUP_VERDICTS, GroupVerdict)

    def say(self, kind: Literal["dismiss", "restore", "name"], name: str, items: Iterable[object]) -> GroupVerdict:
        """Say something of the group of these items.

        Raises
        ------
        DataError
            If a group is to be called by what is no line of text.
        LedgerError
            If it could not be made durable; then what was said before stands.
        """
        words = _line(name) if kind == "name" else name[:LONGEST_NAME]
        told = sketch(map(str, items))
        return self.add(GroupVerdict(0, kind, words, told, self.reviewer, utc_now()), (kind, self.reviewer, words, told))

    def of(self, items: tuple[str, ...]) -> GroupStanding:
        """What stands of the group with this sketch of its items."""
        standing, own = GroupStanding(), frozenset(items)
        for note in self.standing:
            if own.isdisjoint(note.items) or overlap(items, note.items) < SAME:
                continue
            standing = standing._replace(name=note.name) if note.kind == "name" else standing._replace(dismissed=note.kind == "dismiss")
        return standing


def sketch(items: Iterable[str]) -> tuple[str, ...]:
    """The items with the smallest hashes, in the order of these: all of them where there are no more than `SKETCHED`.

    Examples
    --------
    >>> len(sketch(map(str, range(10))))
    10
    """
    return tuple(sorted(items, key=_hash)[:SKETCHED])


def overlap(one: Iterable[str], other: Iterable[str]) -> float:
    """Jaccard similarity of two groups by their sketches, 0 to 1; exact where both have no more than `SKETCHED` items together.

    Examples
    --------
    >>> overlap(["a", "b"], ["b", "c"])
    0.3333333333333333
    """
    left, right = frozenset(one), frozenset(other)
    both = sketch(left | right)
    return sum(item in left and item in right for item in both) / max(1, len(both))


def _hash(item: str) -> bytes:
    return hashlib.blake2b(item.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _line(given: object) -> str:
    words = " ".join(given.split()) if isinstance(given, str) else ""
    if not words or not words.isprintable() or len(words) > LONGEST_NAME:
        raise DataError(f"name: expected a line of up to {LONGEST_NAME} letters, got {given!r:.60}; name the group in a few words")
    return words
