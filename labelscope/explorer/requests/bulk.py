"""The answers about the selection as a whole: one label set on all of it, or all of it confirmed; shown before it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN
from labelscope.errors import DataError
from labelscope.explorer.asked import as_state
from labelscope.explorer.bulk_edit import BulkEdit, plan
from labelscope.explorer.cards import Cards
from labelscope.explorer.cell_terms import CellTerms
from labelscope.explorer.decisions import Decisions
from labelscope.explorer.filters import Filters
from labelscope.explorer.label_column import CurrentLabels
from labelscope.explorer.messages import ApplyBulkAsked, BulkAsked
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.replies.review import BatchApplied, BulkItem, BulkRule, BulkShown
from labelscope.explorer.requests.request import Request
from labelscope.explorer.stage_results import check_cell
from labelscope.explorer.versions import Versions
from labelscope.session import Session
from labelscope.suggest.label_logic import followed

__all__ = ["BulkRequests"]

STATES = {"add": POSITIVE, "remove": NEGATIVE, "unknown": UNKNOWN}
WINDOW = 50
TEXT = 140


class BulkRequests:
    """Answers about the selection as a whole.

    Parameters
    ----------
    session : Session
    filters : Filters
    labels : CurrentLabels
    cells : CellTerms
    cards : Cards
    decisions : Decisions
    versions : Versions
    """

    def __init__(
        self,
        session: Session,
        filters: Filters,
        labels: CurrentLabels,
        cells: CellTerms,
        cards: Cards,
        decisions: Decisions,
        versions: Versions,
    ) -> None:
        self._session, self._dataset = session, session.dataset
        self._filters, self._labels, self._cells = filters, labels, cells
        self._cards, self._decisions, self._versions = cards, decisions, versions

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"bulk": self.preview, "bulk_apply": self.apply}

    def preview(self, request: Request) -> Reply:
        """What would change: how many cells, what the rules change with them, and a window of the items."""
        asked = request.read(BulkAsked)
        if asked.do == "confirm":
            rows = np.flatnonzero(self._selected())
            kept = rows[~np.isin(rows, asked.without)]
            shown = BulkShown(
                self._versions["selection"], self._decisions.confirming(kept), len(kept), entries=self._items(rows, -1, asked)
            )
            return Reply(shown)
        made = self._plan(asked)
        names = self._dataset.label_names
        shown = BulkShown(
            selection=self._versions["selection"],
            total=len(made.cells),
            items=len(made.rows),
            same=made.n_same,
            decided=made.n_decided,
            rules=[BulkRule(names[one.label], as_state(one.state), len(one.rows)) for one in made.along],
            entries=self._items(np.union1d(made.rows, made.unticked), made.label, asked),
        )
        return Reply(shown)

    def apply(self, request: Request) -> Reply:
        """Do what was shown: one batch, one undo.

        Raises
        ------
        DataError
            If the selection or what would change is another than was shown, or nothing would change.
        """
        asked = request.read(ApplyBulkAsked)
        if asked.selection != self._versions["selection"]:
            raise DataError("selection: expected the items that were shown, got others: the selection has changed; look again")
        if asked.do == "confirm":
            rows = np.flatnonzero(self._selected())
            total = self._decisions.confirm_all(rows[~np.isin(rows, asked.without)])
        else:
            cells = self._plan(asked).cells
            if len(cells) != asked.total:
                raise DataError(f"selection: expected {asked.total:,} cells as shown, got {len(cells):,}: somebody decided; look again")
            if not cells:
                raise DataError("selection: expected at least one cell that changes, got none; choose another label")
            total = self._decisions.edit_all(cells)
        return Reply(BatchApplied(counts=self._decisions.counts(), decisions=self._decisions.version, total=total))

    def _selected(self) -> np.ndarray:
        if self._filters.mask is None:
            raise DataError("selection: expected selected items, got none; draw a lasso or filter first")
        return self._filters.mask

    def _plan(self, asked: BulkAsked | ApplyBulkAsked) -> BulkEdit:
        check_cell(self._dataset, 0, asked.label)
        without = np.array([row for row in asked.without if 0 <= row < self._dataset.n_items], np.int64)
        return plan(
            self._selected(),
            asked.label,
            STATES[asked.do],
            without,
            column=self._labels.column,
            decided=self._cells.of_label["decided"],
            constraints=followed(self._dataset, self._session.constraints.in_force),
        )

    def _items(self, rows: np.ndarray, label: int, asked: BulkAsked) -> list[BulkItem]:
        offset = max(0, asked.offset)
        shown = rows[offset : offset + WINDOW]
        states = self._labels.column(label)[shown].tolist() if label >= 0 else [POSITIVE] * len(shown)
        return [
            BulkItem(row, str(self._dataset.item_ids[row]), " ".join(self._cards.text(row).split())[:TEXT], as_state(state))
            for row, state in zip(shown.tolist(), states, strict=True)
        ]
