from __future__ import annotations

import json

import polars as pl
import pytest
from typer.testing import CliRunner

from labelscope import DataError, Dataset
from labelscope.cli.app import app


@pytest.fixture
def files(tmp_path):
    table, rules = tmp_path / "new.csv", tmp_path / "rules.json"
    pl.DataFrame({"item_id": ["=a", "b", "c"], "text": ["win money", "hello", "money"], "labels": ["x", "y", "x"]}).write_csv(table)
    told = [{"name": "money", "label": "spam", "words": ["money"]}, {"name": "both", "label": "spam", "query": "text:win"}]
    rules.write_text(json.dumps({"labelscope_rules": 1, "rules": told}))
    return table, rules


@pytest.mark.parametrize("name", ["votes.csv", "votes.parquet"])
def test_rules_are_applied_to_a_new_table(files, name):
    table, rules = files
    out = table.with_name(name)
    done = CliRunner().invoke(app, ["rules", "apply", str(table), "--rules", str(rules), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "3 votes of 2 rules on 2 of 3 items" in done.output
    votes = pl.read_csv(out) if name.endswith("csv") else pl.read_parquet(out)
    assert votes["rater"].to_list() == ["money", "money", "both"]
    assert votes["item_id"][0] == ("'=a" if name.endswith("csv") else "=a")


def test_a_query_on_another_label_takes_the_labels(files):
    table, rules = files
    rules.write_text(json.dumps({"labelscope_rules": 1, "rules": [{"name": "r", "label": "y", "query": "x"}]}))
    out = table.with_name("votes.parquet")
    asked = ["rules", "apply", str(table), "--rules", str(rules), "--out", str(out), "--labels", "labels", "--id", "item_id"]
    asked += ["--labels-format", "single"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert pl.read_parquet(out)["item_id"].to_list() == ["=a", "c"]


def test_the_table_is_never_written_over(files):
    table, rules = files
    done = CliRunner().invoke(app, ["rules", "apply", str(table), "--rules", str(rules), "--out", str(table)])
    assert isinstance(done.exception, DataError)
    assert pl.read_csv(table).height == 3


def test_no_file_of_a_table_in_several_is_written_over(files, tmp_path):
    rules = files[1]
    rules.write_text(json.dumps({"labelscope_rules": 1, "rules": [{"name": "money", "label": "x", "words": ["money"]}]}))
    folder = tmp_path / "parts"
    folder.mkdir()
    for name in ("a.csv", "b.csv"):
        pl.DataFrame({"id": [name], "text": ["money"], "labels": ["x;y"]}).write_csv(folder / name)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    asked = ["rules", "apply", str(folder / "*.csv"), "--rules", str(rules), "--labels", "labels", "--id", "id"]
    done = CliRunner().invoke(app, [*asked, "--out", str(folder / "a.csv")])
    assert "the input is never overwritten" in str(done.exception)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_another_kind_of_file_is_refused(files):
    table, rules = files
    done = CliRunner().invoke(app, ["rules", "apply", str(table), "--rules", str(rules), "--out", "votes.txt"])
    assert "ends in .csv or .parquet" in str(done.exception)


def test_votes_written_are_votes_read(files):
    table, rules = files
    out = table.with_name("votes.parquet")
    CliRunner().invoke(app, ["rules", "apply", str(table), "--rules", str(rules), "--out", str(out)])
    ds = Dataset.from_arrays([[1], [0], [1]], label_names=["spam"], item_ids=["=a", "b", "c"], votes=pl.read_parquet(out))
    assert len(ds.votes.values) == 3
