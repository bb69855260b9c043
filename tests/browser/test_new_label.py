"""A new label grows in the app: by keys and clicks, from words, from the selection or from nothing."""

from __future__ import annotations

import re

import numpy as np
import onscreen
import playkit
import polars as pl
import pytest

from labelscope.data.dataset import Dataset
from labelscope.review.label_edit import LabelEdit
from labelscope.session import Session

pytestmark = pytest.mark.browser

N = 360
WORDS = ["boat", "car", "tree", "house", "cloud", "river"]


@pytest.fixture(scope="module")
def dataset():
    rng = np.random.default_rng(3)
    group = np.arange(N) % 6
    points = (3 * rng.normal(size=(6, 8))[group] + rng.normal(size=(N, 8))).astype("f4")
    texts = [f"<b>a {WORDS[g]}</b> seen on day {k}, from the north side of the old harbour" for k, g in enumerate(group)]
    items = pl.DataFrame({"item_id": [f"i{k}" for k in range(N)], "text": texts})
    labels = np.column_stack([group == 1, (group == 2) ^ (rng.random(N) < 0.05)]).astype("i1")
    return Dataset.from_arrays(labels, label_names=["car", "tree"], embeddings=points, items=items, text="text")


@pytest.fixture
def app(page, session):
    page.set_viewport_size({"width": 1440, "height": 900})
    return playkit.play(page, session)


def begun(app, name, **fields):
    dialog = app.get_by_role("dialog", name="New label")
    dialog.get_by_role("textbox", name="Name of the label").fill(name)
    if "meaning" in fields:
        dialog.get_by_role("textbox", name="What it means").fill(fields["meaning"])
    if "start" in fields:
        dialog.get_by_role("radio", name=re.compile(fields["start"])).check()
    dialog.get_by_role("button", name=re.compile("^(Begin|Make the label)$")).click()
    grow = app.get_by_role("dialog", name=f"Grow label: {name}")
    grow.get_by_role("group", name=re.compile("^Item i")).first.wait_for()
    return grow


def wait_for_states(session, page, name, positive, negative):
    """Wait until the ledger holds so many judgements of a label."""
    for _ in range(200):
        states = session.states(name)
        if ((states == 1).sum(), (states == 0).sum()) == (positive, negative):
            return
        page.evaluate("() => new Promise(done => requestAnimationFrame(done))")
    raise AssertionError(f"{(states == 1).sum()} positive and {(states == 0).sum()} negative, expected {positive} and {negative}")


def judge_round(page, grow):
    """Judge the items of a round by key, by what they show; how many have it."""
    items = grow.get_by_role("group", name=re.compile("^Item i"))
    texts = [items.nth(k).inner_text() for k in range(items.count())]
    for text in texts:
        page.keyboard.press("a" if "boat" in text else "r")
    return sum("boat" in text for text in texts), len(texts)


def test_words_then_rounds_by_key_and_the_label_is_in_the_ledger(app, page, session, screenshot):
    onscreen.panel(app, "Labels").get_by_role("button", name="New label").click()
    grow = begun(app, "boat", meaning="ships too")
    assert "words of the name" in grow.inner_text()
    assert "<b>a boat</b>" in grow.inner_text()  # data is text, not markup
    yes, n = judge_round(page, grow)
    grow.get_by_text(re.compile(rf"Hits a round: {yes} of {n}")).wait_for()
    wait_for_states(session, page, "boat", yes, n - yes)
    screenshot(app, "grow-1440")
    more, m = judge_round(page, grow)
    grow.get_by_text(re.compile(rf"Hits a round: {yes} of {n}, {more} of {m}")).wait_for()
    wait_for_states(session, page, "boat", yes + more, n + m - yes - more)
    assert yes + more >= 30
    assert session.label_names == ("car", "tree", "boat")
    grow.get_by_role("button", name="Sample 20").click()
    judge_round(page, grow)
    grow.get_by_text(re.compile(r"about \d+ \[\d+, \d+\] in all")).wait_for()
    page.keyboard.press("Escape")
    grow.wait_for(state="detached")
    onscreen.panel(app, "Labels").get_by_role("button", name=re.compile("^boat: ")).wait_for()  # a label like any other


def test_a_judgement_is_taken_back_by_key_and_by_click(app, page, session):
    page.keyboard.press("Control+k")
    app.get_by_role("dialog", name="Command bar").get_by_role("combobox").fill("new label")
    page.keyboard.press("Enter")
    grow = begun(app, "boat")
    page.keyboard.press("a")
    page.keyboard.press("a")
    wait_for_states(session, page, "boat", 2, 0)
    page.keyboard.press("u")
    wait_for_states(session, page, "boat", 1, 0)
    grow.get_by_role("group", name=re.compile("not judged$")).nth(18).wait_for()  # 19 of 20
    first = grow.get_by_role("group", name=re.compile("has it$"))
    first.get_by_role("button", name=re.compile("^Has it not")).click()
    wait_for_states(session, page, "boat", 0, 1)
    grow.get_by_role("button", name="Undo").click()
    grow.get_by_role("button", name="Undo").click()
    wait_for_states(session, page, "boat", 0, 0)
    assert session.label_names == ("car", "tree")


def test_the_selection_becomes_a_label(app, page, session):
    app.get_by_role("combobox", name="Filter items").fill("text:boat")
    page.keyboard.press("Enter")
    toolbar = app.get_by_role("toolbar", name="Selection")
    toolbar.get_by_role("button", name="New label").click()
    grow = begun(app, "boat")
    wait_for_states(session, page, "boat", N // 6, 0)
    grow.get_by_role("button", name="Close").click()
    onscreen.says(app, "60 items found")
    session.undo()
    assert session.label_names == ("car", "tree")


def test_selected_items_are_looked_at_and_nothing_else_waits_for_a_round(app, page, session):
    app.get_by_role("combobox", name="Filter items").fill("text:boat OR text:cloud")
    page.keyboard.press("Enter")
    app.get_by_role("toolbar", name="Selection").get_by_role("button", name="New label").click()
    grow = begun(app, "boat", start="Look at")
    items = grow.get_by_role("group", name=re.compile("^Item i"))
    assert items.count() == 20
    assert all(re.search("boat|cloud", items.nth(k).inner_text()) for k in range(20))
    page.keyboard.press("a")
    page.keyboard.press("Enter")  # the next round is looked for, and this goes on
    page.keyboard.press("r")
    wait_for_states(session, page, "boat", 1, 1)
    grow.get_by_text("Hits a round: 1 of 2").wait_for()


def test_labels_of_other_reviewers_come_and_go_in_an_open_view(app, page, session, dataset, tmp_path):
    panel = onscreen.panel(app, "Labels")
    rows = panel.get_by_role("group", name="Labels by count")
    rows.get_by_role("button", name="car: 60 items").wait_for()
    other = Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer="bo")
    other.apply(LabelEdit.new("boat", [f"i{k}" for k in range(0, N, 6)]))
    rows.get_by_role("button", name="boat: 60 items").wait_for()
    app.get_by_text("360 items × 3 labels").wait_for()
    other.apply(LabelEdit.merge("car", "tree"))
    rows.get_by_role("button", name=re.compile("^car")).wait_for(state="detached")
    app.get_by_role("combobox", name="Filter items").fill("boat AND text:boat")
    page.keyboard.press("Enter")
    app.get_by_role("toolbar", name="Selection").wait_for()
    onscreen.tab(app, "All items", more="queues")
    app.get_by_role("listitem").first.get_by_role("checkbox", name=re.compile("^boat")).wait_for()
    app.get_by_role("listitem").first.get_by_role("checkbox", name=re.compile("^car")).wait_for(state="detached")
    for _ in range(2):
        other.undo()
    rows.get_by_role("button", name=re.compile("^car")).wait_for()
    rows.get_by_role("button", name=re.compile("^boat")).wait_for(state="detached")
    other.close()


def test_a_label_that_is_there_does_not_grow(app):
    onscreen.panel(app, "Labels").get_by_role("button", name="New label").click()
    dialog = app.get_by_role("dialog", name="New label")
    dialog.get_by_role("textbox", name="Name of the label").fill("car")
    dialog.get_by_role("button", name="Begin").click()
    app.get_by_role("alert").filter(has_text="whose cells are all known").wait_for()
