"""The folder that a scan writes and that `export` and `report` read."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.read import read
from labelscope.errors import DataError

__all__ = ["load_dataset", "load_frame", "load_summary", "new_folder"]

SUMMARY = "summary.json"
CARD = "nutrition_label"


@contextmanager
def new_folder(place: Path) -> Iterator[Path]:
    """A folder to fill that takes the place of `place` when the block ends well; nothing is left if it does not.

    Raises
    ------
    DataError
        If `place` holds something that is not an earlier scan, or cannot be written.
    """
    if place.exists() and not (place.is_dir() and ((place / SUMMARY).exists() or not any(place.iterdir()))):
        raise DataError(f"--out: expected a new folder or that of an earlier scan, got {place}; choose another name")
    made = [p for p in place.parents if not p.exists()]  # nearest first: taken away again if nothing comes of it
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    except OSError as error:
        raise DataError(f"--out: expected a place that can be written, got {place} ({error.strerror}); choose another") from None
    try:
        aside.chmod(0o755)
        yield aside
        if place.exists():
            shutil.rmtree(place)
        aside.replace(place)
    except OSError as error:
        raise DataError(f"--out: expected room for the results in {place.parent}, got: {error.strerror}; free some space") from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        for folder in made:
            with suppress(OSError):  # not empty: the results are in it
                folder.rmdir()


def load_summary(folder: Path) -> dict[str, Any]:
    """summary.json of a scan.

    Raises
    ------
    DataError
        If `folder` is no scan.
    """
    try:
        found: dict[str, Any] = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise DataError(f"DIR: expected a folder that `labelscope scan` wrote, got {folder}; scan the table first") from None
    return found


def load_frame(folder: Path, name: str) -> pl.DataFrame:
    """One table of a scan.

    Raises
    ------
    DataError
        If it is missing or broken.
    """
    try:
        return pl.read_parquet(folder / f"{name}.parquet")
    except (OSError, pl.exceptions.PolarsError):
        raise DataError(f"DIR: expected {name}.parquet in {folder}, got none that can be read; scan the table again") from None


def load_dataset(folder: Path) -> Dataset:
    """The data set that was scanned, read again from its table.

    Raises
    ------
    DataError
        If the table moved or changed since the scan.
    """
    summary = load_summary(folder)
    options = dict(summary["input"])
    path = Path(options.pop("path"))
    if not path.exists():
        raise DataError(f"DIR: expected the scanned table at {path}, got nothing there; put it back or scan it at its new place")
    dataset = read(path, **options)
    if dataset.fingerprint != summary["fingerprint"]:
        raise DataError(f"DIR: expected {path} as it was when it was scanned, got other items or labels; scan it again")
    return dataset
