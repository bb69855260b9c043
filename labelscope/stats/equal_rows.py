"""Rows that are equal but for their labels: the same thing in the table twice, and perhaps labelled in two ways.

Near-duplicates are found by embeddings; this needs nothing but the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from labelscope.compute.executor import row_blocks
from labelscope.data.labels import NEGATIVE, POSITIVE
from labelscope.data.positions import positions
from labelscope.data.results import Result
from labelscope.stats.characteristics import label_set_codes

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset

__all__ = ["EqualRows", "equal_rows"]

MOST = 0.5  # share of the rows that are equal to others from which the columns do not tell items apart


@dataclass(frozen=True, eq=False, repr=False)
class EqualRows(Result):
    """Groups of rows that are equal in every column beside the ids and the labels; those that differ in labels first.

    Attributes
    ----------
    frame : polars.DataFrame
        One row a group: item_ids (list), n_rows, n_label_sets (different sets of positive labels among them).
    """

    @property
    def n_different(self) -> int:
        """Groups whose rows carry different labels."""
        return self.frame.filter(pl.col("n_label_sets") > 1).height

    def summary(self) -> str:
        """One line of plain text."""
        return f"Equal rows: {self.frame.height:,} groups, {self.n_different:,} with different labels"

    def rows(self, dataset: Dataset) -> np.ndarray:
        """The rows of all groups, group by group, int64 (n_rows,)."""
        here = {"expected": "equal rows: expected items of this data set", "remedy": "look for them in this one"}
        return positions(self.frame["item_ids"].explode(), dataset.item_ids, **here) if self.frame.height else np.empty(0, np.int64)

    def unlike_cells(self, dataset: Dataset) -> tuple[int, np.ndarray, np.ndarray]:
        """Where equal rows are positive in one and negative in another, by the labels of a data set.

        Parameters
        ----------
        dataset : Dataset
            With the same items; its labels may have been corrected since.

        Returns
        -------
        n_groups : int
            Groups with such a label.
        rows, labels : array of int64, shape (n_cells,)
            The known cells of these labels in these groups.
        """
        rows, sizes = self.rows(dataset), self.frame["n_rows"].to_numpy()
        starts, group = np.cumsum(sizes) - sizes, np.repeat(np.arange(len(sizes)), sizes)
        own, differ = dataset.labels.rows(rows), np.zeros(len(sizes), bool)
        found: list[tuple[np.ndarray, np.ndarray]] = []
        for block in row_blocks(dataset.n_labels if len(rows) else 0, 4 * len(rows)):
            states = own.columns(np.arange(block.start, block.stop))
            both = np.logical_or.reduceat(states == POSITIVE, starts) & np.logical_or.reduceat(states == NEGATIVE, starts)
            differ |= both.any(axis=1)
            place, column = np.nonzero(both[group] & (states >= NEGATIVE))
            found.append((rows[place], column + block.start))
        nothing = np.empty(0, np.int64)
        named = [np.concatenate(part) for part in zip(*found, strict=True)] if found else [nothing, nothing]
        return int(differ.sum()), named[0], named[1]


def equal_rows(dataset: Dataset) -> EqualRows:
    """The rows of a data set that are equal to others in every column beside the ids and the labels.

    Where more than half of the rows are, the columns (a split, a source) do not tell items apart, and none are listed; so
    where there is no other column.

    Parameters
    ----------
    dataset : Dataset

    Examples
    --------
    >>> from labelscope.data.dataset import Dataset
    >>> items = pl.DataFrame({"name": ["tom", "rex", "tom", "kit", "joe", "pip"]})
    >>> equal_rows(Dataset.from_arrays([["cat"], ["dog"], ["dog"], ["cat"], ["cat"], ["dog"]], items=items)).frame.rows()
    [([0, 2], 2, 2)]
    """
    columns = [name for name in dataset.items.columns if not _is_id(dataset.items[name], dataset.item_ids)]
    schema = {"item_ids": pl.List(dataset.item_ids.dtype), "n_rows": pl.Int64(), "n_label_sets": pl.Int64()}
    if not columns:
        return EqualRows(pl.DataFrame(schema=schema))
    sets = pl.Series("set", label_set_codes(dataset.labels.positives))
    grouped = dataset.items.with_columns(sets.alias("#set")).group_by(columns, maintain_order=True)
    found = grouped.agg(item_ids=pl.col("item_id"), n_rows=pl.len().cast(pl.Int64), n_label_sets=pl.col("#set").n_unique().cast(pl.Int64))
    found = found.filter(pl.col("n_rows") > 1).select(*schema)
    if int(found["n_rows"].sum()) > MOST * dataset.n_items:
        return EqualRows(found.clear())
    return EqualRows(found.sort("n_label_sets", descending=True, maintain_order=True))


def _is_id(column: pl.Series, item_ids: pl.Series) -> bool:
    """Whether a column holds the ids: the table's own column of them has another name."""
    return column.dtype == item_ids.dtype and bool((column == item_ids).all())
