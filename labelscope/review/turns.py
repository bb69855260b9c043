"""Writers take turns: one at a time on a ledger file, by a companion file that only one of them can create.

SQLite's own locks keep writers apart too, where the file system has locks that work. On some shared drives they fail without a word,
or work within one machine alone; to create a file that must not exist yet is safe there as well. A program that was killed in its turn
leaves the companion behind: on the same machine it is seen at once that the program is gone, from another one it is after a while.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import psutil

from labelscope.data.small_files import read_small

__all__ = ["TurnNotGiven", "turn_file", "writing_turn"]

ABANDONED = 60.0  # seconds for which we saw the same turn of another machine: no transaction takes that long
_seen: dict[str, float] = {}  # turns of others, and when they were first seen here, by the clock of this machine alone


class TurnNotGiven(Exception):  # noqa: N818 - what happened; a LedgerError is made of it
    """Another program was writing all the time."""


def turn_file(path: Path) -> Path:
    """The companion of a ledger file that is there while somebody writes."""
    return path.with_name(f"{path.name}-writer")


@contextmanager
def writing_turn(path: Path, timeout: float) -> Iterator[None]:
    """Nobody else who asks for a turn writes the file meanwhile.

    Parameters
    ----------
    path : Path
        Of the ledger; its folder is there.
    timeout : float
        Seconds to wait for the turn.

    Raises
    ------
    TurnNotGiven
        If somebody else had it all the time.
    OSError
        If nothing can be created in the folder.
    """
    file, mine = turn_file(path), f"{socket.gethostname()} {os.getpid()} {uuid4().hex}"
    deadline, pause = time.monotonic() + timeout, 0.0005
    while not _create(file, mine):
        holder = _read(file)
        if holder is not None and _is_abandoned(holder):
            _clear_away(file, holder)
            continue
        if time.monotonic() > deadline:
            raise TurnNotGiven(" ".join((holder or "").split()[:2]))
        time.sleep(pause)
        pause = min(pause * 1.5, 0.02)
    try:
        yield
    finally:
        if _read(file) == mine:
            with suppress(FileNotFoundError):
                file.unlink()


def _create(file: Path, text: str) -> bool:
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    return True


def _read(file: Path) -> str | None:
    try:
        return read_small(file).decode(errors="replace")
    except FileNotFoundError:
        return None


def _is_abandoned(holder: str) -> bool:
    """Whether whoever has the turn is gone."""
    host, _, rest = holder.partition(" ")
    number = rest.partition(" ")[0]
    if host == socket.gethostname() and number.isdecimal() and _has_ended(int(number)):
        return True
    if len(_seen) > 1000:
        _seen.clear()
    return time.monotonic() - _seen.setdefault(holder, time.monotonic()) > ABANDONED


def _has_ended(number: int) -> bool:
    """Whether no process of this number runs on this machine. One that was killed and that nobody took notice of runs no more."""
    try:
        return bool(psutil.Process(number).status() == psutil.STATUS_ZOMBIE)
    except (psutil.NoSuchProcess, OverflowError):
        return True
    except psutil.Error:  # somebody else's, of whom we are told nothing
        return False


def _clear_away(file: Path, holder: str) -> None:
    """Take an abandoned turn away; if another one came in between, that one is put back."""
    aside = file.with_name(f"{file.name}-{uuid4().hex}")
    try:
        file.rename(aside)
    except FileNotFoundError:
        return
    if _read(aside) != holder:
        with suppress(OSError):
            os.link(aside, file)
    aside.unlink()
