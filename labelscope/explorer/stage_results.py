"""What stages found, as arrays over the items of one data set; worker threads hand results in by single assignments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from labelscope.data.cell_scores import Scores
from labelscope.data.dataset import Dataset
from labelscope.data.positions import cell_positions, positions
from labelscope.errors import DataError, StageError
from labelscope.explorer import map_geometry
from labelscope.space.similar import Similarity

__all__ = ["StageResults", "SuspiciousCells", "check_cell"]


def check_cell(dataset: Dataset, row: int, label: int = 0) -> None:
    """Refuse a cell that is not in the data set."""
    if not 0 <= row < dataset.n_items or not 0 <= label < dataset.n_labels:
        last = f"an item up to {dataset.n_items - 1} and a label up to {dataset.n_labels - 1}"
        raise DataError(f"cell: expected {last}, got {row} and {label}; reload the view")


@dataclass(frozen=True)
class SuspiciousCells:
    """The cells that the search flagged, by position.

    Attributes
    ----------
    rows, labels : array of int64, shape (n_cells,)
    spurious : array of bool, shape (n_cells,)
        Whether the label is there and looks wrong; else it looks missing.
    """

    rows: np.ndarray
    labels: np.ndarray
    spurious: np.ndarray

    @classmethod
    def of(cls, dataset: Dataset, cells: pl.DataFrame) -> SuspiciousCells:
        """Those of the frame :attr:`labelscope.issues.find.Findings.cells`."""
        flagged = cells.filter("flagged")
        rows, labels = cell_positions(flagged, dataset.item_ids, dataset.label_names)
        return cls(rows, labels, (flagged["kind"] == "spurious").to_numpy())


class StageResults:
    """Results of stages, empty until they are there.

    Attributes
    ----------
    xy : array of float32, shape (n_items, 2), or None
        The map.
    map_method : str
    probabilities : Scores or None
        Out-of-fold.
    suspicion : array of float32, shape (n_items,)
        NaN where nothing is suspect.
    searched : bool
        Whether the suspicious cells are known.
    findings : Findings or None
    groups : array of int64, shape (n_items,), or None
        Of like items, once somebody wants to see them.
    pairs, relations : Cooccurrence, Relations or None
    """

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self.xy: np.ndarray | None = None
        self.map_method = ""
        self.probabilities: Scores | None = dataset.cell_probabilities
        self.suspicion = np.full(dataset.n_items, np.nan, np.float32)
        self.searched = False
        self.findings: Any = None
        self._suspicious: SuspiciousCells | None = None
        self.groups: np.ndarray | None = None
        self.pairs: Any = None
        self.relations: Any = None
        self._similarity: Similarity | None = None

    @classmethod
    def again(cls, dataset: Dataset, before: StageResults) -> StageResults:
        """What does not depend on the labels, or is made anew where it does, under another label set."""
        made = cls(dataset)
        made.xy, made.map_method, made.groups = before.xy, before.map_method, before.groups
        made.pairs, made.relations = before.pairs, before.relations
        made._similarity = before._similarity
        return made

    def take_map(self, result: Any, method: str) -> None:
        """A map of the items."""
        self.xy, self.map_method = map_geometry.coordinates(result.frame, self._dataset.item_ids), method

    def take_embeddings(self, embeddings: np.ndarray) -> None:
        """Embeddings of the items: what "similar" and evidence are looked up in."""
        self._similarity, self.groups = Similarity(embeddings), None

    def take_findings(self, result: Any) -> None:
        """Suspicious cells: what an item's suspicion is."""
        items, suspicion = result.items, np.full(self._dataset.n_items, np.nan, np.float32)
        found = items["suspicion"].cast(pl.Float32).fill_null(float("nan")).to_numpy()
        if items["item_id"].equals(self._dataset.item_ids):
            suspicion[:] = found
        else:
            here = {"expected": "findings: expected items", "remedy": "search this one"}
            suspicion[positions(items["item_id"], self._dataset.item_ids, **here)] = found
        self.suspicion, self.findings, self._suspicious = suspicion, result, None
        self.searched = True

    @property
    def suspicious(self) -> SuspiciousCells:
        """The flagged cells; looked up when they are first asked for.

        Raises
        ------
        StageError
            If the search for them is not over.
        """
        if self.findings is None:
            raise StageError("filter: expected what the search for wrong labels found, got nothing yet; wait for it")
        if self._suspicious is None:
            self._suspicious = SuspiciousCells.of(self._dataset, self.findings.cells)
        return self._suspicious

    @property
    def has_embeddings(self) -> bool:
        """Whether there is something to be similar in."""
        return self._similarity is not None

    def similar(self, row: int, k: int) -> tuple[np.ndarray, np.ndarray]:
        """The items most like one: rows and cosine similarities.

        Raises
        ------
        StageError
            If there are no embeddings (yet).
        """
        if self._similarity is None:
            raise StageError("similar: expected embeddings, got none yet; wait for the map, or give embeddings=, text= or image=")
        return self._similarity.nearest(row, k)

    def inside(self, polygon: np.ndarray) -> np.ndarray:
        """The items inside a polygon on the map, bool (n_items,).

        Raises
        ------
        StageError
            If there is no map yet.
        """
        if self.xy is None:
            raise StageError("lasso: expected a map, got none yet; wait for it")
        return map_geometry.inside(self.xy, polygon)

    def near(self, stroke: np.ndarray, radius: float) -> np.ndarray:
        """The items within a distance of a stroke on the map. Raises as :meth:`inside`."""
        if self.xy is None:
            raise StageError("brush: expected a map, got none yet; wait for it")
        return map_geometry.near(self.xy, stroke, radius)
