"""Cells in the filter: what is suggested for a label is one click away, and a word that is no label says what was meant."""

from __future__ import annotations

import comments
import numpy as np
import playkit
import polars as pl
import pytest
from onscreen import current, keys_are_the_lists
from PIL import Image

from labelscope.data.dataset import Dataset
from labelscope.session import Session

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def dataset():
    return comments.data_set(240, wrong=0.12, unknown=0.03)


def suggested(session, label: str, action: str) -> int:
    return session.suggestions.frame.filter(pl.col("label") == label, pl.col("action") == action).height


def test_one_click_lists_what_may_be_missing_and_one_key_decides_each(app, page, session, screenshot):
    n = suggested(session, "gratitude", "add")
    assert n > 2
    app.get_by_role("tab", name="Accepted").click()
    app.get_by_role("tab", name="Labels").click()
    app.get_by_role("button", name=f"Review {n} to add: gratitude").click()
    app.get_by_role("button", name="Remove filter add:gratitude").wait_for()
    pending = app.get_by_role("tab", name="Pending")
    assert (pending.get_attribute("aria-selected"), pending.get_attribute("aria-description")) == ("true", str(n))
    assert [card.inner_text().startswith("Add gratitude") for card in app.get_by_role("listitem").all()] == [True] * len(
        app.get_by_role("listitem").all()
    )
    assert (current(app).get_attribute("aria-posinset"), current(app).get_attribute("aria-setsize")) == ("1", str(n))
    screenshot(app, "cells-to-add")
    for done in range(1, n + 1):
        page.keyboard.press("a")
        app.get_by_role("tab", name="Accepted").filter(has_text=str(done)).wait_for()
    assert session.decisions.filter(pl.col("label") == "gratitude", pl.col("verdict") == "accepted").height == n


def test_a_word_that_is_no_label_offers_the_label_and_the_texts(app, page, screenshot):
    field = app.get_by_role("combobox", name="Filter items")
    field.fill("graditude")
    field.press("Enter")
    refused = app.get_by_role("alert").filter(has_text="No label 'graditude'; did you mean 'gratitude'? 3 texts contain it")
    refused.wait_for()
    screenshot(app, "no-such-label")
    refused.get_by_role("button", name="3 texts contain it").click()
    app.get_by_role("status").filter(has_text="3 items selected").wait_for()
    app.get_by_role("button", name="Clear selection").click()
    field.fill("add:graditude")
    field.press("Enter")
    app.get_by_role("alert").get_by_role("button", name="gratitude", exact=True).click()
    app.get_by_role("button", name="Remove filter add:gratitude").wait_for()
    assert app.get_by_role("alert").count() == 0
    assert page.evaluate("() => document.activeElement.getAttribute('role')") == "listitem"


def test_cells_without_a_suggestion_are_listed_among_all_and_a_digit_answers(app, page, session):
    n = int((session.dataset.labels.n_unknown)[2])
    assert n > 0
    field = app.get_by_role("combobox", name="Filter items")
    field.fill("unknown:joy")
    field.press("Enter")
    app.get_by_role("tab", name="All items", selected=True).filter(has_text=str(n)).wait_for()
    current(app).filter(has_text="Unknown: joy").wait_for()
    page.keyboard.press("1")
    app.get_by_role("status").filter(has_text="joy of item").wait_for()
    assert session.decisions["label"].to_list() == ["joy"]


def test_a_search_says_how_much_it_finds(app):
    app.get_by_role("searchbox", name="Search the worklist").fill("comment 7")
    app.get_by_role("status").filter(has_text="found").wait_for()
    n = app.get_by_role("listitem").count()
    assert app.locator(".ls-hits").inner_text() == f"{n} found"


def test_an_item_is_confirmed_by_one_key_and_one_undo_takes_it_back(app, page, session, screenshot):
    row = int(current(app).get_attribute("data-row"))
    item = session.dataset.item_ids[row]
    page.keyboard.press("c")
    app.get_by_role("status").filter(has_text=f"Labels of item {item} confirmed").wait_for()
    page.wait_for_function("row => document.querySelector('[aria-current=true]').dataset.row !== row", arg=str(row))
    said = session.decisions
    assert set(said["verdict"]) == {"confirmed"}
    assert set(said["item_id"]) == {item}
    screenshot(app, "confirmed")
    page.keyboard.press("u")
    app.get_by_role("status").filter(has_text="Undone").wait_for()
    assert session.decisions["undone"].all()
    app.get_by_role("button", name="Confirm labels").click()
    app.get_by_role("status").filter(has_text="confirmed").wait_for()


def test_a_label_is_added_to_the_selection_without_the_items_that_are_unticked(app, page, session, screenshot):
    field = app.get_by_role("combobox", name="Filter items")
    field.fill("anger:no AND text:graditude")
    field.press("Enter")
    app.get_by_role("toolbar", name="Selection").get_by_role("button", name="Add label").click()
    dialog = page.get_by_role("dialog", name="Add label")
    page.keyboard.type("anger")
    dialog.get_by_role("option", name="anger").wait_for()
    page.keyboard.press("Enter")
    apply = dialog.get_by_role("button", name="Apply to")
    apply.wait_for()
    n = dialog.get_by_role("checkbox").count()
    assert n > 1
    screenshot(app, "add-label")
    dialog.get_by_role("checkbox").first.uncheck()
    dialog.get_by_role("button", name=f"Apply to {n - 1} cell").click()
    app.get_by_role("status").filter(has_text="Added: anger").wait_for()
    assert session.changes.select("label", "after").rows() == [("anger", 1)] * (n - 1)
    page.keyboard.press("u")
    app.get_by_role("status").filter(has_text="Undone").wait_for()
    assert session.changes.height == 0


def test_focus_mode_shows_one_item_with_its_evidence_and_the_keys_go_on(app, page, session, screenshot):
    first = current(app).get_attribute("data-row")
    page.keyboard.press("f")
    region = app.get_by_role("region", name="Focus")
    region.get_by_text(f"comment {first}", exact=False).first.wait_for()
    region.get_by_role("tabpanel", name="Evidence").wait_for()
    assert app.get_by_role("list", name="Worklist").count() == 0  # one item, one question
    screenshot(app, "focus")
    page.keyboard.press("a")
    app.get_by_role("status").filter(has_text="Accepted").wait_for()
    page.keyboard.press("1")
    app.get_by_role("status").filter(has_text="is now").wait_for()
    assert session.decisions.height == 2
    region.get_by_role("button", name="Skip").click()  # a click inside keeps the keys alive
    app.get_by_role("status").filter(has_text="Skipped").wait_for()
    page.keyboard.press("Escape")
    region.wait_for(state="detached")
    keys_are_the_lists(page)
    app.get_by_role("tab", name="Evidence").wait_for()


def test_a_small_picture_is_enlarged_in_focus_mode_and_its_zoom_begins_there(page, tmp_path):
    place = tmp_path / "small.png"
    Image.new("RGB", (60, 40), "navy").save(place)
    items = pl.DataFrame({"picture": [place.name] * 40})
    pictured = Dataset.from_arrays(np.eye(2, dtype=int)[np.arange(40) % 2], items=items, image="picture", image_root=tmp_path)
    session = Session(pictured, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    app = playkit.show(page, playkit.Played(session), listed=False)
    app.get_by_role("tab", name="All items").click()
    keys_are_the_lists(page)
    page.keyboard.press("f")
    viewer = app.get_by_role("region", name="Focus").locator(".ls-viewer")
    picture = viewer.locator("img")
    page.wait_for_function("() => document.querySelector('.ls-viewer img')?.getBoundingClientRect().width === 240")
    assert picture.bounding_box()["height"] == 160
    viewer.hover()
    page.mouse.wheel(0, -200)
    page.wait_for_function("() => document.querySelector('.ls-viewer img').getBoundingClientRect().width > 241")
    page.mouse.wheel(0, 2000)
    page.wait_for_function("() => document.querySelector('.ls-viewer img').getBoundingClientRect().width === 240")
    session.close()


def test_the_next_large_picture_is_drawn_in_the_pixels_of_its_place_before_it_is_decoded(page, tmp_path):
    for name, colour in (("a.png", "navy"), ("b.png", "maroon")):
        Image.new("RGB", (3000, 2000), colour).save(tmp_path / name)
    items = pl.DataFrame({"picture": ["a.png", "b.png"] * 20})
    pictured = Dataset.from_arrays(np.eye(2, dtype=int)[np.arange(40) % 2], items=items, image="picture", image_root=tmp_path)
    session = Session(pictured, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    app = playkit.show(page, playkit.Played(session), listed=False)
    app.get_by_role("tab", name="All items").click()
    keys_are_the_lists(page)
    page.keyboard.press("f")
    viewer = app.get_by_role("region", name="Focus").locator(".ls-viewer")
    seen = viewer.locator("canvas")
    for _ in range(30):  # the next ones are made ready while somebody looks at one
        page.wait_for_function("() => document.querySelector('.ls-viewer img')?.naturalWidth === 3000")
        before = viewer.get_attribute("aria-label")
        page.keyboard.press("j")
        page.wait_for_function("before => ![before, undefined].includes(document.querySelector('.ls-viewer')?.ariaLabel)", arg=before)
        if seen.count():
            break
    place, canvas = viewer.bounding_box(), seen.bounding_box()
    assert canvas["width"] == pytest.approx(place["width"], abs=2) or canvas["height"] == pytest.approx(place["height"], abs=2)
    colour = seen.evaluate("canvas => [...canvas.getContext('2d').getImageData(5, 5, 1, 1).data].slice(0, 3)")
    assert np.abs(np.array([[0, 0, 128], [128, 0, 0]]) - colour).max(axis=1).min() <= 2  # all of it is drawn, in its colour
    page.wait_for_function("() => document.querySelector('.ls-viewer img')?.naturalWidth === 3000")
    assert viewer.locator("img").bounding_box()["width"] == pytest.approx(canvas["width"], abs=2)
    viewer.dblclick()
    viewer.locator("canvas").wait_for(state="detached")  # now its own pixels are looked at
    session.close()
