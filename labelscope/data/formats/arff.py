"""ARFF, as Mulan, MEKA and scikit-multilearn have their multi-label sets: a column a label, dense or sparse rows.

The labels are named with ``labels=[...]``; where the file says itself which they are, ``labels="labels"`` is enough: MEKA
counts them in the relation (``-C 6``), Mulan lists them in an XML of the same name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from labelscope.data.formats.format import Edits, Format, ReadOptions
from labelscope.data.formats.format_notes import IN_PLACE, NOT, FormatNotes
from labelscope.data.formats.text_rows import RowLayout, decoded, line_spans, write_rows
from labelscope.errors import DataError

__all__ = ["FORMAT", "NOTES"]

NOTES = FormatNotes(
    "**ARFF** `.arff` of Mulan and MEKA",
    'dense and sparse rows; the labels by name, or `labels="labels"` where `-C` in the relation or the XML says them',
    IN_PLACE,
    NOT,
    "nothing; a new label needs another format",
    formats=("arff",),
)

NAME = r"""('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^\s{]+)"""
ATTRIBUTE = re.compile(rf"@attribute\s+{NAME}\s*(.+)", re.IGNORECASE)
RELATION = re.compile(r"@relation\s+(.*)", re.IGNORECASE)
MEKA = re.compile(r"-C\s+(-?\d{1,9})(?!\d)")
VALUE = (
    r"""((?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")(?=\s*(?:,|$))|[^,]*)\s*(,|$)"""  # what is not quoted ends with its blanks: no backtracking
)
FIELD = re.compile(rf"\s*{VALUE}")
SPARSE = re.compile(rf"\s*(\d+)\s+{VALUE}")
XML_LABEL = re.compile(r"""<label\s+name\s*=\s*(?:"([^"]*)"|'([^']*)')""")
UNQUOTED = re.compile(r"[^\s,'\"{}%\\]+")
MISSING = "?"


@dataclass(frozen=True)
class _Attribute:
    """A column: its name, what a sparse row means that does not mention it, and whether its values are numbers."""

    name: str
    default: str
    numeric: bool


def read(path: Path, options: ReadOptions) -> tuple[pl.DataFrame, RowLayout]:
    """The rows: numbers where the header says so, else text; `?` is null.

    Raises
    ------
    DataError
        If there is no ``@data``, or a row has too many or too few values (its line is named).
    """
    raw = path.read_bytes()
    decoded(raw, path)
    attributes, relation, at = _header(raw, path)
    spans = [(start, end) for start, end in line_spans(raw, at) if raw[start:end].strip() and not raw[start:end].lstrip().startswith(b"%")]
    columns: list[list[str | None]] = [[] for _ in attributes]
    for start, end in spans:
        row = raw[start:end].decode()
        try:
            values = {k: row[a:b] for k, a, b in _fields(row)}
        except ValueError as error:
            line = raw.count(b"\n", 0, start) + 1
            raise DataError(f"{path.name}: expected numbers and values in braces, got line {line} ({error}); mend it") from None
        sparse = row.lstrip().startswith("{")
        if (not sparse and len(values) != len(attributes)) or (values and max(values) >= len(attributes)):
            line = raw.count(b"\n", 0, start) + 1
            raise DataError(
                f"{path.name}: expected {len(attributes)} values a row (one an @attribute), got {len(values)} in line {line}; mend it"
            )
        for k, column in enumerate(columns):
            value = values.get(k, attributes[k].default)
            column.append(None if value == MISSING else _unquoted(value))
    if not spans:
        raise DataError(f"{path.name}: expected rows after @data, got none; copy the file again")
    names = [attribute.name for attribute in attributes]
    table = pl.DataFrame([pl.Series(name, values, dtype=pl.String) for name, values in zip(names, columns, strict=True)])
    said = _labels(path, names, relation)
    measured = [one.name for one in attributes if one.numeric and one.name not in {*options.labels, *said}]
    table = table.with_columns(pl.col(name).cast(pl.Float64, strict=False) for name in measured)
    places = np.array(spans, np.int64)
    groups = {"labels": said} if said and "labels" not in names else {}
    return table, RowLayout(raw, places[:, 0], places[:, 1], partial(_replaced, attributes), label_columns=groups)


def write(table: pl.DataFrame, file: BinaryIO, layout: Any, edits: Edits | None) -> None:
    """Copy the file with the values that differ.

    Raises
    ------
    DataError
        If the table did not come as ARFF, or a label came or went.
    """
    if not isinstance(layout, RowLayout) or edits is None or edits.restructured:
        raise DataError("export: expected a table that came as ARFF, with the labels it had, got another; export to .csv or .parquet")
    write_rows(table, file, layout, edits)


def _header(raw: bytes, path: Path) -> tuple[list[_Attribute], str, int]:
    """The attributes, the relation, and where the rows begin."""
    attributes: list[_Attribute] = []
    relation = ""
    for start, end in line_spans(raw):
        line = raw[start:end].decode().strip()
        if line.lower().startswith("@data"):
            twice = [name for name, count in Counter(one.name for one in attributes).items() if count > 1]
            if not attributes or twice:
                got = f"{min(twice)!r} twice" if twice else "none"
                raise DataError(f"{path.name}: expected an @attribute a column, each with a name of its own, got {got}; mend the header")
            following = raw.find(b"\n", start)
            return attributes, relation, len(raw) if following < 0 else following + 1
        if found := ATTRIBUTE.match(line):
            states = found[2].strip()
            first = _unquoted(FIELD.match(states.strip("{}"))[1].rstrip()) if states.startswith("{") else "0"  # type: ignore[index]
            attributes.append(_Attribute(_unquoted(found[1]), first, states.lower().split()[0] in {"numeric", "real", "integer"}))
        elif found := RELATION.match(line):
            relation = found[1]
        elif line and not line.startswith("%"):
            number = raw.count(b"\n", 0, start) + 1
            raise DataError(f"{path.name}: expected @attribute, @data or a comment in the header, got line {number}; mend it")
    raise DataError(f"{path.name}: expected @data before the rows of an ARFF file, got none; copy the file again")


def _fields(row: str) -> Iterator[tuple[int, int, int]]:
    """Number of the attribute, start and end of each value of a row; raises ValueError if a sparse row is broken."""
    body = row.strip()
    if not body.startswith("{"):
        at = number = 0
        while found := FIELD.match(row, at):
            yield number, *_span(found, 1)
            if not found[2]:
                return
            at, number = found.end(), number + 1
        return
    if not body.endswith("}"):
        raise ValueError("no closing brace")
    at, stop = row.index("{") + 1, row.rindex("}")
    while row[at:stop].strip():
        found = SPARSE.match(row, at, stop)
        if found is None:
            raise ValueError("no number and value")
        yield int(found[1]), *_span(found, 2)
        at = found.end()


def _span(found: re.Match[str], group: int) -> tuple[int, int]:
    """Start and end of a value without the blanks behind it."""
    return found.start(group), found.start(group) + len(found[group].rstrip())


def _replaced(attributes: list[_Attribute], row: str, values: dict[str, Any]) -> str:
    """A row with other values."""
    numbers = {attribute.name: k for k, attribute in enumerate(attributes)}
    spans = {k: (a, b) for k, a, b in _fields(row)}
    sparse = row.lstrip().startswith("{")
    appended: dict[int, str] = {}
    for name, value in sorted(values.items(), key=lambda item: -numbers[item[0]]):
        number = numbers[name]
        new = MISSING if value is None else str(value)
        if number not in spans:
            if sparse and new != attributes[number].default:
                appended[number] = _quoted(new)
            continue
        start, end = spans[number]
        old = row[start:end]
        if (None if old == MISSING else _unquoted(old)) != value:
            row = row[:start] + (MISSING if value is None else _quoted(new)) + row[end:]
    return _inserted(row, appended) if appended else row


def _inserted(row: str, new: dict[int, str]) -> str:
    """A sparse row with further values, the numbers ascending."""
    there = {k: row[a:b] for k, a, b in _fields(row)} | new
    before, after = row[: row.index("{") + 1], row[row.rindex("}") :]
    return before + ",".join(f"{k} {there[k]}" for k in sorted(there)) + after


def _labels(path: Path, names: list[str], relation: str) -> tuple[str, ...]:
    """The labels that the file itself, or the XML beside it, says."""
    count = MEKA.search(relation)
    if count is not None:
        number = int(count[1])
        return tuple(names[:number] if number >= 0 else names[number:])
    beside = path.with_suffix(".xml")
    if not beside.is_file() or beside.stat().st_size > 1 << 24:
        return ()
    found = [a or b for a, b in XML_LABEL.findall(beside.read_text("utf-8", errors="replace"))]
    return tuple(found) if set(found) <= set(names) else ()


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text[:1] in {"'", '"'} and len(text) > 1 and text[0] == text[-1] else text


def _quoted(text: str) -> str:
    return text if UNQUOTED.fullmatch(text) else "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


FORMAT = Format("arff", (".arff",), read, write)
