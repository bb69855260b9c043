"""Decisions in the app: recorded in the ledger first, then shown, whoever made them and where.

Decisions come from the kernel's thread, those of others from the one that polls; a lock orders what is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import groupby
from threading import RLock

import numpy as np

from labelscope.errors import DataError, OutcomeUnknown
from labelscope.explorer.audit_sample import JUDGEMENTS, Sample
from labelscope.explorer.changes_since_suggestions import ChangesSinceSuggestions
from labelscope.explorer.decided import DecidedCells
from labelscope.explorer.filters import Filters
from labelscope.explorer.label_column import CurrentLabels
from labelscope.explorer.messages import Judgement
from labelscope.explorer.open_conflicts import OpenConflicts
from labelscope.explorer.replies.state import Counts
from labelscope.explorer.stage_results import check_cell
from labelscope.explorer.versions import Versions
from labelscope.explorer.worklist import Suggested, Worklist
from labelscope.review.events import Event, Kind
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
    """

    row: int
    label: str
    suggestion: int
    n: int


class Decisions:
    """Takes decisions and follows those of others.

    Parameters
    ----------
    session : Session
    suggested : Suggested
    decided : DecidedCells
    conflicts : OpenConflicts
    sample : Sample
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
        filters: Filters,
        versions: Versions,
        subscription: Subscription,
    ) -> None:
        self._session, self._suggested, self._filters, self._versions = session, suggested, filters, versions
        self._decided, self._conflicts, self._sample = decided, conflicts, sample
        self._given = CurrentLabels(session.dataset, decided).given
        self._settling = RLock()
        self._subscription = subscription
        self.since_suggestions = ChangesSinceSuggestions(0)
        self._complete = False  # whether what lies beside the decisions is shown: it takes time to load, after the first view
        self._unsure: tuple[Hashable, list[str]] | None = (
            None  # what was wanted last, and which suggestions, while nobody knows its outcome
        )
        self._n_verdicts: int | None = None  # verdicts on relations that are shown

    def take_suggestions(self, worklist: Worklist, cells: Sequence[tuple[int, int]]) -> None:
        """Another worklist; `cells` were decided while it was made."""
        with self._settling:  # nobody waits while the list is made: what was decided meanwhile is looked up now
            _renew(worklist, cells)
            self._suggested.worklist = worklist
        self.since_suggestions = ChangesSinceSuggestions(self.n_decided)

    def decide(self, suggestion_id: str, verdict: str) -> tuple[int, int]:
        """Accept, reject or skip a suggestion: its position, and how many were decided, once the ledger has them."""
        position = self._suggested.worklist.position(suggestion_id)
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
        self._session.edit(dataset.item_ids[row], dataset.label_names[label], state)
        self.follow()

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
            self._session.edit(item, name, 1 - self._given(row, label))
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

    def sync(self) -> int:
        """Take in what others decided on the same ledger, and show it; how many decisions are new here."""
        self._session.catch_up()
        if self._complete:
            self._session.constraints.sync()
            self.show_audit()
        return self.follow()

    def follow(self) -> int:
        """Show every decision that this session knows and that is new here, whoever made it and where; how many those were."""
        with self._settling:
            events = self._subscription.read()
            cells = list(dict.fromkeys(self._session.located(events)))
            for row, label in cells:
                standing = self._session.decisions_on(row, label)
                self._decided.put(row, label, self._session.state_at(row, label))
                self._conflicts.put(row, label, standing)
                if (row, label) in self._sample:
                    self._sample.put((row, label), judged=any(event.kind != "label" for event in standing))
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
        mask = None if of_all else self._filters.mask
        return Counts(
            **self._suggested.worklist.counts(mask),
            **self._sample.counts(),
            conflicts=self._conflicts.count(mask),
            changed=int(self._session.progress["n_changed"]),
        )

    @property
    def version(self) -> int:
        """Number of the newest decision known here."""
        return self._versions["decisions"]

    def _stepped(self, event: Event | None) -> Step | None:
        if event is None:
            return None
        self.follow()
        together = self._session.together(event)
        row, label = next(iter(self._session.located([event])), (self._row_of(together), -1))
        return Step(row, event.label, self._suggested.worklist.on(row, label), len(together))

    def _row_of(self, events: Sequence[Event]) -> int:
        """An item that an edit of the label set is about, for labels that the data set was not read with."""
        return next((self._session.dataset.position(event.item_id) for event in events if not event.of_label_set), 0)


def _renew(worklist: Worklist, cells: Sequence[tuple[int, int]]) -> None:
    """Look up the verdicts on some cells anew."""
    if cells:
        worklist.refresh(np.unique(np.concatenate([worklist.of_row(row) for row, _ in cells])))
