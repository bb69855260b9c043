"""Another data set joined in the app: compared, confirmed by a person, and written as one table."""

from __future__ import annotations

import json

import numpy as np
import playkit
import polars as pl
import pytest

import labelscope as ls

pytestmark = pytest.mark.browser

WORDS = ["red apple", "green leaf", "blue sea", "grey rock"]
DIALOG = "Join another data set"


def table(seed: int, names: list[str]) -> pl.DataFrame:
    """Texts, with the labels of those words that have a name here; a rare one cannot be compared."""
    rng = np.random.default_rng(seed)
    kinds = rng.integers(0, len(WORDS), 160)
    labels = [[names[kind]] if kind < len(names) else [] for kind in kinds]
    labels[0] = [*labels[0], "rare"]
    return pl.DataFrame({
        "text": [f"<b>{WORDS[kind]}</b> no. {rng.integers(9)}" for kind in kinds], "tags": [json.dumps(of) for of in labels],
    })  # fmt: skip


@pytest.fixture
def dataset(tmp_path):
    table(0, ["apple", "leaf", "sea"]).write_csv(tmp_path / "ours.csv")
    table(1, ["fruit", "leaf"]).write_csv(tmp_path / "theirs.csv")
    return ls.read(tmp_path / "ours.csv", labels="tags", text="text")


@pytest.fixture
def app(page, session):
    page.set_viewport_size({"width": 1440, "height": 900})
    return playkit.show(page, playkit.Played(session), listed=False)


def opened(app, page):
    app.get_by_role("button", name="Command bar").click()
    page.get_by_role("dialog", name="Command bar").get_by_role("combobox").fill("join another data set")
    page.keyboard.press("Enter")
    dialog = app.get_by_role("dialog", name=DIALOG)
    dialog.get_by_role("textbox", name="File of the other data set").wait_for()
    return dialog


def test_what_a_person_confirms_is_one_label_in_a_new_table(app, page, session, tmp_path, screenshot):
    dialog = opened(app, page)
    page.keyboard.type(str(tmp_path / "theirs.csv"))
    page.keyboard.press("Enter")
    pairs = dialog.get_by_role("list", name="Labels in common").get_by_role("checkbox")
    pairs.first.wait_for()
    said = {of.get_attribute("aria-label"): of.is_checked() for of in pairs.all()}
    assert said == {
        "apple is the same label as fruit": True, "leaf is the same label as leaf": True, "rare is called like rare": False,
    }  # fmt: skip
    assert "Only in ours.csv, 1: sea. Unknown on the items of theirs.csv." in dialog.inner_text()
    assert dialog.locator("q").first.inner_text().startswith("<b>")
    screenshot(dialog, "join")
    dialog.get_by_role("checkbox", name="rare is called like rare").click()
    assert "320 items, 3 relations confirmed." in dialog.inner_text()
    dialog.get_by_role("button", name="Write table").click()
    app.get_by_text("Joined: ").wait_for()
    both = ls.read(tmp_path / "ours_and_theirs.parquet", labels=["apple", "leaf", "rare", "sea"], text="text")
    assert (both.n_items, both.n_labels) == (320, 4)
    assert (both.labels.dense()[160:, 3] == -1).all()
    assert (both.labels.dense()[:160] != -1).all()
    assert both.items["source"].value_counts(sort=True)["count"].to_list() == [160, 160]
    assert session.decisions.height == 0


def test_a_file_that_cannot_be_joined_is_one_line_and_the_dialog_stays(app, page, tmp_path):
    dialog = opened(app, page)
    dialog.get_by_role("button", name="Compare").click()
    dialog.get_by_role("alert").filter(has_text="expected the file of another data set, got none").wait_for()
    page.keyboard.press("Tab")
    field = dialog.get_by_role("textbox", name="File of the other data set")
    field.fill(str(tmp_path / "absent.csv"))
    field.press("Enter")
    dialog.get_by_role("alert").filter(has_text="absent.csv").wait_for()
    field.fill(str(tmp_path / "theirs.csv"))
    field.press("Enter")
    out = dialog.get_by_role("textbox", name="File of the joined table")
    out.fill(str(tmp_path / "theirs.csv"))
    out.press("Enter")
    dialog.get_by_role("alert").filter(has_text="theirs.csv").wait_for()
    assert pl.read_csv(tmp_path / "theirs.csv").equals(table(1, ["fruit", "leaf"]))
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
