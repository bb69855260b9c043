"""The table of capabilities: every public name is in it once, with a way in the app that people can remember, or a reason."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import labelscope as ls

tomllib = pytest.importorskip("tomllib", reason="needs Python 3.11 or later")

DOCS = Path(__file__).resolve().parents[2] / "docs"
ROWS = tomllib.loads((DOCS / "capabilities.toml").read_text(encoding="utf-8"))["capability"]


def test_every_public_name_is_in_the_table_once():
    assert Counter(name for row in ROWS for name in row["names"]) == Counter(ls.__all__)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["names"][0])
def test_a_row_names_a_way_within_two_clicks_and_by_keyboard_or_says_why_there_is_none(row):
    fields = {"names", "does"} | ({"why"} if "why" in row else {"mouse", "keys", "shows"}) | ({"place"} & set(row))
    assert set(row) == fields
    assert "|" not in "".join(row["names"] + [row["does"], row.get("why", "")])  # a cell of a Markdown table
    if "why" in row:
        assert len(row["why"].split()) > 5
        return
    assert len(row["mouse"]) <= 2
    assert len([key for key in row["keys"] if not key.startswith("type: ")]) <= 2
    assert ": " in row["shows"]


def test_the_page_holds_both_tables():
    page = (DOCS / "capabilities.md").read_text(encoding="utf-8")
    assert "<!-- capabilities -->" in page
    assert "<!-- capabilities outside -->" in page
