"""The answers about accepting the rest of a list: its sample, what may go unseen by it, and letting that go."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from labelscope.errors import DataError
from labelscope.explorer.decisions import Decisions
from labelscope.explorer.filters import Filters
from labelscope.explorer.messages import AcceptRestAsked, DrawRestAsked, RestAsked
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.replies.review import BatchApplied, Sampled
from labelscope.explorer.requests.request import Request
from labelscope.explorer.rest_sample import SUGGESTION, RestSample
from labelscope.explorer.unknown_cells import UnknownCells
from labelscope.explorer.worklist import UNDECIDED, Suggested
from labelscope.query.terms import Cells

__all__ = ["RestRequests"]


class RestRequests:
    """Answers about accepting the rest of a list.

    Parameters
    ----------
    label_names : sequence of str
    rest : RestSample
    unknown : UnknownCells
    suggested : Suggested
    filters : Filters
    decisions : Decisions
    """

    def __init__(
        self,
        label_names: tuple[str, ...],
        rest: RestSample,
        unknown: UnknownCells,
        suggested: Suggested,
        filters: Filters,
        decisions: Decisions,
    ) -> None:
        self._names, self._rest, self._unknown, self._suggested = label_names, rest, unknown, suggested
        self._filters, self._decisions = filters, decisions

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"rest_draw": self.draw, "rest": self.shown, "rest_accept": self.accept}

    def draw(self, request: Request) -> Reply:
        """Draw a sample of a list: of a group of unknown cells where a label is named, else of the open suggestions that are listed."""
        asked = request.read(DrawRestAsked)
        if asked.label >= 0:
            self._draw_unknown(self._unknown.of_group(asked.label, asked.state, self._filters.chosen), self._title(asked))
        else:
            self._draw_listed(asked.listing)
        self._decisions.show_rest()
        return Reply(Sampled(self._decisions.counts(), self._decisions.version, n=len(self._rest)))

    def shown(self, request: Request) -> Reply:
        """How far the sample is judged, and what may go."""
        return Reply(self._rest.shown(request.read(RestAsked).alpha))

    def accept(self, request: Request) -> Reply:
        """Accept what may go: one batch, one undo. The sample is over then.

        Raises
        ------
        DataError
            If that is other than was shown, or nothing.
        """
        asked, rest = request.read(AcceptRestAsked), self._rest
        places = rest.free(asked.alpha)
        if len(places) != asked.total or not len(places):
            raise DataError(f"rest: expected {asked.total:,} cells as shown, got {len(places):,}: somebody decided meanwhile; look again")
        total = self._decisions.accept_unseen(rest.rows[places], rest.labels[places], rest.states[places], rest.source(asked.alpha))
        return Reply(BatchApplied(self._decisions.counts(), self._decisions.version, total=total))

    def _title(self, asked: DrawRestAsked) -> str:
        return f"{self._names[asked.label]} {'present' if asked.state else 'absent'}"

    def _draw_unknown(self, places: np.ndarray, title: str) -> None:
        self._draw(title, self._unknown.source, self._unknown.cells(places), self._unknown.states[places])

    def _draw_listed(self, token: str) -> None:
        worklist = self._suggested.worklist
        listing = worklist.listing(token)
        if listing is None:
            raise DataError("sample: expected a list that was made lately; refresh the list")
        listed = listing.suggestions[listing.suggestions >= 0]
        if not len(listed):
            waiting = self._unknown.open_of((listing.rows, listing.labels))
            return self._draw_unknown(waiting[waiting >= 0], "unknown cells of the list")
        open_ = listed[np.isin(worklist.verdicts[listed], UNDECIDED)]
        states = worklist.adds[open_].astype(np.int8)
        return self._draw("suggestions of the list", SUGGESTION, (worklist.rows[open_], worklist.labels[open_]), states)

    def _draw(self, title: str, source: str, cells: Cells, states: np.ndarray) -> None:
        if not len(states):
            raise DataError("sample: expected a list with open suggestions or unknown cells, got none; choose another list")
        self._rest.draw(title, source, *cells, states)
