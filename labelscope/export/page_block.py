"""The compressed block of a published page: a header and arrays, each at a multiple of eight bytes, all in gzip.

The reader of the format is ``extensions/widgets/src/published/payload.ts``.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["NONE", "Block", "sixteen"]

NONE = 65535  # stands for a number that is not there


class Block:
    """Arrays one after the other, with a table of where each is."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._length = 0
        self.table: dict[str, tuple[str, int, int]] = {}

    def put(self, name: str, values: Any, kind: str | None = None) -> None:
        """Add an array; without a kind, as the smallest unsigned integers that hold it."""
        array = np.asarray(values)
        dtype = np.dtype(kind or np.min_scalar_type(int(array.max(initial=0)))).newbyteorder("<")
        data = np.ascontiguousarray(array.astype(dtype)).tobytes()
        self.table[name] = (f"{dtype.kind}{dtype.itemsize}", self._length, len(array))
        self._parts.append(data + b"\0" * (-len(data) % 8))
        self._length += len(self._parts[-1])

    def packed(self, header: Mapping[str, Any]) -> bytes:
        """Everything, compressed; the same bytes each time."""
        text = json.dumps({**header, "arrays": self.table}, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        head = len(text).to_bytes(8, "little") + text + b"\0" * (-len(text) % 8)
        return gzip.compress(b"".join([head, *self._parts]), 9, mtime=0)


def sixteen(shares: np.ndarray) -> np.ndarray:
    """Numbers in [0, 1] in ten thousandths; NaN is NONE."""
    return np.where(np.isnan(shares), NONE, np.round(np.nan_to_num(shares) * 10_000)).astype(np.uint16)
