"""The answers about the selection: whatever a view clicks becomes a filter that all views share."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from labelscope.data.dataset import Dataset
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN
from labelscope.errors import DataError
from labelscope.explorer import map_geometry
from labelscope.explorer.decisions import Decisions
from labelscope.explorer.filters import Filters
from labelscope.explorer.label_column import CurrentLabels
from labelscope.explorer.messages import (
    DrawnAsked,
    FilterAsked,
    ItemFilter,
    KeyAsked,
    LabelFilter,
    PairFilter,
    QueryFilter,
    RelationFilter,
    Request,
    RowsAsked,
    SimilarFilter,
    StrokeAsked,
)
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.replies.state import Selected
from labelscope.explorer.stage_results import StageResults, check_cell
from labelscope.explorer.versions import Versions
from labelscope.query.terms import ItemTerms

__all__ = ["SelectionRequests"]

MOST_SIMILAR = 5000
STATE_TITLES = {POSITIVE: "{}", NEGATIVE: "not {}", UNKNOWN: "{} unknown"}
RELATION_TITLES = {
    "implies": "{} without {}", "identical": "{} or {}, not both", "exclusive": "{} and {}", "overlaps": "{} and {}",
}  # fmt: skip


class SelectionRequests:
    """Answers about the selected items.

    Parameters
    ----------
    dataset : Dataset
    filters : Filters
    labels : CurrentLabels
    terms : ItemTerms
    results : StageResults
    decisions : Decisions
        Counts the queues.
    versions : Versions
    """

    def __init__(
        self,
        dataset: Dataset,
        filters: Filters,
        labels: CurrentLabels,
        terms: ItemTerms,
        results: StageResults,
        decisions: Decisions,
        versions: Versions,
    ) -> None:
        self._dataset, self._filters, self._labels, self._terms = dataset, filters, labels, terms
        self._results, self._decisions, self._versions = results, decisions, versions

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {
            "selection": self.selection, "lasso": self.lasso, "brush": self.brush, "select": self.select,
            "filter": self.filter, "unfilter": self.unfilter, "negate": self.negate,
        }  # fmt: skip

    def selection(self, _: Request) -> Reply:
        """The selected items as one bit an item, and the filters that led there."""
        filters = self._filters
        selected = Selected(self._versions["selection"], filters.n_selected, self._decisions.counts(), filters.chips)
        return Reply(selected, [] if filters.mask is None else [map_geometry.pack(filters.mask)])

    def lasso(self, request: Request) -> Reply:
        """Items inside a polygon: float32 x, y pairs in the buffer."""
        asked = request.read(DrawnAsked)
        self._filters.draw(self._results.inside(_points(request)), asked.mode)
        return self.selection(request)

    def brush(self, request: Request) -> Reply:
        """Items near a stroke: float32 x, y pairs in the buffer, `radius` in units of the map."""
        asked, stroke = request.read(StrokeAsked), _points(request)
        if not len(stroke):
            raise DataError("brush: expected at least one float32 x, y pair, got none; reload the view")
        self._filters.draw(self._results.near(stroke, asked.radius), asked.mode)
        return self.selection(request)

    def select(self, request: Request) -> Reply:
        """Exactly these items; none clears all filters."""
        rows, dataset = request.read(RowsAsked).rows, self._dataset
        if any(not 0 <= row < dataset.n_items for row in rows):
            raise DataError(f"select: expected items from 0 to {dataset.n_items - 1}; reload the view")
        title = f"Item {dataset.item_ids[rows[0]]}" if len(rows) == 1 else "Picked items"
        self._filters.select(self._only(rows) if rows else None, title)
        return self.selection(request)

    def filter(self, request: Request) -> Reply:
        """One more filter: a query, a label, a pair of labels, a relation, items like one, or one item."""
        asked: FilterAsked = request.read(FilterAsked)  # type: ignore[arg-type]  # a union is no type to mypy
        kind = str(asked.__struct_config__.tag)
        title, mask = self._made(asked)
        if kind == "item":
            rest = self._filters.without("item")
            if rest is not None and not (rest & mask).any():  # an item outside of the selection: it alone
                self._filters.clear()
        self._filters.put(kind, title, mask, only=kind in {"item", "similar"})
        return self.selection(request)

    def unfilter(self, request: Request) -> Reply:
        """Take one filter away."""
        self._filters.remove(request.read(KeyAsked).key)
        return self.selection(request)

    def negate(self, request: Request) -> Reply:
        """Turn one filter into its opposite."""
        self._filters.negate(request.read(KeyAsked).key)
        return self.selection(request)

    def _made(self, asked: FilterAsked) -> tuple[str, np.ndarray]:
        """Title and items of a filter."""
        dataset, column = self._dataset, self._labels.column
        match asked:
            case QueryFilter():
                text = " ".join(asked.text.split())
                return text, self._terms.query(text)
            case LabelFilter():
                check_cell(dataset, 0, asked.label)
                return STATE_TITLES[asked.state].format(dataset.label_names[asked.label]), column(asked.label) == asked.state
            case PairFilter():
                for label in (asked.a, asked.b):
                    check_cell(dataset, 0, label)
                both = (column(asked.a) == POSITIVE) & (column(asked.b) == POSITIVE)
                return f"{dataset.label_names[asked.a]} and {dataset.label_names[asked.b]}", both
            case RelationFilter():
                return RELATION_TITLES[asked.relation].format(asked.a, asked.b), self._breaking(asked)
            case SimilarFilter():
                check_cell(dataset, asked.row)
                rows, _ = self._results.similar(asked.row, min(MOST_SIMILAR, max(1, asked.k)))
                return f"Like item {dataset.item_ids[asked.row]}", self._only([asked.row, *rows.tolist()])
            case ItemFilter():
                check_cell(dataset, asked.row)
                return f"Item {dataset.item_ids[asked.row]}", self._only([asked.row])

    def _breaking(self, asked: RelationFilter) -> np.ndarray:
        """The items that break a relation (those that have both, where it cannot be broken)."""
        a, b = (self._labels.column(self._dataset.label_position(name)) for name in (asked.a, asked.b))
        without = (a == POSITIVE) & (b == NEGATIVE)
        masks = {"implies": without, "identical": without | ((a == NEGATIVE) & (b == POSITIVE))}
        return masks.get(asked.relation, (a == POSITIVE) & (b == POSITIVE))

    def _only(self, rows: list[int]) -> np.ndarray:
        mask = np.zeros(self._dataset.n_items, bool)
        mask[rows] = True
        return mask


def _points(request: Request) -> np.ndarray:
    if len(request.buffers) != 1 or len(request.buffers[0]) % 8:
        raise DataError(f"{request.kind}: expected one buffer of float32 x, y pairs; reload the view")
    return np.frombuffer(request.buffers[0], np.float32).reshape(-1, 2)
