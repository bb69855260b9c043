"""From names to positions: where each value of a column stands among unique keys."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from labelscope.errors import DataError

__all__ = ["cell_positions", "positions"]


def positions(values: pl.Series, keys: pl.Series, *, expected: str, remedy: str) -> np.ndarray:
    """Position of each value among the keys, both compared as text, int64 (n_values,).

    Parameters
    ----------
    values, keys : polars.Series
        Keys are unique.
    expected : str
        What the values should be, for the message: "votes: expected known values in item_id".
    remedy : str
        What to do about a value that is no key.

    Raises
    ------
    DataError
        If a value is no key.

    Examples
    --------
    >>> positions(pl.Series([7, 5]), pl.Series(["5", "6", "7"]), expected="known items", remedy="drop them").tolist()
    [2, 0]
    """
    table = pl.DataFrame({"key": keys.cast(pl.String), "position": np.arange(len(keys), dtype=np.int64)})
    found = values.cast(pl.String).to_frame("key").join(table, on="key", how="left", maintain_order="left")["position"]
    if found.null_count():
        bad = values.filter(found.is_null())[0]
        raise DataError(f"{expected}, got {bad!r} ({found.null_count():,} such rows); {remedy}")
    return found.to_numpy().copy()  # memory of its own: scipy sets flags of an index, which that of polars may refuse


def cell_positions(cells: pl.DataFrame, item_ids: pl.Series, label_names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Item row and label column of each cell that was found in a data set, int64 (n_cells,) both.

    Parameters
    ----------
    cells : polars.DataFrame
        item_id, label.
    item_ids : polars.Series
    label_names : sequence of str

    Raises
    ------
    DataError
        If an item or a label is not of this data set.
    """
    here = {"expected": "findings: expected items and labels of this data set", "remedy": "search this one: ls.find_issues(ds)"}
    rows = positions(cells["item_id"], item_ids, **here)
    return rows, positions(cells["label"], pl.Series(label_names, dtype=pl.String), **here)
