"""Ledgers of an older labelscope, schemas 1 and 2: read as they are, and turned into the present form before the first decision.

They have a table each for events, edits of the label set, audit samples and verdicts on relations, and nothing that proves their rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

import sqlalchemy as sa

from labelscope.review.chain import BrokenChain, Row, anchor, link
from labelscope.review.events import FIELDS, Event
from labelscope.review.payloads import encode_event, encode_note
from labelscope.review.tables import ENTRIES, HEAD, SCHEMA, Head, write_copy

__all__ = ["OldNotes", "migrate", "old_notes", "old_rows", "readable_rows"]

_EVENTS, _EDITS, _SAMPLES, _RELATIONS = "labelscope_events", "labelscope_label_edits", "labelscope_samples", "labelscope_relations"
_ASIDE = "labelscope_old_events"
_BLOCK = 20_000
_FIELDS = tuple(name for name in FIELDS if name != "source")  # which they do not have


class OldNotes(NamedTuple):
    """What an old ledger says beside its events: rows of a table each, by column, in their order."""

    edits: list[Mapping[str, Any]]
    samples: list[Mapping[str, Any]]
    relations: list[Mapping[str, Any]]


def old_rows(connection: sa.Connection, head: Head, since: int = 0) -> Iterator[list[tuple[int, str, str]]]:
    """The events after a number as (number, kind, payload), in blocks, and then all notes, with numbers behind the last event.

    Raises
    ------
    BrokenChain
        If the head tells of another number of events.
    """
    yield from _events(connection, _EVENTS, head, since)
    yield _notes(connection, head)


def readable_rows(connection: sa.Connection, head: Head) -> Iterator[tuple[int, str, str]]:
    """The same one by one, without a look at how many there should be: of a ledger that lacks some, the others."""
    for block in _event_blocks(connection, _EVENTS, 0):
        yield from block
    yield from _notes(connection, head)


def migrate(connection: sa.Connection, head: Head) -> Head:
    """Turn an old ledger into one of the present schema, within the transaction; events keep their numbers."""
    connection.exec_driver_sql(f"ALTER TABLE {_EVENTS} RENAME TO {_ASIDE}")
    ENTRIES.create(connection)
    connection.exec_driver_sql(f"ALTER TABLE {HEAD.name} ADD COLUMN hash TEXT")
    seq, last = 0, anchor(SCHEMA, head.fingerprint, head.created)
    for block in chain(_events(connection, _ASIDE, head, 0), [_notes(connection, head)]):
        rows = []
        for number, kind, payload in block:
            seq, last = number, link(last, number, kind, payload, None)
            rows.append(Row(number, kind, payload, None, last)._asdict())
        if rows:
            connection.execute(sa.insert(ENTRIES), rows)
    write_copy(connection, head)
    connection.execute(sa.update(HEAD).values(schema=SCHEMA, seq=seq, hash=last))
    there = sa.inspect(connection).get_table_names()
    for name in (_ASIDE, _EDITS, _SAMPLES, _RELATIONS):
        if name in there:
            connection.exec_driver_sql(f"DROP TABLE {name}")
    return Head(SCHEMA, head.fingerprint, head.created, seq, last)


def _events(connection: sa.Connection, table: str, head: Head, since: int) -> Iterator[list[tuple[int, str, str]]]:
    named = sa.table(table, *(sa.column(name) for name in _FIELDS))
    count, last = connection.execute(sa.select(sa.func.count(), sa.func.max(named.c.seq)).select_from(named)).one()
    if count != head.seq or (last or 0) != head.seq:
        raise BrokenChain(f"its head tells of {head.seq:,} decisions, and {count:,} are there")
    yield from _event_blocks(connection, table, since)


def _event_blocks(connection: sa.Connection, table: str, since: int) -> Iterator[list[tuple[int, str, str]]]:
    named = sa.table(table, *(sa.column(name) for name in _FIELDS))
    query = sa.select(named).order_by(named.c.seq).limit(_BLOCK)
    while events := [Event(*row) for row in connection.execute(query.where(named.c.seq > since))]:
        yield [(event.seq, event.kind, encode_event(event)) for event in events]
        since = events[-1].seq


def _notes(connection: sa.Connection, head: Head) -> list[tuple[int, str, str]]:
    there = set(sa.inspect(connection).get_table_names())
    orders = {_EDITS: "batch", _SAMPLES: "number", _RELATIONS: "seq"}
    return old_notes(OldNotes(*(_rows(connection, name, by) if name in there else [] for name, by in orders.items())), head.seq)


def old_notes(notes: OldNotes, after: int) -> list[tuple[int, str, str]]:
    """Edits of the label set, samples and verdicts on relations as (number, kind, payload), numbered behind the events.

    The undo of a verdict that is not there any more is left out.
    """
    told: list[tuple[str, dict[str, Any]]] = [("label set", {**row, "into": json.loads(row["into"])}) for row in notes.edits]
    told += [("sample", dict(row)) for row in notes.samples]
    numbers: dict[int, int] = {}
    for row in notes.relations:
        if row["undoes"] is not None and row["undoes"] not in numbers:
            continue
        numbers[row["seq"]] = after + len(told) + 1
        said = {name: value for name, value in row.items() if name not in ("seq", "kind")}
        undoes = None if row["undoes"] is None else numbers[row["undoes"]]
        told.append(("relation", said | {"verdict": row["kind"], "undoes": undoes}))
    return [(after + k, kind, encode_note(payload)) for k, (kind, payload) in enumerate(told, 1)]


def _rows(connection: sa.Connection, table: str, order: str) -> list[Mapping[str, Any]]:
    query = sa.select(sa.text("*")).select_from(sa.table(table)).order_by(sa.column(order))
    return [dict(row) for row in connection.execute(query).mappings()]
