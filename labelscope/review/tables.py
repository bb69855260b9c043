"""The tables of a ledger: a head of one row, and one stream of entries that nothing ever changes or deletes.

The head has the first four columns since the first labelscope, so that every version can tell whether it knows the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa

from labelscope.review.chain import BrokenChain, Row, anchor, link
from labelscope.review.events import utc_now

__all__ = [
    "ENTRIES",
    "HEAD",
    "NUMBER",
    "SCHEMA",
    "Head",
    "append_rows",
    "create_tables",
    "head_of",
    "insert_rows",
    "is_there",
    "write_copy",
]

SCHEMA = 3  # 1 and 2: events, edits of the label set, samples and relations in tables of their own, nothing that proves them
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite numbers rows by INTEGER alone

_tables = sa.MetaData()
HEAD = sa.Table(
    "labelscope_ledger",
    _tables,
    sa.Column("schema", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("created", sa.Text, nullable=False),
    sa.Column("seq", NUMBER, nullable=False),  # number of the last entry
    sa.Column("hash", sa.Text),  # hash of the last entry
)
COPY = sa.Table(  # of what in the head never changes: where the head is damaged, entries can still be proved, and told whose they are
    "labelscope_about",
    _tables,
    sa.Column("schema", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("created", sa.Text, nullable=False),
    sa.Column("seq", NUMBER, nullable=False),  # always 0
)
ENTRIES = sa.Table(
    "labelscope_events",
    _tables,
    sa.Column("seq", NUMBER, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("client", sa.Text, unique=True),
    sa.Column("hash", sa.Text, nullable=False),
)


class Head(NamedTuple):
    """The head of a ledger; `hash` is None in those of schema 1 and 2."""

    schema: int
    fingerprint: str
    created: str
    seq: int
    hash: str | None


def is_there(connection: sa.Connection) -> bool:
    """Whether a database holds a ledger.

    Raises
    ------
    BrokenChain
        If it holds the other tables of one.
    """
    names = sa.inspect(connection).get_table_names()
    if HEAD.name in names:
        return True
    if any(name.startswith("labelscope_") for name in names):
        raise BrokenChain("its head is missing")
    return False


def head_of(connection: sa.Connection, *, locked: bool = False) -> Head:
    """The head of the ledger that a database holds.

    Parameters
    ----------
    connection : sqlalchemy.Connection
    locked : bool
        Whether nobody else may change it before this transaction ends.

    Raises
    ------
    BrokenChain
        If it is no head.
    """
    first = (HEAD.c.schema, HEAD.c.fingerprint, HEAD.c.created, HEAD.c.seq)
    rows = connection.execute(sa.select(*first).with_for_update() if locked else sa.select(*first)).all()
    if len(rows) != 1 or not isinstance(rows[0].schema, int) or not isinstance(rows[0].seq, int):
        raise BrokenChain("its head cannot be read")
    told = connection.execute(sa.select(HEAD.c.hash)).scalar_one() if rows[0].schema >= SCHEMA else None
    return Head(*rows[0], told)


def create_tables(connection: sa.Connection, fingerprint: str) -> Head:
    """Make an empty ledger."""
    _tables.create_all(connection)
    created = utc_now()
    head = Head(SCHEMA, fingerprint, created, 0, anchor(SCHEMA, fingerprint, created))
    connection.execute(sa.insert(HEAD).values(**head._asdict()))
    write_copy(connection, head)
    return head


def write_copy(connection: sa.Connection, head: Head) -> None:
    """Keep what never changes of a head a second time, in a page of its own."""
    COPY.create(connection, checkfirst=True)
    connection.execute(sa.insert(COPY).values(schema=SCHEMA, fingerprint=head.fingerprint, created=head.created, seq=0))


def insert_rows(connection: sa.Connection, rows: list[Row], head: Head) -> None:
    """Write rows behind the last one that the head tells of.

    Raises
    ------
    BrokenChain
        If the head was changed meanwhile.
    """
    statement = sa.insert(ENTRIES).compile(dialect=connection.dialect)
    values = rows if statement.positional else [row._asdict() for row in rows]
    connection.exec_driver_sql(str(statement), values)  # the columns are in the order of a row; a million of them need no more looking at
    known = (HEAD.c.seq == head.seq) & (HEAD.c.hash == head.hash)
    done = connection.execute(sa.update(HEAD).where(known).values(seq=rows[-1].seq, hash=rows[-1].hash))
    if done.rowcount != 1:
        raise BrokenChain("another program wrote at the same time: the locks of this drive do not work")


def append_rows(connection: sa.Connection, head: Head, said: Iterable[tuple[int, str, str, str | None]]) -> Head:
    """Write entries with numbers of their own, (seq, kind, payload, client), behind the last one; the head that follows."""
    rows, last = [], str(head.hash)
    for seq, kind, payload, client in said:
        last = link(last, seq, kind, payload, client)
        rows.append(Row(seq, kind, payload, client, last))
    if not rows:
        return head
    insert_rows(connection, rows, head)
    return head._replace(seq=rows[-1].seq, hash=last)
