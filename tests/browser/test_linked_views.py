"""Linked views, the query bar, batches, progress, layout and reviewers, at 100,000 items."""

from __future__ import annotations

import math
import os
import re
import signal

import labkit
import pytest

pytestmark = pytest.mark.browser

DATA = """
import os; os.environ["LABELSCOPE_CACHE"] = "off"  # no search for neighbours beside stages that are played
import numpy as np, polars as pl, labelscope as ls
from types import SimpleNamespace
from labelscope.session import Session

rng = np.random.default_rng(0)
n, k = 100_000, 40
names = ["anger", "annoyance", "New York", *(f"label {i:02d}" for i in range(3, k))]
rate = np.minimum(0.3, 6 / (3 + np.arange(k)) ** 1.3)
labels = (rng.random((n, k)) < rate).astype(np.int8)
labels[:, 1] |= labels[:, 0] & (rng.random(n) < 0.6)
labels[rng.random((n, k)) < 0.01] = -1
centres = rng.normal(size=(12, 8)) * 4
embeddings = (centres[rng.integers(0, 12, n)] + rng.normal(size=(n, 8))).astype("f4")
split = np.array(["train", "test"])[rng.integers(0, 2, n)]
items = pl.DataFrame({"item_id": np.arange(n), "text": [f"comment {i} about words" for i in range(n)], "split": split})
ds = ls.Dataset.from_arrays(labels, label_names=names, embeddings=embeddings, items=items, text="text")
rows, columns = rng.integers(0, n, 3000), rng.integers(0, k, 3000)
keep = labels[rows, columns] >= 0
rows, columns = rows[keep], columns[keep]
made = pl.DataFrame({
    "suggestion_id": [f"{r}.{c}" for r, c in zip(rows, columns)], "item_id": rows, "label": np.array(names)[columns],
    "action": np.where(labels[rows, columns] == 1, "remove", "add"), "confidence": np.sort(rng.random(len(rows)).astype("f4"))[::-1],
    "reason": pl.Series(["near items say so"] * len(rows)),
}).unique("suggestion_id", maintain_order=True)

suspicious = pl.DataFrame({"item_id": rows[:100], "suspicion": np.full(100, 0.9)}).unique("item_id")

class Staged(Session):
    "Stages that take no time: what is tested is the app."
    predictions = property(lambda self: SimpleNamespace(probabilities=np.full((n, k), 0.25, np.float32)))
    findings = property(lambda self: SimpleNamespace(items=suspicious))
    map = property(lambda self: self.first_map)

session = Staged(ds, ledger="LEDGER", reviewer="ann", suggestions=SimpleNamespace(frame=made))
"""
SHOW = "app = ls.explore(session, name='Hundred thousand')\napp"


@pytest.fixture
def app(notebook, page, request):
    notebook(DATA.replace("LEDGER", f"{re.sub('[^a-z]', '-', request.node.name)}.sqlite"), SHOW)
    app = page.get_by_role("application", name="Labelscope explorer")
    app.get_by_role("img", name="Map of 100,000 items").wait_for()
    app.get_by_role("listitem").first.wait_for()
    app.get_by_role("status").filter(has_text="Ready").wait_for()
    return app


def says(app, text):
    app.get_by_role("status").filter(has_text=text).wait_for()


def ask(app, page, query):
    app.get_by_role("combobox", name="Filter items").fill(query)
    page.keyboard.press("Enter")


def view(app, name):
    app.get_by_role("tab", name=name, exact=True).click()
    return app.get_by_role("tabpanel", name=name)


def selected(page):
    return int(labkit.kernel(page, "print(app.selection.height)"))


def chips(app):
    return app.get_by_role("group", name="Filters").locator(".ls-fchip")


def test_a_query_narrows_every_view_and_its_chip_turns_and_goes(app, page):
    ask(app, page, "anger AND NOT annoyance")
    chips(app).filter(has_text="anger AND NOT annoyance").wait_for()
    expected = int(labkit.kernel(page, "print(int(((labels[:, 0] == 1) & (labels[:, 1] != 1)).sum()))"))
    assert selected(page) == expected
    app.get_by_role("button", name="Clear selection").filter(has_text=f"{expected:,} items selected").wait_for()
    assert app.get_by_role("tab", name="All items").locator(".ls-count").inner_text() == f"{expected:,}"
    view(app, "Labels").get_by_role("button", name=re.compile(r"^annoyance: .*, 0 selected")).wait_for()
    chips(app).get_by_role("button", name=re.compile("^Filter anger")).click()
    app.get_by_role("button", name="Clear selection").filter(has_text=f"{100_000 - expected:,} items selected").wait_for()
    chips(app).get_by_role("button", name=re.compile("^Remove filter")).click()
    app.get_by_role("button", name="Clear selection").wait_for(state="detached")
    assert selected(page) == 0


def test_a_query_that_cannot_be_read_says_why_and_stays_to_be_mended(app, page):
    ask(app, page, "angry")
    says(app, "did you mean 'anger'")
    field = app.get_by_role("combobox", name="Filter items")
    assert (field.input_value(), field.get_attribute("aria-invalid")) == ("angry", "true")
    field.fill("NOT new")
    app.get_by_role("listbox", name="Completions").get_by_role("option", name="New York").wait_for()
    page.keyboard.press("Tab")
    assert field.input_value() == 'NOT "New York" '
    page.keyboard.press("Enter")
    chips(app).filter(has_text='NOT "New York"').wait_for()
    assert chips(app).count() == 1


def test_bars_pairs_relations_and_python_filter_together(app, page, screenshot):
    view(app, "Labels").get_by_role("button", name=re.compile("^anger:")).click()
    chips(app).filter(has_text="anger").wait_for()
    pairs = view(app, "Co-occurrence")
    pairs.get_by_role("button", name=re.compile("anger and annoyance|annoyance and anger")).first.click()
    chips(app).filter(has_text=re.compile("annoyance")).wait_for()
    assert selected(page) == int(labkit.kernel(page, "print(int((labels[:, :2] == 1).all(axis=1).sum()))"))
    screenshot(app, "linked-co-occurrence")
    labkit.kernel(page, "app.filter('split:test')")
    chips(app).filter(has_text="split:test").wait_for()
    assert chips(app).count() == 3
    relations = view(app, "Relations")
    relations.get_by_role("button").filter(has_text="chance").or_(
        relations.get_by_role("button").filter(has_text="this rule")
    ).first.click()
    page.wait_for_function("() => document.querySelectorAll('.ls-fchip').length === 4")
    labkit.kernel(page, "app.selection = None")
    app.get_by_role("button", name="Clear selection").wait_for(state="detached")


def test_box_brush_and_lasso_add_and_remove(app, page):
    box = app.get_by_role("img", name="Map of 100,000 items").bounding_box()
    x, y, w, h = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"], box["height"]
    app.get_by_role("button", name="Box", exact=True).click()
    labkit.drag(page, [(x - w * 0.2, y - h * 0.3), (x, y + h * 0.3)])
    chips(app).filter(has_text="Lasso").wait_for()
    first = selected(page)
    page.keyboard.down("Shift")
    labkit.drag(page, [(x, y - h * 0.3), (x + w * 0.2, y + h * 0.3)])
    page.keyboard.up("Shift")
    page.wait_for_function("n => Number(document.querySelector('.ls-clear').innerText.replace(/\\D/g, '')) > n", arg=first)
    more = selected(page)
    app.get_by_role("button", name="Brush", exact=True).click()
    page.keyboard.down("Alt")
    labkit.drag(page, [(x - w * 0.1, y - h * 0.2), (x + w * 0.1, y + h * 0.2)])
    page.keyboard.up("Alt")
    page.wait_for_function("n => Number(document.querySelector('.ls-clear').innerText.replace(/\\D/g, '')) < n", arg=more)
    assert 0 < selected(page) < more
    app.get_by_role("button", name="Zoom to selection").click()
    app.get_by_role("button", name="Lasso", exact=True).click()
    turn, before = [2 * math.pi * i / 12 for i in range(13)], selected(page)
    labkit.drag(page, [(x + w * 0.1 * math.cos(t), y + h * 0.1 * math.sin(t)) for t in turn])
    page.wait_for_function("n => Number(document.querySelector('.ls-clear')?.innerText.replace(/\\D/g, '') ?? 0) !== n", arg=before)
    assert chips(app).count() <= 1


def test_a_batch_shows_what_it_would_do_and_one_undo_takes_it_back(app, page, screenshot):
    ask(app, page, "split:test is:pending")
    chips(app).first.wait_for()
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    page.keyboard.press("g")
    dialog = page.get_by_role("dialog", name="Bulk review")
    slider = dialog.get_by_role("slider", name="Least confidence")
    slider.fill("0.9")
    dialog.get_by_text("at least 0.90").wait_for()
    apply = dialog.get_by_role("button", name=re.compile(r"^Apply to [\d,]+ suggestion"))
    apply.wait_for()
    screenshot(app, "batch")
    n = int(re.sub(r"\D", "", apply.inner_text()))
    assert n > 10
    apply.click()
    says(app, f"Accepted: {n:,} suggestions")
    decided = "print(len(app.decisions.filter(~pl.col('undone'))))"
    assert int(labkit.kernel(page, decided)) == n
    accepted = app.get_by_role("tab", name="Accepted").locator(".ls-count")
    assert accepted.inner_text() == str(n)
    app.get_by_role("button", name="Undo").click()
    says(app, f"Undone: {n:,} decisions")
    assert int(labkit.kernel(page, decided)) == 0


def test_evidence_follows_the_worklist_and_similar_items_are_a_filter(app, page, screenshot):
    panel = view(app, "Evidence")
    panel.get_by_text("similar items").first.wait_for()
    title = panel.locator(".ls-ev-title small").inner_text()
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    page.keyboard.press("j")
    page.wait_for_function("title => document.querySelector('.ls-ev-title small').innerText !== title", arg=title)
    item = int(re.sub(r"\D", "", panel.locator(".ls-ev-title small").inner_text()))
    screenshot(app, "evidence")
    panel.get_by_role("button", name="Similar items").click()
    chips(app).filter(has_text=f"Like item {item}").wait_for()
    assert selected(page) == 51
    assert labkit.kernel(page, f"print({item} in app.selection['item_id'].to_list())") == "True"


def test_progress_counts_and_makes_no_claim_without_an_audit(app, page, screenshot):
    panel = view(app, "Progress")
    panel.get_by_text("No audit yet").wait_for()
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    for key, word in (("a", "Accepted"), ("a", "Accepted"), ("r", "Rejected")):
        page.keyboard.press(key)
        says(app, word)
    panel.get_by_text("2 accepted", exact=True).wait_for()
    panel.get_by_text("67 %").wait_for()
    panel.get_by_text("21 % to 94 %").wait_for()
    screenshot(app, "progress")


def test_any_column_colours_the_map_and_the_legend_selects(app, page):
    app.get_by_role("combobox", name="Colour by").select_option("column:split")
    app.get_by_role("button", name="Select test").click()
    chips(app).filter(has_text="split:test").wait_for()
    assert selected(page) == int(labkit.kernel(page, "print(int((items['split'] == 'test').sum()))"))


def test_of_too_many_items_a_sample_of_what_is_in_sight_is_shown(app, page):
    labkit.kernel(page, "import labelscope.explorer.map_sample as of; of.MOST = 20_000; app._explored.take_map(session.first_map, 'again')")
    drawn = "n => Number(document.querySelector('.ls-canvas').dataset.drawn) === n"
    page.wait_for_function(drawn, arg=20_000)
    canvas = app.get_by_role("img", name="Map of 100,000 items")
    for _ in range(7):
        app.get_by_role("button", name="Zoom in").click()
    page.wait_for_function("() => Number(document.querySelector('.ls-canvas').dataset.drawn) < 20_000")  # all that are here
    app.get_by_role("button", name="Reset zoom").click()
    page.wait_for_function(drawn, arg=20_000)
    ask(app, page, "anger")
    chips(app).filter(has_text="anger").wait_for()
    assert canvas.is_visible()
    assert selected(page) > 20_000  # a filter is about all items, shown or not


def test_keys_can_be_changed_and_are_remembered(app, page):
    page.keyboard.press("Escape")
    app.get_by_role("button", name="Help").click()
    page.get_by_role("button", name="Key for Accept the suggestion: A").click()
    page.keyboard.press("q")
    page.get_by_role("button", name="Key for Accept the suggestion: Q").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog", name="Keys").wait_for(state="detached")
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    page.keyboard.press("a")
    page.keyboard.press("q")
    says(app, "Accepted")
    assert labkit.kernel(page, "print(len(app.decisions))") == "1"
    assert "Q" in app.get_by_role("button", name="Accept", exact=True).inner_text()
    app.get_by_role("button", name="Help").click()
    page.get_by_role("button", name="Reset keys").click()
    page.get_by_role("button", name="Key for Accept the suggestion: A").wait_for()
    page.keyboard.press("Escape")
    assert "A" in app.get_by_role("button", name="Accept", exact=True).inner_text()
    kept = "async () => !(await window.jupyterapp.serviceManager.settings.fetch('labelscope-lab:plugin')).raw.includes('accept')"
    page.wait_for_function(kept)  # the settings of JupyterLab, which outlive this page, follow


def test_the_layout_is_remembered_and_full_screen_shows_three_columns(app, page, screenshot):
    view(app, "Relations")
    bar = app.get_by_role("separator", name="Width of the map")
    before = int(bar.get_attribute("aria-valuenow"))
    bar.focus()
    page.keyboard.press("ArrowLeft")
    assert int(bar.get_attribute("aria-valuenow")) == before - 3
    labkit.command(page, "notebook:run-cell")
    labkit.run_all(page)
    app.get_by_role("tab", name="Relations", exact=True, selected=True).wait_for()
    assert int(app.get_by_role("separator", name="Width of the map").get_attribute("aria-valuenow")) == before - 3
    page.set_viewport_size({"width": 1920, "height": 1080})
    app.get_by_role("button", name="Full screen").click()
    app.get_by_role("button", name="Full screen", pressed=True).wait_for()
    app.get_by_role("heading", name="Evidence").wait_for()
    screenshot(app, "full-screen")
    app.get_by_role("button", name="Full screen").click()


def test_decisions_of_another_process_show_up_and_conflicts_can_be_settled(app, page, screenshot):
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    page.keyboard.press("a")
    says(app, "Accepted")
    other = """
other = Staged(ds, ledger=session.ledger, reviewer="bob", suggestions=SimpleNamespace(frame=made))
ids = made["suggestion_id"].to_list()
_ = other.reject(ids[0]), other.accept(ids[1])
"""
    labkit.kernel(page, other)
    conflicts = app.get_by_role("tab", name="Conflicts")
    conflicts.filter(has_text="1").wait_for()
    app.get_by_role("tab", name="Accepted").filter(has_text="1").wait_for()
    conflicts.click()
    card = app.get_by_role("listitem").first
    card.get_by_text("reviewers disagree").wait_for()
    screenshot(app, "conflict")
    card.locator(".ls-dispute button").filter(has_text="ann").click()
    says(app, "is now")
    page.wait_for_function("() => document.querySelectorAll('.ls-dispute:not(.ls-hidden)').length === 0")
    assert labkit.kernel(page, "print(len(app._explored.conflicts))") == "0"


def test_what_code_decides_shows_in_the_open_app_without_a_click(app, page, screenshot):
    first, second = app.get_by_role("listitem").nth(0), app.get_by_role("listitem").nth(1)
    app.get_by_role("combobox", name="Colour by").select_option("review")
    app.get_by_role("button", name="Select Pending").wait_for()
    labkit.kernel(page, "ids = made['suggestion_id'].to_list(); _ = session.accept(ids[0]), session.edit(50, 'anger', -1)")
    app.get_by_role("tab", name="Accepted").filter(has_text="1").wait_for(timeout=10_000)
    first.get_by_text("Accepted").wait_for()
    app.get_by_role("button", name="Select Accepted").wait_for()  # on the map as well
    other = """
other = Staged(ds, ledger=session.ledger, reviewer="bob", suggestions=SimpleNamespace(frame=made))
_ = other.reject(ids[1])
print(len(session.sync()), len(session.sync()))
"""
    assert labkit.kernel(page, other) == "1 0"
    app.get_by_role("tab", name="Rejected").filter(has_text="1").wait_for(timeout=10_000)
    second.get_by_text("Rejected").wait_for()
    screenshot(app, "decided-by-code")
    busy = """
import time
session.accept(ids[2])
end = time.monotonic() + 4
while time.monotonic() < end: pass
print("over")
"""
    page.evaluate(
        "code => { window.over = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({ code }).done; }", busy
    )
    app.get_by_role("tab", name="Accepted").filter(has_text="2").wait_for()
    assert page.evaluate("() => Promise.race([window.over.then(() => true), Promise.resolve(false)])") is False  # the cell still runs
    page.evaluate("() => window.over.then(() => null)")
    labkit.kernel(page, "_ = session.undo()")
    app.get_by_role("tab", name="Accepted").filter(has_text="1").wait_for(timeout=10_000)


def test_fast_decisions_survive_a_killed_kernel_and_a_reloaded_page(app, page, lab):
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    for i in range(60):
        page.keyboard.press("ar"[i % 2])
    for name in ("Accepted", "Rejected"):
        app.get_by_role("tab", name=name).filter(has_text="30").wait_for()
    os.kill(int(labkit.kernel(page, "import os; print(os.getpid())")), signal.SIGKILL)
    page.reload()
    page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.context?.isReady")
    page.wait_for_function(labkit.IDLE)
    labkit.run_all(page)
    again = page.get_by_role("application", name="Labelscope explorer").last
    again.get_by_role("status").filter(has_text="Ready").wait_for()
    for name in ("Accepted", "Rejected"):
        again.get_by_role("tab", name=name).filter(has_text="30").wait_for()
    verdicts = labkit.kernel(
        page, "print(app.decisions['verdict'].value_counts().sort('verdict')['count'].to_list(), app.decisions['seq'].n_unique())"
    )
    assert verdicts == "[30, 30] 60"


def test_everything_can_be_reached_and_is_named_without_a_mouse(app, page):
    names = page.evaluate(
        """() => [...document.querySelectorAll('.ls-root :is(button, input, select, [tabindex="0"])')]
            .filter(e => e.checkVisibility() && !(e.getAttribute('aria-label') || e.innerText.trim() || e.title || e.labels?.length))
            .map(e => e.outerHTML.slice(0, 120))"""
    )
    assert names == []
    roles = {role: app.get_by_role(role).count() for role in ("list", "status", "searchbox")}
    assert roles == {"list": 1, "status": 1, "searchbox": 1}
    app.get_by_role("tab", name="Labels", exact=True).focus()
    page.keyboard.press("ArrowRight")
    app.get_by_role("tab", name="Co-occurrence", exact=True, selected=True).wait_for()
    panel = app.get_by_role("tabpanel", name="Co-occurrence")
    panel.locator("rect[tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    words = panel.locator("rect:focus").get_attribute("aria-label")
    page.keyboard.press("Enter")
    chips(app).first.wait_for()
    a, b = re.match(r"(.+) and (.+): ", words).groups()
    assert {a, b} <= set(re.split(" and ", chips(app).locator(".ls-fchip-name span").first.inner_text()))
