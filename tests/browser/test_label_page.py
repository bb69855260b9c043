"""A label's page opens from its row or by a key, says what is known, and each figure on it is a filter."""

from __future__ import annotations

import re

import numpy as np
import playkit
import polars as pl
import pytest

from labelscope.data.dataset import Dataset

pytestmark = pytest.mark.browser

N = 400
NAMES = ["wolf", "<i>animal</i>", "New York"]


@pytest.fixture(scope="module")
def dataset():
    rng = np.random.default_rng(5)
    wolf, town = rng.random(N) < 0.4, rng.random(N) < 0.3
    animal = wolf | (rng.random(N) < 0.2)
    truth = np.column_stack([wolf, animal, town])
    given = (truth ^ (rng.random(truth.shape) < [0.08, 0.02, 0.05])).astype(np.int8)
    texts = [f"note {i} on {'wolves' if a else 'cars'}{' in town' if b else ''}" for i, (a, _, b) in enumerate(truth)]
    embeddings = (truth @ (np.eye(3) * 4) + rng.normal(size=(N, 3))).astype("f4")
    split = np.where(rng.random(N) < 0.7, "train", "test")
    items = pl.DataFrame({"item_id": [f"i{i}" for i in range(N)], "text": texts, "split": split})
    told = {"wolf": "a <b>wild</b> dog"}
    return Dataset.from_arrays(given, label_names=NAMES, embeddings=embeddings, items=items, text="text", label_descriptions=told)


@pytest.fixture
def app(page, session):
    page.set_viewport_size({"width": 1440, "height": 900})
    return playkit.play(page, session)


def opened(app, name):
    app.get_by_role("tab", name="Labels").click()
    app.get_by_role("button", name=f"Label page: {name}").click()
    dialog = app.get_by_role("dialog", name=f"Label page: {name}")
    dialog.get_by_role("heading", name="Typical").wait_for()
    return dialog


def selected(app):
    """Number of items that the filters leave."""
    return app.get_by_text(re.compile(r"^[\d,]+ of 400 items|^[\d,]+ selected")).first


def test_the_page_says_what_is_known_and_nothing_of_the_data_is_markup(app, session):
    dialog = opened(app, "wolf")
    n = int(session.dataset.labels.n_positive[0])
    assert dialog.get_by_role("button", name=f"{n} items have it").is_visible()
    assert "a <b>wild</b> dog" in dialog.inner_text()
    assert "wolf always has <i>animal</i>" in " ".join(dialog.inner_text().split())
    assert dialog.locator("i:text('animal'), b:text('wild')").count() == 0
    for heading in ("Counts", "Errors", "Model", "Rules", "Splits", "Reliability", "Possibly missing", "Typical"):
        assert dialog.get_by_role("heading", name=heading, exact=True).is_visible(), heading
    assert dialog.get_by_role("group", name="Share positive by probability").is_visible()
    assert "times as often as chance" in dialog.inner_text()


def test_each_figure_is_a_filter_on_the_list(app, session):
    flagged = session.findings.cells.filter("flagged", label="wolf", kind="missing").height
    assert flagged
    dialog = opened(app, "wolf")
    dialog.get_by_role("button", name="without it look as if they had it").click()
    dialog.wait_for(state="detached")
    app.get_by_text("missing:wolf").first.wait_for()
    dialog = opened(app, "wolf")
    dialog.get_by_role("button", name=re.compile("^train")).click()
    dialog.wait_for(state="detached")
    app.get_by_text("wolf AND column:split:train").first.wait_for()
    app.get_by_role("listitem").first.wait_for()
    split = session.dataset.items["split"].to_numpy() == "train"
    n = int((session.dataset.labels.dense()[split, 0] == 1).sum())
    app.get_by_text(re.compile(rf"\b{n}\b")).first.wait_for()


def test_a_bin_of_the_reliability_chart_lists_its_items_by_mouse_and_by_key(app, page):
    for act in ("click", "key"):
        bins = opened(app, "New York").get_by_role("group", name="Share positive").get_by_role("button")
        bin_ = bins.nth(bins.count() // 2)
        n = int(re.search(r"of (\d+) items positive", bin_.get_attribute("aria-label")).group(1))
        if act == "key":
            bins.nth(bins.count() // 2 - 1).focus()
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
        else:
            bin_.click()
        app.get_by_role("button", name="Clear selection").filter(has_text=f"{n} items selected").wait_for()
        app.get_by_role("button", name="Clear selection").click()


def test_the_key_opens_the_page_of_the_label_at_hand_and_esc_closes_it(app, page, session):
    first = session.suggestions.frame["label"][0]
    app.get_by_role("listitem").first.click()
    page.keyboard.press("p")
    dialog = app.get_by_role("dialog", name=f"Label page: {first}")
    dialog.get_by_role("heading", name="Counts").wait_for()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    page.keyboard.press("a")  # the keys are the list's again
    app.get_by_role("status").filter(has_text=re.compile("Accepted|accepted|Added|Removed", re.IGNORECASE)).first.wait_for()


def test_the_page_counts_what_was_decided(app, page, session):
    row = int(np.flatnonzero(session.dataset.labels.dense()[:, 2] == 0)[0])
    session.edit(f"i{row}", "New York", 1)
    dialog = opened(app, "New York")
    assert "review changed that by +1" in dialog.inner_text()
    dialog.get_by_role("button", name="1 of its cells was decided").click()
    app.get_by_text('decided:"New York"').first.wait_for()


def test_the_heading_of_examples_lists_exactly_these_and_what_was_given_is_a_filter(app, page, session):
    row = int(np.flatnonzero(session.dataset.labels.dense()[:, 0] == 0)[0])
    session.edit(f"i{row}", "wolf", 1)
    dialog = opened(app, "wolf")
    shown = dialog.get_by_role("heading", name="Typical").locator("xpath=following-sibling::div[1]").get_by_role("button").count()
    dialog.get_by_role("button", name="Typical").press("Enter")
    dialog.wait_for(state="detached")
    app.get_by_text("Typical of wolf").first.wait_for()
    listed = app.get_by_role("list", name="Worklist").get_by_role("listitem")
    listed.nth(shown - 1).wait_for()
    assert listed.count() == shown
    dialog = opened(app, "wolf")
    dialog.get_by_role("button", name="1 of its cells is other than given").click()
    app.get_by_text("wolf changed").first.wait_for()
    listed.filter(has_text=f"#i{row}").wait_for()
    assert listed.count() == 1
    session.undo()


def test_description_and_guideline_are_written_by_keyboard_and_undone(app, page, session):
    dialog = opened(app, "wolf")
    dialog.get_by_role("button", name="Edit description and guideline").press("Enter")
    description, guideline = dialog.get_by_role("textbox", name="Description"), dialog.get_by_role("textbox", name="Guideline")
    assert description.input_value() == "a <b>wild</b> dog"
    page.keyboard.press("Escape")  # leaves the form, not the page
    description.wait_for(state="detached")
    page.keyboard.press("Enter")  # the button has the focus again
    description.fill("a wild <i>dog</i>")
    guideline.fill("Puppies count.\nToys do not.")
    page.keyboard.press("Control+Enter")
    guideline.wait_for(state="detached")
    assert session.label_text("wolf") == ("a wild <i>dog</i>", "Puppies count.\nToys do not.")
    assert "a wild <i>dog</i>" in dialog.inner_text()
    assert dialog.get_by_role("heading", name="Guideline").is_visible()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    app.get_by_role("button", name="Undo", exact=True).click()
    app.get_by_role("status").filter(has_text="Undone: description and guideline of wolf").first.wait_for()
    assert session.label_text("wolf") == ("a <b>wild</b> dog", "")
