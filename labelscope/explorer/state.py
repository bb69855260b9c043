"""What the Explorer knows between two requests: each concept an object of its own, and what stages hand in.

A request gets the objects that it needs. A decision is in the ledger before anything here changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event as Signal
from typing import Any

import numpy as np
import polars as pl

from labelscope.explorer.audit_sample import Sample
from labelscope.explorer.cards import Cards
from labelscope.explorer.cell_terms import CellTerms
from labelscope.explorer.colouring import Colouring
from labelscope.explorer.decided import DecidedCells
from labelscope.explorer.decisions import Decisions
from labelscope.explorer.extra_queues import DecidedUnlike, LabelNext
from labelscope.explorer.filters import Filters
from labelscope.explorer.judge_agrees import JudgeAgrees
from labelscope.explorer.judge_run import JudgeRun
from labelscope.explorer.known_health import KnownHealth
from labelscope.explorer.known_sources import KnownSources
from labelscope.explorer.known_voters import KnownVoters
from labelscope.explorer.label_column import CurrentLabels
from labelscope.explorer.learned_order import LearnedOrder
from labelscope.explorer.model_table import ModelTables
from labelscope.explorer.open_conflicts import OpenConflicts
from labelscope.explorer.rest_sample import RestSample
from labelscope.explorer.search import Search
from labelscope.explorer.second_looks import SecondLooks
from labelscope.explorer.stage_results import StageResults
from labelscope.explorer.terms import session_terms
from labelscope.explorer.unknown_cells import UnknownCells
from labelscope.explorer.versions import Versions
from labelscope.explorer.worklist import Suggested, Worklist
from labelscope.session import Session
from labelscope.voters.asking import Judge

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
    judges : sequence of callable
        Who can be asked about cells.
    """

    def __init__(
        self,
        session: Session,
        changed: Callable[[], None],
        encoder: Any = None,
        wake: Signal | None = None,
        judges: Sequence[Judge] = (),
    ) -> None:
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
        self.agreed, self.voters = JudgeAgrees(session, self.suggested), KnownVoters(session)
        self.sources, self.health = KnownSources(session, self.results), KnownHealth(session)
        self.unknown, self.rest = UnknownCells(dataset), RestSample()
        self.label_next, self.unlike = LabelNext(session, self.results), DecidedUnlike(session)
        self.looks = SecondLooks(session, self.suggested)
        self.decisions = Decisions(
            session,
            self.suggested,
            self.decided,
            self.conflicts,
            self.sample,
            self.agreed,
            self.voters,
            self.unknown,
            self.rest,
            self.looks,
            self.label_next,
            self.unlike,
            self.filters,
            self.versions,
            subscription,
        )
        self.judges = JudgeRun(session, judges, self.versions.changed, self.decisions.show_voters)
        self.labels = CurrentLabels(dataset, self.decided)
        self.cards = Cards(dataset, self.decided, self.suggested, self.results, self.unknown, session.reason_on)
        self.models = ModelTables(session)
        self.search = Search(dataset, self.suggested)
        self.learned = LearnedOrder(lambda: session.decisions, self.results)
        self.colouring = Colouring(session, self.labels, self.results, self.suggested)
        self.cells = CellTerms(session, self.results, self.suggested, self.voters)
        self.terms = session_terms(dataset, self.labels, self.results, self.suggested, self.decided, self.conflicts, self.cells)

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
        self.results.probabilities = result.cell_probabilities

    def take_findings(self, result: Any) -> None:
        """Suspicious cells."""
        self.results.take_findings(result)

    def take_suggestions(self, result: Any) -> None:
        """Relabel suggestions: the worklist."""
        missed = self.session.subscribe()
        worklist = Worklist(self.dataset, result.frame, self.results.suspicion, self.session.verdict, self.session.verdicts)
        self.decisions.take_suggestions(worklist, self.session.located(missed.read()))
        self.versions.bump("worklist")

    def take_pseudo_labels(self, result: Any) -> None:
        """States for unknown cells."""
        self.decisions.show_unknown(result)

    def take_health(self, found: Any) -> None:
        """What to mend first."""
        self.health.take(found)
        self.versions.bump("health")

    def take_cooccurrence(self, pairs: Any) -> None:
        """Co-occurrence of the labels."""
        self.results.pairs = pairs

    def take_relations(self, relations: Any) -> None:
        """The relations between the labels; with the co-occurrence, the label pairs are complete."""
        self.results.relations = relations
        self.versions.bump("pairs")
