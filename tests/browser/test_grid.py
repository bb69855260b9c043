"""Grid mode: 24 items about one question, the wrong ones unticked, one key for all and one undo."""

from __future__ import annotations

import playkit
import polars as pl
import pytest
from onscreen import keys_are_the_lists

import labelscope as ls

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def dataset():
    return ls.demo(400)


def standing(session):
    return session.decisions.filter(~pl.col("undone"))


def test_a_grid_is_decided_by_one_key_and_taken_back_by_one(page, session, screenshot):
    page.set_default_timeout(30_000)
    app = playkit.play(page, session)
    label, n = session.suggestions.frame.filter(action="add")["label"].value_counts(sort=True).row(0)
    field = app.get_by_role("combobox", name="Filter items")
    field.fill(f"add:{label}")
    field.press("Enter")
    app.get_by_role("button", name=f"Remove filter add:{label}").wait_for()
    keys_are_the_lists(page)
    page.keyboard.press("g")
    grid = app.get_by_role("grid", name="Items")
    cells = grid.get_by_role("gridcell")
    cells.first.wait_for()
    shown = cells.count()
    assert shown == min(n, 24)
    assert app.get_by_role("list", name="Worklist").count() == 0  # nothing else is in sight
    grid.locator("img").nth(shown - 1).wait_for()
    page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")
    cells.nth(2).click()
    app.get_by_role("button", name=f"Decide on these {shown}").filter(has_text=f"{shown - 2} have {label}, 2 do not").wait_for()
    assert [cells.nth(k).get_attribute("aria-selected") for k in range(4)] == ["true", "false", "false", "true"]
    screenshot(app, "grid")
    page.keyboard.press("Enter")
    app.get_by_role("status").filter(has_text=f"{label}: present on {shown - 2} items, absent on 2").wait_for()
    of_label = standing(session).filter(pl.col("label") == label)
    assert sorted(of_label["after"].to_list()) == [0, 0] + [1] * (shown - 2)
    verdicts = list(session.verdicts.values())
    assert (verdicts.count("rejected"), verdicts.count("accepted") >= shown - 2) == (2, True)
    page.keyboard.press("u")
    app.get_by_role("status").filter(has_text="Undone").wait_for()
    assert standing(session).height == 0
    cells.nth(shown - 1).wait_for()
    page.evaluate("document.activeElement.blur()")
    assert shown < 24  # so that nothing is left once they are decided, and no tile has the focus
    cells.first.click()
    page.keyboard.press("Enter")
    app.get_by_text("Nothing of this kind is left in the list.").wait_for()
    page.wait_for_function("() => document.activeElement.closest('[role=application]') !== null")
    page.keyboard.press("u")  # the keys go on
    cells.nth(shown - 1).wait_for()
    page.keyboard.press("s")
    app.get_by_role("status").filter(has_text="This is grid mode").wait_for()
    page.keyboard.press("Escape")
    grid.wait_for(state="detached")
    keys_are_the_lists(page)


def test_what_is_there_is_checked_as_well_and_a_whole_item_is_no_question(page, session):
    page.set_default_timeout(30_000)
    app = playkit.play(page, session)
    app.get_by_role("tab", name="All items").click()
    app.get_by_role("combobox", name="Order").select_option("uncertain")
    app.locator("[role=listitem]").filter(has_text="Item ").first.click()
    keys_are_the_lists(page)
    page.keyboard.press("g")
    app.get_by_role("status").filter(has_text="got a whole item; filter for one").wait_for()
