"""One label a cell: single-label data, one positive an item."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import polars as pl

from labelscope.data.readings.column import UNSURE_WORDS, Column
from labelscope.data.readings.reading import Offer
from labelscope.data.readings.sets import CellSets
from labelscope.data.readings.state_words import NAMED, STATES
from labelscope.data.readings.states import numbers_of
from labelscope.data.readings.vocabulary import build_vocabulary
from labelscope.errors import DataError

__all__ = ["SINGLE", "SingleCells"]

MOST_BITS, LONGEST_ID = 3, 2  # different texts of 0 and 1 that may be ids, and digits of one
STATE_WORDS = (frozenset(STATES) - NAMED - {""}) | {"x"}


@dataclass(frozen=True)
class SingleCells:
    """One label a cell, as text or as an integer id; a blank or null cell says nothing.

    Attributes
    ----------
    column : str
    integers : bool
    """

    column: str
    integers: bool

    def missing(self, cells: pl.Series) -> pl.Series:
        """Null and blank cells."""
        return _text(cells).fill_null("") == ""

    def tokens(self, cells: pl.Series) -> pl.DataFrame:
        """A line for each cell that is not blank."""
        frame = pl.DataFrame({"token": _text(cells)}).with_row_index("row").filter(~self.missing(cells))
        return frame.select(pl.col("row").cast(pl.Int64), "token")

    def revise(self, cell: Any, drop: AbstractSet[str], add: Sequence[str]) -> Any:
        """The one label that is left; the old one where none is.

        Raises
        ------
        DataError
            If two are left.
        """
        old = "" if cell is None or cell != cell else str(int(cell) if isinstance(cell, float) else cell).strip()  # noqa: PLR0124 - NaN
        kept = [old] if old and old not in drop else []
        kept += [token for token in add if token not in kept]
        if len(kept) > 1:
            raise DataError(
                f"export: expected one label an item in {self.column!r}, got {' and '.join(map(repr, kept))} for one;"
                " remove one of them, or read text labels with labels_delimiter=';'"
            )
        if kept == [old] or not kept:
            return cell  # a cell that had a label keeps one: a blank would say that nobody knows
        return int(kept[0]) if self.integers else kept[0]

    def blank(self) -> None:
        """Null."""


def _text(cells: pl.Series) -> pl.Series:
    if cells.dtype.is_float():
        cells = cells.fill_nan(None).cast(pl.Int64)
    return cells.cast(pl.String).str.strip_chars()


@dataclass(frozen=True)
class SingleReading:
    """One label a cell."""

    formats: tuple[str, ...] = ("single",)

    def offer(self, column: Column, unlisted: str) -> list[Offer]:
        """The column as one label a cell, if nothing speaks for several."""
        cells = column.cells
        if not (_textual(cells.dtype) or cells.dtype.is_integer() or _integral(cells)):
            return []
        if not len(column.texts):
            return [self._made(column, unlisted, 0.9, "every cell is blank")] if _textual(cells.dtype) else []
        score, why, refusal = 0.9, "no delimiter: every cell is one label", None
        if _textual(cells.dtype):
            if column.structured:
                return []
            found = column.delimiter
            if found.mark and (found.refusal is None or column.label_names is not None):
                return []
            score, why = (0.5, found.why) if found.refusal else (0.9, found.why)
            refusal = found.refusal or self._doubt(column)
        return [self._made(column, unlisted, score, why, refusal or self._states(column) or _odd_numbers(column))]

    def forced(self, column: Column, unlisted: str, name: str, detail: str) -> Offer:  # noqa: ARG002 - one way only
        """The column as one label a cell."""
        if not (_textual(column.cells.dtype) or column.cells.dtype.is_integer() or _integral(column.cells)):
            raise DataError(f"{name}: expected text or integers in {column.name!r}, got {column.cells.dtype}; leave labels_format out")
        return self._made(column, unlisted, 1.0, "you said so")

    def _made(self, column: Column, unlisted: str, score: float, why: str, refusal: str | None = None) -> Offer:
        cells = column.cells
        codec = SingleCells(column.name, integers=cells.dtype.is_integer() or cells.dtype.is_float())
        occurring = codec.tokens(column.silence.split(cells)[0] if column.silence else cells)["token"].unique(maintain_order=True)
        if codec.integers and any(value.startswith("-") for value in occurring):
            least = min(occurring, key=int)
            raise DataError(
                f"labels: expected label ids from 0 in {column.name!r}, got {least}; pass missing=['{least}'] if it says that nothing is"
                " known of an item"
            )
        declared = list(cells.dtype.categories) if isinstance(cells.dtype, pl.Enum) else []
        vocabulary = build_vocabulary(occurring, column.label_names, declared)
        encoding = CellSets(column.name, codec, vocabulary, unlisted, column.silence)
        return Offer("single", "one label a cell", encoding, score, why, "labels_delimiter=''", refusal)

    def _states(self, column: Column) -> str | None:
        """Whether the column may hold the states of one label."""
        values = set(column.texts["text"].str.to_lowercase().to_list())
        if not values or not values <= STATE_WORDS or column.label_names is not None:
            return None
        seen = " and ".join(sorted(values)) if values <= {"0", "1"} else ", ".join(map(repr, sorted(values)))
        if values & {"-1", "-1.0"} and not values & {"0", "0.0"}:
            return (
                f"labels: expected label names or ids in {column.name!r}, got only {seen}; pass labels_format='plus_minus_one' if they are"
                " states of one label and -1 is absent, labels_format='states' if -1 is unknown, or labels_format='single' if they are"
                " labels"
            )
        return (
            f"labels: expected label names or ids in {column.name!r}, got only {seen};"
            f" pass labels_format='states' if they are states of one label, or labels_format='single' if they"
            " are labels"
        )

    def _doubt(self, column: Column) -> str | None:
        """Whether the cells are no labels at all, or a word may be a label or say that nothing is known."""
        if column.glued_letters:
            longest = max(column.texts["text"].to_list(), key=len)
            return (
                f"labels: expected label names in {column.name!r}, got texts of a few characters (as {longest!r}), each of which may be a"
                " label; pass labels_format='letters' if each character is one, or labels_format='single' if each cell is one label"
            )
        n_different, n_rows = column.texts.height, int(column.texts["n"].sum())
        if n_different >= 20 and n_rows < 1.5 * n_different and column.label_names is None:
            return (
                f"labels: expected labels that recur in {column.name!r}, got {n_different:,} different texts in {n_rows:,} rows"
                f" (as {column.texts['text'][0][:60]!r}); name another column, or pass labels_format='single' if each is a label"
            )
        return column.doubted_word((column.silence.missing | set(column.texts["text"].to_list())) & UNSURE_WORDS)


def _odd_numbers(column: Column) -> str | None:
    """Whether the texts may be scores of one label, or vectors of 0 and 1 that have lost the zeros at their start."""
    texts = column.texts["text"]
    if column.label_names is not None:
        return None
    numbers = numbers_of(texts)
    percent = texts.str.contains("%", literal=True).all() and numbers.is_between(0, 100).all()
    fractions = texts.str.contains(r"\d[.,]\d").any() and numbers.is_between(0, 1).all()
    if not numbers.null_count() and (percent or fractions):
        return (
            f"labels: expected label names or ids in {column.name!r}, got numbers such as {texts[0]!r}; pass labels_format='scores' if they"
            " are scores of one label, or labels_format='single' if they are labels"
        )
    lengths = sorted(map(len, texts.to_list())) if len(texts) > MOST_BITS and texts.str.contains("^(?:0|1[01]*)$").all() else [0]
    if lengths[-1] > LONGEST_ID:
        return (
            f"labels: expected label names or ids in {column.name!r}, got 0 and 1 in texts of {lengths[0]} to {lengths[-1]} digits,"
            " which may be vectors that have lost their zeros; write the column as text with all digits, or pass labels_format='single' if"
            " each number is a label"
        )
    return None


def _textual(dtype: pl.DataType) -> bool:
    return isinstance(dtype, (pl.String, pl.Categorical, pl.Enum, pl.Null))


def _integral(cells: pl.Series) -> bool:
    """Whether a column of floats holds ids, as pandas writes integers with missing values."""
    if not cells.dtype.is_float():
        return False
    known = cells.drop_nulls().drop_nans()
    return len(known) > 0 and bool(((known == known.floor()) & (known >= 0) & (known < 2**53)).all())


SINGLE = SingleReading()
