"""Vectors of R: ``c("a", "b")``; one element stands alone."""

from __future__ import annotations

from labelscope.data.readings.bracketed import BracketedReading, Syntax
from labelscope.data.readings.python_lists import STRING, read_literal, write_literal

__all__ = ["R_VECTORS"]


def _read(raw: str) -> str | int:
    if raw.startswith(("'", '"')):
        return read_literal(raw)
    number = raw.rstrip("L")
    return int(number) if number.lstrip("-").isdecimal() else raw.strip()


def _write(token: str, integer: bool, like: str) -> str:
    if integer:
        return f"{token}L" if like.endswith("L") else token
    return write_literal(token, integer, like or '"')


R_VECTORS = BracketedReading(
    Syntax(
        "r", "R vectors", r"(?:c|list)\(\s*", r"\s*\)", rf"(?:{STRING}|-?\d+L?)", r"\s*,\s*", _read, _write, ("c(", ", ", ")"), 0.95,
        bare=rf"(?:{STRING}|-?\d+L?|[^\"'(){{}}\[\],]+)",
    )
)  # fmt: skip
