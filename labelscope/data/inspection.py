"""How a table can be read, before it is: its columns, the readings of its labels, and the call that does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import polars as pl

from labelscope.data import companions
from labelscope.data.checks import check_column
from labelscope.data.formats.format import Peek
from labelscope.data.frames import column_blocks
from labelscope.data.item_columns import as_names
from labelscope.data.misfits import find_misfits
from labelscope.data.one_label import TOLD, LabelsPerItem, one_label_each
from labelscope.data.opened import Opened, open_peek
from labelscope.data.peeked_labels import PeekedLabels, read_peek, with_raters
from labelscope.data.readings.choose import Wishes
from labelscope.data.results import Result
from labelscope.data.roles import Roles, named_roles, seen_roles
from labelscope.errors import DataError

__all__ = ["ARGUMENTS", "Inspection", "inspect", "inspect_as_said"]

ONE_EACH = 0.98  # share of the positives that stand alone on their item from which the labels are one an item
BY_LABELS = frozenset(["json", "jsonl", "manifest"])  # what is in the label column depends on its name: answers, names of classes
COLUMNS: dict[str, Any] = {"column": pl.String, "role": pl.String, "dtype": pl.String, "examples": pl.List(pl.String)}
ARGUMENTS = (
    "labels", "text", "image", "id", "embeddings", "probabilities", "votes", "taxonomy", "unlisted", "format", "label_names",
    "label_descriptions", "labels_delimiter", "labels_format", "missing", "empty", "separator", "columns", "values", "rater", "image_root",
    "features", "groups", "split", "labels_per_item",
)  # fmt: skip
"""Arguments of :func:`labelscope.read`, all of which :func:`inspect` takes."""


@dataclass(frozen=True, eq=False, repr=False)
class Inspection(Result):
    """What a table is, and how its labels can be read.

    Attributes
    ----------
    frame : polars.DataFrame
        Columns column, role ("id", "text", "image", "labels", "features", "groups", "split" or ""), dtype and examples.
    format : str
        Name of the file format, or "frame".
    n_rows : int
    readings : polars.DataFrame
        Columns reading, format (for ``labels_format=``), n_labels, n_positive, n_unknown (cells), n_one (rows with exactly one
        label), examples (names of labels), rows (what three rows of the table would get), score in [0, 1], chosen, why, and
        argument, which chooses that reading.
    refusals : tuple of str
        The lines with which reading would stop: no reading is clear, a column or a file does not fit.
    warnings : tuple of str
        What a person should know, the refusals first.
    call : str
        The ``labelscope.read(...)`` that reads the table so; "" where it would stop.
    arguments : mapping
        The same as arguments: also where reading would stop.
    keeps_one : bool
        Whether each item has one label and keeps one: a correction replaces it by another.
    """

    format: str
    n_rows: int
    readings: pl.DataFrame
    refusals: tuple[str, ...]
    warnings: tuple[str, ...]
    call: str
    arguments: Mapping[str, Any]
    keeps_one: bool = False

    @property
    def one_label_each(self) -> bool:
        """Whether practically every item carries one label."""
        chosen = self.readings.filter("chosen")
        return bool(chosen.height and chosen["n_positive"][0] and chosen["n_one"][0] >= ONE_EACH * chosen["n_positive"][0])

    def summary(self) -> str:
        """One line that says what would be read."""
        chosen = self.readings.filter("chosen")
        if not chosen.height:
            return f"Inspection: {self.n_rows:,} rows ({self.format}); no clear reading of the labels"
        reading, n_labels, n_positive = chosen.select("reading", "n_labels", "n_positive").row(0)
        alone = "; one label each" if self.one_label_each and chosen["format"][0] != "single" else ""
        return f"Inspection: {self.n_rows:,} rows ({self.format}); {reading}: {n_labels:,} labels, {n_positive:,} positives{alone}"

    def __repr__(self) -> str:
        return self._repr_mimebundle_()["text/plain"]


def inspect(source: Any, *, labels: Any = None, **as_read: Any) -> Inspection:
    """The ways in which a table can be read, before it is read; problems are listed and not raised.

    The whole label column is looked at, and that of the ids; of the others the first thousand rows.

    Parameters
    ----------
    source : path or data frame
        As for :func:`labelscope.read`.
    labels : str or sequence of str, optional
        The label column or columns. Default: those that look like it.
    **as_read
        Every other argument of :func:`labelscope.read`. Text, image and ids are guessed where they are left out.

    Returns
    -------
    Inspection

    Raises
    ------
    DataError
        If the file is missing or broken, a named column is not there, or an argument is unknown.

    Examples
    --------
    >>> found = inspect(pl.DataFrame({"text": ["one", "two", "six"], "tags": ["cat;dog", "dog", "cat"]}))
    >>> found.readings.filter("chosen")["reading"].to_list(), found.call
    (["names joined by ';'"], "labelscope.read(table, labels='tags', text='text')")
    """
    return _inspected(source, {"labels": labels, **as_read}, seen_roles)


def inspect_as_said(source: Any, **arguments: Any) -> Inspection:
    """As :func:`inspect`, but no column has a role that it was not given.

    Parameters
    ----------
    source : path or data frame
    **arguments
        Of :func:`labelscope.read`.

    Raises
    ------
    DataError
        As :func:`inspect`.
    """
    return _inspected(source, arguments, named_roles)


def _inspected(
    source: Any, arguments: Mapping[str, Any], roles_of: Callable[[pl.DataFrame, Opened, Mapping[str, Any]], Roles]
) -> Inspection:
    unknown = sorted(set(arguments) - set(ARGUMENTS))
    if unknown:
        raise DataError(f"inspect: expected arguments of labelscope.read that say how a table is read, got {unknown[0]!r}; leave it out")
    said = {name: arguments.get(name) for name in ARGUMENTS}
    said["empty"] = said["empty"] or None  # the default of reading
    wishes = Wishes(
        said["unlisted"] or "negative", said["labels_delimiter"], said["labels_format"], companions.load_label_names(said["label_names"]),
        said["missing"], empty=as_names(said["empty"]),
    )  # fmt: skip
    opening = {name: said[name] for name in ("format", "separator", "columns")}
    named = {name: said[name] for name in ("text", "image", "id", "rater", "features", "groups", "split")}
    peek, opened = open_peek(source, said["labels"], wishes, **opening)
    for column in as_names(said["values"]):
        check_column(peek.sample, column, "values")
    roles = roles_of(peek.sample, opened, named)
    if said["labels"] is None and roles.labels is not None and opened.format in BY_LABELS:
        peek, opened = open_peek(source, roles.labels, wishes, **opening)
        roles = roles_of(peek.sample, opened, named)
    guessed = roles_of is seen_roles and said["values"] is None and wishes.format != "long"
    if guessed:
        roles = with_raters(peek, roles)
    read = read_peek(peek, opened, roles, said["values"])
    if said["id"] is None and read.ids is not None and read.ids.name == roles.id and read.ids.is_duplicated().any():
        roles = replace(roles, id=None)  # a guess from the first rows that the others refute
    keeps_one, other = _keeps_one(read, said)
    refusals = (*read.refusals, *other, *find_misfits(peek, roles, said, read, textual=opened.textual))
    told = (*read.told, *_rated(roles)) if guessed and said["rater"] is None else read.told
    if keeps_one and said["labels_per_item"] is None and "single" not in read.readings.filter("chosen")["format"]:
        told = (*told, TOLD)
    resolved = said | asdict(roles) | {"unlisted": None if wishes.unlisted == "negative" else wishes.unlisted}
    return Inspection(
        frame=_columns(peek, roles), format=opened.format, n_rows=peek.n_rows, readings=read.readings, refusals=refusals,
        warnings=(*refusals, *told), call="" if refusals else _call(source, resolved),
        arguments={name: value for name, value in resolved.items() if value is not None}, keeps_one=keeps_one,
    )  # fmt: skip


def _keeps_one(read: PeekedLabels, said: Mapping[str, Any]) -> tuple[bool, tuple[str, ...]]:
    """Whether one label replaces another, and the line with which reading would stop for that."""
    chosen = read.readings.filter("chosen")
    if not chosen.height:
        return False, ()
    way, *cells = chosen.select("format", "n_labels", "n_positive", "n_unknown", "n_one").row(0)
    counts = LabelsPerItem(read.n_items, *cells)
    try:
        return one_label_each(counts, said["labels_per_item"], alone=way == "single", taxonomy=said["taxonomy"] is not None), ()
    except DataError as error:
        return False, (str(error),)


def _rated(roles: Roles) -> list[str]:
    """The line about raters that were seen in the table."""
    if isinstance(roles.rater, str):
        joined = f"the rows of one {roles.id!r} are joined, because each seems to be what one {roles.rater!r} says"
    elif roles.rater:
        joined = f"{', '.join(map(repr, roles.rater))} each seem to hold what one rater says"
    else:
        return []
    return [f"rater: {joined}; what each says is kept as votes"]


def _columns(peek: Peek, roles: Roles) -> pl.DataFrame:
    role = roles.by_column
    rows = [
        (name, role.get(name, ""), str(dtype), [_example(value) for value in values])
        for block in column_blocks(peek.sample)
        for name, dtype, values in _first_values(block)
    ]
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def _first_values(block: pl.DataFrame) -> Iterator[tuple[str, pl.DataType, list[Any]]]:
    """Name, type and first known values of some columns; those with gaps in one go: there may be a hundred thousand."""
    found = block.head(3).to_dict(as_series=False)
    gaps = [column for column in block.iter_columns() if 0 < column.null_count() < len(column)]
    found |= {column.name: column.drop_nulls().head(3).to_list() for column in gaps if column.dtype == pl.Object}
    known = pl.DataFrame(gaps).select(pl.exclude(pl.Object).drop_nulls().head(3).implode())
    found |= {column.name: column[0].to_list() for column in known.iter_columns()}
    for name, dtype in block.schema.items():
        yield name, dtype, [value for value in found[name] if value is not None]


def _example(value: Any) -> str:
    text = f"{len(value):,} bytes" if isinstance(value, bytes) else str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _call(source: Any, arguments: Mapping[str, Any]) -> str:
    first = repr(str(source)) if companions.is_path(source) else "table"
    said = [f"{name}={_argument(value)}" for name, value in arguments.items() if value is not None]
    return f"labelscope.read({', '.join([first, *said])})"


def _argument(value: Any) -> str:
    if isinstance(value, (str, Mapping)):
        return repr(value)
    return repr(list(value)) if isinstance(value, Sequence) else repr(str(value))
