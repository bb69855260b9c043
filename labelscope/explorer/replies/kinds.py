"""The body of every reply, by the kind of the request."""

from __future__ import annotations

from collections.abc import Mapping

from labelscope.explorer.replies.evidence import Attributed, Evidence
from labelscope.explorer.replies.panels import LabelTable, PairGrid, PairMatrix, ProgressReport, RelationTable
from labelscope.explorer.replies.reply import Done, Told
from labelscope.explorer.replies.review import (
    BatchApplied,
    BatchShown,
    Decided,
    Edited,
    Found,
    FoundLabels,
    Hovered,
    Judged,
    Listed,
    Sampled,
    Stepped,
    Text,
    Thumbnail,
)
from labelscope.explorer.replies.state import Coloured, Exported, NumberedState, Opened, Placed, Renamed, Selected, Still

__all__ = ["ANSWERED"]

ANSWERED: Mapping[str, type[Told]] = {
    "open": Opened, "leave": Done, "state": NumberedState, "run": Done, "cancel": Done, "reconsider": Done, "still": Still,
    "map": Placed, "colours": Coloured, "text": Text, "hover": Hovered, "thumbnail": Thumbnail, "labels": FoundLabels,
    "rename": Renamed, "export": Exported, "progress": ProgressReport, "evidence": Evidence, "attribution": Attributed,
    "selection": Selected, "lasso": Selected, "brush": Selected, "select": Selected, "filter": Selected, "unfilter": Selected,
    "negate": Selected, "find": Found, "worklist": Listed, "decide": Decided, "edit": Edited, "undo": Stepped, "redo": Stepped,
    "batch": BatchShown, "batch_apply": BatchApplied, "audit": Sampled, "judge": Judged, "label_table": LabelTable,
    "pair_matrix": PairMatrix, "pair_grid": PairGrid, "relation_table": RelationTable, "rule": Done,
}  # fmt: skip
"""The body of every reply, by the kind of the request."""
