"""Slices of a data set: the items that have one value of a column in common, as people would name them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy.sparse as sp

from labelscope.data.dataset import Dataset
from labelscope.data.frames import is_plain
from labelscope.data.item_columns import called_id, check_plain, typed_feature

__all__ = ["TEXT_LENGTH", "Slices", "slices_of"]

TEXT_LENGTH = "text length"
MOST_VALUES = 500  # of a column that is looked at without being named
MOST_CODES = 100  # whole numbers up to which they stand for something
MOST_NAMED = 2_000  # of one that is
LEAST_ITEMS = 10  # of a slice
N_BINS = 5  # of numbers and dates


@dataclass(frozen=True, eq=False)
class Slices:
    """The values of one column.

    Attributes
    ----------
    column : str
    values : tuple of str
    codes : int32, shape (n_items,)
        Position of each item's value; -1 for none, and for one that few items have.
    """

    column: str
    values: tuple[str, ...]
    codes: np.ndarray

    @property
    def members(self) -> sp.csr_matrix:
        """Which item has which value, float32 (n_values, n_items)."""
        rows = np.flatnonzero(self.codes >= 0)
        ones = np.ones(len(rows), np.float32)
        return sp.csr_matrix((ones, (self.codes[rows], rows)), shape=(len(self.values), len(self.codes)))


def slices_of(ds: Dataset, columns: Sequence[str] | None = None) -> list[Slices]:
    """The columns whose values at least two groups of ten items share; measures and dates in five bins of equal size.

    Whole numbers with at most 100 values stand for something (raters, years) and are not binned, nor is a column called an id.

    Parameters
    ----------
    ds : Dataset
    columns : sequence of str, optional
        Default: every column of the items but texts and pictures, with at most 500 values; and the length of the text.

    Raises
    ------
    DataError
        If a column is not there, or its values have no text.
    """
    if columns is None:
        asked = [name for name, dtype in ds.items.schema.items() if name not in {ds.text, ds.image} and is_plain(dtype)]
        most = MOST_VALUES
    else:
        check_plain(ds.items, columns, "columns")
        asked, most = list(columns), MOST_NAMED
    found = [_slices(name, ds.items[name], most) for name in asked]
    if columns is None and ds.text is not None:
        found.append(_cut(TEXT_LENGTH, _binned(ds.items[ds.text].cast(pl.String).str.len_chars()), most))
    return [one for one in found if one is not None]


def _slices(column: str, values: pl.Series, most: int) -> Slices | None:
    typed = typed_feature(values)
    measured = typed.dtype.is_temporal() or (typed.dtype.is_numeric() and not called_id(column) and not _is_code(typed))
    return _cut(column, _binned(typed) if measured else values.cast(pl.String), most)


def _cut(column: str, named: pl.Series, most: int) -> Slices | None:
    """The values that enough items have; None where these are too few or too many."""
    counts = named.drop_nulls().value_counts(sort=True).filter(pl.col("count") >= LEAST_ITEMS)
    if not 2 <= counts.height <= most:
        return None
    kept = counts[counts.columns[0]].cast(pl.String).to_list()
    codes = named.cast(pl.String).replace_strict(kept, list(range(len(kept))), default=-1, return_dtype=pl.Int32)
    return Slices(column, tuple(kept), codes.fill_null(-1).to_numpy())


def _is_code(numbers: pl.Series) -> bool:
    """Whether numbers stand for something, as those of raters do: whole, and few."""
    return numbers.drop_nulls().n_unique() <= MOST_CODES and bool((numbers.drop_nulls().cast(pl.Float64) % 1 == 0).all())


def _binned(values: pl.Series) -> pl.Series:
    """Each value as the bin that it is in, from one quantile to the next."""
    ranked = values.rank("ordinal").cast(pl.Float64)
    bins = (ranked * N_BINS / (values.len() - values.null_count() + 1)).floor().cast(pl.Int32)
    frame = pl.DataFrame({"value": values, "bin": bins})
    ends = frame.drop_nulls().group_by("bin").agg(low=pl.col("value").min(), high=pl.col("value").max()).sort("bin")
    named = ends.with_columns(name=_named(ends["low"], ends["high"]))
    return frame.join(named, on="bin", how="left", maintain_order="left")["name"]


def _named(low: pl.Series, high: pl.Series) -> pl.Series:
    """Bins by their ends: numbers with four digits where that tells the bins apart, times as days where they are days."""
    exact = pl.DataFrame({"low": low, "high": high})
    short = exact
    if low.dtype.is_float():
        short = exact.select(pl.all().round_sig_figs(4))
    elif low.dtype == pl.Datetime and exact.select(pl.all_horizontal(pl.all() == pl.all().dt.truncate("1d")).all()).item():
        short = exact.select(pl.all().cast(pl.Date))
    names = [frame.select(pl.format("{} to {}", pl.col("low").cast(pl.String), pl.col("high").cast(pl.String))).to_series()
             for frame in (short, exact)]  # fmt: skip
    return names[0] if names[0].n_unique() == len(low) else names[1]
