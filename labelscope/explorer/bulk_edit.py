"""One label set on many items at once: which cells change, what the rules change with them, and what is left as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from labelscope.data.labels import NEGATIVE, POSITIVE
from labelscope.query.terms import Cells
from labelscope.stats.constraints import Constraints

__all__ = ["Along", "BulkEdit", "plan"]


@dataclass(frozen=True)
class Along:
    """What a rule changes with the label.

    Attributes
    ----------
    label : int
    state : int
    rows : array of int64
    """

    label: int
    state: int
    rows: np.ndarray


@dataclass(frozen=True)
class BulkEdit:
    """The cells that change.

    Attributes
    ----------
    label, state : int
        What is set.
    rows : array of int64
        The items whose cell changes.
    unticked : array of int64
        Those that the person takes out: they would change.
    n_same, n_decided : int
        Items that are so already, and those of which somebody decided the cell otherwise: it is left alone.
    along : list of Along
        What the rules change with it.
    """

    label: int
    state: int
    rows: np.ndarray
    unticked: np.ndarray
    n_same: int
    n_decided: int
    along: list[Along]

    @property
    def cells(self) -> list[tuple[int, int, int]]:
        """Every cell that changes, as (row, label, state)."""
        main = [(row, self.label, self.state) for row in self.rows.tolist()]
        return [*main, *((row, one.label, one.state) for one in self.along for row in one.rows.tolist())]


def plan(
    items: np.ndarray,
    label: int,
    state: int,
    without: np.ndarray,
    *,
    column: Callable[[int], np.ndarray],
    decided: Callable[[int], Cells],
    constraints: Constraints,
) -> BulkEdit:
    """What setting a label of some items changes.

    Parameters
    ----------
    items : array of bool, shape (n_items,)
    label : int
    state : {1, 0, -1}
    without : array of int64
        Rows that the person took out.
    column : callable
        The states of a label now, int8 (n_items,), by its position.
    decided : callable
        The cells of a label that somebody decided.
    constraints : Constraints
        What holds between labels: what a label implies comes with it, what it excludes goes, and what implies it goes with it.
    """
    now = column(label)
    changing = items & (now != state)
    said = _mask(decided(label)[0], len(items))
    open_ = changing & ~said
    out = _mask(without, len(items))
    kept = open_ & ~out

    def along(other: int, to: int) -> Along:
        hit = kept & (column(other) == NEGATIVE if to == POSITIVE else column(other) == POSITIVE) & ~_mask(decided(other)[0], len(items))
        return Along(other, to, np.flatnonzero(hit))

    rules = [along(other, to) for other, to in _rules(constraints, label, state)]
    return BulkEdit(
        label=label,
        state=state,
        rows=np.flatnonzero(kept),
        unticked=np.flatnonzero(open_ & out),
        n_same=int((items & (now == state)).sum()),
        n_decided=int((changing & said).sum()),
        along=[one for one in rules if len(one.rows)],
    )


def _rules(constraints: Constraints, label: int, state: int) -> list[tuple[int, int]]:
    """Other labels that follow from a label being there or not, each with its state."""
    place = {name: k for k, name in enumerate(constraints.label_names)}
    name = constraints.label_names[label]
    if state == POSITIVE:
        implied, excluded = constraints.implied(name), constraints.excluded(name)
        return [*((place[one], POSITIVE) for one in implied), *((place[one], NEGATIVE) for one in excluded)]
    if state == NEGATIVE:
        return [(place[one], NEGATIVE) for one in constraints.label_names if name in constraints.implied(one)]
    return []


def _mask(rows: np.ndarray, n: int) -> np.ndarray:
    out = np.zeros(n, bool)
    out[rows] = True
    return out
