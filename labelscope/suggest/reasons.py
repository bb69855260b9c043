"""Reasons in words, the most telling first: constraints, raters, twins, neighbours, the model, and how few examples there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset
    from labelscope.data.votes import Votes
    from labelscope.models.predict import Predictions
    from labelscope.space.neighbors import Neighbors

__all__ = ["explain_changes"]

TWIN = 0.9999  # cosine from which two items are the same to the model
FEW = 10  # items with a label below which a reason warns


def explain_changes(changes: pl.DataFrame, dataset: Dataset, predictions: Predictions, near: Neighbors | None, k: int = 10) -> pl.Series:
    """One line of words for each change, for instance "9 of 10 similar items have this label; model: 97.1%".

    Parameters
    ----------
    changes : polars.DataFrame
        row, column, add, kind, cause and swap: as in :data:`labelscope.suggest.consistency.SCHEMA`, and the column of the
        label that comes or goes in exchange (-1 for none).
    dataset : Dataset
        For its votes, label names and given states.
    predictions : Predictions
    near : Neighbors or None
        Of the item of each change; None where there is nothing to find neighbours in.
    k : int
        Neighbours to count.

    Returns
    -------
    polars.Series of String, shape (n_changes,)
    """
    rows, columns = changes["row"].to_numpy(), changes["column"].to_numpy()
    table = pl.DataFrame({
        "add": changes["add"],
        "kind": changes["kind"],
        "cause": _names(dataset, changes["cause"]),
        "swap": _names(dataset, changes["swap"]),
        "p": np.round(100 * predictions.cell_probabilities.at(rows, columns).astype(np.float64), 1),
        "scored": predictions.scored[columns] & predictions.cell_probabilities.known(rows, columns),
        "carriers": dataset.labels.n_positive[columns],
        **_ballots(dataset.votes, dataset.n_labels, rows, columns),
        **_neighborhood(dataset, columns, near, k),
    })  # fmt: skip
    parts = (_rule(), _raters(), _twins(), _neighbors(), _model(), _few())
    return table.select(reason=pl.concat_str(parts, separator="; ", ignore_nulls=True))["reason"]


def _names(dataset: Dataset, columns: pl.Series) -> pl.Series:
    """Label names by position, null for -1."""
    names = pl.Series(dataset.label_names, dtype=pl.String)
    return names.gather(columns.set(columns < 0, None))


def _ballots(votes: Votes | None, n_labels: int, rows: np.ndarray, columns: np.ndarray) -> dict[str, np.ndarray]:
    """Raters of each cell that said yes, and that said yes or no."""
    yes, asked = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
    if votes is not None and len(rows):
        cells, mine = np.unique(rows * n_labels + columns, return_inverse=True)
        cast = votes.items * n_labels + votes.labels
        place = np.minimum(np.searchsorted(cells, cast), len(cells) - 1)
        counted = (cells[place] == cast) & (votes.values != UNKNOWN)
        yes = np.bincount(place[counted & (votes.values == POSITIVE)], minlength=len(cells))[mine]
        asked = np.bincount(place[counted], minlength=len(cells))[mine]
    return {"said_yes": yes, "raters": asked}


def _neighborhood(dataset: Dataset, columns: np.ndarray, near: Neighbors | None, k: int) -> dict[str, np.ndarray]:
    """Neighbours of each cell's item that have its label, and that are known to or not to; the same of its twins."""
    names = ("yes", "known", "twins_yes", "twins")
    counts = {name: np.zeros(len(columns), np.int64) for name in names}
    if near is not None:
        for neighbor, similarity in zip(near.indices[:, :k].T, near.similarities[:, :k].T, strict=True):
            states, twin = dataset.labels.states(neighbor, columns), similarity >= TWIN
            for name, hit in zip(names, (states == POSITIVE, states != UNKNOWN), strict=False):
                counts[name] += hit
            counts["twins_yes"] += twin & (states == POSITIVE)
            counts["twins"] += twin & ((states == POSITIVE) | (states == NEGATIVE))
    return counts


def _rule() -> pl.Expr:
    kind, add = pl.col("kind"), pl.col("add")
    return (
        pl.when(kind == "implied")
        .then(pl.format("implied by '{}'", "cause"))
        .when(kind == "instead")
        .then(pl.format("instead of '{}'", "cause"))
        .when(kind == "exclusive")
        .then(pl.format("excluded by '{}', which is more plausible", "cause"))
        .when(kind == "excluded")
        .then(pl.format("its parent is excluded by '{}'", "cause"))
        .when((kind == "forced") & add)
        .then(pl.format("parent of '{}', which is suggested", "cause"))
        .when((kind == "forced") & pl.col("swap").is_not_null())
        .then(pl.format("excluded by '{}', which is suggested", "cause"))
        .when(kind == "forced")
        .then(pl.format("child of '{}', which is to go", "cause"))
        .when(pl.col("swap").is_not_null() & add)
        .then(pl.format("replaces '{}'", "swap"))
        .when(pl.col("swap").is_not_null())
        .then(pl.format("replaced by '{}'", "swap"))
    )


def _raters() -> pl.Expr:
    words = pl.when(pl.col("raters") == 1).then(pl.lit("voter")).otherwise(pl.lit("voters"))
    return pl.when(pl.col("raters") > 0).then(pl.format("{} of {} {} said yes", "said_yes", "raters", words))


def _twins() -> pl.Expr:
    """The twins in the other state: what is given to this item is not given to them."""
    other = pl.when("add").then(pl.col("twins_yes")).otherwise(pl.col("twins") - pl.col("twins_yes"))
    one = pl.when("add").then(pl.lit("a near-duplicate has this label")).otherwise(pl.lit("a near-duplicate lacks this label"))
    many = pl.when("add").then(pl.lit("have this label")).otherwise(pl.lit("lack this label"))
    return (
        pl.when((other == 1) & (pl.col("twins") == 1))
        .then(one)
        .when(other > 0)
        .then(pl.format("{} of {} near-duplicates {}", other, "twins", many))
    )


def _neighbors() -> pl.Expr:
    return pl.when(pl.col("known") > 0).then(pl.format("{} of {} similar items have this label", "yes", "known"))


def _model() -> pl.Expr:
    p = pl.col("p")
    share = pl.when(p < 1).then(pl.lit("<1")).when(p > 99).then(pl.lit(">99")).otherwise(p.cast(pl.String))
    return pl.when("scored").then(pl.format("model: {}%", share))


def _few() -> pl.Expr:
    words = pl.when(pl.col("carriers") == 1).then(pl.lit("item has")).otherwise(pl.lit("items have"))
    return pl.when(pl.col("carriers") < FEW).then(pl.format("only {} {} this label", "carriers", words))
