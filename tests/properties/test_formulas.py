"""What a spreadsheet would run is safe in a CSV, and comes back as it was, whatever the texts are."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import labelscope as ls
from labelscope.data.formats.formulas import escape_formulas, unescape_formulas
from labelscope.export.corrected import export_labels

TEXT = st.text(st.sampled_from("'=+-@\t\r\n ,;\"\ufeff＝1a"), max_size=6) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NAMES = st.text(st.sampled_from("'=+-@a1 "), min_size=1, max_size=5)
NOTHING = pl.DataFrame()
DANGEROUS = tuple("=+-@\t\r\n＝＋－＠")


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.isascii() and text.strip() == text


@given(st.lists(TEXT | st.none(), min_size=1), st.lists(NAMES, min_size=1, max_size=4, unique=True))
@example(["=a", "'=a", "''=a", "'a", "-2.5", "'-2.5"], ["=x", "'=x"])
@settings(deadline=None)
def test_escaping_is_undone_and_keeps_texts_apart(texts, names):
    table = pl.DataFrame(dict.fromkeys(names, texts), schema=dict.fromkeys(names, pl.String))
    safe, escapes = escape_formulas(table)
    for text in (*safe.columns, *(text for text in safe.to_series() if text is not None)):
        assert not text.lstrip("\ufeff").startswith(DANGEROUS) or is_number(text)
    again = unescape_formulas(safe, escapes) if escapes.height else safe
    assert again.equals(table)
    assert again.columns == table.columns
    assert safe.to_series().n_unique() == table.to_series().n_unique()


@given(
    st.lists(TEXT.map(lambda text: text.replace("\0", "")).filter(str.strip), min_size=2, max_size=6, unique=True),
    st.sampled_from([".csv", ".tsv", ".csv.gz"]),
)
@example(["=a", "'=a", "''=a"], ".csv")
@example(["=a", "'=a", "''=a"], ".csv.gz")
@settings(deadline=None, max_examples=60)
def test_an_exported_table_is_read_as_it_was(ids, suffix):
    ids = [f"{text}|" for text in ids]  # no number: ids of a CSV that are numbers are read as numbers
    items = pl.DataFrame({"item_id": ids, "=col": ids, "col": ids})
    ds = ls.Dataset.from_arrays([["=x"], *[["y"]] * (len(ids) - 1)], items=items)
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / f"first{suffix}", Path(folder) / f"second{suffix}"
        export_labels(ds, NOTHING, first)
        again = ls.read(first, labels="labels", label_names=ds.label_names)
        assert again.fingerprint == ds.fingerprint
        assert again.items["=col"].to_list() == ids
        done = export_labels(again, NOTHING, second)  # in the format it came in: byte for byte, and read as it was again
        assert second.read_bytes() == first.read_bytes()
        assert ls.read(second, labels="labels", label_names=ds.label_names).fingerprint == ds.fingerprint
        assert done.n_escaped > 0
        plain = Path(folder) / f"plain{suffix}"
        assert export_labels(again, NOTHING, plain, escape_formulas=False).n_escaped == 0
        assert ls.read(plain, labels="labels", label_names=ds.label_names).fingerprint == ds.fingerprint


def test_a_changed_label_in_an_escaped_table_is_escaped_too(tmp_path):
    table = pl.DataFrame({"id": ["=1", "'=1"], "tags": ["=x", "+y;b"]})
    table.write_parquet(tmp_path / "t.parquet")
    export_labels(ls.read(tmp_path / "t.parquet", labels="tags", id="id"), NOTHING, tmp_path / "safe.csv")
    safe = ls.read(tmp_path / "safe.csv", labels="tags", id="id")
    changes = pl.DataFrame({"item_id": ["'=1"], "label": ["b"], "before": [1], "after": [0]})
    export_labels(safe, changes, tmp_path / "fixed.csv")
    with (tmp_path / "fixed.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [["id", "tags"], ["'=1", "'=x"], ["''=1", "'+y"]]
    again = ls.read(tmp_path / "fixed.csv", labels="tags", id="id", label_names=safe.label_names)
    assert again.item_ids.to_list() == ["=1", "'=1"]
    assert again.labels.dense().sum() == 2


@pytest.mark.parametrize("listed", ["", "{}", "[", '{"column": "gone", "written_as": "gone", "n_texts": 1}'])
def test_a_table_of_somebody_else_keeps_its_apostrophes(tmp_path, listed):
    (tmp_path / "t.csv").write_text("id,text,tags\n'=a,'@ann said',pop\n=a,'tis,rock\n")
    (tmp_path / "t.csv.escapes.jsonl").write_text(listed)
    ds = ls.read(tmp_path / "t.csv", labels="tags", id="id")
    assert ds.item_ids.to_list() == ["'=a", "=a"]
    assert ds.items["text"].to_list() == ["'@ann said'", "'tis"]
    export_labels(ds, NOTHING, tmp_path / "same.csv")
    assert (tmp_path / "same.csv").read_bytes() == (tmp_path / "t.csv").read_bytes()


def test_a_column_whose_name_holds_what_unicode_calls_a_line_end_is_undone_too(tmp_path):
    name = "text\u2028\x85\x0b\x1c"
    pl.DataFrame({"id": ["=a", "'=a"], name: ["+1+1", "b"], "tags": ["dog", "cat"]}).write_parquet(tmp_path / "t.parquet")
    export_labels(ls.read(tmp_path / "t.parquet", labels="tags", id="id"), NOTHING, tmp_path / "t.csv")
    again = ls.read(tmp_path / "t.csv", labels="tags", id="id")
    assert again.item_ids.to_list() == ["=a", "'=a"]
    assert again.items[name].to_list() == ["+1+1", "b"]


def test_a_later_export_without_formulas_takes_back_what_was_said_of_the_earlier_one(tmp_path):
    ds = ls.Dataset.from_arrays([["a"], ["b"]], item_ids=["=1", "x"])
    export_labels(ds, NOTHING, tmp_path / "out.csv")
    other = ls.Dataset.from_arrays([["a"], ["b"]], item_ids=["'=1", "x"])
    export_labels(other, NOTHING, tmp_path / "out.csv", escape_formulas=False)
    assert ls.read(tmp_path / "out.csv", labels="labels").item_ids.to_list() == ["'=1", "x"]
