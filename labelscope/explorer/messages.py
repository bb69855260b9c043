"""What a view may ask, declared once: requests are decoded and checked by these types.

The view's own types are made from them and from those of :mod:`labelscope.explorer.replies` by ``extensions/messages.py``,
so that both sides mean the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, cast, get_args, get_type_hints

import msgspec
from msgspec import inspect

from labelscope.errors import DataError

__all__ = ["ASKED", "Request"]

LabelState = Literal[1, 0, -1]
Decision = Literal["accept", "reject", "skip"]
Judgement = Literal["right", "wrong", "undecidable"]
Verdict = Literal["pending", "accepted", "rejected", "skipped"]
Relation = Literal["implies", "identical", "exclusive", "overlaps"]
Mode = Literal["replace", "add", "remove"]
Queue = Literal[Verdict, "all", "conflicts", "audit"]
Order = Literal["confidence", "rare", "label", "group", "suspicion", "uncertain", "shuffled", "data"]
Sort = Literal["count", "rare", "name", "selected", "suggested"]
Colour = Literal["labels", "label", "suspicion", "review", "number", "cluster", "rater", "column"]


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a request."""


class Nothing(Asked, frozen=True):
    """No more than the kind of the request."""


class ViewAsked(Asked, frozen=True):
    """A view comes or goes."""

    view: str = ""


class MapAsked(Asked, frozen=True):
    """The map, or what of it lies between left, bottom, right and top."""

    bounds: list[float] = []


class ColoursAsked(Asked, frozen=True):
    """Codes of all items."""

    by: Colour
    label: int = 0
    column: str = ""


class ItemAsked(Asked, frozen=True):
    """Something of one item."""

    row: int


class CellAsked(Asked, frozen=True):
    """Something of one cell."""

    row: int
    label: int


class LabelsAsked(Asked, frozen=True):
    """Labels by name; with their chips on an item, if one is named."""

    query: str = ""
    row: int = -1


class NameAsked(Asked, frozen=True):
    """Who reviews."""

    name: str


class PathAsked(Asked, frozen=True):
    """Where to write."""

    path: str


class WordsAsked(Asked, frozen=True):
    """Words to search for."""

    query: str = ""


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


class PairFilter(Asked, frozen=True, tag_field="by", tag="pair"):
    """The items with both labels."""

    a: int
    b: int


class RelationFilter(Asked, frozen=True, tag_field="by", tag="relation"):
    """The items that break a relation, or that have both labels where it cannot be broken."""

    relation: Relation
    a: str
    b: str


class SimilarFilter(Asked, frozen=True, tag_field="by", tag="similar"):
    """Items like one."""

    row: int
    k: int = 50


class ItemFilter(Asked, frozen=True, tag_field="by", tag="item"):
    """One item."""

    row: int


FilterAsked = QueryFilter | LabelFilter | PairFilter | RelationFilter | SimilarFilter | ItemFilter


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


class EditAsked(Asked, frozen=True):
    """A state for a cell."""

    row: int
    label: int
    state: LabelState
    suggestion: str = ""


class StepAsked(Asked, frozen=True):
    """The last decision taken back, or taken again; `blind` while the audit is shown."""

    blind: bool = False


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


class AuditAsked(Asked, frozen=True):
    """A sample of so many cells."""

    n: int


class JudgeAsked(Asked, frozen=True):
    """What a person says of the given state of a cell of the sample."""

    row: int
    label: int
    verdict: Judgement


class RuleAsked(Asked, frozen=True):
    """What a person says of a relation."""

    a: str
    relation: str
    b: str
    verdict: Literal["confirm", "reject", "withdraw"]


class LabelTableAsked(Asked, frozen=True):
    """A window of the labels with their counts."""

    sort: Sort = "count"
    query: str = ""
    offset: int = 0
    limit: int = 60


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
    "open": ViewAsked, "leave": ViewAsked, "state": Nothing, "run": Nothing, "cancel": Nothing, "reconsider": Nothing, "still": Nothing,
    "map": MapAsked, "colours": ColoursAsked, "text": ItemAsked, "hover": ItemAsked, "thumbnail": ItemAsked, "labels": LabelsAsked,
    "rename": NameAsked, "export": PathAsked, "progress": Nothing, "evidence": CellAsked, "attribution": CellAsked,
    "selection": Nothing, "lasso": DrawnAsked, "brush": StrokeAsked, "select": RowsAsked, "filter": FilterAsked, "unfilter": KeyAsked,
    "negate": KeyAsked, "find": WordsAsked, "worklist": WorklistAsked, "decide": DecideAsked, "edit": EditAsked, "undo": StepAsked,
    "redo": StepAsked, "batch": BatchAsked, "batch_apply": ApplyBatchAsked, "audit": AuditAsked, "judge": JudgeAsked,
    "label_table": LabelTableAsked, "pair_matrix": PairMatrixAsked, "pair_grid": PairGridAsked, "relation_table": RelationTableAsked,
    "rule": RuleAsked,
}  # fmt: skip
"""The body of every request, by its kind."""

T = TypeVar("T")


def as_state(state: int) -> LabelState:
    """A state as the type of it."""
    return cast("LabelState", state)


@dataclass(frozen=True)
class Request:
    """What the view asks for.

    Parameters
    ----------
    id : str
        Chosen by the view, unique among all views.
    kind : str
        Name of the handler.
    body : mapping
        JSON values.
    buffers : sequence of memoryview
        Binary data.
    """

    id: str
    kind: str
    body: Mapping[str, Any] = field(default_factory=dict)
    buffers: Sequence[memoryview] = ()

    def read(self, asked: type[T]) -> T:
        """The body as one of the types above.

        Raises
        ------
        DataError
            If a field is missing, of another type or another word than expected: one line.
        """
        try:
            return msgspec.convert(dict(self.body), asked, strict=True)
        except msgspec.ValidationError as error:
            raise DataError(f"request {self.kind}: {_expected(str(error), asked)}; reload the view") from None


def _expected(error: str, asked: Any) -> str:
    """What was expected instead, with the words to choose from where only some are known."""
    if found := re.fullmatch(r"Invalid (enum )?value (.*) - at `\$\.(\w+)`", error):
        word, value, name = found.groups()
        *first, last = map(str, _words(asked, name))
        known = f"{', '.join(first)} or {last}"
        return f"expected {known if word else f'one of {known}'} for {name}, got {value}"
    if found := re.fullmatch(r"Object missing required field `(\w+)`.*", error):
        return f"expected {found[1]}, got none"
    if found := re.fullmatch(r"Expected `(.*)`, got `(.*)` - at `\$\.(.*)`", error):
        return f"expected {found[3]} to be {found[1]}, got {found[2]}"
    return error[:1].lower() + error[1:]


def _words(asked: Any, name: str) -> Sequence[object]:
    kinds = [asked] if isinstance(asked, type) else get_args(asked)
    if name == "by" and len(kinds) > 1:
        return [kind.tag for kind in inspect.multi_type_info(kinds) if isinstance(kind, inspect.StructType)]
    hints = [get_type_hints(kind).get(name) for kind in kinds]
    return list(dict.fromkeys(word for hint in hints for word in get_args(hint)))
