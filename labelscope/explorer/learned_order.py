"""How likely each suggestion is right, learnt from what was decided so far: the order of the worklist that learns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from labelscope.explorer.stage_results import StageResults
from labelscope.explorer.worklist import Worklist
from labelscope.suggest.acceptance import outcomes
from labelscope.suggest.cell_order import CellOrder

__all__ = ["LearnedOrder"]

CELL = ["item_id", "label"]


class LearnedOrder:
    """Learns between two windows of a list; what it learnt from earlier decisions is kept.

    Parameters
    ----------
    decisions : callable
        Gives the decisions, as :attr:`labelscope.Session.decisions`.
    results : StageResults
    """

    def __init__(self, decisions: Callable[[], pl.DataFrame], results: StageResults) -> None:
        self._decisions, self._results = decisions, results
        self._order: CellOrder | None = None

    def likely(self, worklist: Worklist) -> np.ndarray:
        """Probability that each suggestion is right, float64 (n_suggestions,); of what the findings do not list, its confidence."""
        findings, frame = self._results.findings, worklist.frame
        if findings is None or not findings.cells.height or not frame.height:
            return frame["confidence"].to_numpy().astype(np.float64)
        if self._order is None or self._order.findings is not findings:
            self._order = CellOrder(findings)
        self._order.learn(outcomes(self._decisions()).rename({"right": "wrong"}))
        cells = self._order.frame().select(*CELL, "probability")
        found = frame.select(*CELL).join(cells, on=CELL, how="left", maintain_order="left")["probability"]
        return found.fill_null(frame["confidence"].cast(pl.Float64)).to_numpy()
