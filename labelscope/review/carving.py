"""Rows taken from the pages of an SQLite file by hand, where SQLite refuses the file: what they are worth, the chain says.

Every page that can be a leaf of a table is read as one, whatever the rest of the file says about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

__all__ = ["Record", "carve"]

Value = int | float | str | None
_HEADER = 100  # bytes of the file header, in front of the first page
_NO_LEAVES = (0x02, 0x05, 0x0A)  # pages of an index, and inner pages of a table
_LARGEST = 1 << 30  # no value is larger
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}  # bytes of each type of integer


class Record(NamedTuple):
    """A row of some table: its number and its values."""

    number: int
    values: tuple[Value, ...]


def carve(path: Path) -> Iterator[Record]:
    """Every row that can be read in an SQLite file, in no order; garbage may be among them."""
    with path.open("rb") as stream:
        size = _page_size(stream.read(_HEADER))
        stream.seek(0)
        number = 0
        while len(page := stream.read(size)) > 8:
            number += 1
            place = stream.tell()
            yield from _records(page, _HEADER if number == 1 else 0, stream, size)
            stream.seek(place)


def _page_size(header: bytes) -> int:
    told = int.from_bytes(header[16:18], "big")
    told = 65_536 if told == 1 else told
    return told if told in {1 << k for k in range(9, 17)} else 4096


def _records(page: bytes, start: int, stream: BinaryIO, size: int) -> Iterator[Record]:
    if len(page) <= start or page[start] in _NO_LEAVES:  # a file that was cut off in its head has no page
        return
    cells, first = start + 8, len(page)
    while cells + 2 <= first:
        at = int.from_bytes(page[cells : cells + 2], "big")
        cells += 2
        if at <= start + 8 or at >= len(page):
            continue
        first = min(first, max(at, cells))
        try:
            record = _record(page, at, stream, size)
        except (IndexError, ValueError, OverflowError):
            continue
        if record is not None:
            yield record


def _record(page: bytes, at: int, stream: BinaryIO, size: int) -> Record | None:
    length, at = _varint(page, at)
    number, at = _varint(page, at)
    if not 2 <= length <= _LARGEST:
        return None
    largest = size - 35
    local = length
    if length > largest:
        smallest = (size - 12) * 32 // 255 - 23
        local = smallest + (length - smallest) % (size - 4)
        local = local if local <= largest else smallest
    payload = page[at : at + local]
    if length > local:
        payload += _overflow(stream, size, int.from_bytes(page[at + local : at + local + 4], "big"), length - local)
    return Record(number, _values(payload)) if len(payload) == length else None


def _overflow(stream: BinaryIO, size: int, page: int, wanted: int) -> bytes:
    """The rest of a long row, from the pages that it goes on in."""
    out = bytearray()
    while page and len(out) < wanted:
        stream.seek((page - 1) * size)
        block = stream.read(size)
        if len(block) < 4:
            break
        page = int.from_bytes(block[:4], "big")
        out += block[4 : 4 + wanted - len(out)]
    return bytes(out)


def _values(payload: bytes) -> tuple[Value, ...]:
    end, at = _varint(payload, 0)
    kinds = []
    while at < end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[Value] = []
    for kind in kinds:
        length = _INTEGERS.get(kind, 0)
        if kind >= 12:
            length = (kind - 12) // 2
        elif kind == 7:
            raise ValueError(kind)
        said = payload[at : at + length]
        if len(said) != length:
            raise ValueError(length)
        at += length
        if kind >= 12:
            values.append(said.decode("utf-8"))
        elif kind in _INTEGERS:
            values.append(int.from_bytes(said, "big", signed=True))
        else:
            values.append({8: 0, 9: 1}.get(kind))
    return tuple(values)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where it ends."""
    value = 0
    for k in range(8):
        byte = data[at + k]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + k + 1
    return value << 8 | data[at + 8], at + 9
