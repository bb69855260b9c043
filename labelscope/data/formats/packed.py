"""Files packed by gzip, Zstandard, bzip2, xz or zip: unpacked for the reader of the format inside, packed again by its writer.

What is inside keeps every promise of its format: of a packed CSV an export differs in the edited fields alone. The packed
bytes differ, as another program (or another level) packed them.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import polars as pl

from labelscope.data.formats.format import Edits, Format, Layout, ReadOptions, broken, reading
from labelscope.data.formats.format_notes import FormatNotes
from labelscope.data.formats.formulas import escapes_path
from labelscope.data.limits import ROW, check_unfolded
from labelscope.errors import DataError, MissingExtra

__all__ = ["NOTES", "PACKINGS", "Packing", "members", "name_inside", "packed"]

NOTES = FormatNotes(
    "**packed**: any of these with `.gz` `.zst` `.bz2` `.xz` `.zip` behind; an archive of one table",
    "as what is inside",
    "as what is inside",
    "as what is inside",
    "the level of the packing",
)

MOST_TIMES = 200  # larger than packed; tables of real data stay below 50
LEAST_SUSPECT = 256 << 20
BLOCK = 1 << 20
LINE = b"\n"
MEMORY = {LINE: ROW, b",": 24, b";": 24, b"\t": 24, b"|": 24, b"{": 232, b"[": 64, b'"': 16}
"""Bytes of memory that a mark of a text stands for while it is read: a row, a cell, an object, a list, half a text."""


@dataclass(frozen=True)
class Packing:
    """One way to pack a file.

    Attributes
    ----------
    name : str
    suffixes : tuple of str
    open : callable (file, mode, name) -> file
        A file whose bytes are packed into, or unpacked from, another; its name is kept where the packing has names.
    """

    name: str
    suffixes: tuple[str, ...]
    open: Callable[[BinaryIO, Any, str], Any]


def packed(kind: Format, packing: Packing, name: str) -> Format:
    """A format whose files are packed. It has the same name: a table may come packed and go out unpacked.

    Parameters
    ----------
    kind : Format
        Of the file inside.
    packing : Packing
    name : str
        Of the file inside.
    """

    def read(path: Path, options: ReadOptions) -> tuple[pl.DataFrame, Layout]:
        with TemporaryDirectory(prefix="labelscope-") as folder:
            inside = Path(folder) / Path(name).name
            outermost = options.packed or path
            _unpack(path, inside, packing, outermost)
            if escapes_path(path).is_file():  # what is said of the table beside it holds for what is inside
                shutil.copyfile(escapes_path(path), escapes_path(inside))
            return kind.read(inside, replace(options, packed=outermost))

    def write(table: pl.DataFrame, file: BinaryIO, layout: Any, edits: Edits | None) -> None:
        inside = io.BytesIO()
        kind.write(table, inside, layout, edits)
        with packing.open(file, "wb", name) as out:
            out.write(inside.getbuffer())

    return replace(kind, suffixes=packing.suffixes, read=read, write=write, peek=None)


def _unpack(path: Path, inside: Path, packing: Packing, outermost: Path) -> None:
    most = min(max(LEAST_SUSPECT, MOST_TIMES * outermost.stat().st_size), shutil.disk_usage(inside.parent).free)
    marks: Counter[bytes] = Counter()
    with reading(packing.name, path), path.open("rb") as file, packing.open(file, "rb", inside.name) as source, inside.open("wb") as target:
        while block := _block(source, path, packing):
            target.write(block)
            marks.update({mark: block.count(mark) for mark in MEMORY})
            memory = target.tell() + sum(MEMORY[mark] * n for mark, n in marks.items())
            check_unfolded(outermost, memory, f"a text of {marks[LINE]:,} lines with {marks.total() - marks[LINE]:,} marks between values")
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


def _gzip(file: BinaryIO, mode: Any, _: str) -> Any:
    return gzip.GzipFile(filename="", fileobj=file, mode=mode, mtime=0)  # no name and no time: the same table, the same bytes


def _bzip2(file: BinaryIO, mode: Any, _: str) -> Any:
    return bz2.BZ2File(file, mode)


def _xz(file: BinaryIO, mode: Any, _: str) -> Any:
    return lzma.LZMAFile(file, mode)


def _zstandard(file: BinaryIO, mode: Any, _: str) -> Any:
    return _zstd().ZstdFile(file, mode)


@contextmanager
def _zip(file: BinaryIO, mode: str, name: str) -> Iterator[Any]:
    """The only file of an archive."""
    with zipfile.ZipFile(file, mode[0], zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        entry: Any = members(archive)[0] if mode == "rb" else zipfile.ZipInfo(name)
        entry = entry if mode == "rb" else _deflated(entry)
        with archive.open(entry, mode[0]) as inside:
            yield inside


def _deflated(entry: zipfile.ZipInfo) -> zipfile.ZipInfo:
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def name_inside(path: Path, packing: Packing) -> str:
    """Name of the file that is packed: that of the packed one without its last suffix, or what the archive says.

    Raises
    ------
    DataError
        If an archive holds several files.
    """
    if packing.name != "zip" or not path.is_file():
        return path.with_suffix("").name
    with reading("zip", path), zipfile.ZipFile(path) as archive:
        found = members(archive)
    if len(found) != 1:
        names = ", ".join(entry.filename for entry in found[:3]) or "none"
        raise DataError(f"{path.name}: expected one file in the archive, got {len(found)} ({names}); unpack it and name one of them")
    return Path(found[0].filename).name


def members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files of an archive, without what macOS puts beside them."""
    return [entry for entry in archive.infolist() if not entry.is_dir() and not entry.filename.startswith("__MACOSX/")]


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
    Packing("zip", (".zip",), _zip),
)
