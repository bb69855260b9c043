"""The folder that a scan writes and that `export` and `report` read."""

from __future__ import annotations

import json
from glob import has_magic
from pathlib import Path
from typing import Any

import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.folders import repair_folder
from labelscope.data.read import read
from labelscope.errors import DataError

__all__ = ["load_dataset", "load_frame", "load_summary"]

SUMMARY, REPORT, CARD = "summary.json", "report.html", "nutrition_label"


def load_summary(folder: Path) -> dict[str, Any]:
    """summary.json of a scan. A scan that was killed while it put its results in place is put right first.

    Raises
    ------
    DataError
        If `folder` is no scan.
    """
    repair_folder(folder)
    try:
        found: Any = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        if isinstance(found["input"]["path"], str) and isinstance(found["fingerprint"], str):
            return found
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass
    raise DataError(f"DIR: expected a folder that `labelscope scan` wrote, got {folder}; scan the table first")


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
    if not path.exists() and not has_magic(str(path)):  # a pattern that several files fit is no path
        raise DataError(f"DIR: expected the scanned table at {path}, got nothing there; put it back or scan it at its new place")
    dataset = read(path, **options)
    if dataset.fingerprint != summary["fingerprint"]:
        raise DataError(f"DIR: expected {path} as it was when it was scanned, got other items or labels; scan it again")
    return dataset
