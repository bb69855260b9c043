"""The label set as it stands: the labels of the data set with those that came and without those that went."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.label_set import blank_labels, drop_labels, extend_labels
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN
from labelscope.errors import DataError
from labelscope.review.events import LABEL_SET, Cell, EditRecord, Event
from labelscope.review.label_edit import EditPreview, LabelEdit, first_states, plan
from labelscope.review.reviewer_log import Decision, ReviewerLog

__all__ = ["EditedLabelSet"]

SCHEMA: dict[str, Any] = {
    "action": pl.String, "label": pl.String, "into": pl.List(pl.String), "parent": pl.String, "n_cells": pl.Int64, "reason": pl.String,
    "reviewer": pl.String, "time": pl.String, "undone": pl.Boolean,
}  # fmt: skip


class EditedLabelSet:
    """Edits of the label set in a reviewer's log, and the data set that they make.

    Parameters
    ----------
    dataset : Dataset
        As given.
    reviewer_log : ReviewerLog
    """

    def __init__(self, dataset: Dataset, reviewer_log: ReviewerLog) -> None:
        self._given = dataset
        self._reviewer_log = reviewer_log
        self._records: dict[str, EditRecord] = {}
        self._first: dict[str, np.ndarray] = {}

    @property
    def added(self) -> tuple[str, ...]:
        """Labels that came and are there, in the order in which they came."""
        return tuple(label for label, there in self._reviewer_log.index.label_set.items() if there)

    @property
    def removed(self) -> frozenset[str]:
        """Labels of the data set that went."""
        return frozenset(label for label, there in self._reviewer_log.index.label_set.items() if not there)

    @property
    def names(self) -> tuple[str, ...]:
        """All labels that are there: those of the data set in their order, then those that came."""
        removed = self.removed
        return (*(name for name in self._given.label_names if name not in removed), *self.added)

    @property
    def renamed(self) -> dict[str, str]:
        """Labels that are there and are a label of the data set under another name: new name to old name."""
        origins = {name: self._origin(name) for name in self.added}
        return {name: str(of.label) for name, of in origins.items() if of.action == "rename" and of.label in self._given.label_names}

    @property
    def frame(self) -> pl.DataFrame:
        """Every edit in its order: action, label, into, parent, n_cells, reason, reviewer, time, undone."""
        with self._reviewer_log.lock:
            index = self._reviewer_log.index
            events = index.events.compact().select("seq", "kind", "item_id", "batch").with_columns(active=pl.Series(index.active))
            batches = events.filter(pl.col("kind") == "label").group_by("batch", maintain_order=True)
            counted = batches.agg(pl.col("seq").first(), n_cells=(pl.col("item_id") != LABEL_SET).sum(), stands=pl.col("active").any())
            firsts = [index.events.of(seq) for seq in counted["seq"]]
        rows: list[tuple[Any, ...]] = []
        for event, n_cells, stands in zip(firsts, counted["n_cells"], counted["stands"], strict=True):
            record = self._record(event)
            told = (record.action, record.label, list(record.into), record.parent, n_cells, record.reason)
            rows.append((*told, event.reviewer, event.time, not stands))
        return pl.DataFrame(rows, schema=SCHEMA, orient="row")

    def first(self, label: str) -> np.ndarray | None:
        """States of a label before any cell of it was written, int8 (n_items,); None for a label that never was.

        Those of the data set, or what the first edit that made the label says of it, whether or not that edit stands.
        """
        if label in self._given.label_names:
            return self._given.labels.columns(np.array([self._given.label_position(label)]))[:, 0]
        if label not in self._first:
            record = self._first_record(label)
            if record is None:
                return None
            source = None if record.label is None else self.first(record.label)
            self._first[label] = first_states(record.action, source, self._given.n_items)
        return self._first[label]

    def states(self, label: str) -> np.ndarray:
        """States of a label with the decisions on it, int8 (n_items,); all unknown for a label that never was."""
        first = self.first(label)
        with self._reviewer_log.lock:
            return self._now(label, np.full(self._given.n_items, UNKNOWN, np.int8) if first is None else first)

    def given(self, cells: list[Cell]) -> list[int]:
        """Given states of cells, those of labels that came included; of a label itself, whether the data set has it."""
        out = np.zeros(len(cells), np.int64)
        known = {name: k for k, name in enumerate(self._given.label_names)}
        plain = [(i, item, known[label]) for i, (item, label) in enumerate(cells) if label in known and item != LABEL_SET]
        if plain:
            rows = np.array([self._given.position(item) for _, item, _ in plain])
            out[[i for i, _, _ in plain]] = self._given.labels.states(rows, np.array([k for _, _, k in plain]))
        made: dict[str, list[int]] = {}  # cells of each label that came
        for i, (item, label) in enumerate(cells):
            if item == LABEL_SET:
                out[i] = label in known
            elif label not in known:
                made.setdefault(label, []).append(i)
        for label, of in made.items():
            states = self.first(label)
            out[of] = -1 if states is None else states[[self._given.position(cells[i][0]) for i in of]]
        return out.tolist()

    def plan(self, edit: LabelEdit) -> EditPreview:
        """What an edit would change now. Raises as :func:`labelscope.review.label_edit.plan`."""
        for name in (*edit.parts, *(() if edit.label is None else (edit.label,))):
            self.check(name)
        return plan(self.dataset, edit, lambda name: self._now(name, self._start(name, edit)))

    def check(self, label: str) -> None:
        """Refuse a label that went by an edit that stands.

        Raises
        ------
        DataError
        """
        if self._reviewer_log.index.label_set.get(label, True):
            return
        went = [event for event in self._reviewer_log.index.label_events if event.label == label and not event.after]
        record = self._record(went[-1])
        into = " and ".join(map(repr, record.into))
        raise DataError(f"label: expected one that is there, got {label!r}, which went into {into}; use that, or undo the {record.action}")

    def apply(self, edit: LabelEdit) -> tuple[Event, ...]:
        """Write an edit to the ledger: one batch, all or none, one undo. Raises as :meth:`plan`, and as :meth:`ReviewerLog.decide`."""
        record = EditRecord("", edit.action, edit.label, tuple(edit.parts), edit.parent, edit.reason)
        items = tuple(None if of is None else tuple(of.to_list()) for of in edit.parts.values())
        with self._reviewer_log.lock:
            wanted = (self._reviewer_log.reviewer, record, items)
            if (written := self._reviewer_log.pressed_before(wanted)) is not None:  # done already, it would change nothing now
                return written
            self._reviewer_log.catch_up()
            preview = self.plan(edit)
            decisions = [Decision("label", (LABEL_SET, name), POSITIVE) for name in preview.added]
            decisions += [Decision("label", (str(item), label), state) for item, label, state in preview.cells]
            decisions += [Decision("label", (LABEL_SET, name), NEGATIVE) for name in preview.removed]
            starts = {name: self._start(name, edit) for name in preview.added}
            try:
                self._first |= starts  # the reviewer's log asks for given states before the edit is in the ledger
                return self._reviewer_log.decide(decisions, edit=record, wanted=wanted)
            finally:
                self._first = {name: of for name, of in self._first.items() if name not in starts}

    @property
    def extended(self) -> Dataset:
        """The data set with the labels that came, those that went not taken out, and all cells as given."""
        first = {name: self.first(name) for name in self.added}
        return extend_labels(self._given, {name: of for name, of in first.items() if of is not None}, renamed=self.renamed)

    @property
    def made(self) -> tuple[str, ...]:
        """Labels that any edit ever made, in the order in which they first came, whether or not they are there now."""
        came = dict.fromkeys(event.label for event in self._reviewer_log.index.label_events if event.after)
        return tuple(name for name in came if name not in self._given.label_names)

    def origin(self, label: str) -> str:
        """The label that a label is under an earlier name, itself where it was never renamed."""
        while label not in self._given.label_names:
            record = self._first_record(label)
            if record is None or record.action != "rename" or record.label is None:
                return label
            label = record.label
        return label

    @property
    def standing(self) -> Dataset:
        """The data set with every label that ever was, each at a place that no edit changes, and all cells as given.

        Of a label that is not there now, every cell is unknown, and it has no place in the taxonomy; those behind the last one that
        is there are left out.
        """
        with self._reviewer_log.lock:
            made, added, removed, renamed = self.made, self.added, self.removed, self.renamed
        made = made[: max((k + 1 for k, name in enumerate(made) if name in added), default=0)]
        if not made and not removed:
            return self._given
        first = {name: self.first(name) for name in made}
        wide = extend_labels(replace(self._given, source=None), {k: of for k, of in first.items() if of is not None}, renamed=renamed)
        gone = [*removed, *(name for name in made if name not in added)]
        return replace(blank_labels(wide, gone) if gone else wide, source=self._given.source)

    @property
    def dataset(self) -> Dataset:
        """The data set as it stands: these labels, with the decisions in them."""
        with self._reviewer_log.lock:
            wide, there = self.extended, {*self._given.label_names, *self.added}
            changed = self._reviewer_log.index.changes.filter(pl.col("label").is_in(list(there)))
            removed = sorted(self.removed)
        rows = np.array([wide.position(item) for item in changed["item_id"]], np.int64)
        columns = np.array([wide.label_position(label) for label in changed["label"]], np.int64)
        now = replace(wide, labels=wide.labels.replace(rows, columns, changed["after"].to_numpy()))
        return drop_labels(now, removed) if removed else now

    def _start(self, name: str, edit: LabelEdit) -> np.ndarray:
        """First states of a label that an edit makes: those of the first edit that ever made one of this name."""
        known = self.first(name)
        if known is not None:
            return known
        return first_states(edit.action, None if edit.label is None else self.first(edit.label), self._given.n_items)

    def _now(self, label: str, first: np.ndarray) -> np.ndarray:
        """States of a label with the decisions on it."""
        changed = self._reviewer_log.index.changes.filter(pl.col("label") == label)
        out = first.copy()
        out[[self._given.position(item) for item in changed["item_id"]]] = changed["after"].to_numpy()
        return out

    def _first_record(self, label: str) -> EditRecord | None:
        made = (event for event in self._reviewer_log.index.label_events if event.label == label and event.after)
        event = next(made, None)
        return None if event is None else self._record(event)

    def _origin(self, label: str) -> EditRecord:
        """The edit by which a label is there."""
        event = self._reviewer_log.index.latest((LABEL_SET, label))
        if event is None:
            raise DataError(f"label: expected one that came by an edit, got {label!r}")
        return self._record(event)

    def _record(self, event: Event) -> EditRecord:
        if event.batch not in self._records:
            self._records = {record.batch: record for record in self._reviewer_log.ledger.label_edits()}
        return self._records[str(event.batch)]
