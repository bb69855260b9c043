"""Taxonomies as tables: an edge a row, or a label a row with the column of its parents."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import polars as pl

from labelscope.data.frames import as_text
from labelscope.errors import DataError

__all__ = ["table_edges"]

LABEL_COLUMNS = ("child", "label", "name", "id", "narrower")
PARENT_COLUMNS = ("parent", "parents", "broader")
JOINTS = ("|", ";", ",")


def table_edges(table: pl.DataFrame, label_names: Collection[str]) -> list[tuple[str, str]]:
    """(parent, child) of each row; a row without a parent is a root.

    Parameters
    ----------
    table : polars.DataFrame
        The column `child` (or `label`, `name`, `id`, `narrower`) and `parent` (or `parents`, `broader`). Several parents: several
        rows, a list, a JSON list as text, or names joined by "|", ";" or "," where the whole text is no label.
    label_names : collection of str
        Of the data set: they tell a joint from a comma in a name.

    Raises
    ------
    DataError
        If there are no such columns.
    """
    child, parent = (next((c for c in wanted if c in table.columns), None) for wanted in (LABEL_COLUMNS, PARENT_COLUMNS))
    if child is None or parent is None:
        raise DataError(f"taxonomy: expected the columns parent and child, got {', '.join(table.columns)}; rename them")
    known = set(label_names)
    rows = pl.DataFrame({"child": as_text(table[child], "taxonomy"), "parent": table[parent]}).drop_nulls()
    return [(p, c) for c, given in rows.iter_rows() for p in _parents(given, known)]


def _parents(given: Any, known: Collection[str]) -> list[str]:
    if isinstance(given, (list, pl.Series)):
        return [str(parent) for parent in given if parent is not None]
    text = str(given).strip()
    if not text or text in known:
        return [text] if text else []
    if text.startswith("["):
        try:
            return [str(parent) for parent in json.loads(text)]
        except (ValueError, TypeError, RecursionError):
            return [text]
    for joint in JOINTS:
        parts = [part.strip() for part in text.split(joint)]
        if len(parts) > 1 and any(part in known for part in parts):
            return [part for part in parts if part]
    return [text]
