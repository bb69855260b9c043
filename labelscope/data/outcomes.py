"""What people decided of cells, as a frame that a user hands in: the checks that all who learn from it share."""

from __future__ import annotations

import polars as pl

from labelscope.errors import DataError

__all__ = ["outcome_weights", "said"]


def said(outcomes: pl.DataFrame, column: str) -> pl.Series:
    """The column that says how each decision came out, Boolean (n_outcomes,).

    Raises
    ------
    DataError
        If it is not True or False everywhere.
    """
    if outcomes[column].dtype != pl.Boolean or outcomes[column].null_count():
        raise DataError(f"outcomes: expected True or False in {column}, got {outcomes[column].dtype}; drop cells that nobody decided")
    return outcomes[column]


def outcome_weights(outcomes: pl.DataFrame) -> pl.Series:
    """How much each decision counts, Float64 (n_outcomes,): the column `weight`, or 1 where there is none.

    Raises
    ------
    DataError
        If a weight is not within [0, 1].
    """
    weight = outcomes["weight"].cast(pl.Float64) if "weight" in outcomes.columns else pl.repeat(1.0, outcomes.height, eager=True)
    if not (weight.is_finite() & weight.is_between(0, 1)).all():
        raise DataError("outcomes: expected weights within [0, 1], got others; leave the column out to count each decision once")
    return weight
