"""``labelscope.compare``: two versions of a table, or a table and its ledger; what was changed, and what the repair was worth."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
import sqlalchemy as sa
from scipy.special import ndtri

from labelscope.audit.audited_cells import AuditedCells
from labelscope.audit.comparison import CHANGES, EFFORT, ERRORS, MODEL, Comparison
from labelscope.audit.confusion_counts import confusion_counts
from labelscope.audit.estimate import AuditEstimate
from labelscope.audit.evaluate import evaluate
from labelscope.audit.metrics import METRICS, count_value, value_of
from labelscope.audit.model_outputs import read_models
from labelscope.audit.population_total import Total, total_interval
from labelscope.audit.reviewed import Reviewed, reviewed
from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.frames import is_frame
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN
from labelscope.data.read import read
from labelscope.errors import DataError, LedgerError, StageError
from labelscope.models.predict import predict
from labelscope.review.carry import is_ledger
from labelscope.review.defaults import default_place
from labelscope.review.review_yield import gaps

__all__ = ["compare"]

CELL = ["item_id", "label"]
CONFIDENCE = 0.95


@checked
def compare(
    old: Any,
    new: Any,
    *,
    ledger: str | os.PathLike[str] | sa.URL | None = None,
    audited: Any = None,
    downstream: bool = True,
    seed: int = 0,
    **as_read: Any,
) -> Comparison:
    """What a repair changed and what it was worth: cells by kind and label, errors and a model before and after, effort.

    Parameters
    ----------
    old : Dataset, path or frame
        The table before.
    new : Dataset, path, frame or database URL
        The table after; or the ledger with the decisions about `old`.
    ledger : path or database URL, optional
        The ledger of `old`, for its audit and the effort. Default: the one beside `old`, if there is one.
    audited : frame, optional
        Cells of an audit that took no part in the repair, as for :func:`labelscope.evaluate`: item_id, label, state, inclusion
        and stratum. Errors before and after are then both estimated from them.
    downstream : bool
        Fit the default model on the labels before and after, on the same folds, and say which is better.
    seed : int
    **as_read
        How tables are read: arguments of :func:`labelscope.read`.

    Returns
    -------
    Comparison

    Raises
    ------
    DataError
        If a table cannot be read, or the two have no items or labels in common, or rows without ids cannot be told apart.
    LedgerError
        If a ledger that was named cannot be read or is about another table.

    Notes
    -----
    With the audit of the ledger, the errors after the repair are those before less the cells that people changed, who are taken
    to be right, as the audit takes them. Of cells that were accepted unseen nobody knows how many are right: the limits allow
    for all and for none.

    Examples
    --------
    >>> old = Dataset.from_arrays([["cat"], ["dog"], []], item_ids=["x", "y", "z"])
    >>> new = Dataset.from_arrays([["cat", "dog"], [], []], item_ids=["x", "y", "z"])
    >>> compare(old, new, downstream=False).counts
    {'added': 1, 'removed': 1, 'decided': 0, 'unset': 0}
    """
    before = _table(old, "old", as_read)
    review: Reviewed | None
    if not isinstance(new, Dataset) and not is_frame(new) and is_ledger(new):
        review = reviewed(before, new)
        after = review.corrected
    else:
        after = _table(new, "new", as_read)
        review = _review(before, ledger)
    return _Compared(before, after, review, audited, seed, _shared(before, after)).comparison(downstream=downstream)


def _table(given: Any, role: str, as_read: Mapping[str, Any]) -> Dataset:
    if isinstance(given, Dataset):
        return given
    if "labels" not in as_read:
        raise DataError(f"labels: expected how {role} is read, got nothing; name its label column with labels=, or give a Dataset")
    try:
        return read(given, **as_read)
    except DataError as error:
        told = str(error)
        raise DataError(f"{role}{told.removeprefix('table')}" if told.startswith("table:") else told) from None


def _review(before: Dataset, ledger: Any) -> Reviewed | None:
    """What the ledger of the earlier version says; None where there is none that fits and none was named."""
    if ledger is not None:
        return reviewed(before, ledger)
    with suppress(LedgerError):
        return reviewed(before, default_place(before))
    return None


@dataclass(frozen=True)
class _Shared:
    """Items and labels that both versions have, by position in either."""

    old_items: np.ndarray
    new_items: np.ndarray
    old_labels: np.ndarray
    new_labels: np.ndarray
    only_old: dict[str, tuple[str, ...]]
    only_new: dict[str, tuple[str, ...]]


def _shared(before: Dataset, after: Dataset) -> _Shared:
    if (before.numbered or after.numbered) and before.n_items != after.n_items:
        raise DataError(
            f"compare: expected item ids, or as many rows in both versions, got {before.n_items:,} and {after.n_items:,} rows without ids; "
            "name the column of the ids with id="
        )
    items = _matched(before.item_ids.cast(pl.String), after.item_ids.cast(pl.String))
    names = [pl.Series(version.label_names, dtype=pl.String) for version in (before, after)]
    labels = _matched(*names)
    for what, found in (("items", items), ("labels", labels)):
        if not len(found[0]):
            raise DataError(f"compare: expected {what} that both versions have, got none; check the ids and names, and how each is read")
    ids = [version.item_ids.cast(pl.String) for version in (before, after)]
    only = [{"items": _rest(ids[side], items[side]), "labels": _rest(names[side], labels[side])} for side in (0, 1)]
    return _Shared(items[0], items[1], labels[0], labels[1], only[0], only[1])


def _matched(old: pl.Series, new: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """Positions of equal values in both, in the order of the first."""
    left = pl.DataFrame({"key": old}).with_row_index("old")
    both = left.join(pl.DataFrame({"key": new}).with_row_index("new"), on="key", how="inner", maintain_order="left")
    return both["old"].to_numpy().astype(np.int64), both["new"].to_numpy().astype(np.int64)


def _rest(names: pl.Series, kept: np.ndarray) -> tuple[str, ...]:
    left = np.ones(len(names), bool)
    left[kept] = False
    return tuple(names.filter(pl.Series(left)).to_list())


def _part(version: Dataset, items: np.ndarray, labels: np.ndarray) -> Dataset:
    """Some items and labels of a data set, without what the user gave for all labels."""
    return replace(
        version,
        item_ids=version.item_ids[items],
        label_names=tuple(version.label_names[k] for k in labels),
        labels=version.labels.rows(items).chosen(labels),
        items=version.items[items],
        embeddings=None if version.embeddings is None else np.asarray(version.embeddings)[items],
        probabilities=None,
        votes=None,
        taxonomy=None,
        label_descriptions=None,
    )


@dataclass(frozen=True)
class _Compared:
    """Two versions and what is known of them."""

    before: Dataset
    after: Dataset
    review: Reviewed | None
    audited: Any
    seed: int
    shared: _Shared

    @cached_property
    def old(self) -> Dataset:
        """What both have, before."""
        return _part(self.before, self.shared.old_items, self.shared.old_labels)

    @cached_property
    def new(self) -> Dataset:
        """The same items, with the same content, and the labels after."""
        return replace(self.old, labels=self.after.labels.rows(self.shared.new_items).chosen(self.shared.new_labels))

    @cached_property
    def cells(self) -> pl.DataFrame:
        """Every changed cell: item_id, label, before, after."""
        parts = []
        for block, states in self.old.labels.blocks():
            now = self.new.labels.dense(block)
            rows, columns = np.nonzero(states != now)
            parts.append((rows + block.start, columns, states[rows, columns], now[rows, columns]))
        rows, columns, was, now = (np.concatenate(part) for part in zip(*parts, strict=True))
        names = pl.Series(self.old.label_names, dtype=pl.String)
        return pl.DataFrame({"item_id": self.old.item_ids[rows], "label": names[columns], "before": was, "after": now})

    def comparison(self, *, downstream: bool) -> Comparison:
        """All parts."""
        notes: list[str] = []
        model, better = self._model(notes) if downstream else (pl.DataFrame(schema=MODEL), "")
        return Comparison(
            self._changes(),
            cells=self.cells,
            errors=self._errors(notes),
            model=model,
            effort=self._effort(notes),
            only_old=self.shared.only_old,
            only_new=self.shared.only_new,
            n_items=self.old.n_items,
            n_labels=self.old.n_labels,
            notes=tuple(notes),
            better=better,
        )

    def _changes(self) -> pl.DataFrame:
        was, now = pl.col("before"), pl.col("after")
        counted = self.cells.group_by("label").agg(
            added=((was == NEGATIVE) & (now == POSITIVE)).sum(),
            removed=((was == POSITIVE) & (now == NEGATIVE)).sum(),
            decided=(was == UNKNOWN).sum(),
            unset=(now == UNKNOWN).sum(),
            n_changed=pl.len(),
        )
        labels = pl.DataFrame({"label": pl.Series(self.old.label_names, dtype=pl.String), "n_cells": self.old.n_items})
        told = labels.join(counted, on="label", how="left", maintain_order="left").fill_null(0)
        return told.select(pl.col(name).cast(kind) for name, kind in CHANGES.items()).sort(
            "n_changed", descending=True, maintain_order=True
        )

    # Errors ----------------------------------------------------------------------------------------------------

    def _errors(self, notes: list[str]) -> pl.DataFrame:
        if self.audited is not None:
            notes.append("Errors before and after are estimated from audited cells that were given; they must not be a part of the repair.")
            return pl.DataFrame(list(self._estimated()), schema=ERRORS, orient="row")
        if self.review is None or self.review.estimate is None:
            notes.append("How many cells were wrong is not told: nobody has audited the table. About 200 cells of an audit would say it.")
            return pl.DataFrame(schema=ERRORS)
        notes.append("Errors after the repair: those before, by the audit, less the cells that people changed, who are taken to be right.")
        return pl.DataFrame(list(self._repaired(self.review.estimate)), schema=ERRORS, orient="row")

    def _estimated(self) -> Iterator[tuple[Any, ...]]:
        """Wrong cells of both versions by the same audited cells."""
        cells = AuditedCells.of(self.old, self.audited, None)
        now = self.new.labels.states(cells.items, cells.labels).astype(np.int64)
        n_strata = int(cells.stratum.max()) + 1
        size = np.round(np.bincount(cells.stratum, cells.weight, n_strata)).astype(np.int64)
        drawn = np.bincount(cells.stratum, minlength=n_strata)
        for kind, there in (("all", np.ones(len(cells), bool)), ("spurious", cells.state == 0), ("missing", cells.state == 1)):
            totals = [
                total_interval(size, drawn, np.bincount(cells.stratum, there & (states != cells.state), n_strata).astype(np.int64))
                for states in (cells.given, now)
            ]
            yield (kind, *(float(part) for total in totals for part in total))

    def _repaired(self, estimate: AuditEstimate) -> Iterator[tuple[Any, ...]]:
        """Wrong cells before by the audit, and what is left of them."""
        known = self.cells.filter((pl.col("before") >= 0) & (pl.col("after") >= 0))
        people = pl.DataFrame(schema={"item_id": pl.String, "label": pl.String})
        if self.review is not None:
            people = self.review.decisions.filter(pl.col("source").is_null()).select(pl.col(CELL).cast(pl.String)).unique()
        by_hand = known.with_columns(pl.col(CELL).cast(pl.String)).join(people, on=CELL, how="semi")
        for kind, was in (("all", None), ("spurious", POSITIVE), ("missing", NEGATIVE)):
            chosen = [part if was is None else part.filter(before=was) for part in (by_hand, known)]
            done, unseen = chosen[0].height, chosen[1].height - chosen[0].height
            total: Total = estimate.wrong(kind)
            if np.isnan(total.estimate):
                continue
            after = (total.estimate - done - unseen, total.low - done - unseen, total.high - done + unseen)
            yield (kind, *(float(part) for part in total), *(max(0.0, float(part)) for part in after))

    # Model -----------------------------------------------------------------------------------------------------

    def _model(self, notes: list[str]) -> tuple[pl.DataFrame, str]:
        try:
            trained = {version: predict(data, seed=self.seed) for version, data in (("old", self.old), ("new", self.new))}
        except StageError as error:
            notes.append(f"No model was fitted: {error}.")
            return pl.DataFrame(schema=MODEL), ""
        audited = self._truth()
        if audited is not None:
            told = evaluate(self.old, trained, audited=audited, corrected=self.new.labels)
            names = {"given": "old", "corrected": "new", "truth": "truth"}
            frame = told.frame.rename({"model": "trained_on", "labels": "judged_by"})
            says = told.differences.filter(metric="f1")["says"][0]
            return frame.with_columns(pl.col("judged_by").replace(names)).select(list(MODEL)), _sentence(says)
        said = read_models(self.old, trained)
        whole = np.zeros(self.old.n_items, np.int64)
        rows = []
        for version in said:
            for judge, labels in (("old", self.old.labels), ("new", self.new.labels)):
                counts = confusion_counts(labels, said[version], whole).sum(axis=(0, 1))
                for word, metric in METRICS.items():
                    value = value_of(*(float(part) for part in count_value(metric, counts)))
                    rows.append((version, judge, word, *[None if np.isnan(value) else value] * 3))
        notes.append("Both models are judged by the labels as they are; an audit would judge them by the truth.")
        return pl.DataFrame(rows, schema=MODEL, orient="row"), self._better(said)

    def _truth(self) -> pl.DataFrame | None:
        """Audited cells of items and labels that both versions have."""
        given = self.audited if self.audited is not None else None if self.review is None else self.review.audited
        if not isinstance(given, pl.DataFrame):
            return given
        names = pl.Series(self.old.label_names, dtype=pl.String)
        ids = self.old.item_ids.cast(pl.String)
        there = given.filter(pl.col("item_id").cast(pl.String).is_in(ids.implode()) & pl.col("label").is_in(names.implode()))
        return there if there.height else None

    def _better(self, said: Mapping[str, Any]) -> str:
        """Which model has the better F1 on the new labels; the interval is from the differences between items."""
        moves, values = [], []
        number = np.arange(self.old.n_items)
        metric = METRICS["f1"]
        for version in ("old", "new"):
            tops, bottoms = count_value(metric, confusion_counts(self.new.labels, said[version], number).sum(axis=1))
            if not bottoms.sum():
                return ""
            values.append(tops.sum() / bottoms.sum())
            moves.append((tops - values[-1] * bottoms) / bottoms.sum())
        difference, error = values[1] - values[0], float(np.sqrt(((moves[1] - moves[0]) ** 2).sum()))
        half = float(ndtri((1 + CONFIDENCE) / 2)) * error
        limits = f"{difference:+.3f} ({difference - half:+.3f} to {difference + half:+.3f})"
        if abs(difference) <= half:
            return f"F1 on the new labels changes by {limits}: not decided which labels make the better model"
        return f"the {'new' if difference > 0 else 'old'} labels make the better model: F1 on the new labels changes by {limits}"

    # Effort ----------------------------------------------------------------------------------------------------

    def _effort(self, notes: list[str]) -> pl.DataFrame:
        if self.review is None:
            notes.append("What the repair took is not told: there is no ledger of the earlier version.")
            return pl.DataFrame(schema=EFFORT)
        told = self.review.decisions
        rows = [
            (
                str(reviewer),
                part.height,
                part.select(CELL).unique().height,
                float(gaps(part["time"].str.to_datetime(time_zone="UTC", strict=False).drop_nulls().to_list()).sum()) / 60,
            )
            for (reviewer,), part in told.group_by("reviewer", maintain_order=True)
        ]
        return pl.DataFrame(rows, schema=EFFORT, orient="row").sort("n_decisions", descending=True, maintain_order=True)


def _sentence(says: str) -> str:
    """The words of an evaluation about the models "old" and "new"."""
    for version in ("old", "new"):
        says = says.replace(f"{version} has the better F1", f"the {version} labels make the better model, by F1 on the truth")
    return says.replace("F1 of old and new:", "which labels make the better model, by F1 on the truth:")
