"""PostgreSQL as the database of a ledger: an engine that answers within seconds, whatever the server does.

A click waits in the kernel's thread, so nothing here waits for ever: neither for a row that another session has locked,
nor for a server that is down, frozen or behind a network that is gone. Needs the extra ``team``.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg.abc import PQGen
from psycopg.rows import TupleRow

from labelscope.review.urls import redacted

__all__ = ["postgres_engine"]

T = TypeVar("T")

LOCK_WAIT = 2.0  # seconds for a row or table that another session has locked
SILENCE = 2.5  # seconds without a word from the server in the middle of a transaction
GREETING = 1.0  # the same outside of one, where only the pool asks whether the server is still there
SETTINGS = {
    "lock_timeout": f"{LOCK_WAIT * 1000:.0f}ms",
    "statement_timeout": "30s",  # of what goes on in the server after we gave up; a long reading is one that never falls silent
    "idle_in_transaction_session_timeout": "10s",  # a kernel that sleeps in the middle of a decision lets the others go on
}
CONNECT = {
    "connect_timeout": 2,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 4000,
    "client_encoding": "utf8",
    "application_name": "labelscope",
    "prepare_threshold": None,  # statements prepared in one session are not there in the next one behind a pooler
}


def postgres_engine(url: sa.URL, timeout: float, *, writes: str) -> sa.Engine:
    """An engine for a PostgreSQL URL. A transaction reads one state of the database; one that writes sees what others committed.

    Parameters
    ----------
    url : sqlalchemy.URL
    timeout : float
        Seconds to wait for another writer, at most two.
    writes : str
        The execution option that marks a transaction that will write.
    """
    arguments = {name: value for name, value in CONNECT.items() if name not in url.query}
    engine = sa.create_engine(
        url,
        connect_args=arguments,
        pool_pre_ping=True,  # the first click after a restart of the server meets a connection that is gone
        pool_size=2,
        pool_timeout=SILENCE,
        use_native_hstore=False,
    )
    settings = SETTINGS | {"lock_timeout": f"{max(1, min(timeout, LOCK_WAIT) * 1000):.0f}ms"}

    def connect(_: Any, __: Any, cargs: tuple[Any, ...], cparams: dict[str, Any]) -> psycopg.Connection[TupleRow]:
        try:
            connection = _Connection.connect(*cargs, **cparams)
            connection.autocommit = True
            for name, value in settings.items():
                connection.execute("SELECT set_config(%s, %s, false)", (name, value))
            connection.autocommit = False
        except psycopg.Error as error:
            raise type(error)(redacted(str(error), url)) from None
        return connection

    def begin(connection: sa.Connection) -> None:
        raw: Any = connection.connection.dbapi_connection
        written = connection.get_execution_options().get(writes)
        raw.isolation_level = psycopg.IsolationLevel.READ_COMMITTED if written else psycopg.IsolationLevel.REPEATABLE_READ
        raw.read_only = not written

    sa.event.listen(engine, "do_connect", connect)
    sa.event.listen(engine, "begin", begin)
    return engine


class _Connection(psycopg.Connection[TupleRow]):
    """A connection that gives up a server that says nothing; psycopg itself would wait for ever."""

    def wait(self, gen: PQGen[T], *args: Any, **kwargs: Any) -> T:
        """Wait for what a step needs of the server, as long as the server goes on talking."""
        return super().wait(self._heard(gen, GREETING if self.autocommit else SILENCE), *args, **kwargs)

    def _heard(self, gen: PQGen[T], patience: float) -> Generator[Any, Any, T]:
        try:
            wanted = next(gen)
            deadline = time.monotonic() + patience
            while True:
                ready = yield wanted
                if ready:
                    deadline = time.monotonic() + patience
                elif time.monotonic() > deadline:
                    self.close()
                    raise psycopg.OperationalError(f"the server did not answer for {patience:g} s")
                wanted = gen.send(ready)
        except StopIteration as done:
            return done.value
