"""Lines of a CSV that are no items: a header that is missing, that comes again, or that has a second line below it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import polars as pl

from labelscope.data.formats.records import RecordLayout
from labelscope.data.readings.column import NULL_WORDS
from labelscope.errors import DataError

__all__ = ["check_head", "check_header", "check_headings"]

JOINTS = re.compile(r"[|;,#\t]")  # what stands between the labels of a cell, as far as a name shows it
QUALTRICS = r'^\{"ImportId":'
LOOKED_AT = 1000  # rows
LEAST = 5  # numbers below a text, from which it is the heading of a column of numbers


def check_header(table: pl.DataFrame, labels: str | list[str] | None, layout: Any) -> None:
    """Refuse a CSV whose first line is a record, where a column is missing for that reason."""
    there = set(table.columns)
    missing = [name for name in ([] if labels is None else [labels] if isinstance(labels, str) else labels) if name not in there]
    if not missing or not isinstance(layout, RecordLayout) or layout.head[0] == layout.head[1]:
        return
    part = re.fullmatch(rf"(?s:.*([,;|\t]))?{re.escape(missing[0])}(?:([,;|\t])(?s:.*))?", table.columns[0]) if table.width == 1 else None
    if part and (mark := part[1] or part[2]):
        raise DataError(
            f"labels: expected a column of the table, got {missing[0]!r}, a part of its one column {table.columns[0]!r};"
            f" pass separator={mark!r}"
        )
    recurs = [name for name in table.columns if name.isdecimal() or (table[name].head(10_000) == name).any()]
    if recurs:
        names = [*missing, *(f"column_{k}" for k in range(len(missing) + 1, table.width + 1))][: table.width]
        raise DataError(
            f"labels: expected a column of the table, got {missing[0]!r}; the first line looks like a record, not like a header"
            f" ({recurs[0]!r} is in it); name the {table.width} columns, as in columns={names!r}"
        )


def check_head(table: pl.DataFrame, layout: Any, labels: str, label_names: Sequence[str]) -> None:
    """Refuse a CSV whose first line is a record: what would be the name of the label column are labels of that column."""
    known = set(label_names)
    if not isinstance(layout, RecordLayout) or layout.head[0] == layout.head[1]:
        return
    pieces = [piece for piece in map(str.strip, JOINTS.split(labels)) if piece]
    if (len(pieces) > 1 and known.issuperset(pieces)) or (labels in known and (table[labels] == labels).any()):
        names = ["labels" if name == labels else f"column_{k}" for k, name in enumerate(layout.names, 1)]
        raise DataError(
            f"labels: expected a header line, got a first line that reads like a record ({labels!r} are labels of that column); pass "
            f"labels='labels', columns={names!r}, or rename the column in the file if that is its name"
        )


def check_headings(table: pl.DataFrame, layout: Any, labels: str | Sequence[str]) -> None:
    """Refuse a CSV with lines that say what the columns are, below its header: they would be read as items.

    Parameters
    ----------
    table : polars.DataFrame
        All of the rows, or the first.
    layout : object
        Of its format; nothing is checked where that is no CSV with a header line.
    labels : str or sequence of str
    """
    if not isinstance(layout, RecordLayout) or layout.head[0] == layout.head[1]:
        return
    there = set(table.columns)
    named = [name for name in ([labels] if isinstance(labels, str) else labels) if name in there]
    if (row := _again(table)) is not None:
        raise DataError(f"table: expected an item in each record, got the header line again in record {row + 1}; remove it from the file")
    if (row := _below(table, named)) is not None:
        raise DataError(
            f"table: expected an item in each record, got more headings below the header line, up to record {row + 1}; remove them from the"
            " file"
        )


def _again(table: pl.DataFrame) -> int | None:
    """The first row that repeats the names of the columns, as where two files were put together."""
    first = table.columns[0]
    if table.width < 2 or table[first].dtype != pl.String:
        return None
    rows = (table[first] == first).fill_null(value=False).arg_true().to_list()
    return next((row for row in rows if table.row(row) == tuple(table.columns)), None)


def _below(table: pl.DataFrame, labels: Sequence[str]) -> int | None:
    """The last of the rows below the header that are headings too."""
    top = table.head(LOOKED_AT)
    if top.height <= LEAST:
        return None
    texts = top.select(pl.col(pl.String).str.strip_chars())
    if not texts.width:
        return None
    for row in (0, 1):  # Qualtrics: the questions, and what it calls them
        told = pl.Series(texts.row(row), dtype=pl.String).drop_nulls()
        told = told.filter(told != "")
        if len(told) and told.str.contains(QUALTRICS).all():
            return row
    first, named = pl.Series(texts.row(0), dtype=pl.String).fill_null(""), set(labels)
    if not labels or first.cast(pl.Float64, strict=False).count() or first.is_in(list(NULL_WORDS)).any():
        return None
    rest = texts.slice(1)
    counts = rest.select(
        numbers=pl.struct(pl.all().cast(pl.Float64, strict=False).count()), texts=pl.struct((pl.all().fill_null("") != "").sum())
    ).row(0)
    numeric = any(
        heading and n == said and n >= LEAST for heading, n, said in zip(first, counts[0].values(), counts[1].values(), strict=True)
    )
    return 0 if numeric and all(_stands_alone(texts[name]) for name in texts.columns if name in named) else None


def _stands_alone(cells: pl.Series) -> bool:
    """Whether the first text of a column is there, and is no part of the others."""
    first, others = cells[0], cells.slice(1).drop_nulls()
    return bool(first) and not others.str.contains(first, literal=True).any()
