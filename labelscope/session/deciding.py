"""What a person decides: suggestions, cells, whole items and the label set, each step written before it counts, with one undo."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from labelscope.compute.collector import paused_collector
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN
from labelscope.errors import DataError
from labelscope.review.events import Event, Kind
from labelscope.review.group_verdicts import GroupVerdict
from labelscope.review.label_texts import LabelText
from labelscope.review.notes_in_turn import redo_note, undo_note
from labelscope.review.one_label_each import Known, OneLabelEach
from labelscope.review.reviewer_log import Decision
from labelscope.review.verdicts import PENDING, SKIPPED
from labelscope.session.heard import Heard

if TYPE_CHECKING:
    from labelscope.review.label_edit import EditPreview, LabelEdit
    from labelscope.review.said_notes import SaidNotes

__all__ = ["Deciding"]


class Deciding(Heard):
    """A review: what is suggested, and the decisions on it."""

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
        for item_id, label, state in _of_states(cells):
            cell = self._cell(item_id, label)
            asked.append(Decision("edit", cell, int(state), self._suggestion_on(cell)))
        return self._decide(asked)

    def accept_all(self, cells: Iterable[tuple[object, str | int, int]], *, source: str) -> tuple[Event, ...]:
        """Set many cells, given as (item_id, label, state), that nobody looked at one by one: all or none, with one undo.

        Parameters
        ----------
        cells : iterable of (item_id, label, state)
            Pseudo-labels, or the part of a list that :func:`labelscope.accept_rest` frees.
        source : str
            Where the states come from and what they promise, in one line. It is kept with each cell in the ledger and in the changes of
            an export, and says that the cell is no verdict: neither an audit nor the confidence of suggestions learns from it.

        Raises
        ------
        DataError
            If there is no such item, label or state, no cell, or no source.
        LedgerError
            If it could not be made durable; then none of the cells changes.
        """
        words = " ".join(source.split())
        if not words:
            raise DataError(f"source: expected where the states come from, got {source!r}; name the method and what it promises")
        asked = [
            Decision("accept", cell, int(state), self._suggestion_on(cell), words)
            for cell, state in ((self._cell(item_id, label), state) for item_id, label, state in _of_states(cells))
        ]
        if not asked:
            raise DataError("cells: expected at least one (item_id, label, state), got none; choose some")
        return self._decide(asked)

    def accept_pseudo_labels(self, label: str | int | None = None, state: int | None = None) -> tuple[Event, ...]:
        """Accept the pseudo-labels of a label and state (default: all) on cells that nobody has decided: one batch, one undo.

        Parameters
        ----------
        label : str or int, optional
        state : {1, 0}, optional

        Raises
        ------
        DataError
            If no such pseudo-label is left to accept. Raises as :meth:`accept_all` besides.
        """
        found, cell = self.pseudo_labels, ["item_id", "label"]
        chosen = found.frame if state is None else found.frame.filter(pl.col("state") == state)
        if label is not None:
            chosen = chosen.filter(pl.col("label") == self.dataset.label_names[self.dataset.label_position(label)])
        chosen = chosen.join(self.decisions.filter(~pl.col("undone")), on=cell, how="anti", maintain_order="left")
        if not chosen.height:
            raise DataError("pseudo-labels: expected some that nobody has decided, got none; choose another label or state")
        return self.accept_all(chosen.select(*cell, "state").iter_rows(), source=found.source)

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

    def confirm_all(self, cells: Iterable[tuple[object, str | int]]) -> tuple[Event, ...]:
        """Say that many cells, given as (item_id, label), are right as they stand: all or none is written, with one undo.

        An open suggestion on such a cell is rejected by it. Nothing changes, and an audit takes it for no verdict: who confirms a
        whole item has not judged each of its cells alone.

        Raises
        ------
        DataError
            If there is no such item or label.
        LedgerError
            If it could not be made durable; then it does not count.
        """
        named = [self._cell(item_id, label) for item_id, label in cells]
        return self._reviewer_log.decide(
            Decision("confirm", cell, self._reviewer_log.state(cell), self._suggestion_on(cell)) for cell in named
        )

    def confirm_item(self, item_id: object) -> tuple[Event, ...]:
        """Say that the labels of an item are right as they stand: its positives are, and what is still suggested for it is not.

        Negative and unknown cells without a suggestion are left as they are. Raises as :meth:`confirm_all`, and DataError if the
        item has neither a label nor an open suggestion.
        """
        row = self.dataset.position(item_id)
        names = [self.dataset.label_names[k] for k in self.labels.rows(np.array([row])).positives.indices]
        if "suggestions" in self.ready:
            own = self.suggestions.frame.filter(pl.col("item_id") == self.dataset.item_ids[row])
            opened = [label for one, label in own.select("suggestion_id", "label").iter_rows() if self.verdict(one) in {PENDING, SKIPPED}]
            names = list(dict.fromkeys([*names, *opened]))
        if not names:
            raise DataError(f"confirm: expected a label or an open suggestion on {item_id!r}, got neither; set the labels that it has")
        return self.confirm_all((item_id, name) for name in names)

    def undecided(self, item_id: object, label: str | int) -> Event:
        """Say that nobody can tell the state of a cell: it keeps the given one, and an audit counts it as undecidable.

        Raises as :meth:`edit`.
        """
        cell = self._cell(item_id, label)
        return self._reviewer_log.decide([Decision("skip", cell, self._reviewer_log.state(cell))])[0]

    def give_reason(self, reason: str, *, about: int | None = None) -> Event:
        """Say why a decision was taken, in a few words: counted, exported, and undone like a decision.

        Parameters
        ----------
        reason : str
            One of :attr:`reason_kinds`, or other words. It replaces an earlier reason of that decision.
        about : int, optional
            Number (`seq`) of the decision; default: this reviewer's last one. Of a batch, the reason holds for all of it.

        Returns
        -------
        Event
            The decision.

        Raises
        ------
        DataError
            If the reason is no line of text, or no such decision stands.
        LedgerError
            If it could not be made durable; then there is no such reason.
        """
        return self._reasons.give(reason, about)

    def look_again(self, seq: int) -> None:
        """Note that the reviewer's next decision on a cell of :attr:`looks_due` is a second look: nobody showed what was decided.

        Parameters
        ----------
        seq : int
            Number of the decision that is looked at again.

        Raises
        ------
        DataError
            If it is not due.
        LedgerError
            If that could not be made durable.
        """
        if seq not in self._looks.due["seq"]:
            raise DataError(f"look_again: expected a decision out of looks_due, got {seq!r}; refresh the list")
        self._looks.look(seq)

    def undo(self) -> Event | LabelText | GroupVerdict | None:
        """Undo what this reviewer said last: a decision or batch of them, the reason of one, a text or a word on a group.

        Returns
        -------
        Event, LabelText, GroupVerdict or None
            The undo, which names its cell (:meth:`together` gives the others of a batch); the decision itself if only its reason was
            taken back; the texts of a label (:meth:`describe`), or the word on a group of items (:meth:`dismiss_group`), that no longer
            stand; None if nothing is left.
        """
        return self._stepped(undo_note(self._reviewer_log, self._notes), self._reviewer_log.undo)

    def redo(self) -> Event | LabelText | GroupVerdict | None:
        """Undo this reviewer's last undo, unless something was decided since. Returns as :meth:`undo`."""
        return self._stepped(redo_note(self._reviewer_log, self._notes), self._reviewer_log.redo)

    @property
    def _notes(self) -> list[SaidNotes[Any]]:
        """What is said beside the decisions, and undone in turn with them."""
        return [self._reasons.notes, self._texts]

    def _stepped(self, note: Any | None, step: Callable[[], tuple[Event, ...]]) -> Event | LabelText | GroupVerdict | None:
        """What an undo or redo was about: a note, or else the decisions that `step` takes."""
        if isinstance(note, (LabelText, GroupVerdict)):
            return note
        with paused_collector():
            found = _first_cell(step()) if note is None else self._reasons.about(note)
            self.follow_label_set()
        return found

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

        The session and the Explorer go on with the label set as it now stands, at once; what stages found holds for the labels
        that they knew, and :meth:`reconsider` runs them on the new ones.
        """
        with paused_collector():
            events = self._label_set.apply(edit)
            self.follow_label_set()
        return events

    def _decide(self, decisions: list[Decision]) -> tuple[Event, ...]:
        return self._reviewer_log.decide(decisions if self._one_label is None else self._one_label.complete(decisions))

    @cached_property
    def _one_label(self) -> OneLabelEach | None:
        """Where an item has one label: what keeps it so."""
        if not self.dataset.one_label_each:
            return None
        known = Known(self._labels_given, self._reviewer_log.state, self._suggestion_on, self._instead)
        return OneLabelEach(self._reviewer_log.index, known)

    def _labels_given(self, item_id: str) -> list[str]:
        """The labels of an item that are given."""
        labels = self.dataset.labels.rows(np.array([self.dataset.position(item_id)]))
        return [self.dataset.label_names[k] for k in labels.positives.indices]


def _first_cell(events: tuple[Event, ...]) -> Event | None:
    """The first event on a cell of an item, or the first of all: an edit of the label set may change no cell."""
    return next((event for event in events if not event.of_label_set), next(iter(events), None))


def _of_states(cells: Iterable[tuple[object, str | int, int]]) -> Iterator[tuple[object, str | int, int]]:
    """The cells, once it is sure that a state is asked for each."""
    for item_id, label, state in cells:
        if state not in (POSITIVE, NEGATIVE, UNKNOWN):
            raise DataError(f"state: expected 1, 0 or -1, got {state!r}")
        yield item_id, label, state
