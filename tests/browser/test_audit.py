"""The audit and the reviewer's name in a real JupyterLab: judged blindly, with one undo, told with intervals."""

from __future__ import annotations

import re
from pathlib import Path

import labkit
import onscreen
import playkit
import pytest
import walks
from onscreen import says

import labelscope as ls

pytestmark = pytest.mark.browser

DATA = f"""
import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})
import walks, labelscope as ls
ds = walks.data_set(400)
"""
SHOW = """
app = ls.explore(ds, ledger="LEDGER", reviewer="ann", name="Walks")
app
"""


@pytest.fixture
def opened(tmp_path):
    """A function that opens a session on the same ledger, as one reviewer or another."""
    sessions = []

    def open_session(reviewer=None):
        sessions.append(ls.Session(walks.data_set(), ledger=tmp_path / "ledger.sqlite", reviewer=reviewer))
        return sessions[-1]

    yield open_session
    for session in sessions:
        session.close()


def shown(page):
    app = page.get_by_role("application", name="Labelscope explorer")
    app.get_by_role("status").filter(has_text="Ready").wait_for()
    app.get_by_role("listitem").first.wait_for()
    return app


def progress(app):
    return onscreen.panel(app, "Progress")


def begin(app, n):
    panel = progress(app)
    panel.get_by_role("spinbutton", name="Cells to judge").fill(str(n))
    panel.get_by_role("button", name="Start an audit").click()
    judged(app, f"0 of {n} judged")
    app.get_by_role("tab", name="Audit", exact=True, selected=True).wait_for()
    app.get_by_role("listitem").first.locator(".ls-question").wait_for()


def judged(app, words):
    app.get_by_role("group", name="Audit").get_by_text(words, exact=True).wait_for()


def test_the_audit_is_blind_and_judged_by_keys_with_one_undo(opened, page, screenshot):
    session = opened("ann")
    app = playkit.play(page, session)
    begin(app, 30)
    card = app.get_by_role("listitem").first
    assert app.locator(":is(.ls-list .ls-meter, .ls-list .ls-chip, .ls-list .ls-reason, .ls-list .ls-action)").count() == 0
    assert card.inner_text().count("is that right?") == 1
    app.get_by_role("tab", name="Evidence", exact=True).click()
    app.get_by_role("tabpanel", name="Evidence").get_by_text("Evidence is hidden").wait_for()
    bar = app.locator(".ls-actions").bounding_box()
    for name in ("Label right", "Label wrong", "Cannot tell"):
        button = app.get_by_role("button", name=name, exact=True).bounding_box()
        assert bar["y"] <= button["y"], name
        assert button["y"] + button["height"] <= bar["y"] + bar["height"], name
    item, label, given, *_ = session.audit_cells.row(0)
    card.locator(".ls-card-head").click()
    for n, (key, words) in enumerate((("y", "Label right"), ("n", "Label wrong"), ("s", "Cannot tell")), 1):
        page.keyboard.press(key)
        says(app, words)
        judged(app, f"{n} of 30 judged")
    assert session.estimate.strata.select("n_audited", "n_wrong", "n_undecidable").sum().row(0) == (2, 1, 1)
    assert session.state(item, label) == given
    screenshot(app, "audit")
    page.keyboard.press("u")
    says(app, "Undone")
    judged(app, "2 of 30 judged")
    page.keyboard.press("Control+Shift+Z")
    judged(app, "3 of 30 judged")
    app.get_by_role("tab", name="Pending").click()
    app.get_by_role("button", name="Accept", exact=True).wait_for()
    app.get_by_role("searchbox").wait_for()


def test_a_finished_audit_gives_numbers_with_intervals(notebook, page, screenshot):
    notebook(DATA, SHOW.replace("LEDGER", "finished-audit.sqlite"))
    app = shown(page)
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


def test_nobody_is_asked_for_a_name_and_one_that_is_given_is_remembered(opened, page, screenshot):
    session = opened()
    app = playkit.play(page, session)
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    page.keyboard.press("s")
    says(app, "Skipped")
    assert app.get_by_role("dialog").count() == 0
    account = session.decisions["reviewer"].to_list()[-1]
    app.get_by_role("button", name=f"Reviewer {account}").click()
    screenshot(app, "who-reviews")
    app.get_by_role("textbox", name="Your name").fill("Cleo")
    page.keyboard.press("Enter")
    says(app, "recorded under “Cleo”")
    app.get_by_role("listitem").nth(1).locator(".ls-card-head").click()
    page.keyboard.press("a")
    says(app, "Accepted")
    assert session.decisions["reviewer"].to_list()[-1] == "Cleo"
    session = opened()
    again = playkit.play(page, session)
    again.get_by_role("button", name="Reviewer Cleo").wait_for()
    assert again.get_by_role("dialog", name="Your name").is_hidden()
    assert session.reviewer == "Cleo"
    again.get_by_role("button", name="Reviewer Cleo").click()
    page.get_by_role("dialog", name="Your name").last.get_by_role("textbox", name="Your name").fill("Dan")
    page.keyboard.press("Enter")
    again.get_by_role("button", name="Reviewer Dan").wait_for()
