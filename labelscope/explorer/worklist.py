"""The worklist: suggestions by queue and order, listed once and handed out in windows.

A listing is frozen when it is made: a decided entry stays where it is until the list is asked for anew, so that the
cards do not move under the hands of the person, and a window by offset means the same cards before and after a
decision. Everything is an array over suggestions; the browser never sees more than a window.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, get_args

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.positions import positions
from labelscope.errors import DataError
from labelscope.explorer.chosen import Chosen
from labelscope.explorer.messages import Order, Queue
from labelscope.review.second_looks import spread_places
from labelscope.review.verdicts import VERDICTS
from labelscope.suggest.listing_orders import group_places, label_places, shuffled_places, suspicion_places
from labelscope.suggest.replacements import other_labels, second_halves

Found = Callable[[np.ndarray, np.ndarray], np.ndarray]
Cells = tuple[np.ndarray, np.ndarray]

__all__ = ["ORDERS", "QUEUES", "UNDECIDED", "Listing", "Suggested", "Worklist"]

CELL_QUEUES = (
    "agreed",
    "label_next",
    "unlike",
    "ask_next",
    "ambiguous",
    "unknown",
    "sample",
    "conflicts",
    "audit",
)  # that are given as cells
AS_GIVEN = ("label_next", "unlike", "ask_next", "ambiguous", "unknown")  # whose order is part of what they say
AS_DRAWN = ("sample", "audit")  # which neither selection nor search nor order touch: a part that was chosen is no sample
QUEUES: tuple[str, ...] = get_args(Queue)
ORDERS: tuple[str, ...] = get_args(Order)
UNDECIDED = (VERDICTS.index("pending"), VERDICTS.index("skipped"))  # what many decisions at once may touch
KEPT_LISTINGS = 8


@dataclass
class Listing:
    """One frozen list of entries; one in the order that learns is frozen as far as it was handed out.

    Attributes
    ----------
    token : str
    suggestions : array of int64, shape (n_entries,)
        Position among the suggestions, or -1 for an item without one.
    rows : array of int64, shape (n_entries,)
        Item of each entry.
    labels : array of int64, shape (n_entries,)
        Label that the entry is about, or -1.
    later : array of bool, shape (n_entries,), or None
        Of a list in the order that learns, which is sorted anew beyond the entries that were handed out: whether each entry
        comes behind the cells that the filter names.
    n_shown : int
        Entries that were handed out.
    again : array of bool, shape (n_entries,), or None
        Entries that were decided before and come back unmarked; they keep their places.
    blind : bool
        Whether its cards show nothing that could sway a person: the audit.
    whom : mapping of row to str
        Whom to ask for a vote on an item.
    """

    token: str
    suggestions: np.ndarray
    rows: np.ndarray
    labels: np.ndarray
    later: np.ndarray | None = None
    n_shown: int = 0
    again: np.ndarray | None = None
    blind: bool = False
    whom: Mapping[int, str] = field(default_factory=dict)

    def renew(self, likely: np.ndarray) -> None:
        """Sort what nobody has seen yet by how likely each suggestion is right, float64 (n_suggestions,); items without one last."""
        if self.later is None:
            return
        ahead = np.arange(self.n_shown, len(self.rows))
        if self.again is not None:
            ahead = ahead[~self.again[ahead]]
        sequence = np.lexsort((-np.append(likely, -1.0)[self.suggestions[ahead]], self.later[ahead]))
        for entries in (self.suggestions, self.rows, self.labels, self.later):
            entries[ahead] = entries[ahead][sequence]


class Worklist:
    """The suggestions of a data set as arrays, with the verdict on each.

    Parameters
    ----------
    dataset : Dataset
    frame : polars.DataFrame
        suggestion_id, item_id, label, action, confidence, reason; best first.
    suspicion : array of float32, shape (n_items,)
    verdict : callable
        Verdict on a suggestion id, out of :data:`VERDICTS`.
    decided : mapping of suggestion id to verdict
        The verdicts that are not "pending".

    Attributes
    ----------
    listed : bool, shape (n_suggestions,)
        Whether a suggestion is an entry of its own.
    likely : float64, shape (n_suggestions,), or None
        How likely each suggestion is right, as the order that learns knew it last; None while another order is shown. Cards show it
        in the place of the confidence: the number that the order goes by.
    others : int64, shape (n_suggestions,)
        In data with one label an item: the label that goes for the one that comes, or comes for the one that goes; else -1. Of the two
        halves of such a replacement one is listed.
    """

    _tokens: ClassVar[itertools.count[int]] = itertools.count(
        1
    )  # of all worklists: no listing of former suggestions is taken for one of these

    def __init__(
        self, dataset: Dataset, frame: pl.DataFrame, suspicion: np.ndarray, verdict: Callable[[str], str], decided: Mapping[str, str]
    ) -> None:
        self._dataset = dataset
        self._verdict = verdict
        self._suspicion = suspicion
        self._listings: OrderedDict[str, Listing] = OrderedDict()
        self.frame = frame
        self.likely: np.ndarray | None = None
        here = {"expected": "suggestions: expected items and labels of this data set", "remedy": "suggest for this one"}
        none = np.empty(0, np.int64)  # before there are suggestions: no look-up of all items for nothing
        self.rows = positions(frame["item_id"], dataset.item_ids, **here) if frame.height else none
        self.labels = positions(frame["label"], pl.Series(dataset.label_names, dtype=pl.String), **here) if frame.height else none
        self.adds = (frame["action"] == "add").to_numpy()
        self.verdicts = np.zeros(frame.height, np.uint8)
        self._index = {suggestion: i for i, suggestion in enumerate(frame["suggestion_id"].to_list())}
        self._by_row = np.argsort(self.rows, kind="stable")
        self._sorted_rows = self.rows[self._by_row]
        self.others = other_labels(dataset, frame, self.rows, self.labels)
        self.listed = ~second_halves(dataset, frame, self.rows, self.labels)
        self._first = np.full(dataset.n_items, -1, np.int64)
        listed = np.flatnonzero(self.listed)[::-1]
        self._first[self.rows[listed]] = listed
        for suggestion, known in decided.items():
            self.verdicts[self._index[suggestion]] = VERDICTS.index(known)

    def refresh(self, suggestions: Iterable[int]) -> None:
        """Ask again for the verdict on some suggestions, by position."""
        for i in suggestions:
            self.verdicts[i] = VERDICTS.index(self._verdict(self.frame["suggestion_id"][int(i)]))

    def position(self, suggestion_id: str) -> int:
        """Position of a suggestion.

        Raises
        ------
        DataError
            If there is no such suggestion.
        """
        if suggestion_id not in self._index:
            raise DataError(f"suggestion: expected one of the {self.frame.height:,} suggestion ids, got {suggestion_id!r}; reload the list")
        return self._index[suggestion_id]

    def with_companions(self, suggestions: np.ndarray) -> np.ndarray:
        """Suggestions and what they make necessary, by position; of the latter, what nobody has decided against.

        Parameters
        ----------
        suggestions : int array of shape (n,)

        Returns
        -------
        int64 array of shape (n_all,)
            The suggestions themselves first.
        """
        if "companions" not in self.frame.columns:
            return suggestions
        ids = self.frame["companions"].gather(suggestions).explode().drop_nulls().unique(maintain_order=True)
        needed = np.array([self._index[one] for one in ids if one in self._index], np.int64)
        needed = needed[np.isin(self.verdicts[needed], UNDECIDED) & ~np.isin(needed, suggestions)]
        return np.concatenate([suggestions, needed])

    def of_row(self, row: int) -> np.ndarray:
        """Positions of the suggestions for one item, best first."""
        start, stop = np.searchsorted(self._sorted_rows, [row, row + 1])
        return self._by_row[start:stop]

    def counts(self, chosen: Chosen | None = None) -> dict[str, int]:
        """Entries of each queue, of those that are listed if there is a selection."""
        kept = self.listed if chosen is None else self.listed & chosen.keeps(self.rows, self.labels)
        verdicts = self.verdicts[kept]
        counted = np.bincount(verdicts, minlength=len(VERDICTS))
        n_all = self._dataset.n_items if chosen is None else chosen.n_entries
        return {**{name: int(counted[i]) for i, name in enumerate(VERDICTS)}, "all": n_all}

    def on(self, row: int, label: int) -> int:
        """Position of the suggestion on a cell, or -1."""
        here = self.of_row(row)
        return int(next(iter(here[self.labels[here] == label]), -1))

    def on_all(self, rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Position of the suggestion on each of some cells, or -1, int64 (n_cells,)."""
        cells, order = self._cells
        asked = rows * self._dataset.n_labels + labels
        place = np.searchsorted(cells, asked)
        found = np.append(cells, -1)[place] == asked
        return np.where(found, np.append(order, -1)[place], -1)

    def open(
        self,
        queue: str,
        order: str,
        chosen: Chosen | None,
        found: Found | None,
        *,
        cells: Cells | None = None,
        again: np.ndarray | None = None,
    ) -> Listing:
        """Make a listing.

        Parameters
        ----------
        queue : one of :data:`QUEUES`
        order : one of :data:`ORDERS`
        chosen : Chosen or None
            The selection. Cells that it names come first.
        found : callable or None
            Which of the (suggestions, rows) the search keeps.
        cells : (rows, labels), optional
            The cells of a queue of :data:`CELL_QUEUES`. The audit and the sample of a list are listed whole and as they are;
            unknown cells keep their groups, in whatever order.
        again : int array, optional
            Decided suggestions that come back unmarked, by position: some at places between the others of the whole queue "pending".

        Raises
        ------
        DataError
            If there is no such queue or order.
        """
        if queue not in QUEUES or order not in ORDERS:
            known = f"a queue of {', '.join(QUEUES)} and an order of {', '.join(ORDERS)}"
            raise DataError(f"worklist: expected {known}, got {queue!r} and {order!r}")
        suggestions, rows, labels = self._of_queue(queue, cells, chosen)
        if queue in AS_DRAWN:
            return self._keep(Listing(f"L{next(self._tokens)}", suggestions, rows, labels, blind=queue == "audit"))
        keep = np.ones(len(rows), bool) if chosen is None else chosen.keeps(rows, labels)
        if found is not None:
            keep &= found(suggestions, rows)
        sequence = np.flatnonzero(keep)
        if queue not in AS_GIVEN:
            sequence = sequence[self._order(order, suggestions[sequence], rows[sequence])]
        later = np.zeros(len(sequence), bool)
        if chosen is not None and queue != "unknown":
            later = ~chosen.names(rows[sequence], labels[sequence])
            first = np.argsort(later, kind="stable")
            sequence, later = sequence[first], later[first]
        learns = order == "learned" and queue not in AS_GIVEN
        token = f"L{next(self._tokens)}"
        listing = Listing(token, suggestions[sequence], rows[sequence], labels[sequence], later=later if learns else None)
        if again is not None and queue == "pending" and chosen is None and found is None:
            self._mix(listing, again)
        return self._keep(listing)

    def _mix(self, listing: Listing, again: np.ndarray) -> None:
        """Put some decided suggestions between the entries of a list."""
        places = spread_places(len(listing.rows), len(again))
        back = again[: len(places)]
        at = places - np.arange(len(places))
        listing.again = np.insert(np.zeros(len(listing.rows), bool), at, values=True)
        listing.suggestions = np.insert(listing.suggestions, at, back)
        listing.rows = np.insert(listing.rows, at, self.rows[back])
        listing.labels = np.insert(listing.labels, at, self.labels[back])
        if listing.later is not None:
            listing.later = np.insert(listing.later, at, values=False)

    def _keep(self, listing: Listing) -> Listing:
        self._listings[listing.token] = listing
        while len(self._listings) > KEPT_LISTINGS:
            self._listings.popitem(last=False)
        return listing

    def listing(self, token: str) -> Listing | None:
        """A listing made before, unless it is too long ago."""
        return self._listings.get(token)

    def _of_queue(self, queue: str, cells: Cells | None, chosen: Chosen | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Suggestions, rows and labels of a queue, in the order of the data."""
        if queue in CELL_QUEUES:
            rows, labels = cells if cells is not None else (np.empty(0, np.int64), np.empty(0, np.int64))
            if queue in ("audit", "unknown"):
                return np.full(len(rows), -1, np.int64), rows, labels
            return self.on_all(rows, labels), rows, labels
        if queue == "all" and chosen is not None:
            rows, labels = chosen.named
            whole = np.flatnonzero(chosen.whole)
            suggestions = np.concatenate([self.on_all(rows, labels), self._first[whole]])
            return suggestions, np.concatenate([rows, whole]), np.concatenate([labels, np.append(self.labels, -1)[self._first[whole]]])
        if queue == "all":
            suggestions, rows = self._first, np.arange(self._dataset.n_items)
        else:
            suggestions = np.flatnonzero((self.verdicts == VERDICTS.index(queue)) & self.listed)
            rows = self.rows[suggestions]
        return suggestions, rows, np.append(self.labels, -1)[suggestions]

    def _order(self, order: str, suggestions: np.ndarray, rows: np.ndarray) -> np.ndarray:
        place = np.where(suggestions < 0, self.frame.height, suggestions)  # the frame is best first
        if order == "data":
            return np.lexsort((place, rows))
        if order == "suspicion":
            return np.lexsort((place, rows, suspicion_places(self._suspicion)[rows]))
        if order == "shuffled":
            return np.argsort(shuffled_places(self._dataset.n_items)[rows], kind="stable")
        if order == "uncertain":
            return np.lexsort((rows, -place))
        if order in ("confidence", "learned"):  # until something was learnt
            return np.lexsort((rows, place))
        if order == "group":
            return np.lexsort((rows, place, _or_last(self._group_places)[suggestions]))
        of_label = np.asarray(self._dataset.labels.n_positive) if order == "rare" else label_places(self._dataset.label_names)
        labels = np.append(self.labels, self._dataset.n_labels)[suggestions]
        return np.lexsort((rows, place, _or_last(of_label)[labels]))

    @cached_property
    def _cells(self) -> tuple[np.ndarray, np.ndarray]:
        """The suggested cells in their order, as one number each, and the position of the best suggestion on each."""
        cells, first = np.unique(self.rows * self._dataset.n_labels + self.labels, return_index=True)
        return cells, first

    @cached_property
    def _group_places(self) -> np.ndarray:
        return group_places(self.frame, self.labels, self._dataset.n_labels)


def _or_last(places: np.ndarray) -> np.ndarray:
    """Places, and one behind all of them for what has none."""
    return np.append(places, places.max(initial=0) + 1)


@dataclass
class Suggested:
    """The worklist that stands: another one, assigned as a whole, whenever suggestions are made anew.

    Attributes
    ----------
    worklist : Worklist
    """

    worklist: Worklist
