"""Each way to write labels: decoded to states, and encoded with nothing else changed."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from labelscope.data.read import read
from labelscope.data.readings.choose import Wishes, choose_reading
from labelscope.errors import DataError


def detect_encoding(table, labels, **wishes):
    return choose_reading(table, labels, Wishes(**wishes)).encoding


def decode(values, **options):
    table = pl.DataFrame({"y": values})
    encoding = detect_encoding(table, "y", **options)
    return encoding.label_names, encoding.decode(table).dense().tolist()


SETS = {
    "lists": [["a", "b"], ["b"], [], None],
    "categorical lists": pl.Series([["a", "b"], ["b"], [], None], dtype=pl.List(pl.Categorical)),
    "semicolons": ["a;b", "b", "", None],
    "bars": ["a | b", "b", "", None],
    "commas": ["a, b", "b", "", None],
    "json": ['["a", "b"]', '["b"]', "[]", None],
    "compact json": ['["a","b"]', '["b"]', "[]", ""],
    "python lists": ["['a', 'b']", "['b']", "[]", None],
}


@pytest.mark.parametrize("values", SETS.values(), ids=SETS)
def test_sets_are_decoded(values):
    assert decode(values) == (("a", "b"), [[1, 1], [0, 1], [0, 0], [-1, -1]])
    assert decode(values, unlisted="unknown")[1] == [[1, 1], [-1, 1], [-1, -1], [-1, -1]]


def test_a_blank_of_a_csv_is_an_empty_set_of_joined_text():
    assert decode(["a;b", "b", None], text_only=True)[1] == [[1, 1], [0, 1], [0, 0]]


INTEGERS = {
    "lists": [[0, 2], [1]],
    "json": ["[0, 2]", "[1]"],
    "joined": ["0;2", "1"],
    "blanks": ["0 2", "1"],
}


@pytest.mark.parametrize("values", INTEGERS.values(), ids=INTEGERS)
def test_integer_ids_take_their_names(values):
    assert decode(values) == (("0", "1", "2"), [[1, 0, 1], [0, 1, 0]])
    assert decode(values, label_names=["x", "y", "z", "w"])[0] == ("x", "y", "z", "w")
    assert decode(values, label_names={0: "x", "1": "y", 2: "z"})[0] == ("x", "y", "z")
    assert decode(values, label_names={"x": 0, "y": 1, "z": 2})[0] == ("x", "y", "z")
    with pytest.raises(DataError, match="expected ids from 0 to 1"):
        decode(values, label_names=["x", "y"])


def test_ids_without_names_sort_by_number():
    assert decode([[10], [9]])[0] == ("9", "10")
    assert decode(["10", "9"])[0] == ("9", "10")


def test_single_labels():
    assert decode(["cat", "dog", None, " "]) == (("cat", "dog"), [[1, 0], [0, 1], [-1, -1], [-1, -1]])
    assert decode([3, 5, None])[1] == [[1, 0], [0, 1], [-1, -1]]
    assert decode(pl.Series(["b", "b"], dtype=pl.Enum(["b", "a"])))[0] == ("b", "a")


def test_names_may_be_html_or_formulas():
    names, _ = decode([["<b>x</b>", "=1+1"], ["@y"]])
    assert names == ("<b>x</b>", "=1+1", "@y")


REFUSED = [
    (["a;b", "a,b"], {}, "got ';' and ',' .*labels_delimiter="),
    (["x, y", "x, y", "z"], {}, "may be part of the name.*labels_delimiter=''"),
    (['["a"]', "b"], {}, "written in one way in 'y', got 'b' in row 1.*labels_format='choices'"),
    (['["a", 1]'], {}, "strings or of integers"),
    (['["a", "b"', '["a"]'], {}, "written in one way.*in row 0"),
    ([["a", None]], {}, "null or an empty name in row 0"),
    ([[1.5]], {}, "got List"),
    (
        [[0, 1], [1, 0]],
        {},
        "got two: .*labels_format='(vector|list)' or labels_format='(vector|list)'",
    ),
    ([[-1], [2]], {}, "label ids from 0"),
    ([0, 1, 1], {}, r"got only 0 and 1.*labels_format='states'"),
    (["0", "1"], {}, "got only 0 and 1"),
    ([True, False], {}, r"pass labels_format='states'"),
    ([1.5], {}, "got Float64"),
    ([["a"]], {"delimiter": ";"}, "leave the option out"),
    (["a"], {"label_names": ["b"]}, "got 'a'.*add it to label_names"),
    ([["a"]], {"label_names": {"a": "x", "b": "x"}}, "'x' more than once"),
    ([["a"]], {"unlisted": "maybe"}, 'expected "negative" or "unknown"'),
]


@pytest.mark.parametrize(("values", "options", "message"), REFUSED)
def test_what_is_ambiguous_or_no_label_is_refused(values, options, message):
    with pytest.raises(DataError, match=message) as caught:
        decode(values, **options)
    assert "\n" not in str(caught.value)


def test_a_named_delimiter_settles_it():
    assert decode(["a;b,c", "a"], delimiter=";")[0] == ("a", "b,c")
    assert decode(["x, y", "x, y", "z"], delimiter="")[0] == ("x, y", "z")
    assert decode(["a::b", "a"], delimiter="::")[0] == ("a", "b")


def edit(values, changes, **options):
    """The column after (row, label name, state) changes."""
    table = pl.DataFrame({"y": values})
    encoding = detect_encoding(table, "y", **options)
    items, names, states = zip(*changes, strict=True)
    labels = np.array([encoding.label_names.index(name) for name in names])
    new = encoding.encode(table, np.array(items), labels, np.array(states, np.int8))
    assert new.schema == table.schema
    return new["y"].to_list()


EDITS = {
    "order is kept": (["c", "a", "b"], [(0, "a", 0)], ["c", "b"]),
    "added last": (["c", "a"], [(0, "b", 1)], ["c", "a", "b"]),
    "all removed": (["a"], [(0, "a", 0)], []),
    "twice listed": (["a", "b", "a"], [(0, "a", 0)], ["b"]),
    "no change of the rest": (["b", "b"], [(0, "a", 0)], ["b", "b"]),
    "already there": (["b", "b"], [(0, "b", 1)], ["b", "b"]),
    "one unknown is left out": (["a", "b"], [(0, "a", -1)], ["b"]),
    "all unknown is null": (["a"], [(0, "a", -1), (0, "b", -1), (0, "c", -1)], None),
}


@pytest.mark.parametrize(("cell", "changes", "expected"), EDITS.values(), ids=EDITS)
def test_lists_are_edited(cell, changes, expected):
    assert edit([cell, ["a", "b", "c"], None], changes) == [expected, ["a", "b", "c"], None]


def test_a_missing_list_is_not_made_an_empty_one():
    values = [None, ["a", "b"]]
    assert edit(values, [(0, "a", 0)])[0] is None
    assert edit(values, [(0, "a", 1)])[0] == ["a"]
    assert edit(values, [(0, "a", 0), (0, "b", 0)])[0] == []


TEXTS = [
    ("a;b;c", [("b", 0)], "a;c"),
    ("a;b;c", [("a", 0)], "b;c"),
    ("a, b, c", [("a", 0)], "b, c"),
    ("a, b, c", [("c", 0)], "a, b"),
    ("a | b", [("c", 1)], "a | b | c"),
    ("a,b", [("c", 1)], "a,b,c"),
    ("a;b;", [("c", 1)], "a;b;c;"),
    ("a;b;", [("b", 0)], "a;"),
    (" a;b ", [("a", 0)], " b "),
    ("a", [("b", 1)], "a, b"),
    ("a", [("a", 0)], ""),
    ("", [("a", 1)], "a"),
    (None, [("b", 1), ("c", 1)], "b, c"),
]


@pytest.mark.parametrize(("cell", "changes", "expected"), TEXTS)
def test_joined_text_keeps_its_spacing(cell, changes, expected):
    delimiter = next((mark for mark in ";|" if mark in (cell or "")), ",")
    rest = [f"a{delimiter}b{delimiter}c"] if delimiter in (cell or "") else ["a, b, c", "a, c", "b"]
    assert edit([cell, *rest], [(0, *change) for change in changes], delimiter=delimiter)[0] == expected


JSONS = [
    ('["a", "é"]', [("b", 1)], '["a", "é", "b"]'),
    ('["a","é"]', [("b", 1)], '["a","é","b"]'),
    ('["a", "\\u00e9"]', [("b", 1)], '["a", "\\u00e9", "b"]'),
    ("['a', 'b']", [("b", 0)], "['a']"),
    ('["a"]', [("b", 1)], '["a","b"]'),
    ('["a"]', [("a", 0)], "[]"),
    (None, [("a", 1), ("b", 1)], '["a","b"]'),
]


@pytest.mark.parametrize(("cell", "changes", "expected"), JSONS)
def test_json_keeps_its_style(cell, changes, expected):
    assert edit([cell, '["a","b","é"]', '["b","é"]'], [(0, *change) for change in changes])[0] == expected


def test_integers_stay_integers():
    assert edit([[1, 2], [3]], [(0, "3", 1)]) == [[1, 2, 3], [3]]
    assert edit(["[1,2]", "[3]"], [(0, "3", 1)]) == ["[1,2,3]", "[3]"]
    assert edit(pl.Series([4, 5], dtype=pl.UInt8), [(0, "4", 0), (0, "5", 1)]) == [5, 5]
    assert edit([[0], [1]], [(0, "unused", 1)], label_names=["x", "y", "unused"]) == [[0, 2], [1]]


def test_an_enum_column_keeps_its_type_and_refuses_other_names():
    values = pl.Series([["a"], ["b"]], dtype=pl.List(pl.Enum(["a", "b", "c"])))
    assert edit(values, [(0, "c", 1)])[0] == ["a", "c"]
    with pytest.raises(DataError, match="widen its type"):
        edit(values, [(0, "d", 1)], label_names=["a", "b", "c", "d"])


def test_a_single_label_is_swapped_but_never_two():
    assert edit(["cat", "dog"], [(0, "cat", 0), (0, "dog", 1)]) == ["dog", "dog"]
    assert edit(["cat", "dog"], [(0, "cat", 0)]) == ["cat", "dog"]  # a blank would say that nobody knows
    with pytest.raises(DataError, match="expected one label an item in 'y', got 'cat' and 'dog'"):
        edit(["cat", "dog"], [(0, "dog", 1)])


def test_a_name_with_the_delimiter_cannot_be_added():
    table = pl.DataFrame({"y": ["a;b"]})
    encoding, _ = detect_encoding(table, "y").extended(table, {"c;d": np.zeros(1, np.int8)})
    with pytest.raises(DataError, match="without ';'"):
        encoding.encode(table, np.array([0]), np.array([2]), np.array([1], np.int8))


COLUMNS = {
    "integers": ([1, 0, None], [0, 1, 1]),
    "minus one": ([1, 0, -1], [0, 1, 1]),
    "floats": ([1.0, 0.0, None], [0.0, 1.0, 1.0]),
    "booleans": ([True, False, None], [False, True, True]),
    "text": (["1", "0", ""], ["0", "1", "1"]),
    "text of floats": (["1.0", "0.0", None], ["0.0", "1.0", "1.0"]),
    "words": (["True", "False", ""], ["False", "True", "True"]),
}


@pytest.mark.parametrize(("values", "flipped"), COLUMNS.values(), ids=COLUMNS)
def test_one_column_a_label(values, flipped):
    table = pl.DataFrame({"x": [1, 1, 1], "y": values})
    encoding = detect_encoding(table, ["x", "y"])
    assert encoding.decode(table).dense().tolist() == [[1, 1], [1, 0], [1, -1]]
    rows, label = np.arange(3), np.ones(3, int)
    new = encoding.encode(table, rows, label, np.array([0, 1, 1], np.int8))
    assert new.schema == table.schema
    assert new["y"].to_list() == flipped
    back = encoding.encode(new, rows, label, np.array([1, 0, -1], np.int8))
    assert encoding.decode(back).dense().tolist() == [[1, 1], [1, 0], [1, -1]]


def test_mostly_unknown_columns_and_unsigned_ones():
    table = pl.DataFrame({"x": [None, None, 1], "y": pl.Series([1, None, None], dtype=pl.UInt8), "z": [None, None, None]})
    encoding = detect_encoding(table, ["x", "y", "z"], format="states")
    labels = encoding.decode(table)
    assert (labels.default, labels.dense().tolist()) == (-1, [[-1, 1, -1], [-1, -1, -1], [1, -1, -1]])
    new = encoding.encode(table, np.array([0]), np.array([1]), np.array([-1], np.int8))
    assert new["y"].to_list() == [None, None, None]


@pytest.mark.parametrize(("column", "message"), [
    ([1.0, float("nan")], "got NaN in row 1; write null or -1"),
    ([1, 2], "got 1 and 2 alone.*labels_format='scores'"),
    (pl.Series([1, 2**64 - 1], dtype=pl.UInt64), "got 18446744073709551615 in row 1"),
    (["1", "0", "perhaps"], "got 'perhaps' in row 2"),
    ([[1], [0]], 'pass labels="y"'),
])  # fmt: skip
def test_other_values_of_a_label_column_are_refused(column, message):
    table = pl.DataFrame({"y": column})
    with pytest.raises(DataError, match=message):
        detect_encoding(table, ["y"]).decode(table)


WAYS = {
    "vectors as text": (["[1, 0, 1]", "[0, 0, 1]"], ["0", "1", "2"], [[1, 0, 1], [0, 0, 1]], "[1, 1, 1]"),
    "vectors of numpy": (["[1. 0. 1.]", "[0. 0. 1.]"], ["0", "1", "2"], [[1, 0, 1], [0, 0, 1]], "[1. 1. 1.]"),
    "bits": (["101", "001"], ["0", "1", "2"], [[1, 0, 1], [0, 0, 1]], "111"),
    "lists of 0 and 1": ([[1, 0, 1], [0, 0, 1]], ["0", "1", "2"], [[1, 0, 1], [0, 0, 1]], [1, 1, 1]),
    "floats": ([[1.0, 0.0, 1.0], None], ["0", "1", "2"], [[1, 0, 1], [-1, -1, -1]], [1.0, 1.0, 1.0]),
    "numpy": (["['a' 'c']", "['b']"], ["a", "b", "c"], [[1, 0, 1], [0, 1, 0]], "['a' 'c' 'b']"),
    "sets": (["{'a', 'c'}", "{'b'}", "set()"], ["a", "b", "c"], [[1, 0, 1], [0, 1, 0], [0, 0, 0]], "{'a', 'c', 'b'}"),
    "tuples": (["('a', 'c')", "('b',)"], ["a", "b", "c"], [[1, 0, 1], [0, 1, 0]], "('a', 'c', 'b')"),
    "R": (['c("a", "c")', "b", "character(0)"], ["a", "b", "c"], [[1, 0, 1], [0, 1, 0], [0, 0, 0]], 'c("a", "c", "b")'),
    "PostgreSQL": (['{a,"c d"}', "{b}", "{}"], ["a", "b", "c d"], [[1, 0, 1], [0, 1, 0], [0, 0, 0]], '{a,"c d",b}'),
    "without quotes": (["[a, c]", "[b]", "[]"], ["a", "b", "c"], [[1, 0, 1], [0, 1, 0], [0, 0, 0]], "[a, c, b]"),
    "tags": (["<a><c>", "<b>"], ["a", "b", "c"], [[1, 0, 1], [0, 1, 0]], "<a><c><b>"),
    "doubled bars": (["a||c", "b", "a"], ["a", "b", "c"], [[1, 0, 1], [0, 1, 0], [1, 0, 0]], "a||c||b"),
    "outer bars": (["|a|c|", "|b|", "|a|"], ["a", "b", "c"], [[1, 0, 1], [0, 1, 0], [1, 0, 0]], "|a|c|b|"),
    "quoted options": (['"a, x",c', "b", "c"], ["a, x", "b", "c"], [[1, 0, 1], [0, 1, 0], [0, 0, 1]], '"a, x",c,b'),
    "choices": (['{"choices": ["a", "c"]}', "b"], ["a", "b", "c"], [[1, 0, 1], [0, 1, 0]], '{"choices": ["a", "c", "b"]}'),
    "JSON encoded twice": (
        [json.dumps('["a","c"]'), json.dumps('["b"]'), json.dumps("[]")], ["a", "b", "c"], [[1, 0, 1], [0, 1, 0], [0, 0, 0]],
        json.dumps('["a","c","b"]'),
    ),
    "objects encoded twice": (
        [json.dumps('{"choices": ["a", "c"]}'), json.dumps('{"choices": ["b"]}')], ["a", "b", "c"], [[1, 0, 1], [0, 1, 0]],
        json.dumps('{"choices": ["a", "c", "b"]}'),
    ),
    "objects of id to name": (
        ['{"1": "a", "3": "c"}', '{"2": "b"}'], ["a", "b", "c"], [[1, 0, 1], [0, 1, 0]], '{"1": "a", "3": "c", "2": "b"}'),
    "scores": (['{"a": 1, "b": 0, "c": 1}', '{"a": 0, "b": 1}'], ["a", "b", "c"], [[1, 0, 1], [0, 1, -1]], '{"a": 1, "b": 1, "c": 1}'),
    "structs": (
        [{"a": 1.0, "b": 0.0, "c": 1.0}, {"a": 0.0, "b": 1.0, "c": None}],
        ["a", "b", "c"], [[1, 0, 1], [0, 1, -1]], {"a": 1.0, "b": 1.0, "c": 1.0}),
    "lists of objects": (
        ["[{'id': 1, 'name': 'a'}, {'id': 3, 'name': 'c'}]", "[{'id': 2, 'name': 'b'}]"], ["a", "b", "c"], [[1, 0, 1], [0, 1, 0]],
        "[{'id': 1, 'name': 'a'}, {'id': 3, 'name': 'c'}, {'id': 2, 'name': 'b'}]",
    ),
    "lists of structs": (
        [[{"id": 1, "name": "a"}, {"id": 3, "name": "c"}], [{"id": 2, "name": "b"}]], ["a", "b", "c"], [[1, 0, 1], [0, 1, 0]],
        [{"id": 1, "name": "a"}, {"id": 3, "name": "c"}, {"id": 2, "name": "b"}],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("values", "names", "states", "edited"), WAYS.values(), ids=WAYS)
def test_each_way_is_read_and_written(values, names, states, edited):
    got = decode(values, text_only=isinstance(values[0], str))
    assert (sorted(got[0]), [[row[got[0].index(name)] for name in names] for row in got[1]]) == (names, states)
    assert edit(values, [(0, names[1], 1)])[0] == edited
    assert edit(values, [(0, names[0], 1)]) == values


JOINED = {
    "blanks": " ", "hash": "#", "slash": "/", "and": " and ", "plus": " + ", "colons": "::", "line breaks": "\n", "tabs": "\t",
}  # fmt: skip
CELLS = [["a"], ["b"], ["c"], ["a", "b"], ["a", "c"], ["b", "c"], ["a", "b", "c"], ["d"], ["a", "d"], ["b", "d"]]


@pytest.mark.parametrize("mark", JOINED.values(), ids=JOINED)
def test_what_joins_is_seen_from_parts_that_recur(mark):
    names, states = decode([mark.join(cell) for cell in CELLS])
    assert names == ("a", "b", "c", "d")
    assert states == [[int(name in cell) for name in names] for cell in CELLS]


@pytest.mark.parametrize("written", ["{};", "|{}|", ";{}", "{}, ", "{}|"])
def test_a_delimiter_at_the_ends_of_cells_with_one_label_is_no_part_of_the_names(written):
    names = ["anger", "love", "live music", "anger", "love"] * 6
    ds = read(pl.DataFrame({"y": [written.format(name) for name in names]}), labels="y")
    assert ds.label_names == ("anger", "live music", "love")
    mixed = read(pl.DataFrame({"y": ["anger;", *names]}), labels="y")
    assert mixed.label_names == ("anger", "live music", "love")


SINGLE = [
    ["Live music", "Team sport", "Boats & rivers", "Live music"],
    ["New York", "New Jersey", "Ohio"],
    ["rock'n'roll", "r&b", "hip-hop"],
]


@pytest.mark.parametrize("values", SINGLE)
def test_names_of_several_words_are_one_label(values):
    assert set(decode(values)[0]) == set(values)


UNCLEAR = {
    "answers of a scale": (
        ["agree", "strongly agree", "disagree", "strongly disagree"] * 5,
        "labels_delimiter=' ', or labels_delimiter=''",
    ),
    "parts that never come apart": (["Boats, rivers", "Food, Boats, rivers", "Food", "Boats, rivers, Coding", "Coding"], "label_names="),
    "texts": ([f"text {k} of {k * k} words, all different" for k in range(40)], "recur|clear delimiter"),
    "none": (["a", "none", "b", "a"], "missing=.'none'."),
    "dash among labels": (["a;-", "-", "b", "a;b"], r"missing=\['-'\]"),
    "ids and names one behind the other": (["1;#cat;#2;#dog", "2;#dog", "1;#cat", "2;#dog;#1;#cat"], "never come apart"),
    "options that surveys repeat": ({"a": ["Cats", None], "b": [None, "Dogs"]}, "labels_format='marks'"),
    "yes and no": (["yes", "no"], r"labels_format='states'"),
    "scores": (['{"a": 0.7, "b": 0.2}'], "labels_format='scores'"),
    "plus minus": ({"a": [1, -1], "b": [-1, 1]}, "labels_format='plus_minus_one'"),
    "blanks": ({"a": [1, None], "b": [None, 1]}, "labels_format='marks'"),
    "crosses": ({"a": ["x", None], "b": ["", "x"]}, "labels_format='marks'"),
    "percentages": ({"a": ["35%", "90%"], "b": ["0%", "10%"]}, "labels_format='scores'"),
    "confidence": ({"a": [0.35, 0.9], "b": [0.0, 1.0]}, "labels_format='scores'"),
}


@pytest.mark.parametrize(("values", "advice"), UNCLEAR.values(), ids=UNCLEAR)
def test_where_two_readings_are_as_likely_the_line_says_what_decides(values, advice):
    labels = list(values) if isinstance(values, dict) else "y"
    table = pl.DataFrame(values if isinstance(values, dict) else {"y": values}, strict=False)
    with pytest.raises(DataError, match=advice) as caught:
        detect_encoding(table, labels)
    assert "\n" not in str(caught.value)


DECIDED = [
    ({"a": [1, -1], "b": [-1, 1]}, "plus_minus_one", [[1, 0], [0, 1]], -1),
    ({"a": [1, -1], "b": [-1, 1]}, "states", [[1, -1], [-1, 1]], 0),
    ({"a": [1, None], "b": [None, 1]}, "marks", [[1, 0], [0, 1]], None),
    ({"a": ["x", None], "b": ["", "x"]}, "marks", [[1, 0], [0, 1]], None),
    ({"a": ["Cats", None], "b": [None, "Dogs"]}, "marks", [[1, 0], [0, 1]], None),
    ({"a": [2, 3], "b": [0, 1]}, "scores", [[1, 0], [1, 1]], 0),
    ({"a": ["35%", "90%"], "b": ["0%", "10%"]}, "scores", [[0, 0], [1, 0]], "0%"),
    ({"a": [0.35, 0.9], "b": [0.0, 1.0]}, "scores", [[0, 0], [1, 1]], 0.0),
    ({"a": [0.35, 0.9], "b": [0.0, 1.0]}, "scores:0.3", [[1, 0], [1, 1]], 0.0),
]


@pytest.mark.parametrize(("values", "name", "states", "written"), DECIDED)
def test_a_named_way_of_columns(values, name, states, written):
    table = pl.DataFrame(values)
    encoding = detect_encoding(table, ["a", "b"], format=name)
    assert encoding.decode(table).dense().tolist() == states
    new = encoding.encode(table, np.array([1]), np.array([0]), np.array([0], np.int8))
    assert (new.schema, new["a"][1]) == (table.schema, written)


def test_words_for_nothing_known_are_told_and_written_again():
    values = ["nan", "a;b", "b", "nan"]
    choice = choose_reading(pl.DataFrame({"y": values}), "y", Wishes())
    assert choice.encoding.label_names == ("a", "b")
    assert "'nan' in 2 cells of 'y' is read as unknown" in choice.warnings[0]
    assert edit(values, [(0, "a", 1), (1, "a", -1), (1, "b", -1)]) == ["a", "nan", "b", "nan"]
    assert decode(values, missing=[])[0] == ("a", "b", "nan")


@pytest.mark.parametrize("word", ["\\N", "(null)", "<NULL>", "#NULL!", "NA_character_"])
def test_what_dumps_write_for_null_is_no_label(word):
    assert decode([word, "a;b", "b", "a"]) == (("a", "b"), [[-1, -1], [1, 1], [0, 1], [1, 0]])
    assert decode([word, "a", "b", "a"]) == (("a", "b"), [[-1, -1], [1, 0], [0, 1], [1, 0]])


SHORT = ["[0 1 0 ... 0 0 1]", "[0, 1, 0, ..., 0, 0, 1]", "['a' 'b' ... 'c' 'd']", "array(['a', 'b', ...])", "[a, b, …]", "['a', ...]"]


@pytest.mark.parametrize("cell", SHORT)
def test_lists_that_a_program_has_shortened_are_refused(cell):
    with pytest.raises(DataError, match=r"expected whole lists in 'y'.*in row 2, which the program that wrote it has shortened"):
        decode(["[1 0]", "[0 1]", cell] * 5)


def test_a_name_with_dots_is_no_shortened_list():
    assert decode(['["wait...", "b"]', '["b"]'])[0] == ("b", "wait...")
    assert decode(["wait...", "b ...", "b ..."])[0] == ("b ...", "wait...")


def test_a_word_for_no_label_is_an_empty_set():
    assert decode(["[]", "a;b", "b"])[1] == [[0, 0], [1, 1], [0, 1]]
    assert edit(["[]", "a;b", "b"], [(0, "a", 1)])[0] == "a"


def test_names_that_differ_in_case_alone_are_told_not_merged():
    choice = choose_reading(pl.DataFrame({"y": [["Food"], ["food"], ["b"]]}), "y", Wishes())
    assert choice.encoding.label_names == ("Food", "b", "food")
    assert "LabelEdit.merge('food', 'Food')" in choice.warnings[0]


def test_names_with_the_delimiter_are_kept_whole_where_they_are_given():
    values = ["Boats, rivers", "Food, Boats, rivers", "Food", "Boats, rivers, Coding"]
    names = ["Boats, rivers", "Food", "Coding"]
    assert decode(values, label_names=names) == (tuple(names), [[1, 0, 0], [1, 1, 0], [0, 1, 0], [1, 0, 1]])
    assert edit(values, [(1, "Boats, rivers", 0), (2, "Boats, rivers", 1)], label_names=names)[1:3] == ["Food", "Food, Boats, rivers"]


def test_an_added_object_without_an_id_elsewhere_gets_its_name_alone():
    table = pl.DataFrame({"y": ['[{"id": 1, "name": "a"}]', '[{"id": 2, "name": "b"}]']})
    encoding, table = detect_encoding(table, "y").extended(table, {"new": np.zeros(2, np.int8)})
    new = encoding.encode(table, np.array([0]), np.array([2]), np.array([1], np.int8))
    assert new["y"][0] == '[{"id": 1, "name": "a"}, {"name": "new"}]'


def test_a_new_label_is_not_called_as_the_column_writes_another():
    table = pl.DataFrame({"y": [["hp"], ["sd"], ["hp", "sd"]]})
    encoding = choose_reading(table, "y", Wishes(label_names={"hp": "happy", "sd": "sad"})).encoding
    with pytest.raises(DataError, match="got 'hp', which stands for 'happy'; rename the new label"):
        encoding.extended(table, {"hp": np.zeros(3, np.int8)})
    assert encoding.extended(table, {"calm": np.zeros(3, np.int8)})[0].label_names == ("happy", "sad", "calm")
