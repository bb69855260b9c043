"""Soft labels of the unknown cells, to train on or to store: made row block by row block when they are asked for.

A data set of a million items and 500 labels has half a billion cells: nothing here holds more of them than a block,
unless a whole frame or matrix is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
import scipy.sparse as sp

from labelscope.compute.executor import row_blocks
from labelscope.data.cell_scores import Scores
from labelscope.data.dataset import Dataset
from labelscope.data.files import write_files
from labelscope.data.inputs import input_files
from labelscope.data.labels import POSITIVE
from labelscope.models.recalibration import Recalibration

__all__ = ["SoftLabels"]


@dataclass(frozen=True, eq=False, repr=False)
class SoftLabels:
    """P(positive) of the cells that a state was looked for.

    Attributes
    ----------
    dataset : Dataset
    probabilities : float32, shape (n_items, n_labels)
        Of all cells, before recalibration.
    target : {-1, 0}
        State of the cells in question: unknown, or negative where missed labels were looked for.
    recalibration : Recalibration or None
        What makes them probabilities of the truth, where cells were audited.
    """

    dataset: Dataset = field(repr=False)
    probabilities: np.ndarray = field(repr=False)
    target: int
    recalibration: Recalibration | None = None

    @property
    def cell_probabilities(self) -> Scores:
        """The probabilities, as the stages ask for them."""
        return Scores(self.probabilities)

    def blocks(self, *, least: float = 0.0) -> Iterator[pl.DataFrame]:
        """Frames of (item_id, label, probability), the items in order.

        Parameters
        ----------
        least : float
            Cells of a lower probability are left out.
        """
        names = pl.Series(self.dataset.label_names, dtype=pl.String)
        for block in row_blocks(*self.cell_probabilities.shape, 4 << 20):
            values = self._values(block)
            able = (self.dataset.labels.dense(block) == self.target) & (values >= least)
            rows, columns = np.nonzero(able)
            yield pl.DataFrame({
                "item_id": self.dataset.item_ids[block.start : block.stop][rows],
                "label": names[columns],
                "probability": values[rows, columns],
            })  # fmt: skip

    def to_frame(self, *, least: float = 0.0) -> pl.DataFrame:
        """All of them as one frame of (item_id, label, probability).

        Parameters
        ----------
        least : float
            Cells of a lower probability are left out.
        """
        return pl.concat(list(self.blocks(least=least)))

    def lazy(self, *, least: float = 0.0) -> pl.LazyFrame:
        """The same as a lazy frame, made block by block while polars streams it.

        Parameters
        ----------
        least : float
            Cells of a lower probability are left out.
        """
        from polars.io.plugins import register_io_source

        def source(
            with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, _batch_size: int | None
        ) -> Iterator[pl.DataFrame]:
            left = n_rows
            for frame in self.blocks(least=least):
                part = frame if predicate is None else frame.filter(predicate)
                part = part if with_columns is None else part.select(with_columns)
                yield part if left is None else part.head(left)
                if left is not None:
                    left -= part.height
                    if left <= 0:
                        return

        schema = {"item_id": self.dataset.item_ids.dtype, "label": pl.String(), "probability": pl.Float32()}
        return register_io_source(source, schema=schema)

    def write_parquet(self, path: str | Path, *, least: float = 0.0) -> None:
        """Write (item_id, label, probability) as Parquet, in constant memory.

        Parameters
        ----------
        path : str or pathlib.Path
            Replaced if it exists.
        least : float
            Cells of a lower probability are left out.

        Raises
        ------
        DataError
            If `path` is a file that the data set came from, a ledger, or cannot be written; nothing is left of it then.
        """
        cells = self.lazy(least=least)
        write_files({Path(path): cells.sink_parquet}, name="write_parquet", inputs=input_files(self.dataset))

    def to_sparse(self, *, least: float = 0.01) -> sp.csr_matrix:
        """Targets to train on as float32 CSR (n_items, n_labels): 1 at known positives, the soft label where it is looked for.

        Parameters
        ----------
        least : float
            Lower soft labels are 0.
        """
        parts = []
        for block in row_blocks(*self.cell_probabilities.shape, 16 << 20):
            states = self.dataset.labels.dense(block)
            values = self._values(block)
            soft = np.where((states == self.target) & (values >= least), values, 0)
            parts.append(sp.csr_matrix(np.where(states == POSITIVE, np.float32(1), soft).astype(np.float32)))
        return sp.csr_matrix(sp.vstack(parts, format="csr"))

    def _values(self, rows: slice) -> np.ndarray:
        values = np.asarray(self.cell_probabilities.rows(rows), np.float32)
        return values if self.recalibration is None else self.recalibration.apply_at(values, np.arange(values.shape[1]))

    def __repr__(self) -> str:
        n_cells = int((self.dataset.labels.n_unknown if self.target < 0 else self.dataset.labels.n_negative).sum())
        return f"SoftLabels of {n_cells:,} cells: to_frame(), lazy(), write_parquet(path), to_sparse()"
