"""Every request that a view can make, and who answers it: each panel is given what it uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from labelscope.explorer.messages import Request
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.requests.attribution import AttributionRequests
from labelscope.explorer.requests.audit import AuditRequests
from labelscope.explorer.requests.batch import BatchRequests
from labelscope.explorer.requests.evidence import EvidenceRequests
from labelscope.explorer.requests.items import ItemRequests
from labelscope.explorer.requests.labels import LabelRequests
from labelscope.explorer.requests.opening import OpeningRequests
from labelscope.explorer.requests.pairs import PairRequests
from labelscope.explorer.requests.relations import RelationRequests
from labelscope.explorer.requests.review import ReviewRequests
from labelscope.explorer.requests.selection import SelectionRequests
from labelscope.explorer.review_progress import report
from labelscope.explorer.state import ExplorerState

__all__ = ["answers"]


def answers(of: ExplorerState, export: Callable[[str], Any]) -> Mapping[str, Callable[[Request], Reply]]:
    """Handlers by kind.

    Parameters
    ----------
    of : ExplorerState
    export : callable
        Writes the corrected table to a path and returns what it wrote.
    """
    session, dataset, decisions = of.session, of.dataset, of.decisions
    return {
        **OpeningRequests(session, of.results, of.colouring, of.versions, export).answers,
        **ItemRequests(dataset, of.cards).answers,
        **SelectionRequests(dataset, of.filters, of.labels, of.terms, of.results, decisions, of.versions).answers,
        **ReviewRequests(dataset, of.suggested, of.cards, decisions, of.filters, of.search, of.conflicts, of.sample).answers,
        **BatchRequests(of.suggested, of.cards, decisions).answers,
        **AuditRequests(session, of.results, of.sample, of.cards, decisions).answers,
        **LabelRequests(session, of.suggested, of.filters).answers,
        **PairRequests(dataset, of.results).answers,
        **RelationRequests(session, of.results, decisions).answers,
        **EvidenceRequests(session, of.suggested, of.cards, of.results).answers,
        **AttributionRequests(session, of.encoder).answers,
        "progress": lambda _: Reply(report(session, decisions, of.sample, of.results)),
    }
