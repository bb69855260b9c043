"""Labels without anything to learn from are scanned, reported, exported and published, and what is missing is said once."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.cli.export import export
from labelscope.cli.publish import publish
from labelscope.cli.report import report
from labelscope.cli.scan import scan
from labelscope.stats.equal_rows import equal_rows

REMEDY = "this data set has no embeddings, text, image, features or probabilities to learn from. Give one of them."
CONTRACT = {
    "summary.json", "labels.parquet", "cells.parquet", "items.parquet", "suggestions.parquet", "pseudo_labels.parquet",
    "cooccurrence.parquet", "relations.parquet", "report.html",
}  # fmt: skip


@pytest.fixture(scope="module", params=["one column", "all unknown"])
def scanned(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("alone")
    table = folder / "table.csv"
    if request.param == "one column":
        table.write_text("id,labels\n" + "".join(f"i{k},{'cat;animal' if k % 3 else 'dog;animal'}\n" for k in range(30)))
        labels = ["labels"]
    else:
        table.write_text("id,x,y\n" + "".join(f"i{k},,\n" for k in range(30)))
        labels = ["x", "y"]
    scan(table, labels=labels, id="id", out=folder / "out")
    return table, folder / "out"


def test_a_scan_of_labels_alone_writes_every_file_and_says_what_was_skipped(scanned):
    _, out = scanned
    assert {path.name for path in out.iterdir()} >= CONTRACT
    summary = json.loads((out / "summary.json").read_text())
    assert set(summary["skipped"]) == {
        "embed", "first_map", "predict", "find_issues", "suggest", "pseudo_label", "embedding_quality", "map",
    }  # fmt: skip
    assert summary["skipped"]["suggest"].endswith(REMEDY)
    assert summary["counts"]["suggestions"] is None
    assert summary["counts"]["flagged_missing"] is None


def test_the_report_says_what_is_missing_once_and_has_no_empty_chapter(scanned):
    _, out = scanned
    page = (out / "report.html").read_text()
    missing = {"suggestions": "Suggestions: ", "cells": "Suspicious cells: ", "map": "Map: "}
    for chapter, line in missing.items():
        assert f'id="{chapter}"' not in page
        assert page.count(f"<li>{line}this data set has no ") == 1
    assert 'id="cooccurrence"' in page
    assert ">nan<" not in page


def test_report_publish_and_export_take_such_a_folder(scanned, tmp_path):
    table, out = scanned
    report(out, to=tmp_path / "again.html")
    assert f"Suggestions: {REMEDY}" in (tmp_path / "again.html").read_text()
    publish(out, out=tmp_path / "page.html")
    assert f"No suggestions: {REMEDY}" in (tmp_path / "page.html").read_text()
    export(out, to=tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_bytes() == table.read_bytes()


def test_empty_tables_have_the_columns_of_full_ones(scanned, tmp_path: Path):
    _, out = scanned
    rows = [{"id": f"i{k}", "labels": "cat;big" if k % 2 else "dog"} for k in range(60)]
    pl.DataFrame(rows).write_csv(tmp_path / "full.csv")
    vectors = tmp_path / "x.npy"
    np.save(vectors, np.asarray([[k % 2, k / 60, 1.0] for k in range(60)], np.float32))
    scan(tmp_path / "full.csv", labels=["labels"], id="id", embeddings=vectors, out=tmp_path / "full")
    for name in ("cells", "items", "suggestions", "batches", "pseudo_labels", "abstained", "labels"):
        empty, full = (pl.read_parquet_schema(folder / f"{name}.parquet") for folder in (out, tmp_path / "full"))
        assert empty == full, name


def test_a_table_without_any_known_cell_is_read_and_one_that_is_all_negative_is_refused():
    unknown = pl.DataFrame({"x": [None, None], "y": [None, None]}, schema={"x": pl.Int8, "y": pl.Int8})
    assert ls.read(unknown, labels=["x", "y"]).labels.n_unknown.tolist() == [2, 2]
    negative = pl.DataFrame({"x": [0, 0], "y": [0, 0]})
    with pytest.raises(ls.DataError, match="or give what nobody checked as -1 or null"):
        ls.read(negative, labels=["x", "y"])


def test_rows_that_are_equal_but_for_their_labels_and_what_raters_say_are_in_the_data_card(tmp_path):
    names = [f"n{k}" for k in range(20)] + ["n0", "n1"]
    rows = {"id": range(22), "name": names, "labels": ["a;b"] * 20 + ["b", "a;b"]}
    pl.DataFrame(rows).write_csv(tmp_path / "table.csv")
    votes = [(k, rater, "a", int(k % 2 or rater == "ann")) for k in range(20) for rater in ("ann", "bo")]
    pl.DataFrame(votes, schema=["item_id", "rater", "label", "value"], orient="row").write_csv(tmp_path / "votes.csv")
    scan(tmp_path / "table.csv", labels=["labels"], id="id", votes=tmp_path / "votes.csv", out=tmp_path / "out")
    assert pl.read_parquet(tmp_path / "out/equal_rows.parquet").rows() == [([0, 20], 2, 2), ([1, 21], 2, 1)]
    card = json.loads((tmp_path / "out/nutrition_label.json").read_text())["sections"]
    assert card["Splits and duplicates"]["rows equal but for their labels"]["value"] == "2 groups, 1 with different labels"
    assert card["Raters"]["agreement"]["value"].startswith("Agreement of 2 raters over 1 labels")


def test_columns_that_do_not_tell_items_apart_make_no_equal_rows():
    ds = ls.Dataset.from_arrays([["a"], ["b"]] * 5, items=pl.DataFrame({"split": ["train", "test"] * 5}))
    assert not equal_rows(ds).frame.height


def test_the_figures_of_labels_that_nobody_gave_are_no_warning():
    ds = ls.Dataset.from_arrays([[-1, -1], [0, -1]])
    assert ls.long_tail(ds).frame["n_positive"].to_list() == [0, 0]
    assert "none" in ls.nutrition_label(ds).to_markdown()
