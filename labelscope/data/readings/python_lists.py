"""The text of a Python list, tuple or set, as pandas writes it to CSV."""

from __future__ import annotations

import ast
import re

from labelscope.data.readings.bracketed import BracketedReading, Syntax

__all__ = ["PYTHON_LISTS"]

STRING = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""


WRAPPED = re.compile(r"np\.(?:str_|int\d+)\((.*)\)", re.DOTALL)  # as numpy 2 shows a value in a list


def read_literal(raw: str) -> str | int:
    """A Python string or integer.

    Raises
    ------
    ValueError
        If it is neither.
    """
    try:
        value = ast.literal_eval(WRAPPED.sub(r"\1", raw))
    except SyntaxError:
        raise ValueError(raw) from None
    if isinstance(value, (str, int)):
        return value
    raise ValueError(raw)


def write_literal(token: str, integer: bool, like: str) -> str:
    """A Python string or integer; with double quotes where all are so."""
    if WRAPPED.fullmatch(like):
        inner = write_literal(token, integer, WRAPPED.sub(r"\1", like))
        return f"{like.partition('(')[0]}({inner})"
    if integer:
        return token
    text = repr(token)
    if like.startswith('"') and text.startswith("'") and '"' not in token:
        return f'"{text[1:-1]}"'
    return text


PYTHON_LISTS = BracketedReading(
    Syntax(
        "python", "Python lists",
        r"(?:frozenset\(\s*\{|(?:list|deque|dict_keys|dict_values|OrderedSet)\(\[|\[|\(|\{)\s*",
        r"\s*,?\s*(?:\}\)|\]\)|\]|\)|\})",
        rf"(?:u?{STRING}|np\.str_\({STRING}\)|np\.int\d+\(-?\d+\)|-?\d+)", r"\s*,\s*", read_literal, write_literal, ("[", ", ", "]"), 0.96,
    )
)  # fmt: skip
