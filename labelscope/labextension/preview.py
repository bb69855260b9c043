"""The first rows of a table, as text to show: not more of the file is read than must be."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from labelscope.data.opened import open_peek
from labelscope.data.readings.choose import Wishes
from labelscope.labextension.choices import kept, named_columns, table_of
from labelscope.labextension.messages import Cell, Column, Look
from labelscope.labextension.tables import is_open

__all__ = ["look"]

N_ROWS = 20
MOST_COLUMNS = 200
SHOWN, LONGEST = 120, 2000  # characters of a cell: in sight, and with a mouse on it
WORDS = {"String": "text", "Categorical": "text", "Enum": "text", "Boolean": "yes or no", "Binary": "bytes", "Null": "nothing"}


def look(path: str | Path, *, separator: str | None = None, columns: Sequence[str] | None = None) -> Look:
    """What is in a table, and what was chosen for it the last time.

    Parameters
    ----------
    path : path
        A table, or the ``.labelscope`` folder beside one.
    separator, columns
        As in :func:`labelscope.read`.

    Raises
    ------
    DataError
        If there is no such file, or if it is not a table.
    """
    place = table_of(path)
    chosen = kept(place)
    given = chosen if chosen is not None and separator is None and columns is None else None
    peek, opened = open_peek(
        place, None, Wishes(), separator=given.separator if given else separator, columns=given.columns if given else columns
    )
    head = peek.sample.head(N_ROWS)
    shown = head.columns[:MOST_COLUMNS]
    if chosen is not None and not set(named_columns(chosen)) <= set(head.columns):
        chosen = None  # the file has changed since
    return Look(
        name=place.name, format=opened.format, n_rows=peek.n_rows, columns=[Column(name, _kind(head[name].dtype)) for name in shown],
        rows=[[_cell(value) for value in row] for row in head.select(shown).iter_rows()], chosen=chosen, is_open=is_open(place),
    )  # fmt: skip


def _kind(dtype: pl.DataType) -> str:
    """A type in a word for people."""
    if isinstance(dtype, (pl.List, pl.Array)):
        return f"lists of {_kind(dtype.inner)}"  # type: ignore[arg-type]
    if isinstance(dtype, pl.Struct):
        return "image" if {"bytes", "path"} <= {field.name for field in dtype.fields} else "fields"
    if dtype.is_numeric():
        return "numbers"
    if dtype.is_temporal():
        return "times"
    return WORDS.get(str(dtype.base_type()), str(dtype).lower())


def _cell(value: Any) -> Cell:
    text = _text(value)
    if text is None or len(text) <= SHOWN:
        return Cell(text)
    return Cell(f"{text[: SHOWN - 1]}…", text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…")


def _text(value: Any) -> str | None:
    """A value in one line: of a picture its name, of bytes how many."""
    if value is None:
        return None
    if isinstance(value, bytes):
        return f"{len(value):,} bytes"
    if isinstance(value, dict) and isinstance(value.get("bytes"), bytes):
        return str(value.get("path") or f"{len(value['bytes']):,} bytes")
    if isinstance(value, (list, dict)):
        value = json.dumps(value, ensure_ascii=False, default=str)
    return " ".join(str(value).split())
