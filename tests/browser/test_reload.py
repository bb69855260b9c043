"""What is the same after a reload: the queue, the order, the item that somebody was at, the colour, the tab and its room."""

from __future__ import annotations

import numpy as np
import playkit
import polars as pl
import pytest
from onscreen import current, keys_are_the_lists, panel, tab

import labelscope as ls

pytestmark = pytest.mark.browser

NAMES = ("hierarchy/of/things/animals/mammals/cat", "hierarchy/of/things/animals/mammals/dog", "owl")


@pytest.fixture(scope="module")
def dataset():
    rng = np.random.default_rng(0)
    main = rng.integers(0, 3, 300)
    labels = np.eye(3, dtype=int)[main]
    turned = rng.random(labels.shape) < 0.1
    labels[turned] = 1 - labels[turned]
    embeddings = (np.eye(3)[main] * 6 + rng.normal(size=(300, 3))).astype("f4")
    items = pl.DataFrame({"text": [f"comment {k}" for k in range(300)]})
    return ls.Dataset.from_arrays(labels, label_names=NAMES, embeddings=embeddings, items=items, text="text")


def test_queue_order_item_colour_and_tab_are_there_again(page, session):
    explorer = playkit.Played(session)
    app = playkit.show(page, explorer)
    tab(app, "All items", more="queues")
    app.get_by_role("combobox", name="Order").select_option("data")
    app.get_by_role("combobox", name="Colour by").select_option("suspicion")
    panel(app, "Relations")
    app.get_by_role("listitem").first.filter(has_text="comment 0").click()
    keys_are_the_lists(page)
    for _ in range(57):
        page.keyboard.press("j")
    current(app).filter(has_text="comment 57").wait_for()

    app = playkit.show(page, explorer)
    app.get_by_role("tab", name="All items", selected=True).wait_for()
    current(app).filter(has_text="comment 57").wait_for()
    assert app.get_by_role("combobox", name="Order").input_value() == "data"
    assert app.get_by_role("combobox", name="Colour by").input_value() == "suspicion"
    app.get_by_role("tab", name="Relations", selected=True).wait_for()
    app.get_by_role("combobox", name="Colour by").select_option("label:1")
    app = playkit.show(page, explorer)
    page.wait_for_function("() => document.querySelector('[aria-label=\"Colour by\"]').value === 'label:1'")


def test_a_tab_is_opened_large_and_stays_so(page, session, screenshot):
    explorer = playkit.Played(session)
    app = playkit.show(page, explorer)
    shown = panel(app, "Labels")
    before = shown.bounding_box()
    app.get_by_role("button", name="Open the tab large").click()
    app.get_by_role("img", name="Map of").wait_for(state="hidden")
    after = shown.bounding_box()
    assert after["height"] > 1.5 * before["height"]
    assert after["width"] > before["width"]
    keys_are_the_lists(page)  # the list is still in sight, and has the keys
    screenshot(app, "tab-large")
    heads = app.locator(".ls-card-head").filter(visible=True)
    assert heads.filter(has=page.locator(".ls-long-name")).count() > 0
    assert all(head.evaluate("of => of.scrollWidth <= of.clientWidth") for head in heads.all())  # the list is narrow: nothing juts out
    app = playkit.show(page, explorer)
    large = app.get_by_role("button", name="Open the tab large")
    assert large.get_attribute("aria-pressed") == "true"
    large.click()
    canvas = app.get_by_role("img", name="Map of")
    canvas.wait_for()
    assert canvas.bounding_box()["height"] > 150


def test_long_names_keep_the_end_that_tells_them_apart(page, session):
    page.set_viewport_size({"width": 900, "height": 900})
    app = playkit.play(page, session)
    for ends in app.locator(".ls-long-name").filter(visible=True).all():
        start, end = ends.locator("span").all()
        assert end.inner_text() in ("als/cat", "als/dog")
        inside, outside = end.bounding_box(), ends.locator("xpath=..").bounding_box()
        assert inside["x"] + inside["width"] <= outside["x"] + outside["width"] + 1
        assert start.inner_text().startswith("hierarchy")
    assert app.locator(".ls-long-name").filter(visible=True).count() > 3
