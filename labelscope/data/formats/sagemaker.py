"""The manifest of SageMaker Ground Truth: JSON Lines with the ids of the classes, and their names in ``JOB-metadata``.

Each line names the classes of its own item in a "class-map"; together they name the labels. An added class is named there too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from labelscope.data.formats import json_lines
from labelscope.data.formats.format import Format, ReadOptions
from labelscope.data.formats.format_notes import AS_LINES, FormatNotes
from labelscope.data.formats.json_objects import ObjectLayout
from labelscope.data.formats.json_text import member_texts, replace_text
from labelscope.errors import DataError

__all__ = ["FORMAT", "NOTES"]

NOTES = FormatNotes(
    "**SageMaker** `.manifest`",
    "ids, named by the class maps of all lines",
    "in place; an added class is named in the line",
    AS_LINES,
    "the confidence of an added class",
    formats=("manifest",),
)

MAP = "class-map"
NAME = "class-name"


def read(path: Path, options: ReadOptions) -> tuple[pl.DataFrame, Any]:
    """The table, with the names of the classes of each label column.

    Raises
    ------
    DataError
        If two lines name one id differently.
    """
    table, layout = json_lines.read(path, options)
    if not isinstance(layout, ObjectLayout):
        return table, layout
    names = {column: _names(layout, column, path) for column in options.labels if f"{column}-metadata" in table.columns}
    known = {column: of for column, of in names.items() if of}
    return table, replace(layout, label_names=known, follow=partial(_name_classes, known))


def _names(layout: ObjectLayout, column: str, path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in range(len(layout.starts)):
        for key, name in _class_map(layout.text(row), column).items():
            if found.setdefault(key, str(name)) != str(name):
                raise DataError(
                    f"{path.name}: expected one name for the class {key} of {column!r}, got {found[key]!r} and {name!r}"
                    f" (line {layout.number(row)}); number the classes alike in all lines"
                )
    return dict(sorted(found.items(), key=lambda pair: (len(pair[0]), pair[0])))


def _class_map(line: str, column: str) -> Mapping[str, str]:
    metadata = json.loads(member_texts(line, [f"{column}-metadata"]).get(f"{column}-metadata", "null"))
    if isinstance(metadata, dict) and isinstance(metadata.get(NAME), str):  # one class an item
        return {member_texts(line, [column]).get(column, ""): metadata[NAME]}
    found = metadata.get(MAP) if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def _name_classes(known: Mapping[str, Mapping[str, str]], line: str, column: str) -> str:
    """The line with the names of all its classes, or of its one class."""
    ids, key = json.loads(member_texts(line, [column]).get(column, "null")), f"{column}-metadata"
    metadata = json.loads(member_texts(line, [key]).get(key, "{}"))
    if column not in known:
        return line
    if isinstance(ids, int) and NAME in metadata:
        name = known[column][str(ids)]
        return line if metadata[NAME] == name else replace_text(line, key, json.dumps({**metadata, NAME: name}, ensure_ascii=False))
    named = _class_map(line, column)
    missing = {str(key): known[column][str(key)] for key in (ids if isinstance(ids, list) else ()) if str(key) not in named}
    if not missing:
        return line
    return replace_text(line, key, json.dumps({**metadata, MAP: {**named, **missing}}, ensure_ascii=False))


FORMAT = Format("manifest", (".manifest",), read, json_lines.write)
