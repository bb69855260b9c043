"""The table of a data set that came from arrays: its items, and its labels as lists of names."""

from __future__ import annotations

import numpy as np
import polars as pl
import scipy.sparse as sp

from labelscope.data.dataset import Dataset
from labelscope.data.labels import NEGATIVE, LabelMatrix

__all__ = ["plain_table"]


def plain_table(dataset: Dataset, labels: LabelMatrix) -> pl.DataFrame:
    """Items with a column `labels` of the positives.

    Where cells are unknown, a second column keeps the three states apart: `unknown_labels`, or `negative_labels`
    if most of the cells that are not positive are unknown (what is in neither list is then unknown).
    """
    columns = {"labels": labels.positives}
    if labels.default != NEGATIVE:
        columns["negative_labels"] = labels.exceptions
    elif labels.has_unknown:
        columns["unknown_labels"] = labels.exceptions
    return dataset.items.with_columns(_lists(matrix, dataset.label_names).alias(name) for name, matrix in columns.items())


def _lists(matrix: sp.csr_matrix, label_names: tuple[str, ...]) -> pl.Series:
    names = pl.Series("name", label_names, dtype=pl.String)
    sizes = np.diff(matrix.indptr)
    listed = pl.DataFrame({"row": np.repeat(np.arange(len(sizes)), sizes), "name": names.gather(matrix.indices.astype(np.int64))})
    rows = pl.DataFrame({"row": np.arange(len(sizes))})
    return (
        rows.join(listed.group_by("row").agg("name"), on="row", how="left", maintain_order="left")
        .select(pl.col("name").fill_null([]))
        .to_series()
    )
