"""Labels that are just being made: what to look at next, by what was decided about them in this session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN
from labelscope.errors import DataError
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

    @Computed
    def _content(self) -> Dataset:
        """The items as a growing label is looked for in them: one object, so that what the rounds have in common is kept for it."""
        plain = self.dataset.embeddings is None and self.dataset.text is not None and self.model is None
        return self.dataset if plain else replace(self.dataset, embeddings=self.embeddings)
