"""The ledger: an append-only stream of entries in a database, SQLite beside the data unless told otherwise.

An event that :meth:`Ledger.append` has returned is on the disk, and was read back from it: one transaction, rollback journal,
``synchronous=EXTRA``. Numbers come from the head, which the transaction locks first, so they follow the order of commit in
every database: whoever has read up to `n` misses nothing by asking for more than `n`, however many processes write.

Beside the events stand notes of other kinds, in the same stream: which cells an audit drew, and how likely each was to be drawn,
must survive a killed kernel, or the verdicts on them mean nothing. Every entry carries a hash of itself and of the one before
(:mod:`labelscope.review.chain`), and all are proved before anything is believed, so that what was changed, cut off or replaced is seen.

Nothing is created before the first entry: to look at a data set leaves no trace.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from threading import RLock
from typing import Any, NamedTuple
from uuid import uuid4

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from labelscope.errors import LedgerError
from labelscope.review.chain import BrokenChain, Row, follow, link
from labelscope.review.damage import damaged
from labelscope.review.database import WRITES, file_of, lock_creation, make_engine, place_url, shown
from labelscope.review.events import EditRecord, Event, Note, utc_now
from labelscope.review.known import Known, entry_blocks
from labelscope.review.ledger_errors import other_data_set, reason, unknown_outcome
from labelscope.review.old_tables import migrate, old_rows
from labelscope.review.payloads import encode_event, encode_note
from labelscope.review.sqlite_file import check_size, journal_file
from labelscope.review.tables import ENTRIES, SCHEMA, Head, append_rows, create_tables, head_of, insert_rows, is_there
from labelscope.review.turns import TurnNotGiven, writing_turn

__all__ = ["Ledger", "Sample"]

_SAMPLE, _LABEL_SET = "sample", "label set"
Drafts = Sequence[tuple[str, str]]  # kind and payload of each entry


class Sample(NamedTuple):
    """An audit sample as it was written: its number (the last one stands), who drew it, when (ISO 8601, UTC), and its text."""

    number: int
    reviewer: str
    time: str
    sample: str


class Ledger:
    """The entries about one data set. Open one with :meth:`open`; safe to use from several threads.

    Parameters
    ----------
    url : sqlalchemy.URL
    fingerprint : str
        Of the data set that the decisions are about.
    timeout : float
        Seconds to wait for another writer.
    """

    def __init__(self, url: sa.URL, fingerprint: str, timeout: float) -> None:
        self.url = url
        self.fingerprint = fingerprint
        self._timeout = timeout
        self._engines: dict[bool, sa.Engine] = {}  # to read with, and to write with
        self._known: Known | None = None
        self._lock = RLock()

    @classmethod
    def open(cls, place: str | os.PathLike[str] | sa.URL, *, fingerprint: str, timeout: float = 10.0) -> Ledger:
        """The ledger at a place, which need not exist yet.

        Parameters
        ----------
        place : path or SQLAlchemy URL
        fingerprint : str
            Of the data set; a ledger about another one is refused.
        timeout : float
            Seconds to wait for another writer.

        Raises
        ------
        LedgerError
            If the place holds something else (another data set, a newer schema, a broken file, a folder), or
            could never hold a ledger.
        """
        ledger = cls(place_url(place), fingerprint, timeout)
        ledger._read()
        return ledger

    @classmethod
    def found(cls, place: str | os.PathLike[str] | sa.URL, *, timeout: float = 10.0) -> Ledger:
        """The ledger that lies at a place, whatever data set it is about: :attr:`fingerprint` says which.

        Raises
        ------
        LedgerError
            If there is none, or as for :meth:`open`.
        """
        ledger = cls(place_url(place), "", timeout)
        if ledger._read() is None:
            raise LedgerError(f"ledger {ledger.name}: expected a ledger, got a place where nobody decided anything yet; name another")
        return ledger

    @property
    def path(self) -> Path | None:
        """The SQLite file, or None for another database."""
        return file_of(self.url)

    @property
    def name(self) -> str:
        """The place as shown to people, without a password."""
        return shown(self.url)

    # Reading ---------------------------------------------------------------------------------------------------

    def events(self, since: int = 0) -> Sequence[Event]:
        """The events after number `since`, in order. Cheap when there is nothing new.

        Raises
        ------
        LedgerError
            If the ledger cannot be read, is damaged or is not this data set's.
        """
        with self._lock:
            known = self._read()
            if known is None:
                return ()
            return known.log.since(since) if since else known.log.copy()

    def entries(self) -> tuple[int, str, Iterator[Sequence[Sequence[Any]]]]:
        """Number and hash of the last entry, and all entries as they are kept: number, kind, payload, a block at a time.

        They are those that were read and proved; what is written meanwhile is not among them. Raises as :meth:`events`.
        """
        with self._lock:
            known = self._read()
            return (0, "", iter(())) if known is None else (known.seq, known.hash, self._blocks(known.seq))

    def _blocks(self, last: int) -> Iterator[Sequence[Sequence[Any]]]:
        with self._refusals(), self._connect(writes=False) as connection:
            head = self._head(connection)
            for block in entry_blocks(connection, 0) if head.schema == SCHEMA else old_rows(connection, head, 0):
                yield [row for row in block if row[0] <= last]

    def known(self, since: int) -> tuple[Event, ...]:
        """The events after number `since` as far as they were read or written here. Asks the database nothing, so it cannot fail."""
        with self._lock:
            return () if self._known is None else self._known.log.since(since)

    def notes(self, kind: str) -> tuple[Note, ...]:
        """The notes of a kind, in order. Raises as :meth:`events`."""
        with self._lock:
            known = self._read()
            return () if known is None else tuple(note for note in known.notes if note.kind == kind)

    def label_edits(self) -> tuple[EditRecord, ...]:
        """All edits of the label set, undone ones included, in their order. Raises as :meth:`events`."""
        said = (note.payload for note in self.notes(_LABEL_SET))
        return tuple(EditRecord(p["batch"], p["action"], p["label"], tuple(p["into"]), p["parent"], p["reason"]) for p in said)

    def sample(self) -> Sample | None:
        """The audit sample that stands, or None. Raises as :meth:`events`."""
        return _last_sample(self.notes(_SAMPLE))

    # Writing ---------------------------------------------------------------------------------------------------

    def append(self, events: Sequence[Event], edit: EditRecord | None = None) -> tuple[Event, ...]:
        """Write events, all or none, and give them back with their numbers.

        Parameters
        ----------
        events : sequence of Event
        edit : EditRecord, optional
            The edit of the label set that the events are; written in the same transaction.

        Raises
        ------
        LedgerError
            If they could not be made durable; then none of them is in the ledger.
        OutcomeUnknown
            If the database did not say whether they were; :meth:`outcome` looks again.
        """
        if not events:
            return ()
        notes = [] if edit is None else [(_LABEL_SET, encode_note(asdict(edit)))]
        drafts = [*notes, *((event.kind, encode_event(event)) for event in events)]
        return self._events(self._write(lambda: drafts))

    def add(self, kind: str, payload: Mapping[str, Any]) -> int:
        """Write a note; its number. Raises as :meth:`append`."""
        drafts = [(kind, encode_note(payload))]
        return self._write(lambda: drafts)[0]

    def keep(self, sample: str, *, after: int, reviewer: str) -> Sample:
        """Write an audit sample, unless another process wrote one since number `after`; give the one that now stands.

        Samples are numbered 1, 2, 3, ... and never changed: the last one stands.

        Parameters
        ----------
        sample : str
            The sample as text.
        after : int
            Number of the sample that this one follows, 0 if there is none.
        reviewer : str

        Raises
        ------
        LedgerError
            If it could not be made durable.
        """
        kept = Sample(after + 1, reviewer, utc_now(), sample)
        told = encode_note(kept._asdict())

        def drafts() -> Drafts:
            standing = _last_sample(() if self._known is None else self._known.notes)
            return [] if standing is not None and standing.number > after else [(_SAMPLE, told)]

        self._write(drafts)
        return self.sample() or kept

    def fill(self, blocks: Iterable[Sequence[tuple[int, str, str]]]) -> None:
        """Write entries that come from another ledger, with the numbers that they have there: all or none, and only as the first.

        Parameters
        ----------
        blocks : iterable of sequences of (seq, kind, payload)
            In the order of `seq`.

        Raises
        ------
        LedgerError
            If there are entries already, or these could not be made durable.
        """
        client: str | None = uuid4().hex
        with self.writing() as connection:
            head = self._head(connection, locked=True)
            if head.seq:
                raise LedgerError(
                    f"ledger {self.name}: expected one without decisions, got {head.seq:,} entries; name another with ledger="
                )
            for block in blocks:
                head = append_rows(connection, head, [(*row, None if k else client) for k, row in enumerate(block)])
                client = None if block else client

    def extend(self, made: Sequence[tuple[str, str]], *, after: int) -> None:
        """Write entries of another ledger behind those that there are: all or none.

        Parameters
        ----------
        made : sequence of (kind, payload)
        after : int
            Number of the last entry that was known when they were made.

        Raises
        ------
        LedgerError
            If somebody has written since, or these could not be made durable.
        """
        client = uuid4().hex
        with self.writing() as connection:
            head = self._head(connection, locked=True)
            if head.seq != after:
                raise LedgerError(
                    f"ledger {self.name}: expected {after:,} entries, got {head.seq:,}: somebody decides right now; carry again"
                )
            numbered = [(after + 1 + k, *said, None if k else client) for k, said in enumerate(made)]
            append_rows(connection, head, numbered)

    def outcome(self, client: str) -> range:
        """The numbers of what was written under an id; empty if nothing was.

        That is final: a writer that is still at it is waited for.

        Raises
        ------
        LedgerError
            If the ledger cannot be looked at now.
        """
        with self._lock, self._refusals(), self._turn(), self._connect(writes=True) as connection:
            lock_creation(connection)  # who writes the first entry may still be at it
            if not is_there(connection) or (head := self._head(connection, locked=True)).schema < SCHEMA:
                return range(0)
            self._read_on(connection, head)
            first = connection.execute(sa.select(ENTRIES.c.seq).where(ENTRIES.c.client == client)).scalar_one_or_none()
            if first is None:
                return range(0)
            later = sa.select(sa.func.min(ENTRIES.c.seq)).where(ENTRIES.c.client.is_not(None), ENTRIES.c.seq > first)
            return range(first, connection.execute(later).scalar_one() or head.seq + 1)

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One transaction with other writers locked out, in a ledger of the present schema that is made if need be.

        Raises
        ------
        LedgerError
            If it cannot be had.
        """
        with self._lock, self._refusals(), self._turn(), self._connect(writes=True) as connection:
            self._prepare(connection)
            yield connection

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else writes meanwhile. Raises as :meth:`writing`."""
        with self._lock, self._refusals(), self._turn():
            yield

    def close(self) -> None:
        """Let go of the database; the next use opens it again."""
        with self._lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines, self._known = {}, None

    # Inside ----------------------------------------------------------------------------------------------------

    def _write(self, drafts: Callable[[], Drafts]) -> range:
        """Write what is to be written once nobody else writes; the numbers that it got."""
        client, committing = uuid4().hex, False
        with self._lock:
            before = self._known
            try:
                with self._turn():
                    with self._connect(writes=True) as connection:
                        head = self._prepare(connection)
                        self._read_on(connection, head)
                        rows = _rows(drafts(), head, client)
                        if not rows:
                            return range(0)
                        insert_rows(connection, rows, head)
                        committing = True
                    self._acknowledge(rows, client)
            except (*_FAILURES, TurnNotGiven) as error:
                self._known = before  # a ledger that was made or migrated in this transaction may not be there
                if not committing:
                    raise self._refusal(error) from None
                return self._settle(client, error)
            return range(rows[0].seq, rows[-1].seq + 1)

    def _settle(self, client: str, error: Exception) -> range:
        """What became of a transaction whose end we were not told."""
        try:
            found = self.outcome(client)
        except LedgerError:
            raise unknown_outcome(self.name, error, client) from None
        if not found:
            raise self._refusal(error)
        return found

    def _acknowledge(self, rows: list[Row], client: str) -> None:
        """Take in what was committed; of a file, once it was read back, because it may be removed or replaced while it is written."""
        if self.path is None:
            if self._known is not None:
                self._known.add(rows)
            return
        try:
            if not self.path.exists():
                raise self._gone()
            with self._connect(writes=False) as connection:
                head = self._head(connection)
                known = self._known if self._known is not None and self._known.schema == head.schema else Known(head)
                known.read_back(connection, head, rows)
                self._known = known
        except _FAILURES as error:
            raise damaged(self.name, self.path, error, in_use=True) or unknown_outcome(self.name, error, client) from None

    def _events(self, numbers: range) -> tuple[Event, ...]:
        """The events of some numbers, which are known."""
        known = () if self._known is None else self._known.log.since(numbers.start - 1)
        return tuple(event for event in known if event.seq in numbers)

    def _read(self) -> Known | None:
        """What is known of the ledger, with what was written since; None where nothing ever was."""
        with self._lock, self._refusals():
            try:
                return self._look()
            except (SQLAlchemyError, sqlite3.Error, BrokenChain):
                if self.path is None or not self.path.exists():
                    raise
                # where locks do not work, whoever looks while another writes may see half of it: look again when nobody does
                with ExitStack() as stack:
                    with suppress(OSError, TurnNotGiven):
                        stack.enter_context(self._turn())
                    return self._look()

    def _look(self) -> Known | None:
        if self.path is not None and not self.path.exists():
            if self._known is not None:
                raise self._gone()
            check_size(self.path)
            return None
        with self._connect(writes=False) as connection:
            if self._known is None:
                _look_over(connection, self.path)
                if not is_there(connection):
                    return None
            return self._read_on(connection, self._head(connection))

    def _read_on(self, connection: sa.Connection, head: Head) -> Known:
        known = self._known
        if known is None or known.schema < min(head.schema, SCHEMA):
            known = Known(head)
        known.read_on(connection, head)
        self._known = known
        return known

    def _head(self, connection: sa.Connection, *, locked: bool = False) -> Head:
        """The head; refuses that of another data set or of a newer labelscope."""
        head = head_of(connection, locked=locked)
        if head.schema > SCHEMA:
            raise LedgerError(
                f"ledger {self.name}: expected schema {SCHEMA} or older, got {head.schema}, made by a newer labelscope; upgrade labelscope"
            )
        self.fingerprint = self.fingerprint or head.fingerprint
        if head.fingerprint != self.fingerprint:
            if head.schema == SCHEMA:  # is it about another data set, or is its head damaged?
                first = connection.execute(sa.select(*ENTRIES.c).order_by(ENTRIES.c.seq).limit(1)).all()
                if follow(first, 0, Known(head).hash)[1] != (first[0].hash if first else head.hash):
                    raise BrokenChain("its head is not as it was written")
            raise other_data_set(self.name, self.fingerprint, head.fingerprint)
        return head

    def _prepare(self, connection: sa.Connection) -> Head:
        """The head of a ledger of the present schema: made in one transaction with the first entry, or of an older one."""
        if self._known is None or self._known.schema < SCHEMA:  # tables will be made or altered: nobody else may wait for a row of them
            lock_creation(connection)
        if self._known is None and not is_there(connection):
            return create_tables(connection, self.fingerprint)
        head = self._head(connection, locked=True)
        return migrate(connection, head) if head.schema < SCHEMA else head

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Nobody else writes meanwhile, also where the locks of the file system fail. A database server needs no such help."""
        if self.path is None:
            yield
            return
        if self._known is not None and not self.path.exists():
            raise self._gone()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with writing_turn(self.path, self._timeout):
            yield

    @contextmanager
    def _connect(self, *, writes: bool) -> Iterator[sa.Connection]:
        """A connection in one transaction."""
        kind = writes and self.path is not None  # a server needs one pool of connections for both
        if kind not in self._engines:
            self._engines[kind] = make_engine(self.url, self._timeout, writes=kind)
        engine = self._engines[kind].execution_options(**{WRITES: writes})
        with ExitStack() as stack:
            connection = stack.enter_context(engine.begin())
            if self.path is not None and not writes and not _can_be_read(connection, self.path):
                stack.close()
                self._clean_up()
                connection = stack.enter_context(engine.begin())
            yield connection

    def _clean_up(self) -> None:
        """Take back what a killed writer left half done: SQLite does so as soon as somebody who may write looks at the file."""
        try:
            with self._turn(), self._connect(writes=True):
                pass
        except (OSError, SQLAlchemyError, sqlite3.Error) as error:
            raise LedgerError(
                f"ledger {self.name}: a program was killed while it wrote, and what it left half done cannot be taken back here ({error}); "
                "open it once where you may write"
            ) from None

    def _gone(self) -> LedgerError:
        return LedgerError(f"ledger {self.name}: it was removed or replaced while in use; put it back, or open a new session")

    def _refusal(self, error: Exception) -> LedgerError:
        """What a failure means for whoever decides."""
        if isinstance(error, TurnNotGiven):
            told = f"another program holds it ({error}); nothing was written; close that program or wait, then decide again"
            return LedgerError(f"ledger {self.name}: {told}")
        return damaged(self.name, self.path, error, in_use=self._known is not None) or reason(self.name, error)

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except (*_FAILURES, TurnNotGiven) as error:
            raise self._refusal(error) from None


_FAILURES = (SQLAlchemyError, sqlite3.Error, OSError, BrokenChain, msgspec.MsgspecError)


def _rows(drafts: Drafts, head: Head, client: str) -> list[Row]:
    rows: list[Row] = []
    last = str(head.hash)
    for k, (kind, payload) in enumerate(drafts):
        seq, whose = head.seq + k + 1, None if k else client
        last = link(last, seq, kind, payload, whose)
        rows.append(Row(seq, kind, payload, whose, last))
    return rows


def _last_sample(notes: Sequence[Note]) -> Sample | None:
    said = next((note.payload for note in reversed(notes) if note.kind == _SAMPLE), None)
    return None if said is None else Sample(said["number"], said["reviewer"], said["time"], said["sample"])


def _can_be_read(connection: sa.Connection, path: Path) -> bool:
    """Whether an SQLite file is whole; False where a killed writer left a journal, which a reader must not use."""
    try:
        connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
    except SQLAlchemyError:
        if journal_file(path).exists():
            return False
        raise
    return True


def _look_over(connection: sa.Connection, path: Path | None) -> None:
    """Refuse an SQLite file whose structure is broken: SQLite itself goes by it when it writes."""
    if path is not None and (told := connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()) != "ok":
        raise BrokenChain(" ".join(str(told).split()))
