"""The Explorer in a real JupyterLab: what it shares with the notebook around it, and what must survive."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import labkit
import polars as pl
import pytest
from onscreen import says

pytestmark = pytest.mark.browser

DATA = f"""
import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})
import hostile_pets, labelscope as ls
ds = hostile_pets.data_set()
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


def test_keys_are_the_app_s_own_and_no_cell_is_touched(app, page):
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    for key in ("d", "d", "x", "1", "z", "Enter"):
        page.keyboard.press(key)
    says(app, "is now")
    page.keyboard.press("b")
    page.get_by_role("dialog", name="Bulk review").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog", name="Bulk review").wait_for(state="detached")
    page.keyboard.press("m")
    app.get_by_role("button", name="Clear selection").wait_for()
    page.keyboard.press("Escape")
    app.get_by_role("button", name="Clear selection").wait_for(state="detached")
    cells = page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets.map(cell => cell.model.type)")
    assert cells == ["code", "code"]
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
    says(app, "Accepted")
    app.get_by_role("button", name="Export").click()
    page.get_by_role("textbox", name="File").fill("out.parquet")
    screenshot(app, "export")
    page.get_by_role("button", name="Save file").click()
    says(app, "out.parquet")
    assert pl.read_parquet(lab.root / "out.parquet").height == 400
    changes = [json.loads(line) for line in (lab.root / "out.parquet.changes.jsonl").read_text().splitlines()]
    assert any(change.get("reviewer") == "ann" for change in changes)
    app.get_by_role("button", name="Export").click()
    page.get_by_role("textbox", name="File").fill("out.nonsense")
    page.get_by_role("button", name="Save file").click()
    says(app, "nonsense")  # the error shows in the app


def test_a_decision_survives_a_killed_kernel(app, page):
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    page.keyboard.press("a")
    says(app, "Accepted")
    os.kill(int(labkit.kernel(page, "import os; print(os.getpid())")), signal.SIGKILL)
    page.get_by_role("dialog").get_by_role("button", name="Ok").first.click()
    page.wait_for_function(labkit.IDLE)
    labkit.run_all(page)
    again = shown(page)
    assert tab(again, "Accepted") == 1
    assert labkit.kernel(page, "print(app.decisions['verdict'].to_list())") == "['accepted']"


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
