"""Which reading a column gets: the best where that is clear, or one line that names the argument that decides."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from labelscope.data.checks import check_column
from labelscope.data.labels import default_state
from labelscope.data.limits import check_cells
from labelscope.data.readings.choices import CHOICES
from labelscope.data.readings.column import Column
from labelscope.data.readings.doubts import doubt_of
from labelscope.data.readings.encoding import LabelEncoding
from labelscope.data.readings.joined import JOINED, check_no_brackets
from labelscope.data.readings.reading import Offer, Reading, shown
from labelscope.data.readings.registry import READINGS
from labelscope.data.readings.sets import CellSets
from labelscope.data.readings.states import FORMATS as STATE_FORMATS
from labelscope.data.readings.states import read_states
from labelscope.data.readings.vocabulary import LabelNames
from labelscope.data.readings.warnings import warnings_of
from labelscope.errors import DataError

__all__ = ["Choice", "Wishes", "choose_reading", "offers_of"]

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
        offer = read_states(table, columns, wishes.label_names, wishes.format)
        return Choice(offer.encoding, offer, warnings_of(table, offer))
    check_column(table, labels, "labels")
    if table.schema[labels] == pl.String:
        check_cells(table[labels])
    column = column_of(table, labels, wishes)
    offer = _named(column, wishes) or _best(column, offers_of(column, wishes.unlisted))
    if wishes.empty:
        offer = _emptied(offer, wishes.empty)
    return Choice(offer.encoding, offer, warnings_of(table, offer))


def _emptied(offer: Offer, words: Collection[str]) -> Offer:
    """An offer without the words that say that no label applies."""
    if not isinstance(offer.encoding, CellSets):
        raise DataError(f"empty: expected a column that lists labels, got {offer.title}; leave it out")
    return replace(offer, encoding=offer.encoding.without(words))


def _states_of_one(table: pl.DataFrame, label: str, way: str | None) -> bool:
    """Whether the format that is named makes one column the states of one label."""
    name = (way or "").partition(":")[0]
    return name in STATE_FORMATS and label in table.columns and (name != "scores" or table.schema[label].is_numeric())


def column_of(table: pl.DataFrame, name: str, wishes: Wishes) -> Column:
    """A column with what is known about it."""
    return Column(name, table[name], wishes.text_only, name in wishes.json_columns, wishes.label_names, wishes.missing)


def offers_of(column: Column, unlisted: str) -> list[Offer]:
    """What the readings would give, the best first; a text that is too long for labels is refused before it is taken apart."""
    if column.cells.dtype == pl.String:
        check_cells(column.cells)
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
    known = ", ".join(reading.formats[0] for reading in READINGS)
    raise DataError(f"labels_format: expected one of {known}, got {name!r}")


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
            f"labels: expected lists, text or integer ids in {name!r}, got {cells.dtype}; pass labels=[{name!r}] for one column a label"
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
