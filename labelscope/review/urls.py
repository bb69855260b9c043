"""URLs of databases: which of them can hold a ledger, and how to speak of one without its password.

A URL that cannot be read is never repeated in a message, because nobody can say which part of it is the password.
"""

from __future__ import annotations

import os
import re
from urllib.parse import quote, quote_plus

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from labelscope.errors import LedgerError

__all__ = ["parse_url", "redacted", "shown_url"]

DRIVERS = {"sqlite": "pysqlite", "postgresql": "psycopg"}  # the databases that are tried, by the one driver of each
_REMEDY = "name a file, or postgresql://user@host/database"
_SCHEME = re.compile(r"([A-Za-z][\w+.-]{0,30})://")
_MEANT = re.compile(
    r"(?:postgres|postgresql|sqlite|mysql|mariadb|oracle|mssql)(?:\+\w+)?(?::|//)", re.IGNORECASE
)  # a URL without its slashes or colon
_KEYWORDS = re.compile(r"\bpassword\s*=", re.IGNORECASE)  # host=... password=..., as the programs of PostgreSQL take it
_SECRET_OPTIONS = ("password", "sslpassword")


def parse_url(place: str | os.PathLike[str] | sa.URL) -> sa.URL | None:
    """The URL that a place is, with the driver that labelscope uses; None for a path.

    Parameters
    ----------
    place : path or SQLAlchemy URL

    Raises
    ------
    LedgerError
        If it is meant as a URL and cannot be read, or is one of another database or driver.
    """
    url = place if isinstance(place, sa.URL) else _read(str(place).strip())
    if url is None:
        return None
    if url.password == "***":  # noqa: S105 - what stands for one
        raise LedgerError("ledger: expected a database URL, got one whose password is hidden (***); give the URL as you wrote it")
    backend, _, driver = url.drivername.lower().partition("+")
    backend = "postgresql" if backend == "postgres" else backend
    if backend not in DRIVERS:
        raise LedgerError(f"ledger: expected a file or the URL of a database that is SQLite or PostgreSQL, got {backend}; {_REMEDY}")
    if driver not in ("", DRIVERS[backend]):
        raise LedgerError(
            f"ledger: expected the driver {DRIVERS[backend]} for {backend}, got {driver}; write {backend}:// without a driver"
        )
    return url.set(drivername=f"{backend}+{DRIVERS[backend]}" if backend == "postgresql" else backend)


def shown_url(url: sa.URL) -> str:
    """A URL as shown to people: without password, driver and options."""
    return url.set(drivername=url.get_backend_name(), query={}).render_as_string(hide_password=True)


def redacted(text: str, url: sa.URL) -> str:
    """A text of others about a URL, for instance the driver's, with three stars for each password of the URL."""
    given = [url.password, *(url.query.get(name) for name in _SECRET_OPTIONS)]
    secrets = {str(part) for value in given if value for part in (value if isinstance(value, tuple) else (value,))}
    forms = {form for secret in secrets if secret for form in (secret, quote(secret), quote(secret, safe=""), quote_plus(secret))}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, "***")
    return text


def _read(text: str) -> sa.URL | None:
    if "://" not in text and not _MEANT.match(text) and not _KEYWORDS.search(text):
        return None
    try:
        url = sa.make_url(text)
        if url.get_backend_name() == "sqlite" or not any("@" in (part or "") for part in (url.host, url.database)):
            return url
    except (SQLAlchemyError, ValueError):
        pass
    scheme = _SCHEME.match(text)
    got = f"one of {scheme[1]}" if scheme else "one"
    raise LedgerError(
        f"ledger: expected a file or a database URL, got {got} that cannot be read (not shown, because it may hold a password); write "
        f"postgresql://user:password@host:5432/database, with %40 for @, %2F for / and %3A for : in the password"
    )
