r"""JSON that was encoded twice: a JSON text that holds a JSON list, as ``"[\"a\", \"b\"]"``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from labelscope.data.readings.choices import CHOICES
from labelscope.data.readings.column import Column
from labelscope.data.readings.json_lists import JSON_LISTS, STRING
from labelscope.data.readings.reading import Offer, Reading
from labelscope.data.readings.records import RECORDS
from labelscope.data.readings.sets import CellSets, SetCodec
from labelscope.errors import DataError

__all__ = ["ENCODED_TWICE"]

INNER: tuple[Reading, ...] = (JSON_LISTS, CHOICES, RECORDS)
FORMAT = "twice"
WHOLE = rf"^\s*{STRING}\s*$"
HOLDS = r'^\s*"\s*[\[{]'  # a list or an object is inside


@dataclass(frozen=True)
class EncodedTwice:
    """Cells that another codec reads once their outer JSON text is taken off.

    Attributes
    ----------
    column : str
    inner : SetCodec
    """

    column: str
    inner: SetCodec

    @property
    def integers(self) -> bool:
        """Whether labels are integer ids."""
        return bool(getattr(self.inner, "integers", False))

    def missing(self, cells: pl.Series) -> pl.Series:
        """Null and blank cells."""
        return cells.cast(pl.String).str.strip_chars().fill_null("") == ""

    def tokens(self, cells: pl.Series) -> pl.DataFrame:
        """A line for each label of each cell.

        Raises
        ------
        DataError
            If a cell is no JSON text.
        """
        return self.inner.tokens(_decoded(cells, self.column))

    def revise(self, cell: str | None, drop: AbstractSet[str], add: Sequence[str]) -> str | None:
        """The cell without `drop` and with `add`, encoded twice again."""
        inside = None if cell is None or not cell.strip() else json.loads(cell)
        made = self.inner.revise(inside, drop, add)
        if made == inside:
            return cell
        return None if made is None else json.dumps(made, ensure_ascii=cell is None or cell.isascii())

    def blank(self) -> None:
        """Null."""


@dataclass(frozen=True)
class EncodedTwiceReading:
    """The reading of a column in which each cell is the JSON text of a JSON list or object."""

    formats: tuple[str, ...] = (FORMAT,)

    def offer(self, column: Column, unlisted: str) -> list[Offer]:
        """The column, if every cell is written so and what is inside can be read in one way."""
        texts = column.texts["text"]
        if column.cells.dtype != pl.String or not len(texts):
            return []
        if not texts.str.contains(WHOLE).all() or not texts.str.contains(HOLDS).any():
            return []
        inside = replace(column, cells=_decoded(column.cells.set(~column.cells.str.contains(WHOLE), None), column.name))
        for reading in INNER:
            for offer in reading.offer(inside, unlisted):
                if isinstance(offer.encoding, CellSets):
                    return [self._wrapped(column, offer, offer.encoding)]
        return []

    def forced(self, column: Column, unlisted: str, name: str, detail: str) -> Offer:  # noqa: ARG002 - what is inside is seen
        """The column as JSON that was encoded twice."""
        for offer in self.offer(column, unlisted):
            return offer
        raise DataError(f"{name}: expected JSON texts that hold JSON lists in {column.name!r}, got others; leave labels_format out")

    def _wrapped(self, column: Column, offer: Offer, inner: CellSets) -> Offer:
        encoding = replace(inner, codec=EncodedTwice(column.name, inner.codec), silence=column.silence)
        title = f"{offer.title} inside JSON texts"
        return Offer(FORMAT, title, encoding, 0.97, "every cell was encoded twice", f"labels_format={FORMAT!r}", offer.refusal)


def _decoded(cells: pl.Series, name: str) -> pl.Series:
    """What the JSON text of each cell says; null where there is none."""
    different = cells.drop_nulls().unique(maintain_order=True)
    return cells.replace_strict(
        different, pl.Series([_text(cell, name) for cell in different.to_list()], dtype=pl.String), default=None, return_dtype=pl.String
    )


def _text(cell: str, name: str) -> str | None:
    if not cell.strip():
        return None
    value: Any = None
    with suppress(ValueError):
        value = json.loads(cell)
    if not isinstance(value, str):
        raise DataError(f"labels: expected JSON texts in {name!r}, got {cell[:60]!r}; mend that cell")
    return value


ENCODED_TWICE = EncodedTwiceReading()
