"""Exports: the table with only the changed cells changed, the changes beside it, and nothing half-written."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from datetime import datetime, timezone
from functools import partial

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.export.corrected import export_labels

TABLE = pl.DataFrame({"item_id": [10, 20, 30], "text": ["=1+1", "-2", 'say "hi", <b>'], "tags": [["b", "a"], ["c"], None]})
NOTHING = pl.DataFrame()


def changes(*cells):
    """Changes of (item, label, before, after)."""
    return pl.DataFrame(list(cells), schema=["item_id", "label", "before", "after"], orient="row")


def joined():
    return TABLE.with_columns(pl.col("tags").list.join("; ").fill_null(""))


WRITERS = {
    "t.parquet": TABLE.write_parquet,
    "t.arrow": TABLE.write_ipc,
    "t.jsonl": TABLE.write_ndjson,
    "t.csv": joined().write_csv,
    "t.tsv": partial(joined().write_csv, separator="\t"),
}


@pytest.fixture(params=WRITERS)
def source(request, tmp_path):
    path = tmp_path / request.param
    WRITERS[request.param](path)
    return path


def test_no_change_gives_an_equal_table(source):
    ds = ls.read(source, labels="tags")
    out = source.with_name(f"out{source.suffix}")
    done = export_labels(ds, NOTHING, out)
    again = ls.read(out, labels="tags")
    assert (done.n_changes, done.n_items) == (0, 0)
    assert again.source.table.equals(ds.source.table)
    assert again.source.table.schema == ds.source.table.schema
    assert again.fingerprint == ds.fingerprint
    assert done.changes_path.read_bytes() == b""
    if source.suffix in {".csv", ".tsv", ".jsonl"}:
        assert out.read_bytes() == source.read_bytes()


def test_only_the_changed_cells_differ(source):
    ds = ls.read(source, labels="tags")
    out = source.with_name(f"out{source.suffix}")
    done = export_labels(ds, changes((20, "a", 0, 1), (10, "b", 1, 0)), out)
    again = ls.read(out, labels="tags", label_names=ds.label_names)
    assert again.labels.dense().tolist()[:2] == [[1, 0, 0], [1, 0, 1]]
    assert again.source.table.drop("tags").equals(ds.source.table.drop("tags"))
    assert again.source.table.schema == ds.source.table.schema
    assert (done.n_changes, done.n_items, done.unwritten.height) == (2, 2, 0)
    assert (done.n_added, done.n_removed) == (1, 1)
    assert str(done) == f"{out}: 2 cells changed, 1 labels added, 1 removed"
    lines = [json.loads(line) for line in done.changes_path.read_text().splitlines()]
    assert [(line["item_id"], line["label"], line["before"], line["after"]) for line in lines] == [(10, "b", 1, 0), (20, "a", 0, 1)]
    assert list(lines[0]) == ["item_id", "label", "before", "after", "reviewer", "time", "suggestion_id", "source", "reason"]


def test_the_changes_say_who_when_and_why(tmp_path):
    ds = ls.read(TABLE, labels="tags")
    frame = changes(("20", "a", 0, 1)).with_columns(
        reviewer=pl.lit("<ann>"),
        time=pl.lit(datetime(2025, 1, 2, tzinfo=timezone.utc)),
        suggestion_id=pl.lit("s1"),
        source=pl.lit("review"),
    )
    done = export_labels(ds, frame, tmp_path / "out.parquet")
    assert json.loads(done.changes_path.read_text()) == {
        "item_id": 20, "label": "a", "before": 0, "after": 1, "reviewer": "<ann>", "time": "2025-01-02T00:00:00.000000Z",
        "suggestion_id": "s1", "source": "review", "reason": None,
    }  # fmt: skip


def test_the_last_change_of_a_cell_counts_and_changes_back_change_nothing(tmp_path):
    ds = ls.read(TABLE, labels="tags")
    done = export_labels(ds, changes((10, "a", 1, 0), (10, "a", 0, 1)), tmp_path / "out.parquet")
    assert (done.n_changes, done.n_items) == (2, 0)
    assert pl.read_parquet(done.path).equals(TABLE)


def test_what_the_table_cannot_say_is_reported(tmp_path):
    ds = ls.read(TABLE, labels="tags")
    done = export_labels(ds, changes((10, "a", 1, -1), (30, "b", -1, 1)), tmp_path / "out.parquet")
    assert pl.read_parquet(done.path)["tags"].to_list() == [["b"], ["c"], ["b"]]
    assert done.unwritten.rows() == [(10, "a", -1, 0), (30, "a", -1, 0), (30, "c", -1, 0)]


def test_from_one_format_to_another(source):
    ds = ls.read(source, labels="tags")
    for suffix in (".parquet", ".arrow", ".jsonl", ".csv", ".tsv"):
        out = source.with_name(f"other{suffix}")
        export_labels(ds, changes((10, "b", 1, 0)), out)
        again = ls.read(out, labels="tags", label_names=ds.label_names)
        assert again.labels.dense()[:2].tolist() == [[1, 0, 0], [0, 0, 1]]
        assert again.items["text"].to_list() == ds.items["text"].to_list()
        if suffix in (".csv", ".tsv"):  # a new file for people to open: no cell of it is a formula
            assert ("'=1+1" in out.read_text(encoding="utf-8")) == (source.suffix != suffix)


def test_formulas_are_kept_unless_asked_for(tmp_path):
    joined().write_csv(tmp_path / "t.csv")
    ds = ls.read(tmp_path / "t.csv", labels="tags")
    export_labels(ds, NOTHING, tmp_path / "exact.csv")
    export_labels(ds, NOTHING, tmp_path / "safe.csv", escape_formulas=True)
    assert pl.read_csv(tmp_path / "exact.csv")["text"][0] == "=1+1"
    assert pl.read_csv(tmp_path / "safe.csv")["text"].to_list() == ["'=1+1", "-2", 'say "hi", <b>']


def test_a_new_csv_is_safe_to_open(tmp_path):
    evil = '=HYPERLINK("http://evil.example", "x")'
    items = pl.DataFrame({"item_id": [evil, "@SUM(1)", "-2.5"], "=cmd()": ["+1", "+x", None], "text": ["-x", "a", "\t=1"]})
    ds = ls.Dataset.from_arrays([[evil], ["b"], []], items=items)
    done = export_labels(ds, changes((evil, "b", 0, 1)), tmp_path / "new.csv")
    assert "an apostrophe before 6 texts" in str(done)
    with (tmp_path / "new.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+-@\t\r") and cell not in ("+1", "-2.5")]
    assert rows[1][0] == f"'{evil}"
    again = ls.read(tmp_path / "new.csv", labels="labels", label_names=ds.label_names)
    assert again.labels.dense().tolist() == [[1, 1], [0, 1], [0, 0]]
    assert again.item_ids.to_list() == [evil, "@SUM(1)", "-2.5"]
    assert again.items["=cmd()"].to_list() == items["=cmd()"].to_list()


def test_a_data_set_from_arrays(tmp_path):
    ds = ls.Dataset.from_arrays([[1, 0], [0, -1]], label_names=["a", "b"], item_ids=["x", "y"])
    export_labels(ds, changes(("x", "b", 0, 1)), tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet").rows() == [("x", ["a", "b"], []), ("y", [], ["b"])]
    export_labels(ds, changes(("y", "b", -1, 0)), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == 'item_id,labels\nx,"[""a""]"\ny,[]\n'


def test_one_column_a_label(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("id,x,y\r\n1,1,0\r\n2,,1\r\n3,0,\r\n")
    ds = ls.read(path, labels=["x", "y"], id="id")
    done = export_labels(ds, changes((1, "y", 0, -1), (2, "x", -1, 0), (3, "y", -1, 1)), tmp_path / "out.csv")
    assert done.path.read_bytes() == b"id,x,y\r\n1,1,\r\n2,0,1\r\n3,0,1\r\n"
    assert done.unwritten.is_empty()


BAD = [
    (changes((99, "a", 0, 1)), "expected values of item_id that the data set has, got 99"),
    (changes((10, "zz", 0, 1)), "values of label that the data set has, got 'zz'"),
    (changes((10, "a", 0, 2)), "states 1, 0 and -1 in 'after'"),
    (pl.DataFrame({"item_id": [10]}), "got no 'label'"),
]


@pytest.mark.parametrize(("frame", "message"), BAD)
def test_changes_of_something_else_are_refused(tmp_path, frame, message):
    with pytest.raises(ls.DataError, match=message):
        export_labels(ls.read(TABLE, labels="tags"), frame, tmp_path / "out.parquet")
    assert not list(tmp_path.iterdir())


def test_the_input_is_never_overwritten(source):
    before = source.read_bytes()
    ds = ls.read(source, labels="tags")
    link = source.with_name(f"link{source.suffix}")
    link.symlink_to(source)
    for target in (source, source.parent / "." / source.name, link):
        with pytest.raises(ls.DataError, match="another file than the input"):
            export_labels(ds, NOTHING, target)
    assert source.read_bytes() == before


def test_a_place_that_cannot_be_written(tmp_path):
    ds = ls.read(TABLE, labels="tags")
    (tmp_path / "file").write_text("x")
    for target, message in {
        "no/out.parquet": "no such folder",
        "file/out.parquet": "no such folder",
        "x" * 300 + ".csv": "too long",
    }.items():
        with pytest.raises(ls.DataError, match=message) as caught:
            export_labels(ds, NOTHING, tmp_path / target)
        assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_an_earlier_export_survives_a_failed_one(tmp_path):
    ds = ls.read(TABLE.with_columns(raw=pl.lit(b"x")), labels="tags")
    (tmp_path / "out.csv").write_text("earlier")
    with pytest.raises(ls.DataError, match=r"export to \.parquet"):
        export_labels(ds, NOTHING, tmp_path / "out.csv")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"out.csv": "earlier"}


FULL = """
import resource, sys
import numpy as np, polars as pl
import labelscope as ls
from labelscope.export.corrected import export_labels
table = pl.DataFrame({"x": np.random.default_rng(0).random(50_000), "tags": [["a"], []] * 25_000})
ds = ls.read(table, labels="tags")
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
for suffix in ("parquet", "arrow", "csv", "jsonl"):
    try:
        export_labels(ds, pl.DataFrame(), f"{sys.argv[1]}/out.{suffix}")
    except ls.DataError as error:
        print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_a_disk_without_room_leaves_nothing_behind(tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    run = subprocess.run([sys.executable, "-c", FULL, tmp_path], capture_output=True, text=True, env=environment, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("the file would be too large for this disk") == run.stdout.count("\n") == 4
    assert not list(tmp_path.iterdir())


@pytest.mark.shared_data
def test_comments_come_back_as_they_were(shared_data, tmp_path):
    path = shared_data / "goemotions" / "comments.parquet"
    ds = ls.read(path, labels="labels", text="text")
    export_labels(ds, NOTHING, tmp_path / "same.parquet")
    assert pl.read_parquet(tmp_path / "same.parquet").equals(pl.read_parquet(path))
    rng = np.random.default_rng(0)
    items, labels = rng.choice(ds.n_items, 500, replace=False), rng.integers(0, ds.n_labels, 500)
    before = ds.labels.states(items, labels)
    frame = pl.DataFrame({
        "item_id": ds.item_ids.gather(items), "label": pl.Series(ds.label_names).gather(labels), "before": before, "after": 1 - before
    })  # fmt: skip
    export_labels(ds, frame, tmp_path / "changed.parquet")
    again = ls.read(tmp_path / "changed.parquet", labels="labels", text="text")
    assert np.array_equal(again.labels.dense(), ds.labels.replace(items, labels, 1 - before).dense())
    assert again.items.equals(ds.items)
    untouched = np.setdiff1d(np.arange(ds.n_items), items)
    assert again.source.table[untouched].equals(ds.source.table[untouched])


@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
@pytest.mark.parametrize(
    "names", [("id|＝\n", 'cé"'), ("#note", "b"), ("\ufeffid", "b"), ("sep=;", "b"), ('"a"', "c,d"), ("a\r\nb", "\t"), ("a;b;c", " ")]
)
def test_a_written_csv_is_read_again_whatever_its_columns_are_called(tmp_path, suffix, names):
    given = pl.DataFrame({names[0]: ["#1", "2;3;4"], names[1]: ["x", None], "tags": ["a", "b"]})
    export_labels(ls.read(given, labels="tags"), NOTHING, tmp_path / f"out{suffix}")
    assert ls.read(tmp_path / f"out{suffix}", labels="tags").source.table.equals(given)


@pytest.mark.parametrize("given", [{"text": ["x\0y", "z"]}, {"te\0xt": ["x", "y"]}])
@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
def test_text_with_a_zero_byte_is_refused_before_a_csv_is_written(tmp_path, given, suffix):
    ds = ls.read(pl.DataFrame({**given, "tags": ["a", "b"]}), labels="tags")
    with pytest.raises(ls.DataError, match=r"got a zero byte in the column 'te.*; export to \.parquet"):
        export_labels(ds, NOTHING, tmp_path / f"out{suffix}")
    assert not list(tmp_path.iterdir())
    export_labels(ds, NOTHING, tmp_path / "out.jsonl")
    assert ls.read(tmp_path / "out.jsonl", labels="tags").source.table.equals(ds.source.table)
