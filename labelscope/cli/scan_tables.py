"""The tables of a scan as the commands that read its folder need them: other files of these names are refused in one line."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.formats.format import ReadOptions
from labelscope.data.formats.parquet import FORMAT
from labelscope.data.limits import check_table
from labelscope.errors import DataError

__all__ = ["load_frame"]

REMEDY = "scan the table again"
COLUMNS: dict[str, dict[str, pl.DataType | type[pl.DataType]]] = {
    "labels": {"label": pl.String, "scored": pl.Boolean},
    "cells": {
        "label": pl.String, "given": pl.Int8, "kind": pl.String, "suspicion": pl.Float32, "flagged": pl.Boolean, "confidence": pl.Float32,
    },
    "items": {"suspicion": pl.Float32, "n_flagged": pl.Int32},
    "suggestions": {
        "suggestion_id": pl.String, "label": pl.String, "action": pl.String, "confidence": pl.Float32, "reason": pl.String,
        "set_id": pl.String, "companions": pl.List(pl.String), "swap": pl.String, "batch_id": pl.String,
    },
    "batches": {
        "batch_id": pl.String, "title": pl.String, "action": pl.String, "label": pl.String, "n": pl.Int64, "n_suggestions": pl.Int64,
        "confidence": pl.Float32, "coherence": pl.Float32, "item_ids": pl.List(pl.String),
    },
    "pseudo_labels": {"label": pl.String, "state": pl.Int8, "probability": pl.Float32, "method": pl.String},
    "abstained": {"label": pl.String, "n_cells": pl.Int64, "reason": pl.String},
    "map": {"x": pl.Float32, "y": pl.Float32, "distortion": pl.Float32},
}  # fmt: skip
OF_ITEMS = {"cells", "items", "suggestions", "pseudo_labels", "map"}


def load_frame(folder: Path, name: str, dataset: Dataset) -> pl.DataFrame:
    """One table of a scan.

    Parameters
    ----------
    folder : pathlib.Path
    name : str
        Without the suffix.
    dataset : Dataset
        What was scanned: the table says something about its items and labels alone.

    Raises
    ------
    DataError
        If it is missing or broken, lacks a column, or speaks of other items or labels.
    """
    path = folder / f"{name}.parquet"
    try:
        table, _ = FORMAT.read(path, ReadOptions())
        check_table(path, table)
    except (DataError, OSError):
        raise DataError(f"DIR: expected {path.name} in {folder}, got none that can be read; {REMEDY}") from None
    columns = {**COLUMNS[name], **({"item_id": dataset.item_ids.dtype} if name in OF_ITEMS else {})}
    for column, dtype in columns.items():
        got = table[column].dtype if column in table.columns else "none"
        if got != dtype:
            raise DataError(f"DIR: expected the column {column!r} ({dtype}) in {path}, got {got}; {REMEDY}")
    _check_known(table, path, "item_id", dataset.item_ids, required=name in OF_ITEMS)
    _check_known(table, path, "label", pl.Series(dataset.label_names, dtype=pl.String), required="label" in columns and name != "batches")
    if name == "map" and not table["item_id"].equals(dataset.item_ids):
        raise DataError(f"DIR: expected every item of the scanned table in {path}, in its order, got {table.height:,} rows; {REMEDY}")
    return table


def _check_known(table: pl.DataFrame, path: Path, column: str, known: pl.Series, *, required: bool) -> None:
    if not required:
        return
    strange = table.filter(~pl.col(column).is_in(known.implode()) | pl.col(column).is_null())
    if strange.height:
        raise DataError(f"DIR: expected the scanned {column}s in {path}, got {str(strange[column][0])[:80]!r}; {REMEDY}")
