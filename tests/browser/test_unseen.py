"""What is accepted without a look at each cell: groups of unknown cells by one key, and the rest of a list by a sample of it."""

from __future__ import annotations

import comments
import playkit
import polars as pl
import pytest
from onscreen import current, says

from labelscope.session import Session

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def dataset():
    return comments.data_set(1500, wrong=0.04, unknown=0.45)


@pytest.fixture
def app(page, session):
    page.set_default_timeout(20_000)
    app = playkit.play(page, session)
    app.get_by_role("tab", name="Unknown").click()
    app.get_by_role("region", name="Groups of unknown cells").wait_for()
    return app


def test_a_group_of_unknown_cells_is_accepted_by_one_key_and_taken_back_by_one(app, page, session, screenshot, tmp_path):
    frame = session.pseudo_labels.frame
    groups = {(label, state): n for label, state, n in frame.group_by("label", "state").len().iter_rows()}
    (label, state), n = max(groups.items(), key=lambda one: one[1])
    assert n >= 300
    assert app.get_by_role("tab", name="Unknown").get_attribute("aria-description") == f"{frame.height:,}"
    region = app.get_by_role("region", name="Groups of unknown cells")
    assert "at most 10% wrong against the labels as given" in region.inner_text()
    assert region.get_by_role("button", name="Accept all").count() == len(groups)
    current(app).get_by_role("checkbox", name=label).and_(app.locator(".ls-pseudo")).wait_for()  # striped: not accepted yet
    screenshot(app, "unknown")
    page.keyboard.press("Shift+A")
    says(app, f"Accepted: {label} {'present' if state else 'absent'} on {n} items")
    assert session.changes.select("label", "after").unique().rows() == [(label, state)]
    assert session.changes.height == n
    assert set(session.changes["source"]) == {session.pseudo_labels.source}
    again = Session(session.dataset, ledger=session.ledger.removeprefix("sqlite:///"))  # as after a kill
    assert again.changes.height == n
    session.export(tmp_path / "out.csv")
    told = pl.read_ndjson(tmp_path / "out.csv.changes.jsonl")
    assert set(told["source"]) == {session.pseudo_labels.source}
    app.get_by_role("tab", name="Unknown").and_(app.locator(f'[aria-description="{frame.height - n:,}"]')).wait_for()
    page.keyboard.press("u")
    says(app, f"Undone: {n} decisions")
    assert session.changes.height == 0


def test_single_unknown_cells_are_accepted_rejected_or_left(app, page, session):
    for key, words in (("a", "Accepted"), ("r", "Rejected"), ("s", "Left unknown")):
        at = int(current(app).get_attribute("aria-posinset"))
        page.keyboard.press(key)
        app.get_by_role("listitem").nth(at - 1).filter(has_text=words).wait_for()
    states = session.pseudo_labels.frame["state"]
    made = session.decisions.select("verdict", "after").rows()
    assert [verdict for verdict, _ in made] == ["edited", "edited", "skipped"]
    assert sorted(after for _, after in made[:2]) == [0, 1]
    assert made[2][1] == -1
    assert states.len() > 3
    page.keyboard.press("u")
    says(app, "Undone")
    page.wait_for_function("() => document.querySelectorAll('[role=listitem] .ls-badge').length === 2")


def test_the_rest_of_a_group_is_accepted_by_a_sample_of_it(app, page, session, screenshot):
    app.get_by_role("button", name="Review a sample: ").first.click()
    bar = app.get_by_role("group", name="Accept the rest")
    bar.filter(has_text="0 judged, 0 wrong").wait_for()
    for judged in range(1, 61):
        page.keyboard.press("a")
        bar.filter(has_text=f"{judged} judged").wait_for()
    bar.get_by_label("Share of wrong cells").select_option("0.2")
    accept = bar.get_by_role("button", name="unseen")
    accept.wait_for()
    screenshot(app, "rest")
    n = int(accept.inner_text().split()[1].replace(",", ""))
    accept.click()
    says(app, f"Accepted unseen: {n} cells")
    unseen = session.changes.filter(pl.col("source") != "review")
    assert unseen.height == n
    assert unseen["source"][0].endswith("at most 20% wrong by a sample in which 0 of 60 judged cells were wrong")
    page.keyboard.press("u")
    says(app, f"Undone: {n} decisions")


def test_the_rest_of_the_suggestions_is_drawn_from_the_list(app, page, session):
    app.get_by_role("tab", name="Pending").click()
    app.get_by_role("listitem").first.wait_for()
    app.get_by_role("button", name="Accept the rest", exact=True).click()
    bar = app.get_by_role("group", name="Accept the rest")
    bar.filter(has_text=f"drawn from {session.suggestions.frame.height}").wait_for()
    page.keyboard.press("a")
    bar.filter(has_text="1 judged, 0 wrong").wait_for()
    page.keyboard.press("r")
    bar.filter(has_text="2 judged, 1 wrong").wait_for()
