"""One value of one JSON object replaced in its text, everything around it untouched."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any

from labelscope.data.readings.json_style import dump_like

__all__ = ["replace_value"]

SPACE = re.compile(r"[ \t\r\n]*")
DECODER = json.JSONDecoder()


def replace_value(line: str, key: str, value: Any) -> str:
    """The line with ``object[key] = value``, unless it says so already; a missing key goes to the end.

    Examples
    --------
    >>> replace_value('{"id": 1,"tags":["a","b"], "x":1.0}', "tags", ["a"])
    '{"id": 1,"tags":["a"], "x":1.0}'
    """
    spans, end = _members(line)
    if key in spans:
        start, stop = spans[key]
        text = line[start:stop]
        new = _like(text, value, line)
        return line if new is None else line[:start] + new + line[stop:]
    if value is None:
        return line
    colon = ": " if re.search(r'":\s', line) else ":"
    comma = (", " if re.search(r",\s", line) or colon == ": " else ",") if spans else ""
    body = line[:end].rstrip()
    return f"{body}{comma}{json.dumps(key)}{colon}{json.dumps(value)}{line[len(body) :]}"


def _like(text: str, value: Any, line: str) -> str | None:
    """`value` in the style of the text it replaces, or None if the text says the same."""
    old = json.loads(text)
    if isinstance(value, str) and not isinstance(old, str) and old is not None:  # a number in a column read as strings
        with contextlib.suppress(ValueError):
            value = json.loads(value)
    if isinstance(value, float) and isinstance(old, int) and value.is_integer():
        value = bool(value) if isinstance(old, bool) else int(value)
    if old == value and isinstance(old, bool) == isinstance(value, bool):
        return None
    return dump_like(text, value, line)


def _members(line: str) -> tuple[dict[str, tuple[int, int]], int]:
    """Where the value of each key lies, and where the closing brace is."""
    spans: dict[str, tuple[int, int]] = {}
    at = _skip(line, _skip(line, 0) + 1)
    while line[at] != "}":
        key, at = DECODER.raw_decode(line, at)
        start = _skip(line, _skip(line, at) + 1)
        _, at = DECODER.raw_decode(line, start)
        spans[key] = (start, at)
        at = _skip(line, at)
        if line[at] == ",":
            at = _skip(line, at + 1)
    return spans, at


def _skip(line: str, at: int) -> int:
    found = SPACE.match(line, at)
    return found.end() if found else at
