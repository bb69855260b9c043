"""What is typed into a field is never a decision, and after every action the keys are the list's again."""

from __future__ import annotations

import re

import playkit
import pytest
import walks
from onscreen import keys_are_the_lists

import labelscope as ls

pytestmark = pytest.mark.browser

WORDS = "sarcasm yarn 1"  # accept, reject, skip, undo, right, wrong, the first label


@pytest.fixture(scope="module")
def dataset():
    return walks.data_set()


@pytest.fixture
def explorer(dataset, tmp_path):
    session = ls.Session(dataset, ledger=tmp_path / "ledger.sqlite")
    yield playkit.Played(session, name="Walks")
    session.close()


@pytest.fixture
def app(page, explorer):
    return playkit.show(page, explorer)


def type_while_it_reloads(page, explorer) -> None:
    """Type letter by letter; every few letters the kernel makes the list anew, and nobody waits for it."""
    for n, letter in enumerate(WORDS):
        if n % 3 == 0:
            explorer.selection = None if n % 2 else [f"i{n}", "i299"]
        page.keyboard.press(letter if letter != " " else "Space")
    explorer.selection = None


def write(page, explorer, field) -> None:
    """Type while the list is made anew, and check that the field is the one that got it."""
    type_while_it_reloads(page, explorer)
    assert field.input_value().endswith(WORDS)


def test_no_letter_that_is_typed_decides_while_the_list_is_made_anew(app, page, explorer):
    assert len(explorer.decisions) == 0
    app.get_by_role("tab", name="All items").click()
    keys_are_the_lists(page)
    for keys, field in (
        ("/", app.get_by_role("searchbox", name="Search the worklist")),
        ("//", app.get_by_role("combobox", name="Filter items")),
        ("e", app.locator(".ls-current").get_by_role("combobox", name="Other label…")),
    ):
        for key in keys:
            page.keyboard.press(key)
        write(page, explorer, field)
        page.keyboard.press("Escape")  # the field is left, and the list that had arrived meanwhile is shown
        app.get_by_role("button", name="Clear selection").wait_for(state="detached")
        page.keyboard.press("Escape")  # what was searched for is cleared
        keys_are_the_lists(page)
        assert len(explorer.decisions) == 0

    app.get_by_role("tab", name="Labels", exact=True).click()
    field = app.get_by_role("textbox", name="Find a label", exact=True)
    field.click()
    write(page, explorer, field)
    app.get_by_role("tab", name="Relations", exact=True).click()
    field = app.get_by_role("textbox", name="Find a label in the relations")
    field.click()
    write(page, explorer, field)
    app.get_by_role("tab", name="Progress", exact=True).click()
    app.get_by_role("spinbutton", name="Cells to judge").click()
    type_while_it_reloads(page, explorer)
    app.get_by_role("button", name="Export").click()
    field = app.get_by_role("dialog", name="Save corrected labels").get_by_role("textbox", name="File")
    field.wait_for()
    write(page, explorer, field)
    page.keyboard.press("Escape")
    app.get_by_role("button", name=re.compile("^Reviewer")).click()
    field = app.get_by_role("dialog", name="Your name").last.get_by_role("textbox", name="Your name")
    write(page, explorer, field)
    page.keyboard.press("Escape")
    keys_are_the_lists(page)
    assert len(explorer.decisions) == 0


def test_a_field_that_goes_away_takes_the_rest_of_the_words_with_it(app, page, explorer):
    app.get_by_role("tab", name="All items").click()
    keys_are_the_lists(page)
    page.keyboard.press("e")
    app.locator(".ls-current").get_by_role("combobox", name="Other label…").wait_for()
    page.keyboard.type("sar")
    page.evaluate("() => document.querySelector('.ls-current').focus()")  # as where the field is lost
    page.keyboard.type("casm")
    app.get_by_role("status").filter(has_text="nothing was decided").wait_for()
    assert len(explorer.decisions) == 0
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    keys_are_the_lists(page)
    assert len(explorer.decisions) == 0


def press_while_the_list_is_on_its_way(page, key):
    page.evaluate(
        """key => {
            const order = document.querySelector('[aria-label=Order]');
            order.value = 'shuffled';
            order.dispatchEvent(new Event('change', { bubbles: true }));
            const pressed = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
            document.activeElement.dispatchEvent(pressed);
        }""",
        key,
    )


def test_bulk_review_opens_once_the_list_that_is_on_its_way_is_there(app, page):
    app.locator(".ls-card-head").first.click()
    press_while_the_list_is_on_its_way(page, "b")
    page.get_by_role("dialog", name="Bulk review").get_by_role("slider", name="Least confidence").wait_for()


def test_a_key_decides_nothing_while_the_list_is_on_its_way(app, page, explorer):
    app.locator(".ls-card-head").first.click()
    press_while_the_list_is_on_its_way(page, "a")
    app.get_by_role("status").filter(has_text="The list is being renewed").wait_for()
    keys_are_the_lists(page)
    assert len(explorer.decisions) == 0
    page.keyboard.press("a")
    app.get_by_role("status").filter(has_text="Accepted").wait_for()
    assert len(explorer.decisions) >= 1


def test_after_every_action_the_keys_are_the_list_s(app, page):  # noqa: PLR0915 - one after the other, as a person does them
    current_after = []

    def then(what: str) -> None:
        keys_are_the_lists(page)
        current_after.append(what)

    def chips():
        return app.get_by_role("group", name="Filters").locator(".ls-fchip")

    app.get_by_role("tab", name="Labels", exact=True).click()
    then("a tab")
    app.get_by_role("tabpanel", name="Labels").get_by_role("button", name=re.compile("^dog:")).click()
    chips().first.wait_for()
    then("a bar")
    chips().get_by_role("button", name=re.compile("^Filter dog")).click()
    app.get_by_role("button", name=re.compile("^Filter not dog")).wait_for()
    then("a filter turned round")
    chips().get_by_role("button", name=re.compile("^Remove filter")).click()
    chips().first.wait_for(state="detached")
    then("the x of a chip")
    app.get_by_role("tab", name="Co-occurrence", exact=True).click()
    app.get_by_role("tabpanel", name="Co-occurrence").get_by_role("button", name=re.compile("dog and cat|cat and dog")).first.click()
    chips().first.wait_for()
    then("a pair")
    app.get_by_role("button", name="Clear selection").click()
    chips().first.wait_for(state="detached")
    then("the selection cleared")
    page.keyboard.press("/")
    page.keyboard.press("/")  # in the search, before any word: the filter is meant
    page.keyboard.type("NOT cat")
    page.keyboard.press("Enter")
    chips().first.wait_for()
    then("a filter typed")
    page.keyboard.press("Escape")
    chips().first.wait_for(state="detached")
    then("Esc")
    page.keyboard.press("/")
    page.keyboard.type("walk")
    page.keyboard.press("Enter")
    then("a search")
    assert app.get_by_role("searchbox").input_value() == "walk"
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    then("a search left")
    assert app.get_by_role("searchbox").input_value() == "walk"  # which is not lost by leaving it
    app.get_by_role("combobox", name="Order").select_option("rare")
    then("another order")
    for name in ("Export", "Help", "Bulk review"):
        app.get_by_role("button", name=name, exact=True).click()
        app.get_by_role("dialog").last.wait_for()
        page.keyboard.press("Escape")
        then(name)
    page.keyboard.press("a")
    app.get_by_role("status").filter(has_text="Accepted").wait_for()
    app.get_by_role("button", name="Undo").click()
    app.get_by_role("status").filter(has_text="Undone").wait_for()
    then("undo")
    app.get_by_role("tab", name="All items").click()
    then("another queue")
    page.keyboard.press("e")
    page.keyboard.type("snow")
    app.locator(".ls-current").get_by_role("option", name="snow").wait_for()
    page.keyboard.press("Enter")
    app.get_by_role("status").filter(has_text="is now").wait_for()
    then("a label")
    assert len(current_after) == 17


def test_the_audit_has_keys_of_its_own(app, page, explorer, screenshot):
    app.get_by_role("tab", name="Progress", exact=True).click()
    app.get_by_role("spinbutton", name="Cells to judge").fill("20")
    app.get_by_role("button", name="Start an audit").click()
    app.locator(".ls-question").first.wait_for()
    keys_are_the_lists(page)
    bar = app.locator(".ls-actions")
    assert bar.get_by_role("button", name=re.compile("^(Accept|Reject|Skip)$")).count() == 0
    for key in "areg1":
        page.keyboard.press(key)
        app.get_by_role("status").filter(has_text="This is the audit: Y right, N wrong, S cannot tell").wait_for()
    assert len(explorer.decisions) == 0
    for n, (key, word) in enumerate((("y", "Label right"), ("n", "Label wrong"), ("s", "Cannot tell")), 1):
        page.keyboard.press(key)
        app.get_by_role("status").filter(has_text=word).wait_for()
        app.get_by_role("group", name="Audit").get_by_text(f"{n} of 20 judged").wait_for()
    screenshot(app, "audit-keys")
    app.get_by_role("tab", name="Pending").click()
    keys_are_the_lists(page)
    page.keyboard.press("y")
    app.get_by_role("status").filter(has_text="Y is a key of the audit").wait_for()


def test_a_key_that_a_person_chose_stays_and_the_audit_gives_way(app, page):
    page.evaluate("() => localStorage.setItem('labelscope.keys', JSON.stringify({ undo: 'y', accept: 'n' }))")
    app.get_by_role("button", name="Help").click()
    keys = {
        action: app.get_by_role("dialog", name="Keys").locator(f"[data-action={action}]").inner_text()
        for action in ("undo", "accept", "wrong", "right")
    }
    assert (keys["undo"], keys["accept"], keys["wrong"]) == ("Y", "N", "N")  # accept and wrong are never meant at the same time
    assert keys["right"] not in {"Y", "N", "S"}
    page.evaluate("() => localStorage.removeItem('labelscope.keys')")
