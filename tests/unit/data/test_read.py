"""Reading: the parts of a data set from files and frames, and every bad input in one clear line."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import labelscope as ls

TABLE = pl.DataFrame({"item_id": ["a", "b", "c"], "text": ["x", "y", "z"], "tags": [["cat", "dog"], ["dog"], None]})
STATES = [[1, 1], [0, 1], [-1, -1]]


@pytest.mark.parametrize("frame", [TABLE, TABLE.lazy(), TABLE.to_pandas(), TABLE.to_arrow()], ids=["polars", "lazy", "pandas", "arrow"])
def test_any_frame(frame):
    ds = ls.read(frame, labels="tags", text="text")
    assert ds.labels.dense().tolist() == STATES
    assert (ds.source.format, ds.items.columns) == ("frame", ["item_id", "text"])


def test_any_file(tmp_path):
    TABLE.write_parquet(tmp_path / "t.parquet")
    TABLE.write_ipc(tmp_path / "t.arrow")
    TABLE.write_ndjson(tmp_path / "t.jsonl")
    TABLE.with_columns(pl.col("tags").list.join(";")).with_columns(pl.col("tags").fill_null("")).write_csv(tmp_path / "t.txt")
    for name in ("t.parquet", "t.arrow", "t.jsonl"):
        assert ls.read(tmp_path / name, labels="tags").labels.dense().tolist() == STATES
    ds = ls.read(str(tmp_path / "t.txt"), labels="tags", format="csv")
    assert ds.labels.dense().tolist() == [[1, 1], [0, 1], [0, 0]]
    assert ds.source.path == tmp_path / "t.txt"


def test_pandas_nan_in_a_label_column_is_unknown():
    frame = pd.DataFrame({"y": [1.0, None], "z": [1.0, 0.0]})
    assert ls.read(frame, labels=["y", "z"]).labels.dense().tolist() == [[1, 1], [-1, 0]]


def test_csv_gets_types_where_nothing_is_lost(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("id,code,x,text,big,tags\n1,007,1.5,12,12345678901234567890,a\n2,008,2,13,12345678901234567891,b\n")
    ds = ls.read(path, labels="tags", id="id", text="text")
    assert ds.item_ids.dtype == pl.Int64
    assert ds.items.schema == {
        "item_id": pl.Int64, "id": pl.Int64, "code": pl.String, "x": pl.Float64, "text": pl.String, "big": pl.String
    }  # fmt: skip
    assert set(ds.source.table.dtypes) == {pl.String}


def test_rows_are_numbered_without_an_id():
    assert ls.read(pl.DataFrame({"tags": ["a", "b"]}), labels="tags").item_ids.to_list() == [0, 1]


def test_companions_from_files(tmp_path):
    np.save(tmp_path / "e.npy", np.ones((3, 4), np.float16))
    np.save(tmp_path / "p.npy", np.full((3, 2), 0.5))
    pl.DataFrame({"item_id": ["a"], "rater": [1], "label": ["cat"], "value": [1]}).write_csv(tmp_path / "v.csv")
    (tmp_path / "names.txt").write_text("dog\ncat\n")
    (tmp_path / "tree.json").write_text(json.dumps({"dog": {"cat": {}}}))
    ds = ls.read(
        TABLE, labels="tags", embeddings=tmp_path / "e.npy", probabilities=str(tmp_path / "p.npy"), votes=tmp_path / "v.csv",
        taxonomy=tmp_path / "tree.json", label_names=tmp_path / "names.txt",
    )  # fmt: skip
    assert isinstance(ds.embeddings, np.memmap)
    assert ds.label_names == ("dog", "cat")
    assert ds.votes.frame.row(0) == (0, 0, 1, 1)
    assert ds.taxonomy.edges.tolist() == [[0, 1]]
    assert json.loads(json.dumps(ds.source.options))["embeddings"] == str((tmp_path / "e.npy").resolve())


def test_a_label_name_in_a_file_ends_at_the_end_of_its_line_alone(tmp_path):
    names = ["dog\u2028s", "c\x0ba\x85t", "o\x1cwl"]
    (tmp_path / "names.txt").write_text("\n".join(names), encoding="utf-8")
    table = pl.DataFrame({"labels": [[0], [1], [2]]})
    assert list(ls.read(table, labels="labels", label_names=tmp_path / "names.txt").label_names) == names


TAXONOMIES = {
    "t.csv": "parent,child\ndog,cat\n",
    "pairs.json": '[["dog", "cat"]]',
    "objects.json": '[{"parent": "dog", "child": "cat"}]',
    "child.json": '{"cat": "dog"}',
    "parents.json": '{"cat": ["dog"]}',
    "named.json": '{"name": "dog", "children": [{"name": "cat"}]}',
}


@pytest.mark.parametrize("name", TAXONOMIES)
def test_taxonomies_from_files(tmp_path, name):
    (tmp_path / name).write_text(TAXONOMIES[name])
    assert ls.read(TABLE, labels="tags", taxonomy=tmp_path / name).taxonomy.edges.tolist() == [[1, 0]] or name == ""
    frame = pd.DataFrame({"parent": ["dog"], "child": ["cat"]})
    assert ls.read(TABLE, labels="tags", taxonomy=frame).taxonomy.edges.tolist() == [[1, 0]]


def test_a_label_on_every_item_is_legal():
    assert ls.read(pl.DataFrame({"tags": [["a", "b"], ["a"]]}), labels="tags").labels.n_positive.tolist() == [2, 1]


VOTE = {"rater": ["r"], "label": ["cat"], "value": [1]}
BAD = {
    "missing column": (TABLE, {"labels": "tgas"}, "labels: expected a column of the table, got 'tgas'; did you mean 'tags'"),
    "missing text": (TABLE, {"text": "nothing like it"}, "text: expected a column.*the table has 'item_id', 'text', 'tags'"),
    "missing id": (TABLE, {"id": "key"}, "id: expected a column"),
    "missing label column": (TABLE, {"labels": ["cat"]}, "labels: expected a column"),
    "no table": (5, {}, "table: expected a polars, pandas or Arrow frame, got int"),
    "mixed types": (pd.DataFrame({"tags": [["a"], "b"]}), {}, "columns of one type each"),
    "mixed list": (pd.DataFrame({"tags": [["a", 1]]}), {}, "columns of one type each"),
    "empty table": (TABLE.head(0), {}, "at least one item, got an empty table"),
    "no positive": (
        pl.DataFrame({"tags": [[], []]}, schema={"tags": pl.List(pl.String)}),
        {},
        "at least one label, got none.*label_names=",
    ),
    "all null": (pl.DataFrame({"tags": [None, None]}), {}, "at least one label, got none.*label_names="),
    "duplicate ids": (TABLE.with_columns(item_id=pl.lit("a")), {}, "unique ids, got 'a'"),
    "null ids": (TABLE.with_columns(item_id=pl.lit(None, dtype=pl.String)), {}, "no null, got 3"),
    "float ids": (TABLE.with_columns(item_id=pl.Series([1.0, 2.0, 3.0])), {}, "integers or strings, got Float64"),
    "numeric text": (TABLE.with_columns(text=pl.lit(1)), {"text": "text"}, "text: expected a column of text, got Int32"),
    "short embeddings": (TABLE, {"embeddings": np.ones((2, 4))}, r"embeddings: expected shape \(3, n_features\), got \(2, 4\)"),
    "NaN embeddings": (TABLE, {"embeddings": np.array([[1.0], [np.nan], [1.0]])}, "NaN or infinity in row 1"),
    "wide probabilities": (TABLE, {"probabilities": np.ones((3, 3))}, r"expected shape \(3, 2\)"),
    "logits": (TABLE, {"probabilities": np.full((3, 2), 2.0)}, r"values in \[0, 1\], got 2.0 at item 0"),
    "NaN probabilities": (TABLE, {"probabilities": np.full((3, 2), np.nan)}, r"values in \[0, 1\]"),
    "unknown voter item": (TABLE, {"votes": pl.DataFrame({"item_id": ["zz"], **VOTE})}, "known values in item_id, got 'zz'"),
    "votes without item": (TABLE, {"votes": pl.DataFrame(VOTE)}, "item_id is missing"),
    "cycle": (TABLE, {"taxonomy": [("cat", "dog"), ("dog", "cat")]}, "expected no cycle, got cat > dog > cat"),
    "strange taxonomy": (TABLE, {"taxonomy": {"cat": "animal"}}, "got 'animal'"),
    "taxonomy of something": (TABLE, {"taxonomy": 5}, "taxonomy: expected pairs .*, got 5"),
    "parents of something": (TABLE, {"taxonomy": {"cat": None}}, "taxonomy: expected pairs .*, got None"),
    "lists of votes": (TABLE, {"votes": pl.DataFrame({"item_id": ["a"], **VOTE, "value": [[1]]})}, "one value a row in value"),
    "ragged embeddings": (TABLE, {"embeddings": [[1], [1, 2], [3]]}, "rows of one length"),
    "repeated columns": (pd.DataFrame([[1, 2]], columns=["tags", "tags"]), {}, "frame with unique names"),
    "no labels": (TABLE, {"labels": None}, "name of a column or a list of names, got None"),
    "missing embeddings": (TABLE, {"embeddings": "nowhere.npy"}, "embeddings: expected an existing file, got nowhere.npy"),
    "other array": (TABLE, {"embeddings": __file__}, "expected a .npy file, got test_read.py"),
    "label names": (TABLE, {"label_names": 5}, "expected a list of names, a mapping or a file, got int"),
}


@pytest.mark.parametrize(("table", "options", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_one_clear_line(table, options, message):
    with pytest.raises(ls.DataError, match=message) as caught:
        ls.read(table, **{"labels": "tags", **options})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["nowhere.parquet", "nowhere.csv", "", "table.unknown"])
def test_no_file(tmp_path, name):
    if name == "table.unknown":
        (tmp_path / name).write_text("x")
    with pytest.raises(ls.DataError, match=r"expected (an existing file|the files of one table in the folder|one of \.parquet)"):
        ls.read(tmp_path / name, labels="tags")


def test_arrays_that_execute_code_are_never_loaded(tmp_path):
    np.save(tmp_path / "object.npy", np.array([{}, {}, {}], dtype=object), allow_pickle=True)
    (tmp_path / "pickle.npy").write_bytes(pickle.dumps([1, 2]))
    np.save(tmp_path / "short.npy", np.ones((3, 400)))
    (tmp_path / "short.npy").write_bytes((tmp_path / "short.npy").read_bytes()[:500])
    for name, message in {
        "object.npy": "never loaded",
        "pickle.npy": "never loaded",
        "short.npy": "expected a complete .npy file",
    }.items():
        with pytest.raises(ls.DataError, match=message) as caught:
            ls.read(TABLE, labels="tags", embeddings=tmp_path / name)
        assert "\n" not in str(caught.value)


def test_an_unreadable_cell_of_a_csv_id_is_missing(tmp_path):
    (tmp_path / "t.csv").write_text("item_id,tags\n1,a\n,b\n")
    with pytest.raises(ls.DataError, match="item ids: expected no null"):
        ls.read(tmp_path / "t.csv", labels="tags")


def test_arrow_tables_with_mixed_chunks():
    table = pa.concat_tables([TABLE.to_arrow(), TABLE.with_columns(item_id=pl.col("item_id") + "2").to_arrow()])
    assert ls.read(table, labels="tags").labels.dense().tolist() == STATES * 2


@pytest.mark.shared_data
def test_comments(shared_data):
    ds = ls.read(
        shared_data / "goemotions" / "comments.parquet", labels="labels", text="text", taxonomy=None,
    )  # fmt: skip
    assert (ds.n_items, ds.n_labels, ds.labels.has_unknown) == (54263, 28, False)
    findings = ls.read(shared_data / "nih_cxr14_experts" / "nih_all_given.parquet", labels=["Mass", "Edema"])
    assert findings.labels.shape == (112120, 2)
