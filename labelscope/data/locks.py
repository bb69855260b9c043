"""Files that tell by themselves whether the process that made them still runs: the system lets go of them when it dies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

fcntl: Any
msvcrt: Any
try:
    import fcntl
except ImportError:
    fcntl = None
try:
    import msvcrt
except ImportError:
    msvcrt = None

__all__ = ["hold", "remove_abandoned", "taken_over"]

FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
BEHIND = 1 << 40  # Windows locks bytes, not files: one that no file has


def hold(path: Path, *, new: bool = False) -> BinaryIO | None:
    """The file, open to be written and held until it is closed; None if somebody else holds it.

    Parameters
    ----------
    path : pathlib.Path
        Made if it is not there, with the permissions that this process gives to new files.
    new : bool
        Refuse a file that is there.

    Raises
    ------
    OSError
        If it cannot be made or opened.
    """
    file = os.fdopen(os.open(path, FLAGS | (os.O_EXCL if new else 0), 0o666), "wb")
    if _lock(file.fileno()) is False:
        file.close()
        return None
    return file


@contextmanager
def taken_over(path: Path) -> Iterator[bool]:
    """Whether a file was held by a process that is gone: then it is held here until the block ends. False where nobody can tell."""
    try:
        file = _opened(path)
    except OSError:
        yield False
        return
    with file:
        yield _lock(file.fileno()) is True and path.exists()


def remove_abandoned(path: Path) -> None:
    """Remove a file that was held by a process that is gone. It stays where the file system cannot tell."""
    with suppress(OSError):
        with _opened(path) as file:
            gone = _lock(file.fileno()) is True
            if gone and msvcrt is None:  # under the lock: who makes the file just now sees that it was taken away
                path.unlink()
        if gone and msvcrt is not None:  # Windows removes no file that is open
            path.unlink()


def _opened(path: Path) -> BinaryIO:
    """A file to be read; at a pipe, which is none, to open it would wait for whoever writes to it."""
    if not path.is_file():
        raise FileNotFoundError(path)
    return path.open("rb")


def _lock(descriptor: int) -> bool | None:
    """Whether the open file could be locked, for itself alone; None where there are no locks."""
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        elif msvcrt is not None:
            os.lseek(descriptor, BEHIND, os.SEEK_SET)
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            finally:
                os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            return None
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a file system without locks
        return None
    return True
