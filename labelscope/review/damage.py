"""A ledger that is not as it was written: said in one line, with what can still be read of it and how to save that."""

from __future__ import annotations

import shlex
import sqlite3
from pathlib import Path

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from labelscope.errors import LedgerError
from labelscope.review.chain import BrokenChain
from labelscope.review.recovery import survey

__all__ = ["damaged"]

_SURROUNDINGS = ("is locked", "is full", "readonly", "read-only", "unable to open", "interrupted", "out of memory")  # not of the file
_BROKEN = ("malformed", "not a database", "no such table", "no such column", "Could not decode")  # what SQLite says of a broken file


def damaged(name: str, path: Path | None, error: Exception, *, in_use: bool) -> LedgerError | None:
    """The refusal of a ledger that is not as it was written, or None if the failure is another one.

    Parameters
    ----------
    name : str
        The ledger, as shown to people.
    path : Path or None
        Its SQLite file.
    error : Exception
    in_use : bool
        Whether it was whole when it was read before.
    """
    cause = getattr(error, "orig", None) or error
    proved = isinstance(error, (BrokenChain, msgspec.MsgspecError))
    if not proved and (path is None or not isinstance(error, (SQLAlchemyError, sqlite3.Error)) or _holds(cause, _SURROUNDINGS)):
        return None
    if not proved and in_use and not _holds(cause, _BROKEN):
        return None
    found = None if path is None or not path.exists() else survey(path)
    if not proved and not in_use and (found is None or not found.rows):
        return None  # no ledger, and never was one
    told = " ".join(str(cause).split())
    changed = "was changed, removed or replaced while in use" if in_use else "is damaged"
    saved = "" if found is None else f"; {found.summary}"
    where = "URL" if path is None else shlex.quote(str(path))
    return LedgerError(f"ledger {name}: it {changed} ({told}){saved}; save what can be saved: labelscope ledger recover {where}")


def _holds(cause: BaseException, texts: tuple[str, ...]) -> bool:
    return any(text in str(cause) for text in texts)
