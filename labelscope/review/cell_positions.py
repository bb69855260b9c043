"""Where the cells that a ledger tells of stand in a data set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from labelscope.data.positions import positions

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset

__all__ = ["cell_positions"]


def cell_positions(dataset: Dataset, cells: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Positions of items and labels, int64 (n_cells,) each.

    Parameters
    ----------
    dataset : Dataset
    cells : polars.DataFrame
        With the columns item_id (compared as text) and label.

    Raises
    ------
    DataError
        If an item or a label is none of the data set.
    """
    here = {"expected": "ledger: expected items and labels of the data set", "remedy": "check it"}
    names = pl.Series(dataset.label_names, dtype=pl.String)
    return positions(cells["item_id"], dataset.item_ids, **here), positions(cells["label"], names, **here)
