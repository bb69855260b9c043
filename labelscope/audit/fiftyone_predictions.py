"""Predictions in the JSON files that FiftyOne exports: a data set with a field of predictions, or its classification file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError

__all__ = ["fiftyone_cells"]

PREFERRED = ("predictions", "prediction")
KINDS = {"Classification", "Classifications"}
SCHEMA = {"item_id": pl.String, "label": pl.String, "score": pl.Float64}


def fiftyone_cells(dataset: Dataset, told: Any, role: str) -> pl.DataFrame | None:
    """The predicted cells of a FiftyOne export: item_id, label, score (1 where no confidence is told); None for another file.

    Parameters
    ----------
    dataset : Dataset
        Its item ids are looked for among the ids, paths and file names of the samples.
    told : parsed JSON
        ``{"samples": [{"filepath": ..., "predictions": {"classifications": [{"label", "confidence"}]}}]}``, or
        ``{"classes": [...], "labels": {"id": {"label": 0, "confidence": 0.9}}}`` with lists of such targets, or of numbers.
    role : str
        For messages.

    Raises
    ------
    DataError
        If it is such a file, but its samples or fields cannot be told.
    """
    if not isinstance(told, Mapping):
        return None
    if isinstance(told.get("samples"), list) and told["samples"] and all(isinstance(sample, Mapping) for sample in told["samples"]):
        return _of_samples(dataset, told["samples"], role)
    if isinstance(told.get("labels"), Mapping) and "classes" in told:
        rows = [(str(key), *target) for key, targets in told["labels"].items() for target in _targets(targets, told["classes"], role)]
        return _frame(rows)
    return None


def _of_samples(dataset: Dataset, samples: list[Mapping[str, Any]], role: str) -> pl.DataFrame:
    fields = list(dict.fromkeys(name for sample in samples for name, value in sample.items() if _is_label(value)))
    chosen = next((name for name in PREFERRED if name in fields), fields[0] if len(fields) == 1 else None)
    if chosen is None:
        got = ", ".join(fields) or "none"
        raise DataError(f"{role}: expected one field of classifications called predictions, got {got}; export that field alone")
    keys = _keys(dataset, samples, role)
    rows = [
        (key, *target)
        for key, sample in zip(keys, samples, strict=True)
        for target in _targets(_classifications(sample.get(chosen)), None, role)
    ]
    return _frame(rows)


def _is_label(value: Any) -> bool:
    return isinstance(value, Mapping) and (value.get("_cls") in KINDS or "classifications" in value)


def _classifications(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value.get("classifications") or []) if "classifications" in value else [value]


def _targets(targets: Any, classes: Any, role: str) -> list[tuple[str, float]]:
    """Label and confidence of each target."""
    made = []
    for target in targets if isinstance(targets, list) else [] if targets is None else [targets]:
        label, score = (target.get("label"), target.get("confidence")) if isinstance(target, Mapping) else (target, None)
        if isinstance(label, int) and isinstance(classes, list) and 0 <= label < len(classes):
            label = classes[label]
        if not isinstance(label, str) or not (score is None or isinstance(score, (int, float))):
            raise DataError(f"{role}: expected a label and a confidence, got {str(target)[:60]!r}; export classifications")
        made.append((label, 1.0 if score is None else float(score)))
    return made


def _keys(dataset: Dataset, samples: list[Mapping[str, Any]], role: str) -> list[str]:
    """The item that each sample is, by the first of its names that is an item id everywhere."""
    known = set(dataset.item_ids.cast(pl.String))
    ways = [
        [_text(sample.get("item_id", sample.get("id", sample.get("_id")))) for sample in samples],
        [_text(sample.get("filepath")) for sample in samples],
        [PurePosixPath(_text(sample.get("filepath")).replace("\\", "/")).name for sample in samples],
        [PurePosixPath(_text(sample.get("filepath")).replace("\\", "/")).stem for sample in samples],
    ]
    for way in ways:
        if all(key in known for key in way):
            return way
    first = next(iter(dataset.item_ids))
    raise DataError(f"{role}: expected samples whose id, path or file name is an item id (such as {first!r}), got {ways[1][0]!r}")


def _text(value: Any) -> str:
    return str(value.get("$oid", "")) if isinstance(value, Mapping) else "" if value is None else str(value)


def _frame(rows: list[tuple[str, str, float]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
