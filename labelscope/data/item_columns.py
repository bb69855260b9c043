"""Columns of the items that a person names: several that make one text, and columns that the heads learn from."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from labelscope.data.checks import check_column
from labelscope.data.frames import is_plain
from labelscope.errors import DataError

__all__ = ["as_names", "called_id", "check_features", "check_plain", "join_texts", "typed_feature"]

BETWEEN = "\n\n"  # the parts of a text
DATES = 0.9  # share of the texts of a column that must read as dates
NOTHING = ("", "na", "n/a", "nan", "null", "none", "-", "?")
DATE = r"^\d{4}-\d{2}-\d{2}"


def as_names(names: str | Sequence[str] | None) -> tuple[str, ...]:
    """One name, several or none, as a tuple."""
    return () if names is None else (names,) if isinstance(names, str) else tuple(names)


def called_id(name: str) -> bool:
    """Whether a column has the name of one with ids."""
    return name.lower() in {"uuid", "guid", "key"} or name.lower().endswith("id")


def check_plain(items: pl.DataFrame, names: Sequence[str], role: str) -> None:
    """Refuse a column that is not there, or whose values have no text: lists, structures, bytes, durations, objects of Python.

    Raises
    ------
    DataError
    """
    for name in names:
        check_column(items, name, role)
        dtype = items[name].dtype
        if not is_plain(dtype):
            raise DataError(f"{role}: expected a column of text or numbers, got {dtype} in {name!r}; convert it, or name another")


def join_texts(items: pl.DataFrame, names: Sequence[str]) -> tuple[pl.DataFrame, str]:
    r"""The items with one more column, which joins several texts, and its name.

    A part that is missing or empty is left out; an item without any part has a null.

    Parameters
    ----------
    items : polars.DataFrame
    names : sequence of str

    Raises
    ------
    DataError
        If a column is not there, named twice, or no text.

    Examples
    --------
    >>> items, name = join_texts(pl.DataFrame({"title": ["One", None], "body": ["first", "second"]}), ["title", "body"])
    >>> name, items[name].to_list()
    ('title + body', ['One\n\nfirst', 'second'])
    """
    check_plain(items, names, "text")
    if len(set(names)) < len(names):
        raise DataError(f"text: expected each column once, got {', '.join(names)}; leave out the second")
    joined = " + ".join(names)
    while joined in items.columns:
        joined += " "
    parts = [pl.when(pl.col(name).cast(pl.String) != "").then(pl.col(name).cast(pl.String)) for name in names]
    text = pl.concat_str(parts, separator=BETWEEN, ignore_nulls=True)
    return items.with_columns(pl.when(pl.any_horizontal(part.is_not_null() for part in parts)).then(text).alias(joined)), joined


def check_features(items: pl.DataFrame, names: Sequence[str]) -> None:
    """Refuse a feature that is not there, is named twice, or is neither number, word nor date.

    Raises
    ------
    DataError
    """
    for name in names:
        check_column(items, name, "features")
        dtype = items[name].dtype
        if not is_plain(dtype):
            raise DataError(
                f"features: expected columns of numbers, words or dates, got {dtype} in {name!r}; leave it out, or pass its numbers as"
                " embeddings="
            )
    if len(set(names)) < len(names):
        raise DataError(f"features: expected each column once, got {', '.join(names)}; leave out the second")


def typed_feature(column: pl.Series) -> pl.Series:
    """A feature as numbers, dates or words; what says nothing (blank, "NA", NaN, infinity) as null.

    Text becomes numbers where every value is one, and dates where nearly every value begins as an ISO date.
    """
    if column.dtype.is_float():
        return column.set(~column.is_finite(), None)
    if column.dtype == pl.String or isinstance(column.dtype, (pl.Categorical, pl.Enum)):
        words = column.cast(pl.String).str.strip_chars()
        words = words.set(words.str.to_lowercase().is_in(NOTHING), None)
        numbers = words.cast(pl.Float64, strict=False)
        if words.null_count() < len(words) and numbers.null_count() == words.null_count():
            return numbers.set(~numbers.is_finite(), None)
        return _as_dates(words)
    return column


def _as_dates(words: pl.Series) -> pl.Series:
    n_written = int(words.str.contains(DATE).sum())
    if not n_written or n_written < DATES * (len(words) - words.null_count()):
        return words
    times = words.str.slice(0, 19).str.replace("T", " ", literal=True).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
    return times.fill_null(words.str.slice(0, 10).str.to_datetime("%Y-%m-%d", strict=False))
