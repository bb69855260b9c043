"""Small files beside a person's data that say something about it: read whole, and only if they are files and small."""

from __future__ import annotations

from pathlib import Path
from stat import S_ISREG

__all__ = ["MOST_BYTES", "read_small"]

MOST_BYTES = 1 << 20


def read_small(path: Path, most: int = MOST_BYTES) -> bytes:
    """The bytes of a small file. A pipe or a device, at which reading would never end, is not opened.

    Parameters
    ----------
    path : pathlib.Path
    most : int
        Bytes that it may have.

    Raises
    ------
    OSError
        If there is none, it cannot be read, or it is something else or larger.
    """
    found = path.stat()
    if not S_ISREG(found.st_mode) or found.st_size > most:
        raise OSError(f"{path}: expected a file of at most {most} bytes")
    return path.read_bytes()
