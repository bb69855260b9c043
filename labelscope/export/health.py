"""The health of a data set: what to mend before anybody trains on it, each finding a sentence with the items or cells that it is about.

The data card (:mod:`labelscope.export.nutrition_label`) says the same for every data set; this says what of it matters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from labelscope.data.results import Result
from labelscope.export.health_checks import CHECKS, SEVERITIES, Found, HealthSources

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset

__all__ = ["Health", "HealthPart", "health_of"]

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "check": pl.String, "severity": pl.String, "says": pl.String, "figure": pl.Float64, "labels": pl.List(pl.String),
    "label_words": pl.List(pl.String), "n_labels": pl.Int64, "n_items": pl.Int64, "n_cells": pl.Int64, "column": pl.String,
}  # fmt: skip
MOST_LABELS = 50  # that a row names


@dataclass(frozen=True, eq=False)
class HealthPart:
    """What a finding is about, by position.

    Attributes
    ----------
    rows : array of int64
        Items; one an entry of `labels` where cells are named.
    labels : array of int64, or None
    """

    rows: np.ndarray
    labels: np.ndarray | None


@dataclass(frozen=True, eq=False, repr=False)
class Health(Result):
    """What was looked at, the worst first.

    Attributes
    ----------
    frame : polars.DataFrame
        One row a check: check, severity ("serious", "warning", "fine", "not measured"), says (a sentence), figure (its number; null
        where there is none), labels (the first 50 that it names), label_words (what of each) and n_labels (of all), n_items and n_cells
        (that it names; null where it names none), column (of the items that it is about; "" for none).
    parts : mapping of check to HealthPart
        The items or cells themselves; of one that was read back from JSON, none.
    """

    parts: Mapping[str, HealthPart] = field(default_factory=dict)

    def summary(self) -> str:
        """One line of plain text that says what was found."""
        n = dict(self.frame.group_by("severity").len().iter_rows())
        return (
            f"Health: {n.get('serious', 0):,} to mend, {n.get('warning', 0):,} to look at, {n.get('fine', 0):,} fine, "
            f"{n.get('not measured', 0):,} not measured"
        )

    def records(self) -> list[dict[str, Any]]:
        """The rows as JSON values."""
        return self.frame.to_dicts()

    @classmethod
    def from_records(cls, records: list[dict[str, Any]]) -> Health:
        """Rows that :meth:`records` made; ValueError for others."""
        if not isinstance(records, list) or any(set(record) != set(SCHEMA) for record in records):
            raise ValueError("health: expected the rows that records() made, got others")
        return cls(pl.DataFrame(records, schema=SCHEMA, orient="row"))


def health_of(dataset: Dataset, sources: HealthSources) -> Health:
    """The health of a data set by what was measured; nothing slow is run for it.

    Parameters
    ----------
    dataset : Dataset
    sources : HealthSources
        What is None is said to be not measured.
    """
    now = dataset if sources.labels is None else replace(dataset, labels=sources.labels)
    found: list[Found] = [one for check in CHECKS for one in check(now, sources)]
    found.sort(key=lambda one: SEVERITIES.index(one.severity))
    rows = [
        {
            "check": one.check, "severity": one.severity, "says": one.says, "figure": one.figure, "column": one.column,
            "labels": [name for name, _ in one.labels[:MOST_LABELS]], "label_words": [words for _, words in one.labels[:MOST_LABELS]],
            "n_labels": len(one.labels),
            "n_items": None if one.rows is None else len(np.unique(one.rows)),
            "n_cells": None if one.columns is None else len(one.columns),
        } for one in found
    ]  # fmt: skip
    parts = {one.check: HealthPart(one.rows, one.columns) for one in found if one.rows is not None and len(one.rows)}
    return Health(pl.DataFrame(rows, schema=SCHEMA, orient="row"), parts)
