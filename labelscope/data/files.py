"""The one way to write a file: whole or not at all, and never over an input, a ledger or what somebody else wrote."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4
from warnings import warn

import polars as pl

from labelscope.data.file_names import check_file_name
from labelscope.data.inputs import Inputs, refuse_replacing
from labelscope.data.locks import hold, remove_abandoned
from labelscope.data.mark import MARK, encode_mark, mark_files, read_mark
from labelscope.data.replacement import PART, announced, finish, is_unfinished, left_parts, real
from labelscope.errors import DataError, LabelscopeWarning

__all__ = ["Writer", "add_to_mark", "check_target", "reason", "write_files"]

REASONS = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "the disk quota is used up; free some space",
    errno.EFBIG: "the file would be too large for this disk; choose another place",
    errno.EACCES: "permission denied; choose a place that can be written",
    errno.EPERM: "permission denied; choose a place that can be written",
    errno.EROFS: "the disk is read-only; choose another place",
    errno.ENOENT: "there is no such folder; make it first",
    errno.ENOTDIR: "there is no such folder; make it first",
    errno.EEXIST: "there is a file in the place of its folder; choose another place",
    errno.EISDIR: "it is a folder; add a file name",
    errno.ENAMETOOLONG: "the name is too long; shorten it",
    errno.ELOOP: "it is a link that leads back to itself; choose another name",
}

Writer = Callable[[BinaryIO], object]


def write_files(writers: Mapping[Path, Writer], *, name: str, inputs: Inputs) -> None:
    """Write files aside in their folders, flush them to the disk, and rename them when all are complete.

    A file that is replaced keeps its permissions; a link stays a link, and what it leads to is replaced. Works from several threads
    and processes at once. What killed runs left behind is removed; where one was killed among its renames, they are finished
    first, and a warning says so.

    Parameters
    ----------
    writers : mapping of path to function
        Each function writes one file; the files are renamed in this order.
    name : str
        The command or function that writes, as messages name it: "export", "report".
    inputs : iterable of (what it is, path)
        Files that must not be replaced, as of :func:`labelscope.data.inputs.input_files`; ledgers never are.

    Raises
    ------
    DataError
        If one cannot be written (full disk, no permission, no such folder) or must not be replaced: then none is, and
        nothing is left over.
    """
    parts: dict[Path, Part] = {}
    current = Path()  # the one at hand, for the message
    for path in writers:
        check_file_name(path, name)
    try:
        known = list(inputs) if any(path.exists() or is_unfinished(path.parent) for path in writers) else []
        for current in writers:
            check_target(current, name=name, inputs=known)
        _tidy(writers, known, name)
        for current, write in writers.items():
            parts[current] = Part(real(current))
            parts[current].fill(write)
        with announced(name, {target: part.path for target, part in parts.items()}):
            for current, part in parts.items():  # noqa: B007 - the message names it
                part.rename()
                _renew_mark(part.target)
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise DataError(f"{name}: expected to write {current}, but {reason(error)}") from None
    finally:
        for part in parts.values():
            part.close()


def check_target(target: Path, *, name: str, inputs: Inputs) -> None:
    """Refuse, before any work is done for it, a file that :func:`write_files` would refuse to write.

    Parameters
    ----------
    target : pathlib.Path
    name, inputs
        As for :func:`write_files`.

    Raises
    ------
    DataError
        If `target` is an input, a ledger, a folder, a device, read-only or a file of a scan.
    """
    try:
        _refuse_special(target, name)
    except OSError as error:
        raise DataError(f"{name}: expected to write {target}, but {reason(error)}") from None
    refuse_replacing(target, inputs, name)


class Part:
    """A file that is written beside its target, under a name that nobody else has, and held while it is."""

    def __init__(self, target: Path) -> None:
        self.target = target
        while True:
            self.path = target.with_name(PART.format(uuid4().hex[:16]))
            file = hold(self.path, new=True)
            if file is not None and self.path.exists():
                self._file = file
                return
            if file is not None:  # taken for a leftover and removed before it was held
                file.close()

    def fill(self, write: Writer) -> None:
        """Write the file and flush it to the disk, with the permissions of the file that it replaces."""
        write(self._file)
        self._file.flush()
        os.fsync(self._file.fileno())
        with suppress(FileNotFoundError):
            before = self.target.stat()
            if hasattr(os, "chown"):
                with suppress(OSError):  # who is neither the owner nor in the group gets a file of its own
                    os.chown(self.path, before.st_uid, before.st_gid)
            self.path.chmod(stat.S_IMODE(before.st_mode) & 0o777)

    def rename(self) -> None:
        """Put the file in the place of its target."""
        if os.name == "nt":  # which renames no file that is open
            self._file.close()
        self.path.replace(self.target)

    def close(self) -> None:
        """Let go of the file, and remove it if it was not renamed."""
        with suppress(OSError):
            if os.name != "nt":  # under the lock: after it, the name may be another's
                self.path.unlink(missing_ok=True)
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


def reason(error: BaseException) -> str:
    """Why something could not be written, and what to do about it."""
    code = error.errno if isinstance(error, OSError) else None
    text = str(error).strip().split("\n")[0]
    for known, words in REASONS.items():  # polars wraps the error of the disk in its own, with the number in its text
        if code == known or (f"(os error {known})" in text):
            return words
    return f"that failed ({text or type(error).__name__}); choose another format or place"


def add_to_mark(folder: Path, writers: Mapping[str, str]) -> None:
    """Put files of a folder into its mark, which is made if there is none.

    Parameters
    ----------
    folder : pathlib.Path
    writers : mapping of file name to what wrote it
    """
    marked = {**(read_mark(folder) or {}), **{of.name: of for of in mark_files(folder, writers)}}
    text = encode_mark(marked.values())
    part = Part(folder / MARK)
    try:
        part.fill(lambda file: file.write(text))
        part.rename()
    finally:
        part.close()


def _tidy(targets: Collection[Path], known: Inputs, name: str) -> None:
    """Finish or remove what killed runs left in the folders of some files."""
    finished = [
        path
        for folder in {target.parent for target in targets}
        for path in finish(folder, lambda target, writer: check_target(target, name=writer, inputs=known))
    ]
    for path in finished:
        _renew_mark(real(path))
    if finished:
        names = ", ".join(path.name for path in finished)
        warn(f"{name}: a program was killed while it replaced files; {names} had been left over and took their place", LabelscopeWarning, 3)
    for folder in {real(target).parent for target in targets}:
        for part in left_parts(folder):
            remove_abandoned(folder / part)


def _refuse_special(target: Path, name: str) -> None:
    """Refuse a target that no file can take the place of, or that was not made to be replaced by this writer."""
    check_file_name(target, name)
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        mode = 0
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "")
    if mode and not stat.S_ISREG(mode):
        raise DataError(f"{name}: expected the name of a file, got {target}, which is a device or a pipe; choose another name")
    if mode and not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise DataError(f"{name}: expected a file that may be replaced, got {target}, which is read-only; choose another name")
    place = real(target)
    marked = read_mark(place.parent) or {}
    if place.name == MARK or (place.name in marked and marked[place.name].writer != name):
        raise DataError(f"{name}: expected a file that may be replaced, got {target}, which belongs to a scan; choose another name")


def _renew_mark(written: Path) -> None:
    """What a folder's mark says of a file that was replaced."""
    marked = read_mark(written.parent) or {}
    if written.name in marked:
        add_to_mark(written.parent, {written.name: marked[written.name].writer})
