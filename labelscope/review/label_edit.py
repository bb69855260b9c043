"""Edits of the label set: a new label, labels merged, renamed or split; and exactly what each changes.

An edit says what somebody means; :func:`plan` works it out on the labels as they stand, without changing anything, and
:meth:`labelscope.Session.apply` writes it to the ledger as one batch with one undo.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN
from labelscope.data.positions import positions
from labelscope.errors import DataError

__all__ = ["EditPreview", "LabelEdit", "first_states", "plan"]

PARENTS = NARROWS, STAYS, GOES = "narrows", "stays", "goes"


@dataclass(frozen=True, eq=False)
class LabelEdit:
    """One edit of the label set. Make one with :meth:`new`, :meth:`merge`, :meth:`rename` or :meth:`split`.

    Attributes
    ----------
    action : {"new", "merge", "rename", "split"}
    label : str or None
        The label that it is about; None for a new one.
    parts : mapping of label to item ids, or to None
        The labels that take items, and which; None: all that carry `label`.
    parent : {"narrows", "stays", "goes"} or None
        What becomes of a label that is split.
    reason : str
        Why, in words; kept in the ledger.
    """

    action: str
    label: str | None
    parts: Mapping[str, pl.Series | None]
    parent: str | None = None
    reason: str = ""

    @classmethod
    def new(cls, name: str, items: Iterable[object], *, reason: str = "") -> LabelEdit:
        """A label that the data set has not got: positive on these items, unknown on all others.

        Examples
        --------
        >>> LabelEdit.new("comet", [3, 8])
        New label 'comet'
        """
        return cls("new", None, {_name(name): _ids(items)}, reason=reason)

    @classmethod
    def merge(cls, label: str, into: str, *, reason: str = "") -> LabelEdit:
        """Items that carry `label` carry `into`, a label of the data set, and `label` goes."""
        return cls("merge", label, {_name(into): None}, parent=GOES, reason=reason)

    @classmethod
    def rename(cls, label: str, into: str, *, reason: str = "") -> LabelEdit:
        """`label` gets another name, all its states with it; if there is a label of that name, the two are merged."""
        return cls("rename", label, {_name(into): None}, parent=GOES, reason=reason)

    @classmethod
    def split(cls, label: str, parts: Mapping[str, Iterable[object]], *, parent: str = NARROWS, reason: str = "") -> LabelEdit:
        """Some items of a label come under other labels, new ones or labels of the data set.

        A new label is positive on its part, negative on the rest of the items of `label` and wherever `label` is negative,
        and unknown elsewhere.

        Parameters
        ----------
        label : str
        parts : mapping of label to item ids
        parent : {"narrows", "stays", "goes"}
            Whether `label` is taken from the items of the parts, stays on them as the broader label, or goes altogether: then
            the parts must hold all its items.
        reason : str

        Raises
        ------
        DataError
            If there is no part, or `parent` is something else.
        """
        if parent not in PARENTS:
            raise DataError(f"parent: expected {', '.join(PARENTS)}, got {parent!r}")
        if not parts:
            raise DataError(f"parts: expected labels that take items of {label!r}, got none; name one")
        return cls("split", label, {_name(name): _ids(items) for name, items in parts.items()}, parent=parent, reason=reason)

    def __repr__(self) -> str:
        into = " and ".join(map(repr, self.parts))
        if self.label is None:
            return f"New label {into}"
        kept = {NARROWS: f"; {self.label!r} keeps the rest", STAYS: f"; {self.label!r} stays on them", GOES: f"; {self.label!r} goes"}
        return f"{self.action.capitalize()} {self.label!r} into {into}{kept[self.parent or GOES]}"


@dataclass(frozen=True)
class EditPreview:
    """What an edit of the label set changes.

    Attributes
    ----------
    frame : polars.DataFrame
        The cells that change: item_id, label, before, after. Those of a new label that stay unknown, or that are known
        because the label that it came from is, are not listed.
    counts : polars.DataFrame
        Of the labels concerned: label, before, after = number of positives; null where the label is not in the label set.
    added, removed : tuple of str
        Labels that come and that go.
    """

    frame: pl.DataFrame
    counts: pl.DataFrame
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def cells(self) -> list[tuple[object, str, int]]:
        """The changes as :meth:`labelscope.Session.edit_all` takes them: (item_id, label, state)."""
        return list(self.frame.select("item_id", "label", "after").iter_rows())

    def __repr__(self) -> str:
        said = {(True, False): "new, {1:,} positives", (False, True): "{0:,} positives, goes", (False, False): "{0:,} to {1:,} positives"}
        changes = "; ".join(
            f"{label}: {said[before is None, after is None].format(before, after)}" for label, before, after in self.counts.iter_rows()
        )
        return f"Changes {self.frame.height:,} cells ({changes})"


def first_states(action: str, source: np.ndarray | None, n_items: int) -> np.ndarray:
    """States that a new label has before any cell of it is written, int8 (n_items,).

    A renamed label starts as what it was; a part of a label is known not to be where the label is known not to be; of a
    novel label nothing is known.

    Parameters
    ----------
    action : str
        Of the edit that made it.
    source : int8 array of shape (n_items,), or None
        First states of the label that it came from.
    n_items : int
    """
    if source is None or action == "new":
        return np.full(n_items, UNKNOWN, np.int8)
    return source if action == "rename" else np.where(source == NEGATIVE, NEGATIVE, UNKNOWN).astype(np.int8)


def plan(dataset: Dataset, edit: LabelEdit, start: Callable[[str], np.ndarray] | None = None) -> EditPreview:
    """What an edit changes in the labels of a data set, which stays as it is.

    Parameters
    ----------
    dataset : Dataset
        With the labels as they stand.
    edit : LabelEdit
    start : callable, optional
        Gives the states that the cells of a new label have before the edit, int8 (n_items,): a label of that name may have
        been there before, and what differs is listed cell by cell. Default: :func:`first_states`.

    Returns
    -------
    EditPreview

    Raises
    ------
    DataError
        If a label is not there, a new one is, an item is not there, or items of a label that goes would be left with none.
    """
    source = None if edit.label is None else _column(dataset, edit.label)
    _refuse(edit, dataset)
    before, after = {}, {}
    taken = np.zeros(dataset.n_items, bool)
    for name, items in edit.parts.items():
        rows = _rows(dataset, items, source)
        taken[rows] = True
        if name in dataset.label_names:
            before[name] = _column(dataset, name)
            after[name] = before[name].copy()
        else:
            before[name] = first_states(edit.action, source, dataset.n_items) if start is None else start(name)
            after[name] = _fresh(edit.action, source, dataset.n_items).copy()
        after[name][rows] = POSITIVE
    added = tuple(name for name in edit.parts if name not in dataset.label_names)
    if edit.label is not None and source is not None:
        before[edit.label], after[edit.label] = source, _left(edit, source, taken)
    removed = (edit.label,) if edit.parent == GOES and edit.label is not None else ()
    counts = [
        (name, None if name in added else _positives(before[name]), None if name in removed else _positives(of))
        for name, of in after.items()
    ]
    schema = {"label": pl.String, "before": pl.Int64, "after": pl.Int64}
    frame = pl.concat([_changes(dataset.item_ids, name, before[name], after[name]) for name in after])
    if frame.is_empty() and not added and not removed:
        raise DataError(f"edit: expected one that changes something, got {edit!r}, which changes nothing in the labels as they stand")
    return EditPreview(frame, pl.DataFrame(counts, schema=schema, orient="row"), added, removed)


def _refuse(edit: LabelEdit, dataset: Dataset) -> None:
    for name in edit.parts:
        there = name in dataset.label_names
        if name == edit.label:
            raise DataError(f"into: expected another label than {name!r}, got the same")
        if edit.action == "new" and there:
            raise DataError(f"name: expected a label that the data set has not got, got {name!r}; choose another name, or edit its cells")
        if edit.action == "merge" and not there:
            raise DataError(
                f"into: expected one of the {dataset.n_labels:,} label names, got {name!r}; a label gets a new name by a rename"
            )


def _fresh(action: str, source: np.ndarray | None, n_items: int) -> np.ndarray:
    """States of a new label apart from the items that it takes."""
    if source is None:
        return np.full(n_items, UNKNOWN, np.int8)
    return source if action == "rename" else np.where(source == POSITIVE, NEGATIVE, source).astype(np.int8)


def _left(edit: LabelEdit, source: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """States of the label that the items came from."""
    out, left = source.copy(), int(((source == POSITIVE) & ~taken).sum())
    if edit.parent == GOES and left:
        raise DataError(f"parts: expected all items of {edit.label!r}, which goes, got {left:,} left over; name a label for them")
    if edit.parent != STAYS:
        out[taken] = NEGATIVE
    return out


def _positives(states: np.ndarray) -> int:
    return int((states == POSITIVE).sum())


def _column(dataset: Dataset, label: str) -> np.ndarray:
    return dataset.labels.columns(np.array([dataset.label_position(label)]))[:, 0]


def _rows(dataset: Dataset, items: pl.Series | None, source: np.ndarray | None) -> np.ndarray:
    """Rows of items; of a label that they come from, those that carry it still."""
    if items is None:
        return np.flatnonzero(source == POSITIVE)
    rows = positions(items, dataset.item_ids, expected="items: expected item ids of the data set", remedy="leave it out")
    return rows if source is None else rows[source[rows] == POSITIVE]


def _changes(ids: pl.Series, label: str, before: np.ndarray, after: np.ndarray) -> pl.DataFrame:
    rows = np.flatnonzero(before != after)
    table = pl.DataFrame({"item_id": ids.gather(rows), "before": before[rows], "after": after[rows]})
    return table.select("item_id", pl.lit(label).alias("label"), "before", "after")


def _name(name: str) -> str:
    words = name.strip() if isinstance(name, str) else ""
    if not words:
        raise DataError(f"name: expected the name of a label, got {name!r}")
    return words


def _ids(items: Iterable[object]) -> pl.Series:
    ids = items if isinstance(items, pl.Series) else pl.Series("item_id", [str(item) for item in items], dtype=pl.String)
    if not len(ids):
        raise DataError("items: expected at least one item, got none")
    return ids.cast(pl.String).unique(maintain_order=True)
