"""What people say makes the next suggestions better: a confirmed relation in the app, and the suggestions made anew."""

from __future__ import annotations

import re

import numpy as np
import playkit
import pytest

import labelscope as ls

pytestmark = pytest.mark.browser


@pytest.fixture
def session(tmp_path):
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 3, 600)
    labels = np.column_stack([np.eye(3, dtype=int)[kind], kind < 2])
    labels[np.flatnonzero(kind == 0)[:3], 3] = 0
    embeddings = (np.eye(3)[kind] + rng.normal(0, 2, (600, 3))).astype("f4")
    dataset = ls.Dataset.from_arrays(labels, label_names=["dog", "cat", "car", "animal"], embeddings=embeddings)
    opened = ls.Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    yield opened
    opened.close()


def n_implied(session):
    return session.suggestions.frame["reason"].str.contains("implied by 'dog'", literal=True).sum()


def test_a_confirmed_relation_brings_what_breaks_it_into_the_worklist(page, session, screenshot):
    app = playkit.play(page, session, name="Pets")
    before = n_implied(session)
    app.get_by_role("tab", name="Relations", exact=True).click()
    relations = app.get_by_role("tabpanel", name="Relations")
    confirm = relations.get_by_role("button", name=re.compile("^Confirm: dog implies animal"))
    confirm.click()
    relations.get_by_role("button", name=re.compile("^Confirm: dog implies animal"), pressed=True).wait_for()
    news = app.get_by_role("group", name="Since the suggestions were made")
    news.filter(has_text="1 confirmed or rejected relation").wait_for()
    screenshot(app, "relation-confirmed")
    news.get_by_role("button", name="Update suggestions").click()
    news.wait_for(state="hidden")
    assert (before, n_implied(session)) == (0, 3)
    app.get_by_role("searchbox", name="Search the worklist").fill("animal")
    app.get_by_role("listitem").filter(has_text="implied by 'dog'").first.wait_for()
    screenshot(app, "suggestions-updated")
    confirm.click()
    relations.get_by_role("button", name=re.compile("^Confirm: dog implies animal"), pressed=False).wait_for()
    assert session.constraints.frame.height == 0
