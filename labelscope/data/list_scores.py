"""Lists of labels beside lists of numbers, as classifiers write them: a label that is listed need not be there."""

from __future__ import annotations

import polars as pl

from labelscope.errors import DataError

__all__ = ["refuse_scored"]

LOOKED_AT = 10_000  # rows


def refuse_scored(table: pl.DataFrame, labels: str | list[str], named: str | None) -> None:
    """Refuse a column of lists where another column has a number for each entry of each list.

    Parameters
    ----------
    table : polars.DataFrame
        All of the rows, or the first.
    labels : str or list of str
    named : str, optional
        ``labels_format=``; then nothing is refused.

    Raises
    ------
    DataError
        If there is such a column.
    """
    if named is not None or not isinstance(labels, str) or labels not in table.columns:
        return
    if not _lists(table[labels].dtype, texts=True):
        return
    top = table.head(LOOKED_AT)
    lengths = top[labels].list.len()
    if (lengths.drop_nulls() < 2).all():
        return
    for name, dtype in table.schema.items():
        if name == labels or not _lists(dtype, texts=False):
            continue
        numbers = top[name]
        values = numbers.explode().drop_nulls()
        if (numbers.list.len() == lengths).all() and len(values) and values.is_between(0, 1).all() and values.n_unique() > 1:
            raise DataError(
                f"labels: expected lists of labels in {labels!r}, got a number for each of them in {name!r}, so that a listed label need"
                " not be there; pass labels_format='list' if every one that is listed is, or write one column a label with its number"
            )


def _lists(dtype: pl.DataType, *, texts: bool) -> bool:
    """Whether a type is one of lists of texts or whole numbers; or of lists of fractions."""
    if not isinstance(dtype, pl.List):
        return False
    return dtype.inner == pl.String or dtype.inner.is_integer() if texts else dtype.inner.is_float()
