"""Whom to ask about which item, and where people disagree with reason: two queues, and tables to pass on."""

from __future__ import annotations

import re

import numpy as np
import onscreen
import playkit
import polars as pl
import pytest

from labelscope.data.dataset import Dataset
from labelscope.session import Session

pytestmark = pytest.mark.browser

N = 120
PEOPLE = ["ann", "=bo", "<b>cy</b>", "dee", "eve", "flo"]


@pytest.fixture(scope="module")
def dataset():
    rng = np.random.default_rng(7)
    truth = (rng.random(N) < 0.5).astype(int)
    unclear = np.arange(N) < 12
    said = [
        (f"i{k}", rater, "irony", int(truth[k] ^ (rng.random() < (0.5 if unclear[k] else 0.06))))
        for k in range(N)
        for at, rater in enumerate(PEOPLE)
        if unclear[k] or (k + at) % 3
    ]
    votes = pl.DataFrame(said, schema=["item_id", "rater", "label", "value"], orient="row")
    embeddings = (truth[:, None] * 3 + rng.normal(size=(N, 4))).astype("f4")
    items = pl.DataFrame({"item_id": [f"i{k}" for k in range(N)], "text": [f"comment {k}" for k in range(N)]})
    given = truth ^ (rng.random(N) < 0.1)
    return Dataset.from_arrays(
        given[:, None].astype(np.int8), label_names=["irony"], embeddings=embeddings, items=items, text="text", votes=votes
    )


def cards(app):
    return app.get_by_role("list", name="Worklist").get_by_role("listitem")


def test_the_queue_says_whom_to_ask_about_which_item_and_is_exported(app, page, session, tmp_path, screenshot):
    tab = onscreen.tab(app, "Ask next", more="queues")
    bar = app.get_by_role("group", name="Votes wanted")
    bar.wait_for()
    wanted = session.votes_wanted(500)
    first = cards(app).first
    first.get_by_text(f"Ask {wanted['rater'][0]}", exact=True).wait_for()
    assert f"#{wanted['item_id'][0]}" in first.inner_text()
    assert tab.get_attribute("aria-description") == str(wanted.height)
    assert app.locator(".ls-card b").filter(has_text="cy").count() == 0  # the name of a rater is no markup
    screenshot(app, "ask-next")
    page.keyboard.press("1")  # a decision on the item leaves it in its place, with whom to ask
    app.get_by_role("status").filter(has_text="is now").wait_for()
    assert first.get_by_text(f"Ask {wanted['rater'][0]}", exact=True).is_visible()
    bar.get_by_role("button", name="Export votes wanted").click()
    dialog = app.get_by_role("dialog", name="Export votes wanted")
    path = tmp_path / "wanted.csv"
    dialog.get_by_role("textbox", name="File").fill(str(path))
    page.keyboard.press("Enter")
    app.get_by_role("status").filter(has_text=f"{wanted.height} votes wanted written to").wait_for()
    written = pl.read_csv(path)
    assert written.columns == ["item_id", "rater", "label", "score"]
    assert written["item_id"].to_list() == wanted["item_id"].to_list()
    assert "'=bo" in set(written["rater"])  # a spreadsheet takes it for no formula


def test_cells_on_which_people_disagree_with_reason_are_a_queue(app, page, session, tmp_path, screenshot):
    panel = onscreen.panel(app, "Raters")
    link = panel.get_by_role("button", name=re.compile(r"\d+ ambiguous cells"))
    link.wait_for()
    n = int(link.inner_text().split()[0])
    assert n >= 4
    screenshot(app, "raters-open")
    link.click()
    app.get_by_role("group", name="Ambiguous cells").wait_for()
    assert app.get_by_role("tab", name="Ambiguous", include_hidden=True).get_attribute("aria-description") == str(n)
    cards(app).first.wait_for()
    shown = {int(card.get_attribute("data-row")) for card in cards(app).all()}
    votes = session.dataset.votes
    share = np.bincount(votes.items, votes.values, N) / np.bincount(votes.items, minlength=N)
    assert all(0.3 <= share[row] <= 0.7 for row in shown)
    assert int(cards(app).first.get_attribute("aria-setsize")) == n
    screenshot(app, "ambiguous")
    panel.get_by_role("button", name="Export soft labels").click()
    path = tmp_path / "soft.parquet"
    app.get_by_role("dialog", name="Export soft labels").get_by_role("textbox", name="File").fill(str(path))
    page.keyboard.press("Enter")
    app.get_by_role("status").filter(has_text="soft labels written to").wait_for()
    soft = pl.read_parquet(path)
    assert soft.columns == ["item_id", "label", "share", "n", "q"]
    assert soft.height == N


def test_the_keyboard_alone_opens_the_queue_and_writes_the_table(app, page, session, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page.keyboard.press("Control+k")
    page.keyboard.type("ask next")
    app.get_by_role("option", name=re.compile("Queue: Ask next")).wait_for()
    page.keyboard.press("Enter")
    app.get_by_role("group", name="Votes wanted").wait_for()
    page.keyboard.press("Control+k")
    page.keyboard.type("export votes")
    app.get_by_role("option", name=re.compile("Export votes wanted")).wait_for()
    page.keyboard.press("Enter")
    app.get_by_role("dialog", name="Export votes wanted").wait_for()
    page.keyboard.press("Enter")
    app.get_by_role("status").filter(has_text="votes wanted written to votes_wanted.csv").wait_for()
    assert pl.read_csv(tmp_path / "votes_wanted.csv").height == session.votes_wanted(500).height


def test_a_file_of_another_kind_is_refused_in_one_line(app, page):
    onscreen.panel(app, "Raters").get_by_role("button", name="Export soft labels").click()
    app.get_by_role("dialog", name="Export soft labels").get_by_role("textbox", name="File").fill("soft.xlsx")
    page.keyboard.press("Enter")
    app.get_by_role("status").filter(has_text="expected a name that ends in .csv or .parquet, got 'soft.xlsx'").wait_for()


def test_without_raters_there_are_no_such_queues(page, dataset, tmp_path):
    plain = Dataset.from_arrays(
        dataset.labels.dense(), label_names=["irony"], embeddings=dataset.embeddings, items=dataset.items, text="text"
    )
    session = Session(plain, ledger=tmp_path / "plain.sqlite", reviewer="ann")
    app = playkit.play(page, session)
    assert app.get_by_role("tab", name="All items").count() == 1
    assert app.get_by_role("tab", name="Ask next", include_hidden=True).count() == 0
    session.close()
