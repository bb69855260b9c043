"""Items with a number or a bullet each, as people write lists: ``1. boats; 2. coding``, ``- boats`` in lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import polars as pl

from labelscope.data.readings.column import Column
from labelscope.data.readings.reading import Offer, shown
from labelscope.data.readings.sets import CellSets
from labelscope.data.readings.vocabulary import build_vocabulary
from labelscope.errors import DataError

__all__ = ["NUMBERED", "NumberedCells"]

MARK = re.compile(r"(?P<between>^|\s*[;,|]?\s*)(?P<mark>(?<!\S)(?:\(?(?P<number>\d{1,3})[.)]\s+|[•▪●‣◦·]\s*)|(?<![^\n])[-*–]\s+)")
LOOKS_SO = r"^\s*(?:\(?1[.)]\s|[•▪●‣◦·*–-]\s)"


@dataclass(frozen=True)
class Item:
    """One item as it is written.

    Attributes
    ----------
    between : str
        What stands before its mark.
    mark : str
        Its number or bullet.
    name : str
    number : int or None
    """

    between: str
    mark: str
    name: str
    number: int | None


def items_of(text: str) -> list[Item] | None:
    """The items of a cell; None if it is no list whose numbers run from 1."""
    text = text.strip()
    found: list[re.Match[str]] = []
    for match in MARK.finditer(text):
        number = match["number"]
        if number is not None:
            fits = int(number) == len(found) + 1 and (not found or found[0]["number"] is not None)
        else:
            fits = not found or match["mark"].strip() == found[0]["mark"].strip()
        if fits:
            found.append(match)
    if not found or found[0].start() > 0:
        return None
    ends = [*(match.start() for match in found[1:]), len(text)]
    items = [
        Item(match["between"], match["mark"], text[match.end() : end].strip(), int(match["number"]) if match["number"] else None)
        for match, end in zip(found, ends, strict=True)
    ]
    return items if all(item.name and "\n" not in item.name for item in items) else None


@dataclass(frozen=True)
class NumberedCells:
    """Lists with a mark before each item.

    Attributes
    ----------
    column : str
    between, mark : str
        As most lists of the column write them.
    null_is_empty : bool
        Whether null means "no label".
    """

    column: str
    between: str
    mark: str
    null_is_empty: bool = False

    def missing(self, cells: pl.Series) -> pl.Series:
        """Null cells, unless null means "no label"."""
        return pl.repeat(value=False, n=len(cells), dtype=pl.Boolean, eager=True) if self.null_is_empty else cells.is_null()

    def tokens(self, cells: pl.Series) -> pl.DataFrame:
        """A line for each item; each different text is read once."""
        frame = pl.DataFrame({"cell": cells.cast(pl.String)}).with_row_index("row").filter(pl.col("cell").str.strip_chars() != "")
        different = frame["cell"].unique(maintain_order=True)
        lists = [items_of(text) for text in different.to_list()]
        if None in lists:
            odd = different[lists.index(None)]
            row = frame.filter(pl.col("cell") == odd)["row"][0]
            raise DataError(
                f"labels: expected items with numbers from 1 or with bullets in {self.column!r}, got {shown(odd)} in row {row};"
                " mend that cell"
            )
        names = pl.Series([[item.name for item in items or []] for items in lists], dtype=pl.List(pl.String))
        found = frame.join(pl.DataFrame({"cell": different, "token": names}), on="cell", maintain_order="left").explode("token")
        return found.select(pl.col("row").cast(pl.Int64), "token")

    def revise(self, cell: str | None, drop: AbstractSet[str], add: Sequence[str]) -> str | None:
        """The list without `drop` and with `add` at its end; numbers run from 1 again."""
        items = (items_of(cell) if cell and cell.strip() else None) or []
        names = [item.name for item in items if item.name not in drop]
        new = [*names, *(token for token in add if token not in names)]
        if new == [item.name for item in items]:
            return cell
        between = items[1].between if len(items) > 1 else self.between
        mark = items[0].mark if items else self.mark
        marks = [re.sub(r"\d+", str(k), mark) for k in range(1, len(new) + 1)]
        text = between.join(mark + name for mark, name in zip(marks, new, strict=True))
        if new and [item.name for item in items_of(text) or []] != new:
            raise DataError(f"export: expected labels that a list with numbers or bullets can hold, got {new[-1]!r}; rename it")
        return text if new else (None if self.null_is_empty else "")

    def blank(self) -> None:
        """Null."""


@dataclass(frozen=True)
class NumberedReading:
    """Items with a number or a bullet each."""

    formats: tuple[str, ...] = ("numbered",)

    def offer(self, column: Column, unlisted: str) -> list[Offer]:
        """The column, if every cell is such a list and the numbers do not belong to the names."""
        texts = column.texts["text"]
        if column.cells.dtype != pl.String or not len(texts) or not texts.str.contains(LOOKS_SO).all():
            return []
        lists = [items_of(text) for text in texts.to_list()]
        if None in lists or not any(len(items or []) > 1 for items in lists):
            return []
        marked = {(item.name, item.number) for items in lists for item in items or []}
        if all(number is not None for _, number in marked) and len(marked) == len({name for name, _ in marked}):
            return []  # each name has one number, which may be its code
        return [self._made(column, unlisted, 0.99, "every cell counts its items from 1 or marks each with a bullet")]

    def forced(self, column: Column, unlisted: str, name: str, detail: str) -> Offer:  # noqa: ARG002 - one way only
        """The column as such lists."""
        if column.cells.dtype != pl.String:
            raise DataError(f"{name}: expected text in {column.name!r}, got {column.cells.dtype}; leave labels_format out")
        return self._made(column, unlisted, 1.0, "you said so")

    def _made(self, column: Column, unlisted: str, score: float, why: str) -> Offer:
        texts = column.texts["text"]
        longest = max((items_of(text) or [] for text in texts.to_list()), key=len, default=[])
        between, mark = (longest[1].between, longest[0].mark) if len(longest) > 1 else ("; ", longest[0].mark if longest else "1. ")
        codec = NumberedCells(column.name, between, mark, null_is_empty=column.text_only)
        vocabulary = build_vocabulary(codec.tokens(texts)["token"].unique(maintain_order=True), column.label_names)
        encoding = CellSets(column.name, codec, vocabulary, unlisted, column.silence)
        return Offer("numbered", "items with a number or a bullet each", encoding, score, why, "labels_format='numbered'")


NUMBERED = NumberedReading()
