"""Whether each item has exactly one label, so that one label replaces another, and none is left without."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelscope.data.labels import NEGATIVE, LabelMatrix
from labelscope.errors import DataError

__all__ = ["TOLD", "LabelsPerItem", "one_label_each"]

ENOUGH = 20  # items: that fewer have one label each does not say that none may have two
TOLD = (
    "labels: every item has exactly one label, so a correction replaces it by another; pass labels_per_item='several' if an item may"
    " have several or none"
)
"""What a person is told where that was seen and not said."""


@dataclass(frozen=True)
class LabelsPerItem:
    """How many labels the items of a table have.

    Attributes
    ----------
    n_items, n_labels : int
    n_positive, n_unknown : int
        Cells.
    n_one : int
        Items with exactly one positive.
    """

    n_items: int
    n_labels: int
    n_positive: int
    n_unknown: int
    n_one: int

    @classmethod
    def of(cls, labels: LabelMatrix) -> LabelsPerItem:
        """Counted in the labels of all items."""
        n_items, n_labels = labels.shape
        n_positive, n_other = len(labels.positives.indices), len(labels.exceptions.indices)
        n_unknown = n_other if labels.default == NEGATIVE else n_items * n_labels - n_positive - n_other
        return cls(n_items, n_labels, n_positive, n_unknown, int((np.diff(labels.positives.indptr) == 1).sum()))

    @property
    def shows_one(self) -> bool:
        """Whether enough items have exactly one label and no unknown cell, and of every other item nothing is known."""
        of_the_others = (self.n_items - self.n_one) * self.n_labels
        return self.n_labels > 1 and self.n_one >= ENOUGH and self.n_positive == self.n_one and self.n_unknown == of_the_others


def one_label_each(counts: LabelsPerItem, said: str | None, *, alone: bool, taxonomy: bool) -> bool:
    """Whether one label replaces another.

    Parameters
    ----------
    counts : LabelsPerItem
    said : {"one", "several"} or None
        What the caller says.
    alone : bool
        Whether a cell of the table can hold one label only.
    taxonomy : bool
        Whether the labels have parents, which an item may have too: then one label each must be said.

    Raises
    ------
    DataError
        If something else is said, an item has several labels and one is said, or a cell cannot hold the several that are said.
    """
    if said not in (None, "one", "several"):
        raise DataError(f"labels_per_item: expected 'one' or 'several', got {said!r}")
    if alone and said == "several":
        raise DataError(
            "labels_per_item: expected 'one', because a cell of that column is one label, got 'several'; pass labels_delimiter=';' for"
            " text whose labels are to be joined by it, or write a column of lists"
        )
    if said == "one" and counts.n_positive > counts.n_one:
        raise DataError("labels_per_item: expected one label an item, got an item with several; leave labels_per_item out")
    if said is not None or alone:
        return said != "several"
    return counts.shows_one and not taxonomy
