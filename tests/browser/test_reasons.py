"""A reason a verdict: one key more, a digit chooses, one undo takes it back."""

from __future__ import annotations

import comments
import pytest
from onscreen import says

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def dataset():
    return comments.data_set(120, wrong=0.12, unknown=0)


def test_a_dot_and_a_digit_give_the_reason_of_the_last_verdict(app, page, session, screenshot):
    page.keyboard.press("r")
    page.keyboard.press(".")
    dialog = app.get_by_role("dialog", name="Reason of the last verdict")
    dialog.wait_for()
    screenshot(app, "reasons")
    before = session.labels.n_positive.tolist()
    page.keyboard.press("2")
    dialog.wait_for(state="detached")
    says(app, "Reason: confused with a similar label")
    assert session.labels.n_positive.tolist() == before  # the digit changed no label
    assert session.reasons.select("verdict", "reason").rows() == [("rejected", "confused with a similar label")]
    app.get_by_role("tab", name="Progress").click()
    app.get_by_text("confused with a similar label 1").wait_for()
    page.keyboard.press("u")
    says(app, "Undone: the reason of")
    assert session.reasons.height == 0
    assert len(session.verdicts) == 1
    page.keyboard.press("u")
    says(app, "Undone: ")
    app.get_by_role("tab", name="Rejected").filter(has_text="0").wait_for()
    assert session.verdicts == {}


def test_the_list_of_reasons_is_edited_where_it_is_used_and_another_reason_is_typed(app, page, session):
    page.keyboard.press("a")
    page.keyboard.press(".")
    app.get_by_role("button", name="Edit the list").click()
    app.get_by_role("textbox", name="Reasons, one a line").fill("sarcasm\nquoted")
    app.get_by_role("button", name="Save the list").click()
    app.get_by_role("button", name="sarcasm").wait_for()
    assert session.reason_kinds == ("sarcasm", "quoted")
    app.get_by_role("textbox", name="Another reason").fill("asked the annotator 3 times")
    page.keyboard.press("Enter")
    says(app, "Reason: asked the annotator 3 times")
    assert session.reasons["reason"].to_list() == ["asked the annotator 3 times"]


def test_without_a_verdict_the_key_says_so(app, page):
    page.keyboard.press(".")
    says(app, "expected a verdict of yours")
