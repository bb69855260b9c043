"""The search of the worklist: items by their id, their text, or a label suggested for them."""

from __future__ import annotations

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.explorer.worklist import Found, Suggested
from labelscope.query.terms import holding

__all__ = ["Search"]


class Search:
    """Finds entries and items by words.

    Parameters
    ----------
    dataset : Dataset
    suggested : Suggested
    """

    def __init__(self, dataset: Dataset, suggested: Suggested) -> None:
        self._dataset, self._suggested = dataset, suggested

    def entries(self, query: str) -> Found | None:
        """Which entries a search keeps: those whose item id is the query, or whose text or suggested label holds it."""
        words = query.strip().lower()
        if not words:
            return None
        dataset, worklist = self._dataset, self._suggested.worklist
        items = holding(dataset, words) | (dataset.item_ids.cast(pl.String).str.to_lowercase() == words).to_numpy()
        named = np.asarray([words in name.lower() for name in dataset.label_names] + [False])
        labels = np.append(worklist.labels, dataset.n_labels)  # the last stands for "no suggestion"
        return lambda suggestions, rows: items[rows] | named[labels[suggestions]]

    def items(self, query: str) -> np.ndarray | None:
        """The items that a search finds, bool (n_items,). None for no words."""
        keeps = self.entries(query)
        if keeps is None:
            return None
        worklist, rows = self._suggested.worklist, np.arange(self._dataset.n_items)
        mask = keeps(np.full(len(rows), -1, np.int64), rows)
        suggestions = np.arange(worklist.frame.height)
        mask[worklist.rows[keeps(suggestions, worklist.rows)]] = True
        return mask
