"""labelscope: see what is wrong with the labels of a multi-label data set, and repair them.

The names of the public contract, each loaded when it is first used (PEP 562): ``import labelscope`` loads none
of torch, umap, numba, plotly, ipywidgets or dask.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from labelscope.data import view_hook
from labelscope.version import __version__ as __version__

if TYPE_CHECKING:
    from labelscope.audit.accept_rest import accept_rest as accept_rest
    from labelscope.audit.accept_rest import draw_rest as draw_rest
    from labelscope.audit.compare import compare as compare
    from labelscope.audit.evaluate import evaluate as evaluate
    from labelscope.audit.sample import audit as audit
    from labelscope.data.dataset import Dataset as Dataset
    from labelscope.data.demo import demo as demo
    from labelscope.data.demo import demo_truth as demo_truth
    from labelscope.data.demo import write_demo as write_demo
    from labelscope.data.inspection import inspect as inspect
    from labelscope.data.read import read as read
    from labelscope.errors import DataError as DataError
    from labelscope.errors import LabelscopeError as LabelscopeError
    from labelscope.errors import LedgerError as LedgerError
    from labelscope.errors import MissingExtra as MissingExtra
    from labelscope.errors import StageError as StageError
    from labelscope.explain.attribution import attribute as attribute
    from labelscope.explain.explanation import explain as explain
    from labelscope.explain.guideline import guideline as guideline
    from labelscope.explain.influence import influence as influence
    from labelscope.explain.prototypes import prototypes as prototypes
    from labelscope.explorer.publish import publish as publish
    from labelscope.export.nutrition_label import nutrition_label as nutrition_label
    from labelscope.issues.find import find_issues as find_issues
    from labelscope.issues.hot_spots import hot_spots as hot_spots
    from labelscope.issues.personal_data import personal_data as personal_data
    from labelscope.issues.scores import score_cells as score_cells
    from labelscope.issues.scores import score_items as score_items
    from labelscope.issues.sources import sources as sources
    from labelscope.models.predict import predict as predict
    from labelscope.models.prediction_sets import prediction_sets as prediction_sets
    from labelscope.models.reliability import calibration as calibration
    from labelscope.models.thresholds import thresholds as thresholds
    from labelscope.review.carry import carry as carry
    from labelscope.review.label_edit import LabelEdit as LabelEdit
    from labelscope.session import Session as Session
    from labelscope.space.diagnosis import embedding_quality as embedding_quality
    from labelscope.space.project import embedding_map as embedding_map
    from labelscope.space.regions import map_regions as map_regions
    from labelscope.stats.constraints import Constraints as Constraints
    from labelscope.stats.cooccurrence import cooccurrence as cooccurrence
    from labelscope.stats.long_tail import long_tail as long_tail
    from labelscope.stats.names import name_relations as name_relations
    from labelscope.stats.relations import relations as relations
    from labelscope.stats.splits import compare_splits as compare_splits
    from labelscope.stats.violations import violations as violations
    from labelscope.suggest.cell_order import rank_cells as rank_cells
    from labelscope.suggest.grow import count_label as count_label
    from labelscope.suggest.grow import grow_label as grow_label
    from labelscope.suggest.joined import join as join
    from labelscope.suggest.label_edits import label_edits as label_edits
    from labelscope.suggest.label_next import label_next as label_next
    from labelscope.suggest.label_page import label_page as label_page
    from labelscope.suggest.novel import novel_labels as novel_labels
    from labelscope.suggest.pseudo import pseudo_label as pseudo_label
    from labelscope.suggest.ranking import rank as rank
    from labelscope.suggest.relabel import suggest as suggest
    from labelscope.voters.agreement import agreement as agreement
    from labelscope.voters.consensus import consensus as consensus
    from labelscope.voters.judges import judge as judge
    from labelscope.voters.next_votes import ask_next as ask_next
    from labelscope.voters.openai_judge import OpenAIJudge as OpenAIJudge
    from labelscope.voters.raters import raters as raters
    from labelscope.voters.rule_file import read_rules as read_rules
    from labelscope.voters.rule_file import write_rules as write_rules
    from labelscope.voters.rule_proposals import propose_rules as propose_rules
    from labelscope.voters.rule_report import rule_report as rule_report
    from labelscope.voters.rules import Rule as Rule
    from labelscope.voters.rules import rule_votes as rule_votes
    from labelscope.widgets.explorer import Explorer as Explorer
    from labelscope.widgets.explorer import explore as explore

_HOME = {
    "Dataset": "data.dataset",
    "inspect": "data.inspection",
    "read": "data.read",
    "demo": "data.demo",
    "demo_truth": "data.demo",
    "write_demo": "data.demo",
    "DataError": "errors",
    "LabelscopeError": "errors",
    "LedgerError": "errors",
    "MissingExtra": "errors",
    "StageError": "errors",
    "attribute": "explain.attribution",
    "explain": "explain.explanation",
    "nutrition_label": "export.nutrition_label",
    "guideline": "explain.guideline",
    "influence": "explain.influence",
    "prototypes": "explain.prototypes",
    "find_issues": "issues.find",
    "hot_spots": "issues.hot_spots",
    "personal_data": "issues.personal_data",
    "score_cells": "issues.scores",
    "score_items": "issues.scores",
    "sources": "issues.sources",
    "predict": "models.predict",
    "prediction_sets": "models.prediction_sets",
    "calibration": "models.reliability",
    "thresholds": "models.thresholds",
    "carry": "review.carry",
    "LabelEdit": "review.label_edit",
    "Session": "session",
    "embedding_map": "space.project",
    "embedding_quality": "space.diagnosis",
    "map_regions": "space.regions",
    "Constraints": "stats.constraints",
    "agreement": "voters.agreement",
    "consensus": "voters.consensus",
    "judge": "voters.judges",
    "ask_next": "voters.next_votes",
    "OpenAIJudge": "voters.openai_judge",
    "raters": "voters.raters",
    "read_rules": "voters.rule_file",
    "write_rules": "voters.rule_file",
    "propose_rules": "voters.rule_proposals",
    "rule_report": "voters.rule_report",
    "Rule": "voters.rules",
    "rule_votes": "voters.rules",
    "cooccurrence": "stats.cooccurrence",
    "long_tail": "stats.long_tail",
    "name_relations": "stats.names",
    "relations": "stats.relations",
    "compare_splits": "stats.splits",
    "novel_labels": "suggest.novel",
    "audit": "audit.sample",
    "compare": "audit.compare",
    "evaluate": "audit.evaluate",
    "accept_rest": "audit.accept_rest",
    "draw_rest": "audit.accept_rest",
    "violations": "stats.violations",
    "count_label": "suggest.grow",
    "grow_label": "suggest.grow",
    "join": "suggest.joined",
    "label_edits": "suggest.label_edits",
    "label_next": "suggest.label_next",
    "label_page": "suggest.label_page",
    "pseudo_label": "suggest.pseudo",
    "rank": "suggest.ranking",
    "rank_cells": "suggest.cell_order",
    "suggest": "suggest.relabel",
    "Explorer": "widgets.explorer",
    "explore": "widgets.explorer",
    "publish": "explorer.publish",
}

__all__ = sorted(_HOME)  # noqa: PLE0605 - the table above is the list


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'labelscope' has no attribute {name!r}")
    value = getattr(import_module(f"labelscope.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


class _Facade(ModuleType):
    """`suggest` and `explain` are functions here, although the packages that hold them have the same names."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):  # an import binds the package to its parent: not here
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Facade
view_hook.install(lambda: import_module("labelscope.views.registry"))
