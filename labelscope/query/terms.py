"""What the terms of a query mean on a data set alone: labels and their states, words, ids and columns, as masks."""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable, Mapping

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN
from labelscope.errors import DataError
from labelscope.query.grammar import Term, evaluate, parse

__all__ = ["ItemTerms", "compared", "holding"]

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
        More fields than text, id and labels, as functions of the term.
    """

    def __init__(
        self,
        dataset: Dataset,
        states: Callable[[int], np.ndarray],
        *,
        probabilities: Callable[[int, Term], np.ndarray] | None = None,
        fields: Mapping[str, Callable[[Term], np.ndarray]] | None = None,
    ) -> None:
        self._dataset = dataset
        self._states, self._probabilities = states, probabilities
        self._labels = {name.lower(): k for k, name in reversed(list(enumerate(dataset.label_names)))}
        self._fields: dict[str, Callable[[Term], np.ndarray]] = {
            "text": self._text, "id": self._id, "labels": self._n_labels, **(fields or {}),
        }  # fmt: skip

    def query(self, text: str) -> np.ndarray:
        """The items of a query, bool (n_items,).

        Raises
        ------
        DataError
            If it cannot be parsed, or names what is not there: one line.
        """
        return evaluate(parse(text), self)

    def __call__(self, term: Term) -> np.ndarray:
        """The items of a term, bool (n_items,)."""
        label = self._label(term.raw)
        if label is not None:
            return self._states(label) == POSITIVE
        if not term.op:
            raise self._unknown(term.raw)
        label = self._label(term.field)
        if label is not None:
            return self._of_label(label, term)
        of = self._fields.get(term.field.lower())
        if of is not None:
            return of(term)
        if term.field in self._dataset.items.columns:
            return self._of_column(term)
        raise self._unknown(term.field)

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
        if column.dtype.is_nested() or column.dtype == pl.Binary:
            raise DataError(f"filter: expected a column of words or numbers, got {term.field} of {column.dtype}")
        if term.op != ":":
            raise DataError(f"filter: expected {term.field}:value, got {term.raw}; {term.field} holds no numbers")
        return (column.cast(pl.String).str.to_lowercase() == term.value.lower()).fill_null(value=False).to_numpy().copy()

    def _unknown(self, name: str) -> DataError:
        near = difflib.get_close_matches(name.lower(), list(self._labels)[:20_000], n=1, cutoff=0.6)
        hint = f"; did you mean {self._dataset.label_names[self._labels[near[0]]]!r}?" if near else f"; text:{name} searches the texts"
        return DataError(f"filter: expected a label, a column, text:, id: or is:, got {name!r}{hint}")
