"""The ledger: an append-only table of events in a database, SQLite beside the data unless told otherwise.

An event that :meth:`Ledger.append` has returned is on the disk: one transaction, rollback journal,
``synchronous=EXTRA``. Numbers come from a counter row that the transaction locks first, so they have no gaps and
follow the order of commit in every database: whoever has read up to `n` misses nothing by asking for more
than `n`, however many processes write.

Beside the events stand the audit samples: which cells were drawn, and how likely each was to be drawn, must survive
a killed kernel, or the verdicts on them mean nothing.

Nothing is created before the first event or sample: to look at a data set leaves no trace.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from labelscope.errors import LedgerError
from labelscope.review.database import WRITES, file_of, identity, lock_creation, make_engine, place_url, shown
from labelscope.review.events import FIELDS, EditRecord, Event, utc_now
from labelscope.review.refusals import other_data_set, reason
from labelscope.review.sqlite_file import journal_file
from labelscope.review.turns import TurnNotGiven, writing_turn

__all__ = ["SCHEMA", "Ledger", "Sample"]

SCHEMA = 2  # 2 since a ledger can hold edits of the label set; one without stays 1, and older versions read it
PLAIN = 1
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite numbers rows by INTEGER alone

_tables = sa.MetaData()
_head = sa.Table(
    "labelscope_ledger",
    _tables,
    sa.Column("schema", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("created", sa.Text, nullable=False),
    sa.Column("seq", _NUMBER, nullable=False),  # number of the last event
)
_events = sa.Table(
    "labelscope_events",
    _tables,
    sa.Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("item_id", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("before", sa.SmallInteger, nullable=False),
    sa.Column("after", sa.SmallInteger, nullable=False),
    sa.Column("suggestion_id", sa.Text),
    sa.Column("reviewer", sa.Text, nullable=False),
    sa.Column("time", sa.Text, nullable=False),
    sa.Column("batch", sa.Text),
    sa.Column("undoes", _NUMBER),
)
_samples = sa.Table(
    "labelscope_samples",
    _tables,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("reviewer", sa.Text, nullable=False),
    sa.Column("time", sa.Text, nullable=False),
    sa.Column("sample", sa.Text, nullable=False),
)
_edits = sa.Table(
    "labelscope_label_edits",
    _tables,
    sa.Column("batch", sa.Text, primary_key=True),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("label", sa.Text),
    sa.Column("into", sa.Text, nullable=False),  # a JSON list of names
    sa.Column("parent", sa.Text),
    sa.Column("reason", sa.Text, nullable=False),
)


class Sample(NamedTuple):
    """An audit sample as it was written: its number (the last one stands), who drew it, when (ISO 8601, UTC), and its text."""

    number: int
    reviewer: str
    time: str
    sample: str


class Ledger:
    """The events of one data set. Open one with :meth:`open`; safe to use from several threads.

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
        self._ready = False  # the tables are there and are this data set's
        self._file: tuple[int, int] | None = None  # identity of the file as it was last used
        self._lock = Lock()

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
        ledger.events(since=1 << 62)  # reads no event, but refuses what is to be refused
        return ledger

    @property
    def path(self) -> Path | None:
        """The SQLite file, or None for another database."""
        return file_of(self.url)

    @property
    def name(self) -> str:
        """The place as shown to people, without a password."""
        return shown(self.url)

    def append(self, events: Sequence[Event], edit: EditRecord | None = None) -> tuple[Event, ...]:
        """Write events, all or none, and give them back with their numbers.

        Parameters
        ----------
        events : sequence of Event
        edit : EditRecord, optional
            The edit of the label set that the events are; written in the same transaction. A ledger that holds one is
            refused by versions of labelscope that know none, because they would leave it out.

        Raises
        ------
        LedgerError
            If they could not be made durable; then none of them is in the ledger.
        """
        if not events:
            return ()
        with self.writing(len(events)) as connection:
            first = connection.execute(sa.select(_head.c.seq)).scalar_one() - len(events) + 1
            numbered = tuple(replace(event, seq=first + k) for k, event in enumerate(events))
            connection.execute(sa.insert(_events), [{name: getattr(event, name) for name in FIELDS} for event in numbered])
            if edit is not None:
                self._record(connection, edit)
        return numbered

    def label_edits(self) -> tuple[EditRecord, ...]:
        """All edits of the label set, undone ones included, in no particular order. Raises as :meth:`events`."""
        with self.reading() as connection:
            if connection is None or not sa.inspect(connection).has_table(_edits.name):
                return ()
            rows = connection.execute(sa.select(_edits))
            return tuple(EditRecord(**dict(row) | {"into": tuple(json.loads(row["into"]))}) for row in rows.mappings())

    def events(self, since: int = 0) -> tuple[Event, ...]:
        """The events after number `since`, in order. Cheap when there is nothing new.

        Raises
        ------
        LedgerError
            If the ledger cannot be read or is not this data set's.
        """
        with self.reading() as connection:
            if connection is None:
                return ()
            rows = connection.execute(sa.select(_events).where(_events.c.seq > since).order_by(_events.c.seq))
            return tuple(Event(*row) for row in rows)

    def keep(self, sample: str, *, after: int, reviewer: str) -> Sample:
        """Write an audit sample, unless another process wrote one since number `after`; give the one that now stands.

        Samples are numbered 1, 2, 3, ... and never changed: the last one stands. A ledger of an older labelscope gets
        their table here; an older labelscope goes on reading the ledger and does not see them.

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
        with self.writing() as connection:
            _samples.create(connection, checkfirst=True)
            standing = _last_sample(connection)
            if standing is not None and standing.number > after:
                return standing
            kept = Sample(after + 1, reviewer, utc_now(), sample)
            connection.execute(sa.insert(_samples), [kept._asdict()])
        return kept

    def sample(self) -> Sample | None:
        """The audit sample that stands, or None. Raises as :meth:`events`."""
        with self.reading() as connection:
            if connection is None or not sa.inspect(connection).has_table(_samples.name):
                return None
            return _last_sample(connection)

    @contextmanager
    def writing(self, n_events: int = 0) -> Iterator[sa.Connection]:
        """One transaction with other writers locked out, for tables beside the events; the ledger is made if need be.

        Parameters
        ----------
        n_events : int
            Numbers of events to take.

        Raises
        ------
        LedgerError
            If it could not be made durable; then nothing of it is in the ledger.
        """
        with self._refusals():
            with self._turn(), self._connect(writes=True) as connection:
                if not self._ready:
                    self._create(connection)
                connection.execute(sa.update(_head).values(seq=_head.c.seq + n_events))  # locks out other writers
                yield connection
            self._ready = True

    @contextmanager
    def reading(self) -> Iterator[sa.Connection | None]:
        """One transaction to read in; None where nothing was ever written. Raises as :meth:`events`."""
        with self._refusals():
            if not self._ready and self.path is not None and not self.path.exists():
                yield None
                return
            with self._connect(writes=False) as connection:
                self._ready = self._ready or self._check(connection)
                yield connection if self._ready else None

    def close(self) -> None:
        """Let go of the database; the next use opens it again."""
        with self._lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines, self._file, self._ready = {}, None, False

    @staticmethod
    def _record(connection: sa.Connection, edit: EditRecord) -> None:
        _edits.create(connection, checkfirst=True)
        connection.execute(sa.insert(_edits), [asdict(edit) | {"into": json.dumps(edit.into)}])
        connection.execute(sa.update(_head).values(schema=SCHEMA))

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Nobody else writes meanwhile, also where the locks of the file system fail. A database server needs no such help."""
        if self.path is None:
            yield
            return
        if self._ready and not self.path.exists():
            raise self._gone()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with writing_turn(self.path, self._timeout):
            yield

    @contextmanager
    def _connect(self, *, writes: bool) -> Iterator[sa.Connection]:
        """A connection in one transaction."""
        kind = writes and self.path is not None  # a server needs one pool of connections for both
        with self._lock:
            if kind not in self._engines:
                self._engines[kind] = make_engine(self.url, self._timeout, writes=kind)
        if self.path is not None and self._ready and not self.path.exists():
            raise self._gone()
        engine = self._engines[kind].execution_options(**{WRITES: writes})
        with ExitStack() as stack:
            connection = stack.enter_context(engine.begin())
            if self.path is not None and not writes and not _can_be_read(connection, self.path):
                stack.close()
                self._clean_up()
                connection = stack.enter_context(engine.begin())
            if self._ready and identity(self.path) != self._file:
                raise self._gone()
            self._file = identity(self.path)
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
        return LedgerError(f"ledger {self.name}: the file was removed or replaced while in use; put it back, or open a new session")

    def _create(self, connection: sa.Connection) -> None:
        """Make the tables if they are not there: in one transaction with the first event."""
        lock_creation(connection)
        if not self._check(connection):
            _tables.create_all(connection)
            connection.execute(sa.insert(_head).values(schema=PLAIN, fingerprint=self.fingerprint, created=utc_now(), seq=0))

    def _check(self, connection: sa.Connection) -> bool:
        """Whether the tables are there; refuses those of another data set or of a newer labelscope."""
        if not sa.inspect(connection).has_table(_head.name):
            return False
        schema, fingerprint = connection.execute(sa.select(_head.c.schema, _head.c.fingerprint)).one()
        if schema > SCHEMA:
            raise LedgerError(
                f"ledger {self.name}: expected schema {SCHEMA} or older, got {schema}, made by a newer labelscope; upgrade labelscope"
            )
        if fingerprint != self.fingerprint:
            raise other_data_set(self.name, self.fingerprint, fingerprint)
        return True

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except TurnNotGiven as busy:
            told = (
                f"ledger {self.name}: another program holds it ({busy}); nothing was written; close that program or wait, then decide again"
            )
            raise LedgerError(told) from None
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise reason(self.name, error) from None


def _can_be_read(connection: sa.Connection, path: Path) -> bool:
    """Whether an SQLite file is whole; False where a killed writer left a journal, which a reader must not use."""
    try:
        connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
    except SQLAlchemyError:
        if journal_file(path).exists():
            return False
        raise
    return True


def _last_sample(connection: sa.Connection) -> Sample | None:
    row = connection.execute(sa.select(_samples).order_by(_samples.c.number.desc()).limit(1)).one_or_none()
    return None if row is None else Sample(*row)
