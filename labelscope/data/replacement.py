"""Files that replace others together: what is to be renamed is written down first, so that a killed run can be finished.

Files cannot be renamed several at once. So a small file, ``.labelscope-….renames``, says beside them which part takes the place of
which file. It is there from when all parts are whole until the last one is renamed: a program that is killed before that changed
nothing, and what one left that is killed in the middle is finished by whoever writes there next.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from labelscope.data.locks import hold, taken_over
from labelscope.data.small_files import read_small
from labelscope.errors import DataError

__all__ = ["PART", "announced", "finish", "is_unfinished", "left_parts", "real"]

PART = ".labelscope-{}.part"
PLAN = ".labelscope-{}.renames"


class _Plan(NamedTuple):
    """Who renames, and the part that takes the place of each file, by their names in the folder."""

    writer: str
    parts: dict[str, str]


@contextmanager
def announced(writer: str, parts: Mapping[Path, Path]) -> Iterator[None]:
    """Write down, for as long as the block lasts, that parts take the place of files.

    Parameters
    ----------
    writer : str
        The command or function that writes, as messages name it.
    parts : mapping of target to part
        Targets as they were named; the part lies in the folder of what the target leads to.
    """
    folders = {target.parent for target in parts}
    with ExitStack() as stack:
        for folder in folders if len(parts) > 1 else ():
            names = {target.name: part.name for target, part in parts.items() if target.parent == folder}
            stack.enter_context(_written(folder, _Plan(writer, names)))
        yield


def finish(folder: Path, check: Callable[[Path, str], None]) -> list[Path]:
    """Put the parts in place that a killed run had written down in a folder, all of a run or none; the files that were replaced so.

    Parameters
    ----------
    folder : pathlib.Path
    check : callable (target, writer)
        Raises DataError where the file must not be replaced any more.
    """
    done = []
    for path in sorted(folder.glob(PLAN.format("*"))):
        with taken_over(path) as ours:
            plan = _read(path) if ours else None
            for target, part in _to_do(folder, plan, check) if plan is not None else ():
                part.replace(real(target))
                done.append(target)
        if ours:
            path.unlink(missing_ok=True)
    return done


def is_unfinished(folder: Path) -> bool:
    """Whether somebody renames files in a folder, or was killed while doing so."""
    return any(folder.glob(PLAN.format("*")))


def left_parts(folder: Path) -> set[str]:
    """Names of the parts in a folder that belong to no run that somebody finishes right now."""
    plans = [plan for path in folder.glob(PLAN.format("*")) if (plan := _read(path)) is not None]
    return {path.name for path in folder.glob(PART.format("*"))}.difference(*(plan.parts.values() for plan in plans))


def real(path: Path) -> Path:
    """What a path leads to: links are followed, and stay."""
    return Path(os.path.realpath(path))


@contextmanager
def _written(folder: Path, plan: _Plan) -> Iterator[None]:
    path = folder / PLAN.format(uuid4().hex[:16])
    file = hold(path, new=True)
    if file is None:
        raise FileExistsError(path)
    try:
        with file:
            file.write(json.dumps(plan._asdict()).encode())
            file.flush()
            os.fsync(file.fileno())
            yield
            if os.name != "nt":  # which removes no file that is open
                path.unlink(missing_ok=True)
    finally:
        path.unlink(missing_ok=True)


def _to_do(folder: Path, plan: _Plan, check: Callable[[Path, str], None]) -> list[tuple[Path, Path]]:
    """The targets whose parts are still there; none at all where one must not be replaced."""
    targets = {folder / name: part for name, part in plan.parts.items()}
    todo = [(target, place) for target, part in targets.items() if _is_plain(place := real(target).with_name(part))]
    try:
        for target, _ in todo:
            check(target, plan.writer)
    except DataError:
        return []
    return todo


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _read(path: Path) -> _Plan | None:
    """What was written down; None for anything else: names of files in this folder alone are taken."""
    with suppress(OSError, ValueError, RecursionError):
        if path.is_symlink():
            return None
        found = json.loads(read_small(path))
        if isinstance(found, dict) and isinstance(found.get("writer"), str) and isinstance(found.get("parts"), dict):
            parts = found["parts"]
            if all(_is_name(name) and _is_name(part) and fnmatchcase(part, PART.format("*")) for name, part in parts.items()):
                return _Plan(found["writer"], parts)
    return None


def _is_name(name: object) -> bool:
    return isinstance(name, str) and name not in ("", ".", "..") and not set(name) & {"/", "\\", "\0", os.sep}
