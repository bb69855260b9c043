"""The answers about the selection: whatever a view clicks becomes a filter that all views share."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from msgspec import UNSET

from labelscope.data.dataset import Dataset
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN
from labelscope.errors import DataError, LabelscopeError
from labelscope.explorer import map_geometry
from labelscope.explorer.decisions import Decisions
from labelscope.explorer.filters import Filters
from labelscope.explorer.known_groups import KnownGroups
from labelscope.explorer.known_health import KnownHealth
from labelscope.explorer.known_regions import KnownRegions
from labelscope.explorer.known_sources import KnownSources
from labelscope.explorer.known_voters import KnownVoters
from labelscope.explorer.label_column import CurrentLabels
from labelscope.explorer.label_figures import figure_cells
from labelscope.explorer.messages import (
    CountAsked,
    DrawnAsked,
    FigureFilter,
    FilterAsked,
    GroupFilter,
    HealthFilter,
    ItemFilter,
    KeyAsked,
    LabelFilter,
    PairFilter,
    PersonalFilter,
    PlaceFilter,
    QueryFilter,
    RelationFilter,
    RowsAsked,
    RuleFilter,
    SimilarFilter,
    SourceFilter,
    StrokeAsked,
    SuggestedFilter,
)
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.replies.state import Counted, CountedQuery, Selected
from labelscope.explorer.requests.request import Request
from labelscope.explorer.stage_results import StageResults, check_cell
from labelscope.explorer.versions import Versions
from labelscope.query.grammar import quoted
from labelscope.query.terms import Asked, ItemTerms

__all__ = ["SelectionRequests"]

ONE_AT_A_TIME = {"item", "similar", "suggested", "rule", "source", "health", "group", "place", "figure"}
MOST_SIMILAR = 5000
MOST_COUNTED = 60
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
    voters : KnownVoters
    sources : KnownSources
    health : KnownHealth
    groups : KnownGroups
    regions : KnownRegions
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
        voters: KnownVoters,
        sources: KnownSources,
        health: KnownHealth,
        groups: KnownGroups,
        regions: KnownRegions,
    ) -> None:
        self._dataset, self._filters, self._labels, self._terms = dataset, filters, labels, terms
        self._results, self._decisions, self._versions, self._voters = results, decisions, versions, voters
        self._sources, self._health, self._groups, self._regions = sources, health, groups, regions

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {
            "selection": self.selection, "lasso": self.lasso, "brush": self.brush, "select": self.select,
            "count": self.count, "filter": self.filter, "unfilter": self.unfilter, "negate": self.negate,
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
        """One more filter: a query, a label, a pair of labels, a relation, a source, items like one, or one item."""
        asked: FilterAsked = request.read(FilterAsked)  # type: ignore[arg-type]  # a union is no type to mypy
        kind = "source" if isinstance(asked, PersonalFilter) else str(asked.__struct_config__.tag)  # one row of that tab at a time
        title, found = self._made(asked)
        if kind == "item":
            rest = self._filters.without("item")
            if rest is not None and not (rest & found.items).any():  # an item outside of the selection: it alone
                self._filters.clear()
        self._filters.put(kind, title, found.items, found.cells, only=kind in ONE_AT_A_TIME)
        return self.selection(request)

    def count(self, request: Request) -> Reply:
        """How much each of some queries would list of all items; nothing is selected."""
        return Reply(Counted([self._counted(query) for query in request.read(CountAsked).queries[:MOST_COUNTED]]))

    def unfilter(self, request: Request) -> Reply:
        """Take one filter away."""
        self._filters.remove(request.read(KeyAsked).key)
        return self.selection(request)

    def negate(self, request: Request) -> Reply:
        """Turn one filter into its opposite."""
        self._filters.negate(request.read(KeyAsked).key)
        return self.selection(request)

    def _counted(self, query: str) -> CountedQuery:
        try:
            found = self._terms.asked(" ".join(query.split()))
        except LabelscopeError as error:
            return CountedQuery(0, error=" ".join(str(error).split()))
        return CountedQuery(int(found.items.sum()), UNSET if found.cells is None else len(found.cells[0]))

    def _made(self, asked: FilterAsked) -> tuple[str, Asked]:
        """Title of a filter, and what it asks for."""
        name = self._dataset.label_names
        match asked:
            case QueryFilter():
                text = " ".join(asked.text.split())
                return text, self._terms.asked(text)
            case SuggestedFilter():
                check_cell(self._dataset, 0, asked.label)
                return f"{asked.action}:{quoted(name[asked.label])}", self._terms.cells(asked.action, asked.label)
            case LabelFilter():
                check_cell(self._dataset, 0, asked.label)
                return STATE_TITLES[asked.state].format(name[asked.label]), Asked(self._labels.column(asked.label) == asked.state, None)
            case PairFilter():
                return f"{name[asked.a]} and {name[asked.b]}", Asked(self._both(asked), None)
            case RelationFilter():
                return RELATION_TITLES[asked.relation].format(asked.a, asked.b), Asked(self._breaking(asked), None)
            case RuleFilter() | SourceFilter() | PersonalFilter() | HealthFilter() | GroupFilter() | PlaceFilter() | FigureFilter():
                return self._of_table(asked)
            case SimilarFilter():
                check_cell(self._dataset, asked.row)
                rows, _ = self._results.similar(asked.row, min(MOST_SIMILAR, max(1, asked.k)))
                return f"Like item {self._dataset.item_ids[asked.row]}", Asked(self._only([asked.row, *rows.tolist()]), None)
            case ItemFilter():
                check_cell(self._dataset, asked.row)
                return f"Item {self._dataset.item_ids[asked.row]}", Asked(self._only([asked.row]), None)

    def _of_table(
        self, asked: RuleFilter | SourceFilter | PersonalFilter | HealthFilter | GroupFilter | PlaceFilter | FigureFilter
    ) -> tuple[str, Asked]:
        """What a row of the tabs Rules, Sources, Health and Novel groups is about, a name on the map, or a figure of a label page."""
        match asked:
            case RuleFilter():
                title, cells = self._voters.of_rule(asked.rule_id, asked.which)
                return title, Asked(self._only(cells[0].tolist()), cells)
            case SourceFilter():
                return f"{asked.column}: {asked.value}", Asked(self._sources.mask(asked.column, asked.value), None)
            case PersonalFilter():
                return f"{asked.kind} in {asked.column}", Asked(self._sources.personal(asked.column, asked.kind), None)
            case HealthFilter():
                return self._health.asked(asked.check)
            case GroupFilter():
                title, mask = self._groups.asked(asked.key)
                return title, Asked(mask, None)
            case PlaceFilter():
                return self._regions.asked(asked.what, asked.made, asked.at)
            case FigureFilter():
                return figure_cells(self._dataset, self._labels, asked)

    def _both(self, asked: PairFilter) -> np.ndarray:
        for label in (asked.a, asked.b):
            check_cell(self._dataset, 0, label)
        return (self._labels.column(asked.a) == POSITIVE) & (self._labels.column(asked.b) == POSITIVE)

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
