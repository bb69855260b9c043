"""A table that was opened, and its labels read: what reading and inspecting have in common."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from labelscope.data import companions
from labelscope.data.formats import hugging_face, pascal_voc, several_files
from labelscope.data.formats.format import Format, Layout, Peek, ReadOptions, reading
from labelscope.data.formats.records import RecordLayout
from labelscope.data.formats.registry import find_format
from labelscope.data.frames import to_polars
from labelscope.data.limits import check_table
from labelscope.data.long_table import gather_rows, refuse_long
from labelscope.data.readings.choose import Choice, Wishes, choose_reading
from labelscope.errors import DataError

__all__ = ["Opened", "open_peek", "open_table", "read_labels"]

JOINTS = re.compile(r"[|;,#\t]")  # what stands between the labels of a cell, as far as a name shows it


@dataclass(frozen=True, eq=False)
class Opened:
    """A table as its file says it, and what is known about its labels.

    Attributes
    ----------
    table : polars.DataFrame
    format : str
        Name of the format, or "frame".
    layout : Layout or None
    path : pathlib.Path or None
    labels : str, list of str or None
    wishes : Wishes
    """

    table: pl.DataFrame
    format: str
    layout: Any
    path: Path | None
    labels: str | list[str] | None
    wishes: Wishes

    def with_table(self, table: pl.DataFrame, labels: str | list[str], layout: Any) -> Opened:
        """The same with other rows and columns, and with label columns that were chosen since."""
        known = {} if layout is None else layout.label_names
        names = known.get(labels) if self.wishes.label_names is None and isinstance(labels, str) else self.wishes.label_names
        return replace(self, table=table, labels=labels, layout=layout, wishes=replace(self.wishes, label_names=names))

    @property
    def textual(self) -> bool:
        """Whether the format knows only text."""
        return self.wishes.text_only


def open_table(
    source: Any, labels: Any, wishes: Wishes, *, format: str | None = None, separator: str | None = None, columns: Any = None,  # noqa: A002 - as in read
) -> Opened:  # fmt: skip
    """The table of a file or frame.

    Raises
    ------
    DataError
        If it cannot be read or is empty, or seems to have no header line and so misses a column.
    """
    options = ReadOptions(labels=() if labels is None else _named(labels), separator=separator, columns=_column_names(columns))
    table, kind, layout, path = _load(source, format, options)
    return _opened(table, kind, layout, path, labels, wishes)


def open_peek(
    source: Any, labels: Any, wishes: Wishes, *, format: str | None = None, separator: str | None = None, columns: Any = None,  # noqa: A002 - as in read
) -> tuple[Peek, Opened]:  # fmt: skip
    """As :func:`open_table`, but of a file no more is read than must be: the table has its first rows."""
    options = ReadOptions(labels=() if labels is None else _named(labels), separator=separator, columns=_column_names(columns))
    path = companions.open_file(source, "table") if companions.is_path(source) and Path(os.fspath(source)).is_file() else None
    kind = None if path is None else find_format(path, format)
    if path is not None and kind is not None and kind.peek is not None:
        with reading(kind.name, path, "table"):
            peek = _checked(kind.peek(path, options), path, kind)
    else:
        table, kind, layout, path = _load(source, format, options)
        peek = Peek.whole(table, layout)
    return peek, _opened(peek.sample, kind, peek.layout, path, labels, wishes)


def _checked(peek: Peek, path: Path, kind: Format) -> Peek:
    """A peek of which every part that is read, now or later, is looked over as a whole table is."""

    def columns(names: Sequence[str]) -> pl.DataFrame:
        with reading(kind.name, path, "table"):
            table = peek.columns(names)
            check_table(path, table)
        return table

    check_table(path, peek.sample)
    return replace(peek, columns=columns)


def _opened(table: pl.DataFrame, kind: Format | None, layout: Any, path: Path | None, labels: Any, wishes: Wishes) -> Opened:
    if not table.height:
        raise DataError("table: expected at least one item, got an empty table")
    names = None if labels is None else _label_columns(labels, table, layout)
    _check_header(table, names, layout)
    known = {} if layout is None else layout.label_names
    given = wishes.label_names
    if isinstance(given, companions.NamesByKey) and names is not None:
        given = given.for_labels(table, names)
    told = isinstance(names, str) and names in known and wishes.label_names is None
    ids = told and isinstance(names, str) and str(table.schema.get(names)).startswith(("List(Int", "List(UInt"))
    wishes = replace(
        wishes,
        format="list" if ids and wishes.format is None else wishes.format,  # named ids are no vectors of states
        text_only=kind is not None and kind.name in {"csv", "tsv"},
        json_columns=frozenset() if layout is None else layout.json_columns,
        label_names=known[names] if told and isinstance(names, str) else given,
    )
    return Opened(table, "frame" if kind is None else kind.name, layout, path, names, wishes)


def read_labels(opened: Opened, item: str | None = None, text: str | None = None, values: str | None = None) -> tuple[Opened, Choice]:
    """The labels of a table, and the table with one row an item.

    Parameters
    ----------
    opened : Opened
        With the names of the label columns.
    item, text : str, optional
        Columns with the ids and the text.
    values : str, optional
        Column of a long table that says whether the label of its row is there.

    Raises
    ------
    DataError
        If the labels can be read in no way, or in several.
    """
    labels, wishes = opened.labels, opened.wishes
    if labels is None:
        raise DataError("labels: expected the name of a column or a list of names, got None")
    if values is None and wishes.format != "long":
        choice = choose_reading(opened.table, labels, wishes)
        if isinstance(labels, str):
            _check_head(opened, labels, choice)
        if choice.offer.format == "single" and isinstance(labels, str):
            refuse_long(opened.table, labels, item, text)
        return opened, choice
    if not isinstance(labels, str):
        raise DataError("values: expected one column with the label of each row, got several; name one with labels=")
    way = None if wishes.format == "long" else wishes.format
    gathered = gather_rows(opened.table, labels, item, values, way, wishes.unlisted)
    names = wishes.label_names if isinstance(gathered.labels, str) else None
    choice = choose_reading(gathered.table, gathered.labels, replace(wishes, format=None, delimiter=None, label_names=names))
    if gathered.absent_is_unknown:
        told = f"a label without a row in {labels!r} is read as unknown, because others have a row that says 0"
        choice = replace(choice, warnings=(*choice.warnings, told))
    if gathered.raters is not None:
        choice = replace(choice, warnings=(*choice.warnings, gathered.raters))
    return replace(opened, table=gathered.table, format="frame", layout=None, labels=gathered.labels), choice


def _named(labels: Any) -> tuple[str, ...]:
    """The names in `labels`, one or several."""
    if isinstance(labels, str):
        return (labels,)
    try:
        return tuple(str(name) for name in labels)
    except TypeError:
        raise DataError(f"labels: expected the name of a column or a list of names, got {labels!r}") from None


def _column_names(columns: Any) -> list[str] | None:
    if columns is None:
        return None
    if isinstance(columns, str) or not isinstance(columns, Sequence):
        raise DataError(f"columns: expected a list with the name of each column, got {columns!r}")
    return [str(name) for name in columns]


def _label_columns(labels: Any, table: pl.DataFrame, layout: Any) -> str | list[str]:
    """The label column, or the columns with one label each: also as names joined by commas, where no column is called so."""
    if not isinstance(labels, str):
        return list(_named(labels))
    said = layout.label_columns.get(labels) if isinstance(layout, Layout) else None
    if labels not in table.columns and said:
        return list(said)
    if labels in table.columns or "," not in labels:
        return labels
    for pieces in (labels.split(","), [piece.strip() for piece in labels.split(",")]):
        if all(piece in table.columns for piece in pieces):
            return pieces
    return labels


def _check_header(table: pl.DataFrame, labels: str | list[str] | None, layout: Any) -> None:
    """Refuse a CSV whose first line is a record, where a column is missing for that reason."""
    missing = [name for name in ([] if labels is None else [labels] if isinstance(labels, str) else labels) if name not in table.columns]
    if not missing or not isinstance(layout, RecordLayout) or layout.head[0] == layout.head[1]:
        return
    recurs = [name for name in table.columns if name.isdecimal() or (table[name].head(10_000) == name).any()]
    if recurs:
        names = [*missing, *(f"column_{k}" for k in range(len(missing) + 1, table.width + 1))][: table.width]
        raise DataError(
            f"labels: expected a column of the table, got {missing[0]!r}; the first line looks like a record, not like a header"
            f" ({recurs[0]!r} is in it); name the {table.width} columns, as in columns={names!r}"
        )


def _check_head(opened: Opened, labels: str, choice: Choice) -> None:
    """Refuse a CSV whose first line is a record: what would be the name of the label column are labels of that column."""
    layout, known = opened.layout, set(choice.encoding.label_names)
    if not isinstance(layout, RecordLayout) or layout.head[0] == layout.head[1]:
        return
    pieces = [piece for piece in map(str.strip, JOINTS.split(labels)) if piece]
    if (len(pieces) > 1 and known.issuperset(pieces)) or (labels in known and (opened.table[labels] == labels).any()):
        names = ["labels" if name == labels else f"column_{k}" for k, name in enumerate(layout.names, 1)]
        raise DataError(
            f"labels: expected a header line, got a first line that reads like a record ({labels!r} are labels of that column); pass "
            f"labels='labels', columns={names!r}, or rename the column in the file if that is its name"
        )


def _load(given: Any, name: str | None, options: ReadOptions) -> tuple[pl.DataFrame, Format | None, Any, Path | None]:
    if not companions.is_path(given):
        known = hugging_face.table_of(given)
        return (known[0], None, known[1], None) if known is not None else (to_polars(given, "table"), None, None, None)
    place = Path(os.fspath(given))
    if pascal_voc.is_voc(place):
        table, layout = pascal_voc.read_folder(place)
        return table, None, layout, place
    files = several_files.files_of(os.fspath(given))
    if files is not None:
        table, kind, layout = several_files.read_files(files, name, options)
        return table, kind, layout, files[0] if len(files) == 1 else place
    path = companions.open_file(given, "table")
    kind = find_format(path, name)
    with reading(kind.name, path, "table"):
        table, layout = kind.read(path, options)
        check_table(path, table)
    return table, kind, layout, path
