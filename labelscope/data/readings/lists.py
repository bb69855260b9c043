"""Cells that are lists of strings or of integers."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import polars as pl

from labelscope.data.readings.column import Column
from labelscope.data.readings.reading import Offer
from labelscope.data.readings.sets import CellSets
from labelscope.data.readings.vocabulary import build_vocabulary
from labelscope.errors import DataError

__all__ = ["LISTS", "ListCells"]


@dataclass(frozen=True)
class ListCells:
    """Lists as polars holds them; null says nothing, an empty list says "no label"."""

    integers: bool

    def missing(self, cells: pl.Series) -> pl.Series:
        """Null cells."""
        return cells.is_null()

    def tokens(self, cells: pl.Series) -> pl.DataFrame:
        """A line for each list element."""
        frame = pl.DataFrame({"token": cells}).with_row_index("row").filter(pl.col("token").list.len() > 0)
        return frame.explode("token").select(pl.col("row").cast(pl.Int64), _names(pl.col("token"), cells.dtype))

    def revise(self, cell: list[str | int] | None, drop: AbstractSet[str], add: Sequence[str]) -> list[str | int]:
        """The list without `drop` and with `add` at its end; the order of the others stays."""
        name = (lambda value: str(int(value))) if self.integers else str
        kept = [value for value in cell or [] if name(value) not in drop]
        present = {name(value) for value in kept}
        return kept + [int(token) if self.integers else token for token in add if token not in present]

    def blank(self) -> None:
        """Null."""


def _names(tokens: pl.Expr, dtype: Any) -> pl.Expr:
    return (tokens.cast(pl.Int64) if dtype.inner.is_float() else tokens).cast(pl.String)


@dataclass(frozen=True)
class ListReading:
    """Lists of names or of integer ids, as the table's own type."""

    formats: tuple[str, ...] = ("list",)

    def offer(self, column: Column, unlisted: str) -> list[Offer]:
        """The column, if it is one of lists of names or ids."""
        dtype = column.cells.dtype
        if not isinstance(dtype, pl.List) or not (_named(dtype.inner) or _countable(column.cells)):
            return []
        return [self._made(column, unlisted, 0.5 if _like_vectors(column.cells) else 0.9, "the column holds lists")]

    def forced(self, column: Column, unlisted: str, name: str, detail: str) -> Offer:  # noqa: ARG002 - one way only
        """The column as lists of names or ids."""
        dtype = column.cells.dtype
        if not isinstance(dtype, pl.List) or not (_named(dtype.inner) or _countable(column.cells)):
            raise DataError(
                f"labels_format: expected lists of strings or integers in {column.name!r}, got {dtype}; leave labels_format out"
            )
        return self._made(column, unlisted, 1.0, "labels_format says so")

    def _made(self, column: Column, unlisted: str, score: float, why: str) -> Offer:
        inner = column.cells.dtype.inner  # type: ignore[attr-defined]
        codec = ListCells(integers=not _named(inner))
        tokens = codec.tokens(column.cells)
        occurring = tokens["token"].unique(maintain_order=True)
        if len(wrong := occurring.filter(occurring.is_null() | (occurring.str.strip_chars() == ""))):
            row = tokens["row"].filter(tokens["token"].is_in(wrong, nulls_equal=True))[0]
            raise DataError(
                f"labels: expected label names in the lists of {column.name!r}, got null or an empty name in row {row}; remove it"
            )
        if codec.integers and any(value.startswith("-") for value in occurring):
            least = min(occurring, key=int)
            raise DataError(f"labels: expected label ids from 0 in {column.name!r}, got {least}; leave out labels that are not positive")
        declared = list(inner.categories) if isinstance(inner, pl.Enum) else []
        encoding = CellSets(column.name, codec, build_vocabulary(occurring, column.label_names, declared), unlisted)
        return Offer("list", "lists of ids" if codec.integers else "lists of names", encoding, score, why, "labels_format='list'")


def _named(inner: Any) -> bool:
    return isinstance(inner, (pl.String, pl.Categorical, pl.Enum, pl.Null))


def _countable(cells: pl.Series) -> bool:
    """Whether the lists hold integers, or floats that are integers."""
    inner = cells.dtype.inner  # type: ignore[attr-defined]
    if inner.is_float():
        flat = cells.explode().drop_nulls()
        return bool((flat == flat.floor()).all())
    return bool(inner.is_integer())


def _like_vectors(cells: pl.Series) -> bool:
    """Whether the lists may be vectors of 0 and 1: as long as each other, and of nothing else."""
    if _named(cells.dtype.inner):  # type: ignore[attr-defined]
        return False
    lengths = cells.drop_nulls().list.len()
    alike = len(lengths) > 0 and lengths.min() == lengths.max() and int(lengths[0]) > 1
    flat = cells.explode().drop_nulls()
    return bool(alike and ((flat == 0) | (flat == 1)).all())


LISTS = ListReading()
