"""Co-occurrence of 5,000 labels in the Explorer: cells of a window at a time, and a zoom asks for its own."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import playkit
import polars as pl
import pytest
import scipy.sparse as sp

import labelscope as ls

pytestmark = pytest.mark.browser

N, K = 100_000, 5_000


@pytest.fixture
def explorer(tmp_path, monkeypatch):
    monkeypatch.setenv("LABELSCOPE_CACHE", "off")
    rng = np.random.default_rng(0)
    topic = rng.integers(0, 250, N)
    often, any_of, rare = (20 * rng.random(N) ** 2).astype(int), rng.integers(0, 20, N), rng.zipf(1.6, N) % K
    columns = np.stack([topic * 20 + often, topic * 20 + any_of, rare], 1)
    labels = sp.csr_matrix((np.ones(columns.size), (np.repeat(np.arange(N), 3), columns.ravel())), shape=(N, K)) > 0
    names = [f"topic {i // 20:03d} word {i % 20:02d}" for i in range(K)]
    dataset = ls.Dataset.from_arrays(labels, label_names=names)
    cell = {"suggestion_id": ["s"], "item_id": [0], "label": [names[0]], "action": ["add"], "confidence": [0.5], "reason": ["-"]}
    made = SimpleNamespace(frame=pl.DataFrame(cell))
    session = ls.Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer="ann", suggestions=made)
    yield playkit.Played(session, name="Many labels")
    session.close()


def test_five_thousand_labels_are_seen_whole_and_zoomed(page, explorer):
    from playwright.sync_api import expect  # only where there is a browser

    app = playkit.show(page, explorer, listed=False)
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
    window = panel.get_by_text("of 5,000 labels")
    window.wait_for()
    near = panel.get_by_role("img", name="Co-occurrence of")
    for _ in range(8):  # until each cell is one label, and large enough for its name
        if panel.locator(".ls-pair-canvas-names span").count() >= 6:
            break
        before = window.inner_text()
        near.hover()
        page.mouse.wheel(0, -100)
        expect(window).not_to_have_text(before)
    cells.append(near.evaluate("canvas => [canvas.width, canvas.height]"))
    assert max(max(sides) for sides in cells) <= 400
    assert panel.locator(".ls-pair-canvas-names span").count() >= 6
    page.screenshot(path="tests/browser/screenshots/matrix-near.png")
    side = near.bounding_box()["width"]
    n = cells[-1][0]
    for step in range(n):  # along the diagonal: labels that go together lie side by side
        near.hover(position={"x": (step + 0.5) * side / n, "y": ((step + 1) % n + 0.5) * side / n})
        if "more than chance" in panel.get_by_role("paragraph").last.inner_text():
            break
    near.click(position={"x": (step + 0.5) * side / n, "y": ((step + 1) % n + 0.5) * side / n})
    app.get_by_role("status").filter(has_text="selected").wait_for()
    assert 0 < explorer.selection.height < N
    panel.get_by_role("button", name="Whole matrix").click()
    panel.get_by_role("img", name="Co-occurrence of 5,000 by 5,000 labels").wait_for()
