"""The audit and the reviewer's name in a real JupyterLab: judged blindly, with one undo, told with intervals."""

from __future__ import annotations

import re

import labkit
import pytest

pytestmark = pytest.mark.browser

DATA = """
import numpy as np, polars as pl, labelscope as ls
rng = np.random.default_rng(0)
n, names = 400, ["dog", "cat", "beach", "snow"]
main = rng.integers(0, 4, n)
embeddings = (np.eye(4)[main] * 4 + rng.normal(size=(n, 4))).astype("f4")
truth = np.eye(4, dtype=int)[main]
labels = np.where(rng.random(truth.shape) < 0.05, 1 - truth, truth)
texts = [f"{names[k]} seen on a walk, number {i}" for i, k in enumerate(main)]
items = pl.DataFrame({"item_id": [f"i{i}" for i in range(n)], "text": texts})
ds = ls.Dataset.from_arrays(labels, label_names=names, embeddings=embeddings, items=items, text="text")
"""
SHOW = """
app = ls.explore(ds, ledger="LEDGER", REVIEWER name="Walks")
app
"""


@pytest.fixture
def show(notebook, page, request):
    def show(reviewer='reviewer="ann",'):
        notebook(DATA, SHOW.replace("LEDGER", f"{request.node.name}.sqlite").replace("REVIEWER", reviewer))
        return shown(page)

    return show


def shown(page):
    app = page.get_by_role("application", name="Labelscope explorer")
    app.get_by_role("status").filter(has_text="Ready").wait_for()
    app.get_by_role("listitem").first.wait_for()
    return app


def says(app, text):
    app.get_by_role("status").filter(has_text=text).wait_for()


def progress(app):
    app.get_by_role("tab", name="Progress", exact=True).click()
    return app.get_by_role("tabpanel", name="Progress")


def begin(app, n):
    panel = progress(app)
    panel.get_by_role("spinbutton", name="Cells to judge").fill(str(n))
    panel.get_by_role("button", name="Start an audit").click()
    judged(app, f"0 of {n} judged")
    app.get_by_role("tab", name="Audit", exact=True, selected=True).wait_for()
    app.get_by_role("listitem").first.locator(".ls-question").wait_for()


def judged(app, words):
    app.get_by_role("group", name="Audit").get_by_text(words, exact=True).wait_for()


def test_the_audit_is_blind_and_judged_by_keys_with_one_undo(show, page, screenshot):
    app = show()
    begin(app, 30)
    card = app.get_by_role("listitem").first
    assert app.locator(":is(.ls-list .ls-meter, .ls-list .ls-chip, .ls-list .ls-reason, .ls-list .ls-action)").count() == 0
    assert card.inner_text().count("is that right?") == 1
    app.get_by_role("tab", name="Evidence", exact=True).click()
    app.get_by_role("tabpanel", name="Evidence").get_by_text("Evidence is hidden").wait_for()
    for name in ("Label right", "Label wrong", "Cannot tell"):
        app.get_by_role("button", name=name, exact=True).wait_for()
    first = labkit.kernel(page, "print(*app.session.audit_cells.row(0))").split()
    card.locator(".ls-card-head").click()
    for n, (key, words) in enumerate((("y", "Label right"), ("n", "Label wrong"), ("s", "Cannot tell")), 1):
        page.keyboard.press(key)
        says(app, words)
        judged(app, f"{n} of 30 judged")
    counts = "print(app.session.estimate.strata.select('n_audited', 'n_wrong', 'n_undecidable').sum().row(0))"
    assert labkit.kernel(page, counts) == "(2, 1, 1)"
    assert labkit.kernel(page, f"print(app.session.state({first[0]!r}, {first[1]!r}))") == first[2]
    screenshot(app, "audit")
    page.keyboard.press("u")
    says(app, "Undone")
    judged(app, "2 of 30 judged")
    page.keyboard.press("Control+Shift+Z")
    judged(app, "3 of 30 judged")
    app.get_by_role("tab", name="Pending").click()
    app.get_by_role("button", name="Accept", exact=True).wait_for()
    app.get_by_role("searchbox").wait_for()


def test_a_finished_audit_gives_numbers_with_intervals(show, page, screenshot):
    app = show()
    begin(app, 24)
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    for n in range(1, 25):
        page.keyboard.press("n" if n % 6 == 0 else "y")
        if n < 24:
            judged(app, f"{n} of 24 judged")
    app.get_by_text("The audit is done").wait_for()
    app.get_by_role("button", name="See the estimate").click()
    panel = app.get_by_role("tabpanel", name="Progress")
    table = panel.get_by_role("table", name="Wrong cells by kind")
    table.get_by_role("row").filter(has_text="All cells").filter(has_text=re.compile(r"\d+ \(\d+ to \d")).wait_for()
    for kind in ("Spurious", "Missing"):
        table.get_by_role("row").filter(has_text=kind).wait_for()
    words = labkit.kernel(page, "print(app.session.stopping.words)")
    panel.get_by_text(words).wait_for()
    panel.get_by_text("from 24 judged cells").wait_for()
    for width in (1280, 900):
        page.set_viewport_size({"width": width, "height": 1000})
        if width < 1000:
            labkit.command(page, "application:toggle-left-area")
        for theme in ("Dark", "Light"):
            labkit.change_theme(page, theme)
            panel.locator(".ls-audit").scroll_into_view_if_needed()
            screenshot(app, f"audit-done-{theme.lower()}-{width}")
    panel.get_by_role("button", name="Increase sample").click()
    judged(app, "24 of 48 judged")
    screenshot(app, "audit-900")


def test_a_guessed_reviewer_is_asked_for_once_and_remembered(show, page, screenshot):
    app = show("")
    bar = app.get_by_role("dialog", name="Your name")
    bar.wait_for()
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    page.keyboard.press("s")  # nobody has to answer first
    says(app, "Skipped")
    screenshot(app, "who-reviews")
    bar.get_by_role("textbox", name="Your name").fill("Cleo")
    page.keyboard.press("Enter")
    says(app, "recorded under “Cleo”")
    bar.wait_for(state="hidden")
    app.get_by_role("listitem").nth(1).locator(".ls-card-head").click()
    page.keyboard.press("a")
    says(app, "Accepted")
    assert labkit.kernel(page, "print(app.decisions['reviewer'].to_list()[-1])") == "Cleo"
    labkit.run_all(page)
    again = shown(page)
    again.get_by_role("button", name="Reviewer Cleo").wait_for()
    assert again.get_by_role("dialog", name="Your name").is_hidden()
    assert labkit.kernel(page, "print(app.session.reviewer)") == "Cleo"
    again.get_by_role("button", name="Reviewer Cleo").click()
    page.get_by_role("dialog", name="Your name").last.get_by_role("textbox", name="Your name").fill("Dan")
    page.keyboard.press("Enter")
    again.get_by_role("button", name="Reviewer Dan").wait_for()
