"""``scan --fail-if``: what is read, what is refused, and the exit status."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.cli import app as cli
from labelscope.cli.conditions import Condition
from labelscope.cli.scan import figures_of

VALUES = {"a": 1.0, "b": 20.0, "c.d": 0.5}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("a < b", True),
        ("a>=1 and b != 20", False),
        ("a > 1 or b == 2e1", True),
        ("not a > 1", True),
        ("a > 1 and b > 1 or c.d <= .5", True),
        ("a > 1 and (b > 1 or c.d <= .5)", False),
        ("not (a == 1 or b == 1)", False),
        ("3 < b", True),
    ],
)
def test_conditions_are_read_as_they_are_meant(text, holds):
    assert Condition.parse(text).holds(VALUES) is holds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a name or a number, got 'the end'"),
        ("a", "expected one of < <= > >= == != after 'a', got 'the end'"),
        ("a > ", "expected a name or a number after 'a >'"),
        ("a > 1 b", "expected and, or, or the end after 'a > 1', got 'b'"),
        ("(a > 1", "expected a closing bracket"),
        ("a = 1", "got '= 1'"),
        ("__import__('os')", "expected names, numbers, comparisons, and, or, not, brackets"),
        ("a > 1; b", "got '; b'"),
        ("and > 1", "expected a name or a number, got 'and'"),
        ("(" * 60 + "a > 1" + ")" * 60, "at most 50 brackets"),
        ("not " * 60 + "a > 1", "at most 50 brackets"),
    ],
)
def test_what_is_no_condition_is_refused_in_one_line(text, message):
    with pytest.raises(ls.DataError, match=message) as refusal:
        Condition.parse(text)
    assert "\n" not in str(refusal.value)


def test_unknown_names_are_refused_with_those_that_there_are():
    with pytest.raises(ls.DataError, match="got 'sugestions'; did you mean suggestions\\? there are n_items, suggestions"):
        Condition.parse("sugestions > 1").check({"n_items": None, "suggestions": None})
    with pytest.raises(ls.DataError, match="got 'suggestions', which is not: no embeddings"):
        Condition.parse("suggestions > 1").check({"suggestions": "no embeddings"})


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conditions")
    rng = np.random.default_rng(0)
    pl.DataFrame({"id": range(60), "labels": ["a;b" if k % 3 else "a" for k in range(60)]}).write_csv(folder / "t.csv")
    np.save(folder / "x.npy", rng.normal(size=(60, 3)))
    return folder


def scan(monkeypatch, capsys, table, out, *words):
    command = ["labelscope", "scan", table / "t.csv", "--labels=labels", "--id=id", f"--out={out}", *words]
    monkeypatch.setattr("sys.argv", [str(word) for word in command])
    status = 0
    try:
        cli.main()
    except SystemExit as left:
        status = left.code or 0
    return status, capsys.readouterr().err


def test_the_exit_status_says_whether_it_holds_and_the_scan_is_there(table, monkeypatch, capsys, tmp_path):
    status, said = scan(monkeypatch, capsys, table, tmp_path / "one", "--fail-if", "n_items > 50 and cardinality > 1")
    assert status == 1
    assert said.splitlines()[-1].startswith("labelscope: --fail-if n_items > 50 and cardinality > 1: n_items is 60, cardinality is 1.6")
    assert (tmp_path / "one" / "report.html").is_file()
    status, _ = scan(monkeypatch, capsys, table, tmp_path / "two", "--fail-if", "n_items > 60")
    assert status == 0
    summary = json.loads((tmp_path / "two" / "summary.json").read_text())
    known = figures_of(ls.read(table / "t.csv", labels="labels", id="id"))
    assert {*summary["counts"], *summary["characteristics"]} == set(known) - {"seconds", "peak_memory_mib"}


@pytest.mark.parametrize("condition", ["n_item > 1", "n_items >", "suggestions > 3"])
def test_a_condition_that_cannot_be_told_leaves_nothing(table, monkeypatch, capsys, tmp_path, condition):
    status, said = scan(monkeypatch, capsys, table, tmp_path / "none", "--fail-if", condition)
    assert status == 2
    assert said.splitlines()[-1].startswith("labelscope: --fail-if: expected ")
    assert not (tmp_path / "none").exists()
