"""JSON Lines (NDJSON). An untouched line keeps its bytes: key order, missing keys, number and escape style."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from labelscope.data.formats.flat import refuse_binary
from labelscope.data.formats.format import Edits, Format, Layout, ReadOptions, broken
from labelscope.data.formats.json_text import replace_value
from labelscope.data.limits import check_lines
from labelscope.errors import DataError

__all__ = ["FORMAT"]

BOM = b"\xef\xbb\xbf"
COERCED = r"^(-?\d|true$|false$|[\[{])"  # what polars makes of a value that is no string, in a column of strings


@dataclass(frozen=True, eq=False)
class LineLayout(Layout):
    """The bytes of the file and its lines that are not blank: ``raw[starts[k]:ends[k]]``, line ends excluded."""

    raw: bytes
    starts: np.ndarray
    ends: np.ndarray

    def line(self, row: int) -> str:
        """Text of one line."""
        return self[row].decode()

    def __getitem__(self, row: int) -> bytes:
        return self.raw[int(self.starts[row]) : int(self.ends[row])]

    def number(self, row: int) -> int:
        """Line number in the file, from 1."""
        return self.raw.count(b"\n", 0, int(self.starts[row])) + 1


def read(path: Path, options: ReadOptions) -> tuple[pl.DataFrame, LineLayout | None]:
    """The table, and where its lines lie in the file.

    Raises
    ------
    DataError
        If a line is no JSON object (it is named), or a label column mixes types.
    """
    raw = path.read_bytes()
    layout = _lines(raw)
    if not len(layout.starts):
        raise DataError(f"{path.name}: expected at least one JSON object, got an empty file")
    check_lines(path, layout, layout.ends - layout.starts)
    try:
        table = pl.read_ndjson(raw.removeprefix(BOM), infer_schema_length=None)
    except pl.exceptions.PolarsError as error:
        raise _first_problem(layout, path) or broken("JSON Lines", path, error) from None
    for column in options.labels:
        if column in table.columns:
            _refuse_mixed(table[column], layout, path)
    return table, layout if len(layout.starts) == table.height else None


def write(table: pl.DataFrame, file: BinaryIO, layout: Any, edits: Edits | None) -> None:
    """Write the table; with a layout, copy the file it came from and rewrite only the label values that differ."""
    if isinstance(layout, LineLayout) and edits is not None and not edits.restructured:
        _rewrite(layout, table, file, edits)
        return
    refuse_binary(table)
    for name, dtype in table.schema.items():
        if dtype.is_float() and not table[name].is_finite().all():
            raise DataError(f"export: expected finite numbers in {name!r}, got NaN or infinity, which JSON cannot hold; export to .parquet")
    table.write_ndjson(file)


def _rewrite(layout: LineLayout, table: pl.DataFrame, file: BinaryIO, edits: Edits) -> None:
    columns = [(name, table[name].gather(edits.rows).to_list()) for name in edits.columns]
    view, done = memoryview(layout.raw), 0
    for k, row in enumerate(edits.rows.tolist()):
        line = layout.line(row)
        for name, values in columns:
            line = replace_value(line, name, values[k])
        file.write(view[done : int(layout.starts[row])])
        file.write(line.encode())
        done = int(layout.ends[row])
    file.write(view[done:])


def _lines(raw: bytes) -> LineLayout:
    data = np.frombuffer(raw, np.uint8)
    ends = np.flatnonzero(data == ord("\n"))
    if not len(ends) or ends[-1] != len(raw) - 1:
        ends = np.append(ends, len(raw))
    starts = np.concatenate([[len(BOM) if raw.startswith(BOM) else 0], ends[:-1] + 1])
    ends = ends - ((ends > starts) & (data[np.maximum(ends - 1, 0)] == ord("\r"))) if len(raw) else starts
    full = ends > starts
    maybe_blank = np.flatnonzero(full & (ends - starts < 80) & np.isin(data[np.minimum(starts, max(len(raw) - 1, 0))], (32, 9)))
    for k in maybe_blank.tolist():
        full[k] = bool(raw[starts[k] : ends[k]].strip())
    return LineLayout(raw, starts[full], ends[full])


def _first_problem(layout: LineLayout, path: Path) -> DataError | None:
    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    for row in range(len(layout.starts)):
        try:
            value = json.loads(layout.line(row), parse_constant=refuse)
        except (ValueError, RecursionError) as error:
            return DataError(f"{path.name}: expected a JSON object a line, got line {layout.number(row)}, which is none ({error}); mend it")
        if not isinstance(value, dict):
            return DataError(f"{path.name}: expected a JSON object a line, got a {type(value).__name__} in line {layout.number(row)}")
    return None


def _refuse_mixed(series: pl.Series, layout: LineLayout, path: Path) -> None:
    """Refuse values of several types that polars has made into strings: 1 and "1" are not the same label."""
    if series.dtype == pl.String:
        suspicious = series.str.contains(COERCED).fill_null(value=False)
    elif series.dtype == pl.List(pl.String):
        suspicious = series.list.eval(pl.element().str.contains(COERCED)).list.any().fill_null(value=False)
    else:
        return
    for row in suspicious.arg_true().to_list():
        value = json.loads(layout.line(row))[series.name]
        kinds = {type(entry).__name__ for entry in (value if isinstance(value, list) and series.dtype != pl.String else [value])}
        if kinds - {"str", "NoneType"}:
            raise DataError(
                f"{path.name}: expected values of one type in {series.name!r}, got a mix of str and {min(kinds - {'str', 'NoneType'})}"
                f" (line {layout.number(row)}); write all labels as strings or all as integers"
            )


FORMAT = Format("jsonl", (".jsonl", ".ndjson"), read, write)
