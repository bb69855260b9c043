"""Edits of the label set from the ledger to the file: applied, undone, replayed by another process, exported in every format."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import labelscope as ls
from labelscope.cli.app import app
from labelscope.errors import DataError

TABLE = pl.DataFrame({"id": [10, 20, 30, 40], "text": ["=1+1", "two, words", 'say "hi"', ""], "tags": [["b", "a"], ["c"], [], None]})
COLUMNS = pl.DataFrame({"id": [1, 2, 3], "cat": [1, 0, None], "dog": [0, 1, 1], "note": ["x, y", "007", None]})


def joined(table):
    return table.with_columns(pl.col("tags").list.join("; "))


LISTS = {
    "t.parquet": TABLE.write_parquet,
    "t.arrow": TABLE.write_ipc,
    "t.jsonl": TABLE.write_ndjson,
    "t.csv": joined(TABLE).write_csv,
}
INDICATORS = {
    "t.parquet": COLUMNS.write_parquet,
    "t.arrow": COLUMNS.write_ipc,
    "t.jsonl": COLUMNS.write_ndjson,
    "t.csv": COLUMNS.write_csv,
    "t.tsv": lambda path: COLUMNS.write_csv(path, separator="\t"),
}


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("name", LISTS)
def test_labels_that_came_and_went_are_in_the_lists(name, tmp_path):
    path = tmp_path / name
    LISTS[name](path)
    ds = ls.read(path, labels="tags", id="id", unlisted="unknown")
    session = ls.Session(ds, reviewer="ann")
    session.apply(ls.LabelEdit.new("owl", [20, 40]))
    session.apply(ls.LabelEdit.rename("a", "ant"))
    session.apply(ls.LabelEdit.merge("c", "b", reason="one thing"))
    session.edit(10, "owl", 1)
    done = session.export(tmp_path / f"out{path.suffix}")
    again = ls.read(done.path, labels="tags", id="id", unlisted="unknown")
    assert set(again.label_names) == {"ant", "b", "owl"}
    now = session.corrected
    order = [now.label_position(label) for label in again.label_names]
    assert again.labels.dense().tolist() == now.labels.dense()[:, order].tolist()
    assert again.source.table.drop("tags").equals(ds.source.table.drop("tags"))
    told = lines(done.labels_path)
    assert [(line["action"], line["label"], line["into"]) for line in told] == [
        ("new", None, ["owl"]), ("rename", "a", ["ant"]), ("merge", "c", ["b"]),
    ]  # fmt: skip
    assert told[2]["reason"] == "one thing"
    assert told[2]["reviewer"] == "ann"
    sources = {(line["item_id"], line["label"]): line["source"] for line in lines(done.changes_path)}
    assert sources[10, "owl"] == "review"
    assert sources[20, "owl"] == sources[20, "b"] == sources[20, "c"] == "label set"
    assert "3 edits of the label set: see" in str(done)


@pytest.mark.parametrize("name", INDICATORS)
def test_labels_that_came_and_went_are_columns(name, tmp_path):
    path = tmp_path / name
    INDICATORS[name](path)
    ds = ls.read(path, labels=["cat", "dog"], id="id")
    session = ls.Session(ds, reviewer="ann")
    session.apply(ls.LabelEdit.new("owl", [3]))
    session.apply(ls.LabelEdit.split("dog", {"pug": [2], "dane": [3]}, parent="goes"))
    done = session.export(tmp_path / f"out{path.suffix}")
    again = ls.read(done.path, labels=["cat", "owl", "pug", "dane"], id="id")
    assert again.labels.dense().tolist() == session.corrected.labels.dense().tolist() == [[1, -1, 0, 0], [0, -1, 1, 0], [-1, 1, 0, 1]]
    assert again.source.table.columns == ["id", "cat", "owl", "pug", "dane", "note"]
    assert again.source.table.select("id", "cat", "note").equals(ds.source.table.select("id", "cat", "note"))
    assert done.unwritten.is_empty()
    if path.suffix == ".csv":
        assert done.path.read_text() == 'id,cat,owl,pug,dane,note\n1,1,,0,0,"x, y"\n2,0,,1,0,007\n3,,1,0,1,\n'


def test_a_csv_keeps_its_bytes_where_no_column_came_or_went(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b'\xef\xbb\xbfid,"cat",dog\r\n"1",1, 0\r\n\r\n2,0,1\r\n')
    session = ls.Session(ls.read(path, labels=["cat", "dog"], id="id"), reviewer="ann")
    session.apply(ls.LabelEdit.new("owl", [2]))
    out = session.export(tmp_path / "out.csv").path
    assert out.read_bytes() == b'\xef\xbb\xbfid,"cat",dog,owl\r\n"1",1, 0,\r\n\r\n2,0,1,1\r\n'


def test_what_a_list_cannot_say_is_said(tmp_path):
    path = tmp_path / "t.csv"
    joined(TABLE).write_csv(path)
    session = ls.Session(ls.read(path, labels="tags", id="id"), reviewer="ann")  # what is not listed is negative
    session.apply(ls.LabelEdit.new("owl", [20]))
    done = session.export(tmp_path / "out.csv")
    left = done.unwritten.filter(label="owl")
    assert left.select("item_id", "expected", "written").rows() == [(10, -1, 0), (30, -1, 0), (40, -1, 0)]
    assert "3 values cannot be stored in this format" in str(done)


def test_ids_and_categories_have_room_for_a_new_label(tmp_path):
    table = pl.DataFrame({"tags": [[0, 1], [1]]})
    session = ls.Session(ls.read(table, labels="tags", label_names=["cat", "dog"]), ledger=tmp_path / "a.sqlite", reviewer="ann")
    session.apply(ls.LabelEdit.new("owl", [0]))
    done = session.export(tmp_path / "ids.parquet")
    assert pl.read_parquet(done.path)["tags"].to_list() == [[0, 1, 2], [1]]
    assert lines(done.labels_path)[0]["written_as"] == ["2"]
    table = pl.DataFrame({"tags": [["cat"], ["dog"]]}, schema={"tags": pl.List(pl.Enum(["cat", "dog"]))})
    session = ls.Session(ls.read(table, labels="tags"), ledger=tmp_path / "b.sqlite", reviewer="ann")
    session.apply(ls.LabelEdit.new("owl", [0]))
    kept = pl.read_parquet(session.export(tmp_path / "enum.parquet").path)["tags"]
    assert kept.to_list() == [["cat", "owl"], ["dog"]]
    assert kept.dtype == pl.List(pl.Enum(["cat", "dog", "owl"]))


def test_undo_takes_the_whole_edit_back_and_the_export_is_the_input(tmp_path):
    path = tmp_path / "t.csv"
    joined(TABLE).write_csv(path)
    session = ls.Session(ls.read(path, labels="tags", id="id"), reviewer="ann")
    given = session.labels.dense()
    session.apply(ls.LabelEdit.merge("a", "b"))
    session.apply(ls.LabelEdit.new("owl", [20]))
    undone = session.undo()
    assert (undone.label, session.label_names) == ("owl", ("b", "c"))
    session.undo()
    assert session.undo() is None
    done = session.export(tmp_path / "out.csv")
    assert done.path.read_bytes() == path.read_bytes()
    assert (done.labels_path, done.n_changes) == (None, 0)
    assert (session.labels.dense() == given).all()
    assert session.label_edits["undone"].to_list() == [True, True]
    session.redo()
    assert session.label_names == ("b", "c")


def test_edits_outlive_a_killed_process(tmp_path):
    path = tmp_path / "t.csv"
    joined(TABLE).write_csv(path)
    script = (
        "import os, labelscope as ls\n"
        f"session = ls.Session(ls.read({str(path)!r}, labels='tags', id='id'), reviewer='ann')\n"
        "session.apply(ls.LabelEdit.new('owl', [20]))\n"
        "session.edit(10, 'owl', 0)\n"
        "session.apply(ls.LabelEdit.merge('a', 'b'))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", script], env={**os.environ, "LABELSCOPE_CACHE": "off"}, check=False)
    session = ls.Session(ls.read(path, labels="tags", id="id"), reviewer="ann")
    assert session.label_names == ("b", "c", "owl")
    now = session.corrected
    assert now.labels.columns(np.array([now.label_position("owl")]))[:, 0].tolist() == [0, 1, -1, -1]
    assert session.label_edits["undone"].to_list() == [False, False]


def test_labels_that_went_take_no_decision(tmp_path):
    ds = ls.Dataset.from_arrays([["a"], ["b"], ["a", "b"]])
    session = ls.Session(ds, ledger=tmp_path / "l.sqlite", reviewer="ann")
    session.apply(ls.LabelEdit.merge("a", "b"))
    with pytest.raises(DataError, match="got 'a', which went into 'b'; use that, or undo the merge"):
        session.edit(1, "a", 1)
    with pytest.raises(DataError, match="got 'a', which went into 'b'"):
        session.preview(ls.LabelEdit.new("a", [1]))
    with pytest.raises(DataError, match="expected one of the 2 label names, got 'owl'"):
        session.edit(1, "owl", 1)
    assert session.decisions.is_empty()
    assert session.state(0, "b") == 1


def test_edits_are_no_verdicts_on_cells(tmp_path):
    ds = ls.Dataset.from_arrays([["a"], ["b"], ["a", "b"]], probabilities=np.full((3, 2), 0.5))
    session = ls.Session(ds, ledger=tmp_path / "l.sqlite", reviewer="ann")
    session.apply(ls.LabelEdit.merge("a", "b"))
    assert session.decisions.is_empty()
    assert session.changes.select("item_id", "label", "before", "after", "source").rows() == [
        (0, "b", 0, 1, "label set"), (0, "a", 1, 0, "label set"), (2, "a", 1, 0, "label set"),
    ]  # fmt: skip


def test_the_command_line_exports_the_label_set(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "t.csv"
    pl.DataFrame(
        {"text": [f"word{k % 7} item {k}" for k in range(60)], "tags": [("a", "b", "a;b")[k] for k in rng.integers(0, 3, 60)]}
    ).write_csv(path)
    run = CliRunner()
    scanned = run.invoke(app, ["scan", str(path), "--labels", "tags", "--text", "text", "--out", str(tmp_path / "scan")])
    assert scanned.exit_code == 0, scanned.output
    session = ls.Session(ls.read(path, labels="tags", text="text"), reviewer="ann")
    session.apply(ls.LabelEdit.rename("a", "ant"))
    session.close()
    done = run.invoke(app, ["export", str(tmp_path / "scan"), "--to", str(tmp_path / "out.csv")])
    assert done.exit_code == 0, done.output
    assert "1 edit of the label set" in " ".join(done.output.split())
    given = pl.read_csv(path)["tags"].str.split(";").list.eval(pl.element().replace("a", "ant")).list.sort()
    assert pl.read_csv(tmp_path / "out.csv")["tags"].str.split(";").list.sort().to_list() == given.to_list()
