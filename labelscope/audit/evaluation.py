"""What :func:`labelscope.evaluate` returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl

from labelscope.data.results import Result

__all__ = ["BY_LABEL", "BY_SPLIT", "DIFFERENCES", "FRAME", "WHAT_IF", "Average", "Evaluation"]

Average = Literal["micro", "macro", "hierarchical"]

VALUE: dict[str, Any] = {"value": pl.Float64, "low": pl.Float64, "high": pl.Float64}
FRAME = {"model": pl.String, "labels": pl.String, "metric": pl.String} | VALUE
DIFFERENCES = {
    "model": pl.String, "other": pl.String, "metric": pl.String, "difference": pl.Float64, "low": pl.Float64, "high": pl.Float64,
    "better": pl.String, "n_more": pl.Int64, "says": pl.String,
}  # fmt: skip
BY_LABEL = {"label": pl.String} | FRAME | {"n_audited": pl.Int64, "n_positive": pl.Int64, "note": pl.String}
BY_SPLIT = {"split": pl.String} | FRAME | {"n_audited": pl.Int64}
WHAT_IF = {"model": pl.String, "metric": pl.String, "share": pl.Float64} | VALUE


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation(Result):
    """How good models are, on the labels as given, as corrected, and on the truth as an audit sample tells it.

    Values are in [0, 1]. On the given and the corrected labels they are counted, so that low and high are the value; on the
    truth they are estimates, with an interval of `confidence` each. They are null where nothing can be said.

    Attributes
    ----------
    frame : polars.DataFrame
        model, labels ("given", "corrected", "truth"), metric ("f1", "precision", "recall", "accuracy"), value, low, high.
    differences : polars.DataFrame
        Two models on the truth, judged by the same cells: model, other, metric, difference (of the first from the second),
        low, high, better (the model that is better; null where that is not decided), n_more (about so many more audited
        cells would tell; null where it is decided, or where no audit would), says (the same in words).
    by_label : polars.DataFrame
        label, model, labels, metric, value, low, high, n_audited, n_positive (audited cells that are positive in truth), note.
    by_split : polars.DataFrame
        split, model, labels, metric, value, low, high, n_audited; empty without a column of splits.
    what_if : polars.DataFrame
        What the models would score if a share of the wrong cells, drawn at random, were corrected: model, metric, share (0:
        as given, 1: the truth), value, low, high.
    average : {"micro", "macro", "hierarchical"}
        What the frame holds.
    n_audited, n_cells : int
        Decided cells of the sample, and known cells.
    averaged : tuple of str
        With "macro": the labels whose mean it is.
    confidence : float
    """

    differences: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=DIFFERENCES))
    by_label: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=BY_LABEL))
    by_split: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=BY_SPLIT))
    what_if: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=WHAT_IF))
    average: Average = "micro"
    n_audited: int = 0
    n_cells: int = 0
    averaged: tuple[str, ...] = ()
    confidence: float = 0.95

    @property
    def models(self) -> list[str]:
        """Names of the models, in the order in which they were given."""
        return self.frame["model"].unique(maintain_order=True).to_list()

    def summary(self) -> str:
        """One line of plain text."""
        told = self.frame.filter(labels="truth", metric="f1")
        said = ", ".join(
            f"{model} {value:.3f} ({low:.3f} to {high:.3f})" if value is not None else f"{model} unknown"
            for model, value, low, high in told.select("model", "value", "low", "high").iter_rows()
        )
        rest = "".join(f"; {one}" for one in self.differences.filter(metric="f1")["says"].head(1))
        return f"Evaluation: {self.average} F1 on the truth by {self.n_audited:,} audited cells: {said}{rest}"
