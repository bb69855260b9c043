"""JSON lists: ``["a", "b"]``, and a name alone where a column of JSON holds one."""

from __future__ import annotations

import json

from labelscope.data.readings.bracketed import BracketedReading, Syntax

__all__ = ["JSON_LISTS"]

STRING = r'"(?:[^"\\]|\\.)*"'


def _read(raw: str) -> str | int:
    value = json.loads(raw)
    if isinstance(value, (str, int)):
        return value
    raise ValueError(raw)


def _write(token: str, integer: bool, like: str) -> str:
    return token if integer else json.dumps(token, ensure_ascii="\\u" in like)


JSON_LISTS = BracketedReading(
    Syntax(
        "json", "JSON lists", r"\[\s*", r"\s*\]", rf"(?:{STRING}|-?\d+)", r"\s*,\s*", _read, _write, ("[", ", ", "]"), 0.97,
        bare=rf"(?:{STRING}|-?\d+)",
    )
)  # fmt: skip
