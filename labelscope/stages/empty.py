"""What stands for a stage that a data set does not allow: the tables that others have, without a row.

Whoever reads the folder of a scan then finds the same files with the same columns, whatever the data set has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from labelscope.issues.find import Findings
from labelscope.suggest import batches
from labelscope.suggest.pseudo import PseudoLabels
from labelscope.suggest.relabel import Suggestions

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset

__all__ = ["PREDICTED", "no_findings", "no_pseudo_labels", "no_suggestions"]

PREDICTED = pl.DataFrame(schema={"label": pl.String, "mean_probability": pl.Float64, "log_loss": pl.Float64, "scored": pl.Boolean})
"""What the predictions say of each label."""


def no_findings(dataset: Dataset) -> Findings:
    """No suspicious cell."""
    item = dataset.item_ids.dtype
    cells = {
        "item_id": item, "label": pl.String(), "given": pl.Int8(), "kind": pl.String(), "suspicion": pl.Float32(), "flagged": pl.Boolean(),
        "confidence": pl.Float32(),
    }  # fmt: skip
    items = {"item_id": item, "suspicion": pl.Float32(), "n_flagged": pl.Int32()}
    rates = {"label": pl.String(), "miss_rate": pl.Float64()}
    return Findings(pl.DataFrame(schema=cells), items=pl.DataFrame(schema=items), miss_rates=pl.DataFrame(schema=rates))


def no_suggestions(dataset: Dataset) -> Suggestions:
    """No suggestion, and no batch of them."""
    schema = {
        "suggestion_id": pl.String(), "item_id": dataset.item_ids.dtype, "label": pl.String(), "action": pl.String(),
        "confidence": pl.Float32(), "reason": pl.String(), "set_id": pl.String(), "companions": pl.List(pl.String()), "swap": pl.String(),
        "batch_id": pl.String(),
    }  # fmt: skip
    return Suggestions(pl.DataFrame(schema=schema), batches=pl.DataFrame(schema=batches.SCHEMA))


def no_pseudo_labels(dataset: Dataset) -> PseudoLabels:
    """No unknown cell that got a state, and none that was abstained from."""
    schema = {
        "item_id": dataset.item_ids.dtype,
        "label": pl.String(),
        "state": pl.Int8(),
        "probability": pl.Float32(),
        "method": pl.String(),
    }
    abstained = {"label": pl.String(), "n_cells": pl.Int64(), "reason": pl.String()}
    return PseudoLabels(pl.DataFrame(schema=schema), abstained=pl.DataFrame(schema=abstained))
