"""The health of a data set, in the app and on a published page: what it says, what a row lists, and what changes when people decide."""

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
EVIL = "<b>few</b>"


@pytest.fixture(scope="module")
def dataset():
    """Ten comments that are there twice, two of them with other labels, in two splits; a rare label with a hostile name."""
    rng = np.random.default_rng(0)
    truth = (rng.random((N, 3)) < [0.4, 0.3, 0.0]).astype(np.int8)
    truth[:6, 2] = 1
    x = np.c_[truth * 3, np.zeros((N, 20))] + rng.normal(size=(N, 23)) * 0.4
    x[300:310] = x[:10]
    given = truth.copy()
    given[300:310] = given[:10]
    given[300, 0], given[301, 1] = 1 - given[0, 0], 1 - given[1, 1]
    given[100:140, 1] = -1
    items = pl.DataFrame({"text": [f"comment {k}" for k in range(N)], "split": ["test" if k >= 305 else "train" for k in range(N)]})
    return ls.Dataset.from_arrays(given, label_names=["spam", "praise", EVIL], items=items, text="text", embeddings=x.astype(np.float32))


def open_health(app):
    panel = onscreen.panel(app, "Health")
    panel.get_by_text("finding to mend").or_(panel.get_by_text("findings to mend")).wait_for()
    return panel


def finding(panel, words):
    return panel.get_by_role("button", name=re.compile(words))


def test_a_finding_lists_its_cells_and_goes_when_they_are_decided(app, page, session, screenshot):
    panel = open_health(app)
    groups = panel.get_by_role("rowheader").all_inner_texts()
    assert groups[:2] == ["To mend", "To look at"]
    differ = finding(panel, "near-duplicate with other labels, in 4 cells")
    screenshot(app, "health")
    differ.focus()
    page.keyboard.press("Enter")  # the keyboard reaches every row
    app.get_by_role("button", name=re.compile("Filter Near-duplicates with other labels")).wait_for()
    app.get_by_role("listitem").nth(3).wait_for()
    assert app.get_by_role("list", name="Worklist").get_by_role("listitem").count() == 4
    finding(panel, "pairs of near-duplicates lie in two splits").click()
    app.get_by_role("button", name=re.compile("Filter Near-duplicates in two splits")).wait_for()
    assert app.get_by_role("button", name=re.compile("Filter Near-duplicates with")).count() == 0
    session.edit(300, "spam", int(session.state(0, "spam")))
    finding(panel, "near-duplicate with other labels, in 2 cells").wait_for()
    session.edit(301, "praise", int(session.state(1, "praise")))
    panel.get_by_text("No near-duplicates have different labels").wait_for()


def test_a_label_opens_its_page_and_a_fix_leads_to_its_queue(app, page):
    panel = open_health(app)
    assert page.locator(".ls-root b", has_text=re.compile("^few$")).count() == 0  # the name is no markup
    panel.get_by_role("button", name=EVIL, exact=True).first.click()
    app.get_by_role("dialog", name=f"Label page: {EVIL}").wait_for()
    page.keyboard.press("Escape")
    panel.get_by_role("button", name="Look at proposed states").click()
    app.get_by_role("tab", name="Unknown", exact=True, selected=True, include_hidden=True).wait_for(state="attached")


def test_a_published_page_has_the_tab_to_read(browser, session, tmp_path):
    ls.publish(session, tmp_path / "page.html")
    with closing(browser.new_page()) as page:  # of a file, which the page of other tests may not ask for
        page.goto((tmp_path / "page.html").as_uri())
        panel = open_health(page)
        assert panel.get_by_role("button", name="Look at proposed states").count() == 0
        panel.get_by_role("button", name=EVIL, exact=True).first.click()
        page.get_by_role("dialog", name=f"Label page: {EVIL}").get_by_text("12 items").first.wait_for()
        page.keyboard.press("Escape")
        finding(panel, "near-duplicate with other labels, in 4 cells").click()
        page.get_by_text("4 items selected").first.wait_for()
