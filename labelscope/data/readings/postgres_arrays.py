"""Arrays of PostgreSQL: ``{coding,"Live music"}``; an element is quoted only where it must be."""

from __future__ import annotations

import re

from labelscope.data.readings.bracketed import BracketedReading, Syntax

__all__ = ["POSTGRES_ARRAYS"]

ITEM = r"""(?:"(?:[^"\\]|\\.)*"|[^\s{},"'\\](?:[^{},"\\]*[^\s{},"\\])?)"""
NEEDS_QUOTES = re.compile(r'[\s{}",\\]|^$|^null$', re.IGNORECASE)


def _read(raw: str) -> str | int:
    if raw.startswith('"'):
        return re.sub(r"\\(.)", r"\1", raw[1:-1])
    if raw.lower() == "null":
        raise ValueError(raw)
    return int(raw) if raw.isdecimal() and str(int(raw)) == raw else raw.strip()


def _write(token: str, integer: bool, like: str) -> str:  # noqa: ARG001 - quotes depend on the element alone
    if not NEEDS_QUOTES.search(token):
        return token
    escaped = token.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


POSTGRES_ARRAYS = BracketedReading(
    Syntax(
        "postgres", "PostgreSQL arrays", r"\{", r"\}", ITEM, r"\s*,\s*", _read, _write,
        ("{", ",", "}"), 0.93, typed=False,
    )
)  # fmt: skip
