"""Text that writes a list between brackets: JSON, Python, numpy, R, PostgreSQL, and lists without quotes.

What they differ in is a :class:`Syntax`: a few patterns, and how one item is read and written. Cells are taken apart by
those patterns for the whole column at once; each different item is read once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import polars as pl

from labelscope.data.readings.column import Column
from labelscope.data.readings.evidence import glued_names
from labelscope.data.readings.joined import JoinedCells, whole_names
from labelscope.data.readings.reading import Offer, shown
from labelscope.data.readings.sets import CellSets
from labelscope.data.readings.vocabulary import build_vocabulary
from labelscope.errors import DataError

__all__ = ["BracketedReading", "ListText", "Syntax"]

MOST_SHOWN = 12  # names in a line


@dataclass(frozen=True)
class Syntax:
    """How one language writes a list of names or integers.

    Attributes
    ----------
    format : str
        Name for ``labels_format=``.
    title : str
    opening, closing : str
        Patterns of what stands before the first item and behind the last.
    item : str
        Pattern of an item as written, without groups.
    between : str
        Pattern of what stands between two items.
    read : callable (written) -> str or int
        The item; raises ValueError if it is none.
    write : callable (token, integer, like) -> str
        The item as text; `like` is an item of the column.
    usual : tuple of str
        Opening, separator and closing for a column that shows none.
    score : float
        How sure this syntax is where it fits every cell.
    bare : str, optional
        Pattern of a single item that may stand alone, without brackets.
    silent_blank : bool
        Whether a blank cell says nothing, because an empty list has a text of its own.
    typed : bool
        Whether names are quoted, so that ``"1"`` and ``1`` are not the same.
    evidence : str
        A text that some cell must hold for this syntax to be thought of.
    commas : bool
        Whether a name may hold a comma that nothing marks as its own.
    """

    format: str
    title: str
    opening: str
    closing: str
    item: str
    between: str
    read: Callable[[str], str | int]
    write: Callable[[str, bool, str], str]
    usual: tuple[str, str, str]
    score: float
    bare: str | None = None
    silent_blank: bool = True
    typed: bool = True
    evidence: str = ""
    commas: bool = False

    @cached_property
    def whole(self) -> str:
        """Pattern of a whole cell."""
        listed = rf"(?:{self.opening})(?:{self.item}(?:{self.between}{self.item})*)?(?:{self.closing})"
        return rf"^\s*(?:{listed}{'' if self.bare is None else '|' + self.bare})\s*$"

    def items(self, cells: pl.Series) -> pl.DataFrame:
        """Column raw: the items of each cell as they are written."""
        text, opened = pl.col("cell").str.strip_chars(), pl.col("cell").str.contains(rf"^\s*(?:{self.opening})")
        inner = text.str.replace(rf"^(?:{self.opening})", "").str.replace(rf"(?:{self.closing})$", "").str.extract_all(self.item)
        alone = pl.when(text.str.len_chars() > 0).then(pl.concat_list(text))
        return pl.DataFrame({"cell": cells}).select(raw=inner if self.bare is None else pl.when(opened).then(inner).otherwise(alone))

    @cached_property
    def listed(self) -> re.Pattern[str]:
        """A whole cell with its opening, items and closing as groups."""
        return re.compile(rf"^\s*({self.opening})((?:{self.item}(?:{self.between}{self.item})*)?)({self.closing})\s*$")


@dataclass(frozen=True)
class ListText:
    """Cells in one syntax.

    Attributes
    ----------
    column : str
    syntax : Syntax
    style : tuple of str
        Opening, separator and closing that most cells show.
    like : str
        An item as this column writes it.
    integers : bool
    blank_is_empty : bool
        Whether a blank cell says "no label".
    wholes : tuple of str
        Names that hold a comma and are not quoted, the longest first: they are not split.
    """

    column: str
    syntax: Syntax
    style: tuple[str, str, str]
    like: str = ""
    integers: bool = False
    blank_is_empty: bool = False
    wholes: tuple[str, ...] = ()

    def missing(self, cells: pl.Series) -> pl.Series:
        """Null and blank cells, unless a blank means "no label"."""
        if self.blank_is_empty:
            return pl.repeat(value=False, n=len(cells), dtype=pl.Boolean, eager=True)
        if not self.syntax.silent_blank:
            return cells.is_null()
        return cells.str.strip_chars().fill_null("") == ""

    def tokens(self, cells: pl.Series) -> pl.DataFrame:
        """A line for each item of each cell."""
        cells = cells.cast(pl.String)
        wrong = (~cells.str.contains(self.syntax.whole) & (cells.str.strip_chars() != "")).fill_null(value=False)
        if wrong.any():
            row = wrong.arg_true()[0]
            raise DataError(
                f"labels: expected {self.syntax.title} in {self.column!r}, got {shown(cells[row])} in row {row}; mend that cell"
            )
        frame = self._items(cells).with_row_index("row").filter(pl.col("raw").list.len() > 0).explode("raw")
        return frame.select(pl.col("row").cast(pl.Int64), token=self._read(frame["raw"]))

    def revise(self, cell: str | None, drop: AbstractSet[str], add: Sequence[str]) -> str | None:
        """The list without `drop` and with `add` at its end; what stays keeps its text, and the list its separators."""
        opening, separator, closing = self.style
        raws: list[str] = []
        found = self.syntax.listed.match(cell or "")
        if found is not None:
            opening, inner, closing = found.groups()
            items = list(re.finditer(self.syntax.item, inner))
            raws = self._raws(cell or "")
            if len(items) > 1 and not self.wholes:
                separator = inner[items[0].end() : items[1].start()]
        elif cell and cell.strip():
            raws = [cell.strip()]
        named = [(raw, str(self.syntax.read(raw))) for raw in raws]
        kept = [raw for raw, name in named if name not in drop]
        present = {name for raw, name in named if name not in drop}
        like = raws[0] if raws and self.syntax.typed else self.like
        new = [self._write(token, like) for token in add if token not in present]
        if found is None and raws and kept == raws and not new:
            return cell
        if not kept and not new and not self.syntax.silent_blank:
            return None if self.blank_is_empty else ""
        return opening + separator.join([*kept, *new]) + closing

    def blank(self) -> None:
        """Null."""

    def _items(self, cells: pl.Series) -> pl.DataFrame:
        """Column raw: the items of each cell as they are written."""
        if not self.wholes:
            return self.syntax.items(cells)
        lists = [None if cell is None else self._raws(cell) for cell in cells.to_list()]
        return pl.DataFrame({"raw": pl.Series(lists, dtype=pl.List(pl.String))})

    def _raws(self, cell: str) -> list[str]:
        """The items of one cell as they are written; names that hold a comma in one piece."""
        found = self.syntax.listed.match(cell)
        inner = "" if found is None else found[2]
        if not self.wholes:
            return re.findall(self.syntax.item, inner)
        return [piece.strip() for piece in JoinedCells(",", wholes=self.wholes).pieces(inner) if piece.strip()]

    def _write(self, token: str, like: str) -> str:
        raw = self.syntax.write(token, self.integers, like)
        if token in self.wholes:
            return raw
        if not re.fullmatch(self.syntax.item, raw) or str(self.syntax.read(raw)) != token:
            raise DataError(f"export: expected labels that {self.syntax.title} can hold, got {token!r}; rename it")
        return raw

    def _read(self, raws: pl.Series) -> pl.Series:
        different = raws.unique(maintain_order=True)
        read = [str(self.syntax.read(raw)) for raw in different.to_list()]
        return (
            raws.replace_strict(different, pl.Series(read, dtype=pl.String), return_dtype=pl.String) if len(raws) else raws.cast(pl.String)
        )


@dataclass(frozen=True)
class BracketedReading:
    """The reading of one syntax."""

    syntax: Syntax

    @property
    def formats(self) -> tuple[str, ...]:
        """Its name."""
        return (self.syntax.format,)

    def offer(self, column: Column, unlisted: str) -> list[Offer]:
        """The column as lists in this syntax, if every cell is one."""
        cells, texts = column.cells, column.texts["text"]
        if not isinstance(cells.dtype, pl.String) or not len(texts) or not texts.str.contains(self.syntax.whole).all():
            return []
        if self.syntax.evidence and not texts.str.contains(self.syntax.evidence, literal=True).any():
            return []
        if self.syntax.bare is not None and not texts.str.contains(rf"^\s*(?:{self.syntax.opening})").any():
            return []
        try:
            offer = self.forced(column, unlisted, self.syntax.format, "")
            return [replace(offer, refusal=self._glued(column)) if self.syntax.commas else offer]
        except DataError:
            raise
        except ValueError:  # an item that the syntax cannot mean
            return []

    def forced(self, column: Column, unlisted: str, name: str, detail: str) -> Offer:  # noqa: ARG002 - no detail
        """The column as lists in this syntax."""
        if column.cells.dtype != pl.String:
            raise DataError(
                f"labels_format: expected text in {column.name!r} for {name!r}, got {column.cells.dtype}; leave labels_format out"
            )
        codec = self._codec(column)
        listed = codec.tokens(column.texts["text"])
        vocabulary = build_vocabulary(listed["token"].unique(maintain_order=True), column.label_names)
        encoding = CellSets(column.name, codec, vocabulary, unlisted, column.silence)
        return Offer(name, self.syntax.title, encoding, self.syntax.score, "every cell is written so", f"labels_format={name!r}")

    def _glued(self, column: Column) -> str | None:
        """The line that asks whether two parts that never come apart are one name with a comma in it."""
        if column.label_names is not None:
            return None
        inner = column.texts.with_columns(
            pl.col("text").str.replace(rf"^(?:{self.syntax.opening})", "").str.replace(rf"(?:{self.syntax.closing})$", "")
        )
        found = glued_names(inner, ",")
        if found is None:
            return None
        left, right, wholes = found
        names = (
            f"label_names={wholes!r}" if len(wholes) <= MOST_SHOWN else f"label_names= with all names, {f'{left}, {right}'!r} among them"
        )
        return (
            f"labels: expected a clear comma in the lists of {column.name!r}, got ',' between {left!r} and {right!r}, which never come"
            f" apart; pass {names} if that is one label with ',' in its name, or labels_format={self.syntax.format!r} if they are two"
        )

    def _codec(self, column: Column) -> ListText:
        texts = column.texts["text"]
        usual = ListText(column.name, self.syntax, self.syntax.usual)
        usual.tokens(texts)  # refuses what is no list
        items = self.syntax.items(texts)["raw"].explode().drop_nulls().unique(maintain_order=True)
        kinds = {type(self.syntax.read(raw)) for raw in items.to_list()}
        if len(kinds) > 1 and self.syntax.typed:
            example = texts.filter(texts.str.contains(r"\d"))[0]
            raise DataError(
                f"labels: expected lists of strings or of integers in {column.name!r}, got both (as in {shown(example)}); use one type"
            )
        blank = [raw for raw in items.to_list() if not str(self.syntax.read(raw)).strip()]
        if blank:
            example = texts.filter(texts.str.contains(blank[0], literal=True))[0]
            raise DataError(
                f"labels: expected label names in the lists of {column.name!r}, got an empty one in {shown(example)}; remove it"
            )
        unquoted = [item for item in items.to_list() if not item.startswith('"')] if not self.syntax.typed else []
        return ListText(
            column.name, self.syntax, self._style(texts), [*unquoted, *items.to_list(), ""][0], integers=kinds == {int},
            blank_is_empty=not self.syntax.silent_blank and column.text_only,
            wholes=whole_names(column, ",") if self.syntax.commas else (),
        )  # fmt: skip

    def _style(self, texts: pl.Series) -> tuple[str, str, str]:
        """Opening, separator and closing of most cells, seen from the first thousand."""
        counts: dict[tuple[str, str], int] = {}
        separators: dict[str, int] = {}
        for text in texts.head(1000).to_list():
            found = self.syntax.listed.match(text)
            if found is None:
                continue
            opening, inner, closing = found.groups()
            counts[opening, closing] = counts.get((opening, closing), 0) + 1
            items = list(re.finditer(self.syntax.item, inner))
            for a, b in pairwise(items):
                between = inner[a.end() : b.start()]
                separators[between] = separators.get(between, 0) + 1
        ends = max(counts, key=counts.__getitem__) if counts else (self.syntax.usual[0], self.syntax.usual[2])
        return ends[0], max(separators, key=separators.__getitem__) if separators else self.syntax.usual[1], ends[1]
