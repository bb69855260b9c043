"""The advice of every refusal: followed to the letter it reads the table, or gives another, further advice; never the same line twice."""

from __future__ import annotations

import json
import warnings

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

import labelscope as ls
from labelscope.cli.table_options import reads_table
from labelscope.data.inspection import ARGUMENTS
from labelscope.data.remedies import remedies_of
from labelscope.errors import DataError, ReadingWarning

MOST_STEPS = 4
WORDS = ("write", "mend", "keep", "name", "leave", "remove", "use", "convert", "drop", "add", "pass")  # what a person is told to do by hand
NAMES = ["boats", "coding", "food", "music"]
ROWS = [["boats", "food"], ["food"], [], ["music", "boats"], ["coding"], ["food", "music", "coding"]] * 4
N = len(ROWS)


def one(cells):
    return pl.DataFrame({"y": pl.Series(cells, strict=False)})


def texts(write):
    return one([write(row) for row in ROWS])


def wide(write):
    return pl.DataFrame({name: [write(name in row, name) for row in ROWS] for name in NAMES})


def long(value):
    rows = [(f"p{k}", name, value(name in row, k)) for k, row in enumerate(ROWS) for name in NAMES]
    return pl.DataFrame(rows, schema=["picture_id", "y", "there"], orient="row")


MOVED = {"food": "Food, drink", "boats": "Boats; rivers"}
COLUMN = {
    "answers of a scale": one(["agree", "strongly agree", "disagree", "strongly disagree"] * 5),
    "parts that never come apart": one(["Boats, rivers", "Food, Boats, rivers", "Food", "Boats, rivers, Coding", "Coding"] * 3),
    "names with a comma": one(["Washington, DC", "Paris, France", "Rome, Italy"] * 6),
    "texts": one([f"text {k} of {k * k} words, all different" for k in range(40)]),
    "different words": one([f"w{k}" for k in range(40)]),
    "none": one(["a", "none", "b", "a"]),
    "dash among labels": one(["a;-", "-", "b", "a;b"] * 3),
    "ids and names behind one another": one(["1;#cat;#2;#dog", "2;#dog", "1;#cat", "2;#dog;#1;#cat"] * 2),
    "two delimiters": one(["a;b", "a,b", "b;c", "c,a", "c"] * 3),
    "comma and and": one(["salt and pepper, rice", "rice, beans", "salt and pepper", "beans and rice"] * 3),
    "entities": texts(lambda row: "; ".join(f"{name} &amp; more" for name in row)),
    "yes and no": one(["yes", "no"] * 8),
    "ones and zeros": one([1, 0] * 8),
    "truth values": one([True, False] * 8),
    "numbers with a point": one([1.5, 2.5] * 8),
    "dates": texts(lambda _: None).with_columns(y=pl.date(2020, 1, 1)),
    "scores in objects": texts(lambda row: json.dumps({name: 0.7 if name in row else 0.2 for name in NAMES})),
    "objects whose ids and names do not agree": one(['{"1": "a"}', '{"1": "b", "2": "a"}'] * 6),
    "objects of raters": one([[{"label": "a", "rater": "ann"}, {"label": "b", "rater": "bob"}]] * 6),
    "objects with more names": one([[{"name": "a", "kinds": ["x", "y"]}], [{"name": "b", "kinds": ["z"]}]] * 6),
    "weights of labels": one([[{"name": "a", "score": 0.9}, {"name": "b", "score": 0.1}], [{"name": "b", "score": 0.8}]] * 6),
    "votes in names": texts(lambda row: ",".join(f"{name} ({k})" for k, name in enumerate(row))),
    "truths in names": texts(lambda row: "|".join(f"{name}=1" for name in row)),
    "denials": texts(lambda row: ",".join(name if name in row else f"not {name}" for name in NAMES)),
    "lists in lists": one([[";".join(row)] for row in ROWS]),
    "brackets": texts(lambda row: "(" + ")(".join(row) + ")"),
    "one broken list": one(['["a"]', '["a", "b"', '["b"]'] * 3),
    "lists of two types": one(['["a"]', "[1]", '["b"]'] * 3),
    "empty names in lists": one(['["a", ""]', '["b"]'] * 3),
    "lists that were shortened": one(["[0 1 0 ... 0 0 1]", "[1 1 0 ... 0 1 1]"] * 6),
    "commas in lists without quotes": texts(lambda row: "[" + ", ".join(MOVED.get(name, name) for name in row) + "]"),
    "one number": one(["1,204", "2,100", "1,100", "2,204"] * 4),
    "enumerations": texts(lambda row: "[" + ", ".join(f"<Topic.{name}: 1>" for name in row) + "]"),
    "answers to a task": one([[{"task": "T0", "value": row}] for row in ROWS]),
    "negative ids": one([1, -1, 2, 3] * 4),
    "a free answer": one(["Food", "Food, Music", "Other: my own, thing", "Music", "Food, Music"] * 4),  # which two people may have given
    "encoded three times": texts(lambda row: json.dumps(json.dumps(json.dumps(row)))),
    "spans and tokens": one([[["B-PER", "O", "O"]], [["O", "B-LOC", "I-LOC"]]] * 6),
    "dictionaries of lists": one(['{"a": ["x"], "b": ["y"]}', '{"a": ["z"], "b": []}'] * 6),
    "a long table": long(lambda there, _: int(there)),
    "a long table with words": long(lambda there, _: "accepted" if there else "rejected"),
    "a long table with shares": long(lambda there, k: (0.9 if there else 0.2) - k / 1000),
    "a long table without values": pl.DataFrame(
        [(f"p{k}", name) for k, row in enumerate(ROWS) for name in row], schema=["picture_id", "y"], orient="row"
    ),
    "rows of raters": pl.DataFrame(
        [(k, rater, name) for k, row in enumerate(ROWS) for rater in ("ann", "bob") for name in row[:1] or ["food"]],
        schema=["comment_id", "annotator", "y"], orient="row",
    ),
}  # fmt: skip
COLUMNS = {
    "plus and minus one": wide(lambda there, _: 1 if there else -1),
    "ones and blanks": wide(lambda there, _: 1 if there else None),
    "crosses": wide(lambda there, _: "x" if there else None),
    "names of the options": wide(lambda there, name: name if there else None),
    "percentages": wide(lambda there, _: "85%" if there else "3%"),
    "shares": wide(lambda there, _: 0.85 if there else 0.1),
    "counts of votes": wide(lambda there, _: 5 if there else 0),
    "one and two": wide(lambda there, _: 1 if there else 2),
    "words": wide(lambda there, _: "perhaps" if there else "hardly"),
    "one word that is no state": wide(lambda there, _: "1" if there else "0").with_columns(
        food=pl.Series(["1", "0", "perhaps"] * (N // 3))
    ),
    "lists": wide(lambda there, name: [name] if there else []),
    "names of two columns": pl.DataFrame({"first": ["a", "b", "c"] * 8, "second": ["b", None, "a"] * 8}),
    "raters": pl.DataFrame({"ann": ["a", "b", "a"] * 8, "bob": ["a", "a", "b"] * 8, "eve": ["b", "b", "a"] * 8}),
    "raters of one label": pl.DataFrame({"annotator_1": [1, 0] * 12, "annotator_2": [1, 1] * 12}),
    "NaN": pl.DataFrame({"a": [1.0, float("nan")] * 6, "b": [0.0, 1.0] * 6}),
}


def refusal(table, arguments):
    """The line that refuses; None where the table is read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReadingWarning)
        try:
            ls.read(table, **arguments)
        except DataError as error:
            return str(error)
    return None


@reads_table()
def command(table: str, reading: dict) -> None:
    """Read a table as every command does that takes one."""
    line = refusal(table, reading)
    if line is not None:
        raise DataError(line)


TYPED = typer.Typer()
TYPED.command()(command)


def typed_refusal(path, arguments):
    """The same where each argument is an option of the command line, typed as the line writes it."""
    options = [part for name, value in arguments.items() for part in options_of(path, name, value)]
    done = CliRunner().invoke(TYPED, [str(path), *options])
    if done.exception is None or isinstance(done.exception, DataError):
        return None if done.exception is None else str(done.exception)
    raise AssertionError(f"{options}: {done.output} {done.exception!r}")


def options_of(path, name, value):
    if name == "label_names":
        file = path.with_name("names.txt")
        file.write_text("\n".join(value), encoding="utf-8")
        value = str(file)
    words = [repr(word)[1:-1] if "\t" in word or "\n" in word else word for word in ([value] if isinstance(value, str) else value or [""])]
    return [part for word in words for part in (f"--{name.replace('_', '-')}", word)]


def walk(table, arguments, seen=(), refusal=refusal):
    """Follow every advice from here on; the lines that say one thing twice, or what nobody can follow."""
    line = refusal(table, arguments)
    if line is None:
        return []
    if "\n" in line or line in seen:
        return [f"{arguments}: again, or in several lines: {line}"]
    ways = remedies_of(line, ARGUMENTS)
    if not ways:
        return [] if any(word in line.rpartition(", got ")[2] for word in WORDS) else [f"{arguments}: no advice: {line}"]
    if len(seen) >= MOST_STEPS:
        return [f"{arguments}: no end: {line}"]
    return [found for way in ways for found in walk(table, {**arguments, **way}, (*seen, line), refusal)]


@pytest.mark.parametrize("table", COLUMN.values(), ids=COLUMN)
def test_the_advice_about_one_column_leads_on(table):
    assert refusal(table, {"labels": "y"}) is not None
    assert walk(table, {"labels": "y"}) == []


@pytest.mark.parametrize("table", COLUMNS.values(), ids=COLUMNS)
def test_the_advice_about_several_columns_leads_on(table):
    assert walk(table, {"labels": table.columns}) == []
    assert walk(table, {"labels": table.columns[0]}) == []


@pytest.mark.parametrize("table", [*COLUMN.values(), *COLUMNS.values()], ids=[*COLUMN, *COLUMNS])
def test_the_advice_can_be_typed_as_options(tmp_path, table):
    table.write_parquet(tmp_path / "table.parquet")
    labels = "y" if "y" in table.columns else table.columns
    assert typed_refusal(tmp_path / "table.parquet", {"labels": labels}) == refusal(table, {"labels": labels})
    assert walk(tmp_path / "table.parquet", {"labels": labels}, refusal=typed_refusal) == []


@pytest.mark.parametrize("mark", ["\t", "|", ";"])
def test_a_separator_can_be_typed_as_the_line_writes_it(tmp_path, mark):
    path = tmp_path / "table.csv"
    path.write_text(f"id{mark}labels\n1{mark}a b\n2{mark}b\n3{mark}a b\n", encoding="utf-8")
    other = "," if mark != "," else ";"
    line = typed_refusal(path, {"labels": "labels", "separator": other})
    assert remedies_of(line, ARGUMENTS) == [{"separator": mark}]
    assert walk(path, {"labels": "labels", "separator": other}, refusal=typed_refusal) == []


def test_the_advice_of_what_is_said_wrongly_leads_on():
    table = texts(";".join)
    for said in (
        {"labels_format": "jsonn"},
        {"labels_format": "json"},
        {"labels_format": "columns"},
        {"missing": ["none"]},
        {"empty": ["no"]},
    ):
        assert walk(table, {"labels": "y", **said}) == []
