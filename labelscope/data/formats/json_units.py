"""A JSON document of a tool in which each item has its labels at some place: copied as it is, with those values replaced."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from labelscope.data.formats.format import Edits, Layout
from labelscope.data.formats.json_text import BOM, value_span
from labelscope.data.readings.json_style import dump_like

__all__ = ["Document", "Place", "UnitLayout", "plain_series", "write_units"]


Place = tuple[str | int, ...]


@dataclass(frozen=True, eq=False)
class Document:
    """A JSON file as text, and its bytes.

    Attributes
    ----------
    raw : bytes
    """

    raw: bytes

    @property
    def text(self) -> str:
        """The text without a byte order mark."""
        return self.raw.removeprefix(BOM).decode()

    def in_bytes(self, spans: Iterable[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
        """Starts and ends in the text as places in the bytes."""
        places = np.array(list(spans), np.int64).reshape(-1, 2)
        text = self.text
        if not text.isascii():
            points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
            widths = 1 + (points > 0x7F) + (points > 0x7FF).astype(np.int64) + (points > 0xFFFF)
            places = np.concatenate([[0], np.cumsum(widths)])[places]
        places += len(BOM) if self.raw.startswith(BOM) else 0
        return places[:, 0], places[:, 1]


@dataclass(frozen=True, eq=False)
class UnitLayout(Layout):
    """The bytes of a document, and where each item and its labels lie.

    Attributes
    ----------
    raw : bytes
    starts, ends : int64, shape (n_items,)
        ``raw[starts[k]:ends[k]]`` is the JSON value of item k.
    places : mapping of column to one list of paths an item
        Where in that value the labels are, as often as they are there; none where they are not there yet.
    as_written : callable (labels, old value) -> value
        How the document writes a list of labels, in the place of another.
    added : callable (item, column, labels) -> item, optional
        The value of an item that has no place for labels, with one.
    """

    raw: bytes
    starts: np.ndarray
    ends: np.ndarray
    places: dict[str, Sequence[Sequence[Place]]]
    as_written: Callable[[Any, Any], Any]
    added: Callable[[Any, str, Any], Any] | None = None


def write_units(table: pl.DataFrame, file: BinaryIO, layout: UnitLayout, edits: Edits) -> None:
    """Copy the document and replace the labels that differ."""
    columns = [(name, table[name].gather(edits.rows).to_list()) for name in edits.columns]
    view, done = memoryview(layout.raw), 0
    for k, row in enumerate(edits.rows.tolist()):
        start, end = int(layout.starts[row]), int(layout.ends[row])
        text = layout.raw[start:end].decode()
        for name, values in columns:
            text = _replaced(text, layout, name, row, values[k])
        file.write(view[done:start])
        file.write(text.encode())
        done = end
    file.write(view[done:])


def _replaced(text: str, layout: UnitLayout, column: str, row: int, labels: Any) -> str:
    places = layout.places[column][row]
    if not places and layout.added is not None and labels is not None:
        return json.dumps(layout.added(json.loads(text), column, labels), ensure_ascii=False)
    for place in places:
        start, end = value_span(text, place)
        old = json.loads(text[start:end])
        new = layout.as_written(labels, old)
        if new != old:
            text = text[:start] + dump_like(text[start:end], new, text) + text[end:]
    return text


def plain_series(values: list[Any]) -> pl.Series:
    """A column of one type, or of JSON text where the values have several."""
    try:
        return pl.Series(values, strict=True)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
        return pl.Series([value if isinstance(value, str) or value is None else json.dumps(value) for value in values], dtype=pl.String)
