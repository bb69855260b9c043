"""The answers of grid mode: many items about one question, of which a person unticks the wrong ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from labelscope.data.dataset import Dataset
from labelscope.data.labels import NEGATIVE, POSITIVE
from labelscope.errors import DataError
from labelscope.explorer.cards import Cards
from labelscope.explorer.cell_terms import CellTerms
from labelscope.explorer.decisions import Decisions
from labelscope.explorer.label_column import CurrentLabels
from labelscope.explorer.messages import ApplyGridAsked, GridAsked
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.replies.review import BatchApplied, GridItem, GridShown
from labelscope.explorer.requests.request import Request
from labelscope.explorer.stage_results import check_cell
from labelscope.explorer.unknown_cells import UnknownCells
from labelscope.explorer.worklist import UNDECIDED, Listing, Suggested

__all__ = ["GridRequests"]

AT_ONCE = 24
LARGEST = 200  # items that somebody could have looked at
TEXT = 180


class GridRequests:
    """Answers about many items at once.

    Parameters
    ----------
    dataset : Dataset
    suggested : Suggested
    unknown : UnknownCells
    labels : CurrentLabels
    cells : CellTerms
    cards : Cards
    decisions : Decisions
    """

    def __init__(
        self,
        dataset: Dataset,
        suggested: Suggested,
        unknown: UnknownCells,
        labels: CurrentLabels,
        cells: CellTerms,
        cards: Cards,
        decisions: Decisions,
    ) -> None:
        self._dataset, self._suggested, self._unknown, self._labels = dataset, suggested, unknown, labels
        self._cells, self._cards, self._decisions = cells, cards, decisions

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"grid": self.shown, "grid_apply": self.apply}

    def shown(self, request: Request) -> Reply:
        """The next items of a list that are about the same label and state as one entry, and that nobody has decided."""
        asked = request.read(GridAsked)
        listing = self._suggested.worklist.listing(asked.listing)
        if listing is None or not 0 <= asked.at < len(listing.rows):
            raise DataError("grid: expected an entry of a list that was made lately; refresh the list")
        label = int(listing.labels[asked.at])
        if label < 0 or listing.blind:
            raise DataError("grid: expected an entry that is about a label, got a whole item; filter for one, as in unknown:LABEL")
        state = self._states(listing, label)[asked.at]
        same = (listing.labels == label) & (self._states(listing, label) == state) & self._waiting(listing, label)
        places = np.flatnonzero(same)
        ahead = places[places >= asked.at]
        rows = listing.rows[ahead if len(ahead) else places]
        return Reply(
            GridShown(
                label=label,
                name=self._dataset.label_names[label],
                state=1 if state == POSITIVE else 0,
                left=len(places),
                items=[self._item(row) for row in rows[:AT_ONCE].tolist()],
                ahead=rows[AT_ONCE : 2 * AT_ONCE].tolist(),
            )
        )

    def apply(self, request: Request) -> Reply:
        """Decide on the items that were shown: those that are ticked get the state, the others the opposite; one batch, one undo.

        What suggestions among the ticked ones make necessary goes with them.
        """
        asked = request.read(ApplyGridAsked)
        if not 0 < len(set(asked.rows)) == len(asked.rows) <= LARGEST or not set(asked.wrong) <= set(asked.rows):
            raise DataError(f"grid: expected 1 to {LARGEST} items, each once, and the wrong ones among them; reload the view")
        for row in asked.rows:
            check_cell(self._dataset, row, asked.label)
        rows = np.array(asked.rows, np.int64)
        right = ~np.isin(rows, asked.wrong)
        states = np.where(right, asked.state, 1 - asked.state)
        worklist = self._suggested.worklist
        on = worklist.on_all(rows, np.full(len(rows), asked.label, np.int64))
        ticked = on[right & (on >= 0)]
        along = worklist.with_companions(ticked[worklist.adds[ticked] == (asked.state == POSITIVE)])
        along = along[worklist.labels[along] != asked.label]
        cells = [(row, asked.label, state) for row, state in zip(asked.rows, states.tolist(), strict=True)]
        more = zip(worklist.rows[along].tolist(), worklist.labels[along].tolist(), worklist.adds[along].astype(int).tolist(), strict=True)
        self._decisions.edit_all([*cells, *more])
        return Reply(BatchApplied(self._decisions.counts(), self._decisions.version, total=len(cells)))

    def _states(self, listing: Listing, label: int) -> np.ndarray:
        """What each entry would become, int8: what is suggested or proposed, else what it is; unknown counts as present."""
        now = self._labels.column(label)[listing.rows]
        places = self._unknown.places((listing.rows, listing.labels))
        proposed = np.append(self._unknown.states, 0)[places]
        adds = np.append(self._suggested.worklist.adds, False)[listing.suggestions]
        states = np.where(places >= 0, proposed, np.where(now == NEGATIVE, NEGATIVE, POSITIVE))
        return np.where(listing.suggestions >= 0, adds.astype(np.int8), states)

    def _waiting(self, listing: Listing, label: int) -> np.ndarray:
        """Whether nobody has decided on each entry."""
        verdicts = np.append(self._suggested.worklist.verdicts, 0)[listing.suggestions]
        decided = np.isin(listing.rows, self._cells.of_label["decided"](label)[0])
        return np.where(listing.suggestions >= 0, np.isin(verdicts, UNDECIDED), ~decided)

    def _item(self, row: int) -> GridItem:
        text = " ".join(self._cards.text(row).split())[:TEXT]
        return GridItem(row, str(self._dataset.item_ids[row]), text, self._dataset.image is not None)
