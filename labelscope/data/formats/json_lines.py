"""JSON Lines (NDJSON): one object a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from labelscope.data.formats.format import Edits, Format, ReadOptions
from labelscope.data.formats.format_notes import IN_PLACE, NOTHING, FormatNotes
from labelscope.data.formats.json_objects import as_lines, read_objects, write_in_place
from labelscope.data.formats.json_text import BOM
from labelscope.errors import DataError

__all__ = ["FORMAT", "NOTES"]

NOTES = FormatNotes(
    "**JSON Lines** `.jsonl` `.ndjson`",
    "objects of any shape, with or without a byte order mark",
    IN_PLACE,
    "yes",
    NOTHING,
    formats=("jsonl",),
)


def read(path: Path, options: ReadOptions) -> tuple[pl.DataFrame, Any]:
    """The table, and where its lines lie in the file.

    Raises
    ------
    DataError
        If a line is no JSON object (it is named), or a label column mixes types.
    """
    raw = path.read_bytes()
    spans = _lines(raw)
    if not len(spans[0]):
        raise DataError(f"{path.name}: expected at least one JSON object, got an empty file; copy the file again")
    if raw.removeprefix(BOM).lstrip().startswith(b"["):
        raise DataError(f"{path.name}: expected a JSON object a line, got an array; pass format='json'")
    return read_objects(raw, spans, raw.removeprefix(BOM), path, options.labels)


def write(table: pl.DataFrame, file: BinaryIO, layout: Any, edits: Edits | None) -> None:
    """Write the table; with a layout, copy the file it came from and rewrite only the label values that differ."""
    if write_in_place(table, file, layout, edits):
        return
    file.writelines(line + b"\n" for line in as_lines(table, layout))


def _lines(raw: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Where the lines that are not blank start and end, line ends excluded."""
    if not raw:
        return np.array([], np.int64), np.array([], np.int64)
    data = np.frombuffer(raw, np.uint8)
    ends = np.flatnonzero(data == ord("\n"))
    if not len(ends) or ends[-1] != len(raw) - 1:
        ends = np.append(ends, len(raw))
    starts = np.concatenate([[len(BOM) if raw.startswith(BOM) else 0], ends[:-1] + 1])
    ends = ends - ((ends > starts) & (data[np.maximum(ends - 1, 0)] == ord("\r")))
    full = ends > starts
    maybe_blank = np.flatnonzero(full & (ends - starts < 80) & np.isin(data[np.minimum(starts, len(raw) - 1)], (32, 9)))
    for k in maybe_blank.tolist():
        full[k] = bool(raw[starts[k] : ends[k]].strip())
    return starts[full], ends[full]


FORMAT = Format("jsonl", (".jsonl", ".ndjson"), read, write)
