"""A ledger that was carried over and went on since: what is new in it, to be written behind what the new ledger holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from labelscope.review.carried_entries import Block
from labelscope.review.events import CARRIED, Note
from labelscope.review.ledger import Ledger
from labelscope.review.payloads import encode_note

__all__ = ["last_carried", "newer_entries"]

UNDO = "undo"
ABOUT = "about"  # in a note: the number of the decision that it is about
NUMBERS = "numbers"
"""In the note of a later carrying: the number in the new ledger of each entry that it brought, by its number in the earlier one."""


def last_carried(notes: Sequence[Note], source: Ledger) -> Note | None:
    """The note of the last time that a ledger was carried over, if it has only gone on since; None if it was not, or is another now.

    Parameters
    ----------
    notes : sequence of Note
        Of the kind "carried", of the new ledger.
    source : Ledger
        The earlier one.
    """
    mine = [note for note in notes if note.payload.get("fingerprint") == source.fingerprint]
    if not mine:
        return None
    seq, found = mine[-1].payload["seq"], mine[-1].payload["hash"]
    _, _, blocks = source.entries()
    return mine[-1] if any(row[0] == seq and row[4] == found for block in blocks for row in block) else None


def newer_entries(
    kept: Iterable[Block], earlier: Ledger, there: Iterable[Sequence[Sequence[Any]]], notes: Sequence[Note], *, last: int
) -> list[tuple[str, str]]:
    """Kind and payload of the entries to append; an undo names what it undoes by its number in the new ledger.

    What was carried over before and is undone since is undone here too, whatever the table says of its cell.

    Parameters
    ----------
    kept : iterable of blocks
        What of the earlier ledger belongs into the new one, in its own numbers, and the note on it at the end.
    earlier : Ledger
    there : iterable of sequences of rows
        The entries of the new ledger.
    notes : sequence of Note
        Those of its entries that are of the kind "carried".
    last : int
        Number of the last entry of the new ledger.
    """
    mine = [note for note in notes if note.payload.get("fingerprint") == earlier.fingerprint]
    first, since = mine[0].payload["seq"], mine[-1].payload["seq"]
    written = {row[0]: row[2] for block in there for row in block}
    places: dict[int, int] = {number: number for number in written if number <= first}
    for note in mine[1:]:
        places |= {int(old): new for old, new in note.payload.get(NUMBERS, {}).items()}
    made: list[tuple[str, str]] = []
    brought: dict[int, int] = {}
    for number, kind, payload in _since(kept, earlier, since):
        said: Mapping[str, Any] = msgspec.json.decode(payload)
        if kind == CARRIED:
            made.append((kind, encode_note({**said, NUMBERS: {str(old): new for old, new in brought.items()}})))
            continue
        undone, about = said.get("undoes"), said.get(ABOUT)
        if any(named is not None and named not in places for named in (undone, about)):
            continue  # what it undoes, or is about, was not carried over
        places[number] = brought[number] = last + 1 + len(made)
        if about is not None:
            said = {**said, ABOUT: places[about]}
        if undone is None:
            made.append((kind, payload if about is None else encode_note(said)))
            continue
        subject = written.get(places[undone]) or made[places[undone] - last - 1][1]
        item = {key: value for key, value in msgspec.json.decode(subject).items() if key == "item"}
        made.append((kind, encode_note({**said, **item, "undoes": places[undone]})))
    return made


def _since(kept: Iterable[Block], earlier: Ledger, since: int) -> list[tuple[int, str, str]]:
    """What belongs into the new ledger of the entries after a number, and every undo among them, in their order."""
    rows = {row[0]: row for block in kept for row in block if row[0] > since}
    _, _, blocks = earlier.entries()
    undos = {row[0]: (row[0], row[1], row[2]) for block in blocks for row in block if row[0] > since and row[1] == UNDO}
    return [both[number] for both in [undos | rows] for number in sorted(both)]
