"""What stands in the ledger of a data set: its labels now, the decisions on them, and who reads along."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import polars as pl

from labelscope.data.arguments import checked_but
from labelscope.data.labels import LabelMatrix
from labelscope.data.positions import positions
from labelscope.errors import DataError, OtherDataSet
from labelscope.review import decisions, replay
from labelscope.review.carry import earlier_version
from labelscope.review.defaults import default_place, default_reviewer
from labelscope.review.edited_label_set import EditedLabelSet
from labelscope.review.events import LABEL_SET, Cell, Event
from labelscope.review.ledger import Ledger
from labelscope.review.reviewer_agreement import agreement as reviewer_agreement
from labelscope.review.reviewer_log import ReviewerLog
from labelscope.review.second_looks import SecondLooks
from labelscope.review.verdict_reasons import VerdictReasons
from labelscope.session.relabelled import FITTED, OF_ITEMS, LabelSetNow
from labelscope.stages.results import StageResults

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset
    from labelscope.issues.find import Noise
    from labelscope.review.subscription import Subscription
    from labelscope.suggest.relabel import Suggestions

__all__ = ["Standing"]

T = TypeVar("T")


class Standing(StageResults):
    """A data set and its ledger, as they are read. Parameters: those of :class:`labelscope.Session`."""

    @checked_but("reviewer")
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
        self._reviewer_log = ReviewerLog(self._ledger, default_reviewer() if reviewer is None else _name(reviewer), self._given)
        self._label_set = EditedLabelSet(dataset, self._reviewer_log)
        self._reasons, self._looks = VerdictReasons(self._reviewer_log), SecondLooks(self._reviewer_log)
        self._labels: tuple[int, LabelMatrix] = (0, dataset.labels)
        self._as_read, self._base = dataset, dataset.labels
        self._swapping, self._made = threading.RLock(), dict(self._results)  # what stages found, as they found it
        self._label_set_shown: tuple[tuple[str, ...], tuple[str, ...]] = ((), dataset.label_names)
        self._now: LabelSetNow | None = None
        self.label_version = 0
        self.models: dict[str, Any] = {}
        self.follow_label_set()

    @property
    def reviewer(self) -> str:
        """Who decides here. Another name signs the decisions from then on; undo takes back those of one name only."""
        return self._reviewer_log.reviewer

    @reviewer.setter
    def reviewer(self, name: str) -> None:
        self._reviewer_log.reviewer = _name(name)

    @property
    def ledger(self) -> str:
        """Where decisions are kept."""
        return self._ledger.name

    @property
    def answers_file(self) -> Path:
        """Where the Explorer keeps the answers of judges as they arrive: beside the ledger, or in its usual place for one on a server."""
        place = self._ledger.path or default_place(self._as_read)
        return place.with_name(f"{place.stem}.answers.sqlite")

    def state(self, item_id: object, label: str | int) -> int:
        """State of a cell now: 1, 0 or -1."""
        return self._reviewer_log.state(self._cell(item_id, label))

    @property
    def labels(self) -> LabelMatrix:
        """The labels now: the given ones with the decisions. Of a label that went, every cell is unknown."""
        with self._reviewer_log.lock:
            seq = self._reviewer_log.index.seq
            known, labels = self._labels
            if known == seq:
                return labels
            changed = self._reviewer_log.index.changes.filter(pl.col("label").is_in(list(self.label_names)))
            base = self._base
        labels = self._replaced(self.dataset, base, changed)
        self._labels = (seq, labels)
        return labels

    @staticmethod
    def _replaced(dataset: Dataset, labels: LabelMatrix, cells: pl.DataFrame) -> LabelMatrix:
        rows = positions(cells["item_id"], dataset.item_ids, expected="ledger: expected item ids of the data set", remedy="check it")
        column = {label: dataset.label_position(label) for label in cells["label"].unique()}
        columns = cells["label"].replace_strict(column, return_dtype=pl.Int64).to_numpy()
        return labels.replace(rows, columns, cells["after"].to_numpy())

    @property
    def decisions(self) -> pl.DataFrame:
        """Every decision on a label of the data set.

        Columns: seq, item_id, label, verdict, before, after, suggestion_id, reviewer, time, undone, source (null unless a cell was accepted
        with many others and nobody looked at it: :meth:`accept_all`), reason (null unless somebody gave one: :meth:`give_reason`).
        """
        with self._reviewer_log.lock:
            frame = decisions.decisions(self._reviewer_log.index, self.dataset.item_ids.dtype, self._reasons.frame)
        return frame.filter(pl.col("label").is_in(self.dataset.label_names))

    @property
    def decided(self) -> pl.DataFrame:
        """The cells that people decided on, and what they are by the last decision: item_id, label, state (1 or 0).

        What voters are measured by: :func:`labelscope.raters` and :func:`labelscope.consensus` take it as `audited`. Left out are
        skipped cells, those set to unknown, and those accepted unseen (:meth:`accept_all`).
        """
        standing = self.decisions.filter(~pl.col("undone"), pl.col("verdict") != "skipped")
        last = standing.unique(["item_id", "label"], keep="last", maintain_order=True)
        return last.filter(pl.col("after") >= 0, pl.col("source").is_null()).select("item_id", "label", state="after")

    @property
    def standing_numbers(self) -> pl.DataFrame:
        """The decisions on labels of the data set that were not undone, as numbers: what is counted and drawn of a review needs no more."""
        with self._reviewer_log.lock:
            return decisions.standing_numbers(self._reviewer_log.index, self.dataset.label_names)

    @property
    def conflicts(self) -> pl.DataFrame:
        """The cells on which reviewers disagree, one row a cell and reviewer."""
        with self._reviewer_log.lock:
            return decisions.conflicts(self._reviewer_log.index, self.dataset.item_ids.dtype)

    @property
    def changes(self) -> pl.DataFrame:
        """The cells other than given: item_id, label, before, after, reviewer, time, suggestion_id, source."""
        with self._reviewer_log.lock:
            frame = replay.told_changes(self._reviewer_log.index.changes)
            there = [*self.dataset.label_names, *self._label_set.added]
        frame = frame.filter(pl.col("label").is_in(there))
        return frame.with_columns(pl.col("item_id").cast(self.dataset.item_ids.dtype))

    def located(self, events: Iterable[Event]) -> list[tuple[int, int]]:
        """Row and column in the data set of the cell of each event, labels that came since left out."""
        cells = [event.cell for event in events if not event.of_label_set and self.dataset.has_label(event.label)]
        return [(self.dataset.position(item), self.dataset.label_position(label)) for item, label in cells]

    def decisions_on(self, row: int, label: int) -> tuple[Event, ...]:
        """The decisions that stand on a cell, by its row and column, oldest first."""
        with self._reviewer_log.lock:
            return self._reviewer_log.index.on(self._cell_at(row, label))

    def states_at(self, cells: Sequence[tuple[int, int]]) -> list[int]:
        """States of cells now, by row and column; a label that went by an edit of the label set has one still."""
        named = [self._cell_at(row, label) for row, label in cells]
        with self._reviewer_log.lock:
            known = [self._reviewer_log.index.state(cell) for cell in named]
        given = iter(self._given([cell for cell, state in zip(named, known, strict=True) if state is None]))
        return [next(given) if state is None else state for state in known]

    @property
    def last_event(self) -> int:
        """Number of the last event that was taken in: while it is the same, so is all that follows from decisions."""
        with self._reviewer_log.lock:
            return self._reviewer_log.index.seq

    @property
    def decided_cells(self) -> pl.DataFrame:
        """Every cell of the data set that somebody ever decided on: item_id and label as text, given, state (now)."""
        with self._reviewer_log.lock:
            cells = self._reviewer_log.index.cells
        return cells.filter(pl.col("label").is_in(self.dataset.label_names))

    @property
    def contested_cells(self) -> list[tuple[int, int, tuple[Event, ...]]]:
        """Row and column of each cell on which decisions of more than one reviewer stand, and these decisions, oldest first."""
        with self._reviewer_log.lock:
            contested = self._reviewer_log.index.contested
        return [(*cell, events) for events in contested for cell in self.located(events[:1])]

    @property
    def last_verdict(self) -> Event | None:
        """The last decision of the reviewer that stands; None without one."""
        return self._reasons.last_verdict()

    def reason(self, event: Event) -> str:
        """The reason that was given for a decision; "" without one."""
        return self._reasons.of(event)

    def reason_on(self, row: int, label: int) -> str:
        """The reason that was given for the last decision on a cell, by its row and column; "" without one."""
        standing = self.decisions_on(row, label)
        return self.reason(standing[-1]) if standing else ""

    @property
    def reasons(self) -> pl.DataFrame:
        """The reasons of the decisions that stand: seq, item_id, label, verdict, reason, reviewer (of the decision), time."""
        self._reasons.sync()
        given = self.decisions.filter(~pl.col("undone"), pl.col("reason").is_not_null())
        return given.select("seq", "item_id", "label", "verdict", "reason", "reviewer", "time")

    @property
    def reason_kinds(self) -> tuple[str, ...]:
        """The reasons that are offered, one to nine. Assign others: they are in the ledger, for all who review on it."""
        return self._reasons.kinds

    @reason_kinds.setter
    def reason_kinds(self, kinds: Sequence[str]) -> None:
        self._reasons.kinds = kinds

    @property
    def looks_due(self) -> pl.DataFrame:
        """The decided cells that come back to the reviewer unmarked: seq (of the decision), item_id (as text), label.

        A tenth of the cells that another decided alone, and 2% of the reviewer's own once fifty others were decided.
        """
        due = self._looks.due
        return due.filter(pl.col("label").is_in(self.dataset.label_names))

    @property
    def second_looks(self) -> pl.DataFrame:
        """What second looks came to: item_id (as text), label, first, second (reviewers), same (whether both said the same)."""
        self._looks.sync()
        return self._looks.pairs

    @property
    def reviewer_agreement(self) -> pl.DataFrame:
        """How often reviewers agreed at second looks, with each other and with themselves.

        Columns: first, second, n, same, share, low, high (95%), accuracy (how often each of the two is right if both are equally good,
        with accuracy_low and accuracy_high), unequal (whether their own repeats differ by more than chance).
        """
        return pl.DataFrame([asdict(one) for one in reviewer_agreement(self.second_looks)])

    @property
    def label_edits(self) -> pl.DataFrame:
        """Every edit of the label set: action, label, into, parent, n_cells, reason, reviewer, time, undone."""
        return self._label_set.frame

    @property
    def label_names(self) -> tuple[str, ...]:
        """The labels that there are now: those of the data set that did not go, then those that came."""
        return self._label_set.names

    @property
    def labels_there(self) -> np.ndarray:
        """Which labels of :attr:`dataset` there are now, bool (n_labels,): one that went keeps its place, without a known cell."""
        return np.isin(self.dataset.label_names, list(self.label_names))

    def follow_label_set(self, *, anew: bool = False) -> None:
        """Go on with the labels that there are now: :attr:`dataset` has those that came, and what stages found is fitted to them.

        Parameters
        ----------
        anew : bool
            Also where no label came or went: labels that were made are given as they were decided since.
        """
        with self._swapping:
            shown = (self._label_set.made, self._label_set.names)
            if shown == self._label_set_shown and not (anew and shown[0]):
                return
            self._label_set_shown = shown
            standing, there = self._label_set.standing, list(shown[1])
            with self._reviewer_log.lock:
                decided = self._reviewer_log.index.decided.filter(pl.col("label").is_in(there), pl.col("item_id") != LABEL_SET)
                closed = self._reviewer_log.index.standing_decisions.filter(pl.col("kind") != "label", ~pl.col("label").is_in(there))
            given = decided.filter((pl.col("kind") == "label") | pl.col("label").is_in(list(shown[0])))
            self._base, self._labels = standing.labels, (-1, standing.labels)
            self.dataset = replace(standing, labels=self._replaced(standing, standing.labels, given))
            self.label_version += 1
            self._fit_results(closed.select("item_id", "label").unique())

    def _fit_results(self, closed: pl.DataFrame) -> None:
        names = self.dataset.label_names
        first = [self._label_set.origin(name) for name in names]
        shown = {origin: name for origin, name, there in zip(first, names, self.labels_there, strict=True) if there}
        now = LabelSetNow(
            self.dataset,
            {name: shown[origin] for name, origin in zip(names, first, strict=True) if origin in shown},
            np.array([self.dataset.label_position(name) for name in first], np.int64),
            closed,
        )
        self._now = now
        for name in list(self._results):
            if name in self._made:
                self._results[name] = FITTED[name](self._made[name], now)
            elif name in ("voters", "constraints"):
                self._results[name].relabel(self.dataset, self.label_names)
            elif name not in OF_ITEMS:
                self._results.pop(name, None)

    def _keep(self, name: str, compute: Callable[[Any], T]) -> T:
        """As for any stage; one that ran while the label set was edited is fitted to it, or runs again."""
        while True:
            of = self.dataset
            found = compute(self)
            with self._swapping:
                if name in FITTED:
                    self._made[name] = found
                    found = found if self._now is None else FITTED[name](found, self._now)
                if name in FITTED or name in OF_ITEMS or of is self.dataset:
                    self._results[name] = found
                    return found

    @property
    def corrected(self) -> Dataset:
        """The data set as it stands, for another round: its label set with the edits, its labels with the decisions.

        It is a data set of its own, with a ledger of its own.
        """
        return replace(self._label_set.dataset, source=None)

    def together(self, event: Event) -> tuple[Event, ...]:
        """The events that were written in one batch with this one, itself included."""
        return self._reviewer_log.together(event)

    def sync(self) -> tuple[Event, ...]:
        """Take in what others decided on the same ledger, and return what of it is new since the last call.

        Open Explorers and other subscribers see it all the same: each reads on from its own place (:meth:`subscribe`).
        """
        events = self._reviewer_log.sync()
        self.follow_label_set()
        return events

    def catch_up(self) -> None:
        """Take in what others decided on the same ledger; :meth:`sync` and every subscriber still tell of it.

        Raises
        ------
        LedgerError
            If the ledger cannot be read.
        """
        self._reviewer_log.catch_up()
        self.follow_label_set()
        self._reasons.sync()
        self._looks.sync()

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
        return self._reviewer_log.subscribe(wake)

    def close(self) -> None:
        """Let go of the ledger's file."""
        self._ledger.close()

    def _cell_at(self, row: int, label: int) -> Cell:
        return (str(self.dataset.item_ids[row]), self.dataset.label_names[label])

    def _cell(self, item_id: object, label: str | int) -> Cell:
        name = label if label in self._label_set.added else self.dataset.label_names[self.dataset.label_position(label)]
        self._label_set.check(str(name))
        return (str(self.dataset.item_ids[self.dataset.position(item_id)]), name)

    def _given(self, cells: list[Cell]) -> list[int]:
        return self._label_set.given(cells)


def _name(given: object) -> str:
    """The name of a reviewer, in one line."""
    words = " ".join(given.split()) if isinstance(given, str) else ""
    if not words or not words.isprintable():
        shown = repr(given) if isinstance(given, (str, int, float)) else type(given).__name__
        raise DataError(f"reviewer: expected a name, got {shown}")
    return words
