"""Sparse text of extreme classification (XMC) and LIBSVM: ``0,3 1:0.5 7:2``, the ids of the labels, then the features.

A file of the Extreme Classification Repository begins with a line of three numbers: points, features, labels. The table has
the columns `labels` (lists of ids) and `features` (text as it is).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from labelscope.data.formats.format import Edits, Format, ReadOptions
from labelscope.data.formats.format_notes import IN_PLACE, NOT, NOTHING, FormatNotes
from labelscope.data.formats.text_rows import RowLayout, decoded, line_spans, write_rows
from labelscope.errors import DataError

__all__ = ["FORMAT", "NOTES", "is_xmc"]

NOTES = FormatNotes(
    "**XMC, LIBSVM** `.txt` `.libsvm` `.svm`",
    "columns `labels` (ids) and `features` (text as it is)",
    IN_PLACE,
    NOT,
    NOTHING,
    formats=("xmc",),
)

HEAD = re.compile(r"\s*(\d{1,18})\s+(\d{1,18})\s+(\d{1,18})\s*")
ROW = re.compile(r"(-?\d+(?:\.0+)?(?:,-?\d+(?:\.0+)?)*)?(?:\s+|$)((?:[^\s:]+:\S+(?:\s+|$))*)(?:#.*)?")
DIGITS = 18  # of an id with its ".0"; more are no number of a label


def is_xmc(path: Path) -> bool:
    """Whether a text file begins as a file of the repository does: a line of three whole numbers."""
    with path.open("rb") as file:
        first = file.readline(200)
    return HEAD.fullmatch(first.decode("ascii", errors="replace")) is not None


def read(path: Path, options: ReadOptions) -> tuple[pl.DataFrame, RowLayout]:  # noqa: ARG001 - the columns are always the same
    """Columns labels and features.

    Raises
    ------
    DataError
        If a line is no such row (it is named), or there are fewer or more than the first line says.
    """
    raw = path.read_bytes()
    text = decoded(raw, path)
    spans = line_spans(raw)
    head = HEAD.fullmatch(text.partition("\n")[0])
    if head is not None:
        del spans[0]
    else:
        spans = [(start, end) for start, end in spans if raw[start:end].strip() and not raw.startswith(b"#", start)]
    while spans and head is not None and len(spans) > int(head[1]) and not raw[slice(*spans[-1])].strip():
        spans.pop()  # blank lines at the end
    if not spans or (head is not None and int(head[1]) != len(spans)):
        expected = f"{int(head[1]):,} rows, as the first line says" if head is not None else "at least one row"
        raise DataError(f"{path.name}: expected {expected}, got {len(spans):,}; copy the file again")
    labels, features = [], []
    for start, end in spans:
        found = ROW.fullmatch(raw[start:end].decode())
        if found is None or max(map(len, (found[1] or "").split(","))) > DIGITS or re.search(r"[-.]", (found[1] or "").replace(".0", "")):
            line = raw.count(b"\n", 0, start) + 1
            raise DataError(
                f"{path.name}: expected ids from 0 joined by commas, then features as 7:0.5, got something else in line {line}; mend it"
            )
        labels.append([int(label.partition(".")[0]) for label in found[1].split(",")] if found[1] else [])
        features.append(found[2].rstrip())
    places = np.array(spans, np.int64)
    table = pl.DataFrame({"labels": pl.Series(labels, dtype=pl.List(pl.Int64)), "features": pl.Series(features, dtype=pl.String)})
    return table, RowLayout(raw, places[:, 0], places[:, 1], _replaced)


def write(table: pl.DataFrame, file: BinaryIO, layout: Any, edits: Edits | None) -> None:
    """Copy the file with the labels that differ.

    Raises
    ------
    DataError
        If the table did not come as such a file: it has no features to write.
    """
    if not isinstance(layout, RowLayout) or edits is None or edits.restructured:
        raise DataError("export: expected a table that came as sparse text, got another; export to .jsonl, .csv or .parquet")
    write_rows(table, file, layout, edits)


def _replaced(row: str, values: dict[str, Any]) -> str:
    """A row with other labels, unless they are the same."""
    found = ROW.fullmatch(row)
    old = (found[1] if found is not None else None) or ""
    new = ",".join(str(label) for label in values["labels"] or [])
    if [float(label) for label in old.split(",") if label] == [float(label) for label in new.split(",") if label]:
        return row
    return new + row[len(old) :]


FORMAT = Format("xmc", (".libsvm", ".svmlight", ".svm"), read, write)
