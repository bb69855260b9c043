"""What the columns of a table seem to be: ids, text, pictures, labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from labelscope.data.checks import check_column
from labelscope.data.item_columns import as_names
from labelscope.data.opened import Opened
from labelscope.data.readings.choose import column_of, offers_of
from labelscope.errors import DataError

__all__ = ["ROLES", "Roles", "named_roles", "seen_roles"]

ROLES = ("id", "text", "image", "labels", "features", "groups", "split")
"""What a column may be: arguments of :func:`labelscope.read`."""
LABEL_NAMES = (
    "labels", "label", "tags", "tag", "genres", "genre", "categories", "category", "topics", "topic", "classes", "class", "target",
)  # fmt: skip
TEXT_NAMES = ("text", "comment", "comment_text", "body", "content", "title", "review", "overview", "caption", "question", "data")
IMAGE_NAMES = ("image", "img", "image_path", "path", "file", "filename", "file_name", "picture")
PICTURE = r"(?i)\.(jpe?g|png|gif|bmp|webp|tiff?)$"
MOST_TRIED = 200
"""Columns on which the readings are tried."""
STATE_TEXTS = frozenset(["0", "1", "-1", "0.0", "1.0", "-1.0", "true", "false", "yes", "no", ""])


@dataclass(frozen=True)
class Roles:
    """The columns by role.

    Attributes
    ----------
    labels : str, list of str or None
    text : str, list of str or None
    image, id, groups, split : str or None
    features : str, list of str or None
    """

    labels: str | list[str] | None
    text: str | list[str] | None = None
    image: str | None = None
    id: str | None = None
    features: str | list[str] | None = None
    groups: str | None = None
    split: str | None = None

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
    columns = {column.name: column for column in sample.iter_columns() if column.name not in taken}
    ident = said.id or next((name for name, column in columns.items() if _is_id(column)), None)
    for name in as_names(ident):
        columns.pop(name, None)
    image = said.image or _first(IMAGE_NAMES, columns, _is_image)
    for name in as_names(image):
        columns.pop(name, None)
    labels = opened.labels if opened.labels is not None else _labels(list(columns.values()), opened)
    for name in as_names(labels):
        columns.pop(name, None)
    text = said.text or _first(TEXT_NAMES, columns, _is_text)
    return replace(said, labels=labels, text=text, image=image, id=ident)


def _first(known: tuple[str, ...], columns: Mapping[str, pl.Series], fits: Callable[[pl.Series], bool]) -> str | None:
    """The column that fits and has the best known name, or else the first that fits; no more are looked at than must be."""
    rank = {word: k for k, word in enumerate(known)}
    names = sorted(columns, key=lambda name: rank.get(name.lower(), len(known)))
    return next((name for name in names if fits(columns[name])), None)


def _is_id(series: pl.Series) -> bool:
    if not _called_id(series.name):
        return False
    return (series.dtype.is_integer() or series.dtype == pl.String) and not series.null_count() and series.is_unique().all()


def _called_id(name: str) -> bool:
    return name.lower() in {"uuid", "guid", "key"} or name.lower().endswith("id")


def _is_image(series: pl.Series) -> bool:
    if series.dtype == pl.Binary:
        return True
    if isinstance(series.dtype, pl.Struct):
        return {"bytes", "path"} <= {field.name for field in series.dtype.fields}
    if series.dtype != pl.String:
        return False
    known = series.drop_nulls()
    return len(known) > 0 and re.search(PICTURE, known[0]) is not None and bool(known.str.contains(PICTURE).all())


def _is_text(series: pl.Series) -> bool:
    """Whether a column is free text: mostly different, of several words."""
    known = series.drop_nulls()
    if known.dtype != pl.String or not len(known):
        return False
    return bool(known.n_unique() > 0.5 * len(known)) and not known.str.contains(r"^[\d.,:/\s-]*$").all()


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
    if best is not None and (best[0][0] or best[0][1]):
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
    if series.dtype.is_float() or series.dtype.is_temporal() or series.dtype in (pl.Boolean, pl.Binary):
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
    """Whether a column is neither called an id nor the same everywhere."""
    return not _called_id(series.name) and (series.dtype.is_nested() or series.n_unique() > 1)


def _states(columns: Sequence[pl.Series]) -> list[str]:
    """The columns of which every cell says yes, no or unknown; all are looked at in one go."""
    plain = pl.DataFrame([column for column in columns if not column.dtype.is_nested() and column.dtype != pl.Binary])
    texts = pl.all().cast(pl.String).str.strip_chars().str.to_lowercase()
    fits = plain.select(texts).select(pl.all().is_in(list(STATE_TEXTS)).all() & (pl.all() != "").any())  # by no name: it may be a pattern
    return [name for name, fit in zip(plain.columns, fits.row(0), strict=True) if fit] if plain.width else []


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
    recurs = n_labels <= 2 or len(known) >= 2 * n_labels or best.format not in {"single", "joined"}
    if not recurs and not _called_labels(series):
        return None
    return best.format, best.score if best.refusal is None else 0.3
