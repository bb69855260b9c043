"""A table that was opened, and its labels read: what reading and inspecting have in common."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from labelscope.data import companions
from labelscope.data.ballots import Ballots
from labelscope.data.file_names import check_file_name
from labelscope.data.formats import hugging_face, pascal_voc, several_files
from labelscope.data.formats.format import Format, Layout, Peek, ReadOptions, reading
from labelscope.data.formats.registry import find_format
from labelscope.data.frames import to_polars
from labelscope.data.headings import check_head, check_header, check_headings
from labelscope.data.limits import check_table
from labelscope.data.list_scores import refuse_scored
from labelscope.data.long_table import gather_rows, refuse_long
from labelscope.data.positions import positions
from labelscope.data.rater_search import refuse_raters
from labelscope.data.rater_tables import read_rater_columns, read_rater_rows
from labelscope.data.readings.choose import Choice, Wishes, choose_reading
from labelscope.data.votes import Votes
from labelscope.errors import DataError

__all__ = ["Opened", "open_peek", "open_table", "read_labels"]


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
    votes : Votes or None
        What single raters say, where the table holds that.
    """

    table: pl.DataFrame
    format: str
    layout: Any
    path: Path | None
    labels: str | list[str] | None
    wishes: Wishes
    votes: Votes | None = None

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
    if companions.is_path(source):
        check_file_name(source, "table")
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
    if peek.sample.height == peek.n_rows:
        return Peek.whole(peek.sample, peek.layout)  # nothing is left to read
    return replace(peek, columns=columns)


def _opened(table: pl.DataFrame, kind: Format | None, layout: Any, path: Path | None, labels: Any, wishes: Wishes) -> Opened:
    if not table.height:
        raise DataError("table: expected at least one item, got an empty table; check that the file is whole")
    names = None if labels is None else _label_columns(labels, table, layout)
    check_header(table, names, layout)
    known = {} if layout is None else layout.label_names
    given = wishes.label_names
    if isinstance(given, companions.NamesByKey) and names is not None:
        given = given.for_labels(table, names)
    told = isinstance(names, str) and names in known and wishes.label_names is None
    ids = told and isinstance(names, str) and names in table.columns and str(table[names].dtype).startswith(("List(Int", "List(UInt"))
    ids = ids or (kind is not None and kind.name == "xmc" and names == "labels")  # by definition: 0,1 are two labels
    wishes = replace(
        wishes,
        format="list" if ids and wishes.format is None else wishes.format,  # named ids are no vectors of states
        text_only=kind is not None and kind.name in {"csv", "tsv"},
        json_columns=frozenset() if layout is None else layout.json_columns,
        label_names=known[names] if told and isinstance(names, str) else given,
    )
    return Opened(table, "frame" if kind is None else kind.name, layout, path, names, wishes)


def read_labels(
    opened: Opened, item: str | None = None, text: str | None = None, values: str | None = None, rater: str | Sequence[str] | None = None
) -> tuple[Opened, Choice]:
    """The labels of a table, and the table with one row an item.

    Parameters
    ----------
    opened : Opened
        With the names of the label columns.
    item, text : str, optional
        Columns with the ids and the text.
    values : str, optional
        Column of a long table that says whether the label of its row is there.
    rater : str or sequence of str, optional
        Column that names the rater of each row, or columns with the labels of one rater each.

    Raises
    ------
    DataError
        If the labels can be read in no way, or in several.
    """
    labels, wishes = opened.labels, opened.wishes
    if labels is None:
        raise DataError("labels: expected the name of a column or a list of names, got None; name one with labels=")
    check_headings(opened.table, opened.layout, labels)
    if rater is not None:
        return _read_raters(opened, labels, item, values, [rater] if isinstance(rater, str) else list(rater))
    if values is None and wishes.format != "long":
        refuse_raters(opened.table, labels, item, text)
        refuse_scored(opened.table, labels, wishes.format)
        choice = choose_reading(opened.table, labels, wishes)
        if isinstance(labels, str):
            check_head(opened.table, opened.layout, labels, choice.encoding.label_names)
        if choice.offer.format == "single" and isinstance(labels, str):
            refuse_long(opened.table, labels, item, text)
        return replace(opened, votes=_answers(opened, labels, choice)), choice
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


def _answers(opened: Opened, labels: str | list[str], choice: Choice) -> Votes | None:
    """What several people answered, where the file has kept that."""
    said = opened.layout.answers.get(labels) if isinstance(opened.layout, Layout) and isinstance(labels, str) else None
    if said is None or not isinstance(labels, str):
        return None
    names = said["rater"].unique().sort()
    raters = positions(said["rater"], names, expected="rater: expected known names", remedy="name the raters")
    matrix = choice.encoding.decode(said.select(pl.col("labels").alias(labels)))
    return Ballots(matrix, said["row"].to_numpy(), raters, opened.table.height, tuple(names.to_list())).votes()


def _read_raters(opened: Opened, labels: str | list[str], item: str | None, values: str | None, raters: list[str]) -> tuple[Opened, Choice]:
    """The labels of a table of several raters; the table is another one where rows were joined, or columns."""
    if len(raters) == 1:
        joined = read_rater_rows(opened.table, labels, item, raters[0], values, opened.wishes)
    else:
        joined = read_rater_columns(opened.table, labels, raters, opened.wishes)
    if not joined.is_new:
        return replace(opened, votes=joined.votes), joined.choice
    return replace(opened, table=joined.table, format="frame", layout=None, labels=joined.labels, votes=joined.votes), joined.choice


def _named(labels: Any) -> tuple[str, ...]:
    """The names in `labels`, one or several."""
    if isinstance(labels, str):
        return (labels,)
    try:
        return tuple(str(name) for name in labels)
    except TypeError:
        raise DataError(f"labels: expected the name of a column or a list of names, got {labels!r}; write the name as text") from None


def _column_names(columns: Any) -> list[str] | None:
    if columns is None:
        return None
    if isinstance(columns, str) or not isinstance(columns, Sequence):
        raise DataError(f"columns: expected a list with the name of each column, got {columns!r}; write it as a list")
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


def _load(given: Any, name: str | None, options: ReadOptions) -> tuple[pl.DataFrame, Format | None, Any, Path | None]:
    if not companions.is_path(given):
        known = hugging_face.table_of(given)
        return (known[0], None, known[1], None) if known is not None else (to_polars(given, "table"), None, None, None)
    place = Path(os.fspath(given))
    check_file_name(place, "table")
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
