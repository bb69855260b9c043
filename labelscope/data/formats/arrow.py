"""Arrow IPC: files (Feather 2) and streams."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from labelscope.data.formats.format import Edits, Format, Layout, ReadOptions, reading
from labelscope.data.limits import check_unfolded

__all__ = ["FORMAT"]

MAGIC = b"ARROW1"


@dataclass(frozen=True, eq=False)
class ArrowLayout(Layout):
    """Which of the two kinds of Arrow IPC it was."""

    stream: bool


def read(path: Path, options: ReadOptions) -> tuple[pl.DataFrame, ArrowLayout]:  # noqa: ARG001 - an Arrow column has one type
    """The table of an Arrow IPC file or stream.

    Raises
    ------
    DataError
        If the file is truncated or is no Arrow IPC.
    """
    with reading("Arrow IPC", path):
        with path.open("rb") as file:
            stream = file.read(len(MAGIC)) != MAGIC
        if not stream:
            n_rows, n_columns = pl.scan_ipc(path).select(pl.len()).collect().item(), len(pl.read_ipc_schema(path))
            check_unfolded(path, 8.0 * n_rows * n_columns, f"{n_rows:,} rows of {n_columns:,} columns")
        # read without a memory map: a map would change under us if the file were replaced
        return pl.read_ipc_stream(path) if stream else pl.read_ipc(path.read_bytes()), ArrowLayout(stream)


def write(table: pl.DataFrame, file: BinaryIO, layout: Any, edits: Edits | None) -> None:  # noqa: ARG001 - column files are written whole
    """Write the table as the kind of IPC that it came from, a file by default.

    Text is written as ``large_string``, which every Arrow reader knows (a ``string`` or ``string_view`` of the source
    reads back as the same polars, pandas and R type).
    """
    oldest = pl.CompatLevel.oldest()
    if isinstance(layout, ArrowLayout) and layout.stream:
        table.write_ipc_stream(file, compat_level=oldest)
    else:
        table.write_ipc(file, compat_level=oldest)


FORMAT = Format("arrow", (".arrow", ".feather", ".ipc", ".arrows"), read, write)
