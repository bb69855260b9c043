"""Label Studio's JSON export: tasks with their `data` and their `annotations`; choices become a column a control.

Of a task with several annotations the ground truth counts, else what all of them say; where they differ, nothing is known of
the item, and a warning counts such items. Cancelled annotations do not count. The smaller export, JSON_MIN, is a plain array.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from labelscope.data.formats.format import Edits, ReadOptions
from labelscope.data.formats.json_text import elements
from labelscope.data.formats.json_units import Document, Place, UnitLayout, write_units
from labelscope.errors import DataError, LabelscopeWarning

__all__ = ["LabelStudioLayout", "matches", "read", "write"]


class LabelStudioLayout(UnitLayout):
    """A file of this kind."""


def matches(value: Any) -> bool:
    """Whether the first task of a list is one of these."""
    first = value[0] if isinstance(value, list) and value else None
    return isinstance(first, dict) and isinstance(first.get("data"), dict) and isinstance(first.get("annotations"), list)


def read(document: Document, value: Any, path: Path, options: ReadOptions) -> tuple[pl.DataFrame, LabelStudioLayout]:
    """Columns id, those of `data`, and one of lists for each control of choices.

    Raises
    ------
    DataError
        If there is no control of choices.
    """
    counted = [list(_annotations(task)) for task in value]
    targets = {result["from_name"]: result.get("to_name") for task in counted for _, one in task for _, result in _results(one)}
    if not targets:
        raise DataError(f"{path.name}: expected annotations of the type choices, got none; export the project with its annotations")
    columns: dict[str, Any] = {"id": [task.get("id", k) for k, task in enumerate(value)]}
    for key in dict.fromkeys(key for task in value for key in task["data"]):
        columns[key] = _plain([task["data"].get(key) for task in value])
    places: dict[str, list[list[Place]]] = {}
    for control in targets:
        said = [_labels(task, control) for task in counted]
        columns[control] = pl.Series([labels for labels, _, _ in said], dtype=pl.List(pl.String))
        places[control] = [where for _, where, _ in said]
        if control in options.labels:
            _tell_differing(sum(differ for _, _, differ in said), control, path)

    def added(task: Any, column: str, labels: Any) -> Any:
        """The task with a result for a control that has none yet."""
        result = {"type": "choices", "from_name": column, "to_name": targets[column], "value": {"choices": labels}}
        if not any(True for _ in _annotations(task)):
            task["annotations"].append({"result": []})
        for _, annotation in _annotations(task):
            annotation.setdefault("result", []).append(result)
        return task

    starts, ends = document.in_bytes(elements(document.text))
    return pl.DataFrame(columns), LabelStudioLayout(document.raw, starts, ends, {**places}, lambda labels, _: labels or [], added)


def write(table: pl.DataFrame, file: BinaryIO, layout: LabelStudioLayout, edits: Edits) -> None:
    """Copy the file with the choices that differ."""
    write_units(table, file, layout, edits)


def _annotations(task: Any) -> Iterator[tuple[int, Any]]:
    """The annotations that count, with their places."""
    there = [(k, annotation) for k, annotation in enumerate(task.get("annotations") or []) if not annotation.get("was_cancelled")]
    truth = [(k, annotation) for k, annotation in there if annotation.get("ground_truth")]
    yield from truth[:1] or there


def _results(annotation: Any) -> Iterator[tuple[int, Any]]:
    for k, result in enumerate(annotation.get("result") or []):
        if result.get("type") == "choices" and isinstance(result.get("value"), dict) and "choices" in result["value"]:
            yield k, result


def _labels(counted: list[tuple[int, Any]], control: str) -> tuple[list[str] | None, list[Place], bool]:
    """What the annotations of a task say, where, and whether they differ."""
    said: list[list[str]] = []
    places: list[Place] = []
    for k, annotation in counted:
        mine = [(j, result["value"]["choices"]) for j, result in _results(annotation) if result["from_name"] == control]
        said.append([str(choice) for _, choices in mine for choice in choices])
        places += [("annotations", k, "result", j, "value", "choices") for j, _ in mine[:1]]
    differ = len({frozenset(labels) for labels in said}) > 1
    return None if differ or not said else said[0], places, differ


def _tell_differing(n_differing: int, control: str, path: Path) -> None:
    if n_differing:
        warnings.warn(
            f"{path.name}: {n_differing:,} items have annotations of {control!r} that differ, so that their cells are unknown;"
            " give them as votes= to use them all",
            LabelscopeWarning,
            stacklevel=5,
        )


def _plain(values: list[Any]) -> pl.Series:
    """A column of one type, or of JSON text."""
    try:
        return pl.Series(values, strict=True)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
        return pl.Series([value if isinstance(value, str) or value is None else json.dumps(value) for value in values], dtype=pl.String)
