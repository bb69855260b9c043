"""Labels spread over several columns, one or none in each: ``tag1, tag2, tag3``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from labelscope.data.checks import check_column
from labelscope.data.frames import as_text
from labelscope.data.labels import POSITIVE, LabelMatrix, from_lists
from labelscope.data.readings.column import EMPTY_WORDS, NO_SILENCE, NULL_WORDS, Column, Silence
from labelscope.data.readings.encoding import by_row, put_values
from labelscope.data.readings.rater_names import called_raters
from labelscope.data.readings.reading import Offer
from labelscope.data.readings.vocabulary import LabelNames, Vocabulary, build_vocabulary
from labelscope.errors import DataError

__all__ = ["FORMAT", "Likeness", "SpreadColumns", "likeness_of", "read_spread"]

FORMAT = "columns"
FILLER = "-1"  # behind the ids of an item, so that all have as many
AGREES = 0.02  # share of the rows with two answers from which two columns that hold the same are no accident


@dataclass(frozen=True, eq=False)
class SpreadColumns:
    """Columns of which each cell holds one label or none.

    Attributes
    ----------
    columns : tuple of str
    vocabulary : Vocabulary
    unlisted : {"negative", "unknown"}
    silence : Silence
        Words that stand for null; an item with such a word, and no label, is unknown.
    filler : str
        What a cell without a label holds, where that is no blank: -1 among ids.
    """

    columns: tuple[str, ...]
    vocabulary: Vocabulary
    unlisted: str
    silence: Silence = NO_SILENCE
    filler: str = ""

    @property
    def label_names(self) -> tuple[str, ...]:
        """Names of the labels."""
        return self.vocabulary.label_names

    def decode(self, table: pl.DataFrame) -> LabelMatrix:
        """Labels of the rows of `table`: those of all columns. An item with blanks alone has none."""
        rows, labels = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        silent = np.zeros(table.height, bool)
        for name in self.columns:
            wordless, missing = self.silence.split(table[name])
            silent |= missing.to_numpy()
            said = _texts(wordless).alias("token").to_frame().with_row_index("row").filter(~pl.col("token").is_in(["", self.filler]))
            rows.append(said["row"].to_numpy().astype(np.int64))
            labels.append(self.vocabulary.positions(said["token"]))
        at = np.concatenate(rows)
        silent[at] = False
        shape = (table.height, len(self.label_names))
        return from_lists(at, np.concatenate(labels), shape, unlisted=self.unlisted, unknown_items=np.flatnonzero(silent))

    def encode(self, table: pl.DataFrame, items: np.ndarray, labels: np.ndarray, states: np.ndarray) -> pl.DataFrame:
        """The table with some cells changed: a label that goes leaves its cell blank, one that comes takes the first blank cell.

        Raises
        ------
        DataError
            If an item has more labels than there are columns.
        """
        rows, groups = by_row(items, labels, states)
        if not len(rows):
            return table
        old = table.select(self.columns)[rows]
        written = [self._revised(row, *group) for row, group in zip(old.iter_rows(), groups, strict=True)]
        new = []
        for k, name in enumerate(self.columns):
            values = pl.Series(name, [row[k] for row in written], dtype=pl.String)
            dtype = pl.String() if table[name].dtype == pl.Null else table[name].dtype
            blank = self.filler or ("" if dtype == pl.String and (table[name] == "").any() else None)
            filled = values if blank is None else values.fill_null(blank)
            new.append(put_values(table[name].cast(dtype), rows, filled.cast(dtype)))
        return table.with_columns(new)

    def extended(self, table: pl.DataFrame, states: Mapping[str, np.ndarray]) -> tuple[SpreadColumns, pl.DataFrame]:
        """The encoding with more labels; the table stays as it is until they are given to an item."""
        ids = all(table[name].dtype.is_integer() for name in self.columns)
        return replace(self, vocabulary=self.vocabulary.extended(tuple(states), ids=ids)), table

    def token(self, label: int) -> str:
        """What a cell holds for a label."""
        return self.vocabulary.tokens[label]

    def _revised(self, row: Sequence[object], labels: np.ndarray, states: np.ndarray) -> list[str | None]:
        tokens = self.vocabulary.tokens
        add = [tokens[k] for k in labels[states == POSITIVE].tolist()]
        drop = {tokens[k] for k in labels[states != POSITIVE].tolist()}
        cells: list[str | None] = []
        for value in row:
            text = "" if value is None else str(value)
            said = text.strip()
            gone = said in drop or (add and said in {*self.silence.missing, *self.silence.empty})
            cells.append(None if gone or said in {"", self.filler} else text)
        held = {cell.strip() for cell in cells if cell is not None}
        for token in (token for token in add if token not in held):
            if None not in cells:
                raise DataError(
                    f"export: expected at most {len(self.columns)} labels an item in {', '.join(map(repr, self.columns))}, got"
                    f" {' and '.join(repr(cell) for cell in cells)} and {token!r} for one; add a blank column to the table and name it in"
                    " labels= with these"
                )
            cells[cells.index(None)] = token
        return cells


def read_spread(
    table: pl.DataFrame, columns: Sequence[str], given: LabelNames | None, unlisted: str, words: Sequence[str] | None, *, said: bool
) -> Offer:
    """Labels spread over several columns.

    Parameters
    ----------
    table : polars.DataFrame
    columns : sequence of str
    given : sequence or mapping, optional
        Names of the labels.
    unlisted : {"negative", "unknown"}
    words : sequence of str, optional
        What the caller says of texts that mean that nothing is known.
    said : bool
        Whether the caller says that it is so.

    Raises
    ------
    DataError
        If a column is not there, or holds neither text nor whole numbers.
    """
    for name in columns:
        check_column(table, name, "labels")
        dtype = table[name].dtype
        if not (dtype in (pl.String, pl.Null, pl.Categorical, pl.Enum) or dtype.is_integer()):
            raise DataError(f"labels: expected one label or none in each cell of {name!r}, got {dtype}; leave that column out")
    stacked = pl.concat([_texts(table[name]).alias("label") for name in columns])
    different = stacked.unique()
    filler = FILLER if FILLER in different and different.filter(~different.is_in(["", FILLER])).str.contains(r"^\d+$").all() else ""
    column = Column("label", stacked.set(stacked == filler, ""), label_names=given, words=words)
    vocabulary = build_vocabulary(column.texts["text"], given)
    encoding = SpreadColumns(tuple(columns), vocabulary, unlisted, column.silence, filler)
    title = f"labels in {len(columns)} columns, one or none in each"
    why = "you said so" if said else "the columns hold the same labels, and none twice in a row"
    return Offer(FORMAT, title, encoding, 1.0 if said else 0.95, why, f"labels_format={FORMAT!r}")


@dataclass(frozen=True)
class Likeness:
    """How columns of text are alike, which says whether they hold tags, answers of raters, or things of several kinds.

    Attributes
    ----------
    shares : bool
        Whether some label is in two columns.
    agrees : float
        Share of the rows with two labels or more in which two columns hold the same one.
    n_several : int
        Rows with two labels or more.
    named : bool
        Whether the columns are called as raters are.
    """

    shares: bool
    agrees: float
    n_several: int
    named: bool

    @property
    def are_tags(self) -> bool:
        """Whether the columns plainly hold the labels of one set."""
        return self.shares and self.n_several > 0 and self.agrees == 0 and not self.named

    @property
    def are_raters(self) -> bool:
        """Whether each column plainly holds what one rater says."""
        return self.shares and self.agrees >= AGREES and (self.named or self.agrees >= 0.5)


def likeness_of(table: pl.DataFrame, columns: Sequence[str]) -> Likeness | None:
    """How some columns are alike; None where they do not all hold text that recurs as labels do."""
    if len(columns) < 2:
        return None
    schema = table.schema  # made anew at each call, of what may be a hundred thousand columns
    if any(name not in schema or schema[name] not in (pl.String, pl.Null, pl.Categorical, pl.Enum) for name in columns):
        return None
    cells = pl.concat(
        [pl.DataFrame({"text": _texts(table[name])}).with_columns(column=pl.lit(k)).with_row_index("row") for k, name in enumerate(columns)]
    ).filter(~pl.col("text").is_in(["", *NULL_WORDS, *EMPTY_WORDS]))
    different = cells["text"].n_unique()
    if not cells.height or (different >= 20 and cells.height < 1.5 * different):
        return None
    shares = bool((cells.group_by("text").agg(pl.col("column").n_unique()).get_column("column") > 1).any())
    rows = cells.group_by("row").agg(n=pl.len(), different=pl.col("text").n_unique()).filter(pl.col("n") > 1)
    agrees = int((rows["n"] > rows["different"]).sum()) / max(1, rows.height)
    return Likeness(shares, agrees, rows.height, called_raters(columns))


def _texts(cells: pl.Series) -> pl.Series:
    return as_text(cells, "labels").str.strip_chars().fill_null("")
