"""What the columns of a table seem to be: ids, text, pictures, labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
from polars import selectors as cs

from labelscope.data.checks import check_column
from labelscope.data.frames import column_blocks, is_plain
from labelscope.data.item_columns import as_names, called_id
from labelscope.data.opened import Opened
from labelscope.data.rater_search import find_raters
from labelscope.data.readings.choose import column_of, offers_of
from labelscope.data.readings.column import NULL_WORDS
from labelscope.data.readings.rater_names import called_raters, stem_of
from labelscope.data.readings.spread import likeness_of
from labelscope.data.readings.state_words import NAMED, STATES
from labelscope.errors import DataError

__all__ = ["ROLES", "Roles", "named_roles", "seen_roles", "seen_text"]

ROLES = ("id", "text", "image", "labels", "features", "groups", "split", "rater")
"""What a column may be: arguments of :func:`labelscope.read`."""
LABEL_NAMES = (
    "labels", "label", "emotions", "emotion", "sentiment", "intent", "tags", "tag", "genres", "genre", "categories", "category", "topics",
    "topic", "classes", "class", "target",
)  # fmt: skip
TEXT_NAMES = ("text", "comment", "comment_text", "body", "content", "title", "review", "overview", "caption", "question", "data")
IMAGE_NAMES = ("image", "img", "image_path", "path", "file", "filename", "file_name", "picture")
PICTURE = r"(?i)\.(jpe?g|png|gif|bmp|webp|tiff?)$"
MOST_TRIED = 200
"""Columns on which the readings are tried."""
STATE_TEXTS = frozenset(STATES) - NAMED
SILENT = sorted({"", *map(str.lower, NULL_WORDS)})
PERCENT = r"^\d{1,3}(?:\.\d+)?\s?%$"


@dataclass(frozen=True)
class Roles:
    """The columns by role.

    Attributes
    ----------
    labels : str, list of str or None
    text : str, list of str or None
    image, id, groups, split : str or None
    features, rater : str, list of str or None
    """

    labels: str | list[str] | None
    text: str | list[str] | None = None
    image: str | None = None
    id: str | None = None
    features: str | list[str] | None = None
    groups: str | None = None
    split: str | None = None
    rater: str | list[str] | None = None

    @property
    def by_column(self) -> dict[str, str]:
        """The role of each column that has one, as the argument of :func:`labelscope.read` is called; the first of several."""
        return {column: role for role in reversed(ROLES) for column in as_names(getattr(self, role))}


def named_roles(sample: pl.DataFrame, opened: Opened, given: Mapping[str, Any]) -> Roles:
    """The roles that the caller names, and no other.

    Raises
    ------
    DataError
        If a column is not there.
    """
    for role, columns in (("labels", opened.labels), *given.items()):
        for column in as_names(columns):
            check_column(sample, column, role)
    return Roles(opened.labels, **given)


def seen_roles(sample: pl.DataFrame, opened: Opened, given: Mapping[str, Any]) -> Roles:
    """The roles of the columns, seen from some rows.

    Parameters
    ----------
    sample : polars.DataFrame
    opened : Opened
        With the label columns, where the caller names them.
    given : mapping of role to column or columns
        What the caller says.

    Raises
    ------
    DataError
        If a column that is named is not there.
    """
    said = named_roles(sample, opened, given)
    taken = {name for role in ROLES for name in as_names(getattr(said, role))}
    if said.rater is None and (rated := find_raters(sample, said.labels, said.id, None)) is not None:
        sample = sample.unique(rated[0], keep="first", maintain_order=True)  # what is there as often as an item has raters recurs by that
        taken.add(rated[1])
    columns = {column.name: column for column in sample.iter_columns() if column.name not in taken}
    ident = said.id or next((name for name, column in columns.items() if _is_id(column)), None)
    for name in as_names(ident):
        columns.pop(name, None)
    image = said.image or _first(IMAGE_NAMES, _telling(columns), _pictures)
    for name in as_names(image):
        columns.pop(name, None)
    family = None if said.rater is not None or opened.labels is not None else _family(pl.DataFrame(list(columns.values())))
    raters = list(family.names) if family is not None and family.are_raters else None
    rest = [column for name, column in columns.items() if family is None or name not in family.names]
    checked = None if raters is None else _known_labels(rest, opened)
    named = checked if raters is not None and checked is not None else None if family is None else list(family.names)
    labels = opened.labels if opened.labels is not None else named or _labels(list(_telling(columns).values()), opened)
    for name in raters or ():
        columns.pop(name, None)
    for name in as_names(labels):
        columns.pop(name, None)
    text = said.text or _first(TEXT_NAMES, _telling(columns), _free_texts) or _repeated_text(sample, columns)
    return replace(said, labels=labels, text=text, image=image, id=ident, rater=said.rater if raters is None else raters)


def _telling(columns: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
    """The columns that hold more than nothing: in a very wide table most may be empty."""
    return {name: column for name, column in columns.items() if column.null_count() < len(column)}


def _repeated_text(sample: pl.DataFrame, columns: Container[str]) -> str | None:
    """The text of a table with several rows an item, where each text is there as often as its item."""
    keys = [name for name in sample.columns if called_id(name) and not sample[name].dtype.is_nested()]
    key = next((name for name in keys if 1 < sample[name].n_unique() < sample.height), None)
    if key is None:
        return None
    items = sample.unique(key, keep="first", maintain_order=True)
    return _first(TEXT_NAMES, {column.name: column for column in items.iter_columns() if column.name in columns}, _free_texts)


@dataclass(frozen=True)
class Family:
    """Columns that are called alike but for a number and hold the same labels; whether each is what one rater says."""

    names: tuple[str, ...]
    are_raters: bool


def _family(table: pl.DataFrame) -> Family | None:
    """The first columns that are such a family and may be labels: called as labels or raters are, or alone in the table."""
    stems: dict[str, list[str]] = {}
    for name in table.columns:
        if (stem := stem_of(name)) != name:
            stems.setdefault(stem, []).append(name)
    numbered = {name for names in stems.values() if len(names) > 1 for name in names}
    words_of = {name: set(re.split(r"[\s_.-]+", name.lower())) for name in table.columns if name not in numbered}
    for word in LABEL_NAMES:  # primary_label, secondary_label
        names = [name for name, words in words_of.items() if word in words]
        alike = likeness_of(table, names)
        if alike is not None and alike.are_tags:
            return Family(tuple(names), are_raters=False)
    for stem, names in stems.items():
        words = set(re.split(r"[\s_.-]+", stem.lower()))
        if len(names) < 2 or not (called_raters(names) or words & set(LABEL_NAMES)):
            continue
        alike = likeness_of(table, names)
        if alike is not None and alike.shares:
            return Family(tuple(names), alike.are_raters)
    return None


def _known_labels(columns: Sequence[pl.Series], opened: Opened) -> str | None:
    """The column beside those of raters that is called as labels are, and holds labels."""
    return next((series.name for series in columns if _called_labels(series) and _best(series, opened) is not None), None)


def seen_text(sample: pl.DataFrame, roles: Roles) -> str | None:
    """The column that seems to be the text, out of those without a role."""
    taken = roles.by_column
    return _first(TEXT_NAMES, {column.name: column for column in sample.iter_columns() if column.name not in taken}, _free_texts)


def _first(known: tuple[str, ...], columns: Mapping[str, pl.Series], fitting: Callable[[pl.DataFrame], Iterator[str]]) -> str | None:
    """The column that fits and has the best known name, or else the first that fits; no more are looked at than must be."""
    rank = {word: k for k, word in enumerate(known)}
    named = sorted((name for name in columns if name.lower() in rank), key=lambda name: rank[name.lower()])
    rest = [column for column in columns.values() if column.name.lower() not in rank]
    blocks = (pl.DataFrame([columns[name] for name in named]), *column_blocks(pl.DataFrame(rest)))
    return next((name for block in blocks for name in fitting(block)), None)


def _is_id(series: pl.Series) -> bool:
    if not called_id(series.name):
        return False
    return (series.dtype.is_integer() or series.dtype == pl.String) and not series.null_count() and series.is_unique().all()


def _pictures(block: pl.DataFrame) -> Iterator[str]:
    """The columns that hold images, or paths of images; many are looked at in one go."""
    texts = block.select(cs.string())
    first = dict(zip(texts.columns, texts.select(pl.all().drop_nulls().first()).row(0), strict=True)) if texts.width else {}
    for name, dtype in block.schema.items():
        if isinstance(dtype, pl.Struct):
            fits = {"bytes", "path"} <= {field.name for field in dtype.fields}
        elif (value := first.get(name)) is not None:
            fits = re.search(PICTURE, value) is not None and bool(block[name].str.contains(PICTURE).all())
        else:
            fits = dtype == pl.Binary
        if fits:
            yield name


def _free_texts(block: pl.DataFrame) -> Iterator[str]:
    """The columns that are free text: mostly different, not all numbers; many are looked at in one go."""
    texts = block.select(cs.string())
    if texts.width:
        differs = pl.all().drop_nulls().n_unique() > 0.5 * pl.all().count()
        is_number = pl.all().str.contains(r"^[\d.,:/\s-]*$").all()
        yield from (name for name, fits in zip(texts.columns, texts.select(differs & ~is_number).row(0), strict=True) if fits)


def _labels(columns: Sequence[pl.Series], opened: Opened) -> str | list[str] | None:
    """The column or columns that look like labels: sets first, then one column a label, then one label a cell."""
    states = _states(columns)
    scored = []
    for series in _likely(columns, set(states)):
        found = _best(series, opened)
        if found is not None:
            format_name, score = found
            sets = format_name != "single"
            known = _called_labels(series) and (sets or len(states) < 2)
            scored.append(((known, sets, _is_plausible(series), "label" in series.name.lower(), score), series.name))
    best = max(scored, key=lambda entry: entry[0]) if scored else None
    if best is not None:
        known, sets, plausible, *_ = best[0]
        if known or (sets and (plausible or len(states) < 2)):  # words of few texts look like sets of labels, too
            return best[1]
    if len(states) >= 2:
        return states
    return None if best is None else best[1]


def _likely(columns: Sequence[pl.Series], states: Container[str]) -> list[pl.Series]:
    """The columns that may hold labels, in the order of the table; of very many those that look most like it.

    To try every reading on a column takes milliseconds, which are minutes in a table with a column a gene or a pixel.
    """
    possible = [column for column in columns if column.name not in states and _may_be_labels(column)]
    if len(possible) <= MOST_TRIED:
        return possible
    order = sorted(range(len(possible)), key=lambda k: _promise(possible[k]), reverse=True)
    return [possible[k] for k in sorted(order[:MOST_TRIED])]


def _may_be_labels(series: pl.Series) -> bool:
    """Whether the type of a column can say labels: whole numbers only under a name that says so."""
    if series.dtype.is_float() or series.dtype.is_temporal() or series.dtype in (pl.Boolean, pl.Binary, pl.Object):
        return False
    return not series.dtype.is_integer() or _called_labels(series)


def _promise(series: pl.Series) -> tuple[bool, bool, bool]:
    """What speaks for a column at first sight; the greater, the more."""
    first = series.head(1).to_list()
    listed = series.dtype.is_nested() or any(isinstance(value, str) and value.lstrip()[:1] in {*"[{(<"} for value in first)
    return _called_labels(series), listed, "label" in series.name.lower()


def _called_labels(series: pl.Series) -> bool:
    return series.name.lower() in LABEL_NAMES


def _is_plausible(series: pl.Series) -> bool:
    """Whether a column is neither called an id or a text nor the same everywhere."""
    named = called_id(series.name) or series.name.lower() in TEXT_NAMES
    return not named and pl.DataFrame([series]).n_unique() > 1


def _states(columns: Sequence[pl.Series]) -> list[str]:
    """The columns of which every cell says yes, no or unknown, and some cell more than nothing; many are looked at in one go."""
    texts = pl.all().cast(pl.String).str.strip_chars().str.to_lowercase()
    found: list[str] = []
    for block in column_blocks(pl.DataFrame([column for column in columns if is_plain(column.dtype)])):
        said = pl.all().is_in(list(STATE_TEXTS)) | pl.all().str.contains(PERCENT)
        fits = block.select(texts).select(said.all() & (~pl.all().is_in(SILENT)).any())  # by no name: it may be a pattern
        found += [name for name, fit in zip(block.columns, fits.row(0), strict=True) if fit]
    return found


def _best(series: pl.Series, opened: Opened) -> tuple[str, float] | None:
    """Format and score of the best reading of a column of the sample; None if it looks like no labels."""
    try:
        offers = offers_of(column_of(series.to_frame(), series.name, opened.wishes), opened.wishes.unlisted)
    except (DataError, pl.exceptions.PolarsError):
        return None
    if not offers:
        return None
    best = offers[0]
    known = series.drop_nulls()
    n_labels = len(best.encoding.label_names)
    if best.format == "single" and not _called_labels(series) and known.cast(pl.String).str.contains(r"^\s*-?[\d.]+\s*$").all():
        return None  # counts, scores, years
    recurs = n_labels <= 2 or len(known) >= 2 * n_labels or best.format not in {"single", "joined"}
    if not recurs and not _called_labels(series):
        return None
    return best.format, best.score if best.refusal is None else 0.3
