"""numpy's text of an array: ``['a' 'b']``."""

from __future__ import annotations

from labelscope.data.readings.bracketed import BracketedReading, Syntax
from labelscope.data.readings.python_lists import STRING, read_literal, write_literal

__all__ = ["NUMPY_TEXT"]

NUMPY_TEXT = BracketedReading(
    Syntax(
        "numpy", "numpy arrays", r"(?:array\(|Index\()?\[\s*", r"\s*\](?:,\s*dtype=[\w<'\"]+\)|\))?", rf"(?:{STRING}|-?\d+)",
        r"(?:\s+|\s*,\s*)", read_literal, write_literal, ("[", " ", "]"), 0.95,
    )
)  # fmt: skip
