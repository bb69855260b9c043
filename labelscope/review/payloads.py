"""What a row of the ledger says, as JSON: written so that a newer labelscope may say more, and read by what is known here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import msgspec

from labelscope.errors import LedgerError
from labelscope.review.events import Event, Note

__all__ = ["encode_event", "encode_note", "read_columns", "read_events", "read_notes"]

_State = Annotated[int, msgspec.Meta(ge=-1, le=1)]


class _Said(msgspec.Struct, omit_defaults=True, gc=False, frozen=True):
    """An event on a cell without its number and kind. What is not known here is passed over."""

    item: str
    label: str
    before: _State
    after: _State
    reviewer: str
    time: str
    suggestion: str | None = None
    batch: str | None = None
    undoes: int | None = None
    source: str | None = None


_said = msgspec.json.Decoder(list[_Said])
_noted = msgspec.json.Decoder(dict[str, Any])


def encode_event(event: Event) -> str:
    """The payload of an event. Raises as :func:`encode_note`."""
    said = _Said(
        event.item_id,
        event.label,
        event.before,
        event.after,
        event.reviewer,
        event.time,
        event.suggestion_id,
        event.batch,
        event.undoes,
        event.source,
    )
    return _encoded(said)


def encode_note(payload: Mapping[str, Any]) -> str:
    """The payload of a note.

    Raises
    ------
    LedgerError
        If a text holds half of a surrogate pair, which is no text.
    TypeError
        Where JSON cannot say it.
    """
    return _encoded(dict(payload))


def _encoded(told: Any) -> str:
    try:
        return msgspec.json.encode(told).decode()
    except UnicodeEncodeError as error:
        raise LedgerError(
            f"ledger: expected text of whole characters, got {error.object[:60]!r}; nothing was written; mend that text"
        ) from None


def read_columns(rows: Sequence[Sequence[Any]]) -> dict[str, list[Any]]:
    """The events of rows that begin with number, kind and payload, of known kinds: their values by field.

    Raises
    ------
    msgspec.MsgspecError
        If a payload is not what its kind says.
    """
    said = _said.decode(f"[{','.join([row[2] for row in rows])}]")
    if len(said) != len(rows):
        raise msgspec.ValidationError("an entry holds more than one payload")
    return {
        "seq": [row[0] for row in rows],
        "kind": [row[1] for row in rows],
        "item_id": [e.item for e in said],
        "label": [e.label for e in said],
        "before": [e.before for e in said],
        "after": [e.after for e in said],
        "suggestion_id": [e.suggestion for e in said],
        "reviewer": [e.reviewer for e in said],
        "time": [e.time for e in said],
        "batch": [e.batch for e in said],
        "undoes": [e.undoes for e in said],
        "source": [e.source for e in said],
    }


def read_events(rows: Sequence[Sequence[Any]]) -> list[Event]:
    """The events of such rows. Raises as :func:`read_columns`."""
    return [Event(*fields) for fields in zip(*read_columns(rows).values(), strict=True)]


def read_notes(rows: Iterable[Sequence[Any]]) -> list[Note]:
    """The notes of rows of other kinds. Raises as :func:`read_columns`."""
    return [Note(row[0], row[1], _noted.decode(row[2])) for row in rows]
