"""What people say makes the next suggestions better: a confirmed relation in the app, and the suggestions made anew."""

from __future__ import annotations

import re

import labkit
import pytest

pytestmark = pytest.mark.browser

DATA = """
import numpy as np, labelscope as ls
rng = np.random.default_rng(0)
n, kind = 600, rng.integers(0, 3, 600)
labels = np.eye(3, dtype=int)[kind]
labels = np.column_stack([labels, (kind < 2).astype(int)])
lost = np.flatnonzero(kind == 0)[:3]
labels[lost, 3] = 0
x = (np.eye(3)[kind] + rng.normal(0, 2, (n, 3))).astype("f4")
ds = ls.Dataset.from_arrays(labels, label_names=["dog", "cat", "car", "animal"], embeddings=x)
"""
SHOW = 'app = ls.explore(ds, ledger="learning.sqlite", reviewer="ann", name="Pets")\napp'
IMPLIED = "print(app.session.suggestions.frame['reason'].str.contains(\"implied by 'dog'\", literal=True).sum())"


def test_a_confirmed_relation_brings_what_breaks_it_into_the_worklist(notebook, page, screenshot):
    notebook(DATA, SHOW)
    app = page.get_by_role("application", name="Labelscope explorer")
    app.get_by_role("status").filter(has_text="Ready").wait_for()
    before = int(labkit.kernel(page, IMPLIED))
    app.get_by_role("tab", name="Relations", exact=True).click()
    relations = app.get_by_role("tabpanel", name="Relations")
    confirm = relations.get_by_role("button", name=re.compile("^Confirm: dog implies animal"))
    confirm.click()
    relations.get_by_role("button", name=re.compile("^Confirm: dog implies animal"), pressed=True).wait_for()
    news = app.get_by_role("group", name="Since the suggestions were made")
    news.filter(has_text="1 new rule").wait_for()
    screenshot(app, "relation-confirmed")
    news.get_by_role("button", name="Update suggestions").click()
    news.wait_for(state="hidden")
    after = int(labkit.kernel(page, IMPLIED))
    assert (before, after) == (0, 3)
    app.get_by_role("searchbox", name="Search the worklist").fill("animal")
    app.get_by_role("listitem").filter(has_text="implied by 'dog'").first.wait_for()
    screenshot(app, "suggestions-updated")
    confirm.click()
    relations.get_by_role("button", name=re.compile("^Confirm: dog implies animal"), pressed=False).wait_for()
    assert labkit.kernel(page, "print(app.session.constraints.frame.height)") == "0"
