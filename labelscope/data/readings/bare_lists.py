"""Lists without quotes: ``[a, b]`` of Java, Scala or doccano; and tags one behind the other: ``<a><b>``."""

from __future__ import annotations

from labelscope.data.readings.bracketed import BracketedReading, Syntax

__all__ = ["ANGLE_TAGS", "BARE_LISTS"]

ITEM = r"""[^\s\[\](){},;|"'](?:[^\[\]{},;|"]*[^\s\[\]{},;|"'])?"""


def _read(raw: str) -> str | int:
    return int(raw) if raw.isdecimal() and str(int(raw)) == raw else raw.strip()


def _write(token: str, integer: bool, like: str) -> str:  # noqa: ARG001 - nothing is quoted
    return token


BARE_LISTS = BracketedReading(
    Syntax(
        "brackets",
        "lists without quotes",
        r"(?:Array|List|Set)?[\[(]\s*",
        r"\s*[\])]",
        ITEM,
        r"\s*,\s*",
        _read,
        _write,
        ("[", ", ", "]"),
        0.9,
        typed=False,
        commas=True,
    )
)
ANGLE_TAGS = BracketedReading(
    Syntax(
        "tags",
        "tags in angle brackets",
        "<",
        ">",
        r"[^<>\s](?:[^<>]*[^<>\s])?",
        r">\s*<",
        lambda raw: raw.strip(),
        _write,
        ("<", "><", ">"),
        0.95,
        silent_blank=False,
        typed=False,
    )
)
