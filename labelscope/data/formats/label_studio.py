"""Label Studio's JSON export: tasks with their `data` and their `annotations`; choices become a column a control.

Of a task with several annotations the ground truth counts, else what most of them say, and each is kept as votes; where as many speak
for a label as against it, nothing is known of the item, and a warning counts such items. Cancelled annotations do not count. The smaller
export, JSON_MIN, is a plain array.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from labelscope.data.formats.format import ReadOptions
from labelscope.data.formats.format_notes import NOT, FormatNotes
from labelscope.data.formats.json_text import elements
from labelscope.data.formats.json_units import Document, Place, UnitLayout, plain_series
from labelscope.data.formats.responses import Responses, answers_of, named, settle, tell_tied
from labelscope.errors import DataError

__all__ = ["NOTES", "matches", "read"]

NOTES = FormatNotes(
    "**Label Studio** JSON, JSON_MIN and CSV exports",
    'choices, a column a control; what most annotations say, each kept as votes; `{"choices": [...]}` beside single texts',
    "in place, in every annotation that counts",
    NOT,
    "annotations that are tied: the item is unknown, and one line counts them",
)


def matches(value: Any) -> bool:
    """Whether the first task of a list is one of these."""
    first = value[0] if isinstance(value, list) and value else None
    return isinstance(first, dict) and isinstance(first.get("data"), dict) and isinstance(first.get("annotations"), list)


def read(document: Document, value: Any, path: Path, options: ReadOptions) -> tuple[pl.DataFrame, UnitLayout]:
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
        columns[key] = plain_series([task["data"].get(key) for task in value])
    places, answers = {}, {}
    for control in targets:
        found = [_labels(task, control) for task in counted]
        columns[control] = pl.Series([one.labels for one in found], dtype=pl.List(pl.String))
        places[control] = [one.places for one in found]
        if control in options.labels:
            tell_tied(found, control, path)
        if (said := answers_of(found)) is not None:
            answers[control] = said

    def added(task: Any, column: str, labels: Any) -> Any:
        """The task with a result for a control that has none yet."""
        result = {"type": "choices", "from_name": column, "to_name": targets[column], "value": {"choices": labels}}
        if not any(True for _ in _annotations(task)):
            task["annotations"].append({"result": []})
        for _, annotation in _annotations(task):
            annotation.setdefault("result", []).append(result)
        return task

    starts, ends = document.in_bytes(elements(document.text))
    return pl.DataFrame(columns), UnitLayout(
        document.raw, starts, ends, {**places}, lambda labels, _: labels or [], added, answers=answers, label_names=named(answers)
    )


def _annotations(task: Any) -> Iterator[tuple[int, Any]]:
    """The annotations that count, with their places."""
    there = [(k, annotation) for k, annotation in enumerate(task.get("annotations") or []) if not annotation.get("was_cancelled")]
    truth = [(k, annotation) for k, annotation in there if annotation.get("ground_truth")]
    yield from truth[:1] or there


def _results(annotation: Any) -> Iterator[tuple[int, Any]]:
    for k, result in enumerate(annotation.get("result") or []):
        if result.get("type") == "choices" and isinstance(result.get("value"), dict) and "choices" in result["value"]:
            yield k, result


def _labels(counted: list[tuple[int, Any]], control: str) -> Responses:
    """What the annotations of a task say about a control."""
    said: list[tuple[str, list[str]]] = []
    places: list[Place] = []
    for k, annotation in counted:
        mine = [(j, result["value"]["choices"]) for j, result in _results(annotation) if result["from_name"] == control]
        said.append((_rater(annotation, k), [str(choice) for _, choices in mine for choice in choices]))
        places += [("annotations", k, "result", j, "value", "choices") for j, _ in mine[:1]]
    return settle(said, places)


def _rater(annotation: Any, place: int) -> str:
    """Who annotated, as the export names people: an id, or an object with their address; else by the place of the annotation."""
    who = annotation.get("completed_by")
    if isinstance(who, dict):
        who = next((who[key] for key in ("email", "username", "id") if who.get(key) is not None), None)
    return f"annotation {place + 1}" if who is None or isinstance(who, (dict, list)) else str(who)
