"""JSON lists in the style they were written in: spacing, escapes, or the repr of a Python list."""

from __future__ import annotations

import ast
import json
from typing import Any

__all__ = ["STYLES", "dump", "dump_like", "find_style", "parse_list"]

Style = tuple[str, bool]  # item separator, or "repr" for the text of a Python list; whether non-ASCII is escaped

STYLES: tuple[Style, ...] = ((", ", False), (",", False), (", ", True), (",", True), ("repr", False))


def parse_list(text: str) -> list[Any]:
    """The list that a JSON or Python list literal says.

    A Python literal is taken only if it is exactly the repr of its value, so that ``['a' 'b']`` (numpy's text of an
    array) is not read as one label "ab".

    Raises
    ------
    ValueError
        If it is neither.

    Examples
    --------
    >>> parse_list('["a", "b"]'), parse_list("['a', 'b']")
    (['a', 'b'], ['a', 'b'])
    """
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("no JSON list") from None
    except ValueError:
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            raise ValueError("no JSON list") from None
        if repr(value) != text.strip():
            raise ValueError("no JSON list") from None
    if not isinstance(value, list):
        raise ValueError("no JSON list")  # noqa: TRY004 - the caller asks one question: is this a list
    return value


def dump(value: Any, style: Style) -> str:
    """Text of a value in a style."""
    separator, escape = style
    if separator == "repr":
        return repr(value)
    return json.dumps(value, ensure_ascii=escape, separators=(separator, ":" if separator == "," else ": "))


def find_style(text: str) -> Style | None:
    """The style in which `text` is written, if it is one of ours (the first that fits)."""
    try:
        value = json.loads(text)
    except ValueError:
        return ("repr", False)
    return next((style for style in STYLES if dump(value, style) == text.strip()), None)


def dump_like(text: str, value: Any, around: str) -> str:
    """JSON of `value` in the style of the JSON `text`, or of the object `around` it where `text` shows no style."""
    shown = text if "," in text else around
    return dump(value, find_style(shown) or STYLES[0])
