"""What comes to the open app from elsewhere: code in a cell, other reviewers, a killed kernel, and what is remembered."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import labkit
import onscreen
import pytest
from onscreen import says

pytestmark = pytest.mark.browser

DATA = f"""
import os, sys; os.environ["LABELSCOPE_CACHE"] = "off"  # no search for neighbours beside stages that are played
sys.path.insert(0, {str(Path(__file__).parent)!r})
import labelscope as ls
from hundred_thousand import data_set, staged, suggestions
ds = data_set()
made = suggestions(ds)
session = staged(ds, made, "LEDGER")
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


def view(app, name):
    app.get_by_role("tab", name=name, exact=True).click()
    return app.get_by_role("tabpanel", name=name)


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
    assert app.get_by_role("button", name="Accept", exact=True).get_attribute("aria-keyshortcuts") == "Q"
    app.get_by_role("button", name="Help").click()
    page.get_by_role("button", name="Reset keys").click()
    page.get_by_role("button", name="Key for Accept the suggestion: A").wait_for()
    page.keyboard.press("Escape")
    assert app.get_by_role("button", name="Accept", exact=True).get_attribute("aria-keyshortcuts") == "A"
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
other = staged(ds, made, session.ledger, "bob")
ids = made["suggestion_id"].to_list()
_ = other.reject(ids[0]), other.accept(ids[1])
"""
    labkit.kernel(page, other)
    app.get_by_role("tab", name="Accepted").filter(has_text="1").wait_for()
    app.get_by_role("tab", name="Conflicts", include_hidden=True).filter(has_text="1").wait_for(state="attached")
    conflicts = onscreen.tab(app, "Conflicts", more="queues")
    card = app.get_by_role("listitem").first
    card.get_by_text("reviewers disagree").wait_for()
    screenshot(app, "conflict")
    card.locator(".ls-dispute button").filter(has_text="ann").click()
    says(app, "is now")
    page.wait_for_function("() => document.querySelectorAll('.ls-dispute:not(.ls-hidden)').length === 0")
    conflicts.filter(has_text="1").wait_for(state="detached")


def test_what_code_decides_shows_in_the_open_app_without_a_click(app, page, screenshot):
    first, second = app.get_by_role("listitem").nth(0), app.get_by_role("listitem").nth(1)
    app.get_by_role("combobox", name="Colour by").select_option("review")
    app.get_by_role("button", name="Select Pending").wait_for()
    labkit.kernel(page, "ids = made['suggestion_id'].to_list(); _ = session.accept(ids[0]), session.edit(50, 'anger', -1)")
    app.get_by_role("tab", name="Accepted").filter(has_text="1").wait_for(timeout=10_000)
    first.get_by_text("Accepted").wait_for()
    app.get_by_role("button", name="Select Accepted").wait_for()  # on the map as well
    other = """
other = staged(ds, made, session.ledger, "bob")
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
