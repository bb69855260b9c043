"""The mark of a folder: which of its files labelscope wrote, so that no other file is ever replaced or removed.

A small JSON file, ``.labelscope.json``, with the name, size and hash of each file. A file that is not in it, or is not as
it says, belongs to somebody else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from labelscope.data.small_files import read_small
from labelscope.errors import DataError

__all__ = ["MARK", "MarkedFile", "changed_files", "encode_mark", "mark_files", "read_mark", "refuse_foreign"]

MARK = ".labelscope.json"
VERSION = 1
BLOCK = 1 << 20


@dataclass(frozen=True)
class MarkedFile:
    """A file as it was written.

    Attributes
    ----------
    name : str
        In the folder of the mark.
    size : int
        In bytes.
    digest : str
        BLAKE2b of 16 bytes, as hexadecimal digits.
    writer : str
        What wrote it, and may replace it: "scan", "report", "export", "demo".
    """

    name: str
    size: int
    digest: str
    writer: str


def read_mark(folder: Path) -> dict[str, MarkedFile] | None:
    """The files that labelscope wrote in a folder, by name; None if it has no mark, or one that cannot be read.

    Raises
    ------
    DataError
        If a newer labelscope wrote it.
    """
    try:
        found: Any = json.loads(read_small(folder / MARK))
        newer = found["version"] > VERSION
        marked = [MarkedFile(str(of["name"]), int(of["size"]), str(of["digest"]), str(of["writer"])) for of in found["files"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    if newer:
        raise DataError(f"{folder}: expected a folder of this labelscope or an older one, got a newer one's; upgrade labelscope")
    return {of.name: of for of in marked if Path(of.name).name == of.name != ".."}


def encode_mark(files: Iterable[MarkedFile]) -> bytes:
    """The text of a mark."""
    listed = [asdict(of) for of in sorted(files, key=lambda of: of.name)]
    return (json.dumps({"about": "files that labelscope wrote", "version": VERSION, "files": listed}, indent=1) + "\n").encode()


def mark_files(folder: Path, writers: Mapping[str, str]) -> list[MarkedFile]:
    """The files of a folder as they are now.

    Parameters
    ----------
    folder : pathlib.Path
    writers : mapping of file name to what wrote it
    """
    return [MarkedFile(name, (folder / name).stat().st_size, _digest(folder / name), writer) for name, writer in writers.items()]


def changed_files(folder: Path, marked: Mapping[str, MarkedFile]) -> list[str]:
    """Names of files in the mark of a folder that are there but not as they were written."""
    return [name for name in sorted(marked) if _exists(folder / name) and not _is_as_marked(folder / name, marked[name])]


def refuse_foreign(folder: Path, names: Iterable[str], name: str) -> None:
    """Refuse to write files in a folder where others of these names are that labelscope did not write.

    Raises
    ------
    DataError
        If there is one, or one that was changed since.
    """
    marked = read_mark(folder) or {}
    for file in names:
        path = folder / file
        if _exists(path) and not (file in marked and _is_as_marked(path, marked[file])):
            raise DataError(
                f"{name}: expected files as labelscope wrote them, got {path}, which it did not write or which was changed since; "
                "move that file away or choose another folder"
            )


def _exists(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _is_as_marked(path: Path, marked: MarkedFile) -> bool:
    return path.is_file() and not path.is_symlink() and path.stat().st_size == marked.size and _digest(path) == marked.digest


def _digest(path: Path) -> str:
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
