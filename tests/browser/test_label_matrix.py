"""Co-occurrence of 5,000 labels in the Explorer: cells of a window at a time, and a zoom asks for its own."""

from __future__ import annotations

import labkit
import pytest

pytestmark = pytest.mark.browser

DATA = """
import os; os.environ["LABELSCOPE_CACHE"] = "off"
import numpy as np, polars as pl, scipy.sparse as sp, labelscope as ls
from types import SimpleNamespace
from labelscope.session import Session

rng = np.random.default_rng(0)
n, k = 100_000, 5_000
topic = rng.integers(0, 250, n)
columns = np.stack([topic * 20 + (20 * rng.random(n) ** 2).astype(int), topic * 20 + rng.integers(0, 20, n), rng.zipf(1.6, n) % k], 1)
labels = sp.csr_matrix((np.ones(columns.size), (np.repeat(np.arange(n), 3), columns.ravel())), shape=(n, k)) > 0
names = [f"topic {i // 20:03d} word {i % 20:02d}" for i in range(k)]
ds = ls.Dataset.from_arrays(labels, label_names=names)
made = pl.DataFrame({"suggestion_id": ["s"], "item_id": [0], "label": [names[0]], "action": ["add"], "confidence": [0.5], "reason": ["-"]})
session = Session(ds, ledger="matrix.sqlite", reviewer="ann", suggestions=SimpleNamespace(frame=made))
"""
SHOW = """
app = ls.explore(session, name="Many labels")
app
"""


def test_five_thousand_labels_are_seen_whole_and_zoomed(notebook, page):
    notebook(DATA, SHOW)
    app = page.get_by_role("application", name="Labelscope explorer")
    app.get_by_role("tab", name="Co-occurrence", exact=True).click()
    panel = app.get_by_role("tabpanel", name="Co-occurrence")
    panel.get_by_role("combobox", name="Labels of the matrix").select_option(label="All 5,000 labels")
    whole = panel.get_by_role("img", name="Co-occurrence of 5,000 by 5,000 labels")
    whole.wait_for()
    cells = [whole.evaluate("canvas => [canvas.width, canvas.height]")]
    panel.get_by_text("5,000 labels in a pair; a cell shows its strongest pair").wait_for()
    assert panel.get_by_role("button", name="Whole matrix").count() == 0
    page.screenshot(path="tests/browser/screenshots/matrix-whole.png")
    box = whole.bounding_box()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.4 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.42 * box["width"], box["y"] + 0.42 * box["height"], steps=4)
    page.mouse.up()
    panel.get_by_text("of 5,000 labels").wait_for()
    near = panel.get_by_role("img", name="Co-occurrence of")
    for _ in range(8):  # until each cell is one label, and large enough for its name
        if panel.locator(".ls-overview-names span").count() >= 6:
            break
        near.hover()
        page.mouse.wheel(0, -100)
        page.wait_for_timeout(400)
    cells.append(near.evaluate("canvas => [canvas.width, canvas.height]"))
    assert max(max(sides) for sides in cells) <= 400
    assert panel.locator(".ls-overview-names span").count() >= 6
    page.screenshot(path="tests/browser/screenshots/matrix-near.png")
    side = near.bounding_box()["width"]
    n = cells[-1][0]
    for step in range(n):  # along the diagonal: labels that go together lie side by side
        near.hover(position={"x": (step + 0.5) * side / n, "y": ((step + 1) % n + 0.5) * side / n})
        if "more than chance" in panel.get_by_role("paragraph").last.inner_text():
            break
    near.click(position={"x": (step + 0.5) * side / n, "y": ((step + 1) % n + 0.5) * side / n})
    app.get_by_role("status").filter(has_text="selected").wait_for()
    chosen = int(labkit.kernel(page, "print(app.selection.height)"))
    assert 0 < chosen < 100_000
    panel.get_by_role("button", name="Whole matrix").click()
    panel.get_by_role("img", name="Co-occurrence of 5,000 by 5,000 labels").wait_for()
