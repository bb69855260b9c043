"""Every request that a view can make, and who answers it: each panel is given what it uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.requests.attribution import AttributionRequests
from labelscope.explorer.requests.audit import AuditRequests
from labelscope.explorer.requests.batch import BatchRequests
from labelscope.explorer.requests.bulk import BulkRequests
from labelscope.explorer.requests.evidence import EvidenceRequests
from labelscope.explorer.requests.grid import GridRequests
from labelscope.explorer.requests.groups import GroupRequests
from labelscope.explorer.requests.grow import GrowRequests
from labelscope.explorer.requests.health import HealthRequests
from labelscope.explorer.requests.items import ItemRequests
from labelscope.explorer.requests.join import JoinRequests
from labelscope.explorer.requests.judges import JudgeRequests
from labelscope.explorer.requests.label_pages import LabelPageRequests
from labelscope.explorer.requests.label_proposals import LabelProposalRequests
from labelscope.explorer.requests.labels import LabelRequests
from labelscope.explorer.requests.models import ModelRequests
from labelscope.explorer.requests.opening import OpeningRequests
from labelscope.explorer.requests.pairs import PairRequests
from labelscope.explorer.requests.raters import RaterRequests
from labelscope.explorer.requests.reasons import ReasonRequests
from labelscope.explorer.requests.regions import RegionRequests
from labelscope.explorer.requests.relations import RelationRequests
from labelscope.explorer.requests.request import Request
from labelscope.explorer.requests.rest import RestRequests
from labelscope.explorer.requests.review import ReviewRequests
from labelscope.explorer.requests.rules import RuleRequests
from labelscope.explorer.requests.selection import SelectionRequests
from labelscope.explorer.requests.sources import SourceRequests
from labelscope.explorer.requests.unknown import UnknownRequests
from labelscope.explorer.review_progress import expected, report
from labelscope.explorer.state import ExplorerState

__all__ = ["answers"]


def answers(of: ExplorerState, export: Callable[..., Any]) -> Mapping[str, Callable[[Request], Reply]]:
    """Handlers by kind.

    Parameters
    ----------
    of : ExplorerState
    export : callable
        Writes the corrected table to a path, `redact` as for :meth:`~labelscope.session.Session.export`, and returns what it wrote.
    """
    session, dataset, decisions = of.session, of.dataset, of.decisions
    return {
        **OpeningRequests(session, of.results, of.colouring, of.versions, of.judges, export).answers,
        **ItemRequests(dataset, of.cards, of.looks).answers,
        **SelectionRequests(
            dataset,
            of.filters,
            of.labels,
            of.terms,
            of.results,
            decisions,
            of.versions,
            of.voters,
            of.sources,
            of.health,
            of.groups,
            of.regions,
        ).answers,
        **ReviewRequests(
            dataset,
            of.suggested,
            of.cards,
            decisions,
            of.filters,
            of.search,
            of.conflicts,
            of.sample,
            of.learned,
            of.agreed,
            of.voters,
            of.unknown,
            of.rest,
            of.looks,
            of.label_next,
            of.unlike,
        ).answers,
        **UnknownRequests(of.unknown, of.suggested, of.filters, of.cards, decisions).answers,
        **GridRequests(dataset, of.suggested, of.unknown, of.labels, of.cells, of.cards, decisions).answers,
        **RestRequests(dataset.label_names, of.rest, of.unknown, of.suggested, of.filters, decisions).answers,
        **BatchRequests(of.suggested, of.cards, decisions).answers,
        **BulkRequests(session, of.filters, of.labels, of.cells, of.cards, decisions, of.versions).answers,
        **ReasonRequests(session).answers,
        **AuditRequests(session, of.results, of.sample, of.cards, decisions).answers,
        **LabelRequests(session, of.suggested, of.filters, of.decided).answers,
        **LabelPageRequests(session, of.cards).answers,
        **LabelProposalRequests(session, decisions.follow).answers,
        **GrowRequests(session, of.filters, of.cards, of.growing).answers,
        **PairRequests(dataset, of.results).answers,
        **RelationRequests(session, of.results, decisions).answers,
        **RaterRequests(session, of.voters, of.versions).answers,
        **ModelRequests(of.models).answers,
        **RuleRequests(session, decisions).answers,
        **SourceRequests(of.sources).answers,
        **HealthRequests(of.health).answers,
        **GroupRequests(of.groups).answers,
        **RegionRequests(of.regions).answers,
        **JoinRequests(session).answers,
        **JudgeRequests(session, of.suggested, of.judges).answers,
        **EvidenceRequests(session, of.suggested, of.cards, of.results, of.voters, of.looks).answers,
        **AttributionRequests(session, of.encoder).answers,
        "progress": lambda _: Reply(report(session, decisions, of.sample, of.results, expected(of.learned, of.worklist), of.unlike)),
    }
