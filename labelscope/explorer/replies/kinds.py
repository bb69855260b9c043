"""The body of every reply, by the kind of the request."""

from __future__ import annotations

from collections.abc import Mapping

from labelscope.explorer.replies.evidence import Attributed, Evidence
from labelscope.explorer.replies.groups import GroupsShown
from labelscope.explorer.replies.growing import GrowRound, GrowTold
from labelscope.explorer.replies.health import HealthReport
from labelscope.explorer.replies.join import JoinCompared, JoinTold
from labelscope.explorer.replies.judges import AskPreview
from labelscope.explorer.replies.label_pages import LabelExamples, LabelPageShown, LabelTextShown
from labelscope.explorer.replies.label_proposals import LabelProposals, ProposalShown
from labelscope.explorer.replies.models import ModelTable
from labelscope.explorer.replies.panels import LabelTable, PairGrid, PairMatrix, ProgressReport, RelationTable
from labelscope.explorer.replies.raters import RaterTable
from labelscope.explorer.replies.regions import RegionsShown
from labelscope.explorer.replies.reply import Done, ReplyBody
from labelscope.explorer.replies.review import (
    BatchApplied,
    BatchShown,
    BulkShown,
    Decided,
    Edited,
    Found,
    FoundLabels,
    GridShown,
    Hovered,
    Judged,
    Listed,
    ReasonsShown,
    Sampled,
    Stepped,
    Text,
    Thumbnail,
)
from labelscope.explorer.replies.rules import RuleMeasured, RuleProposals, RulesFile, RuleTable
from labelscope.explorer.replies.sources import SourceTable
from labelscope.explorer.replies.state import Coloured, Counted, Exported, NumberedState, Opened, Placed, Renamed, Selected, StaticView
from labelscope.explorer.replies.unknown import RestShown, UnknownShown

__all__ = ["ANSWERED"]

ANSWERED: Mapping[str, type[ReplyBody]] = {
    "open": Opened, "leave": Done, "state": NumberedState, "run": Done, "cancel": Done, "reconsider": Done, "static_view": StaticView,
    "map": Placed, "colours": Coloured, "text": Text, "hover": Hovered, "thumbnail": Thumbnail, "picture": Thumbnail, "labels": FoundLabels,
    "rename": Renamed, "export": Exported, "progress": ProgressReport, "evidence": Evidence, "attribution": Attributed,
    "selection": Selected, "lasso": Selected, "brush": Selected, "select": Selected, "filter": Selected, "unfilter": Selected,
    "negate": Selected, "count": Counted, "find": Found, "worklist": Listed, "decide": Decided, "edit": Edited, "confirm": Decided,
    "undo": Stepped, "redo": Stepped, "reasons": ReasonsShown, "reason": ReasonsShown, "reason_kinds": ReasonsShown,
    "batch": BatchShown, "batch_apply": BatchApplied, "unknown": UnknownShown, "unknown_decide": Decided, "unknown_accept": BatchApplied,
    "grid": GridShown, "grid_apply": BatchApplied, "rest_draw": Sampled, "rest": RestShown, "rest_accept": BatchApplied,
    "bulk": BulkShown, "bulk_apply": BatchApplied, "audit": Sampled, "judge": Judged, "label_table": LabelTable,
    "pair_matrix": PairMatrix, "pair_grid": PairGrid, "relation_table": RelationTable, "rule": Done,
    "label_page": LabelPageShown, "label_examples": LabelExamples, "label_text": LabelTextShown,
    "proposals": LabelProposals, "proposal": ProposalShown, "proposal_apply": ProposalShown,
    "grow": GrowRound, "grow_selected": GrowTold, "grow_judge": GrowTold, "grow_undo": GrowTold,
    "regions": RegionsShown, "groups": GroupsShown, "groups_find": Done, "group_say": GroupsShown,
    "ask_preview": AskPreview, "ask": Done, "ask_stop": Done, "ask_resume": Done,
    "raters": RaterTable, "raters_export": RulesFile, "sources": SourceTable, "models": ModelTable, "health": HealthReport,
    "rules": RuleTable, "rule_try": RuleMeasured, "rule_save": Done, "rule_delete": Done, "rule_undo": Done,
    "join": JoinCompared, "join_write": JoinTold,
    "rule_words": RuleProposals,
    "rules_export": RulesFile, "rules_import": RulesFile,
}  # fmt: skip
"""The body of every reply, by the kind of the request."""
