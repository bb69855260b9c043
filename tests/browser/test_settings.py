"""What a person keeps in the settings of JupyterLab: saved lists, and keys that were chosen in an earlier version."""

from __future__ import annotations

import json

import labkit
import pytest
from test_labextension import confirm, explorer, open_path, write_table

pytestmark = pytest.mark.browser

PLUGIN = "labelscope-lab:plugin"
WRITTEN = f"""async () => {{
    const {{ raw }} = await window.jupyterapp.serviceManager.settings.fetch('{PLUGIN}');
    return JSON.parse(raw.replace(/^\\s*\\/\\/.*$/gm, '') || '{{}}').saved ?? null;
}}"""  # without the comments
FORMER = {
    "accept": "y", "reject": "r", "skip": "s", "right": "y", "wrong": "n", "unsure": "s", "edit": "e", "undo": "u", "next": "j",
    "previous": "k", "batch": "g", "similar": "n", "filter": "f", "search": "/", "help": "?",
}  # fmt: skip


def opened(lab, page, name: str, *, known: bool = False):
    """The app on a table, its list with the keys; `known`: it was opened before, and how it is read is no question."""
    page.goto(lab.url(f"lab/workspaces/{name.partition('.')[0]}-{id(page)}"))
    labkit.restored(page)
    page.wait_for_function("() => window.jupyterapp.commands.hasCommand('labelscope:open-path')")
    open_path(page, name)
    if not known:
        confirm(page, name)
    app = explorer(page)
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    return app


def bar(page):
    page.keyboard.press("Control+k")
    shown = page.get_by_role("dialog", name="Command bar")
    shown.wait_for()
    return shown


def test_a_saved_list_is_kept_in_the_settings_and_found_in_another_browser(lab, page, browser):
    write_table(lab.root / "kept.jsonl")
    app = opened(lab, page, "kept.jsonl")
    title = app.locator(".ls-title").inner_text()
    page.keyboard.press("/")
    page.keyboard.press("/")
    page.keyboard.type("dog:no")
    page.keyboard.press("Enter")
    app.get_by_role("button", name="Remove filter dog:no").wait_for()
    shown = bar(page)
    shown.get_by_role("combobox").fill("no dogs")
    shown.get_by_role("button", name="Save this list").click()
    shown.get_by_role("option", name="no dogs", exact=False).wait_for()
    page.wait_for_function(f"async () => (await ({WRITTEN})()) !== null")
    written = page.evaluate(WRITTEN)
    assert {title: [(of["name"], of["query"]) for of in lists] for title, lists in written.items()} == {title: [("no dogs", "dog:no")]}
    page.keyboard.press("Escape")
    labkit.close(page)

    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    other = context.new_page()
    other.set_default_timeout(120_000)
    app = opened(lab, other, "kept.jsonl", known=True)
    bar(other).get_by_role("option", name="no dogs", exact=False).wait_for()
    other.keyboard.press("Enter")
    app.get_by_role("button", name="Remove filter dog:no").wait_for()
    bar(other).get_by_role("button", name="Forget no dogs").dispatch_event("mousedown")
    other.wait_for_function(f"async () => JSON.stringify(await ({WRITTEN})()) === '{{}}'")
    other.keyboard.press("Escape")
    labkit.close(other)
    context.close()


def test_keys_of_an_earlier_version_are_taken_over_as_far_as_a_person_chose_them(page, tmp_path):
    """The settings editor of that version wrote all keys as soon as one was changed."""
    with labkit.Lab(tmp_path, settings={PLUGIN: {"keys": FORMER}}) as lab:
        write_table(tmp_path / "former.jsonl")
        app = opened(lab, page, "former.jsonl")
        assert json.loads(page.evaluate("() => localStorage['labelscope.keys']")) == {"accept": "y"}
        assert app.get_by_role("button", name="Accept", exact=True).locator("kbd").text_content() == "Y"
        page.keyboard.press("f")
        app.get_by_role("region", name="Focus").wait_for()
        page.keyboard.press("f")
        app.get_by_role("region", name="Focus").wait_for(state="detached")
        page.keyboard.press("b")
        app.get_by_role("dialog", name="Bulk review").wait_for()
        page.keyboard.press("Escape")
        labkit.close(page)
