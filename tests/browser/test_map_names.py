"""Names on the map: regions, hot spots and novel groups, chosen by mouse and by keyboard; in a published page too."""

from __future__ import annotations

import re

import numpy as np
import onscreen
import playkit
import polars as pl
import pytest

import labelscope as ls

pytestmark = pytest.mark.browser

N = 120  # items of each kind
SPOT = re.compile(r"^leaf missing\? \d+ suspicious cells here")


@pytest.fixture(scope="module")
def dataset():
    """Apples and leaves; the label leaf was forgotten on a heap of leaves that lie by themselves."""
    rng = np.random.default_rng(0)
    kinds = np.repeat([0, 1, 2], N)
    words = ("red apple", "green leaf", "green leaf frost")
    x = rng.normal(scale=0.4, size=(3 * N, 6)).astype(np.float32)
    x[np.arange(3 * N), np.minimum(kinds, 1)] += 3
    x[kinds == 2, 5] += 2
    labels = np.column_stack([kinds == 0, (kinds == 1) | ((kinds == 2) & (rng.random(3 * N) < 0.75))]).astype(np.int8)
    texts = [f"<b>{words[kind]}</b> number {k % 7}" for k, kind in enumerate(kinds)]
    items = pl.DataFrame({"item_id": [f"i{k}" for k in range(3 * N)], "text": texts})
    return ls.Dataset.from_arrays(labels, label_names=["apple", "leaf"], embeddings=x, items=items, text="text")


@pytest.fixture
def app(page, session):
    page.set_viewport_size({"width": 1440, "height": 900})
    app = playkit.play(page, session)
    onscreen.keys_are_the_lists(page)
    names(app).get_by_role("button").first.wait_for()
    return app


def names(app):
    return app.get_by_role("group", name="Names on the map")


def test_a_region_is_selected_by_mouse_and_a_spot_is_listed(app, session):
    region = names(app).get_by_role("button", name=re.compile("^Region: .*apple")).first
    n = int(re.search(r"(\d+) items", region.get_attribute("aria-label")).group(1))
    region.click()
    app.get_by_role("button", name="Clear selection").filter(has_text=f"{n} items selected").wait_for()
    app.get_by_role("button", name="Clear selection").click()
    spot = names(app).get_by_role("button", name=SPOT).first
    cells = int(re.search(r"(\d+) suspicious", spot.get_attribute("aria-label")).group(1))
    spot.click()
    app.get_by_role("button", name="Clear selection").filter(has_text=f"{cells} items selected").wait_for()
    assert app.get_by_role("tab", name=re.compile("^All items")).get_attribute("aria-selected") == "true"


def test_names_are_reached_by_keys_and_taken_away(app, page):
    button = app.get_by_role("button", name="Names on the map")
    assert button.get_attribute("aria-pressed") == "true"
    first = names(app).get_by_role("button").first
    first.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.className").startswith("ls-place")
    assert not first.evaluate("of => of === document.activeElement")
    page.keyboard.press("Enter")
    app.get_by_role("button", name="Clear selection").wait_for()
    page.keyboard.press("Control+k")
    page.get_by_role("dialog", name="Command bar").get_by_role("combobox").fill("region apple")
    page.get_by_role("dialog", name="Command bar").get_by_role("option", name=re.compile("^Region: .*apple")).first.wait_for()
    page.keyboard.press("Escape")
    button.click()
    names(app).get_by_role("button").first.wait_for(state="detached")
    page.keyboard.press("Control+k")
    page.get_by_role("dialog", name="Command bar").get_by_role("combobox").fill("show or hide the names on the map")
    page.keyboard.press("Enter")
    names(app).get_by_role("button").first.wait_for()
    assert button.get_attribute("aria-pressed") == "true"


def test_errors_are_shown_by_their_density(app):
    app.get_by_label("Colour by").select_option("density")
    app.get_by_text("8× the average").wait_for()


@pytest.fixture
def copy(browser):
    """Open a published file, which a page of the app's tests may not be asked for."""
    contexts = []

    def copy(path):
        contexts.append(browser.new_context(viewport={"width": 1440, "height": 900}))
        page = contexts[-1].new_page()
        page.goto(path.as_uri())
        return page.get_by_role("application", name="Labelscope explorer")

    yield copy
    for context in contexts:
        context.close()


def test_a_published_page_has_the_names(copy, session, tmp_path):
    ls.publish(session, tmp_path / "page.html")
    app = copy(tmp_path / "page.html")
    spot = names(app).get_by_role("button", name=SPOT).first
    cells = int(re.search(r"(\d+) suspicious", spot.get_attribute("aria-label")).group(1))
    spot.click()
    app.get_by_role("button", name="Clear selection").filter(has_text=f"{cells} items selected").wait_for()


def test_a_page_without_texts_has_no_words_of_them(copy, session, tmp_path):
    ls.publish(session, tmp_path / "page.html", texts=False)
    app = copy(tmp_path / "page.html")
    names(app).get_by_role("button", name=re.compile(r"^Region: Region \d+, ")).first.wait_for()
    assert not re.search("frost|green|red", names(app).inner_text())
