"""A column as the readings look at it: all of its cells, its different texts, and the words that say nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from labelscope.data.frames import is_plain
from labelscope.data.readings.evidence import MOST_TEXTS, Delimiter, find_delimiter, share
from labelscope.data.readings.unusual_marks import are_letters, ask_about_marks
from labelscope.data.readings.vocabulary import LabelNames

__all__ = ["EMPTY_WORDS", "NO_SILENCE", "NULL_WORDS", "UNSURE_WORDS", "Column", "Silence"]

NULL_WORDS = frozenset(
    word
    for words in (
        ("nan", "NaN", "NAN", "NA", "N/A", "n/a", "<NA>", "#N/A", "NaT"),
        ("null", "NULL", "Null", "None", "nil", "-", "--", "—"),
        ("\\N", "(null)", "(NULL)", "<null>", "<NULL>", "#NULL!", "NA_character_"),  # dumps of databases, the SQL tools, Excel, R
        ("[nan]", "[None]", "[null]"),
    )
    for word in words
)
UNSURE_WORDS = frozenset(["none", "None", "NONE", "-", "--", "—", "?"])  # may be the name of a class
EMPTY_WORDS = frozenset(["[]", "{}", "()", "set()", "frozenset()", "dict_keys([])", "character(0)", "[ ]", "{ }"])


@dataclass(frozen=True)
class Silence:
    """Texts that stand alone in a cell and are no label.

    Attributes
    ----------
    missing : frozenset of str
        They say nothing of their item: all its cells are unknown.
    empty : frozenset of str
        They say that no label is positive.
    written : str or None
        The one to write for an item about which nothing is known; None for null.
    """

    missing: frozenset[str] = frozenset()
    empty: frozenset[str] = frozenset()
    written: str | None = None

    def split(self, cells: pl.Series) -> tuple[pl.Series, pl.Series]:
        """The cells with those words as null, and where a word says that nothing is known."""
        text = cells.cast(pl.String).str.strip_chars()
        missing = text.is_in(list(self.missing)).fill_null(value=False)
        wordless = cells.set(missing | text.is_in(list(self.empty)).fill_null(value=False), None)
        return wordless, missing

    def __bool__(self) -> bool:
        return bool(self.missing or self.empty)


NO_SILENCE = Silence()


@dataclass(frozen=True, eq=False)
class Column:
    """One column with the labels of the items.

    Attributes
    ----------
    name : str
    cells : polars.Series
    text_only : bool
        Whether the table comes from a format that knows only text (CSV), where a blank may be an empty set.
    json : bool
        Whether each cell is the text of a JSON value.
    label_names : sequence or mapping, optional
        As the caller gives them.
    words : collection of str, optional
        What the caller says of texts that mean "nothing is known". Default: the usual ones.
    nothing : collection of str
        What the caller says of words that mean "no label".
    """

    name: str
    cells: pl.Series
    text_only: bool = False
    json: bool = False
    label_names: LabelNames | None = None
    words: Collection[str] | None = None
    nothing: Collection[str] = ()

    @cached_property
    def all_texts(self) -> pl.DataFrame:
        """Columns text (stripped, not blank) and n, a line for each different text, in the order of the table."""
        if not is_plain(self.cells.dtype):
            return pl.DataFrame(schema={"text": pl.String, "n": pl.UInt32})
        counts = self.cells.cast(pl.String).alias("text").to_frame().group_by("text", maintain_order=True).len("n").drop_nulls()
        counts = counts.with_columns(pl.col("text").str.strip_chars()).filter(pl.col("text") != "")
        return counts.group_by("text", maintain_order=True).agg(pl.col("n").sum())

    @cached_property
    def silence(self) -> Silence:
        """The texts of this column that say nothing, or that there is no label."""
        given = self.label_names or ()
        named = {str(name) for name in given} | {str(name) for name in (given.values() if isinstance(given, Mapping) else ())}
        known = (NULL_WORDS if self.words is None else frozenset(self.words)) - named - set(self.nothing)
        found = self.all_texts.filter(pl.col("text").is_in(list(known))).sort("n", descending=True, maintain_order=True)["text"].to_list()
        empty = self.all_texts.filter(pl.col("text").is_in(list(EMPTY_WORDS - named)))["text"].to_list()
        return Silence(frozenset(found), frozenset(empty), found[0] if found else None)

    @cached_property
    def texts(self) -> pl.DataFrame:
        """:attr:`all_texts` without the words that are no label."""
        silent = self.silence
        return self.all_texts.filter(~pl.col("text").is_in([*silent.missing, *silent.empty]))

    @cached_property
    def delimiter(self) -> Delimiter:
        """What joins the labels of the texts, as far as it can be seen."""
        found = find_delimiter(self.name, self.texts)
        asks = not found.mark and found.refusal is None and self.label_names is None
        return (ask_about_marks(self.name, self.texts.head(MOST_TEXTS)) if asks else None) or found

    @cached_property
    def glued_letters(self) -> bool:
        """Whether the texts may be labels of one letter each, side by side."""
        return self.cells.dtype == pl.String and self.label_names is None and are_letters(self.texts["text"].head(MOST_TEXTS))

    @cached_property
    def structured(self) -> bool:
        """Whether the texts are lists or objects of some language, or some of them plainly are."""
        texts = self.texts["text"]
        if not len(texts):
            return False
        plainly = texts.str.contains(r"""^(?:[\[({]\s*["'{\[]|c\(\s*["'])""")
        return bool(plainly.any()) or share(texts.str.contains(r"^[\[({<].*[\])}>]$")) >= 0.5

    def doubted_word(self, parts: Collection[str]) -> str | None:
        """The line that asks whether a word among the labels is one, if one may say that nothing is known, or that none applies."""
        if self.words is not None or self.label_names is not None:
            return None
        for word in sorted(set(parts) - set(self.nothing)):
            return (
                f"labels: expected label names in {self.name!r}, got {word!r}, which may be a label, or mean that no label applies or that"
                f" nothing is known; pass missing=[{word!r}] if nothing is known, empty=[{word!r}] if no label applies, or missing=[] if it"
                " is a label"
            )
        return None

    @property
    def n_rows(self) -> int:
        """Number of cells."""
        return len(self.cells)

    def examples(self, n: int = 3) -> Sequence[str]:
        """Some of the texts, the oftenest first."""
        return self.texts.sort("n", descending=True, maintain_order=True)["text"].head(n).to_list()
