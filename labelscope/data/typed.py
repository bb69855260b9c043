"""Columns of text as the numbers that they hold, where that loses nothing."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

__all__ = ["as_integers", "typed_columns"]

NUMBER = r"^[+-]?(0|[1-9]\d*)?(\.\d*)?([eE][+-]?\d+)?$|^[+-]?(nan|NaN|inf)$"
LONG = r"^[+-]?\d{16,}$"  # more digits than a float keeps


def typed_columns(table: pl.DataFrame, keep: Collection[str]) -> pl.DataFrame:
    """The table with each column of text as integers or floats where every value allows; "007" stays text.

    Parameters
    ----------
    table : polars.DataFrame
        Columns of strings.
    keep : collection of str
        Columns that stay as they are.

    Examples
    --------
    >>> typed_columns(pl.DataFrame({"a": ["1", None], "b": ["007", "1"], "c": ["1", "2.5"]}), keep=()).dtypes
    [Int64, String, Float64]
    """
    return pl.DataFrame([series if series.name in keep else _typed(series) for series in table])


def as_integers(series: pl.Series) -> pl.Series:
    """Int64, if that writes back to the same text; else the series as it is."""
    cast = series.cast(pl.Int64, strict=False)
    same = cast.null_count() == series.null_count() and (cast.cast(pl.String) == series).all()
    return cast if same and cast.null_count() < len(cast) else series


def _typed(series: pl.Series) -> pl.Series:
    if series.dtype != pl.String or series.null_count() == len(series):
        return series
    integers = as_integers(series)
    if integers.dtype == pl.Int64:
        return integers
    if (series == "").any() or not series.str.contains(NUMBER).all() or series.str.contains(LONG).any():
        return series
    floats = series.cast(pl.Float64, strict=False)
    return floats if floats.null_count() == series.null_count() else series
