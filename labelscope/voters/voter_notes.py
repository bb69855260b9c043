"""What people keep of voters in the ledger: rules, and votes of judges and of Python functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labelscope.review.said_notes import Said

__all__ = ["RuleNote", "VotesNote"]


@dataclass(frozen=True, slots=True)
class RuleNote(Said):
    """A rule that was saved (for the first time or anew) or deleted, or the undo of that.

    Attributes
    ----------
    seq : int
        Number that the ledger gave; 0 before that.
    kind : {"save", "delete", "undo"}
    rule_id : str
        The same for all versions of a rule.
    rule : mapping
        As :class:`labelscope.voters.rule_file.SavedRule` is written.
    reviewer : str
    time : str
        ISO 8601, UTC.
    undoes : int or None
    """

    seq: int
    kind: str
    rule_id: str
    rule: Mapping[str, Any]
    reviewer: str
    time: str
    undoes: int | None = None

    @property
    def key(self) -> str:
        """What it is about."""
        return self.rule_id


@dataclass(frozen=True, slots=True)
class VotesNote(Said):
    """Votes of one voter that were kept, or all of its votes dropped, or the undo of that.

    Attributes
    ----------
    seq : int
    kind : {"keep", "drop", "undo"}
    voter : str
    of : {"judge", "rule"}
        What it is.
    item_id, label, value, reason : tuple
        One entry a vote: the item's id as text, the label's name, 1, 0 or -1, and why.
    reviewer, time : str
    undoes : int or None
    """

    seq: int
    kind: str
    voter: str
    of: str
    item_id: tuple[str, ...]
    label: tuple[str, ...]
    value: tuple[int, ...]
    reason: tuple[str, ...]
    reviewer: str
    time: str
    undoes: int | None = None

    @property
    def key(self) -> int:
        """Each note is about its own votes."""
        return self.seq
