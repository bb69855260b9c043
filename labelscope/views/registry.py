"""Which view draws which result: one line a type of result."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Any

from labelscope.audit.comparison import Comparison
from labelscope.audit.estimate import AuditEstimate
from labelscope.audit.evaluation import Evaluation
from labelscope.audit.stopping import Stopping
from labelscope.data.inspection import Inspection
from labelscope.data.results import Result
from labelscope.explain.attribution import Attribution
from labelscope.explain.explanation import Explanation
from labelscope.explain.faithfulness import Faithfulness
from labelscope.explain.guideline import Guideline
from labelscope.explain.influence import Influence
from labelscope.explain.prototypes import Prototypes
from labelscope.issues.find import Findings
from labelscope.issues.hot_spots import HotSpots
from labelscope.issues.sources import Sources
from labelscope.models.predict import Predictions
from labelscope.models.prediction_sets import PredictionSets
from labelscope.models.reliability import Calibration
from labelscope.models.thresholds import Thresholds
from labelscope.review.carried import Carried
from labelscope.space.diagnosis import EmbeddingQuality
from labelscope.space.project import EmbeddingMap
from labelscope.space.regions import MapRegions
from labelscope.stats.cooccurrence import Cooccurrence
from labelscope.stats.long_tail import LongTail
from labelscope.stats.relations import Relations
from labelscope.stats.splits import Splits
from labelscope.stats.violations import Violations
from labelscope.suggest.label_page import LabelPage
from labelscope.suggest.novel import NovelLabels
from labelscope.suggest.pseudo import PseudoLabels
from labelscope.suggest.relabel import Suggestions
from labelscope.views import (
    agreement,
    attribution,
    audit,
    calibration,
    carried,
    comparison,
    consensus,
    cooccurrence,
    display,
    embedding_map,
    embedding_quality,
    evaluation,
    explanation,
    faithfulness,
    findings,
    guideline,
    hot_spots,
    influence,
    inspection,
    label_page,
    long_tail,
    map_regions,
    novel_labels,
    prediction_sets,
    predictions,
    prototypes,
    pseudo_labels,
    raters,
    relations,
    rules,
    sources,
    splits,
    stopping,
    suggestions,
    thresholds,
    violations,
)
from labelscope.voters.agreement import Agreement
from labelscope.voters.consensus import Consensus
from labelscope.voters.raters import Raters
from labelscope.voters.rule_proposals import RuleProposals
from labelscope.voters.rule_report import RuleReport

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = ["bundle", "figure", "has_figure", "page"]


@singledispatch
def figure(result: Result, /, **_: Any) -> Figure:
    """The plotly figure of a result.

    Parameters
    ----------
    result : Result
    **options
        Of the view: each takes `dark` (bool).

    Raises
    ------
    AttributeError
        If this kind of result has no figure.
    """
    raise AttributeError(f"{type(result).__name__} has no figure; its data is in .frame")


@singledispatch
def bundle(result: Result, /) -> dict[str, Any]:
    """MIME type to data, as Jupyter asks for it."""
    return display.bundle(result, figure(result) if has_figure(result) else None)


@singledispatch
def page(result: Result, /, form: str) -> str:  # noqa: ARG001 - what a page is drawn in
    """A result that is a page of its own, as "html" or "markdown".

    Raises
    ------
    AttributeError
        If this kind of result is no page.
    """
    raise AttributeError(f"{type(result).__name__} is no page of its own; its data is in .frame")


def has_figure(result: Result) -> bool:
    """Whether this kind of result has a figure."""
    return figure.dispatch(type(result)) is not figure.dispatch(object)


figure.register(Agreement, agreement.figure)
figure.register(Attribution, attribution.figure)
figure.register(AuditEstimate, audit.figure)
figure.register(Calibration, calibration.figure)
figure.register(Comparison, comparison.figure)
figure.register(Consensus, consensus.figure)
figure.register(Cooccurrence, cooccurrence.figure)
figure.register(EmbeddingMap, embedding_map.figure)
figure.register(EmbeddingQuality, embedding_quality.figure)
figure.register(Evaluation, evaluation.figure)
figure.register(Explanation, explanation.figure)
figure.register(Faithfulness, faithfulness.figure)
figure.register(Findings, findings.figure)
figure.register(Guideline, guideline.figure)
figure.register(HotSpots, hot_spots.figure)
figure.register(Influence, influence.figure)
figure.register(LabelPage, label_page.figure)
figure.register(LongTail, long_tail.figure)
figure.register(MapRegions, map_regions.figure)
figure.register(NovelLabels, novel_labels.figure)
figure.register(PredictionSets, prediction_sets.figure)
figure.register(Predictions, predictions.figure)
figure.register(Prototypes, prototypes.figure)
figure.register(PseudoLabels, pseudo_labels.figure)
figure.register(Raters, raters.figure)
figure.register(Relations, relations.figure)
figure.register(RuleProposals, rules.proposals)
figure.register(RuleReport, rules.figure)
figure.register(Sources, sources.figure)
figure.register(Splits, splits.figure)
figure.register(Stopping, stopping.figure)
figure.register(Suggestions, suggestions.figure)
figure.register(Thresholds, thresholds.figure)
figure.register(Violations, violations.figure)

bundle.register(Attribution, attribution.bundle)
bundle.register(Carried, carried.bundle)
bundle.register(Guideline, guideline.bundle)
bundle.register(Inspection, inspection.bundle)
bundle.register(LabelPage, label_page.bundle)

page.register(Guideline, guideline.page)
page.register(LabelPage, label_page.page)
