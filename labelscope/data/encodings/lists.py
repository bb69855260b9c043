"""Cells that are lists of strings or of integers."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import polars as pl

from labelscope.errors import DataError

__all__ = ["ListCells", "detect_lists"]


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
        return frame.explode("token").select(pl.col("row").cast(pl.Int64), pl.col("token").cast(pl.String))

    def revise(self, cell: list[str | int] | None, drop: AbstractSet[str], add: Sequence[str]) -> list[str | int]:
        """The list without `drop` and with `add` at its end; the order of the others stays."""
        kept = [value for value in cell or [] if str(value) not in drop]
        present = {str(value) for value in kept}
        return kept + [int(token) if self.integers else token for token in add if token not in present]

    def blank(self) -> None:
        """Null."""


def detect_lists(column: str, cells: pl.Series) -> tuple[ListCells, list[str]]:
    """The codec of a list column, and the tokens that its type declares.

    Raises
    ------
    DataError
        If the elements are neither strings nor integers, some are null or empty, or they are indicator vectors.
    """
    inner = cells.dtype.inner if isinstance(cells.dtype, pl.List) else None
    named = isinstance(inner, (pl.String, pl.Categorical, pl.Enum, pl.Null))
    if inner is None or not (named or inner.is_integer()):
        raise DataError(f"labels: expected lists of strings or integers in {column!r}, got {cells.dtype}; convert the column")
    codec = ListCells(integers=not named)
    tokens = codec.tokens(cells)
    wrong = tokens.filter(pl.col("token").is_null() | (pl.col("token").str.strip_chars() == ""))
    if wrong.height:
        raise DataError(
            f"labels: expected label names in the lists of {column!r}, got null or an empty name in row {wrong['row'][0]}; remove it"
        )
    if not named:
        _refuse_indicators(column, cells, tokens)
    return codec, list(inner.categories) if isinstance(inner, pl.Enum) else []


def _refuse_indicators(column: str, cells: pl.Series, tokens: pl.DataFrame) -> None:
    """Refuse [0, 1, 0, ...]: lists that are as long as there are labels would be read as the ids 0 and 1."""
    lengths = cells.drop_nulls().list.len()
    alike = len(lengths) > 0 and lengths.min() == lengths.max() and int(lengths[0]) > 2
    values = tokens["token"].unique().to_list()
    if alike and set(values) <= {"0", "1", "-1"}:
        raise DataError(
            f"labels: expected lists of label ids in {column!r}, got vectors of 0 and 1;"
            " write one column a label or use Dataset.from_arrays"
        )
    if any(value.startswith("-") for value in values):
        raise DataError(
            f"labels: expected label ids from 0 in {column!r}, got {min(values, key=int)}; leave out labels that are not positive"
        )
