"""What a person does in the app: select, decide, edit, undo, search, and read the evidence."""

from __future__ import annotations

import math

import hostile_pets
import labkit
import numpy as np
import playkit
import polars as pl
import pytest
from onscreen import current, says

import labelscope as ls
from labelscope.errors import LedgerError

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pets():
    return hostile_pets.data_set()


@pytest.fixture(scope="module")
def texts():
    """Texts that are embedded here, so that a part of one can be embedded anew."""
    rng = np.random.default_rng(0)
    plain = ["the", "walk", "long", "sunday", "morning", "with", "our", "friends", "<b>bold</b>", "<img src=x onerror=window.hacked=1>"]
    n = 240
    labels = (np.arange(n) % 2)[:, None]
    texts = [" ".join([*rng.choice(plain, 8), "puppy" if label else "ledger"]) for label in labels[:, 0]]
    labels = np.hstack([labels, 1 - labels])
    wrong = rng.random(labels.shape) < 0.06
    labels[wrong] = 1 - labels[wrong]
    items = pl.DataFrame({"item_id": [f"i{i}" for i in range(n)], "text": texts})
    return ls.Dataset.from_arrays(labels, label_names=["dog", "money"], items=items, text="text")


@pytest.fixture
def opened(tmp_path):
    """A function that opens an Explorer on a data set."""
    sessions = []

    def open_explorer(dataset):
        sessions.append(ls.Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer="ann"))
        return playkit.Played(sessions[-1], name="Pets & beaches", height=980)

    yield open_explorer
    for session in sessions:
        session.close()


@pytest.fixture
def explorer(opened, pets):
    return opened(pets)


@pytest.fixture
def app(page, explorer):
    return playkit.show(page, explorer)


@pytest.fixture
def of_words(opened, texts):
    return opened(texts)


@pytest.fixture
def words(page, of_words):
    return playkit.show(page, of_words)


def tab(app, name: str) -> int:
    return int(app.get_by_role("tab", name=name).locator(".ls-count").inner_text().replace(",", ""))


def lasso(app, page) -> None:
    app.get_by_role("button", name="Lasso").click()
    box = app.get_by_role("img", name="Map of 400 items").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    turn = [2 * math.pi * k / 24 for k in range(25)]
    labkit.drag(page, [(x + box["width"] * 0.4 * math.cos(t), y + box["height"] * 0.25 * math.sin(t)) for t in turn])


def test_lasso_filters_the_worklist_and_esc_clears(app, page, explorer, screenshot):
    pending = tab(app, "Pending")
    assert pending > 5
    lasso(app, page)
    says(app, "selected")
    chip = app.get_by_role("button", name="Clear selection")
    n_selected = explorer.selection.height
    assert 0 < n_selected < 400
    assert f"{n_selected} item" in chip.inner_text()
    assert tab(app, "All items") == n_selected
    assert tab(app, "Pending") <= pending
    screenshot(app, "lasso")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    chip.wait_for(state="detached")
    assert (tab(app, "Pending"), explorer.selection.height) == (pending, 0)


def test_python_selects_and_the_view_follows(app, page, explorer):
    explorer.selection = ["i3", "i5", "i7"]
    app.get_by_role("button", name="Clear selection").filter(has_text="3 items selected").wait_for()
    app.get_by_role("tab", name="All items").click()
    app.locator('[role=listitem][aria-setsize="3"]').nth(2).wait_for()  # not of the list before
    assert app.get_by_role("listitem").count() == 3


def test_keys_decide_edit_undo_and_redo(app, page, explorer, screenshot):
    pending = tab(app, "Pending")
    first = app.get_by_role("listitem").first
    chip = first.get_by_role("checkbox").first
    label, before = chip.get_attribute("aria-label"), chip.get_attribute("aria-checked")
    first.locator(".ls-card-head").click()
    page.keyboard.press("a")
    says(app, "Accepted")
    after = first.get_by_role("checkbox", name=label, exact=True).get_attribute("aria-checked")
    assert {before, after} == {"true", "false"}
    assert (tab(app, "Pending"), tab(app, "Accepted")) == (pending - 1, 1)
    item = first.locator(".ls-item").inner_text().lstrip("#")
    assert explorer.session.state(item, label) == (after == "true")
    screenshot(app, "accepted")

    page.keyboard.press("u")
    says(app, "Undone")
    assert (tab(app, "Pending"), tab(app, "Accepted")) == (pending, 0)
    page.keyboard.press("Control+Shift+Z")
    says(app, "Redone")
    assert tab(app, "Accepted") == 1
    page.keyboard.press("Control+z")
    says(app, "Undone")
    assert first.get_by_role("checkbox", name=label, exact=True).get_attribute("aria-checked") == before

    page.keyboard.press("2")
    says(app, "is now")
    assert explorer.decisions["verdict"].to_list()[-1] == "edited"
    page.keyboard.press("j")
    page.keyboard.press("r")
    says(app, "Rejected")
    page.keyboard.press("s")
    says(app, "Skipped")
    assert (tab(app, "Rejected"), tab(app, "Skipped")) == (1, 1)


def test_labels_are_found_by_typing_and_alt_click_says_unknown(app, page, explorer):
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    page.keyboard.press("e")
    page.keyboard.type("bea")
    app.get_by_role("listbox", name="Labels").get_by_role("option", name="beach").wait_for()
    page.keyboard.press("Enter")
    says(app, "beach of item")
    assert explorer.decisions["label"].to_list() == ["beach"]
    chip = app.get_by_role("listitem").nth(1).get_by_role("checkbox").first
    chip.click(modifiers=["Alt"])
    says(app, "unknown")
    assert chip.get_attribute("aria-checked") == "mixed"


def test_text_that_came_from_data_runs_nothing(app, page):
    assert "<script>window.hacked=1</script>" in app.get_by_role("listitem").first.inner_text()
    assert "<script>window.hacked=1</script>" in labkit.hover_item(page).inner_text()
    app.get_by_role("combobox", name="Colour by").select_option("label:3")
    app.locator(".ls-legend").get_by_text("Positive", exact=True).wait_for()
    assert page.evaluate("() => window.hacked") is None


def test_errors_of_stages_show_in_the_app(page, opened):
    bare = ls.Dataset.from_arrays([[1, 0], [0, 1]], items=pl.DataFrame({"note": ["x", "y"]}))
    app = playkit.show(page, opened(bare), listed=False)
    app.get_by_text("No map: this data set has no embeddings").wait_for()
    app.get_by_role("listitem").nth(1).wait_for()  # all items, where the list of suggestions stays empty
    assert "note: x" in app.get_by_role("listitem").first.inner_text()
    app.get_by_role("status").filter(has_text="No suggestions: this data set").wait_for()
    app.get_by_role("tab", name="Pending").click()
    app.get_by_role("button", name="Show all items").click()
    app.get_by_role("listitem").nth(1).wait_for()


def test_the_evidence_marks_the_words_that_speak_for_a_label(words, page, screenshot):
    words.get_by_role("tab", name="Evidence", exact=True).click()
    words.get_by_role("listitem").first.locator(".ls-card-head").click()
    panel = words.get_by_role("region", name="What speaks for the label")
    panel.get_by_role("button", name="Show what influenced the model").click()
    panel.get_by_text("Faithfulness check:").wait_for()
    strongest = panel.locator("mark[title='for: 100% of the strongest'], mark[title='against: 100% of the strongest']")
    assert strongest.first.inner_text() in {"puppy", "ledger"}
    screenshot(words, "attribution")
    said = panel.locator(".ls-parts-text").inner_text()
    page.keyboard.press("j")  # it is shown for the next entry as well, and remembered
    page.wait_for_function("said => (document.querySelector('.ls-parts-text')?.innerText ?? said) !== said", arg=said)
    assert page.evaluate("() => window.hacked") is None
    panel.get_by_role("button", name="Hide").click()
    panel.get_by_role("button", name="Show what influenced the model").wait_for()


def test_what_is_searched_for_is_marked_in_texts_and_on_the_map(words, page, texts, screenshot):
    n_items = int(texts.items["text"].str.contains("(?i)puppy").sum())
    words.get_by_role("searchbox").fill("Puppy")
    words.locator("mark.ls-found").first.wait_for()
    assert {mark.lower() for mark in words.locator("mark.ls-found").all_inner_texts()} == {"puppy"}
    page.wait_for_function("n => Number(document.querySelector('.ls-canvas').dataset.lit) === n", arg=n_items)
    screenshot(words, "search")
    words.get_by_role("searchbox").fill("")
    page.wait_for_function("() => document.querySelector('.ls-canvas').dataset.lit === undefined")


def fail(*_):
    raise LedgerError("ledger: the disk is full")


def test_a_decision_that_could_not_be_written_is_told_and_stays_open(words, page, of_words, monkeypatch):
    pending = tab(words, "Pending")
    words.get_by_role("listitem").first.locator(".ls-card-head").click()
    with monkeypatch.context() as broken:
        broken.setattr(of_words.session, "decide", fail)
        page.keyboard.press("a")
        says(words, "Not saved")
        says(words, "the disk is full")
    assert tab(words, "Pending") == pending
    assert current(words).get_attribute("aria-posinset") == "1"
    page.keyboard.press("a")
    says(words, "Accepted")
    assert tab(words, "Pending") < pending


def test_keys_go_on_working_when_the_list_is_made_anew(app, page, explorer):
    app.get_by_role("tab", name="All items").click()
    app.get_by_role("listitem").nth(3).locator(".ls-card-head").click()
    row = current(app).get_attribute("data-row")
    app.get_by_role("listitem").nth(3).locator(".ls-card-head").focus()
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.evaluate("() => { window.before = document.querySelector('.ls-list [role=listitem]'); }")
    explorer.selection = [f"i{i}" for i in range(400)]  # the list is made anew
    page.wait_for_function("() => !window.before.isConnected && document.querySelector('.ls-current')")
    assert current(app).get_attribute("data-row") == row
    page.keyboard.press("1")
    says(app, "is now")
