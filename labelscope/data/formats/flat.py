"""Tables of nested and binary columns, made fit for text formats."""

from __future__ import annotations

import json
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from labelscope.errors import DataError

__all__ = ["flatten", "refuse_binary"]


def flatten(table: pl.DataFrame) -> pl.DataFrame:
    """The table with lists and structs as JSON strings (null stays null).

    Raises
    ------
    DataError
        On binary columns, which no text format holds.
    """
    refuse_binary(table)
    nested = [name for name, dtype in table.schema.items() if dtype.is_nested()]
    return table.with_columns(pl.Series(name, [_json(value) for value in table[name].to_list()], dtype=pl.String) for name in nested)


def refuse_binary(table: pl.DataFrame) -> None:
    """Refuse columns of bytes."""
    for name, dtype in table.schema.items():
        if "Binary" in str(dtype) or dtype == pl.Object:
            raise DataError(
                f"export: expected a format that holds the {dtype} column {name!r}, got a text format; export to .parquet or .arrow"
            )


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, (date, time, timedelta, Decimal)):  # datetime is a date
        return str(value)
    raise DataError(f"export: expected values that JSON can hold, got {type(value).__name__}; export to .parquet or .arrow")
