"""What an Arrow IPC file or stream says of its own size, read before its columns are.

A compressed buffer begins with the size that it will have, so a file of a few bytes can claim any. The claims are in the messages:
tables of FlatBuffers, of which a few numbers are looked at here (Apache Arrow format, ``Message.fbs`` and ``File.fbs``: Message 1, 2
and 3; DictionaryBatch 1; RecordBatch 0, 1, 2 and 3; Footer 2 and 3).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from labelscope.data.formats.format import broken
from labelscope.data.limits import ROW, check_unfolded

__all__ = ["MAGIC", "check_arrow"]

MAGIC = b"ARROW1"
"""What a file begins and ends with; a stream has none."""
CONTINUED = -1  # stands before the size of a message since version 0.15
DICTIONARY, RECORDS = 2, 3  # what a message holds, if it is no schema
BLOCK = np.dtype({"names": ["at", "head"], "formats": ["<i8", "<i4"], "offsets": [0, 8], "itemsize": 24})
PAIR = np.dtype(("<i8", 2))  # of a node: values and nulls; of a buffer: its place and its length
UNCHANGED = -1  # the size of a buffer that its compression did not make smaller


class _Claim(NamedTuple):
    """What one batch says: its rows (0 of a dictionary), values of all columns, bytes of the buffers once they are unpacked."""

    n_rows: int
    n_values: int
    n_bytes: float


def check_arrow(path: Path, came: Path) -> None:
    """Refuse Arrow IPC that would unfold into far more memory than the file is large in which it came: it may have been packed.

    Raises
    ------
    DataError
        If it would, or one of its messages is damaged.
    """
    try:
        with path.open("rb") as file:
            claims = list(_of_file(file) if file.read(len(MAGIC)) == MAGIC else _of_stream(file))
    except (struct.error, OverflowError, ValueError) as error:
        raise broken("Arrow IPC", path, f"damaged message: {error}") from None
    n_rows, n_values, n_bytes = (sum(of) for of in zip(_Claim(0, 0, 0), *claims, strict=True))
    check_unfolded(came, max(ROW * n_rows, n_bytes), f"{n_rows:,} rows of {n_values:,} values")


def _of_file(file: BinaryIO) -> Iterator[_Claim]:
    """Of the batches that the footer of a file names."""
    end = file.seek(0, 2) - len(MAGIC) - 4
    file.seek(max(0, end))
    length, magic = struct.unpack("<i6s", file.read(10))
    if magic != MAGIC or not 0 < length <= end:
        raise ValueError("no footer")
    footer = _Table.root(_taken(file, end - length, length))
    for field in (2, 3):
        for block in footer.vector(field, BLOCK):
            at = int(block["at"])
            _, message = _message(file, at)
            if message is not None:
                yield from _claims(file, message, at + int(block["head"]))


def _of_stream(file: BinaryIO) -> Iterator[_Claim]:
    """Of the batches of a stream, one behind the other."""
    at, message = _message(file, 0)
    while message is not None:
        yield from _claims(file, message, at)
        body = message.number(3, "<q")
        if body < 0:
            raise ValueError("a body of no size")
        at, message = _message(file, at + body)


def _message(file: BinaryIO, at: int) -> tuple[int, _Table | None]:
    """Where the body of a message begins, and the message; None behind the last one."""
    file.seek(at)
    head = file.read(8)
    if len(head) < 4:
        return at, None
    (length,) = struct.unpack_from("<i", head)
    at += 4
    if length == CONTINUED:
        (length,) = struct.unpack_from("<i", head, 4)
        at += 4
    return at + length, _Table.root(_taken(file, at, length)) if length else None


def _claims(file: BinaryIO, message: _Table, body: int) -> Iterator[_Claim]:
    kind, held = message.number(1, "<B"), message.table(2)
    batch = held.table(1) if kind == DICTIONARY and held is not None else held
    if kind not in {DICTIONARY, RECORDS} or batch is None:
        return
    n_rows, lengths, buffers = batch.number(0, "<q"), batch.vector(1, PAIR)[:, 0], batch.vector(2, PAIR)
    if n_rows < 0 or (lengths < 0).any() or (buffers < 0).any():
        raise ValueError("a size below 0")
    sizes = buffers[:, 1].astype(np.float64)
    if batch.table(3) is not None:
        for k in np.flatnonzero(buffers[:, 1] >= 8):
            (unpacked,) = struct.unpack("<q", _taken(file, body + int(buffers[k, 0]), 8))
            if unpacked != UNCHANGED:
                sizes[k] = unpacked
    yield _Claim(0 if kind == DICTIONARY else n_rows, int(lengths.astype(np.float64).sum()), float(sizes.sum()))


def _taken(file: BinaryIO, at: int, n: int) -> bytes:
    """Bytes of a file, no memory taken for what is not there."""
    size = file.seek(0, 2)
    if at < 0 or n < 0 or at + n > size:
        raise ValueError("it lies outside the file")
    file.seek(at)
    return file.read(n)


class _Table:
    """A table of FlatBuffers: fields by their number, found through a list of offsets."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at

    @classmethod
    def root(cls, data: bytes) -> _Table:
        """The table that a message is."""
        return cls(data, struct.unpack_from("<I", data)[0])

    def number(self, field: int, form: str) -> int:
        """A number, 0 where it is left out."""
        at = self._place(field)
        return 0 if at is None else int(struct.unpack_from(form, self._data, at)[0])

    def table(self, field: int) -> _Table | None:
        """A table within this one."""
        at = self._place(field)
        return None if at is None else _Table(self._data, self._followed(at))

    def vector(self, field: int, dtype: np.dtype) -> np.ndarray:
        """Structures, one behind the other."""
        at = self._place(field)
        if at is None:
            return np.frombuffer(b"", dtype)
        start = self._followed(at)
        (n,) = struct.unpack_from("<I", self._data, start)
        return np.frombuffer(self._data, dtype, n, start + 4)

    def _place(self, field: int) -> int | None:
        offsets = self._at - int(struct.unpack_from("<i", self._data, self._at)[0])
        if offsets < 0:
            raise ValueError("it lies outside the message")
        (size,) = struct.unpack_from("<H", self._data, offsets)
        slot = 4 + 2 * field
        (at,) = struct.unpack_from("<H", self._data, offsets + slot) if slot < size else (0,)
        return self._at + at if at else None

    def _followed(self, at: int) -> int:
        return at + int(struct.unpack_from("<I", self._data, at)[0])
