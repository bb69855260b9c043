"""Any data frame in, polars inside."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import polars as pl

from labelscope.errors import DataError

__all__ = ["check_column_names", "is_frame", "to_polars"]


def is_frame(given: Any) -> bool:
    """Whether `given` looks like a data frame of any library (it is not converted)."""
    if isinstance(given, (pl.DataFrame, pl.LazyFrame)):
        return True
    return hasattr(given, "columns") or hasattr(given, "column_names") or hasattr(given, "__arrow_c_stream__")


def to_polars(frame: Any, role: str) -> pl.DataFrame:
    """Any eager data frame (polars, pandas, Arrow, ...) as polars. NaN of pandas, where it means missing, is null.

    Raises
    ------
    DataError
        If it is no data frame, a column mixes types, or its name is a pattern.
    """
    made = _converted(frame, role)
    check_column_names(made, role)
    return made


def check_column_names(frame: pl.DataFrame, role: str) -> None:
    """Refuse the names that polars takes for all columns, or for those that fit a pattern: it would read others in their place.

    Raises
    ------
    DataError
        With the name.
    """
    for name in frame.columns:
        if name == "*" or (name.startswith("^") and name.endswith("$")):
            raise DataError(f"{role}: expected names of columns that are no pattern, got {name!r}; rename that column")


def _converted(frame: Any, role: str) -> pl.DataFrame:
    if isinstance(frame, pl.DataFrame):
        return frame
    try:
        if isinstance(frame, pl.LazyFrame):
            return frame.collect()
        return nw.from_native(frame, eager_only=True).to_polars()
    except Exception as error:  # noqa: BLE001 - narwhals, pyarrow and polars each raise their own
        reason = str(error).strip().split("\n")[0]
        if not is_frame(frame):
            raise DataError(f"{role}: expected a polars, pandas or Arrow frame, got {type(frame).__name__}; make a frame of it") from None
        raise DataError(f"{role}: expected a frame with unique names and columns of one type each, got another ({reason})") from None
