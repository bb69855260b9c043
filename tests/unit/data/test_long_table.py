"""Long tables, one row an (item, label): gathered where that is said, refused with the call that does it where it is not."""

from __future__ import annotations

import polars as pl
import pytest

import labelscope as ls
from labelscope.errors import DataError, ReadingWarning

LONG = pl.DataFrame(
    {
        "image": ["p", "p", "p", "q", "q", "q", "r", "r", "r"],
        "name": ["a", "b", "c"] * 3,
        "sure": [1, 0, 1, 0, 1, 0, 0, 0, 1],
        "caption": ["x"] * 3 + ["y"] * 3 + ["z"] * 3,
    }
)
ONLY = LONG.filter(pl.col("sure") == 1).drop("sure")


SAID = [("cat", "accepted"), ("dog", "rejected")]
ROWS = [(f"p{k}", name, said, k / 50 + p / 7) for k in range(20) for p, (name, said) in enumerate(SAID)]
TOLD = pl.DataFrame(ROWS, schema=["picture_id", "label", "answer", "share"], orient="row")


@pytest.mark.parametrize("columns", [["picture_id", "label", "answer"], ["picture_id", "label", "share"], ["picture_id", "label"]])
def test_several_rows_of_an_id_that_nobody_named_are_asked_about(columns):
    with pytest.raises(DataError, match="pass id='picture_id' and labels_format='long' to gather the rows"):
        ls.read(TOLD.select(columns), labels="label")
    numbered = TOLD.select(columns).with_row_index("row_id")
    assert ls.read(numbered, labels="label", id="row_id").n_items == 40  # the other way out


def test_rows_that_a_text_or_another_id_tells_apart_are_items():
    told = TOLD.select("picture_id", "label", text=pl.format("text {}", pl.int_range(40)))
    assert ls.read(told, labels="label").n_items == 40


def test_rows_of_an_item_are_gathered_with_their_values():
    ds = ls.read(LONG, labels="name", id="image", values="sure", text="caption")
    assert (ds.item_ids.to_list(), ds.label_names) == (["p", "q", "r"], ("a", "b", "c"))
    assert ds.labels.dense().tolist() == [[1, 0, 1], [0, 1, 0], [0, 0, 1]]
    assert ds.items["caption"].to_list() == ["x", "y", "z"]


def test_a_label_without_a_row_is_unknown_where_others_are_said_to_be_absent():
    with pytest.warns(ReadingWarning, match="without a row in 'name' is read as unknown"):
        ds = ls.read(LONG.slice(1), labels="name", id="image", values="sure")
    assert ds.labels.dense().tolist() == [[-1, 0, 1], [0, 1, 0], [0, 0, 1]]


def test_rows_that_are_all_positive_need_no_values():
    ds = ls.read(ONLY, labels="name", id="image", labels_format="long")
    assert ds.labels.dense().tolist() == [[1, 0, 1], [0, 1, 0], [0, 0, 1]]


def test_a_gathered_table_is_exported_with_one_row_an_item(tmp_path):
    LONG.write_csv(tmp_path / "in.csv")
    ds = ls.read(tmp_path / "in.csv", labels="name", id="image", values="sure", text="caption")
    session = ls.Session(ds, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    session.edit("q", "a", 1)
    session.export(tmp_path / "out.csv")
    session.close()
    again = ls.read(tmp_path / "out.csv", labels=["a", "b", "c"], id="image")
    assert again.labels.dense().tolist() == [[1, 0, 1], [1, 1, 0], [0, 0, 1]]


ADVICE = [
    (LONG, {"text": "caption"}, r"pass id='image' and values='sure'"),
    (LONG, {"id": "image"}, r"pass values='sure'"),
    (LONG, {}, r"pass id='image' and values='sure'"),
    (ONLY, {"id": "image"}, r"labels_format='long'"),
    (ONLY, {"id": "image", "text": "caption"}, r"labels_format='long'"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "options", "advice"), ADVICE)
def test_a_long_table_that_is_not_named_so_is_refused(table, options, advice):
    with pytest.raises(ls.DataError, match=advice):
        ls.read(table, labels="name", **options)


def test_two_values_of_one_cell_are_refused():
    table = pl.concat([LONG, LONG.head(1).with_columns(sure=0).cast(LONG.schema)])
    with pytest.raises(ls.DataError, match=r"got different ones for 'a' of 'p'.*keep one of them"):
        ls.read(table, labels="name", id="image", values="sure")


def test_a_table_of_single_labels_with_groups_is_no_long_table():
    table = pl.DataFrame({"user": ["u", "u", "v", "v"] * 5, "kind": ["a", "a", "b", "a"] * 5, "text": [f"t{k}" for k in range(20)]})
    assert ls.read(table, labels="kind", text="text").n_items == 20
