"""The session: the one stateful object. A data set, what the stages found in it, and what people decided about it.

A stage runs once, when its result is first asked for, in whichever thread asks; others wait for it and not for
anything else, so that decisions never wait for a stage. Decisions live in the ledger: what is here can be lost at
any moment without losing one of them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from labelscope.data.files import check_target
from labelscope.data.inputs import input_files
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN, LabelMatrix
from labelscope.data.positions import positions
from labelscope.errors import DataError, OtherDataSet, StageError
from labelscope.review import decisions, replay
from labelscope.review.carry import earlier_version
from labelscope.review.defaults import default_place, default_reviewer
from labelscope.review.events import Cell, Event, Kind, utc_now
from labelscope.review.journal import Decision, Journal
from labelscope.review.label_set import LabelSet
from labelscope.review.ledger import Ledger
from labelscope.review.one_label_each import Known, OneLabelEach
from labelscope.review.verdicts import VERDICTS, Verdicts
from labelscope.stages.results import Computed, StageResults

if TYPE_CHECKING:
    from labelscope.audit.estimate import AuditEstimate
    from labelscope.audit.sample import Audit
    from labelscope.audit.stopping import Stopping
    from labelscope.audit.trail import AuditTrail
    from labelscope.data.dataset import Dataset
    from labelscope.export.corrected import Exported
    from labelscope.issues.find import Noise
    from labelscope.review.label_edit import EditPreview, LabelEdit
    from labelscope.review.subscription import Subscription
    from labelscope.stats.constraint_book import ConstraintBook
    from labelscope.stats.long_tail import LongTail
    from labelscope.stats.relations import Relations
    from labelscope.stats.violations import Violations
    from labelscope.suggest.pseudo import PseudoLabels
    from labelscope.suggest.relabel import Suggestions

__all__ = ["Session"]

AUDITED = 100  # decided cells of the audit from which pseudo-labels are held against them


class Session(StageResults):
    """Stages and review of one data set.

    Parameters
    ----------
    dataset : Dataset
    ledger : path or SQLAlchemy URL, optional
        Where decisions are kept. Default: ``<file>.labelscope/ledger.sqlite`` beside the table that was read, or
        the user's data folder for a data set that came from memory. Made at the first decision.
    reviewer : str, optional
        Default: the environment variable LABELSCOPE_REVIEWER, or the name of the user.
    seed : int
    noise : {"auto", "both", "missing", "spurious"}
        As for :func:`labelscope.find_issues`.
    model : str, optional
        Embedding model, as for :func:`labelscope.space.embed.embed`.
    executor : concurrent.futures.Executor, optional
        Where the chunks of the stages run.
    suggestions : Suggestions, optional
        Those of an earlier run, to review without running the stages again.

    Raises
    ------
    LedgerError
        If the ledger is about another data set or an earlier version of this one (:class:`labelscope.errors.OtherDataSet` says how
        its decisions are carried over), cannot be read, or could never be made.
    """

    def __init__(
        self,
        dataset: Dataset,
        *,
        ledger: str | os.PathLike[str] | None = None,
        reviewer: str | None = None,
        seed: int = 0,
        noise: Noise = "auto",
        model: str | None = None,
        executor: Executor | None = None,
        suggestions: Suggestions | None = None,
    ) -> None:
        super().__init__(dataset, seed=seed, noise=noise, model=model, executor=executor)
        if suggestions is not None:
            self._results["suggestions"] = suggestions
        place = default_place(dataset) if ledger is None else ledger
        try:
            self._ledger = Ledger.open(place, fingerprint=dataset.fingerprint)
        except OtherDataSet as refused:
            raise earlier_version(refused, dataset, place, named=ledger is not None) from None
        self._journal = Journal(self._ledger, reviewer or default_reviewer(), self._given)
        self._label_set = LabelSet(dataset, self._journal)
        self._labels: tuple[int, LabelMatrix] = (0, dataset.labels)

    # Suggestions -----------------------------------------------------------------------------------------------

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
        return suggest(self.embedded, self.predictions, self.findings, constraints=held, outcomes=known if known.height else None)

    @Computed
    def pseudo_labels(self) -> PseudoLabels:
        """States for unknown cells, and what was abstained from; held against the audited cells if these are enough."""
        from labelscope.suggest.pseudo import pseudo_label

        audited = self.audited
        return pseudo_label(self.embedded, self.predictions, audited=audited if audited.height >= AUDITED else None)

    def reconsider(self) -> Suggestions:
        """Make the suggestions and the pseudo-labels anew with what people have decided since: on cells and on relations.

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
        made = self._suggest()
        with self._locks["_verdicts"], self._locks["suggestions"], self._locks["pseudo_labels"]:  # verdicts ask for suggestions
            self._results["suggestions"] = made
            for name in ("_verdicts", "pseudo_labels"):
                self._results.pop(name, None)
        return made

    @Computed
    def _verdicts(self) -> Verdicts:
        verdicts = Verdicts(self.suggestions.frame, self._journal.standing)
        self.dataset.position(self.dataset.item_ids[0])  # builds the look-up of items here, not at the first click
        return verdicts

    @Computed
    def _trail(self) -> AuditTrail:
        from labelscope.audit.trail import AuditTrail

        return AuditTrail(self.dataset, self._ledger, self._journal)

    # Review ----------------------------------------------------------------------------------------------------

    @property
    def reviewer(self) -> str:
        """Who decides here. Another name signs the decisions from then on; undo takes back those of one name only."""
        return self._journal.reviewer

    @reviewer.setter
    def reviewer(self, name: str) -> None:
        words = " ".join(name.split()) if isinstance(name, str) else ""
        if not words or not words.isprintable():
            raise DataError(f"reviewer: expected a name, got {name!r}")
        self._journal.reviewer = words

    @property
    def ledger(self) -> str:
        """Where decisions are kept."""
        return self._ledger.name

    def accept(self, suggestion_id: str) -> Event:
        """Accept a suggestion: its cell takes the suggested state. In data with one label an item, one replaces the other.

        Raises
        ------
        DataError
            If there is no such suggestion.
        LedgerError
            If the decision could not be made durable; then it does not count.
        """
        return self.decide("accept", [suggestion_id])[0]

    def reject(self, suggestion_id: str) -> Event:
        """Reject a suggestion: its cell keeps the given state. Raises as :meth:`accept`."""
        return self.decide("reject", [suggestion_id])[0]

    def skip(self, suggestion_id: str) -> Event:
        """Leave a suggestion open for another time. Raises as :meth:`accept`."""
        return self.decide("skip", [suggestion_id])[0]

    def decide(self, kind: Kind, suggestion_ids: Iterable[str]) -> tuple[Event, ...]:
        """Accept, reject or skip many suggestions at once: all or none is written, and one undo takes them back.

        Parameters
        ----------
        kind : {"accept", "reject", "skip"}
        suggestion_ids : iterable of str
        """
        if kind not in ("accept", "reject", "skip"):
            raise DataError(f"decide: expected accept, reject or skip, got {kind!r}")
        verdicts = self._verdicts
        asked = [verdicts.suggested(suggestion_id) for suggestion_id in suggestion_ids]
        for label in {cell[1] for _, cell, _ in asked}:
            self._label_set.check(label)
        return self._decide([Decision(kind, cell, target, suggestion_id) for suggestion_id, cell, target in asked])

    def edit(self, item_id: object, label: str | int, state: int) -> Event:
        """Set a cell to a state. It answers the suggestion on that cell, if there is one.

        In data with one label an item (:attr:`labelscope.Dataset.one_label_each`), to set a label takes away the one that was there,
        in the same step; to take it away without another is refused.

        Parameters
        ----------
        item_id : int or str
        label : str or int
            Name or position.
        state : {1, 0, -1}

        Raises
        ------
        DataError
            If there is no such item, label or state.
        LedgerError
            If the decision could not be made durable; then it does not count.
        """
        return self.edit_all([(item_id, label, state)])[0]

    def edit_all(self, cells: Iterable[tuple[object, str | int, int]]) -> tuple[Event, ...]:
        """Set many cells, given as (item_id, label, state), at once: all or none, with one undo. Raises as :meth:`edit`."""
        asked = []
        for item_id, label, state in cells:
            if state not in (POSITIVE, NEGATIVE, UNKNOWN):
                raise DataError(f"state: expected 1, 0 or -1, got {state!r}")
            cell = self._cell(item_id, label)
            asked.append(Decision("edit", cell, int(state), self._suggestion_on(cell)))
        return self._decide(asked)

    def confirm(self, item_id: object, label: str | int) -> Event:
        """Say that the given state of a cell is right: the cell has it from now on. It rejects a suggestion on the cell.

        Raises
        ------
        DataError
            If there is no such item or label, or the given state is unknown.
        LedgerError
            If the decision could not be made durable; then it does not count.
        """
        cell = self._cell(item_id, label)
        state = self._given([cell])[0]
        if state == UNKNOWN:
            raise DataError(f"confirm: expected a cell that is given as positive or negative, got {cell}, which is unknown; edit it")
        return self.edit(item_id, label, state)

    def undecided(self, item_id: object, label: str | int) -> Event:
        """Say that nobody can tell the state of a cell: it keeps the given one, and an audit counts it as undecidable.

        Raises as :meth:`edit`.
        """
        cell = self._cell(item_id, label)
        return self._journal.decide([Decision("skip", cell, self._journal.state(cell), self._suggestion_on(cell))])[0]

    def undo(self) -> Event | None:
        """Undo this reviewer's last decision, or batch of them.

        Returns
        -------
        Event or None
            The undo, which names its cell (:meth:`together` gives the others of a batch); None if nothing is left.
        """
        return _first_cell(self._journal.undo())

    def redo(self) -> Event | None:
        """Undo this reviewer's last undo, unless something was decided since. Returns as :meth:`undo`."""
        return _first_cell(self._journal.redo())

    def together(self, event: Event) -> tuple[Event, ...]:
        """The events that were written in one batch with this one, itself included."""
        return self._journal.together(event)

    def sync(self) -> tuple[Event, ...]:
        """Take in what others decided on the same ledger, and return what of it is new since the last call.

        Open Explorers and other subscribers see it all the same: each reads on from its own place (:meth:`subscribe`).
        """
        return self._journal.sync()

    def catch_up(self) -> None:
        """Take in what others decided on the same ledger; :meth:`sync` and every subscriber still tell of it.

        Raises
        ------
        LedgerError
            If the ledger cannot be read.
        """
        self._journal.catch_up()

    def subscribe(self, wake: threading.Event | None = None) -> Subscription:
        """A reader of every event from now on, whoever decides: here, in an Explorer, or in another process.

        Parameters
        ----------
        wake : threading.Event, optional
            Set whenever there is more to read: at once for what is decided in this session, with :meth:`catch_up` for others.

        Returns
        -------
        Subscription
            Its ``read()`` returns each event once, and takes it from nobody else. Dropping it ends it.
        """
        return self._journal.subscribe(wake)

    def close(self) -> None:
        """Let go of the ledger's file."""
        self._ledger.close()

    # Label set -------------------------------------------------------------------------------------------------

    def preview(self, edit: LabelEdit) -> EditPreview:
        """What an edit of the label set would change in the labels as they stand; nothing is written.

        Parameters
        ----------
        edit : LabelEdit
            From :meth:`labelscope.suggest.novel.NovelLabels.edit` or :meth:`labelscope.suggest.label_edits.LabelEdits.edit`,
            or made by hand.

        Raises
        ------
        DataError
            If a label or item is not there, a new label is, or items of a label that goes would be left with none.
        """
        return self._label_set.plan(edit)

    def apply(self, edit: LabelEdit) -> tuple[Event, ...]:
        """Edit the label set: written to the ledger as one batch, taken back by one :meth:`undo`. Raises as :meth:`preview`.

        The stages and the Explorer go on with the labels that the data set was read with; :attr:`corrected` and
        :meth:`export` have the label set as it now stands.
        """
        return self._label_set.apply(edit)

    @property
    def label_edits(self) -> pl.DataFrame:
        """Every edit of the label set: action, label, into, parent, n_cells, reason, reviewer, time, undone."""
        return self._label_set.frame

    @property
    def label_names(self) -> tuple[str, ...]:
        """The labels that there are now: those of the data set that did not go, then those that came."""
        return self._label_set.names

    @property
    def corrected(self) -> Dataset:
        """The data set as it stands, for another round: its label set with the edits, its labels with the decisions.

        It is a data set of its own, with a ledger of its own.
        """
        return replace(self._label_set.dataset, source=None)

    # Relations -------------------------------------------------------------------------------------------------

    @Computed
    def relations(self) -> Relations:
        """Relations between the labels as given, by labels, names and, where they are there, embeddings."""
        from labelscope.stats.relations import relations

        return relations(self.dataset, embeddings=self.dataset.embeddings is not None)

    @Computed
    def constraints(self) -> ConstraintBook:
        """What people said of relations between labels: confirm, reject, undo, and the constraints that follow."""
        from labelscope.stats.constraint_book import ConstraintBook

        return ConstraintBook(self.dataset, self._ledger, lambda: self.reviewer)

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

    # What stands -----------------------------------------------------------------------------------------------

    def state(self, item_id: object, label: str | int) -> int:
        """State of a cell now: 1, 0 or -1."""
        return self._journal.state(self._cell(item_id, label))

    @property
    def labels(self) -> LabelMatrix:
        """The labels of the data set now: the given ones with the decisions. Labels that came are in :attr:`corrected`."""
        with self._journal.lock:
            seq = self._journal.standing.seq
            known, labels = self._labels
            if known == seq:
                return labels
            changed = self._journal.standing.changes.filter(pl.col("label").is_in(self.dataset.label_names))
        rows = positions(changed["item_id"], self.dataset.item_ids, expected="ledger: expected item ids of the data set", remedy="check it")
        columns = np.array([self.dataset.label_position(label) for label in changed["label"]], np.int64)
        labels = self.dataset.labels.replace(rows, columns, changed["after"].to_numpy())
        self._labels = (seq, labels)
        return labels

    def verdict(self, suggestion_id: str) -> str:
        """Verdict on a suggestion: "pending", "accepted", "rejected" or "skipped"."""
        verdicts = self._verdicts  # before the lock: decisions do not wait for a stage
        with self._journal.lock:
            return verdicts.of(suggestion_id)

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdicts that are not "pending", by suggestion id."""
        verdicts = self._verdicts
        with self._journal.lock:
            return verdicts.decided()

    @property
    def progress(self) -> dict[str, int]:
        """Counts: n_suggestions, pending, accepted, rejected, skipped, n_changed (cells other than given). Starts no stage."""
        verdicts = self._verdicts if "suggestions" in self.ready else None
        with self._journal.lock:
            counts = dict.fromkeys(VERDICTS, 0) if verdicts is None else verdicts.counts()
            return {"n_suggestions": sum(counts.values()), **counts, "n_changed": self._journal.standing.n_changed}

    @property
    def decisions(self) -> pl.DataFrame:
        """Every decision on a label of the data set: seq, item_id, label, verdict, before, after, suggestion_id, reviewer, time, undone."""
        with self._journal.lock:
            frame = decisions.decisions(self._journal.standing, self.dataset.item_ids.dtype)
        return frame.filter(pl.col("label").is_in(self.dataset.label_names))

    @property
    def standing_numbers(self) -> pl.DataFrame:
        """The decisions on labels of the data set that were not undone, as numbers: what is counted and drawn of a review needs no more."""
        with self._journal.lock:
            return decisions.standing_numbers(self._journal.standing, self.dataset.label_names)

    @property
    def conflicts(self) -> pl.DataFrame:
        """The cells on which reviewers disagree, one row a cell and reviewer."""
        with self._journal.lock:
            return decisions.conflicts(self._journal.standing, self.dataset.item_ids.dtype)

    @property
    def changes(self) -> pl.DataFrame:
        """The cells other than given: item_id, label, before, after, reviewer, time, suggestion_id, source."""
        with self._journal.lock:
            frame = replay.told_changes(self._journal.standing.changes)
            there = [*self.dataset.label_names, *self._label_set.added]
        frame = frame.filter(pl.col("label").is_in(there))
        return frame.with_columns(pl.col("item_id").cast(self.dataset.item_ids.dtype))

    # Audit -----------------------------------------------------------------------------------------------------

    def audit(self, n: int = 200, *, fresh: bool = False) -> Audit:
        """The audit sample: drawn at the first call and kept in the ledger, where every process finds it.

        The decisions on its cells are its verdicts, whoever makes them and however: an accepted or edited cell was
        wrong, a rejected suggestion or :meth:`confirm` says that it was right, a skip or :meth:`undecided` that nobody
        can tell.

        Parameters
        ----------
        n : int
            Cells. More than before makes the sample larger and keeps its verdicts; fewer changes nothing.
        fresh : bool
            Draw another sample instead, which then stands; decisions that were made stay decisions.

        Returns
        -------
        Audit

        Raises
        ------
        StageError
            If nothing can be found in this data set, or the sample cannot be made larger because the findings have
            changed since it was drawn.
        LedgerError
            If it could not be made durable; then there is no sample.
        """
        standing = self._trail.audit
        if standing is not None and not fresh and n <= standing.frame.height:
            return standing
        from labelscope.audit.sample import audit

        if standing is None or fresh:
            return self._trail.keep(audit(self.dataset, self.findings, n, seed=self.seed + self._trail.number))
        larger = audit(self.dataset, self.findings, n, config=standing.config, seed=standing.seed)
        if not larger.extends(standing):
            raise StageError(
                f"audit: expected the findings that its {standing.frame.height:,} cells were drawn from, got others; "
                "finish it as it is, or draw another with fresh=True"
            )
        return standing if larger.frame.height == standing.frame.height else self._trail.keep(larger)

    @property
    def audit_sample(self) -> Audit | None:
        """The audit sample that stands, whoever drew it; None without one. Draws none."""
        return self._trail.audit

    @property
    def audit_cells(self) -> pl.DataFrame:
        """The cells of the audit sample that nobody has decided, in the order of reading: item_id, label, given.

        Raises
        ------
        StageError
            If no sample was drawn, here as for :attr:`estimate`.
        """
        return self._trail.verdicts.filter(pl.col("verdict").is_null()).drop("verdict")

    @property
    def audited(self) -> pl.DataFrame:
        """The cells of the audit sample that were decided, and what they are: item_id, label, state. Empty without a sample.

        What :func:`labelscope.pseudo_label`, :func:`labelscope.calibration` and :func:`labelscope.thresholds` take as `audited`.
        """
        return self._trail.audited

    @property
    def estimate(self) -> AuditEstimate:
        """How many labels are wrong, by the verdicts on the audit sample so far."""
        return self._trail.estimate

    @property
    def stopping(self) -> Stopping:
        """Whether to stop reviewing now, and what that would leave. Starts no stage."""
        return self._trail.stopping(self._results.get("findings"))

    @property
    def long_tail(self) -> LongTail:
        """The long tail of the labels as given, with the errors of each label by the audit so far, if there is one."""
        from labelscope.stats.long_tail import long_tail

        return long_tail(self.dataset, audit=None if self._trail.audit is None else self.estimate)

    # Export ----------------------------------------------------------------------------------------------------

    def export(self, path: str | os.PathLike[str], *, accept_above: float | None = None, escape_formulas: bool | None = None) -> Exported:
        """Write the table with the changes applied, and ``<path>.changes.jsonl`` beside it.

        Parameters
        ----------
        path : path
            Its suffix says the format.
        accept_above : float in [0, 1], optional
            Apply also the suggestions that nobody has decided and whose confidence is at least this; their changes
            say so. They are not written to the ledger.
        escape_formulas : bool, optional
            As for :func:`labelscope.export.corrected.export_labels`.

        Raises
        ------
        DataError
            If the file cannot be written as asked.
        """
        from labelscope.export.corrected import export_labels
        from labelscope.export.pending_changes import pending_changes

        changes = self.changes
        if accept_above is not None:
            check_target(Path(path), name="export", inputs=input_files(self.dataset))  # before any stage runs
            frame = self.suggestions.frame
            options = {"reviewer": self.reviewer, "time": utc_now()}
            changes = pl.concat([changes, pending_changes(self.dataset, frame, self.verdicts, accept_above, **options)])
        return export_labels(self.dataset, changes, path, escape_formulas=escape_formulas, label_set=self._label_set)

    # Inside ----------------------------------------------------------------------------------------------------

    def located(self, events: Iterable[Event]) -> list[tuple[int, int]]:
        """Row and column in the data set of the cell of each event, labels that came since left out."""
        cells = [event.cell for event in events if not event.of_label_set and self.dataset.has_label(event.label)]
        return [(self.dataset.position(item), self.dataset.label_position(label)) for item, label in cells]

    def decisions_on(self, row: int, label: int) -> tuple[Event, ...]:
        """The decisions that stand on a cell, by its row and column, oldest first."""
        with self._journal.lock:
            return self._journal.standing.on(self._cell_at(row, label))

    def state_at(self, row: int, label: int) -> int:
        """State of a cell now, by its row and column; a label that went by an edit of the label set has one still."""
        return self._journal.state(self._cell_at(row, label))

    @property
    def decided_cells(self) -> pl.DataFrame:
        """Every cell of the data set that somebody ever decided on: item_id and label as text, given, state (now)."""
        with self._journal.lock:
            cells = self._journal.standing.cells
        return cells.filter(pl.col("label").is_in(self.dataset.label_names))

    @property
    def contested_cells(self) -> list[tuple[int, int, tuple[Event, ...]]]:
        """Row and column of each cell on which decisions of more than one reviewer stand, and these decisions, oldest first."""
        with self._journal.lock:
            contested = self._journal.standing.contested
        return [(*cell, events) for events in contested for cell in self.located(events[:1])]

    def _decide(self, decisions: list[Decision]) -> tuple[Event, ...]:
        return self._journal.decide(decisions if self._one_label is None else self._one_label.complete(decisions))

    @cached_property
    def _one_label(self) -> OneLabelEach | None:
        """Where an item has one label: what keeps it so."""
        if not self.dataset.one_label_each:
            return None
        known = Known(self._labels_given, self._journal.state, self._suggestion_on, self._instead)
        return OneLabelEach(self._journal.standing, known)

    def _labels_given(self, item_id: str) -> list[str]:
        """The labels of an item that are given."""
        labels = self.dataset.labels.rows(np.array([self.dataset.position(item_id)]))
        return [self.dataset.label_names[k] for k in labels.positives.indices]

    def _instead(self, cell: Cell) -> tuple[str, str] | None:
        """What is suggested in place of the label of a cell: its name and the suggestion."""
        if "suggestions" not in self.ready or "swap" not in self.suggestions.frame.columns:
            return None
        offered = self.suggestions.frame.filter(
            (pl.col("action") == "add") & (pl.col("swap") == cell[1]) & (pl.col("item_id").cast(pl.String) == cell[0])
        )
        return next(iter(offered.select("label", "suggestion_id").iter_rows()), None)

    def _cell_at(self, row: int, label: int) -> Cell:
        return (str(self.dataset.item_ids[row]), self.dataset.label_names[label])

    def _cell(self, item_id: object, label: str | int) -> Cell:
        name = label if label in self._label_set.added else self.dataset.label_names[self.dataset.label_position(label)]
        self._label_set.check(str(name))
        return (str(self.dataset.item_ids[self.dataset.position(item_id)]), name)

    def _suggestion_on(self, cell: Cell) -> str | None:
        suggested = self._verdicts.on(cell) if "suggestions" in self.ready else None
        return None if suggested is None else suggested.suggestion_id

    def _given(self, cells: list[Cell]) -> list[int]:
        return self._label_set.given(cells)


def _first_cell(events: tuple[Event, ...]) -> Event | None:
    """The first event on a cell of an item, or the first of all: an edit of the label set may change no cell."""
    return next((event for event in events if not event.of_label_set), next(iter(events), None))
