"""Linked views, the query bar, batches and progress, at 100,000 items."""

from __future__ import annotations

import math
import re

import hundred_thousand
import labkit
import numpy as np
import playkit
import polars as pl
import pytest
from onscreen import says

import labelscope.explorer.map_sample

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def dataset():
    return hundred_thousand.data_set()


@pytest.fixture(scope="module")
def made(dataset):
    return hundred_thousand.suggestions(dataset)


@pytest.fixture
def explorer(dataset, made, tmp_path, monkeypatch):
    monkeypatch.setenv("LABELSCOPE_CACHE", "off")  # no search for neighbours beside stages that are played
    session = hundred_thousand.staged(dataset, made, tmp_path / "ledger.sqlite")
    yield playkit.Played(session, name="Hundred thousand", height=980)
    session.close()


@pytest.fixture
def app(page, explorer):
    return playkit.show(page, explorer)


@pytest.fixture
def labels(dataset):
    return dataset.labels.columns(np.arange(2)) == 1


def ask(app, page, query):
    app.get_by_role("combobox", name="Filter items").fill(query)
    page.keyboard.press("Enter")


def view(app, name):
    app.get_by_role("tab", name=name, exact=True).click()
    return app.get_by_role("tabpanel", name=name)


def chips(app):
    return app.get_by_role("group", name="Filters").locator(".ls-fchip")


def test_a_query_narrows_every_view_and_its_chip_turns_and_goes(app, page, explorer, labels):
    ask(app, page, "anger AND NOT annoyance")
    chips(app).filter(has_text="anger AND NOT annoyance").wait_for()
    expected = int((labels[:, 0] & ~labels[:, 1]).sum())
    assert explorer.selection.height == expected
    app.get_by_role("button", name="Clear selection").filter(has_text=f"{expected:,} items selected").wait_for()
    assert app.get_by_role("tab", name="All items").locator(".ls-count").inner_text() == f"{expected:,}"
    view(app, "Labels").get_by_role("button", name=re.compile(r"^annoyance: .*, 0 selected")).wait_for()
    chips(app).get_by_role("button", name=re.compile("^Filter anger")).click()
    app.get_by_role("button", name="Clear selection").filter(has_text=f"{100_000 - expected:,} items selected").wait_for()
    chips(app).get_by_role("button", name=re.compile("^Remove filter")).click()
    app.get_by_role("button", name="Clear selection").wait_for(state="detached")
    assert explorer.selection.height == 0


def test_a_query_that_cannot_be_read_says_why_and_stays_to_be_mended(app, page):
    ask(app, page, "angry")
    says(app, "did you mean 'anger'")
    field = app.get_by_role("combobox", name="Filter items")
    assert (field.input_value(), field.get_attribute("aria-invalid")) == ("angry", "true")
    field.fill("NOT new")
    app.get_by_role("listbox", name="Completions").get_by_role("option", name="New York").wait_for()
    page.keyboard.press("Tab")
    assert field.input_value() == 'NOT "New York" '
    page.keyboard.press("Enter")
    chips(app).filter(has_text='NOT "New York"').wait_for()
    assert chips(app).count() == 1


def test_bars_pairs_relations_and_python_filter_together(app, page, explorer, labels, screenshot):
    view(app, "Labels").get_by_role("button", name=re.compile("^anger:")).click()
    chips(app).filter(has_text="anger").wait_for()
    pairs = view(app, "Co-occurrence")
    pairs.get_by_role("button", name=re.compile("anger and annoyance|annoyance and anger")).first.click()
    chips(app).filter(has_text=re.compile("annoyance")).wait_for()
    assert explorer.selection.height == int(labels.all(axis=1).sum())
    screenshot(app, "linked-co-occurrence")
    explorer.filter("split:test")
    chips(app).filter(has_text="split:test").wait_for()
    assert chips(app).count() == 3
    relations = view(app, "Relations")
    relations.get_by_role("button").filter(has_text="chance").or_(
        relations.get_by_role("button").filter(has_text="this rule")
    ).first.click()
    page.wait_for_function("() => document.querySelectorAll('.ls-fchip').length === 4")
    explorer.selection = None
    app.get_by_role("button", name="Clear selection").wait_for(state="detached")


def test_box_brush_and_lasso_add_and_remove(app, page, explorer):
    box = app.get_by_role("img", name="Map of 100,000 items").bounding_box()
    x, y, w, h = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"], box["height"]
    app.get_by_role("button", name="Box", exact=True).click()
    labkit.drag(page, [(x - w * 0.2, y - h * 0.3), (x, y + h * 0.3)])
    chips(app).filter(has_text="Lasso").wait_for()
    first = explorer.selection.height
    page.keyboard.down("Shift")
    labkit.drag(page, [(x, y - h * 0.3), (x + w * 0.2, y + h * 0.3)])
    page.keyboard.up("Shift")
    page.wait_for_function("n => Number(document.querySelector('.ls-clear').innerText.replace(/\\D/g, '')) > n", arg=first)
    more = explorer.selection.height
    app.get_by_role("button", name="Brush", exact=True).click()
    page.keyboard.down("Alt")
    labkit.drag(page, [(x - w * 0.1, y - h * 0.2), (x + w * 0.1, y + h * 0.2)])
    page.keyboard.up("Alt")
    page.wait_for_function("n => Number(document.querySelector('.ls-clear').innerText.replace(/\\D/g, '')) < n", arg=more)
    assert 0 < explorer.selection.height < more
    app.get_by_role("button", name="Zoom to selection").click()
    app.get_by_role("button", name="Lasso", exact=True).click()
    turn, before = [2 * math.pi * i / 12 for i in range(13)], explorer.selection.height
    labkit.drag(page, [(x + w * 0.1 * math.cos(t), y + h * 0.1 * math.sin(t)) for t in turn])
    page.wait_for_function("n => Number(document.querySelector('.ls-clear')?.innerText.replace(/\\D/g, '') ?? 0) !== n", arg=before)
    assert chips(app).count() <= 1


def test_a_batch_shows_what_it_would_do_and_one_undo_takes_it_back(app, page, explorer, screenshot):
    ask(app, page, "split:test is:pending")
    chips(app).first.wait_for()
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    page.keyboard.press("b")
    dialog = page.get_by_role("dialog", name="Bulk review")
    slider = dialog.get_by_role("slider", name="Least confidence")
    slider.fill("0.9")
    dialog.get_by_text("at least 0.90").wait_for()
    apply = dialog.get_by_role("button", name=re.compile(r"^Apply to [\d,]+ suggestion"))
    apply.wait_for()
    screenshot(app, "batch")
    n = int(re.sub(r"\D", "", apply.inner_text()))
    assert n > 10
    apply.click()
    says(app, f"Accepted: {n:,} suggestions")
    assert explorer.decisions.filter(~pl.col("undone")).height == n
    app.get_by_role("tab", name="Accepted").locator(".ls-count").filter(has_text=re.compile(f"^{n}$")).wait_for()
    app.get_by_role("button", name="Undo").click()
    says(app, f"Undone: {n:,} decisions")
    assert explorer.decisions.filter(~pl.col("undone")).height == 0


def test_evidence_follows_the_worklist_and_similar_items_are_a_filter(app, page, explorer, screenshot):
    panel = view(app, "Evidence")
    panel.get_by_text("similar items").first.wait_for()
    title = panel.locator(".ls-ev-title small").inner_text()
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    page.keyboard.press("j")
    page.wait_for_function("title => document.querySelector('.ls-ev-title small').innerText !== title", arg=title)
    item = int(re.sub(r"\D", "", panel.locator(".ls-ev-title small").inner_text()))
    screenshot(app, "evidence")
    panel.get_by_role("button", name="Similar items").click()
    chips(app).filter(has_text=f"Like item {item}").wait_for()
    assert explorer.selection.height == 51
    assert item in explorer.selection["item_id"].to_list()


def test_progress_counts_and_makes_no_claim_without_an_audit(app, page, screenshot):
    panel = view(app, "Progress")
    panel.get_by_text("No audit yet").wait_for()
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    for key, word in (("a", "Accepted"), ("a", "Accepted"), ("r", "Rejected")):
        page.keyboard.press(key)
        says(app, word)
    panel.get_by_text("2 accepted", exact=True).wait_for()
    panel.get_by_text("67%").wait_for()
    panel.get_by_text("21% to 94%").wait_for()
    screenshot(app, "progress")


def test_any_column_colours_the_map_and_the_legend_selects(app, page, explorer, dataset):
    app.get_by_role("combobox", name="Colour by").select_option("column:split")
    app.get_by_role("button", name="Select test").click()
    chips(app).filter(has_text="split:test").wait_for()
    assert explorer.selection.height == int((dataset.items["split"] == "test").sum())


def test_of_too_many_items_a_sample_of_what_is_in_sight_is_shown(page, explorer, monkeypatch):
    monkeypatch.setattr(labelscope.explorer.map_sample, "MOST", 20_000)
    app = playkit.show(page, explorer)
    drawn = "n => Number(document.querySelector('.ls-canvas').dataset.drawn) === n"
    page.wait_for_function(drawn, arg=20_000)
    canvas = app.get_by_role("img", name="Map of 100,000 items")
    for _ in range(7):
        app.get_by_role("button", name="Zoom in").click()
    page.wait_for_function("() => Number(document.querySelector('.ls-canvas').dataset.drawn) < 20_000")  # all that are here
    app.get_by_role("button", name="Reset zoom").click()
    page.wait_for_function(drawn, arg=20_000)
    ask(app, page, "anger")
    chips(app).filter(has_text="anger").wait_for()
    assert canvas.is_visible()
    assert explorer.selection.height > 20_000  # a filter is about all items, shown or not


def test_everything_can_be_reached_and_is_named_without_a_mouse(app, page):
    names = page.evaluate(
        """() => [...document.querySelectorAll('.ls-root :is(button, input, select, [tabindex="0"])')]
            .filter(e => e.checkVisibility() && !(e.getAttribute('aria-label') || e.innerText.trim() || e.title || e.labels?.length))
            .map(e => e.outerHTML.slice(0, 120))"""
    )
    assert names == []
    roles = {role: app.get_by_role(role).count() for role in ("list", "status", "searchbox")}
    assert roles == {"list": 1, "status": 1, "searchbox": 1}
    app.get_by_role("tab", name="Labels", exact=True).focus()
    page.keyboard.press("ArrowRight")
    app.get_by_role("tab", name="Co-occurrence", exact=True, selected=True).wait_for()
    panel = app.get_by_role("tabpanel", name="Co-occurrence")
    panel.locator("rect[tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    words = panel.locator("rect:focus").get_attribute("aria-label")
    page.keyboard.press("Enter")
    chips(app).first.wait_for()
    a, b = re.match(r"(.+) and (.+): ", words).groups()
    assert {a, b} <= set(re.split(" and ", chips(app).locator(".ls-fchip-name span").first.inner_text()))
