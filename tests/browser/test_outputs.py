"""What a notebook shows of labelscope: charts once and at their size, a dead kernel as dead, a saved review as it was left."""

from __future__ import annotations

import json

import labkit
import pytest

pytestmark = pytest.mark.browser

DATA = """
import os, signal, numpy as np, polars as pl, labelscope as ls
rng = np.random.default_rng(0)
main = rng.integers(0, 3, 240)
labels = np.where(rng.random((240, 3)) < 0.06, 1 - np.eye(3, dtype=int)[main], np.eye(3, dtype=int)[main])
embeddings = (np.eye(3)[main] * 4 + rng.normal(size=(240, 3))).astype("f4")
ds = ls.Dataset.from_arrays(labels, label_names=["dog", "cat", "snow"], embeddings=embeddings)
"""
SHOW = "app = ls.explore(ds, ledger='{}.sqlite', name='Walks')\napp"


def shown(page):
    app = page.get_by_role("application", name="Labelscope explorer")
    app.get_by_role("status").filter(has_text="Ready").wait_for()
    app.get_by_role("listitem").first.wait_for()
    return app


def test_a_chart_shows_once_and_at_its_own_size_also_under_the_pointer(notebook, page, screenshot):
    page.set_viewport_size({"width": 1900, "height": 1000})
    notebook(DATA, "ls.long_tail(ds)")
    chart = page.locator(".lsx-picture")
    chart.locator(".main-svg").first.wait_for()
    before = chart.bounding_box()
    plot = chart.locator(".svg-container")
    assert plot.count() == 1
    assert plot.bounding_box()["width"] == 760
    for _ in range(2):
        plot.hover()
        page.mouse.move(5, 5)
    plot.hover()
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert chart.locator(".svg-container").count() == 1
    assert chart.locator("img").filter(visible=True).count() == 0
    assert chart.bounding_box() == before
    for theme in ("Light", "Dark"):
        page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme }).then(() => null)", f"JupyterLab {theme}"
        )
        page.wait_for_function("() => !document.getElementById('jupyterlab-splash')")
        screenshot(page.locator("#main"), f"chart-{theme.lower()}")
    page.evaluate("() => window.jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab Light' }).then(() => null)")


def test_a_dead_kernel_shows_and_the_cell_runs_again(notebook, page, request, screenshot):
    notebook(DATA, SHOW.format(request.node.name))
    app = shown(page)
    app.locator(".ls-card-head").first.click()
    page.keyboard.press("a")
    app.get_by_role("status").filter(has_text="Accepted").wait_for()
    page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({ code: 'os._exit(9)' }) && null"
    )
    alert = app.get_by_role("alert").filter(has_text="The kernel has stopped. Decisions made so far are in the ledger.")
    alert.wait_for()
    assert app.get_by_role("status").filter(has_text="Ready").count() == 0
    page.locator(".jp-Dialog button.jp-mod-accept").click()  # JupyterLab says it too, and starts another kernel
    page.locator(".jp-Dialog").wait_for(state="detached")
    app.focus()
    page.keyboard.press("a")
    app.get_by_role("status").filter(has_text="nothing was decided").wait_for()
    labkit.change_theme(page, "Dark")
    screenshot(app, "dead-kernel-dark")
    labkit.change_theme(page, "Light")
    screenshot(app, "dead-kernel-light")
    alert.get_by_role("button", name="Run again").click()
    alert.wait_for(state="detached")
    app = shown(page)
    assert int(app.get_by_role("tab", name="Accepted").locator(".ls-count").inner_text()) >= 1


def test_what_is_decided_just_before_saving_is_in_the_file(lab, notebook, page, request):
    name = notebook(DATA, SHOW.format(request.node.name))
    app = shown(page)

    def html() -> str:
        return "".join(json.loads((lab.root / name).read_text())["cells"][1]["outputs"][0]["data"]["text/html"])

    with labkit.saving(page):
        labkit.command(page, "docmanager:save")  # the map and the suggestions, which came after the cell had run
    assert "0 rejected" in html()
    app.locator(".ls-card-head").first.click()
    with labkit.saving(page):
        page.keyboard.press("r")
        page.keyboard.press("Control+s")
    assert "1 rejected" in html()
    with labkit.saving(page):
        page.keyboard.press("u")
        page.keyboard.press("Control+s")
    assert "0 rejected" in html()


def test_a_saved_notebook_shows_what_was_reviewed(lab, notebook, page, request, screenshot):
    name = notebook(DATA, SHOW.format(request.node.name))  # shown before its stages are over
    app = shown(page)
    app.locator(".ls-card-head").first.click()
    for n in (1, 2):
        page.keyboard.press("a" if n == 1 else "r")
        app.get_by_role("status").filter(has_text="Accepted" if n == 1 else "Rejected").wait_for()
    saved = """() => {
        const { outputs } = window.jupyterapp.shell.currentWidget.content.widgets[1].model;
        return outputs.toJSON()[0].data['text/html'];
    }"""
    page.wait_for_function(f"() => / [1-9][0-9]* accepted, 1 rejected/.test(({saved})())")
    assert app.get_by_role("listitem").first.is_visible()  # the live view stays
    labkit.command(page, "docmanager:save")
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    data = next(json.loads((lab.root / name).read_text())["cells"][1]["outputs"][k]["data"] for k in range(1))
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown().then(() => null)")
    html = "".join(data["text/html"])
    assert "1 rejected" in html
    assert "have not finished" not in html
    page.goto(lab.url(f"lab/workspaces/elsewhere/tree/{name}"))
    page.locator(".lsx-picture img").first.wait_for()
    page.locator(".lsx-picture").get_by_text("1 rejected").first.wait_for()
    screenshot(page.locator("#main"), "saved-review")
