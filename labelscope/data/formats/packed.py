"""Files packed by gzip, Zstandard, bzip2 or xz: unpacked for the reader of the format inside, packed again by its writer.

What is inside keeps every promise of its format: of a packed CSV an export differs in the edited fields alone. The packed
bytes differ, as another program (or another level) packed them.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import polars as pl

from labelscope.data.formats.format import Edits, Format, Layout, ReadOptions, broken, reading
from labelscope.data.formats.formulas import escapes_path
from labelscope.errors import DataError, MissingExtra

__all__ = ["PACKINGS", "Packing", "packed"]

MOST_TIMES = 200  # larger than packed; tables of real data stay below 50
LEAST_SUSPECT = 256 << 20
BLOCK = 1 << 20


@dataclass(frozen=True)
class Packing:
    """One way to pack a file.

    Attributes
    ----------
    name : str
    suffixes : tuple of str
    open : callable (file, mode) -> file
        A file whose bytes are packed into, or unpacked from, another.
    """

    name: str
    suffixes: tuple[str, ...]
    open: Callable[[BinaryIO, str], Any]


def packed(kind: Format, packing: Packing) -> Format:
    """A format whose files are packed. It has the same name: a table may come packed and go out unpacked."""

    def read(path: Path, options: ReadOptions) -> tuple[pl.DataFrame, Layout]:
        with TemporaryDirectory(prefix="labelscope-") as folder:
            inside = Path(folder) / path.stem
            _unpack(path, inside, packing)
            if escapes_path(path).is_file():  # what is said of the table beside it holds for what is inside
                shutil.copyfile(escapes_path(path), escapes_path(inside))
            return kind.read(inside, options)

    def write(table: pl.DataFrame, file: BinaryIO, layout: Any, edits: Edits | None) -> None:
        inside = io.BytesIO()
        kind.write(table, inside, layout, edits)
        with packing.open(file, "wb") as out:
            out.write(inside.getbuffer())

    return replace(kind, suffixes=packing.suffixes, read=read, write=write)


def _unpack(path: Path, inside: Path, packing: Packing) -> None:
    most = min(max(LEAST_SUSPECT, MOST_TIMES * path.stat().st_size), shutil.disk_usage(inside.parent).free)
    with reading(packing.name, path), path.open("rb") as file, packing.open(file, "rb") as source, inside.open("wb") as target:
        while block := _block(source, path, packing):
            target.write(block)
            if target.tell() > most:
                break
        else:
            return
    raise DataError(
        f"{path.name}: expected at most {MOST_TIMES} times its size unpacked and room for that in the temporary folder, got more;"
        " unpack it yourself and name the file that comes out"
    )


def _block(source: Any, path: Path, packing: Packing) -> bytes:
    try:
        return bytes(source.read(BLOCK))
    except OSError as error:
        if error.errno is None:  # of the packing, not of the disk
            raise broken(packing.name, path, error) from None
        raise


def _gzip(file: BinaryIO, mode: str) -> Any:
    return gzip.GzipFile(filename="", fileobj=file, mode=mode, mtime=0)  # no name and no time: the same table, the same bytes


def _bzip2(file: BinaryIO, mode: Any) -> Any:
    return bz2.BZ2File(file, mode)


def _xz(file: BinaryIO, mode: str) -> Any:
    return lzma.LZMAFile(file, mode)


def _zstandard(file: BinaryIO, mode: Any) -> Any:
    return _zstd().ZstdFile(file, mode)


def _zstd() -> Any:
    """The module of Python 3.14, or the same one for earlier Pythons."""
    for name in ("compression.zstd", "backports.zstd"):
        with suppress(ImportError):
            return import_module(name)
    raise MissingExtra("backports.zstd", "zstd", "a file that ends in .zst") from None


PACKINGS: tuple[Packing, ...] = (
    Packing("gzip", (".gz",), _gzip),
    Packing("Zstandard", (".zst", ".zstd"), _zstandard),
    Packing("bzip2", (".bz2",), _bzip2),
    Packing("xz", (".xz",), _xz),
)
