"""What the terms of a query mean on a data set alone: labels and their states, words, ids and columns, as masks."""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.frames import is_plain
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN
from labelscope.errors import DataError, UnknownName
from labelscope.query.grammar import Term, affirmed, evaluate, parse, quoted

__all__ = ["Asked", "Cells", "ItemTerms", "compared", "holding"]

Cells = tuple[np.ndarray, np.ndarray]
MOST_NAMES = 20_000  # among which a name that was meant is looked for

STATES = {
    "1": POSITIVE, "yes": POSITIVE, "true": POSITIVE, "positive": POSITIVE,
    "0": NEGATIVE, "no": NEGATIVE, "false": NEGATIVE, "negative": NEGATIVE,
    "?": UNKNOWN, "-1": UNKNOWN, "unknown": UNKNOWN,
}  # fmt: skip
COMPARE: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le, ":": operator.eq,
}  # fmt: skip


def holding(dataset: Dataset, words: str) -> np.ndarray:
    """The items whose text holds these words, in any case, bool (n_items,); none where there is no text."""
    if dataset.text is None or not words:
        return np.zeros(dataset.n_items, bool)
    texts = dataset.items[dataset.text].cast(pl.String)
    found = texts.str.contains(f"(?i){re.escape(words)}")  # folds the case while it searches: no copy of a million texts
    return found.fill_null(value=False).to_numpy().copy()


def compared(values: np.ndarray, term: Term) -> np.ndarray:
    """Where values are as a term asks, bool.

    Raises
    ------
    DataError
        If the term holds no number.
    """
    try:
        asked = float(term.value)
    except ValueError:
        raise DataError(f"filter: expected a number after {term.field}{term.op}, got {term.value!r}") from None
    return COMPARE[term.op](values, asked)


@dataclass(frozen=True)
class Asked:
    """What a query asks for.

    Attributes
    ----------
    items : array of bool, shape (n_items,)
    cells : (rows, labels) or None
        The cells that its terms outside NOT name, int64 arrays of one length; None where none of them is about cells.
    """

    items: np.ndarray
    cells: Cells | None


class ItemTerms:
    """Gives the mask of a term, or of a whole query.

    Parameters
    ----------
    dataset : Dataset
    states : callable
        States of a label, by its column: int8 (n_items,).
    probabilities : callable, optional
        Probabilities of a label by its column, float (n_items,); it raises where there are none (yet).
    fields : mapping of str to callable, optional
        More fields than text, id and labels, as functions of the term: they give masks.
    label_cells : mapping of str to callable, optional
        More fields than unknown, whose value is a label and which name cells of it: functions of its column that give rows and
        labels. An item passes with one such cell.
    cells : mapping of str to callable, optional
        Fields that name cells and whose value is something else, as functions of the term.
    """

    def __init__(
        self,
        dataset: Dataset,
        states: Callable[[int], np.ndarray],
        *,
        probabilities: Callable[[int, Term], np.ndarray] | None = None,
        fields: Mapping[str, Callable[[Term], np.ndarray]] | None = None,
        label_cells: Mapping[str, Callable[[int], Cells]] | None = None,
        cells: Mapping[str, Callable[[Term], Cells]] | None = None,
    ) -> None:
        self._dataset = dataset
        self._states, self._probabilities = states, probabilities
        self._labels = {name.lower(): k for k, name in reversed(list(enumerate(dataset.label_names)))}
        self._fields: dict[str, Callable[[Term], np.ndarray]] = {
            "text": self._text, "id": self._id, "labels": self._n_labels, **(fields or {}),
        }  # fmt: skip
        self._label_cells: dict[str, Callable[[int], Cells]] = {"unknown": self._unknown_cells, **(label_cells or {})}
        self._cells = dict(cells or {})

    def query(self, text: str) -> np.ndarray:
        """The items of a query, bool (n_items,).

        Raises
        ------
        DataError
            If it cannot be parsed, or names what is not there: one line. An :class:`UnknownName` offers what may have been meant.
        """
        return self.asked(text).items

    def asked(self, text: str) -> Asked:
        """The items of a query, and the cells that it names. Raises as :meth:`query`."""
        tree = parse(text)
        try:
            items = evaluate(tree, self)
            named = [cells for term in affirmed(tree) if (cells := self._named(term)) is not None]
        except UnknownName as error:
            raise UnknownName(str(error), error.span, error.remedies, text) from None
        cells = (np.concatenate([rows for rows, _ in named]), np.concatenate([labels for _, labels in named])) if named else None
        return Asked(items, cells)

    def cells(self, field: str, label: int) -> Asked:
        """The cells of a label that a term such as "add" names, whatever the label is called."""
        found = self._label_cells[field](label)
        return Asked(self._with(found[0]), found)

    def __call__(self, term: Term) -> np.ndarray:
        """The items of a term, bool (n_items,)."""
        label = self._label(term.raw)
        if label is not None:
            return self._states(label) == POSITIVE
        if not term.op:
            raise self._no_label(term, term.raw)
        label = None if term.of_column else self._label(term.field)
        if label is not None:
            return self._of_label(label, term)
        of = None if term.of_column else self._fields.get(term.field.lower())
        if of is not None:
            return of(term)
        cells = self._named(term)
        if cells is not None:
            return self._with(cells[0])
        if term.field in self._dataset.items.columns:
            return self._of_column(term)
        raise self._unknown(term)

    def _named(self, term: Term) -> Cells | None:
        """The cells of a term; None where it is about items."""
        if term.of_column or term.op != ":" or self._label(term.raw) is not None or self._label(term.field) is not None:
            return None
        field = term.field.lower()
        if field in self._cells:
            return self._cells[field](term)
        if field not in self._label_cells:
            return None
        label = self._label(term.value)
        if label is None:
            raise self._no_label(term, term.value)
        return self._label_cells[field](label)

    def _with(self, rows: np.ndarray) -> np.ndarray:
        mask = np.zeros(self._dataset.n_items, bool)
        mask[rows] = True
        return mask

    def _unknown_cells(self, label: int) -> Cells:
        rows = np.flatnonzero(self._states(label) == UNKNOWN)
        return rows, np.full(len(rows), label)

    def _label(self, name: str) -> int | None:
        names = self._dataset.label_names
        k = self._labels.get(name.lower())
        if k is not None and names[k] != name and name in names:
            return names.index(name)  # two labels that differ in case only
        return k

    def _of_label(self, label: int, term: Term) -> np.ndarray:
        if term.op == ":":
            state = STATES.get(term.value.lower())
            if state is None:
                raise DataError(f"filter: expected {term.field}:yes, :no or :?, got {term.value!r}")
            return self._states(label) == state
        if self._probabilities is None:
            raise DataError(f"filter: {term.raw} asks for a probability, and there is none here")
        return compared(self._probabilities(label, term), term)

    def _text(self, term: Term) -> np.ndarray:
        if self._dataset.text is None:
            raise DataError("filter: text: asks for a text column, and this data set has none")
        return holding(self._dataset, term.value)

    def _id(self, term: Term) -> np.ndarray:
        return (self._dataset.item_ids.cast(pl.String) == term.value).to_numpy()

    def _n_labels(self, term: Term) -> np.ndarray:
        return compared(np.diff(self._dataset.labels.positives.indptr), term)

    def _of_column(self, term: Term) -> np.ndarray:
        column = self._dataset.items[term.field]
        if column.dtype.is_numeric():
            return compared(column.cast(pl.Float64).fill_null(float("nan")).to_numpy(), term)
        if not is_plain(column.dtype):
            raise DataError(f"filter: expected a column of words or numbers, got {term.field} of {column.dtype}")
        if term.op != ":":
            raise DataError(f"filter: expected {term.field}:value, got {term.raw}; {term.field} holds no numbers")
        return (column.cast(pl.String).str.to_lowercase() == term.value.lower()).fill_null(value=False).to_numpy().copy()

    def _no_label(self, term: Term, name: str) -> UnknownName:
        """A word that is no label: the one that may have been meant, and the texts that hold it, each a click away."""
        near = difflib.get_close_matches(name.lower(), list(self._labels)[:MOST_NAMES], n=1, cutoff=0.6)
        n_texts = int(holding(self._dataset, name).sum())
        says, meant = [f"filter: no label {name!r}"], []
        if near:
            label = self._dataset.label_names[self._labels[near[0]]]
            says.append(f"; did you mean {label!r}?")
            meant.append((label, f"{term.field}{term.op}{quoted(label)}" if term.value == name else quoted(label)))
        if n_texts:
            words = f"{n_texts:,} texts contain it" if n_texts > 1 else "1 text contains it"
            says.append(f" {words}" if near else f"; {words}")
            meant.append((words, f"text:{quoted(name)}"))
        if not meant:
            says.append("; expected a label, a condition such as text:word, id:5, is:pending or add:label, or a column and a value")
        return UnknownName("".join(says), term.span, meant)

    def _unknown(self, term: Term) -> UnknownName:
        """A field that is none."""
        known = sorted({*self._fields, *self._label_cells, *self._cells, *self._dataset.items.columns, *list(self._labels)[:MOST_NAMES]})
        near = difflib.get_close_matches(term.field.lower(), known, n=1, cutoff=0.6)
        hint = f"; did you mean {near[0]!r}?" if near else f"; text:{term.field} searches the texts"
        return UnknownName(f"filter: no label, column or condition {term.field!r}{hint}", term.span)
