"""The answers about the worklist: its windows, and the decisions taken in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from msgspec import UNSET
from msgspec.structs import replace

from labelscope.data.dataset import Dataset
from labelscope.explorer import map_geometry
from labelscope.explorer.audit_sample import Sample
from labelscope.explorer.cards import Cards
from labelscope.explorer.decisions import Decisions, Step
from labelscope.explorer.extra_queues import DecidedUnlike, LabelNext
from labelscope.explorer.filters import Filters
from labelscope.explorer.judge_agrees import JudgeAgrees
from labelscope.explorer.known_voters import KnownVoters
from labelscope.explorer.learned_order import LearnedOrder
from labelscope.explorer.messages import ConfirmAsked, DecideAsked, EditAsked, StepAsked, WordsAsked, WorklistAsked
from labelscope.explorer.open_conflicts import OpenConflicts
from labelscope.explorer.replies.card import Entry
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.replies.review import Decided, Edited, Found, Listed, Stepped
from labelscope.explorer.replies.state import Counts
from labelscope.explorer.requests.request import Request
from labelscope.explorer.rest_sample import RestSample
from labelscope.explorer.search import Search
from labelscope.explorer.second_looks import SecondLooks
from labelscope.explorer.stage_results import check_cell
from labelscope.explorer.unknown_cells import UnknownCells
from labelscope.explorer.worklist import Listing, Suggested
from labelscope.query.terms import Cells

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
    learned : LearnedOrder
    agreed : JudgeAgrees
    voters : KnownVoters
    unknown : UnknownCells
    rest : RestSample
    looks : SecondLooks
    label_next : LabelNext
    unlike : DecidedUnlike
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
        learned: LearnedOrder,
        agreed: JudgeAgrees,
        voters: KnownVoters,
        unknown: UnknownCells,
        rest: RestSample,
        looks: SecondLooks,
        label_next: LabelNext,
        unlike: DecidedUnlike,
    ) -> None:
        self._dataset, self._suggested, self._cards, self._decisions = dataset, suggested, cards, decisions
        self._filters, self._search, self._conflicts, self._sample = filters, search, conflicts, sample
        self._learned, self._agreed, self._voters = learned, agreed, voters
        self._unknown, self._rest, self._looks = unknown, rest, looks
        self._label_next, self._unlike = label_next, unlike

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {
            "worklist": self.worklist, "decide": self.decide, "edit": self.edit, "confirm": self.confirm,
            "undo": self.undo, "redo": self.redo, "find": self.find,
        }  # fmt: skip

    def worklist(self, request: Request) -> Reply:
        """A window of a listing; the listing is made if it is not named, or too old."""
        asked, worklist = request.read(WorklistAsked), self._suggested.worklist
        listing = worklist.listing(asked.listing)
        if listing is None:
            found = self._search.entries(asked.query)
            listing = worklist.open(
                asked.queue, asked.order, self._filters.chosen, found, cells=self._cells_of(asked.queue), again=self._looks.due
            )
            if asked.order != "learned":
                worklist.likely = None
            if asked.queue == "ask_next":
                listing.whom = self._voters.whom()
        offset = max(0, asked.offset)
        window = slice(offset, offset + min(LARGEST_WINDOW, max(0, asked.limit)))
        if listing.later is not None and window.stop > listing.n_shown:
            worklist.likely = self._learned.likely(worklist)
            listing.renew(worklist.likely)
            listing.n_shown = window.stop
        listed = Listed(
            *self._tally(), listing=listing.token, total=len(listing.rows), offset=offset, entries=self._entries(listing, window)
        )
        return Reply(listed)

    def _cells_of(self, queue: str) -> Cells | None:
        """The cells of a queue that is no list of suggestions; of no other queue are they gathered."""
        of: dict[str, Callable[[], Cells]] = {
            "agreed": lambda: self._agreed.cells, "label_next": self._label_next.cells, "unlike": self._unlike.cells,
            "ask_next": self._voters.wanted_cells, "ambiguous": self._voters.ambiguous,
            "unknown": lambda: self._unknown.cells(self._unknown.left(None)), "sample": lambda: self._rest.left,
            "conflicts": lambda: self._conflicts.cells, "audit": lambda: self._sample.left,
        }  # fmt: skip
        return of[queue]() if queue in of else None

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

    def confirm(self, request: Request) -> Reply:
        """Say that the labels of an item are right as they stand; what is suggested for it is rejected with the same undo."""
        asked = request.read(ConfirmAsked)
        check_cell(self._dataset, asked.row)
        n = self._decisions.confirm(asked.row)
        suggestion = self._suggested.worklist.position(asked.suggestion) if asked.suggestion else -1
        return Reply(Decided(*self._tally(), entry=self._entry(asked.row, suggestion), n=n))

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
        entries = [self._entry(*one) for one in zip(rows, suggestions, labels, strict=True)]
        for k in () if listing.again is None else np.flatnonzero(listing.again[window]):
            if suggestions[k] in self._looks:
                entries[k] = self._cards.entry(rows[k], suggestions[k], unmarked=True)
        return [replace(entry, ask=listing.whom.get(entry.row, UNSET)) for entry in entries] if listing.whom else entries

    def _stepped(self, step: Step | None, request: Request) -> Reply:
        asked = request.read(StepAsked)
        if step is None:
            return Reply(Stepped(*self._tally(), entry=None, label="", n=0))
        if step.text or step.group:
            return Reply(Stepped(*self._tally(), entry=None, label=step.label, n=1, text=step.text, group=step.group))
        known = self._dataset.has_label(step.label)  # a label that came by an edit of the label set is on no card
        cell = (step.row, self._dataset.label_position(step.label) if known else -1)
        if asked.blind and cell in self._sample:
            entry = self._cards.question(*cell, self._sample.judgement(cell))
        else:
            about = cell[1] if step.suggestion < 0 and self._unknown.proposed(*cell, -1) else -1
            back = step.suggestion in self._looks
            entry = self._cards.entry(step.row, step.suggestion, unmarked=True) if back else self._entry(step.row, step.suggestion, about)
        stepped = Stepped(*self._tally(), entry=entry, label=step.label, n=step.n, kept=step.kept, by=list(step.by), reason=step.reason)
        return Reply(stepped)
