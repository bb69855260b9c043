"""The database that a ledger lies in: its place, and an engine that holds it open as safely as the database can."""

from __future__ import annotations

import os
from pathlib import Path

import sqlalchemy as sa

from labelscope.data.file_names import check_file_name
from labelscope.data.inputs import LOGS
from labelscope.data.replacement import real
from labelscope.errors import DataError, LedgerError, MissingExtra
from labelscope.review.ledger_errors import reason
from labelscope.review.sqlite_file import sqlite_engine
from labelscope.review.urls import parse_url, shown_url

__all__ = ["WRITES", "file_of", "identity", "lock_creation", "make_engine", "place_url", "shown"]


WRITES = "labelscope_writes"  # execution option: the transaction will write, so that it locks out other writers at once
_CREATION = int.from_bytes(b"labelsco", "big")  # a number of ours among the advisory locks of a PostgreSQL


def file_of(url: sa.URL) -> Path | None:
    """The SQLite file of a URL, or None for another database."""
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def shown(url: sa.URL) -> str:
    """The place as shown to people, without a password."""
    return str(file_of(url) or shown_url(url))


def place_url(place: str | os.PathLike[str] | sa.URL) -> sa.URL:
    """The URL of a place, which need not exist yet.

    Parameters
    ----------
    place : path or SQLAlchemy URL

    Raises
    ------
    LedgerError
        If there could never be a ledger.
    """
    url = parse_url(place)
    if url is None:
        return _file_url(sa.URL.create("sqlite"), Path(str(place)))
    if url.get_backend_name() != "sqlite":
        return url
    if url.database in (None, "", ":memory:"):
        raise LedgerError("ledger: expected a file or a database URL, got a database in memory, which keeps no decision; name a file")
    return _file_url(url, Path(str(url.database)))


def _file_url(url: sa.URL, place: Path) -> sa.URL:
    """The URL with the full path of the SQLite file; refuses a place where there could never be one."""
    try:
        check_file_name(place, "ledger")
    except DataError as refusal:
        raise LedgerError(str(refusal)) from None
    path = real(place.expanduser())  # what SQLite and other writers keep beside it lies beside what a link leads to
    if path.name.endswith(LOGS):
        raise LedgerError(
            f"ledger: expected a name of its own, got {path}, which SQLite would take for what it keeps beside another file; choose "
            f"one that does not end in {path.name[path.name.rindex('-') :]}"
        )
    try:
        if path.is_dir():
            raise LedgerError(f"ledger: expected a file, got the folder {path}; name a file in it, for instance ledger.sqlite")
        if path.exists() and not path.is_file():
            raise LedgerError(f"ledger: expected a file, got {path}, which is a device or a pipe; name another place with ledger=")
        ground = next(parent for parent in path.parents if parent.exists())
    except OSError as error:
        raise reason(str(path), error) from None
    if not ground.is_dir():
        raise LedgerError(f"ledger: expected a place in a folder, got {path} where {ground} is a file; name another place with ledger=")
    return url.set(database=str(path))


def make_engine(url: sa.URL, timeout: float, *, writes: bool) -> sa.Engine:
    """An engine for a URL of :func:`place_url`.

    Parameters
    ----------
    url : sqlalchemy.URL
    timeout : float
        Seconds to wait for another writer.
    writes : bool
        Whether an SQLite file may be changed or made. The engine of a server serves both.

    Raises
    ------
    MissingExtra
        If the URL is one of PostgreSQL, and its driver is not installed.
    """
    path = file_of(url)
    if path is not None:
        return sqlite_engine(path, timeout, writes=writes)
    try:
        from labelscope.review.postgres import postgres_engine
    except ImportError:
        raise MissingExtra("psycopg", "team", "a ledger in PostgreSQL") from None
    return postgres_engine(url, timeout, writes=WRITES)


def lock_creation(connection: sa.Connection) -> None:
    """Let nobody else make the tables of a ledger before this transaction ends: there is no row yet that could be locked."""
    if connection.dialect.name == "postgresql":  # SQLite locked the whole file at BEGIN
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CREATION)))


def identity(path: Path | None) -> tuple[int, int] | None:
    """What tells a file from another one of the same name; (0, 0) where there is none, None for no path."""
    try:
        status = None if path is None else path.stat()
    except FileNotFoundError:
        return (0, 0)
    return None if status is None else (status.st_dev, status.st_ino)
