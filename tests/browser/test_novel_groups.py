"""Groups that no label explains, in the app: found, shown, named, dismissed, brought back and made labels, by mouse and by keyboard."""

from __future__ import annotations

import re
from contextlib import closing

import numpy as np
import onscreen
import playkit
import pytest

from labelscope.data.dataset import Dataset
from labelscope.session import Session
from tests.integration.sky import COMETS, sky

pytestmark = pytest.mark.browser

COMET = re.compile("^comet, orbit, 30 items")


@pytest.fixture(scope="module")
def dataset():
    return sky()


@pytest.fixture
def app(page, session):
    page.set_viewport_size({"width": 1440, "height": 900})
    app = playkit.play(page, session)
    onscreen.keys_are_the_lists(page)
    return app


def row(app, name=COMET):
    return app.get_by_role("list", name="Novel groups").get_by_role("listitem", name=name)


def by_keys(page, words):
    page.keyboard.press("Control+k")
    page.get_by_role("dialog", name="Command bar").get_by_role("combobox").fill(words)
    page.keyboard.press("Enter")


def test_a_group_is_found_shown_named_and_dismissed_by_mouse(app, page, session, screenshot):
    onscreen.panel(app, "Labels").get_by_role("button", name="Novel groups").click()
    panel = app.get_by_role("tabpanel", name="Novel groups")
    panel.get_by_text("Groups of like items that the labels do not explain").wait_for()
    panel.get_by_role("button", name="Find groups").click()
    row(app).wait_for()
    assert "<b>comet orbit</b>" in row(app).inner_text()  # data is text, not markup
    row(app).get_by_role("button", name="comet, orbit", exact=True).click()
    app.get_by_role("button", name="Clear selection").filter(has_text="30 items selected").wait_for()
    assert set(app.get_by_role("listitem").first.inner_text().split()) & {"comet", "orbit"}
    row(app).get_by_role("button", name="Name: comet, orbit").click()
    dialog = app.get_by_role("dialog", name="Name of the group")
    dialog.get_by_role("textbox").fill("shooting stars")
    dialog.get_by_role("button", name="Save").click()
    named = row(app, re.compile("^shooting stars, 30 items"))
    named.wait_for()
    screenshot(app, "novel-groups-1440")
    named.get_by_role("button", name="Dismiss: shooting stars").click()
    named.wait_for(state="detached")
    panel.get_by_role("button", name="1 dismissed: show").click()
    row(app, re.compile("^shooting stars, 30 items, dismissed")).wait_for()
    assert session.novel_groups.filter(state="dismissed")["name"].to_list() == ["shooting stars"]
    panel.get_by_role("button", name="Hide the dismissed ones").click()
    named.wait_for(state="detached")
    panel.get_by_role("button", name="Look again").click()  # a dismissal is remembered
    onscreen.says(app, "Ready")
    panel.get_by_role("button", name="1 dismissed: show").click()
    row(app, re.compile("^shooting stars")).get_by_role("button", name="Bring back: shooting stars").click()
    row(app, re.compile("^shooting stars, 30 items$")).wait_for()
    app.get_by_role("button", name="Undo", exact=True).click()
    onscreen.says(app, "Undone: what was said of the group")
    row(app, re.compile("^shooting stars, 30 items, dismissed")).wait_for()


def test_a_group_is_found_dismissed_and_made_a_label_by_keyboard(app, page, session):
    by_keys(page, "find novel groups")
    row(app).wait_for()
    by_keys(page, "tab novel groups")
    page.wait_for_function("() => document.activeElement?.getAttribute('aria-label')?.startsWith('comet, orbit')")
    page.keyboard.press("j")
    page.wait_for_function("() => document.activeElement?.getAttribute('role') === 'listitem'")
    assert not page.evaluate("() => document.activeElement.getAttribute('aria-label').startsWith('comet')")
    page.keyboard.press("k")
    page.keyboard.press("r")
    row(app).wait_for(state="detached")
    assert session.group_verdicts["verdict"].to_list() == ["dismiss"]
    page.keyboard.press("u")
    row(app).wait_for()
    by_keys(page, "tab novel groups")
    page.wait_for_function("() => document.activeElement?.getAttribute('role') === 'listitem'")
    while not page.evaluate("() => document.activeElement.getAttribute('aria-label').startsWith('comet')"):
        page.keyboard.press("k")
    page.keyboard.press("e")
    dialog = app.get_by_role("dialog", name="Name of the group")
    dialog.get_by_role("textbox").fill("comet")
    page.keyboard.press("Enter")
    named = row(app, re.compile("^comet, 30 items"))
    named.wait_for()
    page.wait_for_function("() => document.activeElement?.getAttribute('aria-label')?.startsWith('comet, 30 items')")
    page.keyboard.press("a")
    dialog = app.get_by_role("dialog", name="New label")
    assert dialog.get_by_role("textbox", name="Name of the label").input_value() == "comet"
    assert dialog.get_by_role("radio", name="The 30 selected items have it").is_checked()
    page.keyboard.press("Enter")
    app.get_by_role("dialog", name="Grow label: comet").wait_for()
    page.keyboard.press("Escape")
    row(app, re.compile("^comet, 30 items, taken")).get_by_text("Most of its items have the new label comet").wait_for()
    assert session.label_names == ("apple", "leaf", "small", "comet")
    assert {item for item in COMETS if session.state(item, "comet") == 1} == set(COMETS)
    onscreen.panel(app, "Labels").get_by_role("button", name=re.compile("^comet: 30 items")).wait_for()
    app.get_by_role("button", name="Undo", exact=True).click()
    onscreen.panel(app, "Novel groups")
    row(app, re.compile("^comet, 30 items$")).wait_for()
    assert session.label_names == ("apple", "leaf", "small")


def test_what_another_reviewer_says_of_a_group_is_seen_here(app, page, session, dataset, tmp_path):
    by_keys(page, "find novel groups")
    row(app).wait_for()
    bob = Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer="bob")
    bob.dismiss_group(int(bob.novel_groups.filter(name="comet, orbit")["group"][0]))
    bob.close()
    row(app).wait_for(state="detached")
    onscreen.panel(app, "Novel groups").get_by_role("button", name="1 dismissed: show").wait_for()


def test_a_search_that_finds_nothing_says_so(page, tmp_path):
    few = Dataset.from_arrays(np.eye(24, 2, dtype="i1"), embeddings=np.random.default_rng(0).normal(size=(24, 3)).astype("f4"))
    with closing(Session(few, ledger=tmp_path / "few.sqlite", reviewer="ann")) as session:
        app = playkit.show(page, playkit.Played(session), listed=False)
        onscreen.panel(app, "Novel groups").get_by_role("button", name="Find groups").click()
        app.get_by_text("No stable group of items that the labels do not explain was found.").wait_for()
