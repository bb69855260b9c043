"""What one entry of the worklist shows: the item, the proposed change, and the labels that matter for it.

An item of a data set with thousands of labels gets a handful of chips: what is suggested, what it has, what somebody
changed, and what the model thinks likely. The rest is a search away.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Literal, cast

import numpy as np
from msgspec import UNSET, UnsetType

from labelscope.audit.sample import Judgement
from labelscope.data.dataset import Dataset
from labelscope.data.labels import POSITIVE
from labelscope.explorer.asked import LabelState, as_state
from labelscope.explorer.decided import DecidedCells
from labelscope.explorer.open_conflicts import OpenConflicts
from labelscope.explorer.replies.card import Action, Change, Chip, Conflict, Entry, Proposed, Question, Suggestion
from labelscope.explorer.replies.review import Hovered
from labelscope.explorer.stage_results import StageResults
from labelscope.explorer.unknown_cells import UnknownCells
from labelscope.explorer.worklist import Suggested, Worklist
from labelscope.review.verdicts import VERDICTS
from labelscope.views.item_text import item_text

__all__ = ["Cards"]

TEXT_LENGTH = 420
N_CHIPS = 14
N_LIKELY = 4


class Cards:
    """Makes the cards of one data set.

    Parameters
    ----------
    dataset : Dataset
    there : array of bool, shape (n_labels,)
        The labels that there are; others went, and are on no card.
    decided : DecidedCells
    suggested : Suggested
    results : StageResults
        Its probabilities are on the chips.
    unknown : UnknownCells
        What is proposed for unknown cells.
    reason : callable (row, label) -> str
        The reason that was given for the last decision on a cell; "" without one.
    """

    def __init__(
        self,
        dataset: Dataset,
        there: np.ndarray,
        decided: DecidedCells,
        suggested: Suggested,
        results: StageResults,
        unknown: UnknownCells,
        reason: Callable[[int, int], str],
    ) -> None:
        self.there = there
        self._dataset, self._decided, self._suggested, self._results = dataset, decided, suggested, results
        self._unknown, self._reason = unknown, reason

    def entry(
        self, row: int, suggestion: int = -1, *, label: int = -1, conflicts: OpenConflicts | None = None, unmarked: bool = False
    ) -> Entry:
        """The card of an item.

        Parameters
        ----------
        row : int
        suggestion : int
            Position of the suggestion it is about; -1 for none.
        label : int
            Label it is about, if any; that of the suggestion goes without saying.
        conflicts : OpenConflicts, optional
            The open disagreements: the card says who says what.
        unmarked : bool
            Whether the suggestion is shown as if nobody had decided on it.
        """
        label = int(self._suggested.worklist.labels[suggestion]) if suggestion >= 0 else label
        if label < 0 and conflicts is not None:
            label = next((of for of in self._decided.of_row(row) if (row, of) in conflicts), -1)
        return self._card(
            row,
            label,
            suggestion=None if suggestion < 0 else self.suggestion(suggestion, unmarked=unmarked),
            conflict=None if unmarked else self._conflict(row, label, conflicts),
            chips=self._chips(row, label, unmarked=unmarked),
            proposed=self._proposed(row, label) if suggestion < 0 else UNSET,
            said=UNSET if unmarked else self._said(row, label),
        )

    def question(self, row: int, label: int, judgement: Judgement | Literal["judged"] | None) -> Entry:
        """The card of a cell to judge blindly: the item, the label and its given state, and nothing that a model says.

        Parameters
        ----------
        row, label : int
        judgement : str or None
            What was said of it.
        """
        given = cast("Literal[0, 1]", self._dataset.labels.state(row, label))
        return self._card(row, label, audit=Question(label, self._dataset.label_names[label], given, judgement))

    def text(self, row: int) -> str:
        """The item in words: its text, or its columns where it has neither text nor image."""
        return item_text(self._dataset, row, separator="\n", n_columns=6)

    def title(self, row: int, unmarked: Collection[int] = ()) -> Hovered:
        """What the map shows when the pointer rests on an item; some labels of it `unmarked`: as they were given."""
        names, given = self._dataset.label_names, self._row_labels(row)
        columns = [k for k in dict.fromkeys([*given, *self._decided.of_row(row)]) if k in given or k not in unmarked]
        states = zip(columns, self._states_of(row, columns), strict=True)
        now = [names[k] for k, state in states if state == POSITIVE or k in unmarked]
        return Hovered(row, str(self._dataset.item_ids[row]), self.text(row)[:180], now[:8], len(now))

    def chip(self, row: int, label: int, *, unmarked: bool = False) -> Chip:
        """One label of an item; `unmarked`: as it was given."""
        if unmarked:
            return self._chip(row, label, as_state(self._dataset.labels.state(row, label)))
        proposed = self._unknown.waiting(row, [label]).get(label, UNSET)
        return self._chip(row, label, self._states_of(row, [label])[0], proposed=proposed)

    def _card(
        self,
        row: int,
        label: int,
        *,
        suggestion: Suggestion | None = None,
        conflict: Conflict | None = None,
        chips: Sequence[Chip] = (),
        audit: Question | UnsetType = UNSET,
        proposed: Proposed | UnsetType = UNSET,
        said: str | UnsetType = UNSET,
    ) -> Entry:
        text = self.text(row)
        return Entry(
            row=row,
            item=str(self._dataset.item_ids[row]),
            text=text[:TEXT_LENGTH],
            more=max(0, len(text) - TEXT_LENGTH),
            image=self._dataset.image is not None,
            label=label,
            suggestion=suggestion,
            conflict=conflict,
            chips=list(chips),
            audit=audit,
            proposed=proposed,
            said=said,
        )

    def _said(self, row: int, label: int) -> str | UnsetType:
        return UNSET if label < 0 else self._reason(row, label) or UNSET

    def _proposed(self, row: int, label: int) -> Proposed | UnsetType:
        found = None if label < 0 else self._unknown.proposed(row, label, self._states_of(row, [label])[0])
        return UNSET if found is None else found

    def _chip(
        self,
        row: int,
        label: int,
        state: LabelState,
        suggested: Action | UnsetType = UNSET,
        proposed: LabelState | UnsetType = UNSET,
    ) -> Chip:
        known = self._results.probabilities
        number = None if known is None else known.of(row, label)
        probability = UNSET if number is None else round(number, 3)
        return Chip(label, self._dataset.label_names[label], state, probability, suggested, proposed)

    def _conflict(self, row: int, label: int, conflicts: OpenConflicts | None) -> Conflict | None:
        opinions = [] if conflicts is None else conflicts.of(row, label)
        return Conflict(label, self._dataset.label_names[label], opinions) if opinions else None

    def suggestion(self, position: int, *, unmarked: bool = False) -> Suggestion:
        """A suggestion by position, with the verdict on it; `unmarked`: as if there were none."""
        worklist = self._suggested.worklist
        row = worklist.frame.row(position, named=True)
        sure = row["confidence"] if worklist.likely is None else worklist.likely[position]
        other = int(worklist.others[position])
        with_it = () if other >= 0 else worklist.with_companions(np.array([position]))[1:]
        return Suggestion(
            id=row["suggestion_id"],
            label=int(worklist.labels[position]),
            name=row["label"],
            action=row["action"],
            confidence=None if sure is None else round(float(sure), 4),
            reason=row["reason"] or "",
            verdict="pending" if unmarked else VERDICTS[worklist.verdicts[position]],
            companions=[_change(worklist, int(i)) for i in with_it],
            instead="" if other < 0 else self._dataset.label_names[other],
        )

    def _chips(self, row: int, label: int, *, unmarked: bool) -> list[Chip]:
        worklist = self._suggested.worklist
        suggested = {int(worklist.labels[i]): i for i in worklist.of_row(row)}
        first = [label] if label >= 0 else []
        ranked = list(dict.fromkeys([*first, *suggested, *self._row_labels(row), *self._likely(row)]))
        ranked = [k for k in ranked if self.there[k]][:N_CHIPS]
        edited = [k for k in self._decided.of_row(row) if k not in ranked and self.there[k]][:N_CHIPS]
        labels = [*ranked[: N_CHIPS - len(edited)], *edited]  # an edit moves no chip: what comes by it comes last
        waiting = self._unknown.waiting(row, labels)
        chips = []
        for k, state in zip(labels, self._states_of(row, labels), strict=True):
            hidden = unmarked and k == label
            is_open = k in suggested and (hidden or worklist.verdicts[suggested[k]] == 0)
            now = as_state(self._dataset.labels.state(row, k)) if hidden else state
            chips.append(self._chip(row, k, now, _action(worklist, suggested[k]) if is_open else UNSET, waiting.get(k, UNSET)))
        return chips

    def _row_labels(self, row: int) -> list[int]:
        positives = self._dataset.labels.positives
        return [int(k) for k in positives.indices[positives.indptr[row] : positives.indptr[row + 1]]]

    def _likely(self, row: int) -> list[int]:
        """The labels that the model thinks likeliest, or the first ones where there is no model (and few labels)."""
        if self._results.probabilities is None:
            return np.flatnonzero(self.there)[:N_LIKELY].tolist()
        return [int(k) for k in self._results.probabilities.highest(row, N_LIKELY)]

    def _states_of(self, row: int, labels: Sequence[int]) -> list[LabelState]:
        """States of some labels of an item now: as given, except where somebody decided."""
        columns = np.asarray(labels, np.int64)
        states: list[int] = self._dataset.labels.states(np.full(len(columns), row), columns).tolist()
        decided = self._decided.of_row(row)
        return [as_state(decided.get(label, state)) for label, state in zip(labels, states, strict=True)]


def _change(worklist: Worklist, position: int) -> Change:
    return Change(int(worklist.labels[position]), worklist.frame["label"][position], _action(worklist, position))


def _action(worklist: Worklist, position: int) -> Action:
    return "add" if worklist.adds[position] else "remove"
