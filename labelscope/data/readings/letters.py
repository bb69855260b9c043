"""Labels of one character each with nothing between them: ``ABD``, ``135``."""

from __future__ import annotations

from dataclasses import dataclass, replace

from labelscope.data.readings.bracketed import BracketedReading, Syntax
from labelscope.data.readings.column import Column
from labelscope.data.readings.reading import Offer
from labelscope.data.readings.unusual_marks import LETTER

__all__ = ["LETTERS"]

ITEM = LETTER.replace("\\x{FE0F}", "\ufe0f").replace("\\x{200D}", "\u200d")  # for Python's patterns and those of polars alike


def _write(token: str, integer: bool, like: str) -> str:  # noqa: ARG001 - nothing is quoted
    return token


@dataclass(frozen=True)
class LettersReading(BracketedReading):
    """Never taken unasked: such texts may be names."""

    def offer(self, column: Column, unlisted: str) -> list[Offer]:
        """The column as labels of one character, where it may be that."""
        if not column.glued_letters:
            return []
        return [replace(offer, score=0.5) for offer in super().offer(column, unlisted)]


LETTERS = LettersReading(
    Syntax(
        "letters", "labels of one letter each, side by side", "", "", ITEM, "", lambda raw: raw, _write, ("", "", ""), 0.5,
        silent_blank=False, typed=False,
    )
)  # fmt: skip
