"""What of a data set a published page may hold: columns taken out, ids and names replaced, and the items that fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError
from labelscope.issues.personal_data import personal_data

__all__ = ["Redacted", "choose", "redacted"]

PEOPLE = ("reviewer", "rater")
PERSONAL = "personal"
FREE_WORDS, LONGEST_WORD = 100, 80  # a column of more values, or of longer ones, is text and not groups


@dataclass(frozen=True)
class Redacted:
    """A data set without what is confidential.

    Attributes
    ----------
    dataset : Dataset
        Items in the same order; without the columns, texts or images that are left out.
    people : frozenset of str
        "reviewer" and "rater", as far as their names are replaced by numbers.
    notes : tuple of str
        What was left out, for the reader of the page.
    masked : frozenset of str
        Columns in which personal data are replaced by their kind.
    """

    dataset: Dataset
    people: frozenset[str]
    notes: tuple[str, ...]
    masked: frozenset[str] = frozenset()


def redacted(dataset: Dataset, *, texts: bool = True, images: bool = True, redact: Sequence[str] = ()) -> Redacted:
    """Take columns out of a data set.

    Parameters
    ----------
    dataset : Dataset
    texts : bool
        False takes out the text and every column of free words (more than 100 values, or one of more than 80 letters).
    images : bool
        False takes out the pictures.
    redact : sequence of str
        Columns. That of the ids replaces them by 1, 2, ...; "reviewer" and "rater" replace the names of people; "personal" does both,
        and replaces the personal data in texts and columns by the name of their kind.

    Raises
    ------
    DataError
        If there is no such column, it holds the labels, or the ids hold personal data and are not replaced.
    """
    masks = PERSONAL in redact and PERSONAL not in dataset.items.columns
    asked = [name for name in redact if not (masks and name == PERSONAL)]
    asked += [name for name in PEOPLE if masks and name not in dataset.items.columns]
    columns = [_column(dataset, name) for name in asked]
    people = frozenset(name for name in columns if name in PEOPLE and name not in dataset.items.columns)
    gone = {name for name in columns if name not in people and name != "item_id"}
    if not texts:
        gone |= {*dataset.text_columns} | {
            name for name in dataset.items.columns if name == dataset.text or (name != "item_id" and _is_free(dataset, name))
        }
    if gone.intersection(dataset.text_columns) and dataset.text is not None:
        gone.add(dataset.text)  # it joins what is to be left out
    if not images and dataset.image is not None:
        gone.add(dataset.image)
    kept = replace(
        dataset,
        items=dataset.items.drop(gone),
        text=None if dataset.text in gone else dataset.text,
        image=None if dataset.image in gone else dataset.image,
        text_columns=() if dataset.text in gone else dataset.text_columns,
        features=tuple(name for name in dataset.features if name not in gone),
        groups=None if dataset.groups in gone else dataset.groups,
    )
    if "item_id" in columns:
        ids = pl.Series("item_id", np.arange(1, dataset.n_items + 1))
        kept = replace(kept, item_ids=ids, items=kept.items.with_columns(ids))
    named = ["the texts"] * (dataset.text in gone) + ["the images"] * (dataset.image in gone)
    rest = len(gone - {dataset.text, dataset.image})
    named += [f"{rest} column{'s' if rest > 1 else ''}"] * bool(rest) + ["the item ids"] * ("item_id" in columns)
    named += [f"the names of {name}s" for name in sorted(people)]
    masked: frozenset[str] = frozenset()
    if masks:
        found = personal_data(kept)
        kept, masked = found.redact(kept), frozenset(found.columns_to_redact)
        named += [f"personal data in {len(masked)} column{'s' if len(masked) > 1 else ''}"] * bool(masked)
    return Redacted(kept, people, (f"Left out: {', '.join(named)}.",) if named else (), masked)


def choose(n_items: int, first: np.ndarray, max_items: int | None) -> np.ndarray:
    """The items to show: half of `max_items` the first ones of `first`, the other half spread evenly over the rest.

    Parameters
    ----------
    n_items : int
    first : array of int
        Rows, the most important first; a row may occur more than once.
    max_items : int or None
        None: all.

    Returns
    -------
    array of int64
        Rows, rising.

    Raises
    ------
    DataError
        If `max_items` is less than 1.

    Examples
    --------
    >>> choose(10, np.array([7, 7, 3, 9]), 4).tolist()
    [0, 3, 5, 7]
    """
    if max_items is not None and max_items < 1:
        raise DataError(f"max_items: expected at least 1, got {max_items}")
    if max_items is None or max_items >= n_items:
        return np.arange(n_items)
    head = np.array(list(dict.fromkeys(first.tolist()))[: (max_items + 1) // 2], np.int64)
    rest = np.setdiff1d(np.arange(n_items), head)
    spread = rest[(np.arange(max_items - len(head)) * len(rest)) // max(1, max_items - len(head))]
    return np.sort(np.concatenate([head, spread]))


def _column(dataset: Dataset, name: str) -> str:
    """The column of `items` that a person means."""
    options: Mapping[str, Any] = {} if dataset.source is None else dataset.source.options
    labels = options.get("labels")
    if name in ([labels] if isinstance(labels, str) else labels or ()):
        raise DataError(f"redact: expected another column than {name!r}, which holds the labels; without them there is nothing to publish")
    if name == options.get("id"):
        return "item_id"
    if name not in dataset.items.columns and name not in PEOPLE:
        known = ", ".join([*dataset.items.columns, *PEOPLE, PERSONAL])
        raise DataError(f"redact: expected one of the columns {known}, got {name!r}")
    return name


def _is_free(dataset: Dataset, name: str) -> bool:
    """Whether a column holds free words; anything nested or binary counts as such."""
    column = dataset.items[name]
    if name == dataset.image or column.dtype.is_numeric() or column.dtype.is_temporal() or column.dtype == pl.Boolean:
        return False
    if column.dtype not in (pl.String, pl.Categorical, pl.Enum):
        return True
    words = column.cast(pl.String)
    return words.n_unique() > FREE_WORDS or int(words.str.len_chars().max() or 0) > LONGEST_WORD
