"""Whether the rows of a table are what several raters say of its items, where nobody said so."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from labelscope.data.item_columns import as_names, called_id
from labelscope.data.long_table import SEVERAL_ROWS, n_different
from labelscope.data.readings.rater_names import names_raters
from labelscope.errors import DataError

__all__ = ["find_raters", "may_tell_raters", "refuse_raters"]

WEAK = re.compile(r"(?i)(?:user|reviewer)(?:_?(?:id|name))?$")  # may be who wrote the item


def find_raters(table: pl.DataFrame, labels: str | list[str] | None, item: str | None, text: str | None) -> tuple[str, str] | None:
    """The columns with the ids and the raters, where the rows of a table seem to be what several raters say of one item.

    Parameters
    ----------
    table : polars.DataFrame
    labels : str, list of str or None
    item, text : str or None
        Columns with the ids and the text, where they are named. Otherwise ids are looked for by their name, and each rater must have at
        most one row an item.
    """
    named = [name for name in may_tell_raters(table.columns) if name not in as_names(labels) and not table[name].dtype.is_nested()]
    given = item if item is not None else "item_id" if "item_id" in table.columns else None
    if given is None:
        named = [name for name in named if not WEAK.search(name)]
    ids = [name for name in table.columns if (name == given if given is not None else name == text or called_id(name))] if named else []
    for name in ids:
        if name in named or name in as_names(labels) or table[name].dtype.is_nested():
            continue
        groups = table[name].n_unique()
        if not 1 < groups * (SEVERAL_ROWS if given is None else 1) < table.height:
            continue
        if text is not None and text in table.columns and text != name and n_different(table[name], table[text]) != groups:
            continue
        least = groups + 1 if given is not None else table.height
        rater = next((other for other in named if table[other].n_unique() > 1 and n_different(table[name], table[other]) >= least), None)
        if rater is not None:
            return name, rater
    return None


def may_tell_raters(names: Sequence[str]) -> list[str]:
    """The columns that are called as one that names raters."""
    return [name for name in names if names_raters(name)]


def refuse_raters(table: pl.DataFrame, labels: str | list[str], item: str | None, text: str | None) -> None:
    """Refuse a table whose rows are what several raters say of one item, where nobody said so.

    Raises
    ------
    DataError
        With the arguments that read it.
    """
    found = find_raters(table, labels, item, text)
    if found is not None:
        name, rater = found
        way = f"rater={rater!r}" if name == item else f"id={name!r} and rater={rater!r}"
        raise DataError(
            f"rater: expected one row an item, got {table.height:,} rows of {table[name].n_unique():,} different {name!r} by several"
            f" {rater!r}; pass {way} to join the rows of an item, or name a column with an id a row with id="
        )
