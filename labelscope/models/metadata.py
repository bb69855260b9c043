"""Columns of the table as numbers that a linear head can learn from: numbers, words that recur, dates; with their gaps.

Numbers are standardised and their gaps filled with the mean, beside a mark of the gap; words that recur become one column
each, rare ones share one; of a date there is when it was, and the time of year, of the week and of the day. A column
without anything that recurs says nothing and gives nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.item_columns import typed_feature

__all__ = ["encode_features"]

LEAST = 10  # items from which a word, or a gap, is told apart
MOST_WORDS = 200  # of a column, the most frequent
LONGEST = 4.0  # standard deviations at which a number is cut off
CYCLES = (("%j", 366), ("%u", 7), ("%H", 24))  # parts of a date that come round again


def encode_features(dataset: Dataset) -> np.ndarray:
    """The features of a data set, float32 (n_items, n_columns); no columns where nothing can be learnt from them.

    Each column has mean 0, and the columns of one feature have a variance of 1 together: a feature of many words
    weighs as much as a number.

    Parameters
    ----------
    dataset : Dataset

    Examples
    --------
    >>> items = pl.DataFrame({"size": [1.0, None] * 20, "kind": ["a", "b"] * 20, "name": [f"n{k}" for k in range(40)]})
    >>> encode_features(Dataset.from_arrays([[k % 3 == 0] for k in range(40)], items=items, features=items.columns)).shape
    (40, 3)
    """
    blocks = []
    for name in dataset.features:
        columns = [c - c.mean() for c in _columns(typed_feature(dataset.items[name]))]
        told = [column for column in columns if column.any()]
        if told:
            block = np.stack(told, axis=1)
            blocks.append(block / np.sqrt(block.var(axis=0).sum()))
    return np.concatenate(blocks, axis=1).astype(np.float32) if blocks else np.empty((dataset.n_items, 0), np.float32)


def _columns(column: pl.Series) -> Iterator[np.ndarray]:
    if column.dtype.is_temporal():
        yield from _of_date(column)
    elif column.dtype.is_numeric() or column.dtype == pl.Boolean:
        yield _standard(column.cast(pl.Float64))
    else:
        yield from _of_words(column.cast(pl.String))
        return  # a gap is a word
    gaps = column.is_null().to_numpy()
    if LEAST <= gaps.sum() <= len(gaps) - LEAST:
        yield gaps.astype(np.float64)


def _standard(column: pl.Series) -> np.ndarray:
    """Mean 0, standard deviation 1, outliers cut off; 0 in a gap, and everywhere where all values are equal."""
    values = column.to_numpy().astype(np.float64)
    there = np.isfinite(values)
    if not there.any():
        return np.zeros(len(values))
    middle, spread = values[there].mean(), values[there].std()
    scaled = np.zeros(len(values))
    if spread > 0:
        scaled[there] = np.clip((values[there] - middle) / spread, -LONGEST, LONGEST)
    return scaled


def _of_words(column: pl.Series) -> Iterator[np.ndarray]:
    counts = column.value_counts(sort=True)
    common = counts.filter(pl.col("count") >= LEAST)[column.name].head(MOST_WORDS).to_list()
    if not common or (len(common) == 1 and counts.height == 1):
        return
    codes = column.replace_strict({word: k for k, word in enumerate(common)}, default=len(common), return_dtype=pl.Int32).to_numpy()
    for code in range(len(common) + 1):
        mine = codes == code
        if mine.sum() >= LEAST:
            yield mine.astype(np.float64)


def _of_date(column: pl.Series) -> Iterator[np.ndarray]:
    if column.dtype in (pl.Duration, pl.Time):
        yield _standard(column.to_physical().cast(pl.Float64))
        return
    times = column.cast(pl.Datetime("us")).dt.replace_time_zone(None)
    yield _standard(times.to_physical().cast(pl.Float64))
    for part, period in CYCLES:
        turn = times.dt.strftime(part).cast(pl.Float64) * (2 * np.pi / period)
        if turn.n_unique() > 2:  # a date without a time has one hour, and a gap
            yield turn.sin().fill_null(0).to_numpy()
            yield turn.cos().fill_null(0).to_numpy()
