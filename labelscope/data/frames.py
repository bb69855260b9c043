"""Any data frame in, polars inside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import narwhals as nw
import polars as pl

from labelscope.errors import DataError

if TYPE_CHECKING:
    from polars.datatypes import DataTypeClass

__all__ = ["as_text", "can_be_written", "check_column_names", "column_blocks", "is_frame", "is_plain", "to_polars"]

WIDTH = 4096  # columns that an expression is made for at once


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


def column_blocks(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The columns of a frame, some thousands at a time: an expression takes about ten kilobytes a column while it runs."""
    columns = frame.get_columns()
    for start in range(0, len(columns), WIDTH):
        yield pl.DataFrame(columns[start : start + WIDTH])


def is_plain(dtype: pl.DataType | DataTypeClass) -> bool:
    """Whether every value of a column of this type can be written as one text: no list, structure, bytes, duration or Python object."""
    return not (dtype.is_nested() or dtype.base_type() in {pl.Binary, pl.Object, pl.Duration})


def can_be_written(dtype: pl.DataType | DataTypeClass) -> bool:
    """Whether the values of a type, and all that lies in them, have a text."""
    if isinstance(dtype, pl.Struct):
        return all(can_be_written(field.dtype) for field in dtype.fields)
    if isinstance(dtype, (pl.List, pl.Array)):
        return can_be_written(dtype.inner)
    return is_plain(dtype)


def as_text(column: pl.Series, role: str) -> pl.Series:
    """The values of a column as text, null where there is none.

    Raises
    ------
    DataError
        If its values have no text.

    Examples
    --------
    >>> as_text(pl.Series("id", [7, None]), "id").to_list()
    ['7', None]
    """
    if not is_plain(column.dtype):
        raise DataError(f"{role}: expected a column of text or numbers, got {column.dtype} in {column.name!r}; convert it, or name another")
    return column.cast(pl.String)


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
        raise DataError(
            f"{role}: expected a frame with unique names and columns of one type each, got another ({reason}); convert the columns"
        ) from None
