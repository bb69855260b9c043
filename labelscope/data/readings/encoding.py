"""What a label encoding is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import polars as pl

from labelscope.data.labels import LabelMatrix

__all__ = ["LabelEncoding", "by_row", "put_values"]


class LabelEncoding(Protocol):
    """How the label column or columns of a table write tri-state labels."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table that hold labels."""

    @property
    def label_names(self) -> tuple[str, ...]:
        """Names of the labels, in the order of the columns of the label matrix."""

    def decode(self, table: pl.DataFrame) -> LabelMatrix:
        """Labels of the rows of `table`, shape (n_rows, n_labels).

        Raises
        ------
        DataError
            On a value that is not in this encoding; with its row.
        """

    def encode(self, table: pl.DataFrame, items: np.ndarray, labels: np.ndarray, states: np.ndarray) -> pl.DataFrame:
        """The table with the cells (items[i], labels[i]) set to states[i]; every other value and every type as it was.

        A state that the encoding cannot write (a single unknown cell in a list of positives) is written as the
        nearest that it can; decoding the result tells which.

        Parameters
        ----------
        table : polars.DataFrame
        items, labels : int64, shape (n_changes,)
            Row and label position of each changed cell; no cell twice.
        states : int8, shape (n_changes,)
            1, 0 or -1.

        Raises
        ------
        DataError
            If a label cannot be written in this table at all.
        """

    def extended(self, table: pl.DataFrame, states: Mapping[str, np.ndarray]) -> tuple[LabelEncoding, pl.DataFrame]:
        """The encoding with more labels, behind those that it has, and the table made ready for them.

        Parameters
        ----------
        table : polars.DataFrame
        states : mapping of name to int8 array of shape (n_rows,)
            A table with a column a label gets them as columns; in a column of sets nothing changes until they are encoded.
        """

    def token(self, label: int) -> str:
        """What the table writes for a label, or the name of its column."""


def by_row(items: np.ndarray, labels: np.ndarray, states: np.ndarray) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """Changed cells by row: the rows in their order, and the labels (in their order) and states of each."""
    order = np.lexsort((labels, items))
    rows, first = np.unique(items[order], return_index=True)
    groups = zip(np.split(labels[order], first[1:]), np.split(states[order], first[1:]), strict=True)
    return rows, list(groups) if len(rows) else []


def put_values(series: pl.Series, rows: np.ndarray, values: pl.Series) -> pl.Series:
    """The series with `values` in `rows`, whatever its type."""
    source = np.arange(len(series))
    source[rows] = len(series) + np.arange(len(rows))
    return pl.concat([series, values.rename(series.name)], rechunk=True).gather(source)
