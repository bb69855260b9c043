"""Labels that are just being made: what to look at next, by what was decided about them in this session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN
from labelscope.errors import DataError
from labelscope.review.early_verdicts import EarlyVerdicts
from labelscope.session.deciding import Deciding
from labelscope.stages.results import Computed

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset
    from labelscope.suggest.grow import LabelRound

__all__ = ["Growing"]


class Growing(Deciding):
    """A review in which labels grow."""

    def next_round(
        self, name: str, *, negatives: Iterable[object] = (), description: str | None = None, n: int = 20, n_sampled: int | None = None
    ) -> LabelRound:
        """What to look at next for a label that grows, as :func:`labelscope.grow_label`, and how many items have it.

        The label may be there already (:meth:`apply` with :meth:`labelscope.LabelEdit.new`): what was decided about it counts.

        Parameters
        ----------
        name : str
        negatives : iterable of item ids
            Items that have not got it, besides those that were decided.
        description : str, optional
        n, n_sampled : int
            As for :func:`labelscope.grow_label`.

        Returns
        -------
        LabelRound
            Its `frame` has item_id and probability; its `count` says how many items have the label. Where nothing is known of the
            label, items at random.

        Raises
        ------
        DataError
            If the label is there and each of its cells is known, or it went by an edit of the label set.
        StageError
            If there is nothing to embed.
        """
        from labelscope.suggest.grow import next_round

        states = self.states(name)
        if not (states == UNKNOWN).any():
            raise DataError(
                f"name: expected a new label, or one with unknown cells, got {name!r}, whose cells are all known; choose another"
            )
        ids = self.dataset.item_ids
        positives, decided = (ids.gather(np.flatnonzero(states == state)).to_list() for state in (POSITIVE, NEGATIVE))
        return next_round(self._content, name, positives, [*decided, *negatives], description=description, n=n, n_sampled=n_sampled)

    def states(self, label: str) -> np.ndarray:
        """States of a label on every item now, int8 (n_items,): 1, 0 or -1. All unknown for a label that is not there yet.

        Raises
        ------
        DataError
            If the label went by an edit of the label set.
        """
        self._label_set.check(label)
        return self._label_set.states(label)

    def judge_early(self, label: str, item_id: object, state: int) -> None:
        """Say of a label that is not there yet that an item has not got it: kept in the ledger until it is (:meth:`settle_early`).

        Parameters
        ----------
        label : str
        item_id : object
        state : {0, -1}
            -1 takes it back.

        Raises
        ------
        DataError
            If there is no such item, or the state is another one.
        LedgerError
            If it could not be made durable; then what was said before stands.
        """
        if state not in (NEGATIVE, UNKNOWN):
            raise DataError(f"state: expected 0 or -1 of a label that is not there yet, got {state!r}; its first positive makes the label")
        self._early.say(label, self._key(item_id), state)

    def early_negatives(self, label: str) -> np.ndarray:
        """Rows of the items of which this reviewer said :meth:`judge_early`, int64, in that order; those that are gone left out."""
        said = filter(self.dataset.has_item, self._early.negatives(label))
        return np.array([self.dataset.position(item) for item in said], np.int64)

    def settle_early(self, label: str) -> int:
        """Write what this reviewer said of a label before it was there, as one batch of decisions: on how many cells.

        Cells on which somebody decided since are left as they are.

        Raises
        ------
        LedgerError
            If it could not be made durable; then it waits as before.
        """
        if not (rows := self.early_negatives(label)).size:
            return 0
        rows = rows[self.states(label)[rows] == UNKNOWN]
        decided = self.decisions.filter(~pl.col("undone"), label=label)["item_id"]
        ids = pl.Series(self.dataset.item_ids.gather(rows))
        waiting = ids.filter(~ids.is_in(decided.implode())).to_list()
        if waiting:
            self.edit_all([(item, label, NEGATIVE) for item in waiting])
        return len(waiting)

    @cached_property
    def _early(self) -> EarlyVerdicts:
        return EarlyVerdicts(self._ledger, lambda: self.reviewer)

    def _key(self, item_id: object) -> str:
        """An item as the ledger names it."""
        return str(self.dataset.item_ids[self.dataset.position(item_id)])

    @Computed
    def _content(self) -> Dataset:
        """The items as a growing label is looked for in them: one object, so that what the rounds have in common is kept for it."""
        plain = self.dataset.embeddings is None and self.dataset.text is not None and self.model is None
        return self.dataset if plain else replace(self.dataset, embeddings=self.embeddings)
