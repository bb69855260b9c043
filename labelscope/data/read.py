"""From a file or a frame to a data set."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from warnings import warn

import polars as pl

from labelscope.data import companions
from labelscope.data.checks import check_column
from labelscope.data.dataset import Dataset, assemble
from labelscope.data.formats.format import Format, ReadOptions, reading
from labelscope.data.formats.records import RecordLayout
from labelscope.data.formats.registry import find_format
from labelscope.data.frames import to_polars
from labelscope.data.images import image_folders, is_image_type
from labelscope.data.limits import check_table
from labelscope.data.readings.choose import Wishes, choose_reading
from labelscope.data.source import Source
from labelscope.data.typed import as_integers, typed_columns
from labelscope.errors import DataError, ReadingWarning

__all__ = ["read"]


def read(
    path: Any,
    *,
    labels: str | Sequence[str],
    text: str | None = None,
    image: str | None = None,
    id: str | None = None,  # noqa: A002 - the word of the public contract
    embeddings: Any = None,
    probabilities: Any = None,
    votes: Any = None,
    taxonomy: Any = None,
    unlisted: str = "negative",
    format: str | None = None,  # noqa: A002 - the word of the public contract
    label_names: Any = None,
    label_descriptions: Mapping[str, str] | None = None,
    labels_delimiter: str | None = None,
    labels_format: str | None = None,
    missing: Sequence[str] | None = None,
    separator: str | None = None,
    columns: Sequence[str] | None = None,
    image_root: Any = None,
) -> Dataset:
    r"""A data set from a table; an export (:func:`labelscope.export.corrected.export_labels`) reproduces that table.

    Parameters
    ----------
    path : path or data frame
        Parquet, CSV or TSV, JSON Lines, Arrow IPC or Feather; or a polars, pandas or Arrow frame.
    labels : str or sequence of str
        One column that holds the positive labels of each item: lists of strings or of integer ids, JSON lists as text,
        text joined by a delimiter ("a;b", "a|b", "a, b"), or one label. A null says nothing of its item: all its cells
        are unknown. An empty list says that no label is positive (as does a blank in a CSV with joined text, which is
        how most programs write an empty text). Or a list of columns, one a label: 1 or true, 0 or false, and
        -1, null or blank for unknown.
    text, image : str, optional
        Column of the text; column of image paths (relative to the folder of the table), bytes, or structs of both.
    id : str, optional
        Column of unique item ids, integers or strings. Default: `item_id` if there is one, else the row number.
    embeddings : path of a .npy file or array-like of shape (n_items, n_features), optional
        Finite numbers in the order of the rows; a file is memory-mapped.
    probabilities : path of a .npy file or array-like of shape (n_items, n_labels), optional
        Out of fold, in [0, 1].
    votes : path or frame of (item_id, rater, label, value), optional
    taxonomy : path or taxonomy, optional
        A table of (parent, child) or with the parents of each label, a mapping of child to parent(s), pairs; as a file also
        a JSON tree or SKOS (RDF/XML, Turtle, N-Triples), whose concepts that are no label are bridged.
    unlisted : {"negative", "unknown"}
        What a label that is absent from an item's list means.
    format : {"parquet", "csv", "tsv", "jsonl", "arrow"}, optional
        Default: by the suffix of the file.
    label_names : sequence, mapping or path, optional
        The labels and their order: names; names of the ids 0, 1, ...; or id (or code) to name. As a path: JSON, or text
        with one name a line. Default: what occurs in the column, sorted.
    label_descriptions : mapping of label name to text, optional
    labels_delimiter : str, optional
        What joins labels in a column of text; "" if each cell is one label. Default: seen from the data.
    labels_format : str, optional
        How the column says its labels, as :func:`labelscope.inspect` names it ("json", "vector", "plus_minus_one", ...).
        Default: seen from the data; where two ways are as likely, reading stops and says what decides.
    missing : sequence of str, optional
        Texts that mean that nothing is known of an item. Default: "nan", "NA", "NULL", "None", "-" and the like, where
        they stand alone.
    separator : str, optional
        What stands between the fields of a CSV or TSV, one character. Default: seen from the file.
    columns : sequence of str, optional
        Names of the columns of a CSV or TSV that has no header line.
    image_root : path or sequence of paths, optional
        Folders below which image files may lie, besides the folder of the table; relative paths are looked for in them
        too. A path that leads anywhere else, also by a symbolic link, is not opened.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        On anything that is missing, broken, ambiguous or does not fit; one line that says how to mend it.

    Examples
    --------
    >>> ds = read(pl.DataFrame({"item_id": [7, 8], "tags": ["cat;dog", "dog"]}), labels="tags")
    >>> ds.label_names, ds.labels.dense().tolist()
    (('cat', 'dog'), [[1, 1], [0, 1]])
    """
    options = ReadOptions(labels=_named(labels), separator=separator, columns=_column_names(columns))
    table, kind, layout, place = _load(path, format, options)
    if not table.height:
        raise DataError("table: expected at least one item, got an empty table")
    textual = kind is not None and kind.name in {"csv", "tsv"}
    label_columns = _label_columns(labels, table)
    _check_header(table, label_columns, layout)
    names = companions.load_label_names(label_names)
    wishes = Wishes(
        unlisted, labels_delimiter, labels_format, names, missing, textual, getattr(layout, "json_columns", frozenset()),
    )  # fmt: skip
    if names is None and isinstance(label_columns, str) and layout is not None:
        wishes = replace(wishes, label_names=layout.label_names.get(label_columns))
    choice = choose_reading(table, label_columns, wishes)
    for line in choice.warnings:
        warn(line, ReadingWarning, stacklevel=2)
    encoding = choice.encoding
    arguments = _options(
        labels=label_columns, text=text, image=image, id=id, embeddings=embeddings, probabilities=probabilities, votes=votes,
        taxonomy=taxonomy, unlisted=unlisted, format=format, label_names=label_names, label_descriptions=label_descriptions,
        labels_delimiter=labels_delimiter, labels_format=labels_format, missing=None if missing is None else list(missing),
        separator=separator, columns=options.columns,
        image_root=None if image_root is None else [str(folder) for folder in image_folders(image_root)],
    )  # fmt: skip
    return assemble(
        _item_ids(table, id, textual=textual),
        encoding.label_names,
        encoding.decode(table),
        _items(table, encoding.columns, text, image, textual=textual),
        text=text,
        image=image,
        embeddings=companions.load_array(embeddings, "embeddings"),
        probabilities=companions.load_array(probabilities, "probabilities"),
        votes=None if votes is None else companions.load_frame(votes, "votes"),
        taxonomy=None if taxonomy is None else companions.load_taxonomy(taxonomy),
        label_descriptions=label_descriptions,
        source=Source(table, kind.name if kind else "frame", place, encoding, arguments, layout),
        image_root=image_root,
    )


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


def _label_columns(labels: Any, table: pl.DataFrame) -> str | list[str]:
    """The label column, or the columns with one label each: also as names joined by commas, where no column is called so."""
    if not isinstance(labels, str):
        return list(_named(labels))
    if labels in table.columns or "," not in labels:
        return labels
    for pieces in (labels.split(","), [piece.strip() for piece in labels.split(",")]):
        if all(piece in table.columns for piece in pieces):
            return pieces
    return labels


def _check_header(table: pl.DataFrame, labels: str | list[str], layout: Any) -> None:
    """Refuse a CSV whose first line is a record, where a column is missing for that reason."""
    missing = [name for name in ([labels] if isinstance(labels, str) else labels) if name not in table.columns]
    if not missing or not isinstance(layout, RecordLayout) or layout.head[0] == layout.head[1]:
        return
    recurs = [
        name for name in table.columns if (table[name].head(10_000) == name).any() or as_integers(pl.Series([name])).dtype == pl.Int64
    ]
    if recurs:
        names = [*missing, *(f"column_{k}" for k in range(len(missing) + 1, table.width + 1))][: table.width]
        raise DataError(
            f"labels: expected a column of the table, got {missing[0]!r}; the first line looks like a record, not like a header"
            f" ({recurs[0]!r} is in it); name the {table.width} columns, as in columns={names!r}"
        )


def _load(given: Any, name: str | None, options: ReadOptions) -> tuple[pl.DataFrame, Format | None, Any, Path | None]:
    if not companions.is_path(given):
        return to_polars(given, "table"), None, None, None
    path = companions.open_file(given, "table")
    kind = find_format(path, name)
    with reading(kind.name, path, "table"):
        table, layout = kind.read(path, options)
        check_table(path, table)
    return table, kind, layout, path


def _item_ids(table: pl.DataFrame, column: str | None, *, textual: bool) -> pl.Series:
    if column is None and "item_id" not in table.columns:
        return pl.Series("item_id", range(table.height), dtype=pl.Int64)
    name = "item_id" if column is None else column
    check_column(table, name, "id")
    ids = table[name]
    if isinstance(ids.dtype, (pl.Categorical, pl.Enum)):
        ids = ids.cast(pl.String)
    if textual:
        ids = as_integers(ids.set(ids == "", None))  # a blank id is a missing one
    return ids.alias("item_id")


def _items(table: pl.DataFrame, labels: tuple[str, ...], text: str | None, image: str | None, *, textual: bool) -> pl.DataFrame | None:
    for role, column in (("text", text), ("image", image)):
        if column is None:
            continue
        check_column(table, column, role)
        dtype = table.schema[column]
        if not (is_image_type(dtype) and (role == "image" or not isinstance(dtype, (pl.Binary, pl.Struct)))):
            raise DataError(f"{role}: expected a column of {'paths or bytes' if role == 'image' else 'text'}, got {dtype} in {column!r}")
    shown = [name for name in (text, image) if name is not None]
    items = table.select(name for name in table.columns if name not in labels or name in shown)
    if not items.width:
        return None
    items = items.with_columns(pl.col(name).cast(pl.String) for name in shown if not isinstance(items.schema[name], (pl.Binary, pl.Struct)))
    return typed_columns(items, keep=shown) if textual else items


def _options(**given: Any) -> Mapping[str, Any]:
    """The arguments that a later reading needs, as JSON can hold them: files by their whole path, no arrays or frames."""
    kept: dict[str, Any] = {}
    for name, value in given.items():
        if name in {"embeddings", "probabilities", "votes", "taxonomy", "label_names"} and companions.is_path(value):
            kept[name] = str(Path(os.fspath(value)).resolve())
        elif isinstance(value, (str, list)) or (isinstance(value, Mapping) and name in {"label_names", "label_descriptions"}):
            kept[name] = value
        elif name == "label_names" and value is not None:
            kept[name] = [str(entry) for entry in value]
    return kept
