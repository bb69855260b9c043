"""The Explorer in a real JupyterLab: what a person does with it, and what must survive."""

from __future__ import annotations

import json
import math
import os
import signal

import labkit
import polars as pl
import pytest

pytestmark = pytest.mark.browser

DATA = """
import numpy as np, polars as pl, labelscope as ls
rng = np.random.default_rng(0)
names = ["dog", "cat", "beach", "<img src=x onerror=window.hacked=1>"]
n = 400
main = rng.integers(0, 4, n)
embeddings = (np.eye(4)[main] * 6 + rng.normal(size=(n, 4))).astype("f4")
labels = np.eye(4, dtype=int)[main]
labels |= rng.random(labels.shape) < 0.03
wrong = rng.random(labels.shape) < 0.04
labels[wrong] = 1 - labels[wrong]
labels[rng.random(labels.shape) < 0.05] = -1
hostile = "<script>window.hacked=1</script><img src=x onerror='window.hacked=1'>"
items = pl.DataFrame({"item_id": [f"i{i}" for i in range(n)], "text": [f"{hostile} seen {i}" for i in range(n)]})
ds = ls.Dataset.from_arrays(labels, label_names=names, embeddings=embeddings, items=items, text="text")
"""
SHOW = """
app = ls.explore(ds, ledger="LEDGER", reviewer="ann", name="Pets & beaches")
app
"""


@pytest.fixture
def app(notebook, page, request):
    """The Explorer with its worklist, on a ledger of its own."""
    notebook(DATA, SHOW.replace("LEDGER", f"{request.node.name}.sqlite"))
    return shown(page)


def shown(page):
    app = page.get_by_role("application", name="Labelscope explorer")
    app.wait_for()
    app.get_by_role("listitem").first.wait_for()
    app.get_by_role("status").filter(has_text="Ready").wait_for()
    return app


def tab(app, name: str) -> int:
    return int(app.get_by_role("tab", name=name).locator(".ls-count").inner_text().replace(",", ""))


def status_says(app, text: str) -> None:
    app.get_by_role("status").filter(has_text=text).wait_for()


def current(app):
    return app.locator('[role=listitem][aria-current="true"]')


def lasso(app, page) -> None:
    app.get_by_role("button", name="Lasso").click()
    box = app.get_by_role("img", name="Map of 400 items").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    turn = [2 * math.pi * k / 24 for k in range(25)]
    labkit.drag(page, [(x + box["width"] * 0.4 * math.cos(t), y + box["height"] * 0.25 * math.sin(t)) for t in turn])


def test_lasso_filters_the_worklist_and_esc_clears(app, page, screenshot):
    pending = tab(app, "Pending")
    assert pending > 5
    lasso(app, page)
    status_says(app, "selected")
    chip = app.get_by_role("button", name="Clear selection")
    n_selected = int(labkit.kernel(page, "print(app.selection.height)"))
    assert 0 < n_selected < 400
    assert f"{n_selected} item" in chip.inner_text()
    assert tab(app, "All items") == n_selected
    assert tab(app, "Pending") <= pending
    screenshot(app, "lasso")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    chip.wait_for(state="detached")
    assert (tab(app, "Pending"), labkit.kernel(page, "print(app.selection.height)")) == (pending, "0")


def test_python_selects_and_the_view_follows(app, page):
    labkit.kernel(page, "app.selection = ['i3', 'i5', 'i7']")
    app.get_by_role("button", name="Clear selection").filter(has_text="3 items selected").wait_for()
    app.get_by_role("tab", name="All items").click()
    app.locator('[role=listitem][aria-setsize="3"]').nth(2).wait_for()  # not of the list before
    assert app.get_by_role("listitem").count() == 3


def test_keys_decide_edit_undo_and_redo(app, page, screenshot):
    pending = tab(app, "Pending")
    first = app.get_by_role("listitem").first
    chip = first.get_by_role("checkbox").first
    label, before = chip.get_attribute("aria-label"), chip.get_attribute("aria-checked")
    first.locator(".ls-card-head").click()
    page.keyboard.press("a")
    status_says(app, "Accepted")
    after = first.get_by_role("checkbox", name=label, exact=True).get_attribute("aria-checked")
    assert {before, after} == {"true", "false"}
    assert (tab(app, "Pending"), tab(app, "Accepted")) == (pending - 1, 1)
    item = first.locator(".ls-item").inner_text().lstrip("#")
    assert labkit.kernel(page, f"print(app.session.state({item!r}, {label!r}))") == ("1" if after == "true" else "0")
    screenshot(app, "accepted")

    page.keyboard.press("u")
    status_says(app, "Undone")
    assert (tab(app, "Pending"), tab(app, "Accepted")) == (pending, 0)
    page.keyboard.press("Control+Shift+Z")
    status_says(app, "Redone")
    assert tab(app, "Accepted") == 1
    page.keyboard.press("Control+z")
    status_says(app, "Undone")
    assert first.get_by_role("checkbox", name=label, exact=True).get_attribute("aria-checked") == before

    page.keyboard.press("2")
    status_says(app, "is now")
    assert labkit.kernel(page, "print(app.decisions['verdict'].to_list()[-1])") == "edited"
    page.keyboard.press("j")
    page.keyboard.press("r")
    status_says(app, "Rejected")
    page.keyboard.press("s")
    status_says(app, "Skipped")
    assert (tab(app, "Rejected"), tab(app, "Skipped")) == (1, 1)


def test_labels_are_found_by_typing_and_alt_click_says_unknown(app, page):
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    page.keyboard.press("e")
    page.keyboard.type("bea")
    app.get_by_role("listbox", name="Labels").get_by_role("option", name="beach").wait_for()
    page.keyboard.press("Enter")
    status_says(app, "beach of item")
    assert labkit.kernel(page, "print(app.decisions['label'].to_list())") == "['beach']"
    chip = app.get_by_role("listitem").nth(1).get_by_role("checkbox").first
    chip.click(modifiers=["Alt"])
    status_says(app, "unknown")
    assert chip.get_attribute("aria-checked") == "mixed"


def test_keys_are_the_app_s_own_and_no_cell_is_touched(app, page):
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    for key in ("d", "d", "x", "b", "m", "1", "z", "Enter"):
        page.keyboard.press(key)
    cells = page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets.map(cell => cell.model.type)")
    assert cells == ["code", "code"]
    status_says(app, "is now")
    accepted = tab(app, "Accepted")
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keys").wait_for()
    page.keyboard.press("a")  # nothing is decided behind a dialog
    page.keyboard.press("Escape")
    page.get_by_role("dialog", name="Keys").wait_for(state="detached")
    page.keyboard.press("/")
    page.keyboard.type("a seen 39")
    assert app.get_by_role("searchbox").input_value() == "a seen 39"
    assert tab(app, "Accepted") == accepted
    page.keyboard.press("Control+s")  # JupyterLab's own shortcut still works
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")


def test_export_writes_the_corrected_table(app, page, lab, screenshot):
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    page.keyboard.press("a")
    status_says(app, "Accepted")
    app.get_by_role("button", name="Export").click()
    page.get_by_role("textbox", name="File").fill("out.parquet")
    screenshot(app, "export")
    page.get_by_role("button", name="Save file").click()
    status_says(app, "out.parquet")
    assert pl.read_parquet(lab.root / "out.parquet").height == 400
    changes = [json.loads(line) for line in (lab.root / "out.parquet.changes.jsonl").read_text().splitlines()]
    assert any(change.get("reviewer") == "ann" for change in changes)
    app.get_by_role("button", name="Export").click()
    page.get_by_role("textbox", name="File").fill("out.nonsense")
    page.get_by_role("button", name="Save file").click()
    status_says(app, "nonsense")  # the error shows in the app


def test_a_decision_survives_a_killed_kernel(app, page):
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    page.keyboard.press("a")
    status_says(app, "Accepted")
    os.kill(int(labkit.kernel(page, "import os; print(os.getpid())")), signal.SIGKILL)
    page.get_by_role("dialog").get_by_role("button", name="Ok").first.click()
    page.wait_for_function(labkit.IDLE)
    labkit.run_all(page)
    again = shown(page)
    assert tab(again, "Accepted") == 1
    assert labkit.kernel(page, "print(app.decisions['verdict'].to_list())") == "['accepted']"


def test_text_that_came_from_data_runs_nothing(app, page):
    assert "<script>window.hacked=1</script>" in app.get_by_role("listitem").first.inner_text()
    assert "<script>window.hacked=1</script>" in labkit.hover_item(page).inner_text()
    app.get_by_role("combobox", name="Colour by").select_option("label:3")
    app.locator(".ls-legend").get_by_text("Positive", exact=True).wait_for()
    assert page.evaluate("() => window.hacked") is None


def test_looks_right_in_light_and_dark_wide_and_narrow(app, page, screenshot):
    for width in (1280, 900):
        page.set_viewport_size({"width": width, "height": 1000})
        if width < 1000:
            labkit.command(page, "application:toggle-left-area")
        for theme in ("Dark", "Light"):
            labkit.change_theme(page, theme)
            box = app.bounding_box()
            for name in ("Accept", "Reject", "Skip", "Undo", "Redo", "Lasso", "Export"):
                button = app.get_by_role("button", name=name, exact=True).bounding_box()
                assert box["x"] <= button["x"], name
                assert button["x"] + button["width"] <= box["x"] + box["width"] + 1, name
            screenshot(app, f"explorer-{theme.lower()}-{width}")


def test_errors_of_stages_show_in_the_app(notebook, page):
    cell = (
        "app = ls.explore(ls.Dataset.from_arrays([[1, 0], [0, 1]], items=pl.DataFrame({'note': ['x', 'y']})), ledger='errors.sqlite')\napp"
    )
    notebook("import polars as pl, labelscope as ls", cell)
    app = page.get_by_role("application", name="Labelscope explorer")
    app.get_by_text("No map: this data set has no embeddings").wait_for()
    app.get_by_text("No suggestions: this data set").wait_for()
    app.get_by_role("button", name="Show all items").click()
    app.get_by_role("listitem").nth(1).wait_for()
    assert "note: x" in app.get_by_role("listitem").first.inner_text()


WORDS = """
import numpy as np, polars as pl, labelscope as ls
rng = np.random.default_rng(0)
plain = np.array("the a walk long sunday morning with our friends and one more <b>bold</b> <img src=x onerror=window.hacked=1>".split(" "))
n = 240
labels = (np.arange(n) % 2)[:, None]
texts = [" ".join([*rng.choice(plain, 8), "puppy" if label else "ledger"]) for label in labels[:, 0]]
labels = np.hstack([labels, 1 - labels])
wrong = rng.random(labels.shape) < 0.06
labels[wrong] = 1 - labels[wrong]
items = pl.DataFrame({"item_id": [f"i{i}" for i in range(n)], "text": texts})
ds = ls.Dataset.from_arrays(labels, label_names=["dog", "money"], items=items, text="text")
"""


@pytest.fixture
def words(notebook, page, request):
    """An Explorer on texts that were embedded here, so that a part of one can be embedded anew."""
    notebook(WORDS, f"app = ls.explore(ds, ledger='{request.node.name}.sqlite', reviewer='ann', name='Words')\napp")
    return shown(page)


def test_the_evidence_marks_the_words_that_speak_for_a_label(words, page, screenshot):
    words.get_by_role("tab", name="Evidence", exact=True).click()
    words.get_by_role("listitem").first.locator(".ls-card-head").click()
    panel = words.get_by_role("region", name="What speaks for the label")
    panel.get_by_role("button", name="Show what influenced the model").click()
    panel.get_by_text("Faithfulness check:").wait_for()
    strongest = panel.locator("mark[title='for: 100 % of the strongest'], mark[title='against: 100 % of the strongest']")
    assert strongest.first.inner_text() in {"puppy", "ledger"}
    screenshot(words, "attribution")
    said = panel.locator(".ls-parts-text").inner_text()
    page.keyboard.press("j")  # it is shown for the next entry as well, and remembered
    page.wait_for_function("said => (document.querySelector('.ls-parts-text')?.innerText ?? said) !== said", arg=said)
    assert page.evaluate("() => window.hacked") is None
    panel.get_by_role("button", name="Hide").click()
    panel.get_by_role("button", name="Show what influenced the model").wait_for()


def test_what_is_searched_for_is_marked_in_texts_and_on_the_map(words, page, screenshot):
    n_items = int(labkit.kernel(page, "print(int(items['text'].str.contains('(?i)puppy').sum()))"))
    words.get_by_role("searchbox").fill("Puppy")
    words.locator("mark.ls-found").first.wait_for()
    assert {mark.lower() for mark in words.locator("mark.ls-found").all_inner_texts()} == {"puppy"}
    page.wait_for_function("n => Number(document.querySelector('.ls-canvas').dataset.lit) === n", arg=n_items)
    screenshot(words, "search")
    words.get_by_role("searchbox").fill("")
    page.wait_for_function("() => document.querySelector('.ls-canvas').dataset.lit === undefined")


def test_a_decision_that_could_not_be_written_is_told_and_stays_open(words, page):
    pending = tab(words, "Pending")
    words.get_by_role("listitem").first.locator(".ls-card-head").click()
    broken = """
from labelscope.errors import LedgerError
def fail(*_):
    raise LedgerError("ledger: the disk is full")
decide, app.session.decide = app.session.decide, fail
"""
    labkit.kernel(page, broken)
    page.keyboard.press("a")
    status_says(words, "Not saved")
    status_says(words, "the disk is full")
    assert tab(words, "Pending") == pending
    assert current(words).get_attribute("aria-posinset") == "1"
    labkit.kernel(page, "app.session.decide = decide")
    page.keyboard.press("a")
    status_says(words, "Accepted")
    assert tab(words, "Pending") < pending


def test_keys_go_on_working_when_the_list_is_made_anew(app, page):
    app.get_by_role("tab", name="All items").click()
    app.get_by_role("listitem").nth(3).locator(".ls-card-head").click()
    row = current(app).get_attribute("data-row")
    app.get_by_role("listitem").nth(3).locator(".ls-card-head").focus()
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.evaluate("() => { window.before = document.querySelector('.ls-list [role=listitem]'); }")
    labkit.kernel(page, "app._explored.take_suggestions(app.session.suggestions)")  # as when a stage ends
    page.wait_for_function("() => !window.before.isConnected && document.querySelector('.ls-current')")
    assert current(app).get_attribute("data-row") == row
    page.keyboard.press("1")
    status_says(app, "is now")
