"""Decisions in the app: recorded in the ledger first, then shown, whoever made them and where.

Decisions come from the kernel's thread, those of others from the one that polls; a lock orders what is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import groupby
from threading import RLock
from typing import Any

import numpy as np
import polars as pl

from labelscope.audit.sample import Judgement
from labelscope.errors import DataError, OutcomeUnknown
from labelscope.explorer.audit_sample import JUDGEMENTS, Sample
from labelscope.explorer.changes_since_suggestions import ChangesSinceSuggestions
from labelscope.explorer.decided import DecidedCells
from labelscope.explorer.extra_queues import DecidedUnlike, LabelNext
from labelscope.explorer.filters import Filters
from labelscope.explorer.judge_agrees import JudgeAgrees
from labelscope.explorer.known_voters import KnownVoters
from labelscope.explorer.label_column import CurrentLabels
from labelscope.explorer.open_conflicts import OpenConflicts
from labelscope.explorer.replies.state import Counts
from labelscope.explorer.rest_sample import RestSample
from labelscope.explorer.second_looks import SecondLooks
from labelscope.explorer.stage_results import check_cell
from labelscope.explorer.unknown_cells import UnknownCells
from labelscope.explorer.versions import Versions
from labelscope.explorer.worklist import UNDECIDED, Suggested, Worklist
from labelscope.review.events import Event, Kind, judgement
from labelscope.review.group_verdicts import GroupVerdict
from labelscope.review.label_texts import LabelText
from labelscope.review.subscription import Subscription
from labelscope.session import Session

__all__ = ["Decisions", "Step"]

KINDS: dict[str, Kind] = {"accept": "accept", "reject": "reject", "skip": "skip"}


@dataclass(frozen=True)
class Step:
    """What an undo or redo was about.

    Attributes
    ----------
    row : int
    label : str
    suggestion : int
        Position of the suggestion on that cell, or -1.
    n : int
        Decisions that were taken back, or taken again.
    kept : int
        Cells among them that are otherwise than before all the same: another reviewer has decided on them since.
    by : tuple of str
        Those reviewers.
    reason : bool
        Whether the decisions stand, and only their reason was taken back, or given again.
    text : bool
        Whether it was about what a label means, and no decision.
    group : bool
        Whether it was about a group of items that no label explains, and no decision; `label` is its name then.
    """

    row: int
    label: str
    suggestion: int
    n: int
    kept: int = 0
    by: tuple[str, ...] = ()
    reason: bool = False
    text: bool = False
    group: bool = False


class Decisions:
    """Takes decisions and follows those of others.

    Parameters
    ----------
    session : Session
    suggested : Suggested
    decided : DecidedCells
    conflicts : OpenConflicts
    sample : Sample
    agreed : JudgeAgrees
    voters : KnownVoters
    unknown : UnknownCells
    rest : RestSample
    looks : SecondLooks
    label_next : LabelNext
    unlike : DecidedUnlike
    filters : Filters
        The selection, of which the queues are counted.
    versions : Versions
    subscription : Subscription
        Where to read on; made before the decisions that stand were read.
    """

    def __init__(
        self,
        session: Session,
        suggested: Suggested,
        decided: DecidedCells,
        conflicts: OpenConflicts,
        sample: Sample,
        agreed: JudgeAgrees,
        voters: KnownVoters,
        unknown: UnknownCells,
        rest: RestSample,
        looks: SecondLooks,
        label_next: LabelNext,
        unlike: DecidedUnlike,
        filters: Filters,
        versions: Versions,
        subscription: Subscription,
    ) -> None:
        self._session, self._suggested, self._filters, self._versions = session, suggested, filters, versions
        self._decided, self._conflicts, self._sample = decided, conflicts, sample
        self._agreed, self._known_voters = agreed, voters
        self._unknown, self._rest, self._looks = unknown, rest, looks
        self._label_next, self._unlike = label_next, unlike
        self._current = CurrentLabels(session.dataset, decided)
        self._label_version = session.label_version
        self._settling = RLock()
        self._subscription = subscription
        self.since_suggestions = ChangesSinceSuggestions(0)
        self._complete = False  # whether what lies beside the decisions is shown: it takes time to load, after the first view
        self._unsure: tuple[Hashable, list[str]] | None = (
            None  # what was wanted last, and which suggestions, while nobody knows its outcome
        )
        self._voters: tuple[int, int] | None = None  # version of the voters that are shown
        self._n_verdicts: int | None = None  # verdicts on relations that are shown

    def take_suggestions(self, worklist: Worklist, cells: Sequence[tuple[int, int]]) -> None:
        """Another worklist; `cells` were decided while it was made."""
        with self._settling:  # nobody waits while the list is made: what was decided meanwhile is looked up now
            _renew(worklist, cells)
            self._suggested.worklist = worklist
        self.since_suggestions = ChangesSinceSuggestions(self.n_decided)

    def take_over(self, before: Decisions) -> None:
        """Go on where another object was, under another label set."""
        self.since_suggestions, self._voters, self._n_verdicts = before.since_suggestions, before._voters, before._n_verdicts
        self.since_suggestions.n_label_edits += 1
        if before._complete:
            self._complete = True
            self._sample.renew()

    def decide(self, suggestion_id: str, verdict: str) -> tuple[int, int]:
        """Accept, reject or skip a suggestion: its position, and how many were decided, once the ledger has them."""
        position = self._suggested.worklist.position(suggestion_id)
        self._looks.note(position)
        return position, self.decide_all(lambda: np.array([position]), verdict, wanted=suggestion_id)

    def decide_all(self, choose: Callable[[], np.ndarray], verdict: str, *, wanted: Hashable) -> int:
        """Accept, reject or skip suggestions: all or none, with one undo; how many that were.

        What an accepted one makes necessary is accepted with it.

        Parameters
        ----------
        choose : callable
            Gives the suggestions, by position, as the decisions stand.
        verdict : {"accept", "reject", "skip"}
        wanted : hashable
            What they are chosen by. Where nobody could say whether they were written, and the same is wanted again, it is about
            those that were chosen then: what stands may have changed by that press itself.
        """
        if verdict not in KINDS:
            raise DataError(f"decide: expected accept, reject or skip, got {verdict!r}")
        worklist, asked = self._suggested.worklist, (self._session.reviewer, verdict, wanted)
        if self._unsure is not None and self._unsure[0] == asked:
            ids = self._unsure[1]
        else:
            chosen = choose()
            chosen = worklist.with_companions(chosen) if verdict == "accept" else chosen
            ids = worklist.frame["suggestion_id"].gather(chosen).to_list()
        self._unsure = None
        try:
            self._session.decide(KINDS[verdict], ids)
        except OutcomeUnknown:
            self._unsure = (asked, ids)
            raise
        self.follow()
        return len(ids)

    def edit(self, row: int, label: int, state: int) -> None:
        """Set a cell to a state, by the person."""
        dataset = self._session.dataset
        check_cell(dataset, row, label)
        if state not in (1, 0, -1):
            raise DataError(f"edit: expected the state 1, 0 or -1, got {state}")
        self._looks.note(self._suggested.worklist.on(row, label))
        self._session.edit(dataset.item_ids[row], dataset.label_names[label], state)
        self.follow()

    def confirm(self, row: int) -> int:
        """Say that the labels of an item are right as they stand: its positives are, and what is still suggested for it is not.

        Returns
        -------
        int
            How many cells that is about.

        Raises
        ------
        DataError
            If the item has neither a label nor an open suggestion.
        """
        return self.confirm_all(np.array([row]))

    def confirm_all(self, rows: np.ndarray) -> int:
        """The same of several items, with one undo. Items with neither a label nor an open suggestion are passed over."""
        dataset, cells = self._session.dataset, self._confirmable(rows)
        if not cells:
            raise DataError("confirm: expected a label or an open suggestion on the item, got neither; set the labels that it has")
        self._session.confirm_all((dataset.item_ids[row], dataset.label_names[label]) for row, label in cells)
        self.follow()
        return len(cells)

    def confirming(self, rows: np.ndarray) -> int:
        """How many cells :meth:`confirm_all` would be about."""
        return len(self._confirmable(rows))

    def _confirmable(self, rows: np.ndarray) -> dict[tuple[int, int], None]:
        worklist = self._suggested.worklist
        opened = np.flatnonzero(np.isin(worklist.rows, rows) & np.isin(worklist.verdicts, UNDECIDED))
        suggested = zip(worklist.rows[opened].tolist(), worklist.labels[opened].tolist(), strict=True)
        return dict.fromkeys([*self._current.positives(rows), *suggested])

    def edit_all(self, cells: Sequence[tuple[int, int, int]]) -> int:
        """Set many cells, given as (row, label, state): all or none, with one undo; how many that were."""
        dataset = self._session.dataset
        self._session.edit_all((dataset.item_ids[row], dataset.label_names[label], state) for row, label, state in cells)
        self.follow()
        return len(cells)

    def decide_unknown(self, row: int, label: int, verdict: str) -> None:
        """Accept what is proposed for an unknown cell, reject it (it is the other state), or leave the cell unknown."""
        proposed = self._unknown.proposed(row, label, -1)
        if proposed is None:
            raise DataError("decide: expected an unknown cell with a pseudo-label, got another; refresh the list")
        dataset = self._session.dataset
        if verdict == "skip":
            self._session.undecided(dataset.item_ids[row], dataset.label_names[label])
            self.follow()
        else:
            self.edit(row, label, proposed.state if verdict == "accept" else 1 - proposed.state)

    def accept_unseen(self, rows: np.ndarray, labels: np.ndarray, states: np.ndarray, source: str) -> int:
        """Set cells that nobody looked at one by one, with what suggestions among them make necessary: one undo; how many that were."""
        dataset, worklist = self._session.dataset, self._suggested.worklist
        on = worklist.on_all(rows, labels)
        along = worklist.with_companions(on[on >= 0])[(on >= 0).sum() :]
        cells = zip(
            dataset.item_ids.gather(np.append(rows, worklist.rows[along])).to_list(),
            np.append(labels, worklist.labels[along]).tolist(),
            np.append(states, worklist.adds[along].astype(np.int8)).tolist(),
            strict=True,
        )
        written = self._session.accept_all(cells, source=source)
        self.follow()
        return len(written)

    def judge(self, row: int, label: int, judgement: Judgement) -> None:
        """Say of a cell of the audit sample that its given state is right, wrong or undecidable."""
        if judgement not in JUDGEMENTS:
            raise DataError(f"judge: expected one of {', '.join(JUDGEMENTS)}, got {judgement!r}")
        if (row, label) not in self._sample:
            raise DataError("judge: expected a cell of the audit sample, got another; refresh the list")
        dataset = self._session.dataset
        item, name = dataset.item_ids[row], dataset.label_names[label]
        if judgement == "undecidable":
            self._session.undecided(item, name)
        elif judgement == "right":
            self._session.confirm(item, name)
        else:
            self._session.edit(item, name, 1 - self._current.given(row, label))
        self._sample.remember((row, label), judgement)
        self.follow()

    def undo(self) -> Step | None:
        """Undo the last decision, or batch of them: what it was about, or None."""
        return self._stepped(self._session.undo())

    def redo(self) -> Step | None:
        """Redo what was undone last: what it was about, or None."""
        return self._stepped(self._session.redo())

    def show_audit(self) -> None:
        """Show the audit sample that stands, and the verdicts on relations; from the first call on :meth:`sync` does."""
        self._complete = True
        with self._settling:
            another = self._sample.renew()
        if another:
            self._versions.bump("decisions")
        self.show_relation_verdicts()
        self.show_voters()

    def show_unknown(self, found: Any) -> None:
        """Show other pseudo-labels."""
        with self._settling:
            self._unknown.take(found, self._session.decisions.filter(~pl.col("undone")).select("item_id", "label").unique())
        self._versions.changed()

    def show_rest(self) -> None:
        """Show the sample of a list that was drawn."""
        self._versions.changed()

    def show_relation_verdicts(self) -> None:
        """Show what was said of relations since the last call: that they hold, or that they do not. The first call shows nothing."""
        with self._settling:
            said = self._session.constraints.events
            new = said[len(said) if self._n_verdicts is None else self._n_verdicts :]
            self._n_verdicts = len(said)
            # a relation is withdrawn by as many undos as there were verdicts on it: said once
            once = groupby(new, lambda event: (event.key, event.seq if event.is_decision else 0))
            self.since_suggestions.n_relations += sum(1 for _ in once)
        if new:
            self._versions.bump("pairs")

    def show_voters(self) -> None:
        """Show that a rule was saved or deleted, or votes of a judge came, since the last call. The first call shows nothing."""
        with self._settling:
            version, first = self._session.voters.version, self._voters is None
            n_new = 0 if self._voters is None else sum(version) - sum(self._voters)
            self._voters = version
            self.since_suggestions.n_voters += n_new
        if n_new or first:
            self._agreed.renew()
            self._versions.changed()
        if n_new:
            self._versions.bump("voters")

    def sync(self) -> int:
        """Take in what others decided on the same ledger, and show it; how many decisions are new here."""
        self._session.catch_up()
        if self._complete:
            self._session.constraints.sync()
            self._session.voters.sync()
            self.show_audit()
        return self.follow()

    def follow(self) -> int:
        """Show every decision that this session knows and that is new here, whoever made it and where; how many those were."""
        with self._settling:
            events = self._subscription.read()
            is_of_these = self._session.label_version == self._label_version  # else another state takes the place of this one
            cells = list(dict.fromkeys(self._session.located(events))) if is_of_these else []
            for (row, label), state in zip(cells, self._session.states_at(cells), strict=True):
                standing = self._session.decisions_on(row, label)
                self._decided.put(row, label, state)
                self._unknown.put(row, label, decided=bool(standing))
                self._rest.put(row, label, state, decided=bool(standing))
                self._conflicts.put(row, label, standing)
                if (row, label) in self._sample:
                    self._sample.put((row, label), judged=judgement(standing) is not None)
            _renew(self._suggested.worklist, cells)
            self._versions["decisions"] += len(events)  # so a view that decided knows whether others did as well
        if events:
            self._versions.changed()
        return len(events)

    @property
    def n_decided(self) -> int:
        """Number of suggestions accepted or rejected."""
        counts = self._suggested.worklist.counts()
        return counts["accepted"] + counts["rejected"]

    def counts(self, *, of_all: bool = False) -> Counts:
        """Counts of the queues, of the selected items only if there is a selection; and of the cells that are other than given."""
        chosen = None if of_all else self._filters.chosen
        n_wanted, n_ambiguous = self._known_voters.counts()
        return Counts(
            **self._suggested.worklist.counts(chosen),
            **self._sample.counts(),
            label_next=self._label_next.count,
            unlike=self._unlike.count,
            ask_next=n_wanted,
            ambiguous=n_ambiguous,
            agreed=self._agreed.count(chosen),
            unknown=len(self._unknown.left(chosen)),
            sample=self._rest.n_left,
            conflicts=self._conflicts.count(chosen),
            changed=int(self._session.progress["n_changed"]),
        )

    @property
    def version(self) -> int:
        """Number of the newest decision known here."""
        return self._versions["decisions"]

    def _stepped(self, event: Event | LabelText | GroupVerdict | None) -> Step | None:
        if event is None:
            return None
        if isinstance(event, LabelText):
            return Step(-1, event.label, -1, 1, text=True)
        if isinstance(event, GroupVerdict):
            return Step(-1, event.name, -1, 1, group=True)
        self.follow()
        together = self._session.together(event)
        row, label = next(iter(self._session.located([event])), (self._row_of(together), -1))
        others = [] if event.is_decision else self._overruled(together)
        by = tuple(dict.fromkeys(other.reviewer for other in others))
        return Step(row, event.label, self._suggested.worklist.on(row, label), len(together), len(others), by, reason=event.is_decision)

    def _overruled(self, events: Sequence[Event]) -> list[Event]:
        """What others decided later on cells of some events, where that is what stands."""
        there = [event for event in events if self._session.located([event])]
        cells = self._session.located(there)
        out = []
        for event, cell, state in zip(there, cells, self._session.states_at(cells), strict=True):
            if state != event.after:
                out += [other for other in self._session.decisions_on(*cell)[-1:] if other.reviewer != event.reviewer]
        return out

    def _row_of(self, events: Sequence[Event]) -> int:
        """An item that an edit of the label set is about, for labels that the data set was not read with."""
        return next((self._session.dataset.position(event.item_id) for event in events if not event.of_label_set), 0)


def _renew(worklist: Worklist, cells: Sequence[tuple[int, int]]) -> None:
    """Look up the verdicts on some cells anew."""
    if cells:
        worklist.refresh(np.unique(np.concatenate([worklist.of_row(row) for row, _ in cells])))
