"""Cells that are one label each: single-label data, one positive an item."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import polars as pl

from labelscope.errors import DataError

__all__ = ["SingleCells", "detect_single"]


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
        return cells.cast(pl.String).str.strip_chars().fill_null("") == ""

    def tokens(self, cells: pl.Series) -> pl.DataFrame:
        """A line for each cell that is not blank."""
        frame = pl.DataFrame({"token": cells.cast(pl.String)}).with_row_index("row").filter(~self.missing(cells))
        return frame.select(pl.col("row").cast(pl.Int64), pl.col("token").str.strip_chars())

    def revise(self, cell: Any, drop: AbstractSet[str], add: Sequence[str]) -> Any:
        """The one label that is left.

        Raises
        ------
        DataError
            If two are left.
        """
        old = "" if cell is None else str(cell).strip()
        kept = [old] if old and old not in drop else []
        kept += [token for token in add if token not in kept]
        if len(kept) > 1:
            raise DataError(
                f"export: expected one label an item in {self.column!r}, got {' and '.join(map(repr, kept))} for one;"
                " remove one of them, or read text labels with labels_delimiter=';'"
            )
        if kept == [old]:
            return cell
        return (int(kept[0]) if self.integers else kept[0]) if kept else None

    def blank(self) -> None:
        """Null."""


def detect_single(column: str, cells: pl.Series, *, named: bool) -> tuple[SingleCells, list[str]]:
    """The codec of a column of one label a cell, and the tokens that its type declares.

    Parameters
    ----------
    column : str
    cells : polars.Series
    named : bool
        Whether the caller gives names for ids, which says that 0 and 1 are ids.

    Raises
    ------
    DataError
        On other types than text and integers, ids below 0, and a column of 0 and 1, which may be meant as states.
    """
    if not (cells.dtype.is_integer() or isinstance(cells.dtype, (pl.String, pl.Categorical, pl.Enum, pl.Null))):
        remedy = f"pass labels=[{column!r}] for one column a label" if cells.dtype == pl.Boolean else "convert the column"
        raise DataError(f"labels: expected lists, text or integer ids in {column!r}, got {cells.dtype}; {remedy}")
    codec = SingleCells(column, integers=cells.dtype.is_integer())
    values = set(codec.tokens(cells)["token"].unique().to_list())
    if values and values <= {"0", "1", "-1"} and not named:
        raise DataError(
            f"labels: expected label names or ids in {column!r}, got only 0 and 1;"
            f" pass labels=[{column!r}] if they are states of one label, or label_names=[...] if they are ids"
        )
    if codec.integers and any(value.startswith("-") for value in values):
        raise DataError(
            f"labels: expected label ids from 0 in {column!r}, got {min(values, key=int)}; write null for an item without a label"
        )
    return codec, list(cells.dtype.categories) if isinstance(cells.dtype, pl.Enum) else []
