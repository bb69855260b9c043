"""Cells that join labels by a delimiter: "a;b", "a|b", "a, b"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import polars as pl

from labelscope.errors import DataError

__all__ = ["JoinedCells", "detect_delimiter", "join_style"]

DELIMITERS = (";", "|", ",", "\t", "\n")
IDS = r"^\s*\d+(\s+\d+)*\s*$"  # only integers may be joined by blanks: names may hold blanks


@dataclass(frozen=True)
class JoinedCells:
    """Text with a delimiter between labels; the spaces around it are kept.

    Attributes
    ----------
    delimiter : str
    before, after : str
        Spaces around the delimiter in most cells, for cells that show none.
    empty : str or None
        What a cell without labels holds.
    null_is_empty : bool
        Whether null means "no label" rather than "nobody said": so in a CSV, where a blank is how most programs
        write an empty text.
    """

    delimiter: str
    before: str = ""
    after: str = ""
    empty: str | None = ""
    null_is_empty: bool = False

    def missing(self, cells: pl.Series) -> pl.Series:
        """Null cells, unless null means "no label"."""
        return pl.repeat(value=False, n=len(cells), dtype=pl.Boolean, eager=True) if self.null_is_empty else cells.is_null()

    def tokens(self, cells: pl.Series) -> pl.DataFrame:
        """A line for each label between delimiters; doubled and trailing delimiters count for nothing."""
        frame = pl.DataFrame({"token": cells}).with_row_index("row").drop_nulls().with_columns(pl.col("token").str.split(self.delimiter))
        frame = frame.explode("token").select(pl.col("row").cast(pl.Int64), pl.col("token").str.strip_chars())
        return frame.filter(pl.col("token") != "")

    def revise(self, cell: str | None, drop: AbstractSet[str], add: Sequence[str]) -> str | None:
        """The text without `drop` and with `add`; the spacing of the cell, or else of the column, is kept."""
        old = (cell or "").split(self.delimiter)
        before, after = self._spacing(old)
        kept = [piece for piece in old if piece.strip() not in drop or not piece.strip()]
        present = {piece.strip() for piece in kept}
        if not present - {""} and not [token for token in add if token not in present]:
            return self.empty
        if not present - {""}:
            kept = []
        if kept and kept[0] != old[0]:
            kept[0] = _lead(old[0]) + kept[0].lstrip()
        if kept and kept[-1] != old[-1]:
            kept[-1] = kept[-1].rstrip() + _trail(old[-1])
        tail = [kept.pop()] if len(kept) > 1 and not kept[-1].strip() else []  # "a;b;" ends with a delimiter, and goes on to
        for token in add:
            if token not in present:
                self._check(token)
                if kept:
                    kept[-1] = kept[-1].rstrip() + before
                kept.append(after + token if kept else token)
        return self.delimiter.join(kept + tail)

    def blank(self) -> None:
        """Null."""

    def _spacing(self, pieces: list[str]) -> tuple[str, str]:
        shown = [piece for piece in pieces if piece.strip()]
        return (_trail(shown[0]), _lead(shown[1])) if len(shown) > 1 else (self.before, self.after)

    def _check(self, token: str) -> None:
        if self.delimiter in token or token != token.strip():
            raise DataError(
                f"export: expected labels without {self.delimiter!r}, which joins them, got {token!r}; rename it or write lists"
            )


def detect_delimiter(column: str, cells: pl.Series) -> str:
    """The delimiter of a column of text; "" where each cell is one label.

    Parameters
    ----------
    column : str
    cells : polars.Series of str
        The cells that are not blank, each text once or oftener.

    Raises
    ------
    DataError
        If more than one would do, or if the parts never occur apart, so that a comma may belong to a name.
    """
    found = [mark for mark in DELIMITERS if cells.str.contains(mark, literal=True).any()]
    if not found:
        return " " if cells.str.contains(IDS).all() and cells.str.contains(r"\d\s+\d").any() else ""
    if len(found) > 1:
        example = cells.filter(cells.str.contains(found[1], literal=True))[0]
        names = " and ".join(repr(mark) for mark in found)
        raise DataError(f"labels: expected one delimiter in {column!r}, got {names} (as in {example!r}); name it with labels_delimiter=")
    if found[0] == "," and _never_apart(cells):
        example = cells.filter(cells.str.contains(",", literal=True))[0]
        raise DataError(
            f"labels: expected a clear delimiter in {column!r}, got ',' in {example!r}, which may be part of the name;"
            " pass labels_delimiter=',', or labels_delimiter='' if each cell is one label"
        )
    return found[0]


def _never_apart(cells: pl.Series) -> bool:
    """Whether texts with a comma recur, but no part of one is ever seen in another text."""
    counts = cells.value_counts(name="n").rename({cells.name: "cell"})
    joined = counts.filter(pl.col("cell").str.contains(",", literal=True))
    if joined["n"].sum() < 2 * joined.height:
        return False
    parts = counts.select("cell", part=pl.col("cell").str.split(",")).explode("part").with_columns(pl.col("part").str.strip_chars())
    return bool(parts.filter(pl.col("part") != "").unique()["part"].is_unique().all())


def join_style(cells: pl.Series, delimiter: str) -> tuple[str, str]:
    """The spaces before and after the delimiter that most cells show.

    Examples
    --------
    >>> join_style(pl.Series(["a, b", "c", "b, c, d"]), ",")
    ('', ' ')
    """
    if not delimiter.strip():
        return "", ""
    shown = cells.str.extract_groups(rf"\S(?P<before>[^\S\r\n]*){re.escape(delimiter)}(?P<after>[^\S\r\n]*)\S").struct.unnest().drop_nulls()
    if not shown.height:
        return "", ""
    before, after = shown.group_by("before", "after").len().sort("len", "before", "after", descending=[True, False, False]).row(0)[:2]
    return before, after


def _lead(piece: str) -> str:
    return piece[: len(piece) - len(piece.lstrip())]


def _trail(piece: str) -> str:
    return piece[len(piece.rstrip()) :]
