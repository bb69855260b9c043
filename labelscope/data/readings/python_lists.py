"""The text of a Python list, tuple or set, as pandas writes it to CSV."""

from __future__ import annotations

import ast

from labelscope.data.readings.bracketed import BracketedReading, Syntax

__all__ = ["PYTHON_LISTS"]

STRING = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""


def read_literal(raw: str) -> str | int:
    """A Python string or integer.

    Raises
    ------
    ValueError
        If it is neither.
    """
    try:
        value = ast.literal_eval(raw)
    except SyntaxError:
        raise ValueError(raw) from None
    if isinstance(value, (str, int)):
        return value
    raise ValueError(raw)


def write_literal(token: str, integer: bool, like: str) -> str:
    """A Python string or integer; with double quotes where all are so."""
    if integer:
        return token
    text = repr(token)
    if like.startswith('"') and text.startswith("'") and '"' not in token:
        return f'"{text[1:-1]}"'
    return text


PYTHON_LISTS = BracketedReading(
    Syntax(
        "python", "Python lists", r"(?:frozenset\(\s*\{|list\(\[|\[|\(|\{)\s*", r"\s*,?\s*(?:\}\)|\]\)|\]|\)|\})",
        rf"(?:{STRING}|-?\d+)", r"\s*,\s*", read_literal, write_literal, ("[", ", ", "]"), 0.96,
    )
)  # fmt: skip
