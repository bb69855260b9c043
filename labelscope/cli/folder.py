"""The folder that a scan writes and that `export` and `report` read."""

from __future__ import annotations

import json
import os
from glob import has_magic
from inspect import signature
from pathlib import Path
from types import NoneType
from typing import Any

from labelscope.data.dataset import Dataset
from labelscope.data.folders import repair_folder
from labelscope.data.read import read
from labelscope.errors import DataError, LabelscopeError

__all__ = ["load_dataset", "load_summary"]

SUMMARY, REPORT, CARD = "summary.json", "report.html", "nutrition_label"
LARGEST = 256 << 20  # bytes of summary.json: it holds the label names and descriptions that were passed, and little else
LONGEST_PATH = 4096  # characters: what Linux allows
LISTS = {"labels", "text", "features", "label_names", "missing", "empty", "columns", "image_root"}
MAPPINGS = {"label_names", "label_descriptions"}


def load_summary(folder: Path) -> dict[str, Any]:
    """summary.json of a scan. A scan that was killed while it put its results in place is put right first.

    Raises
    ------
    DataError
        If `folder` is no scan.
    """
    repair_folder(folder)
    path = folder / SUMMARY
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8")) if path.stat().st_size <= LARGEST else None
    except (OSError, ValueError, RecursionError):
        found = None
    if not _is_summary(found):
        raise DataError(f"DIR: expected a folder that `labelscope scan` wrote, got {folder}; scan the table first")
    return dict(found)


def _is_summary(found: Any) -> bool:
    """Whether it has what the commands take out of it, each of its kind."""
    if not isinstance(found, dict) or not isinstance(found.get("input"), dict):
        return False
    skipped, seed, known = found.get("skipped") or {}, found.get("seed", 0), signature(read).parameters
    return (
        isinstance(found["input"].get("path"), str)
        and "\0" not in found["input"]["path"]
        and len(found["input"]["path"]) <= LONGEST_PATH
        and all(name in known and _is_option(name, value) for name, value in found["input"].items())
        and isinstance(found.get("fingerprint"), str)
        and type(seed) is int
        and isinstance(found.get("model"), (str, NoneType))
        and isinstance(skipped, dict)
        and all(isinstance(why, str) for why in skipped.values())
    )


def _is_option(name: str, value: Any) -> bool:
    """Whether an argument of :func:`read` is of the kind that a scan writes."""
    if isinstance(value, list):
        return name in LISTS and all(isinstance(entry, str) for entry in value)
    return isinstance(value, str) or (name in MAPPINGS and isinstance(value, dict))


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
    if not os.path.exists(path) and not has_magic(str(path)):  # noqa: PTH110 - takes any name; a pattern that several files fit is no path
        raise DataError(f"DIR: expected the scanned table at {path}, got nothing there; put it back or scan it at its new place")
    try:
        dataset = read(path, **options)
    except LabelscopeError as error:
        raise DataError(f"DIR: expected {path} to be read as it was when it was scanned, got: {error}; or scan it again") from None
    if dataset.fingerprint != summary["fingerprint"]:
        raise DataError(f"DIR: expected {path} as it was when it was scanned, got other items or labels; scan it again")
    return dataset
