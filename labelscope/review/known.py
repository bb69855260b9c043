"""What was read of a ledger and proved: its events, its notes, and the entry up to which that is so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl
import sqlalchemy as sa

from labelscope.review.chain import BrokenChain, Row, anchor, follow, link
from labelscope.review.events import KINDS, Event, Note
from labelscope.review.log import EventLog, columns
from labelscope.review.old_tables import old_rows
from labelscope.review.payloads import read_columns, read_events, read_notes
from labelscope.review.tables import ENTRIES, SCHEMA, Head

__all__ = ["Known", "entry_blocks"]

_BLOCK = 20_000  # rows read at once


class Known:
    """The part of a ledger that is known here. It grows, and never changes.

    Parameters
    ----------
    head : Head
        As it was when the reading began.
    """

    def __init__(self, head: Head) -> None:
        self.schema = head.schema
        self.seq = 0
        self.hash = anchor(head.schema, head.fingerprint, head.created)
        self.log = EventLog()
        self.notes: list[Note] = []

    def read_on(self, connection: sa.Connection, head: Head) -> None:
        """Take in what was written since, once all of it has proved to be as it was written.

        Raises
        ------
        BrokenChain
            If something is not, or what was read before is no more there; then nothing is taken in.
        """
        if head.schema < SCHEMA:
            self._read_old(connection, head)
        elif (head.seq, head.hash) != (self.seq, self.hash):
            self._read_new(connection, head)

    def read_back(self, connection: sa.Connection, head: Head, rows: Sequence[Row]) -> None:
        """Take in rows that were written from here, once they have proved to be there as they were written.

        Raises
        ------
        BrokenChain
            If they are not, or as :meth:`read_on`.
        """
        first, last = rows[0], rows[-1]
        behind = self.seq == first.seq - 1 and link(self.hash, *first[:-1]) == first.hash
        if behind and (head.seq, head.hash) == (last.seq, last.hash):
            self._check_known(connection)
            there = [row for block in entry_blocks(connection, self.seq) for row in block]
            if there != list(rows):
                raise BrokenChain(f"entry {first.seq:,}, which was written just now, or one behind it is another one or gone")
            self.add(rows)
            return
        self.read_on(connection, head)
        told = connection.execute(sa.select(ENTRIES.c.hash).where(ENTRIES.c.seq == last.seq)).scalar_one_or_none()
        if self.seq < last.seq or told != last.hash:
            raise BrokenChain(f"entry {last.seq:,}, which was written just now, is another one or gone")

    def add(self, rows: Sequence[Row]) -> None:
        """Take in rows that were written from here, behind the last one that is known."""
        read = _Reading(at_once=False)
        read.take(rows)
        self._take_in(read)
        self.seq, self.hash = rows[-1].seq, rows[-1].hash

    def _read_new(self, connection: sa.Connection, head: Head) -> None:
        last = self.seq, self.hash
        self._check_known(connection)
        read = _Reading(at_once=not self.seq)
        for rows in entry_blocks(connection, self.seq):
            last = follow(rows, *last)
            read.take(rows)
        if last != (head.seq, head.hash):
            raise BrokenChain(f"its head tells of {head.seq:,} entries, and the last one there is {last[0]:,}")
        self._take_in(read)
        self.seq, self.hash = last

    def _check_known(self, connection: sa.Connection) -> None:
        """Refuse a ledger in which the last entry that is known is not there."""
        if not self.seq:
            return
        before = connection.execute(sa.select(ENTRIES.c.hash).where(ENTRIES.c.seq == self.seq)).scalar_one_or_none()
        if before != self.hash:
            raise BrokenChain(f"entry {self.seq:,}, which was read before, is another one or gone")

    def _read_old(self, connection: sa.Connection, head: Head) -> None:
        if head.seq < self.seq:
            raise BrokenChain(f"entry {self.seq:,}, which was read before, is gone")
        read = _Reading(at_once=not self.seq)
        for rows in old_rows(connection, head, self.seq):
            read.take(rows)
        self.notes = []  # in an old ledger they are numbered behind its last event, which is another one now
        self._take_in(read)
        self.seq = head.seq

    def _take_in(self, read: _Reading) -> None:
        if read.at_once:
            self.log = read.log()
        self.log.extend(self._meant(read.late))
        self.notes += read.notes

    def _meant(self, events: list[Event]) -> list[Event]:
        """The events without the undos of what only a newer labelscope knows."""
        while True:
            seqs, undoes = {event.seq for event in events}, [event.undoes for event in events if event.undoes is not None]
            before = self.log.places(np.array(undoes, np.int64))
            unknown = {of for of, place in zip(undoes, before.tolist(), strict=True) if place < 0 and of not in seqs}
            if not unknown:
                return events
            events = [event for event in events if event.undoes not in unknown]


class _Reading:
    """Rows on their way into what is known: at the opening into columns, afterwards event by event."""

    def __init__(self, *, at_once: bool) -> None:
        self.at_once = at_once
        self.late: list[Event] = []
        self.notes: list[Note] = []
        self._frames: list[pl.DataFrame] = []
        self._odd: dict[int, str] = {}

    def take(self, rows: Sequence[Sequence[Any]]) -> None:
        """Take in rows that begin with number, kind and payload."""
        cells = [row for row in rows if row[1] in KINDS]
        if len(cells) < len(rows):
            self.notes += read_notes(row for row in rows if row[1] not in KINDS)
        if self.at_once:
            frame, odd = columns(read_columns(cells))
            self._frames.append(frame)
            self._odd |= odd
        else:
            self.late += read_events(cells)

    def log(self) -> EventLog:
        """The events, without the undos of what only a newer labelscope knows."""
        if not self._frames:
            return EventLog()
        base = pl.concat(self._frames, rechunk=False)
        self._frames = []
        for name in base.columns:  # in one piece, so that numpy looks at the same memory; a column at a time, so that none lies there twice
            base = base.with_columns(base[name].rechunk())
        while True:
            seqs, undoes = base["seq"].to_numpy(), base["undoes"].drop_nulls().to_numpy()
            undos = np.flatnonzero(base["undoes"].is_not_null().to_numpy())
            at = np.minimum(np.searchsorted(seqs, undoes), max(len(seqs) - 1, 0))
            unknown = undos[seqs[at] != undoes]
            if not len(unknown):
                return EventLog(base=base, odd=self._odd)
            keep = np.ones(len(seqs), bool)
            keep[unknown] = False
            base = base.filter(pl.Series(keep))


def entry_blocks(connection: sa.Connection, since: int) -> Iterator[Sequence[Any]]:
    """The rows of a ledger after a number, a block at a time."""
    query = sa.select(*ENTRIES.c).order_by(ENTRIES.c.seq).limit(_BLOCK)
    while rows := _plain_rows(connection.execute(query.where(ENTRIES.c.seq > since))):
        yield rows
        since = rows[-1][0]


def _plain_rows(result: sa.CursorResult[Any]) -> Sequence[Any]:
    """The rows as the driver gives them, in half the time: a million of them need no names for their values."""
    with result:
        return () if result.cursor is None else result.cursor.fetchall()
