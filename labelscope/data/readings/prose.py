"""Names as people list them: "a, b and c"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import polars as pl

from labelscope.data.readings.column import Column
from labelscope.data.readings.evidence import PROSE, PROSE_LAST
from labelscope.data.readings.joined import JoinedCells
from labelscope.data.readings.reading import Offer
from labelscope.data.readings.sets import CellSets
from labelscope.data.readings.vocabulary import build_vocabulary
from labelscope.errors import DataError

__all__ = ["PROSE_TEXT"]


@dataclass(frozen=True)
class ProseCells:
    """Names joined by commas, the last one by a word.

    Attributes
    ----------
    joined : JoinedCells
        How the names are written once that word is a comma.
    last : str
        What stands before the last name in most cells.
    """

    joined: JoinedCells
    last: str

    def missing(self, cells: pl.Series) -> pl.Series:
        """Null cells, unless null means "no label"."""
        return self.joined.missing(cells)

    def tokens(self, cells: pl.Series) -> pl.DataFrame:
        """A line for each name."""
        return self.joined.tokens(cells.str.replace(PROSE_LAST, ","))

    def revise(self, cell: str | None, drop: AbstractSet[str], add: Sequence[str]) -> str | None:
        """The text without `drop` and with `add`, in the same words."""
        found = re.search(PROSE_LAST, cell or "")
        names = [name.strip() for name in re.sub(PROSE_LAST, ",", cell or "", count=1).split(",") if name.strip()]
        kept = [name for name in names if name not in drop]
        new = [*kept, *(token for token in add if token not in kept)]
        if new == names:
            return cell
        for token in new:
            if "," in token or re.search(PROSE_LAST, token):
                raise DataError(f"export: expected labels that a list in words can hold, got {token!r}; rename it")
        if not new:
            return self.joined.empty
        return new[0] if len(new) == 1 else ", ".join(new[:-1]) + (found.group() if found else self.last) + new[-1]

    def blank(self) -> None:
        """Null."""


@dataclass(frozen=True)
class ProseReading:
    """Names as people list them."""

    formats: tuple[str, ...] = ("prose",)

    def offer(self, column: Column, unlisted: str) -> list[Offer]:
        """The column, if its names recur once "and" is taken for a comma."""
        if column.cells.dtype != pl.String or not len(column.texts) or column.structured or column.delimiter.mark != PROSE:
            return []
        refusal = column.delimiter.refusal
        return [replace(self._made(column, unlisted, 0.92), refusal=refusal)]

    def forced(self, column: Column, unlisted: str, name: str, detail: str) -> Offer:  # noqa: ARG002 - one way only
        """The column split at commas and "and"."""
        if column.cells.dtype != pl.String:
            raise DataError(
                f"labels_format: expected text in {column.name!r} for {name!r}, got {column.cells.dtype}; leave labels_format out"
            )
        return self._made(column, unlisted, 1.0)

    def _made(self, column: Column, unlisted: str, score: float) -> Offer:
        texts = column.texts["text"]
        lasts = texts.str.extract(f"({PROSE_LAST})", 1).drop_nulls().value_counts(sort=True, name="n")
        empty = None if column.text_only and not (column.cells == "").any() else ""
        joined = JoinedCells(",", "", " ", empty, null_is_empty=column.text_only)
        codec = ProseCells(joined, lasts.to_series(0)[0] if lasts.height else " and ")
        vocabulary = build_vocabulary(codec.tokens(texts)["token"].unique(maintain_order=True), column.label_names)
        encoding = CellSets(column.name, codec, vocabulary, unlisted, column.silence)
        return Offer("prose", "names joined by ',' and 'and'", encoding, score, column.delimiter.why, "labels_format='prose'")


PROSE_TEXT = ProseReading()
