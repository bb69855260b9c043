"""What a view may ask, declared once: :mod:`labelscope.explorer.requests.request` checks requests by these types.

The view's own types are made from them and from those of :mod:`labelscope.explorer.replies` by ``extensions/messages.py``,
so that both sides mean the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from labelscope.audit.sample import Judgement
from labelscope.explorer.asked import Asked, LabelState
from labelscope.explorer.asked_join import JoinAsked, JoinConfirmed
from labelscope.explorer.asked_labels import (
    GroupSaid,
    GrowAsked,
    GrowJudged,
    GrowNamed,
    LabelColumnAsked,
    LabelNameAsked,
    LabelsAsked,
    LabelTableAsked,
    LabelTextAsked,
    ProposalApplied,
    ProposalAsked,
)
from labelscope.review.verdicts import Verdict

__all__ = ["ASKED"]

Decision = Literal["accept", "reject", "skip"]
Relation = Literal["implies", "identical", "exclusive", "overlaps"]
Bulk = Literal["add", "remove", "unknown", "confirm"]
Mode = Literal["replace", "add", "remove"]
Queue = Literal[Verdict, "agreed", "all", "label_next", "ask_next", "ambiguous", "unknown", "sample", "unlike", "conflicts", "audit"]
Order = Literal["confidence", "learned", "rare", "label", "group", "suspicion", "uncertain", "shuffled", "data"]
Averaged = Literal["micro", "macro", "hierarchical"]
Colour = Literal["labels", "label", "suspicion", "density", "review", "number", "cluster", "rater", "column"]


class Nothing(Asked, frozen=True):
    """No more than the kind of the request."""


class ViewAsked(Asked, frozen=True):
    """A view comes or goes."""

    view: str = ""


class MapAsked(Asked, frozen=True):
    """The map, or what of it lies between left, bottom, right and top."""

    bounds: list[float] = msgspec.field(default_factory=list)


class ColoursAsked(Asked, frozen=True):
    """Codes of all items."""

    by: Colour
    label: int = 0
    column: str = ""


class ItemAsked(Asked, frozen=True):
    """Something of one item."""

    row: int


class ThumbnailAsked(Asked, frozen=True):
    """A small picture of an item, sharp where its longer side takes so many pixels of the screen."""

    row: int
    pixels: int = 128


class CellAsked(Asked, frozen=True):
    """Something of one cell."""

    row: int
    label: int


class NameAsked(Asked, frozen=True):
    """Who reviews."""

    name: str


class ModelsAsked(Asked, frozen=True):
    """The models, with an average over the labels."""

    average: Averaged = "micro"


class RaterFile(Asked, frozen=True):
    """Where to write a table of the raters: votes wanted, or soft labels."""

    what: Literal["wanted", "soft"]
    path: str


class PathAsked(Asked, frozen=True):
    """Where to write."""

    path: str


class ExportAsked(Asked, frozen=True):
    """Where to write the corrected table; `redact`: without personal data."""

    path: str
    redact: bool = False


class SourcesAsked(Asked, frozen=True):
    """What is compared between the values of each column; "": what there is more of to tell."""

    basis: Literal["", "decided", "suspicion"] = ""


class WordsAsked(Asked, frozen=True):
    """Words to search for."""

    query: str = ""


class CountAsked(Asked, frozen=True):
    """How much each of some queries would list."""

    queries: list[str]


class DrawnAsked(Asked, frozen=True):
    """A polygon on the map; its corners are in the buffer."""

    mode: Mode = "replace"


class StrokeAsked(Asked, frozen=True):
    """A stroke on the map; its points are in the buffer."""

    radius: float
    mode: Mode = "replace"


class RowsAsked(Asked, frozen=True):
    """Exactly these items; none for no selection."""

    rows: list[int]


class KeyAsked(Asked, frozen=True):
    """One filter of the selection."""

    key: str


class QueryFilter(Asked, frozen=True, tag_field="by", tag="query"):
    """The items of a query."""

    text: str


class LabelFilter(Asked, frozen=True, tag_field="by", tag="label"):
    """The items on which a label has a state."""

    label: int
    state: LabelState = 1


class SuggestedFilter(Asked, frozen=True, tag_field="by", tag="suggested"):
    """The cells of a label that are suggested to be added, or removed."""

    label: int
    action: Literal["add", "remove"]


class PairFilter(Asked, frozen=True, tag_field="by", tag="pair"):
    """The items with both labels."""

    a: int
    b: int


class RelationFilter(Asked, frozen=True, tag_field="by", tag="relation"):
    """The items that break a relation, or that have both labels where it cannot be broken."""

    relation: Relation
    a: str
    b: str


class RuleFilter(Asked, frozen=True, tag_field="by", tag="rule"):
    """The cells that a saved rule votes on: all, those with votes of other rules or contrary ones, or where the given label differs."""

    rule_id: str
    which: Literal["votes", "overlaps", "conflicts", "right", "wrong"] = "votes"


class SourceFilter(Asked, frozen=True, tag_field="by", tag="source"):
    """The items with a value of a column, as the tab Sources lists it."""

    column: str
    value: str


class PersonalFilter(Asked, frozen=True, tag_field="by", tag="personal"):
    """The items with personal data of a kind in a column."""

    column: str
    kind: str


class HealthFilter(Asked, frozen=True, tag_field="by", tag="health"):
    """The items or cells of a finding of the tab Health."""

    check: str


class GroupFilter(Asked, frozen=True, tag_field="by", tag="group"):
    """The items of a group that no label explains."""

    key: str


class PlaceFilter(Asked, frozen=True, tag_field="by", tag="place"):
    """The items of a region of the map, or the cells of a hot spot; `made`: which of the maps is meant."""

    what: Literal["region", "spot"]
    made: int
    at: int


class FigureFilter(Asked, frozen=True, tag_field="by", tag="figure"):
    """The cells of a figure of a label page; `rows`: of its examples, which items those are."""

    label: int
    figure: Literal["given", "changed", "disagreement", "exemplar", "borderline, given", "borderline, not given", "confused"]
    rows: list[int]


class SimilarFilter(Asked, frozen=True, tag_field="by", tag="similar"):
    """Items like one."""

    row: int
    k: int = 50


class ItemFilter(Asked, frozen=True, tag_field="by", tag="item"):
    """One item."""

    row: int


FilterAsked = (
    QueryFilter
    | LabelFilter
    | SuggestedFilter
    | PairFilter
    | RelationFilter
    | RuleFilter
    | SourceFilter
    | PersonalFilter
    | HealthFilter
    | GroupFilter
    | PlaceFilter
    | FigureFilter
    | SimilarFilter
    | ItemFilter
)


class WorklistAsked(Asked, frozen=True):
    """A window of a listing; the listing is made if it is not named, or too old."""

    queue: Queue
    order: Order
    listing: str = ""
    query: str = ""
    offset: int = 0
    limit: int = 40


class DecideAsked(Asked, frozen=True):
    """A verdict on a suggestion."""

    suggestion: str
    verdict: Decision


class DecideUnknownAsked(CellAsked, frozen=True):
    """A verdict on what is proposed for an unknown cell: "reject" says that it is the other state."""

    verdict: Decision


class ListingAsked(Asked, frozen=True):
    """A list, by the name of its listing."""

    listing: str = ""


class AcceptUnknownAsked(Asked, frozen=True):
    """All unknown cells of a label that would become one state, as many as were shown."""

    label: int
    state: LabelState
    total: int


class DrawRestAsked(Asked, frozen=True):
    """A sample of a list, or of the unknown cells of a label that would become one state."""

    listing: str = ""
    label: int = -1
    state: LabelState = 1


class RestAsked(Asked, frozen=True):
    """What may be accepted unseen, with this share of wrong cells at most."""

    alpha: float = 0.1


class AcceptRestAsked(Asked, frozen=True):
    """Accept that, as many cells as were shown."""

    total: int
    alpha: float = 0.1


class GridAsked(Asked, frozen=True):
    """Items of a list that are about the same label and state as its entry at a place."""

    listing: str
    at: int


class ApplyGridAsked(Asked, frozen=True):
    """Items that are right about a label and state, but for the wrong ones among them."""

    label: int
    state: Literal[1, 0]
    rows: list[int]
    wrong: list[int] = msgspec.field(default_factory=list)


class EditAsked(CellAsked, frozen=True):
    """A state for a cell."""

    state: LabelState
    suggestion: str = ""


class ConfirmAsked(ItemAsked, frozen=True):
    """The labels of an item are right as they stand; its card is about a suggestion, if one is named."""

    suggestion: str = ""


class StepAsked(Asked, frozen=True):
    """The last decision taken back, or taken again; `blind` while the audit is shown."""

    blind: bool = False


class ReasonAsked(Asked, frozen=True):
    """The reason of a verdict, by the number of its decision."""

    about: int
    reason: str


class ReasonKindsAsked(Asked, frozen=True):
    """The reasons to choose from."""

    kinds: list[str]


class BatchAsked(Asked, frozen=True):
    """Undecided suggestions of a listing: those like one of them, from a confidence on."""

    listing: str
    like: str = ""
    above: float = 0.0


class ApplyBatchAsked(Asked, frozen=True):
    """A verdict on a batch as it was shown."""

    listing: str
    total: int
    verdict: Decision
    like: str = ""
    above: float = 0.0


class BulkAsked(Asked, frozen=True):
    """A label set on all selected items, or all of them confirmed; without those that were taken out. From an offset on."""

    do: Bulk
    label: int = -1
    without: list[int] = msgspec.field(default_factory=list)
    offset: int = 0


class ApplyBulkAsked(Asked, frozen=True):
    """The same done as it was shown: on the same selection, and as many cells."""

    do: Bulk
    selection: int
    total: int
    label: int = -1
    without: list[int] = msgspec.field(default_factory=list)


class AskCells(Asked, frozen=True):
    """The first cells of a listing, to ask a judge about."""

    listing: str
    n: int


class ApplyAsk(AskCells, frozen=True):
    """The same as it was shown: so many cells are to be asked about."""

    cells: int


class AuditAsked(Asked, frozen=True):
    """A sample of so many cells."""

    n: int


class JudgeAsked(CellAsked, frozen=True):
    """What a person says of the given state of a cell of the sample."""

    verdict: Judgement


class RuleAsked(Asked, frozen=True):
    """What a person says of a relation."""

    a: str
    relation: str
    b: str
    verdict: Literal["confirm", "reject", "withdraw"]


class RuleWritten(Asked, frozen=True):
    """A rule as a form holds it: one of a query, a regex and words; `rule_id`: the one that it takes the place of."""

    name: str
    label: str
    vote: Literal[1, 0] = 1
    query: str = ""
    regex: str = ""
    flags: str = ""
    words: list[str] = msgspec.field(default_factory=list)
    rule_id: str = ""


class RuleIdAsked(Asked, frozen=True):
    """A saved rule."""

    rule_id: str


class PairMatrixAsked(Asked, frozen=True):
    """The commonest labels, or those that go with one."""

    label: int = -1
    n: int = 24
    order: Literal["cluster", "count"] = "cluster"


class PairGridAsked(Asked, frozen=True):
    """All labels by all labels, or windows [first, last) of them."""

    down: list[int]
    across: list[int]
    most: int = 400


class RelationTableAsked(Asked, frozen=True):
    """The relations of a kind, with labels of a name."""

    relation: str = ""
    query: str = ""


ASKED: Mapping[str, Any] = {
    "open": ViewAsked, "leave": ViewAsked, "state": Nothing, "run": Nothing, "cancel": Nothing, "reconsider": Nothing,
    "static_view": Nothing, "map": MapAsked, "colours": ColoursAsked, "text": ItemAsked, "hover": ItemAsked, "thumbnail": ThumbnailAsked,
    "picture": ItemAsked,
    "labels": LabelsAsked, "rename": NameAsked, "export": ExportAsked, "progress": Nothing, "evidence": CellAsked,
    "attribution": CellAsked, "selection": Nothing, "lasso": DrawnAsked, "brush": StrokeAsked, "select": RowsAsked,
    "count": CountAsked, "filter": FilterAsked, "unfilter": KeyAsked, "negate": KeyAsked, "find": WordsAsked, "worklist": WorklistAsked,
    "decide": DecideAsked, "edit": EditAsked, "confirm": ConfirmAsked, "undo": StepAsked, "redo": StepAsked,
    "reasons": Nothing, "reason": ReasonAsked, "reason_kinds": ReasonKindsAsked, "batch": BatchAsked,
    "batch_apply": ApplyBatchAsked, "unknown": ListingAsked, "unknown_decide": DecideUnknownAsked, "unknown_accept": AcceptUnknownAsked,
    "grid": GridAsked, "grid_apply": ApplyGridAsked, "rest_draw": DrawRestAsked, "rest": RestAsked, "rest_accept": AcceptRestAsked,
    "bulk": BulkAsked, "bulk_apply": ApplyBulkAsked, "audit": AuditAsked, "judge": JudgeAsked, "label_table": LabelTableAsked,
    "pair_matrix": PairMatrixAsked, "pair_grid": PairGridAsked, "relation_table": RelationTableAsked, "rule": RuleAsked,
    "label_page": LabelColumnAsked, "label_examples": LabelColumnAsked, "label_text": LabelTextAsked,
    "proposals": LabelColumnAsked, "proposal": ProposalAsked, "proposal_apply": ProposalApplied,
    "grow": GrowAsked, "grow_selected": GrowNamed, "grow_judge": GrowJudged, "grow_undo": LabelNameAsked,
    "regions": Nothing, "groups": Nothing, "groups_find": Nothing, "group_say": GroupSaid,
    "ask_preview": AskCells, "ask": ApplyAsk, "ask_stop": Nothing, "ask_resume": Nothing,
    "raters": Nothing, "raters_export": RaterFile, "sources": SourcesAsked, "models": ModelsAsked, "health": Nothing,
    "rules": Nothing, "rule_try": RuleWritten, "rule_save": RuleWritten, "rule_delete": RuleIdAsked,
    "join": JoinAsked, "join_write": JoinConfirmed,
    "rule_undo": Nothing, "rule_words": LabelNameAsked, "rules_export": PathAsked, "rules_import": PathAsked,
}  # fmt: skip
"""The body of every request, by its kind."""
