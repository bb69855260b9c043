"""How a table can be read, before it is: its columns, the readings of its labels, and the call that does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from labelscope.data import companions
from labelscope.data.formats.format import Layout, Peek
from labelscope.data.long_table import refuse_long
from labelscope.data.opened import Opened, open_peek, read_labels
from labelscope.data.readings.choose import Wishes, column_of, offers_of
from labelscope.data.readings.reading import Offer
from labelscope.data.readings.sets import CellSets
from labelscope.data.results import Result
from labelscope.data.roles import Roles, seen_roles
from labelscope.errors import DataError

__all__ = ["Inspection", "inspect"]

MOST_OFFERS = 6
COLUMNS: dict[str, Any] = {"column": pl.String, "role": pl.String, "dtype": pl.String, "examples": pl.List(pl.String)}
READINGS: dict[str, Any] = {
    "reading": pl.String, "n_labels": pl.Int64, "n_positive": pl.Int64, "n_unknown": pl.Int64, "examples": pl.List(pl.String),
    "score": pl.Float64, "chosen": pl.Boolean, "why": pl.String, "argument": pl.String,
}  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Inspection(Result):
    """What a table is, and how its labels can be read.

    Attributes
    ----------
    frame : polars.DataFrame
        Columns column, role ("id", "text", "image", "labels" or ""), dtype and examples.
    format : str
        Name of the file format, or "frame".
    n_rows : int
    readings : polars.DataFrame
        Columns reading, n_labels, n_positive, n_unknown (cells), examples (names of labels), score in [0, 1], chosen, why, and
        argument, which chooses that reading.
    warnings : tuple of str
        What a person should know; where no reading is clear, the line with which reading would stop.
    call : str
        The ``labelscope.read(...)`` that reads the table so; "" where no reading is clear.
    """

    format: str
    n_rows: int
    readings: pl.DataFrame
    warnings: tuple[str, ...]
    call: str

    def summary(self) -> str:
        """One line that says what would be read."""
        chosen = self.readings.filter("chosen")
        if not chosen.height:
            return f"Inspection: {self.n_rows:,} rows ({self.format}); no clear reading of the labels"
        reading, n_labels, n_positive = chosen.select("reading", "n_labels", "n_positive").row(0)
        return f"Inspection: {self.n_rows:,} rows ({self.format}); {reading}: {n_labels:,} labels, {n_positive:,} positives"

    def __repr__(self) -> str:
        return self._repr_mimebundle_()["text/plain"]


def inspect(source: Any, *, labels: Any = None, **as_read: Any) -> Inspection:
    """How a table can be read, before it is: nothing is refused that can be shown.

    The whole label column is looked at; of the others the first thousand rows.

    Parameters
    ----------
    source : path or data frame
        As for :func:`labelscope.read`.
    labels : str or sequence of str, optional
        The label column or columns. Default: those that look like it.
    **as_read
        Other arguments of :func:`labelscope.read`: `text`, `id`, `unlisted`, `labels_delimiter`, `labels_format`, `label_names`,
        `missing`, `values`, `separator`, `columns`, `format`.

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
    known = {name: as_read.pop(name, None) for name in ("text", "image", "id", "values", "format", "separator", "columns")}
    wishes = Wishes(
        as_read.pop("unlisted", "negative"), as_read.pop("labels_delimiter", None), as_read.pop("labels_format", None),
        companions.load_label_names(given := as_read.pop("label_names", None)), as_read.pop("missing", None),
    )  # fmt: skip
    if as_read:
        raise DataError(f"inspect: expected arguments of labelscope.read that say how a table is read, got {min(as_read)!r}; leave it out")
    peek, opened = open_peek(source, labels, wishes, format=known["format"], separator=known["separator"], columns=known["columns"])
    roles = seen_roles(peek.sample, opened, {name: known[name] for name in ("text", "image", "id")})
    readings, warnings, resolved = _readings(peek, opened, roles, known["values"])
    arguments = {
        "labels": resolved, "text": roles.text, "image": roles.image, "id": roles.id, "values": known["values"],
        "unlisted": None if wishes.unlisted == "negative" else wishes.unlisted, "labels_delimiter": wishes.delimiter,
        "labels_format": wishes.format, "label_names": given, "missing": wishes.missing, "format": known["format"],
        "separator": known["separator"], "columns": known["columns"],
    }  # fmt: skip
    clear = readings.filter("chosen").height > 0
    return Inspection(
        frame=_columns(peek, roles), format=opened.format, n_rows=peek.n_rows, readings=readings, warnings=warnings,
        call=_call(source, arguments) if clear else "",
    )  # fmt: skip


def _readings(peek: Peek, opened: Opened, roles: Roles, values: str | None) -> tuple[pl.DataFrame, tuple[str, ...], Any]:
    """The readings of the label columns, what to know about them, and the columns."""
    labels = roles.labels
    if labels is None:
        line = f"labels: expected a column that looks like labels, got {', '.join(map(repr, peek.names[:8]))}; name it with labels="
        return pl.DataFrame(schema=READINGS), (line,), None
    gathers = values is not None or opened.wishes.format == "long"
    needed = dict.fromkeys([*([labels] if isinstance(labels, str) else labels), *filter(None, (roles.id, values) if gathers else ())])
    whole = opened.with_table(peek.columns(list(needed)), labels, peek.layout if isinstance(peek.layout, Layout) else None)
    chosen: Offer | None = None
    warnings: tuple[str, ...] = ()
    try:
        whole_read, choice = read_labels(whole, roles.id, roles.text, values)
        if choice.offer.format == "single" and isinstance(labels, str) and not gathers:
            refuse_long(peek.columns(peek.names), labels, roles.id, roles.text)
        chosen, warnings, table = choice.offer, choice.warnings, whole_read.table
    except DataError as error:
        warnings, table = (str(error),), whole.table
    offers = [] if chosen is None else [chosen]
    if isinstance(labels, str) and values is None:
        others = _offers(whole, labels)
        offers += [offer for offer in others if chosen is None or offer.remedy != chosen.remedy]
    rows = [
        _row(offer, table if offer is chosen else whole.table, whole.wishes.unlisted, chosen=offer is chosen)
        for offer in offers[:MOST_OFFERS]
    ]
    return pl.DataFrame(rows, schema=READINGS, orient="row"), warnings, labels


def _offers(opened: Opened, label: str) -> list[Offer]:
    try:
        return offers_of(column_of(opened.table, label, opened.wishes), opened.wishes.unlisted)
    except DataError:  # said among the warnings already
        return []


def _row(offer: Offer, table: pl.DataFrame, unlisted: str, *, chosen: bool) -> tuple[Any, ...]:
    n_positive, n_unknown = _counts(offer, table, unlisted)
    names = list(offer.encoding.label_names)
    return (offer.title, len(names), n_positive, n_unknown, names[:5], offer.score, chosen, offer.why, offer.remedy)


def _counts(offer: Offer, table: pl.DataFrame, unlisted: str) -> tuple[int, int]:
    """Positive and unknown cells: of sets written as text, each different text is looked at once."""
    encoding = offer.encoding
    if not isinstance(encoding, CellSets) or table.schema[encoding.column] != pl.String:
        labels = encoding.decode(table)
        return int(labels.n_positive.sum()), int(labels.n_unknown.sum())
    counted = table[encoding.column].alias("cell").to_frame().group_by("cell").len("n")
    states = encoding.decode(counted.select(pl.col("cell").alias(encoding.column)))
    n = counted["n"].to_numpy()
    n_positive = int(n @ np.diff(states.positives.indptr))
    if unlisted == "unknown":
        return n_positive, table.height * len(encoding.label_names) - n_positive
    return n_positive, int(n @ np.diff(states.exceptions.indptr))


def _columns(peek: Peek, roles: Roles) -> pl.DataFrame:
    rows = [  # not by name: to look up one of a hundred thousand columns reads the names of all
        (column.name, roles.of(column.name), str(column.dtype), [_example(value) for value in column.drop_nulls().head(3).to_list()])
        for column in peek.sample.iter_columns()
    ]
    return pl.DataFrame(
        rows, schema={"column": pl.String, "role": pl.String, "dtype": pl.String, "examples": pl.List(pl.String)}, orient="row"
    )


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
