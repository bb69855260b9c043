"""Names joined by a delimiter, those that hold it in quotes: ``"Boats, rivers",Coding``."""

from __future__ import annotations

from labelscope.data.readings.bracketed import BracketedReading, Syntax

__all__ = ["QUOTED"]

ITEM = r"""(?:"(?:[^"]|"")*"|[^\s,;|"\[\](){}](?:[^,;|"\[\](){}]*[^\s,;|"\[\](){}])?)"""


def _read(raw: str) -> str | int:
    return raw[1:-1].replace('""', '"') if raw.startswith('"') else raw.strip()


def _write(token: str, integer: bool, like: str) -> str:  # noqa: ARG001 - names alone are quoted
    special = any(mark in token for mark in ',;|"') or like.startswith('"')
    return '"' + token.replace('"', '""') + '"' if special else token


QUOTED = BracketedReading(
    Syntax(
        "quoted", "names in quotes, joined by a delimiter", "", "", ITEM,
        r"\s*[,;|]\s*", _read, _write, ("", ",", ""), 0.95, silent_blank=False, typed=False, evidence='"',
    )
)  # fmt: skip
