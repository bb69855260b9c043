"""The chain: every row of a ledger carries a hash of itself and of the row before it, so that no bit of it changes unseen.

A row is a number, a kind, a payload (JSON) and, on the first row of what was written together, the writer's id of it. The first row hangs
on the head of the ledger, and the head repeats the last hash, so that nothing can be missing at either end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

__all__ = ["BrokenChain", "Row", "anchor", "follow", "link"]

_SIZE = 16  # bytes of a hash: enough to see every accident


class Row(NamedTuple):
    """One row of the ledger as it is kept.

    Attributes
    ----------
    seq : int
    kind : str
    payload : str
        JSON.
    client : str or None
        The writer's id of what was written together, on its first row.
    hash : str
    """

    seq: int
    kind: str
    payload: str
    client: str | None
    hash: str


class BrokenChain(Exception):  # noqa: N818 - what is the matter with the ledger; a LedgerError is made of it
    """Something in the ledger is not as it was written."""


def anchor(schema: int, fingerprint: str, created: str) -> str:
    """What the first row hangs on: the hash of the head of a ledger."""
    return blake2b(f"{schema}\n{fingerprint}\n{created}".encode(), digest_size=_SIZE).hexdigest()


def link(previous: str, seq: int, kind: str, payload: str, client: str | None) -> str:
    """The hash of a row.

    Parameters
    ----------
    previous : str
        The hash of the row before it.
    seq, kind, payload, client
        As in :class:`Row`.
    """
    text = f"{previous}\n{seq}\n{kind}\n{client or ''}\n{payload}"
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_SIZE).hexdigest()


def follow(rows: Iterable[Sequence[Any]], seq: int, previous: str) -> tuple[int, str]:
    """Go along rows (values as in :class:`Row`) from the number and hash of the row before them; number and hash of the last.

    Raises
    ------
    BrokenChain
        At the first row that is not what the one before it says.
    """
    for number, kind, payload, client, told in rows:
        if not number > seq or link(previous, number, kind, payload, client) != told:
            raise BrokenChain(f"entry {number:,} is not as it was written, or one before it is missing")
        seq, previous = number, told
    return seq, previous
