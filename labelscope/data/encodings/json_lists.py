"""Cells that are JSON lists (or reprs of Python lists, as pandas writes them to CSV) in a column of text."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import polars as pl

from labelscope.data.encodings.json_style import STYLES, dump, find_style, parse_list
from labelscope.errors import DataError

__all__ = ["JsonCells", "detect_json"]


@dataclass(frozen=True)
class JsonCells:
    """Text of lists; a blank or null cell says nothing, ``[]`` says "no label".

    Attributes
    ----------
    column : str
    style : tuple
        Style of most lists, for cells that show none.
    integers : bool
    """

    column: str
    style: tuple[str, bool] = STYLES[0]
    integers: bool = False

    def missing(self, cells: pl.Series) -> pl.Series:
        """Null and blank cells."""
        return cells.str.strip_chars().fill_null("") == ""

    def tokens(self, cells: pl.Series) -> pl.DataFrame:
        """A line for each list element; each different text is parsed once."""
        frame = pl.DataFrame({"cell": cells}).with_row_index("row").filter(~self.missing(cells))
        texts = frame["cell"].unique(maintain_order=True)
        try:
            lists = [[str(value) for value in parse_list(text)] for text in texts.to_list()]
        except ValueError:
            raise self._no_list(frame) from None
        parsed = pl.DataFrame({"cell": texts, "token": pl.Series(lists, dtype=pl.List(pl.String))}).filter(pl.col("token").list.len() > 0)
        found = frame.join(parsed, on="cell", how="inner", maintain_order="left").explode("token")
        return found.select(pl.col("row").cast(pl.Int64), "token")

    def revise(self, cell: str | None, drop: AbstractSet[str], add: Sequence[str]) -> str:
        """The list without `drop` and with `add` at its end, in the style of the cell."""
        old = parse_list(cell) if cell and cell.strip() else []
        kept: list[Any] = [value for value in old if str(value) not in drop]
        present = {str(value) for value in kept}
        kept += [int(token) if self.integers else token for token in add if token not in present]
        style = find_style(cell) if cell and len(old) > 1 else None
        return dump(kept, style or self.style)

    def blank(self) -> None:
        """Null."""

    def _no_list(self, frame: pl.DataFrame) -> DataError:
        row, text = next((row, text) for row, text in frame.select("row", "cell").iter_rows() if not _is_list(text))
        return DataError(
            f"labels: expected a JSON list in {self.column!r}, got {text[:60]!r} in row {row}; mend it, or pass labels_delimiter="
        )


def _is_list(text: str) -> bool:
    try:
        parse_list(text)
    except ValueError:
        return False
    return True


def detect_json(column: str, cells: pl.Series) -> JsonCells:
    """The codec of a column of JSON lists.

    Parameters
    ----------
    column : str
    cells : polars.Series of str
        The cells that are not blank, each text once.

    Raises
    ------
    DataError
        If a cell is no list, or the elements are not all strings or all integers.
    """
    codec = JsonCells(column)
    codec.tokens(cells)  # refuses what is no list
    kinds: dict[str, str] = {}
    styles: dict[tuple[str, bool], int] = {}
    for text in cells.to_list():
        values = parse_list(text)
        for value in values:
            kinds.setdefault(type(value).__name__, text)
        if any(isinstance(value, str) and not value.strip() for value in values):
            raise DataError(f"labels: expected label names in the lists of {column!r}, got an empty one in {text[:60]!r}; remove it")
        if len(values) > 1 and (style := find_style(text)):
            styles[style] = styles.get(style, 0) + 1
    if not (set(kinds) <= {"str"} or set(kinds) <= {"int"}):
        example = next(text for kind, text in kinds.items() if kind != "str")
        raise DataError(
            f"labels: expected lists of strings or of integers in {column!r}, got {', '.join(sorted(kinds))}"
            f" (as in {example[:60]!r}); use one type"
        )
    style = max(styles, key=lambda key: styles[key]) if styles else find_style(cells[0]) if len(cells) else None
    return JsonCells(column, style or STYLES[0], integers="int" in kinds)
