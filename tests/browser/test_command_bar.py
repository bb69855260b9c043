"""The command bar: filters with their hits, labels, queues, orders and actions by typing, from anywhere in the app."""

from __future__ import annotations

import playkit
import pytest

import labelscope as ls
from labelscope.session import Session

pytestmark = pytest.mark.browser

PLACE = "http://127.0.0.1:9/app"


@pytest.fixture(scope="module")
def shown(browser, tmp_path_factory):
    """One app for all tests, which leave no filter and no dialog behind."""
    session = Session(ls.demo(240), ledger=tmp_path_factory.mktemp("bar") / "ledger.sqlite", reviewer="ann")
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.route(PLACE, lambda route: route.fulfill(body="<!doctype html><title>app</title>", content_type="text/html"))
    page.goto(PLACE)  # a page with a place can remember
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield playkit.play(page, session), page, session
    context.close()
    session.close()
    assert not errors


@pytest.fixture
def bar(shown):
    app, page, _ = shown
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog", name="Command bar")
    dialog.wait_for()
    yield dialog
    if dialog.count():
        page.keyboard.press("Escape")
    if (clear := app.get_by_role("button", name="Clear selection")).count():
        clear.click()
        clear.wait_for(state="detached")


def typed(bar, words: str) -> None:
    bar.get_by_role("combobox").fill(words)


def test_a_label_offers_its_filters_with_their_hits_and_enter_takes_one(shown, bar, screenshot):
    app, page, session = shown
    label, n = session.suggestions.frame.filter(action="add")["label"].value_counts(sort=True).row(0)
    typed(bar, f"add:{label}")
    option = bar.get_by_role("option", name=f"add:{label}", exact=False).first
    option.filter(has_text=f"{n} cell").wait_for()
    screenshot(app, "command-bar")
    page.keyboard.press("Enter")
    app.get_by_role("button", name=f"Remove filter add:{label}").wait_for()
    assert app.get_by_role("tab", name="Pending").get_attribute("aria-description") == str(n)
    assert page.evaluate("() => document.activeElement.getAttribute('role')") == "listitem"


def test_what_was_asked_for_last_and_what_is_saved_are_a_key_away(shown, bar):
    app, page, session = shown
    label = session.dataset.label_names[0]
    typed(bar, f"{label}:no")
    bar.get_by_role("option", name=f"{label}:no", exact=False).first.filter(has_text="item").wait_for()
    page.keyboard.press("Enter")
    app.get_by_role("button", name=f"Remove filter {label}:no").wait_for()
    page.keyboard.press("Control+k")
    typed(bar, "my list")
    bar.get_by_role("button", name="Save this list").click()
    bar.get_by_role("option", name="my list", exact=False).wait_for()
    page.keyboard.press("Escape")
    app.get_by_role("button", name="Clear selection").click()
    page.keyboard.press("Control+k")
    bar.get_by_role("option", name=f"{label}:no", exact=False).filter(has_text="item").wait_for()  # recent
    page.keyboard.press("Enter")  # the first is the saved one
    app.get_by_role("button", name=f"Remove filter {label}:no").wait_for()
    page.keyboard.press("Control+k")
    bar.get_by_role("button", name="Forget my list").dispatch_event("mousedown")
    bar.get_by_role("option", name="my list", exact=False).wait_for(state="detached")


def test_queues_orders_views_and_actions_are_done_by_name(shown, bar):
    app, page, _ = shown
    typed(bar, "queue all")
    bar.get_by_role("option", name="Queue: All items", exact=False).filter(has_text="240").wait_for()
    page.keyboard.press("Enter")
    app.get_by_role("tab", name="All items", selected=True).wait_for()
    for words, done in (
        ("order shuff", lambda: page.wait_for_function("() => document.querySelector('[aria-label=Order]').value === 'shuffled'")),
        ("tab rela", lambda: app.get_by_role("tab", name="Relations", selected=True).wait_for()),
        ("focus mode", lambda: app.get_by_role("region", name="Focus").wait_for()),
        ("bulk review", lambda: page.get_by_role("dialog", name="Bulk review").wait_for()),
    ):
        page.keyboard.press("Control+k")
        typed(bar, words)
        page.keyboard.press("Enter")
        done()
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    app.get_by_role("region", name="Focus").wait_for(state="detached")
    app.get_by_role("tab", name="Pending").click()


def test_it_opens_from_a_field_and_words_that_are_none_say_so(shown):
    app, page, _ = shown
    app.get_by_role("searchbox", name="Search the worklist").click()
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog", name="Command bar")
    typed(dialog, "nolabel:maybe")
    dialog.get_by_role("option", name="nolabel:maybe", exact=False).first.filter(has_text="nolabel").wait_for()
    page.keyboard.press("Escape")
    app.get_by_role("button", name="Command bar").click()
    dialog.wait_for()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
