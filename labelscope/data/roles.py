"""What the columns of a table seem to be: ids, text, pictures, labels."""

from __future__ import annotations

from collections.abc import Mapping
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
    ident = said.id or next((name for name in sample.columns if name not in taken and _is_id(sample, name)), None)
    image = said.image or _first(IMAGE_NAMES, [name for name in sample.columns if name not in {*taken, ident} and _is_image(sample[name])])
    free = [name for name in sample.columns if name not in {*taken, ident, image}]
    labels = opened.labels if opened.labels is not None else _labels(sample.select(free), opened)
    used = {labels} if isinstance(labels, str) else set(labels or [])
    text = said.text or _first(TEXT_NAMES, [name for name in free if name not in used and _is_text(sample[name])])
    return replace(said, labels=labels, text=text, image=image, id=ident)


def _first(known: tuple[str, ...], names: list[str]) -> str | None:
    """The name that is known best, or else the first."""
    return next((name for word in known for name in names if name.lower() == word), names[0] if names else None)


def _is_id(sample: pl.DataFrame, name: str) -> bool:
    series = sample[name]
    if not _called_id(name):
        return False
    return (series.dtype.is_integer() or series.dtype == pl.String) and not series.null_count() and series.is_unique().all()


def _called_id(name: str) -> bool:
    return name.lower() in {"uuid", "guid", "key"} or name.lower().endswith("id")


def _is_image(series: pl.Series) -> bool:
    if series.dtype == pl.Binary:
        return True
    if isinstance(series.dtype, pl.Struct):
        return {"bytes", "path"} <= {field.name for field in series.dtype.fields}
    return series.dtype == pl.String and len(series.drop_nulls()) > 0 and bool(series.drop_nulls().str.contains(PICTURE).all())


def _is_text(series: pl.Series) -> bool:
    """Whether a column is free text: mostly different, of several words."""
    known = series.drop_nulls()
    if known.dtype != pl.String or not len(known):
        return False
    return bool(known.n_unique() > 0.5 * len(known)) and not known.str.contains(r"^[\d.,:/\s-]*$").all()


def _labels(sample: pl.DataFrame, opened: Opened) -> str | list[str] | None:
    """The column or columns that look like labels: sets first, then one column a label, then one label a cell."""
    states = [name for name in sample.columns if _is_state(sample[name])]
    scored = []
    for name in sample.columns:
        if name in states:
            continue
        found = _best(sample, name, opened)
        if found is not None:
            format_name, score = found
            sets = format_name != "single"
            known = name.lower() in LABEL_NAMES and (sets or len(states) < 2)
            scored.append(((known, sets, _is_plausible(sample[name]), "label" in name.lower(), score), name))
    best = max(scored, key=lambda entry: entry[0]) if scored else None
    if best is not None and (best[0][0] or best[0][1]):
        return best[1]
    if len(states) >= 2:
        return states
    return None if best is None else best[1]


def _is_plausible(series: pl.Series) -> bool:
    """Whether a column is neither called an id nor the same everywhere."""
    return not _called_id(series.name) and (series.dtype.is_nested() or series.n_unique() > 1)


def _is_state(series: pl.Series) -> bool:
    if series.dtype.is_nested() or series.dtype == pl.Binary:
        return False
    texts = set(series.cast(pl.String).str.strip_chars().str.to_lowercase().drop_nulls().unique().to_list())
    return bool(texts - {""}) and texts <= STATE_TEXTS


def _best(sample: pl.DataFrame, name: str, opened: Opened) -> tuple[str, float] | None:
    """Format and score of the best reading of a column of the sample; None if it looks like no labels."""
    series = sample[name]
    if series.dtype.is_float() or series.dtype.is_temporal() or series.dtype in (pl.Boolean, pl.Binary):
        return None
    try:
        offers = offers_of(column_of(sample, name, opened.wishes), opened.wishes.unlisted)
    except (DataError, pl.exceptions.PolarsError):
        return None
    if not offers:
        return None
    best = offers[0]
    known = series.drop_nulls()
    n_labels = len(best.encoding.label_names)
    recurs = n_labels <= 2 or len(known) >= 2 * n_labels or best.format not in {"single", "joined"}
    if best.format == "single" and series.dtype.is_integer() and name.lower() not in LABEL_NAMES:
        return None
    if not recurs and name.lower() not in LABEL_NAMES:
        return None
    return best.format, best.score if best.refusal is None else 0.3
