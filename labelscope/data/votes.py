"""Votes of single raters: who said what about which cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from labelscope.data.frames import as_text
from labelscope.data.positions import positions
from labelscope.errors import DataError

__all__ = ["Votes"]

COLUMNS = ("item_id", "rater", "label", "value")


@dataclass(frozen=True, eq=False)
class Votes:
    """Votes by position: item row, rater, label column and value, each of shape (n_votes,).

    Attributes
    ----------
    items, raters, labels : int64
    values : int8
        1 yes, 0 no, -1 undecided.
    rater_names : tuple of str
    """

    items: np.ndarray
    raters: np.ndarray
    labels: np.ndarray
    values: np.ndarray
    rater_names: tuple[str, ...]

    @classmethod
    def build(cls, frame: pl.DataFrame, item_ids: pl.Series, label_names: tuple[str, ...]) -> Votes:
        """Votes of a long frame with the columns item_id, rater, label and value.

        Raises
        ------
        DataError
            On a missing column, an item or label that the data set does not have, or a value that is not 1, 0, -1.
        """
        missing = [name for name in COLUMNS if name not in frame.columns]
        if missing:
            raise DataError(f"votes: expected the columns {', '.join(COLUMNS)}, got {', '.join(frame.columns)}; {missing[0]} is missing")
        nested = [name for name in COLUMNS if frame[name].dtype.is_nested()]
        if nested:
            raise DataError(f"votes: expected one value a row in {nested[0]}, got {frame[nested[0]].dtype}; write one row a vote")
        items = _locate(frame["item_id"], item_ids, "item_id", "drop votes on unknown items")
        labels = _locate(frame["label"], pl.Series(label_names, dtype=pl.String), "label", "drop votes on unknown labels")
        values = as_text(frame["value"], "votes").cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
        if not np.isin(values, (1, 0, -1)).all():
            bad = frame["value"][int(np.flatnonzero(~np.isin(values, (1, 0, -1)))[0])]
            raise DataError(f"votes: expected the values 1, 0 and -1, got {bad!r}; write one of the three")
        raters = as_text(frame["rater"], "votes")
        if raters.null_count():
            raise DataError("votes: expected a rater in every row, got null; name unknown raters, for instance 'anonymous'")
        names = raters.unique().sort()
        return cls(items, _locate(raters, names, "rater", "name the raters"), labels, values.astype(np.int8), tuple(names.to_list()))

    @classmethod
    def joined(cls, parts: Sequence[Votes]) -> Votes:
        """Votes on the same data set as one.

        Parameters
        ----------
        parts : sequence of Votes
            At least one.
        """
        names = sorted({name for part in parts for name in part.rater_names})
        place = {name: k for k, name in enumerate(names)}
        raters = [np.array([place[name] for name in part.rater_names], np.int64)[part.raters] for part in parts]
        items, labels, values = (np.concatenate([getattr(part, name) for part in parts]) for name in ("items", "labels", "values"))
        return cls(items, np.concatenate(raters), labels, values, tuple(names))

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The votes by position: item, rater, label (int64) and value (int8)."""
        return pl.DataFrame({"item": self.items, "rater": self.raters, "label": self.labels, "value": self.values})


def _locate(values: pl.Series, keys: pl.Series, column: str, remedy: str) -> np.ndarray:
    return positions(as_text(values, "votes"), keys, expected=f"votes: expected known values in {column}", remedy=remedy)
