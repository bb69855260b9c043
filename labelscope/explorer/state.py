"""What the Explorer knows between two requests: each concept an object of its own, and what stages hand in.

A request gets the objects that it needs. A decision is in the ledger before anything here changes.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event as Signal
from typing import Any

import numpy as np
import polars as pl

from labelscope.explorer.audit_sample import Sample
from labelscope.explorer.cards import Cards
from labelscope.explorer.colouring import Colouring
from labelscope.explorer.decided import DecidedCells
from labelscope.explorer.decisions import Decisions
from labelscope.explorer.filters import Filters
from labelscope.explorer.label_column import CurrentLabels
from labelscope.explorer.open_conflicts import OpenConflicts
from labelscope.explorer.search import Search
from labelscope.explorer.stage_results import StageResults
from labelscope.explorer.terms import session_terms
from labelscope.explorer.versions import Versions
from labelscope.explorer.worklist import Suggested, Worklist
from labelscope.session import Session

__all__ = ["ExplorerState"]

NOTHING = dict.fromkeys(("suggestion_id", "item_id", "label", "action", "reason"), pl.String) | {"confidence": pl.Float32}


class ExplorerState:
    """State of one Explorer.

    Parameters
    ----------
    session : Session
    changed : callable
        Called whenever what the view shows is another.
    encoder : object, optional
        What made the embeddings that came with the data set, as for :func:`labelscope.explain`.
    wake : threading.Event, optional
        Set when there are decisions to follow.
    """

    def __init__(self, session: Session, changed: Callable[[], None], encoder: Any = None, wake: Signal | None = None) -> None:
        self.session, self.encoder = session, encoder
        dataset = self.dataset = session.dataset
        self.versions = Versions(changed)
        self.filters = Filters(lambda: self.versions.bump("selection"))
        self.results = StageResults(dataset)
        self.suggested = Suggested(Worklist(dataset, pl.DataFrame(schema=NOTHING), self.results.suspicion, session.verdict, {}))
        subscription = session.subscribe(wake)  # before what stands is read: what comes between is read twice, not never
        self.decided = DecidedCells(dataset, session.decided_cells)
        self.conflicts = OpenConflicts(session)
        self.sample = Sample(session)
        self.decisions = Decisions(
            session, self.suggested, self.decided, self.conflicts, self.sample, self.filters, self.versions, subscription
        )
        self.labels = CurrentLabels(dataset, self.decided)
        self.cards = Cards(dataset, self.decided, self.suggested, self.results)
        self.search = Search(dataset, self.suggested)
        self.colouring = Colouring(session, self.labels, self.results, self.suggested)
        self.terms = session_terms(dataset, self.labels, self.results, self.suggested, self.decided, self.conflicts)

    @property
    def worklist(self) -> Worklist:
        """The suggestions that stand."""
        return self.suggested.worklist

    def take_map(self, result: Any, method: str) -> None:
        """A map of the items."""
        self.results.take_map(result, method)
        self.versions.bump("map")

    def take_embeddings(self, embeddings: np.ndarray) -> None:
        """Embeddings of the items."""
        self.results.take_embeddings(embeddings)

    def take_predictions(self, result: Any) -> None:
        """Out-of-fold probabilities."""
        self.results.probabilities = result.probabilities

    def take_findings(self, result: Any) -> None:
        """Suspicious cells."""
        self.results.take_findings(result)

    def take_suggestions(self, result: Any) -> None:
        """Relabel suggestions: the worklist."""
        missed = self.session.subscribe()
        worklist = Worklist(self.dataset, result.frame, self.results.suspicion, self.session.verdict, self.session.verdicts)
        self.decisions.take_suggestions(worklist, self.session.located(missed.read()))
        self.versions.bump("worklist")

    def take_cooccurrence(self, pairs: Any) -> None:
        """Co-occurrence of the labels."""
        self.results.pairs = pairs

    def take_relations(self, relations: Any) -> None:
        """The relations between the labels; with the co-occurrence, the label pairs are complete."""
        self.results.relations = relations
        self.versions.bump("pairs")
