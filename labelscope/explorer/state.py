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
from labelscope.explorer.growing import GrowingLabels
from labelscope.explorer.judge_agrees import JudgeAgrees
from labelscope.explorer.judge_run import JudgeRun
from labelscope.explorer.known_groups import KnownGroups
from labelscope.explorer.known_health import KnownHealth
from labelscope.explorer.known_regions import KnownRegions
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
    before : ExplorerState, optional
        The state under the labels that there were before, which this one takes the place of.
    """

    def __init__(
        self,
        session: Session,
        changed: Callable[[], None],
        encoder: Any = None,
        wake: Signal | None = None,
        judges: Sequence[Judge] = (),
        before: ExplorerState | None = None,
    ) -> None:
        self.session, self.encoder = session, encoder
        self.label_version = session.label_version
        dataset, there = session.dataset, session.labels_there
        self.dataset = dataset
        self.versions: Versions = Versions(changed) if before is None else before.versions
        self.filters: Filters = Filters(lambda: self.versions.bump("selection")) if before is None else before.filters
        self.results: StageResults = StageResults(dataset) if before is None else StageResults.again(dataset, before.results)
        self.suggested = Suggested(Worklist(dataset, pl.DataFrame(schema=NOTHING), self.results.suspicion, session.verdict, {}))
        subscription = session.subscribe(wake)  # before what stands is read: what comes between is read twice, not never
        self.decided = DecidedCells(dataset, session.decided_cells)
        self.conflicts = OpenConflicts(session)
        self.sample = Sample(session)
        self.agreed, self.voters = JudgeAgrees(session, self.suggested), KnownVoters(session)
        self.sources, self.health = KnownSources(session, self.results), KnownHealth(session)
        self.groups = KnownGroups(session, self.versions)
        self.regions: KnownRegions = KnownRegions(session, self.results, self.groups, None if before is None else before.regions)
        self.unknown = UnknownCells(dataset)
        self.rest: RestSample = RestSample() if before is None else before.rest
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
        if before is None:
            self.judges = JudgeRun(session, judges, self.versions.changed, self.decisions.show_voters)
            self.growing = GrowingLabels(session, self.decisions.follow)
        else:
            self.judges, self.growing = before.judges, before.growing
            self.judges.kept, self.growing.follow = self.decisions.show_voters, self.decisions.follow
        self.labels = CurrentLabels(dataset, self.decided)
        self.cards = Cards(dataset, there, self.decided, self.suggested, self.results, self.unknown, session.reason_on)
        self.models = ModelTables(session)
        self.search = Search(dataset, self.suggested)
        self.learned = LearnedOrder(lambda: session.decisions, self.results)
        self.colouring = Colouring(session, self.labels, self.results, self.suggested, self.looks)
        self.cells = CellTerms(session, self.results, self.suggested, self.voters)
        self.terms = session_terms(dataset, self.labels, self.results, self.suggested, self.decided, self.conflicts, self.cells)
        if before is not None:
            self._take_over(before)

    def _take_over(self, before: ExplorerState) -> None:
        """Show under the labels that there are now what was shown before."""
        session, ready = self.session, self.session.ready
        if "predictions" in ready:
            self.take_predictions(session.predictions)
        if before.results.searched:
            self.take_findings(session.findings)
        if before.worklist.frame.height:
            self.take_suggestions(session.suggestions)
        if "pseudo_labels" in ready:
            self.take_pseudo_labels(session.pseudo_labels)
        self.decisions.take_over(before.decisions)
        for what in ("worklist", "decisions", "pairs", "voters", "groups"):
            self.versions.bump(what)

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

    def take_novel_labels(self, _: Any) -> None:
        """Groups that no label explains, which the session keeps."""
        self.versions.bump("groups")

    def take_cooccurrence(self, pairs: Any) -> None:
        """Co-occurrence of the labels."""
        self.results.pairs = pairs

    def take_relations(self, relations: Any) -> None:
        """The relations between the labels; with the co-occurrence, the label pairs are complete."""
        self.results.relations = relations
        self.versions.bump("pairs")
