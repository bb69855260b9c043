"""A change of the label set that the data suggest is previewed and done on the page of its label, by keyboard, and undone by one U."""

from __future__ import annotations

import numpy as np
import pytest

from labelscope.data.dataset import Dataset

pytestmark = pytest.mark.browser

N = 200


@pytest.fixture(scope="module")
def dataset():
    rng = np.random.default_rng(4)
    place = np.arange(N) % 4
    labels = np.column_stack([place == 0, place == 1, place >= 2]).astype(np.int8)
    embeddings = (np.eye(4)[place] * 3 + rng.normal(size=(N, 4))).astype("f4")
    return Dataset.from_arrays(labels, label_names=["etching", "etchings", "ink"], embeddings=embeddings)


def test_a_proposed_rename_is_previewed_applied_and_undone(app, page, session):
    app.get_by_role("tab", name="Labels").click()
    app.get_by_role("button", name="Label page: etchings").click()
    dialog = app.get_by_role("dialog", name="Label page: etchings")
    proposal = dialog.get_by_role("group", name="Rename etchings into etching")
    proposal.get_by_role("button", name="Preview").press("Enter")
    proposal.get_by_text("etchings: 50 items → removed").wait_for()
    proposal.get_by_role("button", name="Apply").press("Enter")
    dialog.wait_for(state="detached")
    app.get_by_role("button", name="Label page: etchings").wait_for(state="detached")
    assert session.label_names == ("etching", "ink")
    app.get_by_role("button", name="Undo", exact=True).click()
    app.get_by_role("button", name="Label page: etchings").wait_for()
    assert session.label_names == ("etching", "etchings", "ink")
