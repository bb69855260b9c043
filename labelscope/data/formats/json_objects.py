"""JSON objects, one an item, wherever they lie in a text: a table of them, and the text with a few of their values replaced.

An untouched object keeps its bytes: key order, missing keys, number and escape style. Where the values under a label key
are objects, or of several kinds (``"a"`` and ``["a"]``), the column holds the JSON text of each, as it is in the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from labelscope.data.formats import argilla, prodigy
from labelscope.data.formats.flat import refuse_binary
from labelscope.data.formats.format import Edits, Layout, broken
from labelscope.data.formats.json_text import member_texts, replace_text, replace_value
from labelscope.data.formats.json_units import UnitLayout, write_units
from labelscope.data.limits import check_lines
from labelscope.data.repeated_keys import repeated_key
from labelscope.errors import DataError

__all__ = ["ObjectLayout", "as_lines", "read_objects", "write_in_place"]

COERCED = r"^(-?\d|true$|false$|[\[{])"  # what polars makes of a value that is no string, in a column of strings


@dataclass(frozen=True, eq=False)
class ObjectLayout(Layout):
    """The bytes of the file and its objects.

    Attributes
    ----------
    raw : bytes
    starts, ends : int64, shape (n_objects,)
        ``raw[starts[k]:ends[k]]`` is object k.
    one_or_several : frozenset of str
        Label keys with one label in some objects and a list of labels in others; in the table all are lists.
    follow : callable (text of an object, label key) -> text, optional
        What else changes in an object whose labels were rewritten.
    put : callable (text of an object, label key, value) -> text, optional
        What writes a label value, where that is not the value under its key.
    """

    raw: bytes
    starts: np.ndarray
    ends: np.ndarray
    one_or_several: frozenset[str] = frozenset()
    follow: Callable[[str, str], str] | None = None
    put: Callable[[str, str, str | None], str] | None = None

    def text(self, row: int) -> str:
        """Text of one object."""
        return self[row].decode()

    def __getitem__(self, row: int) -> bytes:
        return self.raw[int(self.starts[row]) : int(self.ends[row])]

    def number(self, row: int) -> int:
        """Number of the line in the file at which an object begins, from 1."""
        return self.raw.count(b"\n", 0, int(self.starts[row])) + 1


def read_objects(
    raw: bytes, spans: tuple[np.ndarray, np.ndarray], lines: bytes, path: Path, labels: Sequence[str]
) -> tuple[pl.DataFrame, ObjectLayout | UnitLayout | None]:
    """The table of the objects, and their places.

    Parameters
    ----------
    raw : bytes
        Of the file.
    spans : pair of int64 arrays
        Where the objects start and end in it.
    lines : bytes
        The same objects, one a line.
    path : pathlib.Path
        For messages.
    labels : sequence of str
        Keys that hold labels.

    Raises
    ------
    DataError
        If one of them is no JSON object or has a key twice (its line is named), or a label column mixes types.
    """
    layout = ObjectLayout(raw, *spans)
    check_lines(path, layout, layout.ends - layout.starts)
    try:
        table = pl.read_ndjson(lines, infer_schema_length=None)
    except pl.exceptions.PolarsError as error:
        if (problem := _first_problem(layout, path)) is not None:
            raise problem from None
        table = _of_mixed_kinds(layout, path, error)
    _check_keys(layout, table, path, labels)
    if len(layout.starts) != table.height:
        return table, None
    if _may_be_answers(table, labels):
        records = [json.loads(layout.text(row)) for row in range(table.height)]
        if argilla.matches(records, labels):
            return argilla.read(raw, spans, records, path, labels)
    there = set(table.columns)
    named = [name for name in labels if name in there]
    as_text = [name for name in named if _is_json(table[name], layout, path)]
    texts = _value_texts(layout, as_text)
    lists = {name: of for name, of in ((name, _lists(values)) for name, values in texts.items()) if of is not None}
    table = table.with_columns(lists.get(name, pl.Series(name, values, dtype=pl.String)).alias(name) for name, values in texts.items())
    asked = prodigy.with_questions(table, named[0]) if len(named) == 1 and not texts else None
    if asked is not None:
        return asked, ObjectLayout(raw, *spans, put=prodigy.answer, json_columns=frozenset(named))
    answered = prodigy.without_unanswered(table, named)
    if answered is not None:
        table = answered
    follow = prodigy.accept if answered is not None else None
    return table, ObjectLayout(raw, *spans, frozenset(lists), follow, json_columns=frozenset(texts) - frozenset(lists))


def write_in_place(table: pl.DataFrame, file: BinaryIO, layout: Any, edits: Edits | None) -> bool:
    """Copy the file that the table came from and rewrite only the label values that differ; False if it came from none."""
    if edits is None or edits.restructured or not isinstance(layout, (ObjectLayout, UnitLayout)):
        return False
    if isinstance(layout, UnitLayout):
        write_units(table, file, layout, edits)
    else:
        _write_objects(table, file, layout, edits)
    return True


def _write_objects(table: pl.DataFrame, file: BinaryIO, layout: ObjectLayout, edits: Edits) -> None:
    columns = [(name, table[name].gather(edits.rows).to_list()) for name in edits.columns]
    view, done = memoryview(layout.raw), 0
    for k, row in enumerate(edits.rows.tolist()):
        text = layout.text(row)
        for name, values in columns:
            replace = layout.put or (replace_text if name in layout.json_columns else replace_value)
            text = replace(text, name, _as_there(text, name, values[k]) if name in layout.one_or_several else values[k])
            text = text if layout.follow is None else layout.follow(text, name)
        file.write(view[done : int(layout.starts[row])])
        file.write(text.encode())
        done = int(layout.ends[row])
    file.write(view[done:])


def _lists(texts: Sequence[str | None]) -> pl.Series | None:
    """Lists of names, of values that are lists of names or one name; None if there are others."""
    values = [None if text is None else json.loads(text) for text in texts]
    lists = [value if isinstance(value, list) or value is None else [value] for value in values]
    if not any(isinstance(value, list) for value in values) or not all(isinstance(entry, str) for of in lists for entry in of or ()):
        return None
    return pl.Series(lists, dtype=pl.List(pl.String))


def _as_there(text: str, key: str, labels: Any) -> Any:
    """A list of labels as an object has it: one label alone where it was alone."""
    old = json.loads(member_texts(text, [key]).get(key, "null"))
    return labels[0] if isinstance(old, str) and labels is not None and len(labels) == 1 else labels


def _may_be_answers(table: pl.DataFrame, labels: Sequence[str]) -> bool:
    """Whether to look at the objects for answers of several people."""
    there = set(table.columns)
    kinds = {name: str(table[name].dtype) for name in labels if name in there}
    answers = any(kind.startswith("List(Struct") and "'value'" in kind for kind in kinds.values())
    return {"fields", "responses"} <= there or answers or any(f"{name}.status" in there for name in kinds)


def _check_finite(table: pl.DataFrame) -> None:
    """Refuse what JSON cannot hold: bytes, NaN and infinity."""
    refuse_binary(table)
    for name, dtype in table.schema.items():
        if dtype.is_float() and not table[name].is_finite().all():
            raise DataError(f"export: expected finite numbers in {name!r}, got NaN or infinity, which JSON cannot hold; export to .parquet")


def as_lines(table: pl.DataFrame, layout: Layout | None) -> Iterable[bytes]:
    """The rows as JSON objects, columns of JSON text as the values that they say."""
    _check_finite(table)
    as_text = layout.json_columns & set(table.columns) if layout is not None else frozenset()
    if not as_text:
        return table.write_ndjson().encode().splitlines()
    rest = table.drop(as_text).write_ndjson().encode().splitlines() if table.width > len(as_text) else [b"{}"] * table.height
    columns = {name: table[name].to_list() for name in table.columns if name in as_text}
    return (_with(line, {name: values[k] for name, values in columns.items()}) for k, line in enumerate(rest))


def _with(line: bytes, values: dict[str, str | None]) -> bytes:
    text = line.decode()
    for name, value in values.items():
        text = replace_text(text, name, "null" if value is None else value)
    return text.encode()


def _of_mixed_kinds(layout: ObjectLayout, path: Path, error: Exception) -> pl.DataFrame:
    """The table of objects that polars cannot give one type a key: those keys become columns of JSON text."""
    objects = [json.loads(layout.text(row)) for row in range(len(layout.starts))]
    names = list(dict.fromkeys(name for one in objects for name in one))
    columns = []
    for name in names:
        values = [one.get(name) for one in objects]
        try:
            columns.append(pl.Series(name, values, strict=True))
        except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
            texts = [None if value is None else json.dumps(value, ensure_ascii=False) for value in values]
            columns.append(pl.Series(name, texts, dtype=pl.String))
    if not columns:
        raise broken("JSON", path, error)
    return pl.DataFrame(columns)


def _value_texts(layout: ObjectLayout, names: Sequence[str]) -> dict[str, list[str | None]]:
    """The JSON text under some keys of each object; None where the key is missing or null."""
    found: dict[str, list[str | None]] = {name: [] for name in names}
    if names:
        for row in range(len(layout.starts)):
            texts = member_texts(layout.text(row), names)
            for name in names:
                found[name].append(None if texts.get(name) in {None, "null"} else texts[name])
    return found


def _is_json(series: pl.Series, layout: ObjectLayout, path: Path) -> bool:
    """Whether the values under a key are objects, or of several kinds, so that one type cannot hold them as they are.

    Raises
    ------
    DataError
        If numbers and text are mixed, which polars has made into text: 1 and "1" are not the same label.
    """
    if "Struct(" in str(series.dtype) or str(series.dtype).startswith("List(List("):
        return True
    if series.dtype == pl.String:
        suspicious = series.str.contains(COERCED).fill_null(value=False)
    elif series.dtype == pl.List(pl.String):
        suspicious = series.list.eval(pl.element().str.contains(COERCED)).list.any().fill_null(value=False)
    else:
        return False
    composed = False
    for row in suspicious.arg_true().to_list():
        value = json.loads(layout.text(row))[series.name]
        composed = composed or (isinstance(value, (list, dict)) and series.dtype == pl.String)
        entries = value if isinstance(value, list) and series.dtype != pl.String else [value]
        numbers = {type(entry).__name__ for entry in entries if isinstance(entry, (int, float))}
        nested = {type(entry).__name__ for entry in entries if isinstance(entry, (list, dict)) and series.dtype != pl.String}
        if numbers | nested:
            raise DataError(
                f"{path.name}: expected values of one type in {series.name!r}, got a mix of str and {min(numbers | nested)}"
                f" (line {layout.number(row)}); write all labels as strings or all as integers"
            )
    return composed


def _check_keys(layout: ObjectLayout, table: pl.DataFrame, path: Path, labels: Sequence[str]) -> None:
    """Refuse an object with a key twice.

    Looked at are those alone that have more keys with a value than the table has values of them, more keys than it has columns,
    or a label key twice beside a null: all others have each key once.
    """
    data = np.frombuffer(layout.raw + b"  ", np.uint8)  # two bytes to look at behind a colon at the end
    colons = np.flatnonzero(data == ord(":"))
    colons = colons[np.isin(data[np.maximum(colons, 1) - 1], tuple(b'" \t\r\n'))]
    are_null = np.where(data[colons + 1] == ord(" "), data[colons + 2], data[colons + 1]) == ord("n")
    suspects = _number_in(layout, colons) > table.width
    if table.height == len(suspects) and table.width:
        n_values = table.select(pl.sum_horizontal(pl.all().is_not_null().cast(pl.Int64))).to_series().to_numpy()
        suspects |= _number_in(layout, colons[~are_null]) > n_values
    if are_null.any():
        for name in labels:
            places = [found.start() for found in re.finditer(re.escape(json.dumps(name, ensure_ascii=False).encode()), layout.raw)]
            suspects |= _number_in(layout, np.array(places, np.int64)) > 1
    for row in np.flatnonzero(suspects).tolist():
        if (key := repeated_key(layout.text(row))) is not None:
            raise DataError(
                f"{path.name}: expected each key once in an object, got {key} twice in line {layout.number(row)};"
                " keep the value that is right"
            )


def _number_in(layout: ObjectLayout, places: np.ndarray) -> np.ndarray:
    """How many of some places in the file, ascending, lie in each object."""
    return np.searchsorted(places, layout.ends) - np.searchsorted(places, layout.starts)


def _first_problem(layout: ObjectLayout, path: Path) -> DataError | None:
    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    for row in range(len(layout.starts)):
        try:
            value = json.loads(layout.text(row), parse_constant=refuse)
        except (ValueError, RecursionError) as error:
            return DataError(f"{path.name}: expected a JSON object a line, got line {layout.number(row)}, which is none ({error}); mend it")
        if not isinstance(value, dict):
            return DataError(
                f"{path.name}: expected a JSON object a line, got {type(value).__name__} in line {layout.number(row)}; mend it"
            )
    return None
