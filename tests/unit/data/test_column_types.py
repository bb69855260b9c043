"""Columns of every type in every role: they are read, or refused in one line."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

import labelscope as ls
from labelscope.data.matching import match_rows

COLUMNS = {
    "lists": pl.Series([["a"], ["b", "a"], [], None]),
    "arrays": pl.Series([[1, 0]] * 4, dtype=pl.Array(pl.Int64, 2)),
    "structures": pl.Series([{"a": 1}] * 4),
    "bytes": pl.Series([b"\xff\xfe", b"a", b"", None]),
    "objects": pl.Series([{1}, object(), None, "a"], dtype=pl.Object),
    "decimals": pl.Series([Decimal("1.5"), Decimal(0)] * 2),
    "durations": pl.Series([dt.timedelta(1), dt.timedelta(2)] * 2),
    "times": pl.Series([dt.time(1), dt.time(2)] * 2),
    "categories": pl.Series(["a", "b", "a", None], dtype=pl.Categorical),
    "nothing": pl.Series([None] * 4),
    "booleans": pl.Series([True, False, None, True]),
    "large": pl.Series([2**64 - 1, 0, 1, 1], dtype=pl.UInt64),
    "huge": pl.Series([2**100, 0, 1, 1], dtype=pl.Int128),
    "numbers": pl.Series([float("inf"), float("nan"), None, 1.0]),
}
FORMATS = ("long", "single", "json", "joined", "states", "marks", "scores", "list", "vector", "spread")
VOTES = pl.DataFrame({"item_id": [0, 1, 2, 3], "rater": ["r"] * 4, "label": ["a", "b"] * 2, "value": [1, 0] * 2})
EDGES = pl.DataFrame({"child": ["a", "b"] * 2, "parent": ["c"] * 4})
TABLE = pl.DataFrame({"labels": ["a;b", "b", "a", "b;a"], "n": [1, 2, 3, 4]})


def said_by(look, table, arguments):
    """The line with which reading or looking stops; "" where it does not. Anything but a line of labelscope is raised."""
    try:
        repr(look(table, **arguments))
    except ls.LabelscopeError as error:
        return str(error)
    return ""


def tried(table, **arguments):
    """What reading and looking say."""
    said = [line for look in (ls.read, ls.inspect) if (line := said_by(look, table, arguments))]
    assert not any("\n" in line for line in said)
    return said


@pytest.mark.parametrize("kind", COLUMNS)
@pytest.mark.filterwarnings("ignore::labelscope.errors.ReadingWarning")
def test_a_column_of_any_type_is_read_or_refused_in_one_line(kind):
    column = COLUMNS[kind].alias("x")
    table = TABLE.with_columns(column)
    tried(table, labels="x")
    tried(table, labels=["x"])
    tried(table, labels="labels", id="n", values="x")
    for name in FORMATS:
        tried(table, labels="x", labels_format=name, id="n")
        tried(table, labels=["x"], labels_format=name)
    for role in ("id", "text", "image", "groups", "split", "features", "values"):
        tried(table, labels="labels", **{role: "x"})
    tried(table, labels="labels", id="x", labels_format="long")
    for name in VOTES.columns:
        tried(table, labels="labels", votes=VOTES.with_columns(column.alias(name)))
    for name in EDGES.columns:
        tried(table, labels="labels", taxonomy=EDGES.with_columns(column.alias(name)))
    assert ls.inspect(table).frame["column"].to_list() == ["labels", "n", "x"]


@pytest.mark.parametrize("kind", ["lists", "bytes", "objects", "durations"])
def test_values_without_a_text_are_refused_by_role_and_type(kind):
    table = TABLE.with_columns(COLUMNS[kind].alias("x"))
    dtype = str(table.schema["x"]).partition("(")[0]
    for said in (
        tried(table, labels="x", labels_format="long", id="n"),
        tried(table, labels="labels", labels_format="long", id="x"),
        tried(table, labels="labels", groups="x"),
        tried(table, labels="labels", taxonomy=EDGES.with_columns(table["x"].alias("child"))),
    ):
        assert said
        assert f"expected a column of text or numbers, got {dtype}" in said[0]
        assert "convert it, or name another" in said[0]


def test_the_labels_of_a_long_table_are_no_ids_of_it():
    with pytest.raises(ls.DataError, match="id: expected another column than that of the labels, got 'labels'"):
        ls.read(TABLE, labels="labels", labels_format="long", id="labels")


def test_whole_numbers_of_128_bits_are_states_too():
    table = pl.DataFrame({"a": pl.Series([1, 0, -1], dtype=pl.Int128), "b": [1, 1, 0]})
    assert ls.read(table, labels=["a", "b"]).labels.dense().tolist() == [[1, 1], [0, 1], [-1, 0]]


@pytest.mark.parametrize("kind", ["bytes", "objects", "durations"])
def test_rows_are_matched_beside_columns_without_a_text(kind):
    items = pl.DataFrame({"text": ["one", "two", "three", "four"], "x": COLUMNS[kind]})
    old, new = (ls.Dataset.from_arrays([[1], [0], [1], [0]], items=frame) for frame in (items, items.reverse()))
    assert match_rows(old, new).tolist() == [3, 2, 1, 0]
