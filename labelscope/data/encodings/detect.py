"""Which encoding a table uses: seen from the types and values of its label column or columns, never guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from labelscope.data.checks import check_column
from labelscope.data.encodings.cells import CellSets, SetCodec
from labelscope.data.encodings.encoding import LabelEncoding
from labelscope.data.encodings.indicators import IndicatorColumns
from labelscope.data.encodings.joined import JoinedCells, detect_delimiter, join_style
from labelscope.data.encodings.json_lists import detect_json
from labelscope.data.encodings.lists import detect_lists
from labelscope.data.encodings.single import detect_single
from labelscope.data.encodings.vocabulary import LabelNames, build_vocabulary
from labelscope.data.labels import default_state
from labelscope.errors import DataError

__all__ = ["detect_encoding"]


def detect_encoding(
    table: pl.DataFrame,
    labels: str | Sequence[str],
    *,
    unlisted: str = "negative",
    delimiter: str | None = None,
    label_names: LabelNames | None = None,
    text_only: bool = False,
) -> LabelEncoding:
    """The encoding of the labels of a table.

    Parameters
    ----------
    table : polars.DataFrame
    labels : str or sequence of str
        One column of sets, or one column a label.
    unlisted : {"negative", "unknown"}
        What a label that is not in an item's set means.
    delimiter : str, optional
        What joins labels in a column of text; "" if each cell is one label. Default: seen from the data.
    label_names : sequence or mapping, optional
        Names of the labels, see :func:`labelscope.data.encodings.vocabulary.build_vocabulary`.
    text_only : bool
        Whether the table comes from a format that knows only text (CSV), where a blank may be an empty set.

    Raises
    ------
    DataError
        If a column is not there, or its values are in no known encoding, or in more than one.
    """
    default_state(unlisted)
    if not isinstance(labels, str):
        return _indicators(table, list(labels), label_names)
    check_column(table, labels, "labels")
    cells = table[labels]
    codec, declared = _codec(labels, cells, delimiter, named=label_names is not None, text_only=text_only)
    occurring = codec.tokens(cells)["token"].unique(maintain_order=True)
    return CellSets(labels, codec, build_vocabulary(occurring, label_names, declared), unlisted)


def _indicators(table: pl.DataFrame, columns: list[str], given: LabelNames | None) -> IndicatorColumns:
    if not columns:
        raise DataError("labels: expected the name of a column or a list of names, got an empty list")
    for column in columns:
        check_column(table, column, "labels")
        if table.schema[column].is_nested():
            raise DataError(f'labels: expected columns of 1 and 0, got lists in {column!r}; pass labels="{column}"')
    if len(set(columns)) != len(columns):
        raise DataError(f"labels: expected each column once, got {next(c for c in columns if columns.count(c) > 1)!r} more than once")
    if given is None:
        return IndicatorColumns(tuple(columns), tuple(columns))
    names = [given.get(column, column) for column in columns] if isinstance(given, Mapping) else list(given)
    if len(names) != len(columns):
        raise DataError(f"label_names: expected {len(columns)} names (one a column), got {len(names)}")
    return IndicatorColumns(tuple(columns), tuple(str(name) for name in names))


def _codec(column: str, cells: pl.Series, delimiter: str | None, *, named: bool, text_only: bool) -> tuple[SetCodec, list[str]]:
    if cells.dtype != pl.String:
        if delimiter is not None:
            raise DataError(f"labels_delimiter: expected a column of text, got {cells.dtype} in {column!r}; leave the option out")
        if isinstance(cells.dtype, pl.Array):
            raise DataError(
                f"labels: expected lists in {column!r}, got {cells.dtype}, which cannot hold sets of several sizes; cast it to List"
            )
        return detect_lists(column, cells) if cells.dtype.is_nested() else detect_single(column, cells, named=named)
    full = cells.filter(cells.str.strip_chars() != "")
    if delimiter is None and _looks_json(full):
        return detect_json(column, full.unique(maintain_order=True)), []
    if delimiter is None:
        delimiter = detect_delimiter(column, full)
    if not delimiter:
        return detect_single(column, cells, named=named)
    before, after = join_style(full, delimiter)
    empty = None if text_only and not (cells == "").any() else ""
    return JoinedCells(delimiter, before, after, empty=empty, null_is_empty=text_only), []


def _looks_json(cells: pl.Series) -> bool:
    bracketed = cells.str.contains(r"^\s*\[") & cells.str.contains(r"\]\s*$")
    return (
        len(cells) > 0
        and bool(bracketed.any())
        and (bool(bracketed.all()) or bool(cells.str.contains(r"^\s*\[\s*(\]|[\"'\d].*\]\s*$)").any()))
    )
