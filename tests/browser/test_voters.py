"""Raters and rules in the app: the evidence, the tab of rules and the filter, with mouse and keyboard."""

from __future__ import annotations

import re

import numpy as np
import onscreen
import playkit
import polars as pl
import pytest

import labelscope as ls

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def dataset():
    rng = np.random.default_rng(0)
    n, names = 300, ["complaint", "praise"]
    truth = rng.random((n, 2)) < 0.4
    texts = [" ".join(["order shop today price"] + ["refund"] * bool(a) + ["great"] * bool(b)) for a, b in truth]
    given = truth ^ (rng.random(truth.shape) < 0.05)
    rows = np.arange(0, n, 2)

    def said(name, wrong):
        value = (truth[rows, 0] ^ (rng.random(len(rows)) < wrong)).astype(int)
        return pl.DataFrame({"item_id": rows, "rater": name, "label": "complaint", "value": value})

    votes = pl.concat([said("ann", 0.02), said("<b>bo</b>", 0.2)])
    items = pl.DataFrame({"item_id": np.arange(n), "text": texts, "shop": np.where(np.arange(n) % 3, "north", "south")})
    return ls.Dataset.from_arrays(given.astype(np.int8), label_names=names, items=items, text="text", votes=votes)


@pytest.fixture
def app(page, session):
    return playkit.play(page, session, name="Voters")


def test_a_rule_is_written_heard_and_taken_back(app, page, session, screenshot):
    rules = onscreen.panel(app, "Rules")
    rules.get_by_text("No rules yet").wait_for()
    rules.get_by_role("button", name="New rule").click()
    form = app.get_by_role("dialog", name="New rule")
    form.get_by_role("combobox", name="Choose a label").fill("comp")
    page.keyboard.press("Enter")
    form.get_by_role("group", name="Proposed words").get_by_role("button", name="refund").click()
    form.get_by_role("status").filter(has_text="Votes on").wait_for()
    screenshot(app, "rule-form")
    page.keyboard.press("Enter")
    row = rules.get_by_role("listitem", name="complaint: refund")
    row.wait_for()
    row.get_by_text("words: refund").wait_for()
    assert session.voters.kinds["complaint: refund"] == "rule"

    app.get_by_role("combobox", name="Filter items").fill("shop:north")
    page.keyboard.press("Enter")
    app.get_by_role("button", name="Save as rule").click()
    form = app.get_by_role("dialog", name="Save as rule")
    assert form.get_by_role("textbox", name="Condition").input_value() == "shop:north"
    form.get_by_role("combobox", name="Choose a label").fill("comp")
    page.keyboard.press("Enter")
    form.get_by_role("group", name="Vote").get_by_role("button", name="no").click()
    form.get_by_role("textbox", name="Name of the rule").fill("<i>north</i>")
    page.keyboard.press("Enter")
    rules.get_by_role("listitem", name="<i>north</i>").wait_for()
    assert page.locator(".ls-root i", has_text="north").count() == 0  # the name is no markup

    row.get_by_role("button", name=re.compile("conflict")).click()
    app.get_by_role("button", name=re.compile("Filter Rules against complaint: refund")).wait_for()
    screenshot(app, "rules")
    rules.get_by_role("button", name="Delete rule complaint: refund").click()
    row.wait_for(state="detached")
    rules.get_by_role("button", name="Undo: delete complaint: refund").click()
    row.wait_for()
    app.get_by_role("button", name="Update suggestions").click()
    app.get_by_role("group", name="Since the suggestions were made").wait_for(state="detached")
    assert session.suggestions.frame.height > 0


def test_raters_are_listed_with_their_limits_and_a_click_lists_their_cells(app, screenshot):
    raters = onscreen.panel(app, "Raters")
    table = raters.get_by_role("table", name="Voters")
    table.get_by_role("button", name="ann").wait_for()
    assert table.get_by_role("row").count() == 3
    assert "alpha" in raters.get_by_role("table", name="Agreement by label").inner_text().lower()
    screenshot(app, "raters")
    table.get_by_role("button", name="<b>bo</b>").click()
    app.get_by_role("button", name=re.compile("Filter vote:.*bo")).wait_for()


def test_evidence_shows_every_voter_and_a_click_filters_what_it_spoke_on(app, page, screenshot):
    app.get_by_role("combobox", name="Filter items").fill("vote:ann")
    page.keyboard.press("Enter")
    app.get_by_role("button", name=re.compile("Filter vote:ann")).wait_for()
    evidence = app.get_by_role("tabpanel", name="Evidence")
    if not evidence.is_visible():
        evidence = onscreen.panel(app, "Evidence")
    voters = evidence.get_by_role("region", name="Voters")
    voters.get_by_role("listitem").first.wait_for()
    assert voters.get_by_role("listitem").count() == 2
    assert "sensitivity" in voters.inner_text()
    screenshot(app, "evidence-voters")
    voters.get_by_role("button", name="<b>bo</b>").click()
    app.get_by_role("button", name=re.compile("Filter vote:.*bo")).wait_for()
    app.get_by_role("button", name="Clear selection").filter(has_text="150 items selected").wait_for()
