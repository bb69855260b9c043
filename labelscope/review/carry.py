"""``labelscope.carry``: decisions about an earlier version of a table go to this one; and the offer of it where a ledger does not fit."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from labelscope.data.arguments import checked
from labelscope.data.companions import is_path
from labelscope.data.dataset import Dataset
from labelscope.data.file_names import check_file_name
from labelscope.data.read import read
from labelscope.errors import DataError, LabelscopeError, LedgerError, OtherDataSet
from labelscope.review.carried import Carried, carry_ledger, target_place
from labelscope.review.database import file_of, place_url
from labelscope.review.defaults import default_place, version_place
from labelscope.review.fates import AGREED, KEPT
from labelscope.review.ledger import Ledger
from labelscope.review.urls import parse_url

__all__ = ["carry", "earlier_version", "is_ledger"]

READING = (
    "labels",
    "id",
    "unlisted",
    "labels_delimiter",
    "labels_format",
    "labels_per_item",
    "label_names",
    "missing",
    "empty",
    "values",
    "rater",
    "separator",
    "columns",
    "format",
)
MAGIC = b"SQLite format 3\0"


@checked
def carry(
    old: Any,
    new: Any,
    *,
    ledger: str | os.PathLike[str] | sa.URL | None = None,
    earlier_ledger: str | os.PathLike[str] | sa.URL | None = None,
    dry_run: bool = False,
    **as_read: Any,
) -> Carried:
    """Carry the decisions about an earlier version of a table over to a new version of it.

    A decision belongs to an item, by its id, and to a label, by its name. Where the cell is given in the new version as it was given
    before, all that was said of it is kept: decisions, undos, reviewers, times, batches. Where it is given otherwise, it is open again,
    unless the table now says what was decided. What is gone is listed. The earlier ledger stays as it is.

    Items without ids, whose rows only have numbers, are found again by their text and image, or by all their other columns; for
    that, `old` must be the earlier version of the table.

    Parameters
    ----------
    old : path, database URL or Dataset
        The ledger with the decisions; or the earlier version of the table, whose ledger lies beside it.
    new : path or Dataset
        The new version.
    ledger : path or database URL, optional
        Where the carried decisions go. Default: where :func:`labelscope.explore` looks for the decisions about `new`.
    earlier_ledger : path or database URL, optional
        Where `old` is a table: its ledger, if that does not lie beside it.
    dry_run : bool
        Say what would become of the decisions, and write nothing.
    **as_read
        How paths are read: arguments of :func:`labelscope.read`.

    Returns
    -------
    Carried
        `.frame` has what became of each decided cell, `.others` of label edits, relations and the audit sample, `.counts` how many.

    Raises
    ------
    DataError
        If a table cannot be read, or nothing tells which row is which.
    LedgerError
        If there are no decisions to carry, or the ledger to write holds others already.

    Examples
    --------
    >>> import tempfile
    >>> from labelscope import Session
    >>> old = Dataset.from_arrays([["cat"], ["dog"]], item_ids=["x", "y"])
    >>> new = Dataset.from_arrays([["dog"], [], ["cat"]], item_ids=["y", "z", "x"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Session(old, ledger=f"{folder}/old.sqlite").edit("x", "dog", 1)
    ...     done = carry(f"{folder}/old.sqlite", new, ledger=f"{folder}/new.sqlite")
    >>> done.counts
    {'kept': 1}
    """
    dataset = new if isinstance(new, Dataset) else _read(new, "new", as_read)
    options = as_read if dataset.source is None or as_read else dataset.source.options
    if not isinstance(old, Dataset) and is_ledger(old):
        return carry_ledger(Ledger.found(old), dataset, to=ledger, dry_run=dry_run)
    how = {name: options[name] for name in (*READING, "text", "image") if options.get(name) is not None}
    before = old if isinstance(old, Dataset) else _read(old, "old", how)
    place = default_place(before) if earlier_ledger is None else earlier_ledger
    source = Ledger.found(place)
    if source.fingerprint != before.fingerprint:
        raise LedgerError(
            f"ledger {source.name}: expected decisions about the earlier version of the table ({before.fingerprint[:8]}), got those about "
            f"another ({source.fingerprint[:8]}); give the version that was reviewed, read as it was then, or the ledger itself"
        )
    return carry_ledger(source, dataset, old=before, to=ledger, dry_run=dry_run)


def earlier_version(refused: OtherDataSet, dataset: Dataset, place: str | os.PathLike[str] | sa.URL, *, named: bool) -> OtherDataSet:
    """The refusal of a ledger about another data set, with the offer to carry its decisions over where that is possible.

    Parameters
    ----------
    refused : OtherDataSet
    dataset : Dataset
    place : path or URL
        Of the ledger.
    named : bool
        Whether a person named the place.
    """
    if dataset.numbered:
        if dataset.source is None or dataset.source.path is None:
            return refused
        command = _typed("EARLIER", dataset, _to(dataset, place, named=named), earlier=place)
        return OtherDataSet(
            f"{refused}. If this table is a new version of that one: its rows have no ids, so the earlier version is needed to find them "
            f"again; put its path in place of EARLIER: {command}",
            refused.ledger,
        )
    to = _to(dataset, place, named=named)
    try:
        counts = carry_ledger(Ledger.found(place), dataset, to=to, dry_run=True).counts
    except LabelscopeError:
        return refused
    n, kept = sum(counts.values()), counts.get(KEPT, 0) + counts.get(AGREED, 0)
    if not kept:
        return refused
    command = _typed(str(file_of(place_url(place)) or refused.ledger), dataset, to)
    return OtherDataSet(
        f"ledger {refused.ledger}: expected decisions about this version of the table, got those about another; {kept:,} of {n:,} decided "
        f"cells are here as they were: carry them over with: {command}",
        refused.ledger,
        counts=counts,
        command=command,
        to=str(target_place(dataset) if to is None else to),
    )


def _to(dataset: Dataset, place: str | os.PathLike[str] | sa.URL, *, named: bool) -> Path | None:
    """Where carried decisions would go: beside a ledger that somebody named; None for the usual place."""
    path = file_of(place_url(place)) if named else None
    return None if path is None else version_place(path, dataset)


def _typed(old: str, dataset: Dataset, to: Path | None, *, earlier: Any = None) -> str:
    """What carries decisions over when it is typed: a command, or Python where the command line cannot say how the table is read."""
    options = {} if dataset.source is None else dict(dataset.source.options)
    path = None if dataset.source is None else dataset.source.path
    flags = _flags(options, READING if earlier is None else (*READING, "text", "image"))
    if path is None or flags is None:
        more = [f"earlier_ledger={str(earlier)!r}"] if earlier is not None else []
        more += [f"ledger={str(to)!r}"] if to is not None else []
        return f"labelscope.carry({', '.join([repr(old), 'DATASET', *more])}), where DATASET is the data set that was read"
    words = ["labelscope", "carry", old, str(path.absolute()), *flags]
    words += [f"--earlier-ledger={earlier}"] if earlier is not None else []
    words += [f"--ledger={to}"] if to is not None else []
    return shlex.join(words)


def _flags(options: Mapping[str, Any], names: Sequence[str]) -> list[str] | None:
    """The reading of a table as options of the command line; None where they cannot say it."""
    flags: list[str] = []
    for name in names:
        value = options.get(name)
        if value is None or (name == "unlisted" and value == "negative"):
            continue
        if name == "missing" and not value:
            value = [""]
        texts = [value] if isinstance(value, str) else value
        one_of_many = name in {"labels", "columns", "rater"} and not isinstance(value, str) and len(texts) == 1
        if not isinstance(texts, list) or one_of_many or (name == "label_names" and not isinstance(value, str)):
            return None
        flags += [f"--{name.replace('_', '-')}={text}" for text in texts]
    return flags


def _read(path: Any, name: str, how: Mapping[str, Any]) -> Dataset:
    if not is_path(path):
        raise DataError(f"{name}: expected a Dataset or the path of a table, got {type(path).__name__}; read it with labelscope.read(...)")
    if "labels" not in how:
        raise DataError(f"labels: expected how {path} is read, got nothing; name its label column with labels=")
    return read(path, **how)


def is_ledger(old: Any) -> bool:
    """Whether a path or URL names a ledger, and not a table.

    Raises
    ------
    DataError
        If it is neither a path nor a URL.
    """
    if isinstance(old, sa.URL):
        return True
    if not is_path(old):
        raise DataError(f"old: expected a ledger, the path of a table or a Dataset, got {type(old).__name__}; name the ledger")
    if parse_url(old) is not None:
        return True
    check_file_name(old, "old")
    try:
        with Path(old).open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False
