"""Where the records of a CSV lie in its bytes, and how to rewrite a few of their fields.

A record ends at a newline outside quotes. A byte is outside quotes where the number of quotes before it is even (a
doubled quote changes nothing), so one running parity over the bytes finds all records and counts their fields. Files
whose quotes do not fit that rule are read in another :class:`labelscope.data.formats.dialect.Dialect`, or refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl

from labelscope.data.formats.dialect import Dialect
from labelscope.data.formats.format import Edits, Layout
from labelscope.errors import DataError

__all__ = ["RecordLayout", "find_records"]

QUOTE, BACKSLASH, NEWLINE, RETURN, BLANK = 34, 92, 10, 13, 32
BLOCK = 1 << 20
BOM = b"\xef\xbb\xbf"
SAYS = re.compile(rb"\S")
LONGEST_HEADER = 100  # lines: names of columns may hold line ends


@dataclass(frozen=True, eq=False)
class RecordLayout(Layout):
    """The bytes of a CSV and its data records.

    Attributes
    ----------
    raw : bytes
    starts, ends : int64, shape (n_records,)
        ``raw[starts[k]:ends[k]]`` is record k with its line end.
    dialect : Dialect
    names : list of str
        Of the columns.
    head : tuple of int
        ``raw[head[0]:head[1]]`` is the header line, its line end included; empty if the file has none.
    blank : bool, shape (n_lines,)
        Which of all the records after the header, blank ones included, are blank lines; they are no data.
    escaped : bool
        Whether formulas in it have an apostrophe that the table does not have.
    """

    raw: bytes
    starts: np.ndarray
    ends: np.ndarray
    dialect: Dialect
    names: list[str]
    head: tuple[int, int]
    blank: np.ndarray
    escaped: bool = False

    def head_rows(self, n: int) -> RecordLayout:
        """The layout of the first `n` records."""
        if len(self.starts) <= n:
            return self
        lines = int(np.flatnonzero(~self.blank)[n - 1]) + 1
        return replace(self, raw=self.raw[: int(self.ends[n - 1])], starts=self.starts[:n], ends=self.ends[:n], blank=self.blank[:lines])

    def bodies(self) -> Iterator[bytes]:
        """The data records without their line ends."""
        for start, end in zip(self.starts.tolist(), self.ends.tolist(), strict=True):
            yield self.raw[start:end].rstrip(b"\r\n")

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
        place = [self.names.index(name) if name in self.names else None for name in table.columns]
        values = {k: table[name].to_list() for k, name in enumerate(table.columns) if place[k] is None or name in edits.columns}
        start, done = self.head
        file.write(self.raw[:start])
        if done > start:
            new = {k: name for k, name in enumerate(table.columns) if place[k] is None}
            file.write(self._line(self.raw[start:done], place, new))
        for row, (start, end) in enumerate(zip(self.starts.tolist(), self.ends.tolist(), strict=True)):
            file.write(self.raw[done:start])  # blank lines
            file.write(self._line(self.raw[start:end], place, {k: of[row] for k, of in values.items()}))
            done = end
        file.write(self.raw[done:])

    def _line(self, record: bytes, place: list[int | None], new: Mapping[int, str | None]) -> bytes:
        """A record with its fields in other places, and new values where they say something else."""
        body = record.rstrip(b"\r\n")
        old = [body[start:end] for start, end in self.dialect.fields(body)]
        fields = []
        for k, at in enumerate(place):
            keep = at is not None and (k not in new or self.dialect.value(old[at]) == new[k])
            quoted = at is not None and old[at].startswith(b'"')
            fields.append(old[at] if keep and at is not None else self.dialect.field(new[k], quoted=quoted))
        mark = self.dialect.separator + (" " if self.dialect.spaced else "")
        return mark.encode().join(fields) + record[len(body) :]

    def _record(self, record: bytes, new: list[tuple[int, str | None]]) -> bytes:
        """A record with some fields replaced, all other bytes as they were."""
        spans = self.dialect.fields(record.rstrip(b"\r\n"))
        for column, value in sorted(new, reverse=True):
            start, end = spans[column]
            field = record[start:end]
            if self.dialect.value(field) != value:
                record = record[:start] + self.dialect.field(value, quoted=field.startswith(b'"')) + record[end:]
        return record


def find_records(raw: bytes, separators: str, path: Path, columns: Sequence[str] | None = None) -> RecordLayout:
    """The records of a CSV, each with as many fields as the header.

    Parameters
    ----------
    raw : bytes
    separators : str
        Candidates, the usual one first; the first that makes every record as long as the header is taken.
    path : pathlib.Path
        For messages.
    columns : sequence of str, optional
        Names of the columns of a file without a header line.

    Raises
    ------
    DataError
        If there is nothing in it, a record has more or fewer fields than the header, or a quote is never closed; with the line.
    """
    start = len(BOM) if raw.startswith(BOM) else 0
    told = re.match(rb"sep=(.)\r?\n", raw[start : start + 16])
    if told:  # written for Excel
        separators, start = told.group(1).decode("latin-1"), start + told.end()
    if not SAYS.search(raw, start):
        raise DataError(f"{path.name}: expected a header line and at least one record, got an empty file; copy the file again")
    start, header = _preamble(raw, start, separators)
    first_line = header if header is not None else _record_at(raw, start)
    candidates = [mark for mark in separators if mark.encode() in first_line] or [separators[0]]
    problem, places = "", _Places(raw, start)
    for mark in candidates:
        layout, said = _read_as(places, mark, start if header is None else start - len(header), has_head=columns is None)
        if layout is not None:
            return _named(layout, path, commented=header is not None, columns=columns)
        problem = problem or said
    raise DataError(f"{path.name}: {problem}")


def _preamble(raw: bytes, start: int, separators: str) -> tuple[int, bytes | None]:
    """Where the records start after lines of comment, and the header if it is the last of these."""
    lines, at = [], start
    while raw.startswith(b"#", at):
        line = _line_at(raw, at)
        lines.append(line)
        at += len(line)
    if not lines or at >= len(raw):
        return start, None
    body = _line_at(raw, at)
    fields = [(lines[-1].count(mark.encode()), body.count(mark.encode())) for mark in separators]
    if any(0 < a <= b for a, b in fields):  # the last one names the columns
        return (at, lines[-1]) if len(lines) > 1 else (start, None)
    return at, None


def _line_at(raw: bytes, start: int) -> bytes:
    end = raw.find(b"\n", start)
    return raw[start:] if end < 0 else raw[start : end + 1]


def _record_at(raw: bytes, start: int) -> bytes:
    """The line at `start`, with those after it that its quotes keep open; the line alone if they stay open for long."""
    end = start
    for _ in range(LONGEST_HEADER):
        end += len(_line_at(raw, end))
        if raw.count(b'"', start, end) % 2 == 0:
            return raw[start:end]
    return _line_at(raw, start)


class _Places:
    """Where some bytes are in the text of a file, each looked for once, in blocks that fit the processor's cache."""

    def __init__(self, raw: bytes, start: int) -> None:
        self.raw, self.start = raw, start
        self.data = np.frombuffer(raw, np.uint8)
        self._found: dict[int, np.ndarray] = {}

    def of(self, byte: int) -> np.ndarray:
        """Places of a byte, ascending; before `start` there are none."""
        if byte not in self._found:
            blocks = range(self.start, len(self.data), BLOCK)
            found = [np.flatnonzero(self.data[at : at + BLOCK] == byte) + at for at in blocks]
            self._found[byte] = np.concatenate(found) if found else np.zeros(0, np.int64)
        return self._found[byte]

    def outside(self, byte: int, quotes: np.ndarray | None) -> np.ndarray:
        """Places of a byte that have an even number of quotes before them."""
        places = self.of(byte)
        if quotes is None or not len(quotes):
            return places
        return places[np.searchsorted(quotes, places) % 2 == 0]


def _read_as(places: _Places, separator: str, first: int, *, has_head: bool) -> tuple[RecordLayout | None, str]:
    """The layout in the first dialect that fits all records, or what is wrong in the usual one."""
    first_problem = ""
    for dialect, quotes in _dialects(places, separator):
        layout, problem = _records(places, quotes, dialect, first, has_head=has_head)
        if layout is not None and quotes is not None and (stray := _stray(places, quotes, dialect)):
            line = _line(places.raw, stray - 1)
            layout, problem = None, f"expected a quote inside a quoted field to be doubled, got a single one in line {line}; double it"
        if layout is not None:
            return layout, ""
        first_problem = first_problem or problem
    return None, first_problem


def _dialects(places: _Places, separator: str) -> Iterator[tuple[Dialect, np.ndarray | None]]:
    """The dialects to try, the usual one first, each with the places of the quotes that open or close a field in it."""
    raw, mark, quotes = places.raw, separator.encode(), places.of(QUOTE)
    if not len(quotes):
        yield Dialect(separator, spaced=mark != b" " and mark in raw and raw.count(mark) == raw.count(mark + b" ")), None
        return
    yield Dialect(separator), quotes
    if f'{separator} "'.encode() in raw:
        yield Dialect(separator, spaced=True), quotes
    if b'\\"' in raw:
        yield Dialect(separator, escaped=True), quotes[~_escaped(places.data, quotes)]
    if not _wrapped(raw, separator):
        yield Dialect(separator, quoted=False), None
    yield Dialect(separator, lenient=True), None


def _escaped(data: np.ndarray, quotes: np.ndarray) -> np.ndarray:
    """Which quotes stand behind an odd number of backslashes."""
    odd = np.zeros(len(quotes), bool)
    at, left = quotes - 1, np.arange(len(quotes))
    while len(left):
        more = (at >= 0) & (data[np.maximum(at, 0)] == BACKSLASH)
        at, left = at[more] - 1, left[more]
        odd[left] ^= True
    return odd


def _stray(places: _Places, quotes: np.ndarray, dialect: Dialect) -> int:
    """The place, from 1, of the first quote that neither opens nor closes a field nor is doubled; 0 if there is none."""
    data, last = places.data, len(places.data) - 1
    edge = np.zeros(256, bool)
    edge[[ord(dialect.separator), NEWLINE, RETURN, QUOTE]] = True
    opening, closing = quotes[0::2], quotes[1::2]
    before = edge[data[np.maximum(opening - 1, 0)]] | (opening == places.start)
    if dialect.spaced:
        for k in np.flatnonzero(~before & (data[np.maximum(opening - 1, 0)] == BLANK)).tolist():
            place = int(opening[k]) - 1
            while place > 0 and data[place] == BLANK:
                place -= 1
            before[k] = data[place] == ord(dialect.separator)
    after = edge[data[np.minimum(closing + 1, last)]] | (closing == last)
    wrong = np.concatenate([opening[~before], closing[~after]])
    return int(wrong.min()) + 1 if len(wrong) else 0


def _wrapped(raw: bytes, separator: str) -> bool:
    """Whether quotes do have a meaning: some field starts with one (in a TSV, where few quote: starts and ends)."""
    mark = separator.encode()
    starts = raw.startswith(b'"') or mark + b'"' in raw or b'\n"' in raw
    return starts and (separator != "\t" or b'"' + mark in raw)


def _records(
    places: _Places, quotes: np.ndarray | None, dialect: Dialect, first: int, *, has_head: bool
) -> tuple[RecordLayout | None, str]:
    raw, data = places.raw, places.data
    ends = places.outside(NEWLINE, quotes) + 1
    if first < places.start:  # the header is the last line of comment
        ends = np.append(places.start, ends)
    if not len(ends) or ends[-1] != len(raw):
        ends = np.append(ends, len(raw))
    starts = np.concatenate([[first], ends[:-1]])
    if dialect.lenient:
        n_fields = np.array([dialect.count(raw[a:b].rstrip(b"\r\n")) for a, b in zip(starts.tolist(), ends.tolist(), strict=True)])
    else:
        n_fields = np.diff(np.searchsorted(places.outside(ord(dialect.separator), quotes), np.append(starts, len(raw)))) + 1
        if first < places.start:
            n_fields[0] = dialect.count(raw[first : places.start].rstrip(b"\r\n"))
    blank = (ends - starts == 1) | ((ends - starts == 2) & (data[starts] == RETURN))
    keep = ~blank if n_fields[0] > 1 else np.ones(len(starts), bool)
    starts, ends, n_fields = starts[keep], ends[keep], n_fields[keep]
    wrong = np.flatnonzero(n_fields != n_fields[0])
    if quotes is not None and len(quotes) % 2:
        return (
            None,
            f"expected every quote to be closed, got an open one in the record of line {_line(raw, starts[-1])}; close or double it",
        )
    if len(wrong):
        place, got = _line(raw, starts[wrong[0]]), n_fields[wrong[0]]
        what = f"expected {n_fields[0]} fields a record (as in the {'header' if has_head else 'first'}), got {got} in line {place}"
        return None, f"{what}; quote fields that hold {dialect.separator!r}"
    skip = int(has_head)
    head = (int(starts[0]), int(ends[0])) if has_head else (first, first)
    line = raw[head[0] : head[1]].rstrip(b"\r\n")
    names = [dialect.value(line[a:b]) or "" for a, b in dialect.fields(line)] if has_head else [""] * int(n_fields[0])
    return RecordLayout(raw, starts[skip:], ends[skip:], dialect, names, head, ~keep[skip:]), ""


def _named(layout: RecordLayout, path: Path, *, commented: bool, columns: Sequence[str] | None) -> RecordLayout:
    """The layout with the names of its columns: given, or out of the header; unique."""
    names = layout.names
    if columns is not None:
        if len(columns) != len(names):
            raise DataError(
                f"columns: expected {len(names)} names (as many fields has the first record of {path.name}), got {len(columns)};"
                " name each field"
            )
        names = [str(name) for name in columns]
    elif commented:
        names = [name.strip() for name in (names[0].lstrip("#"), *names[1:])]
    if len(set(names)) != len(names):
        twice, n = next((name, count) for name, count in Counter(names).items() if count > 1)
        as_these = " and ".join(repr(f"{twice or 'column'} {k}") for k in (1, 2))
        raise DataError(f"{path.name}: expected unique column names, got {twice!r} {n:,} times; give each a name of its own, as {as_these}")
    return replace(layout, names=names)


def _line(raw: bytes, offset: int) -> int:
    return raw.count(b"\n", 0, int(offset)) + 1
