"""The database that a ledger lies in: its place, and an engine that holds it open as safely as the database can."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from labelscope.errors import LedgerError
from labelscope.review.refusals import reason

__all__ = ["WRITES", "file_of", "identity", "make_engine", "place_url", "shown"]

WRITES = "labelscope_writes"  # execution option: the transaction will write, so that it locks out other writers at once


def file_of(url: sa.URL) -> Path | None:
    """The SQLite file of a URL, or None for another database."""
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def shown(url: sa.URL) -> str:
    """The place as shown to people, without a password."""
    return str(file_of(url) or url.render_as_string(hide_password=True))


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
    if not isinstance(place, sa.URL) and "://" not in str(place):
        return _file_url(sa.URL.create("sqlite"), Path(place))
    try:
        url = sa.make_url(place if isinstance(place, sa.URL) else str(place))
        if url.get_backend_name() != "sqlite":
            return url
    except SQLAlchemyError as error:
        raise LedgerError(f"ledger: expected a file or a database URL, got {str(place)!r} ({error})") from None
    if url.database in (None, "", ":memory:"):
        raise LedgerError("ledger: expected a file or a database URL, got a database in memory, which keeps no decision; name a file")
    return _file_url(url, Path(str(url.database)))


def _file_url(url: sa.URL, place: Path) -> sa.URL:
    """The URL with the full path of the SQLite file; refuses a place where there could never be one."""
    path = place.expanduser().absolute()
    try:
        if path.is_dir():
            raise LedgerError(f"ledger: expected a file, got the folder {path}; name a file in it, for instance ledger.sqlite")
        ground = next(parent for parent in path.parents if parent.exists())
    except OSError as error:
        raise reason(str(path), error) from None
    if not ground.is_dir():
        raise LedgerError(f"ledger: expected a place in a folder, got {path} where {ground} is a file; name another place with ledger=")
    return url.set(database=str(path))


def make_engine(url: sa.URL, timeout: float) -> sa.Engine:
    """An engine for a URL of :func:`place_url`.

    Parameters
    ----------
    url : sqlalchemy.URL
    timeout : float
        Seconds to wait for another writer.
    """
    path = file_of(url)
    if path is None:
        return sa.create_engine(url)
    if not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists():
        # SQLite reads a file in WAL mode from a folder that it cannot write only if told that nobody else writes
        url = sa.URL.create("sqlite", database=f"file:{path}", query={"immutable": "1", "uri": "true"})
    engine = sa.create_engine(url, connect_args={"timeout": timeout})
    sa.event.listen(engine, "connect", _on_connect)
    sa.event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None  # sqlite3 then leaves BEGIN to _on_begin
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


def _on_begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def identity(path: Path | None) -> tuple[int, int] | None:
    """What tells a file from another one of the same name; (0, 0) where there is none, None for no path."""
    try:
        status = None if path is None else path.stat()
    except FileNotFoundError:
        return (0, 0)
    return None if status is None else (status.st_dev, status.st_ino)
