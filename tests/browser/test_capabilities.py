"""What the table of capabilities says is true: its clicks and its keys lead to what it names."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import labkit
import numpy as np
import onscreen
import playkit
import pytest

import labelscope as ls
from labelscope.data.labels import from_dense

tomllib = pytest.importorskip("tomllib", reason="needs Python 3.11 or later")
pytestmark = pytest.mark.browser

TABLE = Path(__file__).resolve().parents[2] / "docs" / "capabilities.toml"
ROWS = [row for row in tomllib.loads(TABLE.read_text(encoding="utf-8"))["capability"] if "shows" in row]
IN_APP = [row for row in ROWS if "place" not in row]
QUEUES = ("Pending", "Unknown", "Label next", "Ask next")


def says_yes(question):
    return 1, "because"


@pytest.fixture(scope="module")
def dataset():
    """Demo data, of which some cells are unknown; of the items at night, half lost the label shape."""
    ds = ls.demo(240)
    states = ds.labels.dense().copy()
    shape = ds.label_names.index("shape")
    at_night = np.flatnonzero(ds.items[ds.text].str.contains("night").to_numpy() & (states[:, shape] == 1))
    states[at_night[::2], shape] = 0
    states[np.random.default_rng(0).random(states.shape) < 0.1] = -1
    return replace(ds, labels=from_dense(states))


@pytest.fixture(scope="module")
def explorer(dataset, tmp_path_factory):
    """One app for all rows: each opens it anew with all items listed, and none decides anything."""
    with_ledger = ls.Session(dataset, ledger=tmp_path_factory.mktemp("walk") / "ledger.sqlite", reviewer="ann")
    yield playkit.Played(with_ledger, judge=says_yes)
    with_ledger.close()


@pytest.fixture
def app(page, explorer):
    page.set_viewport_size({"width": 1440, "height": 900})
    explorer.selection = None
    app = playkit.show(page, explorer)
    onscreen.keys_are_the_lists(page)
    return app


def parted(step: str) -> tuple[str, str]:
    role, _, name = step.partition(": ")
    return role, name


def found(app, step: str):
    """What a step names; `*` stands for any words."""
    role, name = parted(step)
    pattern = ".*".join(re.escape(part) for part in name.split("*"))
    return app.get_by_role(role, name=re.compile(f"^{pattern}$"))


def click(app, step: str) -> None:
    role, name = parted(step)
    if role == "tab":
        onscreen.tab(app, name, more="queues" if name in QUEUES else "views")
    elif role == "combobox":
        field, option = name.split(" = ")
        app.get_by_role(role, name=field, exact=True).select_option(option)
    else:
        found(app, step).first.click()


def press(app, page, key: str) -> None:
    kind, words = parted(key)
    if kind == "type":
        app.get_by_role("dialog", name="Command bar").get_by_role("combobox").fill(words)
    else:
        page.keyboard.press(key)


def is_there(app, shown: str) -> None:
    """Wait for what is shown; an option is the one that is chosen in the list of orders."""
    role, name = parted(shown)
    if role == "option":
        app.page.wait_for_function("name => document.querySelector('[aria-label=Order]').selectedOptions[0].text === name", arg=name)
    else:
        found(app, shown).first.wait_for()


@pytest.mark.parametrize("row", IN_APP, ids=lambda row: row["names"][0])
@pytest.mark.parametrize("way", ["mouse", "keys"])
def test_a_way_of_the_table_leads_to_what_it_names(app, page, row, way):
    for step in row[way]:
        if way == "mouse":
            click(app, step)
        else:
            press(app, page, step)
    is_there(app, row["shows"])


@pytest.mark.parametrize("way", ["mouse", "keys"])
def test_a_table_is_opened_from_the_launcher_and_from_the_palette(lab, page, way):
    (row,) = [row for row in ROWS if row.get("place") == "JupyterLab"]
    page.goto(lab.url(f"lab/workspaces/capabilities-{way}"))
    labkit.restored(page)
    page.locator(".jp-LauncherCard", has_text="Labelscope").wait_for()
    for step in row[way]:
        kind, words = parted(step)
        if kind == "card":
            page.locator(".jp-LauncherCard", has_text=words).click()
        elif kind == "type":
            page.keyboard.type(words)
            page.locator(".lm-CommandPalette-item", has_text=words).first.wait_for()
        else:
            page.keyboard.press(step)
    role, name = parted(row["shows"])
    page.locator(".lsx-home").get_by_role(role, name=name).wait_for()
