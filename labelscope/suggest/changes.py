"""Changes by position: what suggestions are while they are worked out, and the pairs they form with given labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset
    from labelscope.data.labels import LabelMatrix
    from labelscope.issues.find import Findings

__all__ = ["SCHEMA", "apply", "beside", "best_first", "given_labels", "joined", "one_each", "suspicion_of"]

SCHEMA = {
    "row": pl.Int64(), "column": pl.Int64(), "add": pl.Boolean(), "confidence": pl.Float64(), "strength": pl.Float64(),
    "kind": pl.String(), "cause": pl.Int64(),
}  # fmt: skip
"""Changes by position. `strength`: the evidence that orders them, 0 to 1. `kind`: "flagged", "forced" (another suggestion
requires it), "implied" (a given label does), "excluded" (its parent is), "exclusive" (a constraint keeps it apart from another
given label) or "instead" (of a label that is removed). `cause`: the other label, or -1."""


def joined(*parts: pl.DataFrame) -> pl.DataFrame:
    """The rows of several frames."""
    return pl.concat(parts, rechunk=True)  # scipy refuses the read-only arrays that a column in chunks becomes


def one_each(found: pl.DataFrame, kind: str) -> pl.DataFrame:
    """One row a cell, with the surest cause."""
    best = found.sort(["confidence", "strength", "cause"], descending=[True, True, False])
    best = best.unique(["row", "column"], keep="first", maintain_order=True)
    return best.with_columns(kind=pl.lit(kind)).select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items())


def best_first(n: int, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Of things that are in the way of each other, each one that no better one which is kept is in the way of.

    Parameters
    ----------
    n : int
        Number of things, the best first.
    first, second : array of int, shape (n_pairs,)
        Places of the better and of the worse one of each pair that cannot be kept together.

    Returns
    -------
    bool array of shape (n,)
        Which are kept.
    """
    kept, open_ = np.zeros(n, bool), np.ones(n, bool)
    while open_.any():  # each round settles the best open one of every group
        blocked = np.zeros(n, bool)
        blocked[second[open_[first] & open_[second]]] = True
        won = open_ & ~blocked
        kept |= won
        open_ &= ~won
        open_[second[won[first]]] = False
    return kept


def suspicion_of(findings: Findings, rows: pl.Series, columns: pl.Series) -> np.ndarray:
    """Suspicion of cells by position, float64 (n_cells,); 0 where unknown."""
    return np.nan_to_num(findings.cell_scores.at(rows.to_numpy(), columns.to_numpy()).astype(np.float64))


def given_labels(labels: LabelMatrix, rows: np.ndarray, name: str) -> pl.DataFrame:
    """The positives of some items: row and their label, under a name."""
    rows = np.unique(rows)
    part = labels.positives[rows]
    return pl.DataFrame({"row": np.repeat(rows, np.diff(part.indptr)), name: part.indices.astype(np.int64)})


def beside(changes: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Each change with each given label of its item: the changes' columns, index (of the change) and given."""
    return changes.with_row_index("index").join(given_labels(dataset.labels, changes["row"].to_numpy(), "given"), on="row")


def apply(labels: LabelMatrix, changes: pl.DataFrame) -> LabelMatrix:
    """The labels with the changes."""
    rows, columns = changes["row"].to_numpy(), changes["column"].to_numpy()
    return labels.replace(rows, columns, changes["add"].cast(pl.Int8).to_numpy())
