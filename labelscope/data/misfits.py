"""What of the arguments of a reading does not fit its table: said before anything is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import polars as pl

from labelscope.data import checks, companions
from labelscope.data.formats.format import Peek
from labelscope.data.item_columns import as_names, check_features, check_plain
from labelscope.data.peeked_labels import DEFAULT_ID, PeekedLabels
from labelscope.data.roles import Roles
from labelscope.data.taxonomy import Taxonomy
from labelscope.data.typed import as_integers, typed_columns
from labelscope.data.votes import Votes
from labelscope.errors import DataError

__all__ = ["find_misfits"]


def find_misfits(peek: Peek, roles: Roles, said: Mapping[str, Any], read: PeekedLabels, *, textual: bool) -> list[str]:
    """The lines with which :func:`labelscope.read` would refuse ids, features, arrays, votes, taxonomy and folders of images.

    Parameters
    ----------
    peek : Peek
    roles : Roles
    said : mapping
        The arguments by name.
    read : PeekedLabels
    textual : bool
        Whether the format knows only text.
    """
    ids = None if read.ids is None or read.ids.name not in {roles.id, DEFAULT_ID} else _ids(read.ids, textual=textual)
    sample = typed_columns(peek.sample, keep=()) if textual else peek.sample
    tests: list[Callable[[], None]] = [
        lambda: _check_labels(read),
        lambda: None if ids is None else checks.check_ids(ids, read.n_items),
        lambda: check_plain(sample, as_names(roles.text), "text"),
        lambda: check_plain(sample, as_names(roles.groups), "groups"),
        lambda: check_plain(sample, as_names(roles.split), "split"),
        lambda: check_features(sample, as_names(roles.features)),
        lambda: _check_rows("embeddings", said["embeddings"], read.n_items),
        lambda: _check_rows("probabilities", said["probabilities"], read.n_items, len(read.label_names)),
    ]
    if read.label_names:
        tests += [lambda: _check_taxonomy(said["taxonomy"], read), lambda: _check_votes(said["votes"], read, ids)]
    return [line for line in map(_refusal, tests) if line]


def _refusal(test: Callable[[], None]) -> str:
    try:
        test()
    except DataError as error:
        return str(error)
    return ""


def _check_labels(read: PeekedLabels) -> None:
    for n_labels, n_positive, n_unknown in read.readings.filter("chosen").select("n_labels", "n_positive", "n_unknown").iter_rows():
        checks.check_counts(read.n_items, n_labels, says_something=n_positive > 0 or n_unknown > 0)
        checks.check_label_names(read.label_names, n_labels)


def _ids(ids: pl.Series, *, textual: bool) -> pl.Series:
    if isinstance(ids.dtype, (pl.Categorical, pl.Enum)):
        ids = ids.cast(pl.String)
    return as_integers(ids.set(ids == "", None)) if textual else ids


def _check_rows(role: str, given: Any, n_items: int, n_labels: int = 0) -> None:
    """Whether an array has a row an item: the numbers in it are looked at when they are read."""
    if given is None:
        return
    array = np.asanyarray(companions.load_array(given, role))
    if array.ndim != 2 or array.shape[0] != n_items or (n_labels and array.shape[1] != n_labels):
        width = f"{n_labels:,}" if n_labels else "n_features"
        raise DataError(
            f"{role}: expected shape ({n_items:,}, {width}), got {array.shape}; give one row an item, in the order of the table"
        )


def _check_taxonomy(given: Any, read: PeekedLabels) -> None:
    if given is not None:
        Taxonomy.build(companions.load_taxonomy(given), read.label_names)


def _check_votes(given: Any, read: PeekedLabels, ids: pl.Series | None) -> None:
    if given is not None:
        numbered = pl.Series(DEFAULT_ID, range(read.n_items), dtype=pl.Int64)
        Votes.build(companions.load_frame(given, "votes"), numbered if ids is None else ids, read.label_names)
