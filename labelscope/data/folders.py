"""A folder of results that appears whole: the earlier one stands until the new one is complete, also through a kill.

The new folder is filled in a hidden work folder beside its place, then the earlier one is renamed into the work folder
and the new one into the place. A run that was killed leaves the work folder, which the next one finds and tidies: if the
earlier results had just been taken aside, the new ones, which were complete, take their place. Only files that the mark
of the earlier folder lists, unchanged, are removed; whatever else is there moves to the new one.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from labelscope.data.file_names import check_file_name
from labelscope.data.files import add_to_mark, reason
from labelscope.data.inputs import IMAGE, Inputs, is_ledger, refuse_replacing
from labelscope.data.locks import hold
from labelscope.data.mark import MARK, changed_files, read_mark
from labelscope.errors import DataError

__all__ = ["new_folder", "refuse_inputs", "repair_folder"]

LOCK, NEW, OLD = "labelscope.lock", "new", "old"
WORK = ".{}.labelscope-work"


@contextmanager
def new_folder(place: Path, *, name: str, files: Collection[str], inputs: Inputs = (), report: str = "") -> Iterator[Path]:
    """A folder to fill that takes the place of `place` when the block ends well; nothing is left if it does not.

    Files of `place` that labelscope did not write stay there. A link stays a link, and what it leads to is replaced.

    Parameters
    ----------
    place : pathlib.Path
        Not there, empty, or with the mark of an earlier run.
    name : str
        The option or argument that named it, for messages.
    files : collection of str
        Names of all files that may be written, so that it is known before the work that none is in the way.
    inputs : iterable of (what it is, path)
        Files that must not lie in `place`.
    report : str
        The file that `labelscope report` may write again.

    Raises
    ------
    DataError
        If `place` holds an input, a ledger or results without a mark, another run is writing to it, or it cannot be
        written.
    """
    check_file_name(place, name)
    real = Path(os.path.realpath(place))
    if os.path.ismount(real):
        raise DataError(f"{name}: expected a folder that can be replaced, got {place}, which is a whole disk; name a new folder in it")
    refuse_inputs(place, inputs, name)
    if not os.path.lexists(real):
        refuse_replacing(real, (), name)  # a name that a ledger needs
    made = [folder for folder in real.parents if not folder.exists()]  # nearest first: taken away again if nothing comes of it
    try:
        with _work_folder(real, name) as work:
            _refuse(real, place, files, name)
            new = work / NEW
            new.mkdir()
            yield new
            _refuse(real, place, {path.name for path in new.iterdir()}, name)
            _seal(new, report)
            _swap(real, work)
    except OSError as error:
        raise DataError(f"{name}: expected to write {place}, but {reason(error)}") from None
    finally:
        for folder in made:
            with suppress(OSError):  # not empty: the results are in it
                folder.rmdir()


def repair_folder(place: Path) -> None:
    """Finish what a killed run left undone, if no run is at work; then `place` holds whole results or nothing."""
    check_file_name(place, "DIR")
    work = _work(real := Path(os.path.realpath(place)))
    if os.path.lexists(work):  # takes a name that is too long for one, too
        with suppress(OSError, DataError), _work_folder(real, "DIR"):
            pass


def refuse_inputs(place: Path, inputs: Inputs, name: str) -> None:
    """Refuse a folder that holds one of the files that are read.

    Raises
    ------
    DataError
        With the file.
    """
    try:
        there = place.stat()
    except OSError:
        return
    inside: dict[str, bool] = {}  # a million images lie in few folders
    for role, path in inputs:
        parent = os.path.dirname(path if role == IMAGE else os.path.realpath(path))  # noqa: PTH120 - a million of them
        if parent not in inside:
            folder = Path(parent).absolute()
            inside[parent] = any(_is_same(above, there) for above in (folder, *folder.parents))
        if inside[parent]:
            file = Path(path).name
            raise DataError(f"{name}: expected a folder of its own, got {place}, which holds {role} {file}; choose another folder")


def _refuse(real: Path, place: Path, files: Collection[str], name: str) -> None:
    """Refuse a place that is not ours to replace."""
    if real.is_symlink():  # after all links were followed
        raise OSError(errno.ELOOP, "")
    if not real.exists():
        return
    if not real.is_dir():
        raise DataError(f"{name}: expected a folder, got the file {place}; choose another name")
    if Path.cwd().is_relative_to(real):
        raise DataError(f"{name}: expected a folder that can be replaced, got {place}, which holds the current one; name a folder in it")
    marked = read_mark(real)
    others = [path for path in real.iterdir() if path.name != MARK and path.name not in (marked or {})]
    if marked is None and others:
        raise DataError(
            f"{name}: expected a new or empty folder, or one with the mark of labelscope, got {place}, which has none (nor have "
            "those of versions before 0.2); choose another name, or remove that folder"
        )
    _refuse_others(place, others, files, name)
    changed = changed_files(real, marked or {})
    if changed:
        raise DataError(
            f"{name}: expected the files of {place} as they were written, got a changed {changed[0]}; move it away or choose another folder"
        )


def _refuse_others(place: Path, others: Collection[Path], files: Collection[str], name: str) -> None:
    """Refuse a folder with files of others that are in the way, or that must not even be moved."""
    for path in others:
        if path.name in files:
            raise DataError(
                f"{name}: expected to write {path.name}, got one in {place} that labelscope did not write; move it or choose another folder"
            )
        for file in [path] if path.is_file() else path.rglob("*"):
            if file.is_file() and is_ledger(file):
                raise DataError(f"{name}: expected a folder without a ledger, got {place}, which holds {file}; choose another folder")


@contextmanager
def _work_folder(real: Path, name: str) -> Iterator[Path]:
    """The folder beside `real` in which one run at a time works, tidy at the start and gone at the end."""
    work = _work(real)
    work.parent.mkdir(parents=True, exist_ok=True)
    work.mkdir(exist_ok=True)
    if not (work / LOCK).exists() and any(work.iterdir()):
        raise DataError(f"{name}: expected nothing at {work}, got a folder that labelscope did not make; move it away")
    lock = hold(work / LOCK)
    if lock is None or not (work / LOCK).exists():  # or it was another run's until just now
        raise DataError(f"{name}: expected a folder that no other run is writing, got {real}; wait for it or choose another folder")
    try:
        _repair(real, work)
        yield work
    finally:
        shutil.rmtree(work / NEW, ignore_errors=True)
        if os.name == "nt":  # which removes no file that is open
            lock.close()
        with suppress(OSError):  # what could not be put back stays to be found
            if not (work / OLD).exists():
                (work / LOCK).unlink()
                work.rmdir()
        lock.close()


def _work(real: Path) -> Path:
    return real.with_name(WORK.format(real.name))


def _repair(real: Path, work: Path) -> None:
    """Finish the exchange that a killed run had begun, or drop what it had not completed."""
    new, old = work / NEW, work / OLD
    if old.exists():
        if real.exists() and new.exists():
            raise DataError(f"{real}: expected nothing after an interrupted run, got a folder; the earlier results are in {old}: move them")
        if not real.exists():
            (new if read_mark(new) is not None else old).rename(real)
        if old.exists():
            _clear(old, real)
    shutil.rmtree(new, ignore_errors=True)


def _seal(new: Path, report: str) -> None:
    """Mark a complete folder."""
    add_to_mark(new, {path.name: "report" if path.name == report else "scan" for path in new.iterdir()})


def _swap(real: Path, work: Path) -> None:
    new, old = work / NEW, work / OLD
    if real.exists():
        new.chmod(stat.S_IMODE(real.stat().st_mode))
        real.rename(old)
    try:
        new.rename(real)
    except OSError:
        if old.exists():
            old.rename(real)
        raise
    if old.exists():
        _clear(old, real)


def _clear(old: Path, real: Path) -> None:
    """Remove what labelscope wrote in the earlier folder, and move the rest to the one that took its place."""
    marked = read_mark(old) or {}
    changed = set(changed_files(old, marked))
    for path in list(old.iterdir()):
        if path.name == MARK:
            continue
        if path.name in marked and path.name not in changed:
            path.unlink()
        elif (real / path.name).exists():
            raise DataError(f"{real}: expected room for {path.name}, which labelscope did not write, got a new file; move it from {old}")
        else:
            path.rename(real / path.name)
    (old / MARK).unlink(missing_ok=True)  # last: a killed run knows what is whose
    old.rmdir()


def _is_same(folder: Path, there: os.stat_result) -> bool:
    try:
        return os.path.samestat(folder.stat(), there)
    except OSError:
        return False
