"""Rows of a text format of machine learning (ARFF, XMC): where they lie, and the text with a few of their fields replaced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from labelscope.data.formats.format import Edits, Layout
from labelscope.errors import DataError

__all__ = ["RowLayout", "decoded", "line_spans", "write_rows"]


@dataclass(frozen=True, eq=False)
class RowLayout(Layout):
    """The bytes of the file and its rows: ``raw[starts[k]:ends[k]]``, line ends excluded.

    Attributes
    ----------
    raw : bytes
    starts, ends : int64, shape (n_rows,)
    replaced : callable (row as text, {column: value}) -> row as text
        A row with other values, its other characters as they were.
    """

    raw: bytes
    starts: np.ndarray
    ends: np.ndarray
    replaced: Callable[[str, dict[str, Any]], str]


def write_rows(table: pl.DataFrame, file: BinaryIO, layout: RowLayout, edits: Edits) -> None:
    """Copy the file with the fields of `edits` replaced."""
    columns = {name: table[name].gather(edits.rows).to_list() for name in edits.columns}
    view, done = memoryview(layout.raw), 0
    for k, row in enumerate(edits.rows.tolist()):
        start, end = int(layout.starts[row]), int(layout.ends[row])
        file.write(view[done:start])
        file.write(layout.replaced(layout.raw[start:end].decode(), {name: values[k] for name, values in columns.items()}).encode())
        done = end
    file.write(view[done:])


def decoded(raw: bytes, path: Path) -> str:
    """The text of a file.

    Raises
    ------
    DataError
        If it is not UTF-8.
    """
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DataError(f"{path.name}: expected UTF-8 text, got other bytes in line {line}; save it as UTF-8") from None


def line_spans(raw: bytes, start: int = 0) -> list[tuple[int, int]]:
    """Where the lines from `start` on begin and end, line ends excluded."""
    spans = []
    while start < len(raw):
        stop = raw.find(b"\n", start)
        stop = len(raw) if stop < 0 else stop
        spans.append((start, stop - raw.endswith(b"\r", start, stop)))
        start = stop + 1
    return spans
