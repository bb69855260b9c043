"""One column whose cells each hold the set of an item's positive labels, however it is written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import polars as pl

from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN, LabelMatrix, from_lists
from labelscope.data.readings.column import NO_SILENCE, Silence
from labelscope.data.readings.encoding import by_row, put_values
from labelscope.data.readings.vocabulary import Vocabulary
from labelscope.errors import DataError

__all__ = ["CellSets", "SetCodec"]


class SetCodec(Protocol):
    """How one cell writes a set of labels."""

    def missing(self, cells: pl.Series) -> pl.Series:
        """Whether each cell says nothing about its item (as against: no label)."""

    def tokens(self, cells: pl.Series) -> pl.DataFrame:
        """Columns row (int64) and token (String), a line for each label that is listed."""

    def revise(self, cell: Any, drop: AbstractSet[str], add: Sequence[str]) -> Any:
        """The cell without the tokens `drop` and with the tokens `add` at its end, all else as it was."""

    def blank(self) -> Any:
        """What a cell that says nothing holds."""


@dataclass(frozen=True, eq=False)
class CellSets:
    """A column of sets: list columns, JSON strings, joined strings, one label a cell.

    Attributes
    ----------
    column : str
    codec : SetCodec
    vocabulary : Vocabulary
    unlisted : {"negative", "unknown"}
        What a label that is not in the set means. A cell that holds no set at all (null) makes all cells unknown.
    silence : Silence
        Words that stand for null or for an empty set.
    nothing : frozenset of str
        Tokens that are no label, but say that none applies.
    """

    column: str
    codec: SetCodec
    vocabulary: Vocabulary
    unlisted: str
    silence: Silence = NO_SILENCE
    nothing: frozenset[str] = frozenset()

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    @property
    def label_names(self) -> tuple[str, ...]:
        """Names of the labels."""
        return self.vocabulary.label_names

    def decode(self, table: pl.DataFrame) -> LabelMatrix:
        """Labels of the rows of `table`."""
        cells, missing = self._wordless(table[self.column])
        listed = self.codec.tokens(cells)
        if self.nothing:
            listed = listed.filter(~pl.col("token").is_in(list(self.nothing)))
        shape = (table.height, len(self.label_names))
        positions = self.vocabulary.positions(listed["token"])
        return from_lists(listed["row"].to_numpy(), positions, shape, unlisted=self.unlisted, unknown_items=missing.arg_true().to_numpy())

    def encode(self, table: pl.DataFrame, items: np.ndarray, labels: np.ndarray, states: np.ndarray) -> pl.DataFrame:
        """The table with some cells changed. A set cannot say "unknown" of one label: that one is left out of it."""
        rows, groups = by_row(items, labels, states)
        if not len(rows):
            return table
        cells = table[self.column]
        old = cells.gather(rows)
        wordless, missing = self._wordless(old)
        silent, before = missing.to_list(), list(zip(old.to_list(), wordless.to_list(), strict=True))
        new = [self._revise(*before[k], silent[k], *group) for k, group in enumerate(groups)]
        return table.with_columns(put_values(cells, rows, self._series(new, cells.dtype)))

    def extended(self, table: pl.DataFrame, states: Mapping[str, np.ndarray]) -> tuple[CellSets, pl.DataFrame]:
        """The encoding with more labels. Where labels are written as integer ids, a new one gets the next id."""
        vocabulary = self.vocabulary.extended(tuple(states), ids=bool(getattr(self.codec, "integers", False)))
        cells = table[self.column]
        return replace(self, vocabulary=vocabulary), table.with_columns(cells.cast(_with_categories(cells.dtype, vocabulary.tokens)))

    def without(self, words: Collection[str]) -> CellSets:
        """The same, some words of the column being no labels: they say that none applies.

        Raises
        ------
        DataError
            If the column has no such word.
        """
        kept = [k for k, token in enumerate(self.vocabulary.tokens) if token not in words and self.label_names[k] not in words]
        if len(kept) == len(self.vocabulary.tokens):
            known = ", ".join(map(repr, self.label_names[:5]))
            raise DataError(
                f"empty: expected words that stand among the labels of {self.column!r} ({known}, ...), got {sorted(words)}; leave it out"
            )
        nothing = frozenset(self.vocabulary.tokens) - {self.vocabulary.tokens[k] for k in kept}
        vocabulary = Vocabulary(tuple(self.vocabulary.tokens[k] for k in kept), tuple(self.label_names[k] for k in kept))
        return replace(self, vocabulary=vocabulary, nothing=nothing)

    def token(self, label: int) -> str:
        """What a cell holds for a label."""
        return self.vocabulary.tokens[label]

    def _wordless(self, cells: pl.Series) -> tuple[pl.Series, pl.Series]:
        """The cells with words that are no label as null, and which cells say nothing."""
        if not self.silence:
            return cells, self.codec.missing(cells)
        wordless, missing = self.silence.split(cells)
        known = wordless.is_null() & cells.is_not_null() & ~missing  # a word for "no label"
        return wordless, missing | (self.codec.missing(wordless) & ~known)

    def _revise(self, written: Any, cell: Any, silent: bool, labels: np.ndarray, states: np.ndarray) -> Any:
        tokens = self.vocabulary.tokens
        everything = len(labels) == len(tokens)
        if everything and (states == UNKNOWN).all():
            return self.codec.blank() if self.silence.written is None else self.silence.written
        add = [tokens[k] for k in labels[states == POSITIVE].tolist()] if getattr(self.codec, "adds", True) else []
        if silent and not add and not (everything and (states == NEGATIVE).all()):
            return written  # an empty set would deny labels that nobody has looked at
        drop = {tokens[k] for k in labels[states != POSITIVE].tolist()}
        if cell is None and written is not None and not silent and not add:
            return written  # a word for "no label" says so already
        return self.codec.revise(cell, drop | self.nothing if add else drop, add)

    def _series(self, values: list[Any], dtype: pl.DataType) -> pl.Series:
        try:
            return pl.Series(self.column, values, dtype=dtype)
        except (pl.exceptions.PolarsError, TypeError, OverflowError) as error:
            reason = str(error).strip().split("\n")[0]
            raise DataError(
                f"export: expected labels that the {dtype} column {self.column!r} can hold, got others ({reason}); widen its type"
            ) from None


def _with_categories(dtype: pl.DataType, tokens: tuple[str, ...]) -> pl.DataType:
    """The type of a column with room for these tokens, where the type lists what it can hold."""
    if isinstance(dtype, pl.List):
        return pl.List(_with_categories(dtype.inner, tokens))  # type: ignore[arg-type]
    return pl.Enum(list(dict.fromkeys([*dtype.categories, *tokens]))) if isinstance(dtype, pl.Enum) else dtype
