"""Which row of one version of a table is which row of another: by what the rows hold, where nothing names them.

Row numbers name nothing: one row more at the top, and each number is another row's.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.frames import is_plain
from labelscope.errors import DataError

__all__ = ["match_rows"]


def match_rows(old: Dataset, new: Dataset) -> np.ndarray:
    """Row in `new` of each row of `old`, int64 (n_items of old,), -1 where there is none.

    Rows are the same where their text and image are, or, without either, all columns that both tables have beside the labels. Equal
    rows are told apart by their order, as long as both tables have as many of them; otherwise none of them is matched.

    Parameters
    ----------
    old, new : Dataset

    Raises
    ------
    DataError
        If the two have no such column in common.

    Examples
    --------
    >>> old = Dataset.from_arrays([["a"], [], ["b"]], items=pl.DataFrame({"text": ["one", "two", "six"]}), text="text")
    >>> new = Dataset.from_arrays([["b"], ["a"]], items=pl.DataFrame({"text": ["six", "one"]}), text="text")
    >>> match_rows(old, new).tolist()
    [1, -1, 0]
    """
    names = _told_by(old, new)
    if not names:
        raise DataError(
            "carry: expected rows that have ids, or a text or other column that both versions share, got neither; name a column of unique "
            "values with id= when both versions are read"
        )
    before, after = _contents(old, names), _contents(new, names)
    key = ["content", "place", "n"]
    found = before.join(after, on=key, how="left", maintain_order="left")["row_right"]
    return found.fill_null(-1).to_numpy()


def _told_by(old: Dataset, new: Dataset) -> list[str]:
    """The columns that tell what a row is."""
    labels = {name for each in (old, new) if each.source is not None for name in each.source.encoding.columns}
    there = set(new.items.columns) - {"item_id"}
    shared = [name for name in old.items.columns if name in there]
    roles = [*(old.text_columns or (old.text,)), old.image]
    shown = [name for name in roles if name in shared]
    return shown or [name for name in shared if name not in labels and _comparable(old.items[name].dtype, new.items[name].dtype)]


def _comparable(one: pl.DataType, other: pl.DataType) -> bool:
    return one != pl.Object and (one == other or (is_plain(one) and is_plain(other)))


def _contents(dataset: Dataset, names: list[str]) -> pl.DataFrame:
    """Of each row its number, a hash of what it holds, how many rows hold the same, and which of them it is."""
    values = dataset.items.select(pl.col(name).cast(pl.String) if is_plain(dataset.items[name].dtype) else pl.col(name) for name in names)
    rows = pl.DataFrame({"row": np.arange(dataset.n_items, dtype=np.int64), "content": values.hash_rows()})
    return rows.with_columns(place=pl.int_range(pl.len()).over("content"), n=pl.len().over("content"))
