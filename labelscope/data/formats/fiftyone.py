"""FiftyOne's image classification file: ``{"classes": [...], "labels": {"000001": [0, 2], ...}}``.

The keys become the item ids. A target is a position in `classes` (or a name where `classes` is null), a list of them, or
null, which says nothing of its image.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from labelscope.data.formats.format import Edits, ReadOptions
from labelscope.data.formats.format_notes import NOT, NOTHING, FormatNotes
from labelscope.data.formats.json_text import BOM, member_spans, replace_value, value_span
from labelscope.data.formats.json_units import Document, UnitLayout, write_units
from labelscope.errors import DataError

__all__ = ["NOTES", "FiftyOneLayout", "matches", "read", "write"]

NOTES = FormatNotes(
    "**FiftyOne** classification `.json`",
    "keys become item ids, `classes` the names",
    "in place; a new label becomes a class",
    NOT,
    NOTHING,
)


class FiftyOneLayout(UnitLayout):
    """A file of this kind."""


def matches(value: Any) -> bool:
    """Whether a document is of this kind."""
    return isinstance(value, dict) and isinstance(value.get("labels"), dict) and "classes" in value and set(value) <= {"classes", "labels"}


def read(document: Document, value: Any, path: Path, options: ReadOptions) -> tuple[pl.DataFrame, FiftyOneLayout]:  # noqa: ARG001 - as all read
    """Columns item_id and labels (ids or names).

    Raises
    ------
    DataError
        If a target is something else, such as labels with a confidence.
    """
    classes, targets = value["classes"], value["labels"]
    kind = str if classes is None else int
    lists = {key: target if isinstance(target, list) or target is None else [target] for key, target in targets.items()}
    for key, labels in lists.items():
        if labels is not None and not all(isinstance(label, kind) and not isinstance(label, bool) for label in labels):
            words = "names, as there are no classes" if classes is None else "positions in classes"
            raise DataError(f"{path.name}: expected {words}, got {str(targets[key])[:60]!r} under {key!r}; write the labels alone")
    table = pl.DataFrame(
        {
            "item_id": pl.Series(list(lists), dtype=pl.String),
            "labels": pl.Series(list(lists.values()), dtype=pl.List(pl.String if classes is None else pl.Int64)),
        }
    )
    text = document.text
    starts, ends = document.in_bytes(member_spans(text, value_span(text, ["labels"])[0]))
    names = {} if classes is None else {"labels": tuple(str(name) for name in classes)}
    return table, FiftyOneLayout(document.raw, starts, ends, {"labels": [[()]] * table.height}, _as_written, label_names=names)


def write(table: pl.DataFrame, file: BinaryIO, layout: FiftyOneLayout, edits: Edits) -> None:
    """Copy the file with the targets that differ, and with the classes that came."""
    inside = BytesIO()
    write_units(table, inside, layout, edits)
    written, mark = inside.getvalue(), BOM if layout.raw.startswith(BOM) else b""
    if "labels" in layout.label_names:
        text = replace_value(written.removeprefix(mark).decode(), "classes", list(layout.label_names["labels"]))
        written = mark + text.encode()
    file.write(written)


def _as_written(labels: Any, old: Any) -> Any:
    """A list, or one target where one target was."""
    return labels[0] if labels is not None and len(labels) == 1 and not isinstance(old, list) and old is not None else labels
