"""Where errors come from, in the app and on a published page: the table, its filters, the export without personal data."""

from __future__ import annotations

import re
from contextlib import closing

import numpy as np
import onscreen
import polars as pl
import pytest

import labelscope as ls

pytestmark = pytest.mark.browser

N = 400
EVIL = "<b>bo</b>"


@pytest.fixture(scope="module")
def dataset():
    rng = np.random.default_rng(0)
    truth = (rng.random((N, 2)) < 0.4).astype(int)
    who = np.arange(N) % 10
    given = np.where(((who == 3) & (rng.random(N) < 0.5))[:, None], 1 - truth, truth)
    items = pl.DataFrame({
        "text": [f"comment {k}{' ann@example.org' * (k % 40 == 0)}" for k in range(N)],
        "rater": [EVIL if k == 3 else f"r{k}" for k in who],
    })  # fmt: skip
    x = (truth * 3 + rng.normal(size=(N, 2)) * 0.3).astype(np.float32)
    return ls.Dataset.from_arrays(given, label_names=["spam", "praise"], items=items, text="text", embeddings=x)


def open_sources(app):
    panel = onscreen.panel(app, "Sources")
    panel.get_by_role("table", name="Errors by value").wait_for()
    return panel


def test_a_row_is_a_filter_and_the_guess_is_marked_until_people_decide(app, page, session, screenshot):
    panel = open_sources(app)
    assert "a guess, until you decide" in panel.inner_text()
    assert panel.get_by_role("group", name="What is compared").count() == 0
    first = panel.get_by_role("button", name=f"rater: {EVIL}", exact=True)
    assert panel.get_by_role("table", name="Errors by value").get_by_role("button").first.inner_text() == f"rater: {EVIL}"
    screenshot(app, "sources")
    first.focus()
    page.keyboard.press("Enter")  # the keyboard reaches every row
    app.get_by_role("button", name=re.compile("Filter rater: .b.bo")).wait_for()
    assert page.locator(".ls-root b", has_text=re.compile("^bo$")).count() == 0  # the name is no markup
    panel.get_by_role("button", name="e-mail address in text").click()
    app.get_by_role("button", name=re.compile("Filter e-mail address in text")).wait_for()
    assert app.get_by_role("button", name=re.compile("Filter rater: ")).count() == 0

    given, wrong = session.dataset.labels.dense(), np.random.default_rng(1)
    for row in range(120):
        bad = row % 10 == 3 and wrong.random() < 0.8
        session.edit(row, "spam", int(1 - given[row, 0])) if bad else session.confirm(row, "spam")
    panel.get_by_text("among 120 decided cells").wait_for()
    panel.get_by_role("group", name="What is compared").get_by_role("button", name="Suspicion").click()
    panel.get_by_text("a guess, until you decide").wait_for()


def test_the_export_of_the_tab_leaves_personal_data_out(app, page, tmp_path):
    panel = open_sources(app)
    panel.get_by_role("button", name="Export without personal data").click()
    dialog = app.get_by_role("dialog", name="Save without personal data")
    dialog.get_by_role("textbox", name="File").fill(str(tmp_path / "out.csv"))
    page.keyboard.press("Enter")
    app.get_by_text("personal data replaced in 10 rows").first.wait_for()
    written = (tmp_path / "out.csv").read_text("utf-8")
    assert "example.org" not in written
    assert written.count("[e-mail address]") == 10


def test_a_published_page_has_the_tab_to_read(browser, session, tmp_path):
    ls.publish(session, tmp_path / "page.html")
    with closing(browser.new_page()) as page:  # of a file, which the page of other tests may not ask for
        page.goto((tmp_path / "page.html").as_uri())
        panel = open_sources(page)
        assert panel.get_by_role("button", name="Export without personal data").count() == 0
        panel.get_by_role("button", name="rater: r5", exact=True).click()
        page.get_by_text("40 items selected").first.wait_for()
