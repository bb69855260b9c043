"""Why a ledger could not take or give a decision, in one line that says what to do about it."""

from __future__ import annotations

import errno

from labelscope.errors import LedgerError, OtherDataSet, OutcomeUnknown

__all__ = ["other_data_set", "reason", "unknown_outcome"]

_ELSEWHERE = "name a file that you can write with ledger="
_AGAIN = "decide again in a moment"
_GONE = "the server is not there"
_REASONS = (
    # what the database says, what that means, what to do
    ("is locked", "another program holds it", "close that program or wait, then decide again"),
    ("is full", "the disk is full", "free some space, then decide again"),
    ("readonly", "it can only be read", _ELSEWHERE),
    ("unable to open", "it cannot be opened or created there", _ELSEWHERE),
    ("not a database", "expected a labelscope ledger, got another or a broken file", "name another file with ledger="),
    ("malformed", "expected a labelscope ledger, got a broken file", "restore it from a copy, or name another file with ledger="),
    ("refused", _GONE, "start it, or check host and port, then decide again"),
    ("did not answer", "the server is silent", "wait until it answers, then decide again"),
    ("timeout expired", "the server is silent", "check host and port, or wait until it answers, then decide again"),
    ("starting up", _GONE, _AGAIN),
    ("shutting down", _GONE, _AGAIN),
    ("closed the connection", _GONE, _AGAIN),
    ("connection is lost", _GONE, _AGAIN),
    ("password", "the server does not let you in", "check user and password"),
    ("no such table", "expected a labelscope ledger, got a database with half of its tables", "restore it from a copy"),
)
_STATES = {  # the same by PostgreSQL's code, because its texts come in the language of the server
    "25006": ("it can only be read", "name a database that you can write with ledger="),
    "42501": (
        "you may not make or write its tables",
        "use the name of who made the ledger, or ask for GRANT CREATE, USAGE ON SCHEMA public",
    ),
    "42P01": ("expected a labelscope ledger, got a database with half of its tables", "restore it from a copy"),
    "53100": ("the disk of the server is full", "free some space there, then decide again"),
    "53300": ("the server takes no more connections", "shut down kernels that are not needed, then decide again"),
    "55P03": ("another program holds it", "close that program or wait, then decide again"),
    "57014": ("the server took too long", _AGAIN),
    "57P01": (_GONE, _AGAIN),
    "57P02": (_GONE, _AGAIN),
    "57P03": (_GONE, _AGAIN),
}


def unknown_outcome(name: str, error: Exception, client: str) -> OutcomeUnknown:
    """The refusal where nobody could say whether a decision was written."""
    told = " ".join(str(getattr(error, "orig", None) or error).split())
    return OutcomeUnknown(
        f"ledger {name}: it is unknown whether the decision was written ({told}); decide again: that looks first, and never decides twice",
        client,
    )


def reason(name: str, error: Exception) -> LedgerError:
    """The refusal that a failure of the database or of the file system stands for.

    Parameters
    ----------
    name : str
        The ledger, as shown to people.
    error : SQLAlchemyError, sqlite3.Error or OSError
    """
    if isinstance(error, OSError):
        told, remedy = error.strerror or str(error), _ELSEWHERE
        if error.errno == errno.ENOSPC:
            told, remedy = "the disk is full", "free some space, then decide again"
        return LedgerError(f"ledger {name}: {told}; nothing was written; {remedy}")
    text = " ".join(str(getattr(error, "orig", None) or error).split())
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    known = _STATES.get(state or "") or next(((meaning, remedy) for said, meaning, remedy in _REASONS if said in text), None)
    if known is not None:
        return LedgerError(f"ledger {name}: {known[0]} ({text}); nothing was written; {known[1]}")
    return LedgerError(f"ledger {name}: {text}; nothing was written; check the database, or name another with ledger=")


def other_data_set(name: str, expected: str, got: str) -> OtherDataSet:
    """The refusal of a ledger that is about another data set."""
    return OtherDataSet(
        f"ledger {name}: expected decisions about this data set ({expected[:8]}), got those about another ({got[:8]}); "
        f"read the table as it was when they were made, or start a new ledger with ledger=",
        name,
    )
