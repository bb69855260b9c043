"""Text that joins labels by a delimiter: "a;b", "a|b", "a, b", "|a|b|", "a||b", "a#b"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import polars as pl

from labelscope.data.readings.column import UNSURE_WORDS, Column
from labelscope.data.readings.evidence import PROSE, possible_marks, share
from labelscope.data.readings.reading import Offer, shown
from labelscope.data.readings.sets import CellSets
from labelscope.data.readings.vocabulary import build_vocabulary
from labelscope.errors import DataError

__all__ = ["JOINED", "JoinedCells", "join_style", "whole_names"]


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
    lead, trail : str
        The delimiter, where most cells start or end with it.
    wholes : tuple of str
        Names that hold the delimiter, the longest first: they are not split.
    """

    delimiter: str
    before: str = ""
    after: str = ""
    empty: str | None = ""
    null_is_empty: bool = False
    lead: str = ""
    trail: str = ""
    wholes: tuple[str, ...] = ()

    def missing(self, cells: pl.Series) -> pl.Series:
        """Null cells, unless null means "no label"."""
        return pl.repeat(value=False, n=len(cells), dtype=pl.Boolean, eager=True) if self.null_is_empty else cells.is_null()

    def tokens(self, cells: pl.Series) -> pl.DataFrame:
        """A line for each label between delimiters; doubled and trailing delimiters count for nothing."""
        cells = cells.cast(pl.String)
        if self.wholes:
            different = cells.drop_nulls().unique(maintain_order=True)
            lists = pl.Series([list(self.pieces(text)) for text in different.to_list()], dtype=pl.List(pl.String))
            split = pl.DataFrame({"cell": different, "token": lists})
            frame = pl.DataFrame({"cell": cells}).with_row_index("row").join(split, on="cell", maintain_order="left").drop("cell")
        else:
            frame = (
                pl.DataFrame({"token": cells}).with_row_index("row").drop_nulls().with_columns(pl.col("token").str.split(self.delimiter))
            )
        frame = frame.explode("token").select(pl.col("row").cast(pl.Int64), pl.col("token").str.strip_chars())
        return frame.filter(pl.col("token") != "")

    def revise(self, cell: str | None, drop: AbstractSet[str], add: Sequence[str]) -> str | None:
        """The text without `drop` and with `add`; the spacing of the cell, or else of the column, is kept."""
        old = list(self.pieces(cell or ""))
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
        whole = self.delimiter.join(kept + tail)
        return whole if present - {""} else self.lead + whole + self.trail

    def blank(self) -> None:
        """Null."""

    def pieces(self, text: str) -> Iterator[str]:
        """What stands between the delimiters; names that hold one are in one piece."""
        pieces, k = text.split(self.delimiter), 0
        while k < len(pieces):
            rest = self.delimiter.join(pieces[k:]).lstrip()
            whole = next((name for name in self.wholes if self._starts(rest, name)), None)
            n = 1 if whole is None else whole.count(self.delimiter) + 1
            yield self.delimiter.join(pieces[k : k + n])
            k += n

    def _starts(self, text: str, name: str) -> bool:
        return text.startswith(name) and (text[len(name) :].lstrip() + self.delimiter).startswith(self.delimiter)

    def _spacing(self, pieces: list[str]) -> tuple[str, str]:
        shown = [piece for piece in pieces if piece.strip()]
        return (_trail(shown[0]), _lead(shown[1])) if len(shown) > 1 else (self.before, self.after)

    def _check(self, token: str) -> None:
        if (self.delimiter in token and token not in self.wholes) or token != token.strip():
            raise DataError(
                f"export: expected labels without {self.delimiter!r}, which joins them, got {token!r}; rename it or write lists"
            )


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


@dataclass(frozen=True)
class JoinedReading:
    """Names joined by a delimiter, given or seen from how the parts recur."""

    formats: tuple[str, ...] = ("joined",)

    def offer(self, column: Column, unlisted: str) -> list[Offer]:
        """The column split at what seems to join its labels."""
        if not (column.cells.dtype == pl.String or isinstance(column.cells.dtype, (pl.Categorical, pl.Enum))) or not len(column.texts):
            return []
        by_names = self._by_names(column)
        if by_names is not None:
            return [self.split(column, by_names, unlisted, 1.0, "every part is one of label_names")] if by_names else []
        if column.structured:
            return []
        found = column.delimiter
        if not found.mark or found.mark == PROSE:
            return []
        score = 0.92 if found.refusal is None else 0.5
        return [self.split(column, found.mark, unlisted, score, found.why, found.refusal or self._unsure(column, found.mark))]

    def forced(self, column: Column, unlisted: str, name: str, detail: str) -> Offer:
        """The column split at the delimiter that ``labels_format="joined:;"`` names, or that is seen."""
        if not detail and not column.delimiter.mark:
            raise DataError(f"{name}: expected a delimiter between labels in {column.name!r}, got none; name it with labels_delimiter=','")
        return self.split(column, detail or column.delimiter.mark, unlisted, 1.0, "you said so")

    def split(self, column: Column, mark: str, unlisted: str, score: float, why: str, refusal: str | None = None) -> Offer:
        """What a delimiter gives."""
        if not (column.cells.dtype == pl.String or isinstance(column.cells.dtype, (pl.Categorical, pl.Enum))):
            raise DataError(
                f"labels_delimiter: expected a column of text, got {column.cells.dtype} in {column.name!r}; leave the option out"
            )
        texts = column.texts["text"]
        before, after = join_style(texts, mark)
        bare = texts.filter(texts.str.replace_all(mark, "", literal=True).str.strip_chars() != "")
        leads, trails = (
            (share(bare.str.starts_with(mark)) >= 0.5, share(bare.str.ends_with(mark)) >= 0.5) if mark.strip() else (False, False)
        )
        wholes = whole_names(column, mark)
        empty = None if column.text_only and not (column.cells == "").any() else ""
        codec = JoinedCells(
            mark, before, after, empty, column.text_only, mark if leads else "", mark if trails else "", wholes,
        )  # fmt: skip
        occurring = codec.tokens(texts)["token"].unique(maintain_order=True)
        vocabulary = build_vocabulary(occurring, column.label_names)
        encoding = CellSets(column.name, codec, vocabulary, unlisted, column.silence)
        return Offer("joined", f"names joined by {mark!r}", encoding, score, why, f"labels_delimiter={mark!r}", refusal)

    def _by_names(self, column: Column) -> str | None:
        """The delimiter between which only given names stand; "" if the cells are names; None if names do not tell."""
        names = given_names(column)
        if not names or all(name.isdecimal() for name in names):
            return None
        texts = column.texts["text"]
        if texts.is_in(list(names)).all():
            return ""
        fitting = [
            mark
            for mark in possible_marks(texts)
            if JoinedCells(mark, wholes=whole_names(column, mark)).tokens(texts)["token"].is_in(list(names)).all()
        ]
        return fitting[0] if len(fitting) == 1 else None

    def _unsure(self, column: Column, mark: str) -> str | None:
        """Whether a word that means "nothing is known" elsewhere stands among labels, or may be one."""
        parts = set(JoinedCells(mark).tokens(column.texts["text"])["token"].unique().to_list())
        return column.doubted_word((parts & column.silence.missing) | (set(column.texts["text"].to_list()) & UNSURE_WORDS))


def given_names(column: Column) -> frozenset[str]:
    """The texts that the caller names as labels."""
    given = column.label_names
    if given is None:
        return frozenset()
    if isinstance(given, Mapping):
        return frozenset(str(key) for key in given)
    return frozenset(str(name) for name in given)


def whole_names(column: Column, mark: str) -> tuple[str, ...]:
    """The names of the caller that hold a delimiter, the longest first."""
    return tuple(sorted((name for name in given_names(column) if mark in name), key=len, reverse=True))


def check_no_brackets(column: Column, mark: str) -> None:
    """Refuse a delimiter between which brackets and quotes of a list would become parts of names."""
    texts = column.texts["text"]
    listed = texts.filter(texts.str.contains(r"^\s*[\[{(<].*[\]})>]\s*$") & texts.str.contains(mark, literal=True))
    if len(listed) and len(listed) == int(texts.str.contains(mark, literal=True).sum()):
        raise DataError(
            f"labels_delimiter: expected names joined by {mark!r} in {column.name!r}, got lists in brackets (as {shown(listed[0])});"
            f" leave labels_delimiter out, or pass labels_format='joined:{mark}' if the brackets belong to the names"
        )


JOINED = JoinedReading()
