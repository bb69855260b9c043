"""The answers about the worklist: its windows, and the decisions taken in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from labelscope.data.dataset import Dataset
from labelscope.explorer import map_geometry
from labelscope.explorer.audit_sample import Sample
from labelscope.explorer.cards import Cards
from labelscope.explorer.decisions import Decisions, Step
from labelscope.explorer.filters import Filters
from labelscope.explorer.messages import DecideAsked, EditAsked, Request, StepAsked, WordsAsked, WorklistAsked
from labelscope.explorer.open_conflicts import OpenConflicts
from labelscope.explorer.replies.card import Entry
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.replies.review import Decided, Edited, Found, Listed, Stepped
from labelscope.explorer.replies.state import Counts
from labelscope.explorer.search import Search
from labelscope.explorer.worklist import Listing, Suggested

__all__ = ["ReviewRequests"]

LARGEST_WINDOW = 200


class ReviewRequests:
    """Answers about the worklist.

    Parameters
    ----------
    dataset : Dataset
    suggested : Suggested
    cards : Cards
    decisions : Decisions
    filters : Filters
    search : Search
    conflicts : OpenConflicts
    sample : Sample
    """

    def __init__(
        self,
        dataset: Dataset,
        suggested: Suggested,
        cards: Cards,
        decisions: Decisions,
        filters: Filters,
        search: Search,
        conflicts: OpenConflicts,
        sample: Sample,
    ) -> None:
        self._dataset, self._suggested, self._cards, self._decisions = dataset, suggested, cards, decisions
        self._filters, self._search, self._conflicts, self._sample = filters, search, conflicts, sample

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {
            "worklist": self.worklist, "decide": self.decide, "edit": self.edit, "undo": self.undo, "redo": self.redo, "find": self.find,
        }  # fmt: skip

    def worklist(self, request: Request) -> Reply:
        """A window of a listing; the listing is made if it is not named, or too old."""
        asked, worklist = request.read(WorklistAsked), self._suggested.worklist
        listing = worklist.listing(asked.listing)
        if listing is None:
            cells = {"conflicts": self._conflicts.cells, "audit": self._sample.left}
            listing = worklist.open(asked.queue, asked.order, self._filters.mask, self._search.entries(asked.query), cells=cells)
        offset = max(0, asked.offset)
        window = slice(offset, offset + min(LARGEST_WINDOW, max(0, asked.limit)))
        listed = Listed(
            *self._tally(), listing=listing.token, total=len(listing.rows), offset=offset, entries=self._entries(listing, window)
        )
        return Reply(listed)

    def decide(self, request: Request) -> Reply:
        """Accept, reject or skip one suggestion; with an accepted one goes what it makes necessary."""
        asked = request.read(DecideAsked)
        position, n = self._decisions.decide(asked.suggestion, asked.verdict)
        row = int(self._suggested.worklist.rows[position])
        return Reply(Decided(*self._tally(), entry=self._entry(row, position), n=n))

    def edit(self, request: Request) -> Reply:
        """Set one cell to a state."""
        asked = request.read(EditAsked)
        self._decisions.edit(asked.row, asked.label, asked.state)
        suggestion = self._suggested.worklist.position(asked.suggestion) if asked.suggestion else -1
        chip = self._cards.chip(asked.row, asked.label)
        return Reply(Edited(*self._tally(), entry=self._entry(asked.row, suggestion), chip=chip))

    def undo(self, request: Request) -> Reply:
        """Undo the last decision or batch."""
        return self._stepped(self._decisions.undo(), request)

    def redo(self, request: Request) -> Reply:
        """Redo what was undone last."""
        return self._stepped(self._decisions.redo(), request)

    def find(self, request: Request) -> Reply:
        """The items that a search of the worklist finds, one bit an item; no buffer without words to search for."""
        mask = self._search.items(request.read(WordsAsked).query)
        return Reply(Found(None)) if mask is None else Reply(Found(int(mask.sum())), [map_geometry.pack(mask)])

    def _tally(self) -> tuple[Counts, int]:
        return self._decisions.counts(), self._decisions.version

    def _entry(self, row: int, suggestion: int, label: int = -1) -> Entry:
        return self._cards.entry(row, suggestion, label=label, conflicts=self._conflicts)

    def _entries(self, listing: Listing, window: slice) -> list[Entry]:
        rows, suggestions, labels = (of[window].tolist() for of in (listing.rows, listing.suggestions, listing.labels))
        if listing.blind:
            return [self._cards.question(*cell, self._sample.judgement(cell)) for cell in zip(rows, labels, strict=True)]
        return [self._entry(*one) for one in zip(rows, suggestions, labels, strict=True)]

    def _stepped(self, step: Step | None, request: Request) -> Reply:
        asked = request.read(StepAsked)
        if step is None:
            return Reply(Stepped(*self._tally(), entry=None, label="", n=0))
        known = self._dataset.has_label(step.label)  # a label that came by an edit of the label set is on no card
        cell = (step.row, self._dataset.label_position(step.label) if known else -1)
        if asked.blind and cell in self._sample:
            entry = self._cards.question(*cell, self._sample.judgement(cell))
        else:
            entry = self._entry(step.row, step.suggestion)
        return Reply(Stepped(*self._tally(), entry=entry, label=step.label, n=step.n))
