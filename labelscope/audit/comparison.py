"""What :func:`labelscope.compare` returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from labelscope.audit.estimate import about
from labelscope.data.results import Result

__all__ = ["CHANGES", "EFFORT", "ERRORS", "KINDS", "MODEL", "Comparison"]

KINDS = ("added", "removed", "decided", "unset")
CHANGES = {"label": pl.String, "n_cells": pl.Int64, **dict.fromkeys((*KINDS, "n_changed"), pl.Int64)}
ERRORS = {
    "kind": pl.String, "before": pl.Float64, "before_low": pl.Float64, "before_high": pl.Float64,
    "after": pl.Float64, "after_low": pl.Float64, "after_high": pl.Float64,
}  # fmt: skip
MODEL = {
    "trained_on": pl.String, "judged_by": pl.String, "metric": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64,
}  # fmt: skip
EFFORT = {"reviewer": pl.String, "n_decisions": pl.Int64, "n_cells": pl.Int64, "minutes": pl.Float64}


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Result):
    """What a repair of labels changed, and what that was worth.

    Attributes
    ----------
    frame : polars.DataFrame
        A row a label that both versions have, most changed first: label, n_cells, added (negative cells that became
        positive), removed (positive ones that became negative), decided (unknown ones that got a state), unset (cells that
        became unknown), n_changed.
    cells : polars.DataFrame
        Every changed cell: item_id, label, before, after.
    errors : polars.DataFrame
        Wrong cells before and after, with limits, by kind ("all", "spurious", "missing"); empty without an audit.
    model : polars.DataFrame
        The same model trained on the labels before and after, out of fold on the same folds: trained_on ("old", "new"),
        judged_by ("old", "new", "truth"), metric, value, low, high (as of :class:`labelscope.audit.evaluation.Evaluation`).
    effort : polars.DataFrame
        A row a reviewer: n_decisions, n_cells, minutes at work (pauses of more than two minutes left out); empty without a ledger.
    only_old, only_new : dict of str to tuple of str
        "items" and "labels" that one version alone has.
    n_items, n_labels : int
        Items and labels that both have.
    notes : tuple of str
        What is not told, and why; what rests on what.
    better : str
        Which labels make the better model, in a sentence; "" where no model was fitted.
    """

    cells: pl.DataFrame = field(default_factory=pl.DataFrame)
    errors: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ERRORS))
    model: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=MODEL))
    effort: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=EFFORT))
    only_old: dict[str, tuple[str, ...]] = field(default_factory=dict)
    only_new: dict[str, tuple[str, ...]] = field(default_factory=dict)
    n_items: int = 0
    n_labels: int = 0
    notes: tuple[str, ...] = ()
    better: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """Changed cells of each kind."""
        return {kind: int(self.frame[kind].sum()) for kind in KINDS}

    @property
    def facts(self) -> dict[str, Any]:
        """Everything but the single cells, as plain values: what is written as JSON."""
        return {
            "n_items": self.n_items,
            "n_labels": self.n_labels,
            "changed": self.counts | {"all": self.cells.height},
            "only_old": {what: list(names) for what, names in self.only_old.items()},
            "only_new": {what: list(names) for what, names in self.only_new.items()},
            "labels": self.frame.to_dicts(),
            "errors": self.errors.to_dicts(),
            "model": self.model.to_dicts(),
            "better": self.better,
            "effort": self.effort.to_dicts(),
            "notes": list(self.notes),
        }

    def summary(self) -> str:
        """One line of plain text."""
        of = self.counts
        said = f"{self.cells.height:,} cells changed ({of['added']:,} added, {of['removed']:,} removed, {of['decided']:,} decided)"
        whole = self.errors.filter(kind="all")
        if whole.height:
            row = whole.row(0, named=True)
            said += f"; about {about(row['before'])} cells wrong before, about {about(row['after'])} after"
        return f"Comparison: {said}" + (f"; {self.better}" if self.better else "")
