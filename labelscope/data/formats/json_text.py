"""One value of one JSON object replaced in its text, everything around it untouched."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from labelscope.data.readings.json_style import dump_like

__all__ = ["BOM", "elements", "member_spans", "member_texts", "replace_text", "replace_value", "value_span"]

BOM = b"\xef\xbb\xbf"
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
        new = _like(line[start:stop], value, line)
        return line if new is None else line[:start] + new + line[stop:]
    return line if value is None else _appended(line, end, key, json.dumps(value), empty=not spans)


def replace_text(line: str, key: str, text: str | None) -> str:
    """The line with the JSON `text` under a key, unless the value there is the same; None is null.

    Examples
    --------
    >>> replace_text('{"cats": {"a": 1.0}}', "cats", '{"a": 0.0}')
    '{"cats": {"a": 0.0}}'
    """
    spans, end = _members(line)
    if key not in spans:
        return line if text is None else _appended(line, end, key, text, empty=not spans)
    start, stop = spans[key]
    same = json.dumps(json.loads(line[start:stop])) == json.dumps(None if text is None else json.loads(text))
    return line if same else line[:start] + ("null" if text is None else text) + line[stop:]


def member_texts(line: str, keys: Collection[str]) -> dict[str, str]:
    """The JSON text under each of some keys of an object, as far as they are there.

    Examples
    --------
    >>> member_texts('{"a": [1,  2], "b": 3}', ["a", "c"])
    {'a': '[1,  2]'}
    """
    spans, _ = _members(line)
    return {key: line[slice(*spans[key])] for key in keys if key in spans}


def member_spans(text: str, at: int = 0) -> list[tuple[int, int]]:
    """Where the values of an object lie, in the order of its keys."""
    return list(_members(text, at)[0].values())


def value_span(text: str, path: Sequence[str | int], at: int = 0) -> tuple[int, int]:
    """Where the value under a path of keys and positions lies in a JSON text.

    Examples
    --------
    >>> text = '{"a": [1, {"b": [2]}]}'
    >>> text[slice(*value_span(text, ["a", 1, "b"]))]
    '[2]'
    """
    at = _skip(text, at)
    if not path:
        return at, DECODER.raw_decode(text, at)[1]
    spans = _members(text, at)[0] if text[at] == "{" else dict(enumerate(elements(text, at)))
    return value_span(text, path[1:], spans[path[0]][0])  # type: ignore[index]


def elements(text: str, at: int = 0) -> Iterator[tuple[int, int]]:
    """Where each element of a JSON array lies.

    Raises
    ------
    ValueError
        If the array is cut off, or an element is no JSON.
    """
    at = _skip(text, _skip(text, at) + 1)
    while text[at : at + 1] != "]":
        _, end = DECODER.raw_decode(text, at)
        yield at, end
        at = _skip(text, end)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != "]":
            raise json.JSONDecodeError("Expecting ',' delimiter", text, at)


def _appended(line: str, end: int, key: str, text: str, *, empty: bool) -> str:
    """The line with one more member at the end of its object."""
    colon = ": " if re.search(r'":\s', line) else ":"
    comma = "" if empty else (", " if re.search(r",\s", line) or colon == ": " else ",")
    body = line[:end].rstrip()
    return f"{body}{comma}{json.dumps(key)}{colon}{text}{line[len(body) :]}"


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


def _members(line: str, at: int = 0) -> tuple[dict[str, tuple[int, int]], int]:
    """Where the value of each key lies, and where the closing brace is."""
    spans: dict[str, tuple[int, int]] = {}
    at = _skip(line, _skip(line, at) + 1)
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
