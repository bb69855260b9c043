"""A ledger in an SQLite file: opened afresh for every transaction, with a rollback journal, so that the file alone is the ledger.

No write-ahead log: its index lies in memory that machines do not share, and after a crash the newest decisions lie in another file. A
file that an older labelscope left with such a log is turned into one without at the first opening for writing. Nothing is kept open
between two transactions: on a shared drive, opening and closing is what makes machines see each other's writes.

Whoever reads cannot change the file, not even to clean up after a killed writer; that is left to a writer whose turn it is.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from labelscope.data.replacement import real

__all__ = ["check_size", "journal_file", "new_ledger_file", "open_file", "sqlite_engine"]

_SMALLEST = 512  # bytes of the smallest page: no database has less
_JOURNAL = bytes.fromhex("d9d505f920a163d7")  # how a rollback journal begins
_WAL = b"\x02\x02"  # of the versions that the head of the file names, when it has a write-ahead log


def sqlite_engine(path: Path, timeout: float, *, writes: bool) -> sa.Engine:
    """An engine whose every transaction opens the file anew.

    Parameters
    ----------
    path : Path
    timeout : float
        Seconds to wait where another program holds the file.
    writes : bool
        Whether it may change the file, or make it.
    """

    def connect() -> sqlite3.Connection:
        return open_file(path, timeout, writes=writes)

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=NullPool)
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def journal_file(path: Path) -> Path:
    """The companion of a ledger file that holds what a transaction under way would take back."""
    return path.with_name(f"{path.name}-journal")


@contextmanager
def new_ledger_file(path: Path) -> Iterator[tuple[Path, Path]]:
    """A name beside a file that is not there yet, which nobody else has, and where the file itself goes: a link leads to it.

    What is made under the name is complete before it is renamed; it is removed at the end if it was not.
    """
    place = real(path)
    aside = place.with_name(f"{place.name}.{uuid4().hex}.part")
    try:
        yield aside, place
    finally:
        aside.unlink(missing_ok=True)


def check_size(path: Path) -> None:
    """Refuse a file that SQLite would take for a new one although it is none, and then drop what lies beside it.

    That is a file of one byte, and one that is empty or missing although its companions have something of it.

    Raises
    ------
    sqlite3.DatabaseError
    """
    size = path.stat().st_size if path.exists() else 0
    if 0 < size < _SMALLEST:
        raise sqlite3.DatabaseError(f"file is not a database: it has {size} bytes")
    for companion in () if size else (journal_file(path), path.with_name(f"{path.name}-wal")):
        if companion.is_file() and _is_of_more(companion):
            raise sqlite3.DatabaseError(f"file is not a database: it is empty or missing, but {companion.name} is of a full one")


def _is_of_more(companion: Path) -> bool:
    """Whether a companion is of a database that was not empty. A journal says so; nobody writes a log of an empty one."""
    try:
        with companion.open("rb") as stream:
            head = stream.read(20)
    except OSError:
        return False
    if companion.name.endswith("-wal"):
        return bool(head)
    return head.startswith(_JOURNAL) and any(head[16:20])  # pages that the file had


def open_file(path: Path, timeout: float, *, writes: bool) -> sqlite3.Connection:
    """A connection to a ledger file, as durable as SQLite can make it where it writes."""
    check_size(path)
    options = "mode=rwc" if writes else "mode=ro"
    alone = not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists()
    if not writes and alone and _has_log(path):
        options += "&immutable=1"  # SQLite reads such a file in a folder that it cannot write only if told that nobody else writes
    connection = sqlite3.connect(f"{path.as_uri()}?{options}", uri=True, timeout=timeout, isolation_level=None)  # BEGIN is the engine's
    try:
        for pragma in ("mmap_size=0", "trusted_schema=OFF", "cell_size_check=ON"):
            connection.execute(f"PRAGMA {pragma}")
        if writes:
            connection.execute("PRAGMA journal_mode=DELETE")  # fails where another program has the file open with its log
            for pragma in ("synchronous=EXTRA", "fullfsync=ON"):
                connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def _has_log(path: Path) -> bool:
    """Whether the file needs a write-ahead log. Not while this process may hold locks on it: to close the file would let go of them."""
    try:
        with path.open("rb") as stream:
            return stream.read(20)[18:] == _WAL
    except OSError:
        return False
