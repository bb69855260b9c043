"""The selection: a list of filters that all hold, each a mask with a title that a person can read and take away.

Every view adds to the same list (a lasso, a bar, a cell of the co-occurrence, a relation, a query, "similar to this",
Python), and every view shows what is left. A filter is a snapshot: it does not change when labels do, so that items do
not vanish under the hands of the person who decides on them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce
from typing import get_args

import numpy as np
from msgspec import UNSET

from labelscope.errors import DataError
from labelscope.explorer.chosen import Chosen
from labelscope.explorer.messages import Mode
from labelscope.explorer.replies.state import FilterChip
from labelscope.query.terms import Cells

__all__ = ["Filter", "Filters"]

MODES: tuple[str, ...] = get_args(Mode)


@dataclass(frozen=True)
class Filter:
    """One condition on the items.

    Attributes
    ----------
    key : str
        Unique in its list.
    kind : str
        Where it came from: "lasso", "query", "label", "pair", "relation", "similar", "item", "python".
    title : str
    mask : array of bool, shape (n_items,)
        Before negation.
    negated : bool
        Whether the other items are meant: then it names no cell.
    cells : (rows, labels), optional
        The cells that it names.
    """

    key: str
    kind: str
    title: str
    mask: np.ndarray
    negated: bool = False
    cells: Cells | None = None

    @property
    def items(self) -> np.ndarray:
        """The items that pass, bool (n_items,)."""
        return ~self.mask if self.negated else self.mask

    def chip(self) -> FilterChip:
        """What the view shows."""
        cells = UNSET if self.cells is None or self.negated else len(self.cells[0])
        return FilterChip(self.key, self.kind, self.title, self.negated, int(self.items.sum()), cells)


class Filters:
    """The filters of one Explorer, in the order in which they came.

    Parameters
    ----------
    changed : callable, optional
        Called whenever the selection is another.
    """

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._changed = changed
        self._filters: list[Filter] = []
        self._keys = itertools.count(1)
        self._mask: np.ndarray | None = None
        self._chosen: Chosen | None = None
        self._chips: list[FilterChip] = []

    @property
    def mask(self) -> np.ndarray | None:
        """The items that pass all filters, bool (n_items,); None without a filter."""
        return self._mask

    @property
    def chosen(self) -> Chosen | None:
        """The same with the cells that the filters name; None without a filter."""
        return self._chosen

    @property
    def chips(self) -> list[FilterChip]:
        """The filters as the view shows them."""
        return self._chips

    @property
    def n_selected(self) -> int | None:
        """Number of selected items, None without a selection."""
        return None if self._mask is None else int(self._mask.sum())

    def select(self, mask: np.ndarray | None, title: str = "From Python") -> None:
        """Make these the selected items, whatever was selected before (None: no selection)."""
        self._filters = [] if mask is None else [Filter(f"F{next(self._keys)}", "python", title, mask)]
        self._settle()

    def put(self, kind: str, title: str, mask: np.ndarray, cells: Cells | None = None, *, only: bool = False) -> Filter:
        """Add a filter.

        Parameters
        ----------
        kind, title : str
        mask : array of bool, shape (n_items,)
        cells : (rows, labels), optional
            The cells that it names: of these items they alone are listed.
        only : bool
            Take the others of its kind away: there is one lasso and one query at a time, but there may be two labels.
        """
        self._filters = [one for one in self._filters if not (only and one.kind == kind)]
        same = next((one for one in self._filters if (one.kind, one.title, one.negated) == (kind, title, False)), None)
        if same is not None:  # clicked twice: nothing new
            return same
        made = Filter(f"F{next(self._keys)}", kind, title, mask, cells=cells)
        self._filters.append(made)
        self._settle()
        return made

    def draw(self, mask: np.ndarray, mode: str) -> None:
        """A lasso: "replace" the one before, "add" to it, or "remove" from it (without one: from everything).

        Raises
        ------
        DataError
            If `mode` is another word.
        """
        if mode not in MODES:
            raise DataError(f'lasso: expected the mode "replace", "add" or "remove", got {mode!r}')
        before = next((one for one in self._filters if one.kind == "lasso"), None)
        if mode == "replace" or (before is None and mode == "add"):
            drawn = mask
        else:
            known = np.ones_like(mask) if before is None else before.items
            drawn = known | mask if mode == "add" else known & ~mask
        self._filters = [one for one in self._filters if one.kind != "lasso"]
        if drawn.any():
            self._filters.append(Filter(f"F{next(self._keys)}", "lasso", "Lasso", drawn))
        self._settle()

    def remove(self, key: str) -> None:
        """Take a filter away; one that is gone already is no error (two views may click the same chip)."""
        self._filters = [one for one in self._filters if one.key != key]
        self._settle()

    def negate(self, key: str) -> None:
        """Turn a filter into its opposite and back."""
        self._filters = [replace(one, negated=not one.negated) if one.key == key else one for one in self._filters]
        self._settle()

    def clear(self, *kinds: str) -> None:
        """Take away all filters, or those of some kinds."""
        self._filters = [one for one in self._filters if kinds and one.kind not in kinds]
        self._settle()

    def without(self, kind: str) -> np.ndarray | None:
        """The items that pass all filters of other kinds; None without one."""
        masks = [one.items for one in self._filters if one.kind != kind]
        return reduce(np.logical_and, masks) if masks else None

    def _settle(self) -> None:
        self._mask = self.without("")
        named = [one.cells for one in self._filters if one.cells is not None and not one.negated]
        self._chosen = None if self._mask is None else Chosen(self._mask, named)
        self._chips = [one.chip() for one in self._filters]
        self._changed()
