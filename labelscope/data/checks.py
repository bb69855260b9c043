"""The checks on every part of a data set: each says what was expected, what was got and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np
import polars as pl

from labelscope.compute.executor import row_blocks
from labelscope.data.labels import LabelMatrix
from labelscope.data.limits import LARGEST_NUMBER, check_features, plain_array
from labelscope.errors import DataError

__all__ = [
    "check_column",
    "check_counts",
    "check_descriptions",
    "check_embeddings",
    "check_ids",
    "check_items",
    "check_label_names",
    "check_labels",
    "check_probabilities",
]


def check_labels(labels: LabelMatrix, label_names: tuple[str, ...]) -> None:
    """Refuse an empty table, labels that are all negative, and names that do not fit the columns or are not unique."""
    n_items, n_labels = labels.shape
    check_counts(n_items, n_labels, says_something=bool(labels.n_positive.any()) or labels.has_unknown)
    check_label_names(label_names, n_labels)


def check_counts(n_items: int, n_labels: int, *, says_something: bool) -> None:
    """Refuse an empty table, one without labels, and one whose cells are all negative: then it `says_something` of none."""
    if n_items == 0:
        raise DataError("table: expected at least one item, got an empty table; check that the file is whole")
    if n_labels == 0:
        raise DataError("labels: expected at least one label, got none; where no item has one yet, name them with label_names=")
    if not says_something:
        raise DataError(
            "labels: expected at least one positive or unknown cell, got none; check the label column and its encoding,"
            " or give what nobody checked as -1 or null"
        )


def check_label_names(label_names: tuple[str, ...], n_labels: int) -> None:
    """Refuse names that do not fit the columns or are not unique."""
    if len(label_names) != n_labels:
        raise DataError(f"label_names: expected {n_labels} names (one a column of labels), got {len(label_names)}; name each column once")
    if len(set(label_names)) != n_labels:
        twice = next(name for k, name in enumerate(label_names) if name in label_names[:k])
        raise DataError(f"label_names: expected unique names, got {twice!r} more than once; rename or merge the columns")


def check_ids(item_ids: pl.Series, n_items: int) -> None:
    """Refuse ids that are missing, repeated, of another type than integer or string, or too few or many."""
    if len(item_ids) != n_items:
        raise DataError(f"item ids: expected {n_items:,} (one an item), got {len(item_ids):,}; give one an item")
    if not (item_ids.dtype.is_integer() or item_ids.dtype == pl.String):
        raise DataError(f"item ids: expected integers or strings, got {item_ids.dtype}; convert the column")
    if item_ids.null_count():
        raise DataError(f"item ids: expected no null, got {item_ids.null_count():,}; fill them or leave out id to number the rows")
    if item_ids.n_unique() != n_items:
        twice = item_ids.filter(item_ids.is_duplicated())
        raise DataError(
            f"item ids: expected unique ids, got {twice[0]!r} more than once ({len(twice):,} such rows);"
            " name a column with an id a row, or leave out id to number the rows"
        )


def check_items(items: pl.DataFrame | None, item_ids: pl.Series, n_items: int) -> pl.DataFrame:
    """The items frame with `item_id` first."""
    if items is None:
        return item_ids.alias("item_id").to_frame()
    if items.height != n_items:
        raise DataError(f"items: expected {n_items:,} rows (one an item), got {items.height:,}; give one an item")
    return items.drop("item_id", strict=False).insert_column(0, item_ids.alias("item_id"))


def check_column(table: pl.DataFrame, column: str, role: str) -> None:
    """Refuse the name of a column that is not there."""
    if column not in table.columns:
        near = get_close_matches(str(column), table.columns, n=3, cutoff=0.6)
        hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"the table has {_listed(table.columns)}"
        raise DataError(f"{role}: expected a column of the table, got {column!r}; {hint}")


def check_descriptions(descriptions: Mapping[str, str], label_names: tuple[str, ...]) -> None:
    """Refuse a description of a label that is not there."""
    unknown = set(descriptions) - set(label_names)
    if unknown:
        raise DataError(f"label_descriptions: expected names out of label_names, got {min(unknown)!r}; leave it out, or correct it")


def check_embeddings(embeddings: Any, n_items: int) -> np.ndarray:
    """Embeddings as they are (a memory map stays one), if they are finite floats of shape (n_items, n_features)."""
    array = plain_array("embeddings", embeddings)
    if array.dtype.kind not in "fiub":
        raise DataError(f"embeddings: expected numbers, got an array of {array.dtype}; convert it")
    _check_shape("embeddings", array, n_items, None)
    check_features("embeddings", array.shape[1])
    if array.dtype.kind in "iub":
        array = array.astype(np.float32)
    for block in row_blocks(n_items, max(1, array.shape[1]) * 8):
        if not np.isfinite(array[block]).all():
            row = block.start + int(np.flatnonzero(~np.isfinite(array[block]).all(axis=1))[0])
            raise DataError(f"embeddings: expected finite numbers, got NaN or infinity in row {row}; recompute or drop that item")
        if float(np.abs(array[block]).max(initial=0)) > LARGEST_NUMBER:
            row = block.start + int(np.abs(array[block]).max(axis=1).argmax())
            raise DataError(f"embeddings: expected numbers up to {LARGEST_NUMBER:g} in size, got larger ones in row {row}; rescale them")
    return array


def check_probabilities(probabilities: Any, n_items: int, n_labels: int) -> np.ndarray:
    """Probabilities as an array of shape (n_items, n_labels), if they are all within [0, 1]."""
    array = plain_array("probabilities", probabilities)
    if array.dtype.kind not in "fiub":
        raise DataError(f"probabilities: expected numbers, got an array of {array.dtype}; convert it")
    _check_shape("probabilities", array, n_items, n_labels)
    for block in row_blocks(n_items, n_labels * 8):
        inside = (array[block] >= 0) & (array[block] <= 1)  # False for NaN too
        if not inside.all():
            i, k = np.argwhere(~inside)[0]
            raise DataError(
                f"probabilities: expected values in [0, 1], got {array[block][i, k]} at item {block.start + i}, label {k};"
                " apply a sigmoid to logits"
            )
    return array


def _listed(names: list[str], most: int = 12) -> str:
    return ", ".join(map(repr, names[:most])) + (f" and {len(names) - most:,} more" if len(names) > most else "")


def _check_shape(role: str, array: np.ndarray, n_items: int, n_columns: int | None) -> None:
    width = "n_features" if n_columns is None else f"{n_columns}"
    if array.ndim != 2 or array.shape[0] != n_items or array.shape[1] == 0 or (n_columns is not None and array.shape[1] != n_columns):
        raise DataError(f"{role}: expected shape ({n_items}, {width}), got {array.shape}; rows must be in the order of the table")
