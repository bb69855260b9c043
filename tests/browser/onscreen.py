"""What the app shows, in JupyterLab as in a page of its own."""

from __future__ import annotations

from typing import Any


def says(app: Any, words: str) -> None:
    """Wait until the app tells these words."""
    app.get_by_role("status").filter(has_text=words).wait_for()


def current(app: Any) -> Any:
    """The entry of the list that keys are about."""
    return app.locator('[role=listitem][aria-current="true"]')


def keys_are_the_lists(page: Any) -> None:
    """Wait until the list has the focus again: until then letters may still go into a field."""
    page.wait_for_function("() => document.activeElement?.matches('.ls-card.ls-current') && document.activeElement.isConnected")


def tab(app: Any, name: str, *, more: str = "views") -> Any:
    """Choose a tab, or a queue, in the row of tabs or under More, where those go that do not fit; returns the tab."""
    shown = app.get_by_role("tab", name=name, exact=True, include_hidden=True)
    if shown.is_visible():
        shown.click()
    else:
        app.get_by_role("combobox", name=f"More {more}").select_option(name)
    return shown


def panel(app: Any, name: str) -> Any:
    """Choose a tab; returns what it shows."""
    tab(app, name)
    return app.get_by_role("tabpanel", name=name)
