"""The remedies that a message names, as arguments: "pass id='image' and values='there', or missing=['-']" says two of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

__all__ = ["remedies_of"]

LONGEST = 2000  # characters of a value
TOGETHER = re.compile(r"\s*(,|and|with)\s*(pass\s*)?")


def remedies_of(line: str, arguments: Iterable[str]) -> list[dict[str, str | list[str]]]:
    """The ways out that a message names, in their order: the arguments that go together, by name.

    Parameters
    ----------
    line : str
        A message, or the argument of a reading.
    arguments : iterable of str
        Names of arguments that there are; what else is in the line is left alone.

    Examples
    --------
    >>> remedies_of("pass id='image' and values='there', or missing=['-', 'NA']", ["id", "missing", "values"])
    [{'id': 'image', 'values': 'there'}, {'missing': ['-', 'NA']}]
    """
    found: list[dict[str, str | list[str]]] = []
    end = -1
    for match in re.finditer(rf"(?<![\w.])({'|'.join(map(re.escape, arguments))})=(?=['\"\[])", line):
        said = _literal(line[match.end() : match.end() + LONGEST])
        if said is None:
            continue
        value, length = said
        beside = end >= 0 and TOGETHER.fullmatch(line[end : match.start()]) and match[1] not in found[-1]
        if beside:
            found[-1][match[1]] = value
        else:
            found.append({match[1]: value})
        end = match.end() + length
    return [one for k, one in enumerate(found) if one not in found[:k]]


def _literal(text: str) -> tuple[str | list[str], int] | None:
    """The text, or list of texts, that a line starts with, and how many characters that are."""
    closing = "]" if text[0] == "[" else text[0]
    for end in (at + 1 for at, mark in enumerate(text) if mark == closing and at):
        try:
            value = ast.literal_eval(text[:end])
        except (SyntaxError, ValueError):
            continue
        if isinstance(value, str) or (isinstance(value, list) and all(isinstance(part, str) for part in value)):
            return value, end
        return None
    return None
