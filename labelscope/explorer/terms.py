"""What the terms of a query mean: labels and their states, probabilities, words, verdicts and columns, as masks."""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN
from labelscope.errors import DataError
from labelscope.explorer.worklist import VERDICTS
from labelscope.query.grammar import Term, evaluate, parse

if TYPE_CHECKING:
    from labelscope.explorer.state import Board

__all__ = ["Terms", "holding"]

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


class Terms:
    """Gives the mask of a term, or of a whole query.

    Parameters
    ----------
    board : Board
    """

    def __init__(self, board: Board) -> None:
        self._board = board
        self._dataset = board.dataset
        self._labels = {name.lower(): k for k, name in reversed(list(enumerate(board.dataset.label_names)))}
        self._fields = {
            "text": self._text, "id": self._id, "is": self._is, "suspicion": self._suspicion, "labels": self._n_labels,
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
            return self._board.states(label) == POSITIVE
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
            return self._board.states(label) == state
        probabilities = self._board.cards.probabilities
        if probabilities is None:
            raise DataError(f"filter: {term.raw} asks for a probability, and there is none yet; wait for the predictions")
        return COMPARE[term.op](np.asarray(probabilities[:, label]), _number(term))

    def _text(self, term: Term) -> np.ndarray:
        if self._dataset.text is None:
            raise DataError("filter: text: asks for a text column, and this data set has none")
        return holding(self._dataset, term.value)

    def _id(self, term: Term) -> np.ndarray:
        return (self._dataset.item_ids.cast(pl.String) == term.value).to_numpy()

    def _suspicion(self, term: Term) -> np.ndarray:
        return COMPARE[term.op](np.nan_to_num(self._board.suspicion), _number(term))

    def _n_labels(self, term: Term) -> np.ndarray:
        return COMPARE[term.op](np.diff(self._dataset.labels.positives.indptr), _number(term))

    def _is(self, term: Term) -> np.ndarray:
        worklist, word = self._board.worklist, term.value.lower()
        rows: dict[str, Callable[[], np.ndarray]] = {
            "suggested": lambda: worklist.rows,
            "added": lambda: worklist.rows[worklist.adds],
            "removed": lambda: worklist.rows[~worklist.adds],
            "changed": self._board.decided.changed_rows,
            "conflict": lambda: self._board.conflicts.cells[0],
        }
        if word in VERDICTS:
            chosen = worklist.rows[worklist.verdicts == VERDICTS.index(word)]
        elif word in rows:
            chosen = rows[word]()
        else:
            raise DataError(f"filter: expected is:{', is:'.join([*VERDICTS, *rows])}, got is:{term.value}")
        mask = np.zeros(self._dataset.n_items, bool)
        mask[chosen] = True
        return mask

    def _of_column(self, term: Term) -> np.ndarray:
        column = self._dataset.items[term.field]
        if column.dtype.is_numeric():
            return COMPARE[term.op](column.cast(pl.Float64).fill_null(float("nan")).to_numpy(), _number(term))
        if column.dtype.is_nested() or column.dtype == pl.Binary:
            raise DataError(f"filter: expected a column of words or numbers, got {term.field} of {column.dtype}")
        if term.op != ":":
            raise DataError(f"filter: expected {term.field}:value, got {term.raw}; {term.field} holds no numbers")
        return (column.cast(pl.String).str.to_lowercase() == term.value.lower()).fill_null(value=False).to_numpy().copy()

    def _unknown(self, name: str) -> DataError:
        near = difflib.get_close_matches(name.lower(), list(self._labels)[:20_000], n=1, cutoff=0.6)
        hint = f"; did you mean {self._dataset.label_names[self._labels[near[0]]]!r}?" if near else f"; text:{name} searches the texts"
        return DataError(f"filter: expected a label, a column, text:, id: or is:, got {name!r}{hint}")


def _number(term: Term) -> float:
    try:
        return float(term.value)
    except ValueError:
        raise DataError(f"filter: expected a number after {term.field}{term.op}, got {term.value!r}") from None
