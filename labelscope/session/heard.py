"""The stages that hear what people said: voters, constraints and decisions make the findings and the suggestions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from labelscope.errors import StageError
from labelscope.review.events import Cell
from labelscope.review.verdicts import VERDICTS, Verdicts
from labelscope.session.described import Described
from labelscope.session.relabelled import FITTED
from labelscope.stages.results import Computed

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset
    from labelscope.issues.find import Findings
    from labelscope.stats.constraint_book import ConstraintBook
    from labelscope.stats.relations import Relations
    from labelscope.stats.violations import Violations
    from labelscope.suggest.pseudo import PseudoLabels
    from labelscope.suggest.relabel import Suggestions
    from labelscope.voters.voter_book import VoterBook

__all__ = ["Heard"]

AUDITED = 100  # decided cells of the audit from which pseudo-labels are held against them


class Heard(Described):
    """What the stages find once they hear people, and the verdicts on what they suggest."""

    _heard: tuple[int, int] | None = None  # the voters that the findings know
    _learnt = 0  # the label set that the predictions know

    @Computed
    def relations(self) -> Relations:
        """Relations between the labels as given, by labels, names and, where they are there, embeddings."""
        from labelscope.stats.relations import relations

        return relations(self.dataset, embeddings=self.dataset.embeddings is not None)

    @Computed
    def constraints(self) -> ConstraintBook:
        """What people said of relations between labels: confirm, reject, undo, and the constraints that follow."""
        from labelscope.stats.constraint_book import ConstraintBook

        book = ConstraintBook(self.dataset, self._ledger, lambda: self.reviewer)
        book.relabel(self.dataset, self.label_names)
        return book

    @property
    def rules(self) -> ConstraintBook:
        """The earlier name of :attr:`constraints`."""
        return self.constraints

    @property
    def violations(self) -> Violations:
        """The items that break a constraint, in the labels as they are now, and what mends them."""
        from labelscope.stats.violations import violations

        known = self.predictions.probabilities if "predictions" in self.ready else self.dataset.probabilities
        return violations(replace(self.dataset, labels=self.labels, probabilities=known), self.constraints.in_force)

    @Computed
    def voters(self) -> VoterBook:
        """Everybody who votes: raters of the data set, rules that people saved, and votes of judges that were kept.

        What is saved here is in the ledger: it survives, and whoever reviews on the same ledger sees it.
        """
        from labelscope.voters.voter_book import VoterBook

        return VoterBook(self.dataset, self._ledger, lambda: self.reviewer)

    @property
    def heard(self) -> Dataset:
        """The data set as the stages see it: with its embeddings, the votes of all voters and the descriptions as they stand."""
        votes = self.voters.votes
        return self.with_texts(self.embedded if votes is self.dataset.votes else replace(self.embedded, votes=votes))

    @property
    def for_judges(self) -> Dataset:
        """The data set as judges are asked about it: the descriptions of the labels hold their guidelines too."""
        return self.with_texts(self.heard, guidelines=True)

    def votes_wanted(self, n: int = 100) -> pl.DataFrame:
        """The votes to ask people for next, by all that is known: which item, whom, and the label that is the least sure.

        As :func:`labelscope.ask_next`, with the votes of all voters; rules and judges are not asked. The model is heard where it has
        been fitted.

        Parameters
        ----------
        n : int
            Most votes to ask for, one an item.

        Returns
        -------
        polars.DataFrame
            item_id, rater, label, score, the most urgent first.

        Raises
        ------
        StageError
            If there are no votes of people.
        """
        from labelscope.voters.next_votes import votes_wanted

        votes = self.dataset.votes
        if votes is None:
            raise StageError("votes_wanted: expected a data set with votes of people, got none; give them with votes=")
        heard = replace(self.dataset, votes=self.voters.votes)
        known = self.predictions if "predictions" in self.ready else None
        return votes_wanted(heard, n, raters=votes.rater_names, predictions=known)

    @Computed
    def findings(self) -> Findings:
        """Suspicious cells, by all voters as they were when this was asked for; :meth:`reconsider` asks again if they changed."""
        from labelscope.issues.find import find_issues

        heard = self.heard
        self._heard = self.voters.version
        return find_issues(heard, self.predictions, noise=self.noise, seed=self.seed, executor=self.executor)

    @Computed
    def suggestions(self) -> Suggestions:
        """Relabel suggestions, best first, with what mends the violations of confirmed relations and of the taxonomy.

        The decisions in the ledger when they are made settle their confidence; :meth:`reconsider` makes them anew.
        """
        return self._suggest()

    def _suggest(self) -> Suggestions:
        from labelscope.suggest.acceptance import outcomes
        from labelscope.suggest.label_logic import followed
        from labelscope.suggest.relabel import suggest

        held = followed(self.dataset, self.constraints.in_force)
        known = outcomes(self.decisions)
        return suggest(self.heard, self.predictions, self.findings, constraints=held, outcomes=known if known.height else None)

    @Computed
    def pseudo_labels(self) -> PseudoLabels:
        """States for unknown cells, and what was abstained from; held against the audited cells if these are enough."""
        from labelscope.suggest.pseudo import pseudo_label

        audited = self.audited
        return pseudo_label(self.heard, self.predictions, audited=audited if audited.height >= AUDITED else None)

    def reconsider(self) -> Suggestions:
        """Make the suggestions and the pseudo-labels anew with what people have decided since: on cells, relations and voters.

        What was decided stays decided: a suggestion keeps its id as long as it is made.

        Returns
        -------
        Suggestions
            Those that stand from now on.

        Raises
        ------
        StageError
            If nothing can be suggested for this data set.
        """
        came = bool(self._label_set.made)
        if "predictions" in self._results and (came or self.label_version != self._learnt):
            self.follow_label_set(anew=True)  # labels came or went: they are learnt as they stand
            self._learnt = self.label_version
            for name in ("predictions", "findings"):
                with self._locks[name]:
                    self._results.pop(name, None)
        elif self._heard not in (None, self.voters.version):
            with self._locks["findings"]:
                self._results.pop("findings", None)
        made = self._suggest()
        with self._locks["_verdicts"], self._locks["suggestions"], self._locks["pseudo_labels"]:  # verdicts ask for suggestions
            self._made["suggestions"] = made
            made = self._results["suggestions"] = made if self._now is None else FITTED["suggestions"](made, self._now)
            for name in ("_verdicts", "pseudo_labels"):
                self._results.pop(name, None)
        return made

    def verdict(self, suggestion_id: str) -> str:
        """Verdict on a suggestion: "pending", "accepted", "rejected" or "skipped"."""
        verdicts = self._verdicts  # before the lock: decisions do not wait for a stage
        with self._reviewer_log.lock:
            return verdicts.of(suggestion_id)

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdicts that are not "pending", by suggestion id."""
        verdicts = self._verdicts
        with self._reviewer_log.lock:
            return verdicts.decided()

    @property
    def progress(self) -> dict[str, int]:
        """Counts: n_suggestions, pending, accepted, rejected, skipped, n_changed (cells other than given). Starts no stage."""
        verdicts = self._verdicts if "suggestions" in self.ready else None
        with self._reviewer_log.lock:
            counts: dict[str, int] = dict.fromkeys(VERDICTS, 0) if verdicts is None else verdicts.counts()
            return {"n_suggestions": sum(counts.values()), **counts, "n_changed": self._reviewer_log.index.n_changed}

    @Computed
    def _verdicts(self) -> Verdicts:
        verdicts = Verdicts(self.suggestions.frame, self._reviewer_log.index)
        self.dataset.position(self.dataset.item_ids[0])  # builds the look-up of items here, not at the first click
        return verdicts

    def _suggestion_on(self, cell: Cell) -> str | None:
        suggested = self._verdicts.on(cell) if "suggestions" in self.ready else None
        return None if suggested is None else suggested.suggestion_id

    def _instead(self, cell: Cell) -> tuple[str, str] | None:
        """What is suggested in place of the label of a cell: its name and the suggestion."""
        if "suggestions" not in self.ready or "swap" not in self.suggestions.frame.columns:
            return None
        offered = self.suggestions.frame.filter(
            (pl.col("action") == "add") & (pl.col("swap") == cell[1]) & (pl.col("item_id").cast(pl.String) == cell[0])
        )
        return next(iter(offered.select("label", "suggestion_id").iter_rows()), None)
