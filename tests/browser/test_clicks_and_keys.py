"""How many clicks and keys a piece of work takes: counted in the page, which hears what a hand does."""

from __future__ import annotations

import comments
import labkit
import numpy as np
import playkit
import polars as pl
import pytest
from onscreen import current, keys_are_the_lists, says, tab
from test_labextension import expect, explorer, import_page, write_table

import labelscope as ls

pytestmark = pytest.mark.browser

COUNT = """
() => {
    window.done = { clicks: 0, keys: 0 };
    const count = what => event => { if (event.isTrusted) window.done[what] += 1; };
    window.addEventListener('pointerdown', count('clicks'), true);
    window.addEventListener('keydown', count('keys'), true);
}
"""


def begin(page) -> None:
    """Count from now on."""
    page.evaluate("() => { if (window.done) Object.assign(window.done, { clicks: 0, keys: 0 }); }")
    page.evaluate(f"() => {{ if (!window.done) ({COUNT})(); }}")


def done(page) -> tuple[int, int]:
    """Clicks (a drag is one) and keys since then."""
    return tuple(page.evaluate("() => [window.done.clicks, window.done.keys]"))


@pytest.fixture(scope="module")
def dataset():
    return comments.data_set(240, wrong=0.12, unknown=0.0)


def test_missing_cells_of_a_label_take_one_click_and_then_one_key_each(app, page, session):
    n = session.suggestions.frame.filter(pl.col("label") == "gratitude", pl.col("action") == "add").height
    assert n > 2
    tab(app, "Labels")
    begin(page)
    app.get_by_role("button", name=f"Review {n} to add: gratitude").click()
    current(app).filter(has_text="Add gratitude").wait_for()
    keys_are_the_lists(page)
    for k in range(1, n + 1):
        page.keyboard.press("a")
        app.get_by_role("tab", name="Accepted").filter(has_text=str(k)).wait_for()
    assert done(page) == (1, n)
    accepted = session.decisions.filter(pl.col("verdict") == "accepted")
    assert set(accepted["label"]) == {"gratitude"}
    assert accepted.height == n


def test_items_with_two_labels_take_one_key_each_to_confirm(app, page, session):
    begin(page)
    page.keyboard.press("/")
    page.keyboard.press("/")
    page.wait_for_function("() => document.activeElement?.getAttribute('aria-label') === 'Filter items'")
    page.keyboard.type("anger AND joy")
    page.keyboard.press("Enter")
    app.get_by_role("button", name="Remove filter anger AND joy").wait_for()
    assert done(page) == (0, len("//anger AND joy") + 1)
    tab(app, "All items")
    labels = session.dataset.labels.dense(slice(None))
    rows = np.flatnonzero((labels[:, 0] == 1) & (labels[:, 2] == 1))
    assert len(rows) > 3
    app.get_by_role("tab", name="All items", selected=True).filter(has_text=str(len(rows))).wait_for()
    keys_are_the_lists(page)
    begin(page)
    for k in range(1, len(rows) + 1):
        item = current(app).get_attribute("data-row")
        page.keyboard.press("c")
        says(app, f"Labels of item i{item} confirmed")
        if k < len(rows):
            page.wait_for_function("row => document.querySelector('[aria-current=true]').dataset.row !== row", arg=item)
    assert done(page) == (0, len(rows))
    assert set(session.decisions["item_id"]) == {f"i{row}" for row in rows}
    assert set(session.decisions["verdict"]) == {"confirmed"}


def test_a_lasso_of_a_thousand_items_and_a_label_are_a_drag_a_click_and_a_name(page, tmp_path):
    rng = np.random.default_rng(0)
    n = 4000
    main = rng.integers(0, 3, n)
    embeddings = (np.eye(3)[main] * 8 + rng.normal(size=(n, 3))).astype("f4")
    items = pl.DataFrame({"text": [f"comment {k}" for k in range(n)]})
    ds = ls.Dataset.from_arrays(np.eye(3, dtype=int)[main], label_names=comments.NAMES, embeddings=embeddings, items=items, text="text")
    session = ls.Session(ds, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    app = playkit.show(page, playkit.Played(session), listed=False)
    box = app.get_by_role("img", name="Map of").bounding_box()
    left, top, right, bottom = box["x"] + 6, box["y"] + 6, box["x"] + box["width"] * 0.55, box["y"] + box["height"] - 6
    begin(page)
    page.keyboard.down("Shift")
    labkit.drag(page, [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)])
    page.keyboard.up("Shift")
    app.get_by_role("button", name="Clear selection").wait_for()
    app.get_by_role("toolbar", name="Selection").get_by_role("button", name="Add label").click()
    dialog = page.get_by_role("dialog", name="Add label")
    page.keyboard.type("joy")
    dialog.get_by_role("option", name="joy").wait_for()
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Apply to").and_(dialog.locator(":focus")).wait_for()
    page.keyboard.press("Enter")
    says(app, "Added: joy")
    clicks, keys = done(page)
    assert (clicks, keys - 1) == (2, len("joy") + 2)  # the drag and the button; Shift is held
    added = session.changes.filter(pl.col("label") == "joy")
    assert added.height > 500
    page.keyboard.press("u")
    says(app, "Undone")
    assert session.changes.height == 0
    session.close()


def test_a_table_is_opened_and_the_first_decision_made_by_a_double_click_and_two_keys(lab, page):
    write_table(lab.root / "counted.parquet")
    page.goto(lab.url("lab/workspaces/counted"))
    labkit.restored(page)
    labkit.command(page, "filebrowser:refresh")
    entry = page.locator(".jp-DirListing-item", has_text="counted.parquet").first
    entry.wait_for()
    begin(page)
    entry.dblclick()
    expect(import_page(page, "counted.parquet").get_by_role("button", name="Open")).to_be_focused()
    page.keyboard.press("Enter")
    app = explorer(page)
    app.get_by_role("listitem").first.wait_for()
    page.wait_for_function("() => document.activeElement?.closest('.ls-root')")
    page.keyboard.press("a")
    says(app, "Accepted")
    assert done(page) == (2, 2)  # a double click is two
    labkit.close(page)
