"""A key that stands twice in one object of JSON or Python. Readers take the last value and say nothing; here it is refused."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from typing import Any

import polars as pl

from labelscope.errors import DataError

__all__ = ["check_objects", "load_json", "repeated_key"]

TWO_KEYS = r"(?s)[{,]\s*[\"'].*[\"']\s*:.*[\"']\s*:"


class _Repeated(Exception):  # noqa: N818 - what was found
    """Carries the key out of the parser."""


def load_json(text: str | bytes, role: str) -> Any:
    """The value of a JSON text in which no object has a key twice.

    Parameters
    ----------
    text : str or bytes
    role : str
        The argument or the file, for the message.

    Raises
    ------
    DataError
        If one has, with the key.
    ValueError
        If it is no JSON.
    """
    try:
        return json.loads(text, object_pairs_hook=_once)
    except _Repeated as found:
        raise DataError(f"{role}: expected each key once in an object, got {found} twice; keep the value that is right") from None


def repeated_key(text: str) -> str | None:
    """The first key that stands twice in an object of a JSON or Python literal, as it is shown; None if there is none.

    Examples
    --------
    >>> repeated_key('{"a": 1, "b": {"c": 1, "c": 0}}'), repeated_key("{'a': 1, 'b': 2}"), repeated_key("a: b")
    ("'c'", None, None)
    """
    try:
        _DECODE(text.strip())
    except _Repeated as found:
        return str(found)
    except RecursionError:
        return None
    except ValueError:
        return _in_python(text)
    return None


def check_objects(cells: pl.Series) -> None:
    """Refuse a text that is an object, or a list of objects, with a key twice; it is in a column of labels.

    Raises
    ------
    DataError
        With the row.
    """
    several = cells.filter(cells.str.contains(r"^\s*[\[{(]") & cells.str.contains(TWO_KEYS)).unique(maintain_order=True)
    for text in several.to_list():
        if (key := repeated_key(text)) is not None:
            row = (cells == text).arg_true()[0]
            raise DataError(
                f"labels: expected each key once in an object in {cells.name!r}, got {key} twice in row {row}; keep the value that is right"
            )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _Repeated(repr(next(name for name in names if names.count(name) > 1)))
    return found


def _in_python(text: str) -> str | None:
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            names = [repr(key.value) for key in node.keys if isinstance(key, ast.Constant)]
            if len(set(names)) < len(names):
                return next(name for name in names if names.count(name) > 1)
    return None


_DECODE: Callable[[str], Any] = json.JSONDecoder(object_pairs_hook=_once).decode
