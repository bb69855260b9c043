"""The tab "Models" in the app: the table, the comparison of two models, and labels as filters."""

from __future__ import annotations

import re

import numpy as np
import onscreen
import playkit
import polars as pl
import pytest

import labelscope as ls

pytestmark = pytest.mark.browser
NAMES = ["complaint", "<i>praise</i>", "question"]


@pytest.fixture(scope="module")
def truth():
    return (np.random.default_rng(0).random((300, 3)) < 0.4).astype(np.int8)


@pytest.fixture(scope="module")
def dataset(truth):
    rng = np.random.default_rng(1)
    words = [["refund"], ["great"], ["how"]]
    texts = [" ".join(["order shop today"] + [w for k in range(3) for w in words[k] if row[k]]) for row in truth]
    given = np.where(rng.random(truth.shape) < 0.06, 1 - truth, truth)
    items = {"item_id": list(range(300)), "text": texts}
    return ls.Dataset.from_arrays(given, label_names=NAMES, items=pl.DataFrame(items), text="text", taxonomy={"question": "complaint"})


@pytest.fixture
def app(page, session, truth):
    rng = np.random.default_rng(2)
    session.models |= {"mine": np.where(rng.random(truth.shape) < 0.05, 1 - truth, truth), "before <b>": 1 - truth}
    return playkit.play(page, session, name="Models")


def test_models_are_compared_on_the_truth_once_an_audit_is_decided_and_labels_filter(app, page, session, truth, screenshot):
    models = onscreen.panel(app, "Models")
    models.get_by_text("Nobody has audited these labels").wait_for()
    cells = session.audit(120).cells
    session.edit_all((i, k, int(truth[i, NAMES.index(k)])) for i, k in cells.select("item_id", "label").iter_rows())
    table = models.get_by_role("table", name="Models")
    table.wait_for()  # it follows the decisions
    assert table.get_by_role("row").count() == 1 + 4 * 2
    models.get_by_text("Mine has the better F1.").wait_for()
    assert page.locator(".ls-models b b, .ls-models td > i").count() == 0  # names are no markup
    screenshot(app, "models")

    models.get_by_role("combobox", name="Average").select_option("hierarchical")
    models.get_by_role("combobox", name="Average").filter(has=page.locator("option:checked", has_text="with ancestors")).wait_for()
    label = models.get_by_role("table", name="F1 by label").get_by_role("button", name="<i>praise</i>")
    label.focus()
    page.keyboard.press("Enter")
    app.get_by_role("button", name=re.compile("Filter .*praise")).first.wait_for()
