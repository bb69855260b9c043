"""What a person or a program may mean by "these items", as one mask over the items."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError

__all__ = ["as_mask"]


def as_mask(dataset: Dataset, items: Any) -> np.ndarray | None:
    """Items as a boolean mask, or None for "no selection".

    Parameters
    ----------
    items : None, data frame with `item_id`, boolean array-like of shape (n_items,), or item ids
        None and an empty collection clear the selection.

    Returns
    -------
    array of bool, shape (n_items,), or None

    Raises
    ------
    DataError
        If an id is unknown, a mask has another length, or a frame has no `item_id`.
    """
    if items is None:
        return None
    if hasattr(items, "columns"):
        items = _ids(items)
    if isinstance(items, (str, int)) and not isinstance(items, bool):
        items = [items]
    try:
        values = pl.Series(values=items) if not isinstance(items, pl.Series) else items
    except TypeError:
        raise DataError(f"selection: expected item ids, a frame with item_id, a mask or None, got {type(items).__name__}") from None
    if values.dtype == pl.Boolean:
        if len(values) != dataset.n_items:
            raise DataError(f"selection: expected a mask of {dataset.n_items:,} items, got {len(values):,}")
        mask = values.fill_null(value=False).to_numpy().copy()
    else:
        mask = np.zeros(dataset.n_items, bool)
        mask[[dataset.position(item) for item in values.to_list()]] = True
    return mask if mask.any() else None


def _ids(frame: Any) -> Any:
    if "item_id" not in list(frame.columns):
        raise DataError(f"selection: expected a frame with the column 'item_id', got {', '.join(map(str, frame.columns))}")
    return list(frame["item_id"])
