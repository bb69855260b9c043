"""Any data frame in, polars inside."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import polars as pl

from labelscope.errors import DataError

__all__ = ["is_frame", "to_polars"]


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
        If it is no data frame, or a column mixes types.
    """
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
