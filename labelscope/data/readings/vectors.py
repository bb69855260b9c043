"""Vectors with a number a label: ``[0, 1, 0]`` as a list, as an array of fixed size, or as text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN, LabelMatrix, from_dense
from labelscope.data.readings.column import NO_SILENCE, Column, Silence
from labelscope.data.readings.encoding import put_values
from labelscope.data.readings.evidence import share
from labelscope.data.readings.reading import Offer
from labelscope.data.readings.vocabulary import LabelNames
from labelscope.errors import DataError

__all__ = ["VECTORS", "VectorCells", "VectorReading"]

NUMBER = r"(?:[+-]?(?:\d+\.?\d*|\.\d+)|True|False|true|false)"
TEXT = rf"^\s*(?:tensor\(|array\()?[\[(]?\s*{NUMBER}(?:[\s,;|]+{NUMBER})*\s*,?\s*[\])]?\)?\s*$"
BITS = r"^[01]{3,}$"
STATES = {
    "1": POSITIVE,
    "1.0": POSITIVE,
    "true": POSITIVE,
    "0": NEGATIVE,
    "0.0": NEGATIVE,
    "false": NEGATIVE,
    "-1": UNKNOWN,
    "-1.0": UNKNOWN,
}


@dataclass(frozen=True, eq=False)
class VectorCells:
    """A column of vectors; null makes all cells of its item unknown.

    Attributes
    ----------
    column : str
    label_names : tuple of str
        One a position.
    pattern : str
        What a number looks like in a text: digits alone where nothing stands between them.
    silence : Silence
    """

    column: str
    label_names: tuple[str, ...]
    pattern: str = NUMBER
    silence: Silence = NO_SILENCE

    @property
    def columns(self) -> tuple[str, ...]:
        """The one column."""
        return (self.column,)

    def decode(self, table: pl.DataFrame) -> LabelMatrix:
        """Labels of the rows of `table`."""
        return from_dense(self._states(table[self.column]))

    def encode(self, table: pl.DataFrame, items: np.ndarray, labels: np.ndarray, states: np.ndarray) -> pl.DataFrame:
        """The table with some numbers changed, each written as the others of its vector."""
        cells = table[self.column]
        order = np.argsort(items, kind="stable")
        rows, first = np.unique(items[order], return_index=True)
        if not len(rows):
            return table
        old = cells.gather(rows).to_list()
        groups = zip(np.split(labels[order], first[1:]), np.split(states[order], first[1:]), strict=True)
        changes = [dict(zip(of.tolist(), to.tolist(), strict=True)) for of, to in groups]
        new = [self._revise(cell, change) for cell, change in zip(old, changes, strict=True)]
        return table.with_columns(put_values(cells, rows, pl.Series(self.column, new, dtype=cells.dtype)))

    def extended(self, table: pl.DataFrame, states: Mapping[str, np.ndarray]) -> tuple[VectorCells, pl.DataFrame]:
        """The encoding with a number for each new label behind the others."""
        cells, more = table[self.column], np.stack(list(states.values()), axis=1).tolist()
        after = replace(self, label_names=(*self.label_names, *states))
        new = [None if self._silent(cell) else self._longer(cell, row) for cell, row in zip(cells.to_list(), more, strict=True)]
        dtype = pl.Array(cells.dtype.inner, len(after.label_names)) if isinstance(cells.dtype, pl.Array) else cells.dtype
        return after, table.with_columns(pl.Series(self.column, new, dtype=dtype))

    def token(self, label: int) -> str:
        """The position of a label."""
        return str(label)

    def _states(self, cells: pl.Series) -> np.ndarray:
        width = len(self.label_names)
        out = np.full((len(cells), width), UNKNOWN, np.int8)
        vectors = self._vectors(cells)
        full = vectors.is_not_null()
        rows = full.arg_true().to_numpy()
        lengths = vectors.list.len()
        if (wrong := (lengths != width).fill_null(value=False)).any():
            row = wrong.arg_true()[0]
            raise DataError(
                f"labels: expected vectors of {width} numbers in {self.column!r}, got {lengths[row]} in row {row}; mend that cell"
            )
        flat = vectors.drop_nulls().explode()
        numbers = _as_states(flat)
        if numbers.null_count():
            at = numbers.is_null().arg_true()[0]
            row = int(rows[at // width])
            raise DataError(
                f"labels: expected 1, 0 and -1 in the vectors of {self.column!r}, got {flat[at]!r} in row {row}; mend that cell"
            )
        out[rows] = numbers.to_numpy().reshape(-1, width)
        return out

    def _vectors(self, cells: pl.Series) -> pl.Series:
        """The numbers of each cell as a list: numbers, or their text."""
        if isinstance(cells.dtype, pl.Array):
            return cells.arr.to_list()
        if isinstance(cells.dtype, pl.List):
            return cells
        text, _ = self.silence.split(cells)
        found = text.str.extract_all(self.pattern)
        return found.set(found.list.len() == 0, None)

    def _silent(self, cell: Any) -> bool:
        return cell is None or (isinstance(cell, str) and (cell.strip() in self.silence.missing or not re.search(self.pattern, cell)))

    def _revise(self, cell: Any, change: Mapping[int, int]) -> Any:
        if self._silent(cell):
            if len(change) < len(self.label_names) or set(change.values()) == {UNKNOWN}:
                if POSITIVE not in change.values():
                    return cell
                raise DataError(
                    f"export: expected a vector in {self.column!r} for an item with a positive label, got {cell!r};"
                    " decide every label of that item"
                )
            return self._fresh(change)
        if isinstance(cell, str):
            return self._text(cell, change)
        return [type(value)(change[k]) if k in change and value is not None else value for k, value in enumerate(cell)]

    def _fresh(self, change: Mapping[int, int]) -> Any:
        values = [change[k] for k in range(len(self.label_names))]
        return values if self.pattern == NUMBER else "".join(map(str, values))

    def _text(self, cell: str, change: Mapping[int, int]) -> str:
        spans = [found.span() for found in re.finditer(self.pattern, cell)]
        for k in sorted(change, reverse=True):
            start, end = spans[k]
            cell = cell[:start] + _like(cell[start:end], change[k]) + cell[end:]
        return cell

    def _longer(self, cell: Any, more: list[int]) -> Any:
        if not isinstance(cell, str):
            return [*cell, *more]
        spans = [found.span() for found in re.finditer(self.pattern, cell)]
        last = cell[spans[-1][0] : spans[-1][1]]
        between = cell[spans[-2][1] : spans[-1][0]] if len(spans) > 1 else ", "
        return cell[: spans[-1][1]] + "".join(between + _like(last, state) for state in more) + cell[spans[-1][1] :]


@dataclass(frozen=True)
class VectorReading:
    """Vectors of 0 and 1, all of one length."""

    formats: tuple[str, ...] = ("vector",)

    def offer(self, column: Column, unlisted: str) -> list[Offer]:  # noqa: ARG002 - a vector lists every label
        """The column as vectors, if all are as long and hold 0 and 1 alone."""
        vectors = self._vectors(column)
        if vectors is None or not len(vectors):
            return []
        lengths = vectors.list.len()
        width = int(lengths[0])
        if width < 2 or not (lengths == width).all():
            return []
        values = _as_states(vectors.explode())
        if values.null_count() or (not (values == NEGATIVE).any() and not (values == UNKNOWN).any()):
            return []
        repeats = bool((vectors.list.n_unique() < width).any())
        often = share(vectors.list.n_unique() < width) > 0.2
        sure = (repeats and (width > 2 or often)) or isinstance(column.cells.dtype, pl.Array)
        why = f"every cell holds {width} numbers, 0 or 1" + (", and repeats one of them" if repeats else "")
        return [self._made(column, width, 1.0 if sure else 0.5, why)]

    def forced(self, column: Column, unlisted: str, name: str, detail: str) -> Offer:  # noqa: ARG002 - a vector lists every label
        """The column as vectors, as long as the first."""
        vectors = self._vectors(column)
        if vectors is None or not len(vectors):
            raise DataError(f"labels_format: expected vectors of 0 and 1 in {column.name!r}, got none; leave labels_format out")
        return self._made(column, int(vectors.list.len()[0]), 1.0, "labels_format says so")

    def _vectors(self, column: Column) -> pl.Series | None:
        """The vectors of the column that are there, as lists; None if the column holds none."""
        cells = column.cells
        if isinstance(cells.dtype, pl.Array) and _numeric(cells.dtype.inner):
            return cells.drop_nulls().arr.to_list()
        if isinstance(cells.dtype, pl.List) and _numeric(cells.dtype.inner):
            return cells.drop_nulls()
        if cells.dtype != pl.String:
            return None
        texts = column.texts["text"]
        if len(texts) and texts.str.contains(BITS).all() and texts.str.len_chars().n_unique() == 1:
            return texts.str.extract_all("[01]")
        return texts.str.extract_all(NUMBER) if len(texts) and texts.str.contains(TEXT).all() else None

    def _made(self, column: Column, width: int, score: float, why: str) -> Offer:
        names = _names(column.label_names, width)
        bits = column.cells.dtype == pl.String and bool(column.texts["text"].str.contains(BITS).all())
        encoding = VectorCells(column.name, names, "[01]" if bits else NUMBER, column.silence)
        return Offer("vector", f"vectors of {width} numbers, one a label", encoding, score, why, "labels_format='vector'")


def _names(given: LabelNames | None, width: int) -> tuple[str, ...]:
    if given is None:
        return tuple(str(k) for k in range(width))
    if isinstance(given, Mapping):
        inverted = all(isinstance(value, int) for value in given.values()) and not all(str(key).isdigit() for key in given)
        pairs = {int(value): str(key) for key, value in given.items()} if inverted else {str(key): str(name) for key, name in given.items()}  # type: ignore[call-overload]
        names = [pairs.get(k, pairs.get(str(k))) for k in range(width)]  # type: ignore[call-overload]
        if None in names:
            raise DataError(f"label_names: expected a name for each of the {width} positions, got none for {names.index(None)}; add it")
        return tuple(str(name) for name in names)
    listed = tuple(str(name) for name in given)
    if len(listed) != width:
        raise DataError(f"label_names: expected {width} names (one a number of the vectors), got {len(listed)}; name each position")
    return listed


def _numeric(dtype: Any) -> bool:
    return bool(dtype.is_numeric()) or dtype == pl.Boolean


def _as_states(values: pl.Series) -> pl.Series:
    """Int8 states, null where a value is none."""
    if values.dtype == pl.String:
        text = values.str.to_lowercase().str.replace(r"\.0*$", "").str.replace(r"^\+", "")
        return text.replace_strict(list(STATES), list(STATES.values()), default=None, return_dtype=pl.Int8)
    if values.dtype == pl.Boolean:
        return values.cast(pl.Int8)
    valid = (values == 1) | (values == 0) | (values == -1)
    return values.set(~valid, None).cast(pl.Int8)


def _like(written: str, state: int) -> str:
    """A state as the number beside it is written: ``1``, ``1.0``, ``1.`` or ``True``."""
    if written.lower() in {"true", "false"}:
        word = "true" if state == POSITIVE else "false"
        return word if written.islower() else word.capitalize()
    _, dot, rest = written.partition(".")
    return f"{state}{dot}{'0' * len(rest)}"


VECTORS = VectorReading()
