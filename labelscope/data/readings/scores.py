"""Objects with a value a label: ``{"boats": 1.0, "coding": 0.0}``, as spaCy's cats; in text, JSON or structs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
import scipy.sparse as sp

from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN, LabelMatrix
from labelscope.data.readings.column import NO_SILENCE, Column, Silence
from labelscope.data.readings.encoding import by_row, put_values
from labelscope.data.readings.json_style import STYLES, dump, find_style
from labelscope.data.readings.objects import as_json, is_mapping, load, object_texts, style_of
from labelscope.data.readings.reading import Offer, shown
from labelscope.data.readings.vocabulary import Vocabulary, build_vocabulary
from labelscope.errors import DataError

__all__ = ["SCORES", "ScoreCells"]

THRESHOLD = 0.5
KEYS = "keys"


@dataclass(frozen=True, eq=False)
class ScoreCells:
    """A column of objects, label to value. Null, as a value or as a cell, is unknown.

    Attributes
    ----------
    column : str
    vocabulary : Vocabulary
    absent : {0, -1}
        State of a label that an object does not have.
    threshold : float or None
        From where a value is positive; None where all are 1, 0, -1 or null.
    says_no : bool
        Whether a value says that its label is negative. Where none does, a negative label has no key.
    gaps : int
        Different objects that do not have every label.
    like : int, float or bool
        A value of the column.
    null_is_absent : bool
        Whether null says that the label is not there, as a key that is missing does.
    style : tuple
    silence : Silence
    """

    column: str
    vocabulary: Vocabulary
    absent: int
    threshold: float | None = None
    says_no: bool = False
    gaps: int = 0
    like: Any = 1.0
    null_is_absent: bool = False
    style: tuple[str, bool] = STYLES[0]
    silence: Silence = NO_SILENCE

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
        cells = table[self.column]
        texts = cells.set(self.silence.split(cells)[1], None) if cells.dtype == pl.String else as_json(cells)
        frame = pl.DataFrame({"cell": texts}).with_row_index("row").filter(pl.col("cell").str.strip_chars() != "")
        different = frame["cell"].unique(maintain_order=True)
        rows: list[tuple[str, str, int]] = []
        for text in different.to_list():
            rows += [(text, str(key), self._state(value, text)) for key, value in self._load(text).items()]
        entries = pl.DataFrame(rows, schema={"cell": pl.String, "token": pl.String, "state": pl.Int8}, orient="row")
        found = frame.join(entries, on="cell", how="inner", maintain_order="left")
        labels = self.vocabulary.positions(found["token"])
        silent = np.setdiff1d(np.arange(table.height), frame["row"].to_numpy())
        return self._matrix(table.height, found["row"].to_numpy().astype(np.int64), labels, found["state"].to_numpy(), silent)

    def encode(self, table: pl.DataFrame, items: np.ndarray, labels: np.ndarray, states: np.ndarray) -> pl.DataFrame:
        """The table with some values changed, each as a number of the column is written."""
        cells = table[self.column]
        rows, groups = by_row(items, labels, states)
        if not len(rows):
            return table
        changes = [{self.token(k): state for k, state in zip(of.tolist(), to.tolist(), strict=True)} for of, to in groups]
        new = [self._revise(cell, change) for cell, change in zip(cells.gather(rows).to_list(), changes, strict=True)]
        try:
            values = pl.Series(self.column, new, dtype=cells.dtype, strict=True)
        except (pl.exceptions.PolarsError, TypeError) as error:
            raise DataError(
                f"export: expected labels that the column {self.column!r} has, got others ({error}); export to .jsonl"
            ) from None
        return table.with_columns(put_values(cells, rows, values))

    def extended(self, table: pl.DataFrame, states: Mapping[str, np.ndarray]) -> tuple[ScoreCells, pl.DataFrame]:
        """The encoding with more labels; a struct gets a field for each."""
        vocabulary = Vocabulary((*self.vocabulary.tokens, *states), (*self.label_names, *states))
        cells = table[self.column]
        if isinstance(cells.dtype, pl.Struct):
            kind = cells.dtype.fields[0].dtype
            new = [pl.lit(None, dtype=kind).alias(name) for name in states]
            table = table.with_columns(pl.col(self.column).struct.with_fields(*new))
        return replace(self, vocabulary=vocabulary), table

    def token(self, label: int) -> str:
        """The key of a label."""
        return self.vocabulary.tokens[label]

    def _matrix(self, n: int, rows: np.ndarray, labels: np.ndarray, states: np.ndarray, silent: np.ndarray) -> LabelMatrix:
        shape = (n, len(self.label_names))

        def cells(chosen: np.ndarray) -> sp.csr_matrix:
            return sp.csr_matrix((np.ones(int(chosen.sum()), bool), (rows[chosen], labels[chosen])), shape=shape)

        if self.absent == UNKNOWN:
            return LabelMatrix(cells(states == POSITIVE), cells(states == NEGATIVE), UNKNOWN)
        unknown = cells(states == UNKNOWN).tolil()
        unknown[silent] = True
        return LabelMatrix(cells(states == POSITIVE), sp.csr_matrix(unknown, dtype=bool), NEGATIVE)

    def _load(self, text: str) -> Mapping[str, Any]:
        value = load(text)
        if not is_mapping(value):
            raise DataError(f"labels: expected objects with a value a label in {self.column!r}, got {shown(text)}; mend that cell")
        return {key: entry for key, entry in value.items() if entry is not None or not self.null_is_absent}

    def _state(self, value: Any, text: str) -> int:
        state = as_state(value, self.threshold)
        if state is None:
            raise DataError(f"labels: expected 1, 0 or null as values in {self.column!r}, got {value!r} in {shown(text)}; mend that cell")
        return state

    def _revise(self, cell: Any, change: Mapping[str, int]) -> Any:
        if isinstance(cell, str) and cell.strip() and cell.strip() not in self.silence.missing:
            value = load(cell)  # an empty list where others are objects says that there is no label
            return dump(self._changed(value if isinstance(value, dict) else {}, change), find_style(cell) or self.style)
        if isinstance(cell, dict):
            return self._changed(cell, change)
        fresh = self._changed({}, change)
        return dump(fresh, self.style) if isinstance(cell, str) or (cell is None and self.style != ("struct", False)) else fresh

    def _changed(self, value: Mapping[str, Any], change: Mapping[str, int]) -> dict[str, Any]:
        known = next((entry for entry in value.values() if entry is not None), self.like)
        kind = type(known) if isinstance(known, (bool, int, float)) else float
        if not self.says_no and self.absent == NEGATIVE:  # a first 0 would make the labels that others do not have unknown
            value = {token: entry for token, entry in value.items() if change.get(token) != NEGATIVE}
            change = {token: state for token, state in change.items() if state != NEGATIVE}
        new = {token: None if state == UNKNOWN else kind(state) for token, state in change.items()}
        return dict(value) | {token: entry for token, entry in new.items() if token in value or entry is not None}


@dataclass(frozen=True)
class ScoreReading:
    """Objects with a number, true or false a label."""

    formats: tuple[str, ...] = ("scores", KEYS)

    def offer(self, column: Column, unlisted: str) -> list[Offer]:
        """The column, if every cell is an object whose values are numbers; in doubt where they are not 1 and 0."""
        values = self._values(column)
        if values is None:
            return []
        numbers = [number for value in values for number in value.values()]
        if not any(number is not None for number in numbers):
            return []
        if all(as_state(number, None) is not None for number in numbers):
            silent = None in numbers and not any(as_state(number, None) == NEGATIVE for number in numbers)
            return [self._made(column, unlisted, values, None, 0.97, _null_line(column.name) if silent else None)]
        odd = next(number for number in numbers if as_state(number, None) is None)
        line = (
            f"labels: expected 1, 0 or null as values in {column.name!r}, got {odd!r}, a score;"
            " pass labels_format='scores' to take 0.5 and more as positive"
        )
        return [self._made(column, unlisted, values, THRESHOLD, 0.9, line)]

    def forced(self, column: Column, unlisted: str, name: str, detail: str) -> Offer:
        """The column as scores: positive from .5, or from the number `detail`."""
        values = self._values(column)
        if values is None:
            raise DataError(
                f"labels_format: expected objects with a number a label in {column.name!r}, got others; leave labels_format out"
            )
        if name == KEYS:
            return self._made(column, unlisted, values, None if _are_states(values) else THRESHOLD, 1.0, null_is_absent=True)
        return self._made(column, unlisted, values, threshold_of(name, detail), 1.0)

    def _values(self, column: Column) -> list[Mapping[str, Any]] | None:
        texts = object_texts(column)
        if texts is None or isinstance(column.cells.dtype, pl.List):
            return None
        different = column.texts["text"] if column.cells.dtype == pl.String else texts.drop_nulls().unique(maintain_order=True)
        if not len(different) or not different.str.contains(r"^\s*\{").all():
            return None
        try:
            values = [load(text) for text in different.to_list()]
        except (ValueError, RecursionError):
            return None
        fits = all(
            is_mapping(value) and all(number is None or isinstance(number, (bool, int, float)) for number in value.values())
            for value in values
        )
        return values if fits else None

    def _made(
        self,
        column: Column,
        unlisted: str,
        values: Sequence[Mapping[str, Any]],
        threshold: float | None,
        score: float,
        line: str | None = None,
        *,
        null_is_absent: bool = False,
    ) -> Offer:
        keys = pl.Series([str(key) for value in values for key in value], dtype=pl.String).unique(maintain_order=True)
        numbers = [number for value in values for number in value.values() if number is not None]
        says_no = any(as_state(number, threshold) == NEGATIVE for number in numbers)
        struct = not isinstance(column.cells.dtype, pl.String)
        encoding = ScoreCells(
            column.name, build_vocabulary(keys, column.label_names), UNKNOWN if says_no or unlisted == "unknown" else NEGATIVE, threshold,
            says_no, sum(len(value) < len(keys) for value in values), numbers[0] if numbers else 1.0, null_is_absent,
            ("struct", False) if struct else style_of(column.texts["text"]), column.silence,
        )  # fmt: skip
        why = "every cell has a value a label" + ("; a label that it does not have is unknown" if says_no else "")
        return Offer("scores", "objects with a value a label", encoding, score, why, "labels_format='scores'", line)


def _are_states(values: Sequence[Mapping[str, Any]]) -> bool:
    return all(as_state(number, None) is not None for value in values for number in value.values())


def _null_line(column: str) -> str:
    return (
        f"labels: expected a value for absent in {column!r}, got 1 and null alone, where null may mean absent or unknown; pass"
        f" labels_format={KEYS!r} if it is absent, or labels_format='scores' if it is unknown"
    )


def as_state(value: Any, threshold: float | None) -> int | None:
    """The state that a value stands for; None if it is none."""
    if value is None:
        return UNKNOWN
    if threshold is not None and value != -1:
        return POSITIVE if value >= threshold else NEGATIVE
    return {1: POSITIVE, 0: NEGATIVE, -1: UNKNOWN}.get(value)


def threshold_of(name: str, detail: str) -> float:
    """The threshold that ``labels_format="scores:0.3"`` names."""
    if not detail:
        return THRESHOLD
    try:
        return float(detail)
    except ValueError:
        raise DataError(f"labels_format: expected a number after '{name}:', got {detail!r}; write labels_format='{name}:0.5'") from None


SCORES = ScoreReading()
