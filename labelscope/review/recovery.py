"""What of a ledger can still be read and proved, and a new ledger made of it. The old one is never touched.

An entry is proved by the hash that it carries: of itself and of the entry before it. A hash that is damaged itself is told from a
damaged entry by the entry that follows.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from labelscope.errors import LedgerError
from labelscope.review.carving import Record, carve
from labelscope.review.chain import Row, anchor, link
from labelscope.review.database import file_of, make_engine, place_url, shown
from labelscope.review.events import CARRIED, KINDS, utc_now
from labelscope.review.ledger_errors import reason
from labelscope.review.old_carving import CarvedLedger
from labelscope.review.old_tables import readable_rows
from labelscope.review.payloads import encode_note
from labelscope.review.sqlite_file import journal_file, new_ledger_file, sqlite_engine
from labelscope.review.tables import ENTRIES, HEAD, SCHEMA, Head, append_rows, create_tables

__all__ = ["RECOVERED", "Survey", "recover", "survey"]

RECOVERED = "recovered"  # kind of the note that a recovered ledger ends with
_BLOCK = 5_000
_LEFT_OUT = {RECOVERED: "n_lost", CARRIED: "n_left_out"}  # notes that say how many numbers before them are nobody's


@dataclass(frozen=True)
class Survey:
    """What can be read of a ledger.

    Attributes
    ----------
    head : Head or None
        None where it cannot be read.
    rows : tuple of Row
        The entries that are proved, in their order; of an old ledger, which has no proofs, those that can be read.
    n_entries : int
        Entries that the ledger had.
    """

    head: Head | None
    rows: tuple[Row, ...]
    n_entries: int

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing, and nothing more is there than the head tells of."""
        last = self.rows[-1] if self.rows else None
        at_the_end = self.head is not None and (last is None or (last.seq, last.hash) == (self.head.seq, self.head.hash))
        return at_the_end and self.n_lost == 0

    @property
    def n_lost(self) -> int:
        """Entries that cannot be read or proved."""
        return self.n_entries - len(self.rows)

    @property
    def n_decisions(self) -> int:
        """Events on cells among the entries that can be read."""
        return sum(row.kind in KINDS for row in self.rows)

    @property
    def summary(self) -> str:
        """The numbers in words."""
        worth = "read" if self.head is not None and self.head.schema < SCHEMA else "read and proved"
        return f"{len(self.rows):,} of {self.n_entries:,} entries can be {worth}"


def survey(place: Path | str) -> Survey:
    """What can be read of a ledger, whatever state it is in.

    Parameters
    ----------
    place : path or database URL

    Raises
    ------
    LedgerError
        If there is no file, or the database cannot be read at all.
    """
    url = place_url(place)
    path = file_of(url)
    try:
        if path is None:
            return _served(url)
        with tempfile.TemporaryDirectory() as folder:
            return _carved(_settled(path, Path(folder)))
    except (OSError, SQLAlchemyError) as error:
        raise reason(shown(url), error) from None


def recover(place: Path | str, to: Path) -> Survey:
    """Write a new ledger with all that can be read and proved of an old one.

    Parameters
    ----------
    place : path or database URL
        Of the old one, which stays as it is.
    to : Path
        Of the new one, an SQLite file that is not there yet.

    Returns
    -------
    Survey
        Of the old one.

    Raises
    ------
    LedgerError
        If nothing can be read of the old one, or the new one is there already or cannot be written.
    """
    place_url(to)  # refuses what could never be a ledger
    if to.exists():
        raise LedgerError(f"ledger {to}: expected a file that is not there yet, got one; name another with --to")
    found = survey(place)
    if found.head is None or not found.rows:
        raise LedgerError(
            f"ledger {place}: expected a labelscope ledger, got a file in which no entry of one can be read; use a copy of it"
        )
    try:
        with new_ledger_file(to) as (part, new):
            new.parent.mkdir(parents=True, exist_ok=True)
            with sqlite_engine(part, 0.0, writes=True).begin() as connection:
                head = create_tables(connection, found.head.fingerprint)
                for block in _blocks(found):
                    head = append_rows(connection, head, block)
            part.rename(new)
    except (OSError, SQLAlchemyError, sqlite3.Error) as error:
        raise reason(str(to), error) from None
    return found


def _blocks(found: Survey) -> Iterator[list[tuple[int, str, str, str | None]]]:
    said = [(row.seq, row.kind, row.payload, row.client) for row in found.rows]
    note = encode_note({"time": utc_now(), "n_lost": found.n_lost, "n_entries": found.n_entries})
    last = max(found.head.seq if found.head is not None else 0, said[-1][0])
    said.append((last + 1, RECOVERED, note, None))
    for start in range(0, len(said), _BLOCK):
        yield said[start : start + _BLOCK]


def _settled(path: Path, folder: Path) -> Path:
    """A copy from which a half-done transaction was taken back, where the file needs that; else the file itself."""
    companions = [journal_file(path), path.with_name(f"{path.name}-wal")]
    if not any(companion.exists() for companion in companions):
        return path
    copy = folder / path.name
    shutil.copyfile(path, copy)
    for companion in companions:
        if companion.exists():
            shutil.copyfile(companion, folder / companion.name)
    with suppress(sqlite3.Error):
        database = sqlite3.connect(copy, isolation_level=None)
        database.execute("PRAGMA journal_mode=DELETE")
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        database.close()
    return copy


def _carved(path: Path) -> Survey:
    heads, rows, old = [], [], CarvedLedger()
    for record in carve(path):
        head, row = _as_head(record), _as_row(record)
        if head is not None:
            heads.append(head)
        elif row is not None:
            rows.append(row)
        else:
            old.take(record)
    aged = next((head for head in heads if head.schema < SCHEMA), None)
    return _proved(heads, rows) if rows or aged is None else _told(aged, old.rows(aged.seq))


def _served(url: sa.URL) -> Survey:
    with make_engine(url, 3.0, writes=False).begin() as connection:
        first = [HEAD.c[name] for name in Head._fields if name != "hash"]  # which old ledgers have not
        heads = [Head(row.schema, row.fingerprint, row.created, row.seq, None) for row in connection.execute(sa.select(*first))]
        if heads and heads[0].schema < SCHEMA:
            return _told(heads[0], (Row(*row, None, "") for row in readable_rows(connection, heads[0])))
        heads = [Head(*row) for row in connection.execute(sa.select(HEAD))]
        return _proved(heads, [Row(*row) for row in connection.execute(sa.select(ENTRIES))])


def _as_head(record: Record) -> Head | None:
    values = record.values
    if len(values) not in (4, 5) or values[0] is not None or not isinstance(values[3], int):
        return None
    fingerprint, created, told = values[1], values[2], values[4] if len(values) > 4 else None
    if not isinstance(fingerprint, str) or not isinstance(created, str) or not isinstance(told, str | None):
        return None
    return Head(record.number, fingerprint, created, values[3], told)


def _as_row(record: Record) -> Row | None:
    if len(record.values) != len(Row._fields):
        return None
    _, kind, payload, client, told = record.values
    if not isinstance(kind, str) or not isinstance(payload, str) or not isinstance(told, str) or not isinstance(client, str | None):
        return None
    return Row(record.number, kind, payload, client, told)


def _told(head: Head, rows: Iterable[Row]) -> Survey:
    """Of an old ledger. How many events it had its head tells; of what it said beside them, nothing tells what is missing."""
    told = tuple(rows)
    n_events = sum(row.kind in KINDS for row in told)
    return Survey(head, told, max(n_events, head.seq) + len(told) - n_events)


def _proved(heads: list[Head], rows: list[Row]) -> Survey:
    rows = sorted(set(rows), key=lambda row: (row.seq, row.hash))
    head, start = _anchored(heads, rows)
    good = list(_good(rows, start, None if head is None else head.hash))
    last = max(0 if head is None else head.seq, good[-1].seq if good else 0)
    missing = sum(json.loads(row.payload)[_LEFT_OUT[row.kind]] for row in good if row.kind in _LEFT_OUT)
    return Survey(head, tuple(good), max(last - missing, len(good)))


def _good(rows: Iterable[Row], start: str, end: str | None) -> Iterator[Row]:
    """The rows that are proved."""
    before: dict[str | None, Row | None] = {start: None}  # hashes that the row before may have, with that row where it is in doubt
    for _, tried in groupby(rows, key=lambda row: row.seq):
        proved, possible = None, dict[str | None, Row | None]()
        for row in tried:
            possible[row.hash] = None
            for previous, doubted in before.items():
                own = link(str(previous), row.seq, row.kind, row.payload, row.client)
                if own == row.hash:
                    proved = [row] if doubted is None else [doubted, row]
                else:
                    possible[own] = row._replace(hash=own)
        if proved is not None:
            yield from proved
            possible = {proved[-1].hash: None}
        before = possible
    if (doubted := before.get(end)) is not None:
        yield doubted


def _anchored(heads: list[Head], rows: list[Row]) -> tuple[Head | None, str]:
    """The head on which the first row hangs, mended if one bit of it was flipped: then it has no hash."""
    if not heads:
        return None, ""
    heads = sorted(heads, key=lambda head: head.hash is None)  # the copy of a head has no hash
    for head in heads:
        for tried in (head, head._replace(schema=SCHEMA, hash=None), *_flipped(head)):
            start = anchor(tried.schema, tried.fingerprint, tried.created)
            if any(link(start, row.seq, row.kind, row.payload, row.client) == row.hash for row in rows[:1]):
                return tried, start
    return heads[0], anchor(heads[0].schema, heads[0].fingerprint, heads[0].created)


def _flipped(head: Head) -> Iterator[Head]:
    for name in ("fingerprint", "created"):
        text = getattr(head, name).encode()
        for k in range(8 * len(text)):
            changed = bytearray(text)
            changed[k // 8] ^= 1 << k % 8
            with suppress(UnicodeDecodeError):
                yield Head(**{**head._asdict(), name: changed.decode(), "schema": SCHEMA, "hash": None})
