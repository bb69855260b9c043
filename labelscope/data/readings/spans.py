"""Spans of the text: ``[[0, 5, "PER"]]`` and ``[{"start": 0, "end": 5, "label": "PER"}]``; an item has the labels of its spans.

The label of an item says that some part of its text is so. A label that goes takes its spans along. One that comes has no place in the
text, so that it cannot be written: the changes file says it.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import polars as pl

from labelscope.data.readings.column import Column
from labelscope.data.readings.objects import ObjectCells, is_mapping, object_texts, style_of, values_of
from labelscope.data.readings.reading import Offer
from labelscope.data.readings.sets import CellSets
from labelscope.data.readings.vocabulary import build_vocabulary
from labelscope.errors import DataError

__all__ = ["FORMAT", "SPANS", "are_spans"]

FORMAT = "spans"
LIMITS = (("start", "end"), ("start_offset", "end_offset"), ("begin", "end"), ("start_char", "end_char"), ("offset", "length"))
LABEL_KEYS = ("label", "entity", "entity_group", "tag", "type", "name", "class", "category")
Key = str | int  # of an object, or the place in a list


@dataclass(frozen=True)
class SpanList:
    """Spans with the label under a key.

    Attributes
    ----------
    key : str or int
    """

    key: Key
    title: str = "lists of spans"
    adds: bool = False  # a new label has no place in the text

    def names(self, value: Any) -> list[str]:
        """The labels of one cell, each once."""
        if value is None:
            return []
        if not isinstance(value, list):
            raise ValueError("no list")  # noqa: TRY004 - one question: has it this shape
        return list(dict.fromkeys(str(span[self.key]) for span in value))

    def revised(self, value: Any, drop: AbstractSet[str], add: Sequence[str]) -> Any:  # noqa: ARG002 - it adds none
        """The spans without those of some labels."""
        return None if value is None else [span for span in value if str(span[self.key]) not in drop]


@dataclass(frozen=True)
class SpanReading:
    """Lists of spans."""

    formats: tuple[str, ...] = (FORMAT,)

    def offer(self, column: Column, unlisted: str) -> list[Offer]:
        """The column, if every element of every cell is a span."""
        spans = _spans(column)
        key = None if spans is None else _label_key(spans)
        return [] if spans is None or key is None else [self._made(column, unlisted, key, spans, 0.95)]

    def forced(self, column: Column, unlisted: str, name: str, detail: str) -> Offer:  # noqa: ARG002 - one way only
        """The column as spans."""
        spans = _spans(column)
        key = None if spans is None else _label_key(spans)
        if spans is None or key is None:
            raise DataError(
                f"{name}: expected lists of spans with a start, an end and a label in {column.name!r}, got others; leave it out"
            )
        return self._made(column, unlisted, key, spans, 1.0)

    def _made(self, column: Column, unlisted: str, key: Key, spans: Sequence[Any], score: float) -> Offer:
        texts = column.texts["text"] if column.cells.dtype == pl.String else pl.Series([], dtype=pl.String)
        codec = ObjectCells(column.name, SpanList(key), style_of(texts))
        occurring = pl.Series(list(dict.fromkeys(str(span[key]) for span in spans)), dtype=pl.String)
        encoding = CellSets(column.name, codec, build_vocabulary(occurring, column.label_names), unlisted, column.silence)
        return Offer(FORMAT, "the labels of spans of the text", encoding, score, "every element is a span", f"labels_format={FORMAT!r}")


def are_spans(records: Sequence[Any]) -> bool:
    """Whether objects are spans of a text."""
    return bool(records) and _label_key(records) is not None


def _spans(column: Column) -> list[Any] | None:
    """Every element of every cell; None if a cell is no list, or there is none."""
    texts = object_texts(column)
    if texts is None:
        return None
    different = column.texts["text"] if column.cells.dtype == pl.String else texts.drop_nulls().unique(maintain_order=True)
    if not different.str.contains(r"^\s*[\[(]").all() or not different.str.contains(r"^\s*[\[(]\s*[\[({]").any():
        return None
    values = values_of(different)
    if values is None or not all(isinstance(value, (list, tuple)) for value in values):
        return None
    return [span for value in values for span in value]


def _label_key(spans: Sequence[Any]) -> Key | None:
    """Where each span has its label; None if they are no spans."""
    if not spans:
        return None
    if all(isinstance(span, (list, tuple)) for span in spans):
        return 2 if all(len(span) > 2 and _limits(span[0], span[1]) and isinstance(span[2], str) for span in spans) else None
    if not all(is_mapping(span) for span in spans):
        return None
    limits = next(((a, b) for a, b in LIMITS if all(a in span and b in span for span in spans)), None)
    if limits is None or not all(_limits(span[limits[0]], span[limits[1]], lengths=limits[1] == "length") for span in spans):
        return None
    return next((key for key in LABEL_KEYS if all(isinstance(span.get(key), str) for span in spans)), None)


def _limits(start: Any, end: Any, *, lengths: bool = False) -> bool:
    """Whether two values are the start and the end of a span; as text where a table has made them text."""
    numbers = [int(value) for value in (start, end) if not isinstance(value, bool) and str(value).isdecimal()]
    return len(numbers) == 2 and (lengths or numbers[0] <= numbers[1])


SPANS = SpanReading()
