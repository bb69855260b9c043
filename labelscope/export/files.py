"""Several files that appear together, whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

import polars as pl

from labelscope.errors import DataError

__all__ = ["write_files"]

REASONS = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "the disk quota is used up; free some space",
    errno.EFBIG: "the file would be too large for this disk; choose another place",
    errno.EACCES: "permission denied; choose a place that can be written",
    errno.EPERM: "permission denied; choose a place that can be written",
    errno.EROFS: "the disk is read-only; choose another place",
    errno.ENOENT: "there is no such folder; make it first",
    errno.ENOTDIR: "there is no such folder; make it first",
    errno.EISDIR: "it is a folder; add a file name",
    errno.ENAMETOOLONG: "the name is too long; shorten it",
}


def write_files(writers: Mapping[Path, Callable[[BinaryIO], None]]) -> None:
    """Write files aside in their folders, flush them to the disk, and rename them when all are complete.

    Parameters
    ----------
    writers : mapping of path to function
        Each function writes one file; the files are renamed in this order.

    Raises
    ------
    DataError
        If one cannot be written (full disk, no permission, no such folder): then none is, and nothing is left over.
    """
    parts: dict[Path, Path] = {}
    current = Path()
    try:
        for current, write in writers.items():
            if current.is_dir():
                raise IsADirectoryError(errno.EISDIR, "")
            part = current.with_name(f".{current.name}.{os.getpid()}.part")
            parts[current] = part
            with part.open("wb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
        for current, part in parts.items():
            part.replace(current)
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise DataError(f"export: expected to write {current}, but {_reason(error)}") from None
    finally:
        for part in parts.values():
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


def _reason(error: BaseException) -> str:
    code = error.errno if isinstance(error, OSError) else None
    text = str(error).strip().split("\n")[0]
    for known, reason in REASONS.items():  # polars wraps the error of the disk in its own, with the number in its text
        if code == known or (f"(os error {known})" in text):
            return reason
    return f"that failed ({text or type(error).__name__}); choose another format or place"
