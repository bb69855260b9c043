"""CSV and TSV. Read as text, every column; written back record by record, so that an untouched record keeps its bytes.

A cell that is left out (``a,,b``) is null and ``""`` is the empty string: the two are kept apart. Typed views of the
columns are made elsewhere (:mod:`labelscope.data.typed`); the table here is what the file says, "007" included, but for the
apostrophes that labelscope itself put before formulas (:mod:`labelscope.data.formats.formulas`).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl
import polars.selectors as cs

from labelscope.data.formats.dialect import Dialect
from labelscope.data.formats.flat import flatten
from labelscope.data.formats.format import SAMPLE, Edits, Format, Peek, ReadOptions, broken
from labelscope.data.formats.format_notes import IN_PLACE, NOTHING, FormatNotes
from labelscope.data.formats.formulas import escapes_frame, escapes_path, unescape_formulas
from labelscope.data.formats.records import RecordLayout, find_records
from labelscope.errors import DataError

__all__ = ["CSV", "NOTES", "TSV"]

NOTES = FormatNotes(
    "**CSV, TSV** `.csv` `.tsv`",
    "in the dialect of the file: separator, quotes, backslashes, `sep=` and comment lines, no header",
    IN_PLACE,
    "yes: nested values as JSON text",
    NOTHING,
    formats=("csv", "tsv"),
)

BLOCK = 1 << 22
OPENINGS = ("#", "\ufeff", "sep=")  # of a file: a comment, a byte order mark, a word to Excel


def read(separators: str, path: Path, options: ReadOptions) -> tuple[pl.DataFrame, RecordLayout | None]:
    """The table as strings, and where its records lie in the file.

    Parameters
    ----------
    separators : str
        Candidates, the usual one first; another one is taken only if the first does not fit.

    Raises
    ------
    DataError
        If the file is empty, is not UTF-8, or a record has too many or too few fields (its line is named).
    """
    raw = _text(path)
    layout = find_records(raw, _separators(separators, options.separator), path, options.columns)
    table = _values(layout, path)
    plain = unescape_formulas(table, escapes_frame(path))
    layout = replace(layout, escaped=plain is not None)
    return table if plain is None else plain, layout if len(layout.starts) == table.height else None


def peek(separators: str, path: Path, options: ReadOptions) -> Peek:
    """The first records of a file whose records were all found, and its columns when they are asked for."""
    if escapes_path(path).is_file():
        return Peek.whole(*read(separators, path, options))
    layout = find_records(_text(path), _separators(separators, options.separator), path, options.columns)
    sample = _values(layout.head_rows(SAMPLE), path)
    return Peek(layout.names, sample, len(layout.starts), layout, lambda names: _values(layout, path, names))


def _separators(usual: str, given: str | None) -> str:
    if given is None:
        return usual
    mark = {"\\t": "\t", "tab": "\t"}.get(given, given)
    if len(mark) != 1 or not mark.isascii() or mark in '"\r\n':
        raise DataError(f"separator: expected one character that stands between fields, as ';', got {given!r}; name another one")
    return mark


def _values(layout: RecordLayout, path: Path, names: Sequence[str] | None = None) -> pl.DataFrame:
    """The values of the records, in the dialect in which they were found; of some columns, all by default."""
    place = {name: k for k, name in enumerate(layout.names)}  # a file may have a hundred thousand columns
    kept = sorted(place[name] for name in (layout.names if names is None else names))
    start, end = layout.head
    with_head, dialect = end > start, layout.dialect
    raw = layout.raw if start == 0 else layout.raw[start:]
    if dialect.spaced and b'"' not in raw:
        mark = dialect.separator.encode()
        raw = re.sub(re.escape(mark) + b" +", mark, raw)
    elif not dialect.plain:
        raw, with_head = b"\n".join(dialect.canonical(body) for body in layout.bodies()), False
    try:
        quote = '"' if dialect.quoted else None
        table = (
            pl.read_csv(raw, infer_schema=False, separator=dialect.separator, quote_char=quote, has_header=with_head, columns=kept)
            if raw
            else pl.DataFrame(schema=dict.fromkeys(layout.names, pl.String))
        )
    except pl.exceptions.PolarsError as error:
        raise broken("CSV", path, error) from None
    table.columns = [layout.names[k] for k in kept]
    return table.filter(~layout.blank) if len(layout.blank) == table.height and layout.blank.any() else table


def write(separator: str, table: pl.DataFrame, file: BinaryIO, layout: Any, edits: Edits | None) -> None:
    """Write the table; with a layout, copy the file it came from and rewrite only the fields that differ.

    For a file with escaped formulas, `table` and `edits` are escaped too.

    Raises
    ------
    DataError
        If there is a value that no such file can hold.
    """
    if isinstance(layout, RecordLayout) and edits is not None:
        layout.rewrite(table, file, edits)
    else:
        flat = flatten(table)
        _check_zeros(flat)
        file.write(_head(flat.columns, separator))
        flat.write_csv(file, separator=separator, include_header=False)


def _head(names: Sequence[str], separator: str) -> bytes:
    """The header line. What would be read as a mark of the file or a comment, were it at the start, stands in quotes."""
    dialect = Dialect(separator)
    fields = [dialect.field(name, quoted=k == 0 and name.startswith(OPENINGS)) for k, name in enumerate(names)]
    return separator.encode().join(fields) + b"\n"


def _check_zeros(table: pl.DataFrame) -> None:
    """Refuse text with a zero byte, by which no reader takes a file for text."""
    has_zero = table.select(cs.string().str.contains("\x00", literal=True).any())
    zeros = {column.name for column in has_zero.iter_columns() if column[0]}
    found = [name for name in table.columns if "\x00" in name or name in zeros]
    if found:
        raise DataError(
            f"export: expected text that a CSV can hold, got a zero byte in the column {found[0]!r}; export to .parquet, .arrow or .jsonl"
        )


def _text(path: Path) -> bytes:
    raw = path.read_bytes()
    wrong = _first_wrong(raw)
    if wrong is not None:
        line = raw.count(b"\n", 0, wrong) + 1
        raise DataError(f"{path.name}: expected UTF-8 text, got other bytes in line {line}; save it as UTF-8")
    if b"\x00" in raw:
        raise DataError(f"{path.name}: expected UTF-8 text, got zero bytes (UTF-16 or a binary file); save it as UTF-8")
    if b"\n" not in raw and b"\r" in raw.strip():
        raise DataError(f"{path.name}: expected lines that end in a line feed, got carriage returns alone; save it with other line ends")
    return raw


def _first_wrong(raw: bytes) -> int | None:
    """Where the first byte is that is no UTF-8; looked for in blocks, as the whole text would take several times the memory."""
    decoder, done = codecs.getincrementaldecoder("utf-8")(), 0
    view = memoryview(raw)
    try:
        while done < len(raw):
            decoder.decode(view[done : done + BLOCK], final=done + BLOCK >= len(raw))
            done += BLOCK
    except UnicodeDecodeError as error:
        return max(0, done + error.start - len(decoder.getstate()[0]))
    return None


CSV = Format("csv", (".csv",), partial(read, ",;\t|"), partial(write, ","), partial(peek, ",;\t|"))
TSV = Format("tsv", (".tsv", ".tab"), partial(read, "\t,;|"), partial(write, "\t"), partial(peek, "\t,;|"))
