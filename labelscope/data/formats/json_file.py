"""A JSON file: an array of objects, one an item, at its top or under one key; or a layout that a tool is known for.

Which it is, is seen from the content. What is neither is refused, and so is nothing else.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from labelscope.data.formats import coco, fiftyone, json_lines, label_studio
from labelscope.data.formats.format import Edits, Format, ReadOptions, reading
from labelscope.data.formats.format_notes import IN_PLACE, NOTHING, FormatNotes
from labelscope.data.formats.json_objects import as_lines, read_objects, write_in_place
from labelscope.data.formats.json_text import elements, value_span
from labelscope.data.formats.json_units import Document
from labelscope.data.repeated_keys import load_json
from labelscope.errors import DataError

__all__ = ["FORMAT", "NOTES"]

NOTES = FormatNotes(
    "**JSON** `.json`",
    "an array of objects, at the top or under the one key that has one",
    IN_PLACE,
    "yes: an array of objects",
    NOTHING,
    formats=("json",),
)

TOOLS = (fiftyone, coco, label_studio)
WRITERS: dict[type, Any] = {fiftyone.FiftyOneLayout: fiftyone.write, coco.CocoLayout: coco.write}  # with a way of their own


def read(path: Path, options: ReadOptions) -> tuple[pl.DataFrame, Any]:
    """The table, and where its objects lie in the file.

    Raises
    ------
    DataError
        If the file is cut off, holds no array of objects, or has a key twice in one object.
    """
    document = Document(path.read_bytes())
    with reading("JSON", path):
        text = document.text
        try:
            value = load_json(text, path.name)
        except json.JSONDecodeError as error:
            if error.msg == "Extra data" and text.lstrip().startswith("{"):  # one object a line
                return json_lines.read(path, options)
            raise
        for tool in TOOLS:
            if tool.matches(value):
                return tool.read(document, value, path, options)
        spans = list(elements(text, value_span(text, _array(value, path))[0]))
        del value
    lines = "\n".join(text[start:end].replace("\n", " ").replace("\r", " ") for start, end in spans)
    return read_objects(document.raw, document.in_bytes(spans), lines.encode(), path, options.labels)


def write(table: pl.DataFrame, file: BinaryIO, layout: Any, edits: Edits | None) -> None:
    """Write the table as an array; with a layout, copy the file it came from and rewrite only the label values that differ."""
    if edits is not None and not edits.restructured:
        for kind, writer in WRITERS.items():
            if isinstance(layout, kind):
                writer(table, file, layout, edits)
                return
    if write_in_place(table, file, layout, edits):
        return
    lines = list(as_lines(table, layout))
    file.write(b"[\n" + b",\n".join(lines) + b"\n]\n")


def _array(value: Any, path: Path) -> list[str | int]:
    """Where the array of objects is: at the top, or under the only key that has one."""
    if _is_array(value):
        return []
    keys = [key for key, inner in value.items() if _is_array(inner)] if isinstance(value, dict) else []
    if len(keys) != 1:
        got = (
            f"an object with the keys {', '.join(map(repr, list(value)[:6]))}"
            if isinstance(value, dict)
            else "an empty one"
            if value == []
            else type(value).__name__
        )
        raise DataError(
            f"{path.name}: expected an array of objects, one an item, got {got}; write it so (in pandas: to_json(orient='records'))"
        )
    return [keys[0]]


def _is_array(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, dict) for entry in value)


FORMAT = Format("json", (".json",), read, write)
