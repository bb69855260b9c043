"""A text may be made of several columns: joined for the model, shown with their names, left out together."""

from __future__ import annotations

import polars as pl
import pytest

import labelscope as ls
from labelscope.export.redaction import redacted
from labelscope.views.item_text import item_text

TABLE = pl.DataFrame({"title": ["One", None, ""], "body": ["first", "second", None], "tags": [["a"], ["b"], ["a"]]})


@pytest.fixture
def ds():
    return ls.read(TABLE, labels="tags", text=["title", "body"])


def test_the_columns_are_joined_for_the_model_and_shown_with_their_names(ds):
    assert ds.items[ds.text].to_list() == ["One\n\nfirst", "second", None]
    assert ds.text_columns == ("title", "body")
    assert [item_text(ds, row) for row in range(3)] == ["title: One\n\nbody: first", "body: second", ""]


def test_an_export_has_the_columns_that_came_in(ds, tmp_path):
    ls.Session(ds, ledger=tmp_path / "ledger.sqlite").export(tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet").equals(TABLE)


@pytest.mark.parametrize("options", [{"texts": False}, {"redact": ("title",)}])
def test_what_is_left_out_of_a_page_is_not_in_the_joined_text(ds, options):
    kept = redacted(ds, texts=options.get("texts", True), images=True, redact=options.get("redact", ())).dataset
    assert kept.text is None
    assert not any("One" in str(value) for name in kept.items.columns for value in kept.items[name])


def test_one_column_in_a_list_is_that_column():
    assert ls.read(TABLE, labels="tags", text=["body"]).text == "body"
