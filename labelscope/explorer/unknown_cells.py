"""The unknown cells that have a pseudo-label, as arrays: by group of label and state, and which of them wait for a decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.positions import positions
from labelscope.explorer.asked import LabelState, as_state
from labelscope.explorer.chosen import Chosen
from labelscope.explorer.replies.card import Proposed
from labelscope.explorer.replies.unknown import AbstainedGroup, UnknownGroup, UnknownShown
from labelscope.query.terms import Cells

__all__ = ["UnknownCells"]

HERE = {"expected": "pseudo-labels: expected items and labels of this data set", "remedy": "make them for this one"}


class UnknownCells:
    """The pseudo-labels of a data set, the largest group first and in each the surest first.

    Parameters
    ----------
    dataset : Dataset

    Attributes
    ----------
    rows, labels : array of int64, shape (n_cells,)
    states : array of int8, shape (n_cells,)
        What is proposed: 1 or 0.
    open : array of bool, shape (n_cells,)
        Whether nobody has decided on the cell.
    source : str
        Where they come from and what they promise; "" while there are none.
    """

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self.rows = np.empty(0, np.int64)
        self.labels, self.states, self.open = self.rows, np.empty(0, np.int8), np.empty(0, bool)
        self.source = ""
        self._probabilities, self._methods = np.empty(0, np.float32), pl.Series(dtype=pl.String)
        self._abstained = pl.DataFrame(schema={"label": pl.String, "n_cells": pl.Int64, "reason": pl.String})
        self._codes, self._places = self.rows, self.rows

    def take(self, found: Any, decided: pl.DataFrame) -> None:
        """Take other pseudo-labels.

        Parameters
        ----------
        found : PseudoLabels
        decided : polars.DataFrame
            item_id, label of the cells that somebody has decided.
        """
        grouped = found.frame.with_columns(size=pl.len().cast(pl.Int64).over("label", "state")).sort(
            [-pl.col("size"), "label", pl.col("state") == 0], maintain_order=True
        )
        self.rows, self.labels, codes = self._located(grouped)
        self.states = grouped["state"].to_numpy().astype(np.int8)
        self._probabilities, self._methods = grouped["probability"].to_numpy(), grouped["method"]
        self._places = np.argsort(codes, kind="stable")
        self._codes = codes[self._places]
        self.open = ~np.isin(codes, self._located(decided)[2])
        self.source, self._abstained = found.source, found.abstained

    def put(self, row: int, label: int, *, decided: bool) -> None:
        """Whether somebody has decided on a cell now."""
        place = self._place(row, label)
        if place >= 0:
            self.open[place] = not decided

    def left(self, chosen: Chosen | None) -> np.ndarray:
        """Places of the cells that wait for a decision, of those that are listed if there is a selection."""
        kept = self.open if chosen is None else self.open & chosen.keeps(self.rows, self.labels)
        return np.flatnonzero(kept)

    def of_group(self, label: int, state: int, chosen: Chosen | None) -> np.ndarray:
        """The same of one label and state."""
        left = self.left(chosen)
        return left[(self.labels[left] == label) & (self.states[left] == state)]

    def places(self, cells: Cells) -> np.ndarray:
        """Place of each of some cells, -1 for those without a pseudo-label."""
        asked = cells[0] * self._dataset.n_labels + cells[1]
        if not len(self._codes):
            return np.full(len(asked), -1, np.int64)
        at = np.minimum(np.searchsorted(self._codes, asked), len(self._codes) - 1)
        return np.where((cells[1] >= 0) & (self._codes[at] == asked), self._places[at], -1)

    def open_of(self, cells: Cells) -> np.ndarray:
        """Place of each of some cells, -1 for those that have no pseudo-label or are decided."""
        places = self.places(cells)
        return np.where((places >= 0) & np.append(self.open, False)[places], places, -1)

    def cells(self, places: np.ndarray) -> Cells:
        """Rows and labels of some places."""
        return self.rows[places], self.labels[places]

    def proposed(self, row: int, label: int, now: int) -> Proposed | None:
        """What is proposed for a cell, and what became of it in its state `now`; None where nothing is."""
        place = self._place(row, label)
        if place < 0:
            return None
        state = int(self.states[place])
        decided = {state: "accepted", 1 - state: "rejected"}.get(now, "skipped")
        return Proposed(
            label=label,
            name=self._dataset.label_names[label],
            state=as_state(state),
            probability=round(float(self._probabilities[place]), 3),
            reason=self._methods[place],
            verdict="pending" if self.open[place] else decided,  # type: ignore[arg-type]  # they are verdicts
        )

    def waiting(self, row: int, labels: Sequence[int]) -> dict[int, LabelState]:
        """The states proposed for some labels of an item that nobody has decided on, by label."""
        places = [(label, self._place(row, label)) for label in labels]
        return {label: as_state(int(self.states[place])) for label, place in places if place >= 0 and self.open[place]}

    def shown(self, chosen: Chosen | None, listed: Cells) -> UnknownShown:
        """The groups as the view shows them.

        Parameters
        ----------
        chosen : Chosen or None
            The selection.
        listed : (rows, labels)
            The list that is shown; a group says where in it its first cell is.
        """
        left, names = self.left(chosen), self._dataset.label_names
        places = self.places(listed)
        groups, at = np.unique(2 * self.labels[places] + self.states[places], return_index=True) if len(places) else (places, places)
        first = dict(zip(groups.tolist(), at.tolist(), strict=True))
        frame = pl.DataFrame({
            "label": self.labels[left], "state": self.states[left], "method": self._methods.gather(left),
            "probability": self._probabilities[left],
        })  # fmt: skip
        counted = frame.group_by("label", "state", maintain_order=True).agg(
            pl.len().alias("n"), pl.col("method").unique(maintain_order=True), pl.col("probability").min().alias("least"),
            pl.col("probability").max().alias("most"),
        )  # fmt: skip
        return UnknownShown(
            source=self.source,
            total=len(left),
            groups=[
                UnknownGroup(
                    label=label,
                    name=names[label],
                    state=as_state(state),
                    n=n,
                    weakest=round(least if state else 1 - most, 3),
                    methods=methods,
                    first=first.get(2 * label + state, -1),
                )
                for label, state, n, methods, least, most in counted.iter_rows()
            ],
            abstained=[AbstainedGroup(*row) for row in self._abstained.sort("n_cells", descending=True).iter_rows()],
        )

    def _place(self, row: int, label: int) -> int:
        return int(self.places((np.array([row]), np.array([label])))[0])

    def _located(self, cells: pl.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows and labels of cells, and each as one number."""
        if not cells.height:
            return (np.empty(0, np.int64),) * 3
        rows = positions(cells["item_id"], self._dataset.item_ids, **HERE)
        labels = positions(cells["label"], pl.Series(self._dataset.label_names, dtype=pl.String), **HERE)
        return rows, labels, rows * self._dataset.n_labels + labels
