"""What a Parquet file says of its own size, read before its columns are.

A column whose values are all alike takes a few bytes for any number of rows, so the size of the file says nothing about the memory
that it needs. The footer does: it is a Thrift structure in the compact protocol, of which a few numbers are looked at here (Apache
Parquet format, ``parquet.thrift``: FileMetaData 3 and 4, RowGroup 1, ColumnChunk 3, ColumnMetaData 1, 3, 5 and 6).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from labelscope.data.formats.format import broken
from labelscope.data.limits import ROW, check_unfolded

__all__ = ["check_parquet"]

MAGIC = b"PAR1"
LARGEST_FOOTER = 2 << 20
"""Bytes of a footer that is looked at: about 20,000 column chunks, in a second. A larger one belongs to a file of some megabytes."""
DEEPEST = 20  # structures within one another: the format has six
WIDTHS = {0: 8, 1: 8, 2: 8, 3: 12, 4: 8, 5: 8}
"""Bytes of a value by physical type; texts and bytes take a view of 16."""
NARROW = (pl.Boolean, pl.Int8, pl.UInt8)
"""Types of columns that take a byte a cell, or a bit: tables with a column a label of a million rows and more come so."""
STOP, TRUE, FALSE, BYTE, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = 0, 1, 2, 3, 7, 8, 9, 10, 11, 12


def check_parquet(path: Path, came: Path) -> None:
    """Refuse a Parquet file that would unfold into far more memory than the file is large in which it came: it may have been packed.

    Raises
    ------
    DataError
        If it would, or its footer is damaged.
    """
    with path.open("rb") as file:
        file.seek(0, 2)
        size = file.tell()
        file.seek(max(0, size - 8))
        end = file.read(8)
        n_bytes = int.from_bytes(end[:4], "little")
        if end[4:] != MAGIC or not 0 < n_bytes <= min(size - 8, LARGEST_FOOTER):
            return  # no Parquet, or a file whose reader says what is wrong with it
        file.seek(size - 8 - n_bytes)
        content = file.read(n_bytes)
    try:
        footer = _Compact(content).structure()
        columns = [chunk[3] for group in footer[4] for chunk in group[1] if 3 in chunk]
        narrow = {name.encode() for name, dtype in pl.scan_parquet(path, glob=False).collect_schema().items() if dtype in NARROW}
        widths = [1 if of[3][0] in narrow else WIDTHS.get(of.get(1), 16) for of in columns]
        memory = max(ROW * footer[3], sum(max(of.get(6, 0), of.get(5, 0) * width) for of, width in zip(columns, widths, strict=True)))
        what = f"{footer[3]:,} rows of {sum(of.get(5, 0) for of in columns):,} values"
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:  # of other fields, or fields of other types
        raise broken("Parquet", path, f"damaged footer: {error}") from None
    check_unfolded(came, memory, what)


class _Compact:
    """A reader of Thrift's compact protocol: structures as dictionaries by field number."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = self._depth = 0

    def structure(self) -> dict[int, Any]:
        """The fields of a structure."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise ValueError("structures nested too deep")
        fields: dict[int, Any] = {}
        number = 0
        while (head := self._byte()) != STOP:
            number = number + (head >> 4) if head >> 4 else self._integer()
            fields[number] = head & 15 == TRUE if head & 15 in {TRUE, FALSE} else self._value(head & 15)
        self._depth -= 1
        return fields

    def _value(self, kind: int) -> Any:
        if kind in {TRUE, FALSE, BYTE}:  # a bool in a list is a byte
            return self._byte()
        if kind == DOUBLE:
            return self._take(8)
        if kind == BINARY:
            return self._take(self._unsigned())
        if kind in {LIST, SET}:
            head = self._byte()
            n = head >> 4 if head >> 4 < 15 else self._unsigned()
            return [self._value(head & 15) for _ in range(n)]
        if kind == MAP:
            n = self._unsigned()
            kinds = self._byte() if n else 0
            return [(self._value(kinds >> 4), self._value(kinds & 15)) for _ in range(n)]
        return self.structure() if kind == STRUCT else self._integer()

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _take(self, n: int) -> bytes:
        if n > len(self._data) - self._at:
            raise ValueError("a field that is longer than the footer")
        self._at += n
        return self._data[self._at - n : self._at]

    def _unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    def _integer(self) -> int:
        value = self._unsigned()
        return (value >> 1) ^ -(value & 1)
