"""The answers about unknown cells with a pseudo-label: what becomes of how many, and the decisions on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from labelscope.errors import DataError
from labelscope.explorer.cards import Cards
from labelscope.explorer.decisions import Decisions
from labelscope.explorer.filters import Filters
from labelscope.explorer.messages import AcceptUnknownAsked, DecideUnknownAsked, ListingAsked
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.replies.review import BatchApplied, Decided
from labelscope.explorer.requests.request import Request
from labelscope.explorer.unknown_cells import UnknownCells
from labelscope.explorer.worklist import Suggested

__all__ = ["UnknownRequests"]


class UnknownRequests:
    """Answers about unknown cells.

    Parameters
    ----------
    unknown : UnknownCells
    suggested : Suggested
    filters : Filters
    cards : Cards
    decisions : Decisions
    """

    def __init__(self, unknown: UnknownCells, suggested: Suggested, filters: Filters, cards: Cards, decisions: Decisions) -> None:
        self._unknown, self._suggested, self._filters = unknown, suggested, filters
        self._cards, self._decisions = cards, decisions

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"unknown": self.groups, "unknown_decide": self.decide, "unknown_accept": self.accept}

    def groups(self, request: Request) -> Reply:
        """The groups of label and state, and what stays unknown."""
        listing = self._suggested.worklist.listing(request.read(ListingAsked).listing)
        listed = (np.empty(0, np.int64),) * 2 if listing is None else (listing.rows, listing.labels)
        return Reply(self._unknown.shown(self._filters.chosen, listed))

    def decide(self, request: Request) -> Reply:
        """Accept what is proposed for one cell, say that it is the other state, or leave it unknown."""
        asked = request.read(DecideUnknownAsked)
        self._decisions.decide_unknown(asked.row, asked.label, asked.verdict)
        entry = self._cards.entry(asked.row, label=asked.label)
        return Reply(Decided(self._decisions.counts(), self._decisions.version, entry=entry, n=1))

    def accept(self, request: Request) -> Reply:
        """Accept a group as it was shown: one batch, one undo.

        Raises
        ------
        DataError
            If it is another than was shown, or empty.
        """
        asked = request.read(AcceptUnknownAsked)
        places = self._unknown.of_group(asked.label, asked.state, self._filters.chosen)
        if len(places) != asked.total or not len(places):
            raise DataError(f"group: expected {asked.total:,} cells as shown, got {len(places):,}: somebody decided meanwhile; look again")
        total = self._decisions.accept_unseen(*self._unknown.cells(places), self._unknown.states[places], self._unknown.source)
        return Reply(BatchApplied(self._decisions.counts(), self._decisions.version, total=total))
