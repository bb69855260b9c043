"""Where the records of a CSV lie in its bytes, and how to rewrite a few of their fields.

A record ends at a newline outside quotes. A byte is outside quotes where the number of quotes before it is even (a
doubled quote changes nothing), so one running parity over the bytes finds all records and counts their fields.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl

from labelscope.data.formats.format import Edits
from labelscope.errors import DataError

__all__ = ["RecordLayout", "find_records"]

QUOTE, NEWLINE, RETURN = 34, 10, 13
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, eq=False)
class RecordLayout:
    """The bytes of a CSV and its data records.

    Attributes
    ----------
    raw : bytes
    starts, ends : int64, shape (n_records,)
        ``raw[starts[k]:ends[k]]`` is record k with its line end.
    separator : str
    quoted : bool
        Whether a quote has a meaning; False for files that use it as a plain character.
    blank : bool, shape (n_lines,)
        Which of all the records after the header, blank ones included, are blank lines; they are no data.
    """

    raw: bytes
    starts: np.ndarray
    ends: np.ndarray
    separator: str
    quoted: bool
    blank: np.ndarray

    def header(self) -> list[str]:
        """Column names as written."""
        first = self.raw[self._first : self._first_end]
        return [self._value(field) or "" for field in self._fields(first.strip(b"\r\n"))]

    def rewrite(self, table: pl.DataFrame, file: BinaryIO, edits: Edits) -> None:
        """Copy the file, with the fields of `edits` that differ from `table` replaced."""
        if edits.restructured:
            self._restructure(table, file, edits)
            return
        columns = [(table.columns.index(name), table[name].gather(edits.rows).to_list()) for name in edits.columns]
        view, done = memoryview(self.raw), 0
        for k, row in enumerate(edits.rows.tolist()):
            start, end = int(self.starts[row]), int(self.ends[row])
            file.write(view[done:start])
            file.write(self._record(self.raw[start:end], [(column, values[k]) for column, values in columns]))
            done = end
        file.write(view[done:])

    def _restructure(self, table: pl.DataFrame, file: BinaryIO, edits: Edits) -> None:
        """Copy the file with columns added or left out: each record with the fields of `table`, those it had as they were."""
        header = self.header()
        place = [header.index(name) if name in header else None for name in table.columns]
        values = {k: table[name].to_list() for k, name in enumerate(table.columns) if place[k] is None or name in edits.columns}
        file.write(self.raw[: self._first])
        file.write(self._line(self.raw[self._first : self._first_end], place, dict(enumerate(table.columns))))
        done = self._first_end
        for row, (start, end) in enumerate(zip(self.starts.tolist(), self.ends.tolist(), strict=True)):
            file.write(self.raw[done:start])  # blank lines
            file.write(self._line(self.raw[start:end], place, {k: of[row] for k, of in values.items()}))
            done = end
        file.write(self.raw[done:])

    @property
    def _first(self) -> int:
        """Where the header line starts."""
        return len(BOM) if self.raw.startswith(BOM) else 0

    @property
    def _first_end(self) -> int:
        """Where the header line ends, its line end included."""
        return int(self.starts[0]) if len(self.starts) else len(self.raw)

    def _line(self, record: bytes, place: list[int | None], new: dict[int, str | None]) -> bytes:
        """A record with its fields in other places, and new values where they say something else."""
        body = record.rstrip(b"\r\n")
        old, fields = self._fields(body), []
        for k, at in enumerate(place):
            keep = at is not None and (k not in new or self._value(old[at]) == new[k])
            fields.append(old[at] if keep and at is not None else self._field(new[k], quoted=at is not None and old[at].startswith(b'"')))
        return self.separator.encode().join(fields) + record[len(body) :]

    def _record(self, record: bytes, new: list[tuple[int, str | None]]) -> bytes:
        body = record.rstrip(b"\r\n")
        fields = self._fields(body)
        for column, value in new:
            if self._value(fields[column]) != value:
                fields[column] = self._field(value, quoted=fields[column].startswith(b'"'))
        return self.separator.encode().join(fields) + record[len(body) :]

    def _fields(self, body: bytes) -> list[bytes]:
        mark = self.separator.encode()
        if not self.quoted:
            return body.split(mark)
        fields: list[bytes] = []
        inside = False
        for piece in body.split(mark):
            if inside:
                fields[-1] += mark + piece
            else:
                fields.append(piece)
            inside ^= bool(piece.count(b'"') % 2)
        return fields

    def _value(self, field: bytes) -> str | None:
        if self.quoted and field.startswith(b'"'):
            return field[1:-1].replace(b'""', b'"').decode()
        return field.decode() or None

    def _field(self, value: str | None, *, quoted: bool) -> bytes:
        if value is None:
            return b""
        special = any(mark in value for mark in (self.separator, '"', "\n", "\r"))
        if not self.quoted:
            if special:
                raise DataError(f"export: expected labels that a file without quotes can hold, got {value!r}; export to another format")
            return value.encode()
        return b'"' + value.replace('"', '""').encode() + b'"' if quoted or special or not value else value.encode()


def find_records(raw: bytes, separator: str, path: Path) -> RecordLayout:
    """The records of a CSV, each with as many fields as the header.

    A file whose quotes do not pair up is taken as one without quoting, if that makes all its lines fit and no field
    starts with a quote (in a TSV: starts and ends with one).

    Raises
    ------
    DataError
        If a record has more or fewer fields than the header, or a quote is never closed; with the line.
    """
    data = np.frombuffer(raw, np.uint8)
    outside = _outside_quotes(data)
    layout, problem = _records(raw, data, outside, separator)
    if problem is not None and outside is not None and not _wrapped(raw, separator):
        plain, still = _records(raw, data, None, separator)
        if still is None:
            return replace(plain, quoted=False)
    if problem is not None:
        raise DataError(f"{path.name}: {problem}")
    return layout


def _outside_quotes(data: np.ndarray) -> np.ndarray | None:
    quotes = data == QUOTE
    return ~np.logical_xor.accumulate(quotes) if quotes.any() else None


def _wrapped(raw: bytes, separator: str) -> bool:
    """Whether quotes do have a meaning: some field starts with one (in a TSV, where few quote: starts and ends)."""
    mark = separator.encode()
    starts = raw.startswith(b'"') or mark + b'"' in raw or b'\n"' in raw
    return starts and (separator != "\t" or b'"' + mark in raw)


def _records(raw: bytes, data: np.ndarray, outside: np.ndarray | None, separator: str) -> tuple[RecordLayout, str | None]:
    breaks = data == NEWLINE
    marks = data == ord(separator)
    if outside is not None:
        breaks &= outside
        marks &= outside
    ends = np.flatnonzero(breaks) + 1
    first = len(BOM) if raw.startswith(BOM) else 0
    if not len(ends) or ends[-1] != len(raw):
        ends = np.append(ends, len(raw))
    starts = np.concatenate([[first], ends[:-1]])
    n_fields = np.diff(np.searchsorted(np.flatnonzero(marks), np.append(starts, len(raw)))) + 1
    blank = (ends - starts == 1) | ((ends - starts == 2) & (data[starts] == RETURN))
    keep = ~blank if n_fields[0] > 1 else np.ones(len(starts), bool)
    starts, ends, n_fields = starts[keep], ends[keep], n_fields[keep]
    problem = None
    wrong = np.flatnonzero(n_fields != n_fields[0])
    if outside is not None and not outside[-1]:
        problem = f"expected every quote to be closed, got an open one in the record of line {_line(raw, starts[-1])}; close or double it"
    elif len(wrong):
        line, got = _line(raw, starts[wrong[0]]), n_fields[wrong[0]]
        problem = (
            f"expected {n_fields[0]} fields a record (as in the header), got {got} in line {line}; quote fields that hold {separator!r}"
        )
    return RecordLayout(raw, starts[1:], ends[1:], separator, quoted=True, blank=~keep[1:]), problem


def _line(raw: bytes, offset: int) -> int:
    return raw.count(b"\n", 0, int(offset)) + 1
