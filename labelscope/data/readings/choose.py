"""Which reading a column gets: the best where that is clear, or one line that names the argument that decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from labelscope.data.checks import check_column
from labelscope.data.frames import can_be_written
from labelscope.data.labels import default_state
from labelscope.data.limits import check_cells
from labelscope.data.readings.choices import CHOICES
from labelscope.data.readings.column import Column
from labelscope.data.readings.doubts import doubt_of
from labelscope.data.readings.encoding import LabelEncoding
from labelscope.data.readings.joined import JOINED, check_no_brackets
from labelscope.data.readings.rater_names import called_raters
from labelscope.data.readings.reading import Offer, Reading, shown
from labelscope.data.readings.registry import READINGS
from labelscope.data.readings.sets import CellSets
from labelscope.data.readings.spread import FORMAT as SPREAD
from labelscope.data.readings.spread import likeness_of, read_spread
from labelscope.data.readings.state_ways import FORMATS as STATE_FORMATS
from labelscope.data.readings.state_ways import holds_states, read_states, says_no_state, two_words
from labelscope.data.readings.states import holds_numbers
from labelscope.data.readings.vocabulary import LabelNames
from labelscope.data.readings.warnings import warnings_of
from labelscope.data.repeated_keys import check_objects
from labelscope.errors import DataError

__all__ = ["Choice", "Wishes", "choose_reading", "column_of", "offers_of", "spread_offer"]

SHORTENED = r"^\s*(?:\w+\()?[\[({].*[\s,\[({](?:\.\.\.|…)(?:[\s,].*)?[\])}](?:\s*,\s*dtype=[^)]*)?\)?\s*$"  # [0 1 0 ... 0 0 1]
BYTES = r"""^b(?:'.*'|".*")$"""
WORDY, LEAST_TEXTS, RECURS = 4, 20, 1.5  # words of a name, different names, and rows for each, from which they are texts and no labels
CLOSE = 0.015  # two readings whose scores are as near as that are as likely


@dataclass(frozen=True)
class Wishes:
    """What the caller says about the labels.

    Attributes
    ----------
    unlisted : {"negative", "unknown"}
        What a label that is not in an item's set means.
    delimiter : str, optional
        What joins labels in a column of text; "" if each cell is one label.
    format : str, optional
        Name of a reading, with a detail after a colon where it takes one.
    label_names : sequence or mapping, optional
    missing : collection of str, optional
        Texts that mean that nothing is known.
    empty : collection of str
        Words that stand among labels and say that none applies.
    text_only : bool
        Whether the table comes from a format that knows only text (CSV), where a blank may be an empty set.
    json_columns : collection of str
        Columns whose cells are JSON.
    """

    unlisted: str = "negative"
    delimiter: str | None = None
    format: str | None = None
    label_names: LabelNames | None = None
    missing: Collection[str] | None = None
    text_only: bool = False
    json_columns: Collection[str] = ()
    empty: Collection[str] = ()


@dataclass(frozen=True, eq=False)
class Choice:
    """The reading that was chosen.

    Attributes
    ----------
    encoding : LabelEncoding
    offer : Offer
    warnings : tuple of str
        What a person should know, one line each.
    """

    encoding: LabelEncoding
    offer: Offer
    warnings: tuple[str, ...] = field(default=())

    def line(self) -> str:
        """How the labels are read, in one line."""
        columns = self.encoding.columns
        where = repr(columns[0]) if len(columns) == 1 else f"{len(columns):,} columns"
        return f"labels in {where}: {self.offer.title}; {len(self.encoding.label_names):,} labels"

    def record(self) -> dict[str, object]:
        """The same as JSON can hold it."""
        return {"format": self.offer.format, "title": self.offer.title, "why": self.offer.why, "warnings": list(self.warnings)}


def choose_reading(table: pl.DataFrame, labels: str | Sequence[str], wishes: Wishes) -> Choice:
    """The reading of the labels of a table.

    Parameters
    ----------
    table : polars.DataFrame
    labels : str or sequence of str
        One column of sets, or one column a label.
    wishes : Wishes

    Raises
    ------
    DataError
        If a column is not there, or its values are in no known way, or in more than one.
    """
    default_state(wishes.unlisted)
    if not isinstance(labels, str) or _states_of_one(table, labels, wishes.format):
        columns = [labels] if isinstance(labels, str) else list(labels)
        offer = _of_columns(table, columns, wishes)
        return Choice(offer.encoding, offer, warnings_of(table, offer))
    check_column(table, labels, "labels")
    if not can_be_written(table[labels].dtype):
        kind = table[labels].dtype.base_type()
        if kind.__name__ == "Map":
            raise DataError(f"labels: expected text, numbers or lists of them, got a map in {labels!r}; write it as JSON text or a struct")
        raise DataError(f"labels: expected text, numbers or lists of them, got {kind} with bytes or durations in {labels!r}; name another")
    if table[labels].dtype == pl.String:
        check_cells(table[labels])
        check_objects(table[labels])
    if wishes.format is None:
        _check_whole(table[labels])
    column = column_of(table, labels, wishes)
    offer = _named(column, wishes) or _best(column, offers_of(column, wishes.unlisted))
    if wishes.empty:
        offer = _emptied(offer, wishes.empty)
    return Choice(offer.encoding, offer, warnings_of(table, offer))


def _check_whole(cells: pl.Series) -> None:
    """Refuse lists that a program has shortened when it wrote them, whose rest is lost, and bytes that were written as text."""
    if cells.dtype != pl.String:
        return
    texts = cells.drop_nulls().str.strip_chars()
    texts = texts.filter(texts != "")
    if len(texts) and texts.str.contains(BYTES).all():
        raise DataError(
            f"labels: expected label names in {cells.name!r}, got bytes that Python has written as text (as {shown(texts[0])}); write the"
            " column again with .decode(), or pass labels_format='single' if each cell is one label as it stands"
        )
    short = cells.str.contains(SHORTENED).fill_null(value=False)
    if short.any():
        row = int(short.arg_true()[0])
        raise DataError(
            f"labels: expected whole lists in {cells.name!r}, got {shown(cells[row])} in row {row}, which the program that wrote it has"
            " shortened; write the column again with whole lists, as array.tolist() makes them"
        )


def _of_columns(table: pl.DataFrame, columns: list[str], wishes: Wishes) -> Offer:
    """Several columns: one a label, or the labels of one set spread over them."""
    if len(set(columns)) != len(columns):
        twice = Counter(columns).most_common(1)[0][0]
        raise DataError(f"labels: expected each column once, got {twice!r} more than once; name it once")
    if wishes.format == SPREAD:
        return spread_offer(table, columns, wishes, said=True)
    states = wishes.format is not None or holds_states(table, columns)
    if states and wishes.format is None and called_raters(columns):
        raise DataError(
            f"labels: expected columns that are called as labels, got {', '.join(map(repr, columns[:5]))}, which are called as raters are;"
            f" pass rater={columns!r} with label_names=['positive'], or the name of the label that they are about, or"
            f" labels_format='states' if each column is a label"
        )
    alike = None if states else likeness_of(table, columns)
    if not states and wishes.format is None and (pair := two_words(table, columns)) is not None:
        raise DataError(
            f"labels: expected columns of 1 and 0, got {pair[0]!r} and {pair[1]!r} alone in {columns[0]!r} and the like, which may say"
            f" present and absent; pass labels_format='states:{pair[0]}' if {pair[0]!r} says that a label is there,"
            f" labels_format='states:{pair[1]}' if {pair[1]!r} does, or labels_format={SPREAD!r} if both are labels"
        )
    if alike is None and not states and len(columns) == 1 and says_no_state(table, columns[0]):
        raise DataError(f"labels: expected columns of 1 and 0, got text in {columns[0]!r}; pass labels={columns[0]!r}")
    if alike is None:
        return read_states(table, columns, wishes.label_names, wishes.format)
    if alike.are_tags:
        return spread_offer(table, columns, wishes, said=False)
    raise DataError(
        f"labels: expected columns of 1 and 0, got names in {', '.join(map(repr, columns[:5]))}, which may be the labels of one set or what"
        f" one rater each says; pass labels_format={SPREAD!r} or rater={columns!r}"
    )


def spread_offer(table: pl.DataFrame, columns: list[str], wishes: Wishes, *, said: bool) -> Offer:
    """What several columns give as the labels of one set."""
    words = None if wishes.missing is None else list(wishes.missing)
    return read_spread(table, columns, wishes.label_names, wishes.unlisted, words, said=said)


def _emptied(offer: Offer, words: Collection[str]) -> Offer:
    """An offer without the words that say that no label applies."""
    if not isinstance(offer.encoding, CellSets):
        raise DataError(f"empty: expected a column that lists labels, got {offer.title}; leave it out")
    return replace(offer, encoding=offer.encoding.without(words))


def _states_of_one(table: pl.DataFrame, label: str, way: str | None) -> bool:
    """Whether the format that is named makes one column the states of one label."""
    name = (way or "").partition(":")[0]
    if name not in STATE_FORMATS or label not in table.columns:
        return False
    return name != "scores" or table[label].dtype.is_numeric() or holds_numbers(table[label])


def column_of(table: pl.DataFrame, name: str, wishes: Wishes) -> Column:
    """A column with what is known about it."""
    return Column(name, table[name], wishes.text_only, name in wishes.json_columns, wishes.label_names, wishes.missing, wishes.empty)


def offers_of(column: Column, unlisted: str) -> list[Offer]:
    """What the readings would give, the best first; a text that is too long for labels is refused before it is taken apart."""
    if column.cells.dtype == pl.String:
        check_cells(column.cells)
        check_objects(column.cells)
    offers: list[Offer] = []
    for reading in READINGS:
        offers += _offered(reading, column, unlisted, needed=not offers)
    return sorted(offers, key=lambda offer: -offer.score)


def _offered(reading: Reading, column: Column, unlisted: str, *, needed: bool) -> list[Offer]:
    """What a reading offers; what it refuses counts only where no other reading has offered anything."""
    try:
        return reading.offer(column, unlisted)
    except DataError:
        if needed:
            raise
        return []


def _named(column: Column, wishes: Wishes) -> Offer | None:
    """What the caller names."""
    if wishes.format is not None:
        name, _, detail = wishes.format.partition(":")
        reading = find_reading(name)
        if name == "joined" and not detail and wishes.delimiter:
            detail = wishes.delimiter
        return reading.forced(column, wishes.unlisted, name, detail)
    if wishes.delimiter is None:
        return None
    if wishes.delimiter == "":
        return find_reading("single").forced(column, wishes.unlisted, "single", "")
    offer = JOINED.split(column, wishes.delimiter, wishes.unlisted, 1.0, "labels_delimiter says so")
    check_no_brackets(column, wishes.delimiter)
    return offer


def find_reading(name: str) -> Reading:
    """The reading of a name.

    Raises
    ------
    DataError
        If there is none.
    """
    for reading in READINGS:
        if name in reading.formats:
            return reading
    if name == SPREAD:
        raise DataError(f"labels_format: expected several columns for {SPREAD!r}, got one; name them all with labels=")
    known = ", ".join(reading.formats[0] for reading in READINGS)
    raise DataError(f"labels_format: expected one of {known}, got {name!r}; leave labels_format out")


def _best(column: Column, offers: list[Offer]) -> Offer:
    if not offers:
        raise _none_fits(column)
    best = offers[0]
    if best.refusal is not None:
        raise DataError(best.refusal)
    for other in offers[1:]:
        if best.score - other.score <= CLOSE and not _same(column, best, other):
            raise DataError(
                f"labels: expected one way to read {column.name!r}, got two: {best.title} ({_gist(best)}) or {other.title}"
                f" ({_gist(other)}); pass {best.remedy} or {other.remedy}"
            )
    _check_names(column, best)
    return best


def _check_names(column: Column, best: Offer) -> None:
    """Refuse a reading that nobody asked for, whose names say more than names."""
    if column.label_names is not None or not isinstance(best.encoding, CellSets):
        return
    odd = doubt_of(best.encoding.label_names)
    if odd is not None:
        raise DataError(
            f"labels: expected label names in {column.name!r}, got {odd}; write one column of 1 and 0 a label, or pass {best.remedy}"
            " if it belongs to the name"
        )
    _check_texts(column, best)


def _check_texts(column: Column, best: Offer) -> None:
    """Refuse labels that hardly recur, where they are texts of many words or stand alone: they are answers in free words."""
    names = best.encoding.label_names
    if best.format == "single" or len(names) < LEAST_TEXTS or column.n_rows >= 2 * RECURS * len(names):
        return
    sizes = np.diff(best.encoding.decode(column.cells.to_frame()).positives.indptr)
    wordy = sum(name.count(" ") for name in names) >= (WORDY - 1) * len(names)
    if sizes.sum() < RECURS * len(names) and (wordy or sizes.max() <= 1):
        raise DataError(
            f"labels: expected labels that recur in {column.name!r}, got {len(names):,} different texts (as {shown(names[0])}), given"
            f" {sizes.sum():,} times; name another column, or pass {best.remedy} if each is a label"
        )


def _same(column: Column, a: Offer, b: Offer) -> bool:
    """Whether two readings give the same labels."""
    if set(a.encoding.label_names) != set(b.encoding.label_names) or type(a.encoding) is not type(b.encoding):
        return False
    head = column.cells.to_frame().head(1000)
    order = [b.encoding.label_names.index(name) for name in a.encoding.label_names]
    return bool((a.encoding.decode(head).dense() == b.encoding.decode(head).dense()[:, order]).all())


def _gist(offer: Offer) -> str:
    names = offer.encoding.label_names
    return f"{len(names):,} labels such as {', '.join(map(repr, names[:2]))}"


def _none_fits(column: Column) -> DataError:
    cells, name = column.cells, column.name
    if cells.dtype == pl.Boolean:
        return DataError(
            f"labels: expected lists, text or integer ids in {name!r}, got {cells.dtype}; pass labels_format='states' for one label"
        )
    if cells.dtype == pl.String and len(column.texts):
        odd, row, alike = _odd_one(column)
        try:
            CHOICES.forced(column, "negative", "choices", "")
            remedy = "pass labels_format='choices' if a name alone is a list of one"
        except DataError:
            remedy = "mend that cell"
        if alike:
            return DataError(
                f"labels: expected cells that are written in a known way in {name!r}, got {shown(odd)}; write one column of 1 and 0 a label"
                " and pass their names as labels=[...], or pass labels_format='single' if each cell is one label as it stands"
            )
        return DataError(
            f"labels: expected cells that are all written in one way in {name!r}, got {shown(odd)} in row {row}, the others as"
            f" {shown(column.texts['text'][0])}; {remedy}, or pass labels_format='single' if each cell is one label as it stands"
        )
    return DataError(
        f"labels: expected lists, text or integer ids in {name!r}, got {cells.dtype}; write one column of 1 and 0 a label"
        f" and pass their names as labels=[...]"
    )


def _odd_one(column: Column) -> tuple[str, int, bool]:
    """A text that is written in another way than most, and its row: the fewest texts open as it does, or end so; and whether all do."""
    texts = column.texts.with_columns(
        opening=pl.col("text").str.extract(r"^([\[{(<]?)", 1), closing=pl.col("text").str.extract(r"([\]})>]?)$", 1)
    )
    counted = texts.with_columns(alike=pl.len().over("opening", "closing")).sort("alike", "opening", maintain_order=True)
    odd = str(counted["text"][0])
    row = int((column.cells.cast(pl.String).str.strip_chars() == odd).arg_true()[0])
    return odd, row, counted["alike"][0] == counted.height and counted.height > 1
