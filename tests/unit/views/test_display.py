from __future__ import annotations

import base64
import json
import re

import polars as pl
import pytest

from labelscope import Dataset, long_tail
from labelscope.data.results import Result
from labelscope.views import display, registry


class Plain(Result):
    """A result without a figure."""


def test_a_result_shows_itself_in_every_viewer(dataset):
    shown = long_tail(dataset)._repr_mimebundle_()
    assert base64.b64decode(shown["image/png"]).startswith(b"\x89PNG")
    assert shown[display.MIME]["v"] == 1
    assert shown[display.MIME]["kind"] == "LongTail"
    assert shown["application/vnd.plotly.v1+json"]["layout"]["title"]["text"]
    assert shown["text/plain"].startswith("Long tail of 4 labels over 300 items")
    assert len(json.dumps(shown)) < 400_000


def test_html_needs_no_script_and_escapes_the_data(dataset):
    page = long_tail(dataset)._repr_mimebundle_()["text/html"]
    assert "<script" not in page
    assert "http" not in page
    assert "<b>cat" not in page
    assert "&lt;b&gt;cat&lt;/b&gt;" in page
    assert 'alt="Long tail of 4 labels' in page
    assert page.count("<tr>") == 5


def test_a_result_without_a_figure_is_a_table():
    shown = registry.bundle(Plain(pl.DataFrame({"label": [f"l{k}" for k in range(12)], "share": [0.5] * 12, "ok": [True] * 12})))
    assert set(shown) == {"text/plain", "text/html", display.MIME}
    assert "10 of 12 rows" in shown["text/html"]
    assert shown["text/plain"].endswith("7 more rows in .frame")


def test_a_figure_too_large_for_a_notebook_is_a_picture_only(dataset, monkeypatch):
    monkeypatch.setattr(display, "MOST_JSON", 10)
    shown = registry.bundle(long_tail(dataset))
    assert "application/vnd.plotly.v1+json" not in shown
    assert "image/png" in shown


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (True, "yes"),
        (12345, "12,345"),
        (0.25, "0.250"),
        (1e-9, "1e-09"),
        (0.0, "0"),
        ("a\n b", "a b"),
        ("x" * 200, "x" * 89 + "…"),
    ],
)
def test_values_are_written_for_people(value, expected):
    assert display.word(value) == expected


def test_the_data_of_a_figure_can_be_downloaded_and_runs_nothing():
    labels = Dataset.from_arrays([["=1+1", "b"], ["b"]])
    page = long_tail(labels)._repr_mimebundle_()["text/html"]
    name, source = re.search(r'download="([^"]+)" href="data:text/csv;charset=utf-8;base64,([^"]+)"', page).groups()
    rows = pl.read_csv(base64.b64decode(source))
    assert (name, rows["label"].to_list(), rows["n_positive"].to_list()) == ("LongTail.csv", ["b", "'=1+1"], [2, 1])
    assert rows.columns == long_tail(labels).frame.columns
    many = pl.DataFrame({"label": ["x" * 40] * 3000})
    assert "write_csv" in display.data_link(many, "Many")
    tiny = pl.DataFrame({"p_value": [1e-180, 0.5], "share": [0.1, 1 / 3]})
    kept = pl.read_csv(base64.b64decode(display.data_link(tiny, "P").split("base64,")[1].split('"')[0]))
    assert kept["p_value"].to_list() == [1e-180, 0.5]
