"""A judge is asked from the app: what would be sent is shown first, and every answer becomes a vote that can be heard."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import numpy as np
import onscreen
import playkit
import polars as pl
import pytest

from labelscope.data.dataset import Dataset
from labelscope.voters.openai_judge import OpenAIJudge

_place = Path(__file__).resolve().parents[1] / "unit" / "voters" / "chat_server.py"
_spec = importlib.util.spec_from_file_location("chat_server", _place)
chat_server = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(chat_server)

pytestmark = pytest.mark.browser

N = 240


@pytest.fixture(scope="module")
def dataset():
    rng = np.random.default_rng(5)
    truth = rng.random((N, 2)) < [0.4, 0.3]
    given = truth ^ (rng.random(truth.shape) < 0.1)
    texts = [f"mail {i} about {'money' if a else 'lunch'}{' <b>today</b>' if b else ''}" for i, (a, b) in enumerate(truth)]
    embeddings = (truth @ (np.eye(2) * 5) + rng.normal(size=(N, 2))).astype("f4")
    items = pl.DataFrame({"item_id": [f"i{i}" for i in range(N)], "text": texts})
    names, told = ["spam", "<i>urgent</i>"], {"spam": "asks for money"}
    given = given.astype(np.int8)
    return Dataset.from_arrays(given, label_names=names, embeddings=embeddings, items=items, text="text", label_descriptions=told)


@pytest.fixture
def server():
    running = chat_server.ChatServer()
    yield running
    running.close()


@pytest.fixture
def judge(server):
    return OpenAIJudge("<u>m</u>", base_url=server.url, api_key="secret", workers=2, pause=0.01, retries=1)


@pytest.fixture
def app(page, session, judge):
    return playkit.play(page, session, judge=judge)


def bar(app):
    return app.get_by_role("group", name="Judge", exact=True)


def asked(server) -> int:
    return sum(server.asked.values())


def test_what_would_be_sent_is_shown_and_nothing_is_sent_without_the_click(app, page, server, session, screenshot):
    page.keyboard.press("q")
    dialog = app.get_by_role("dialog", name="Ask a judge")
    dialog.get_by_text(server.url).wait_for()
    text = dialog.get_by_label("Example of a question").inner_text()
    assert "Label: " in text
    assert "The item:\n<item>mail " in text
    assert "You check labels of a data set" in text
    assert re.search(r"about [\d,]+ tokens", dialog.inner_text())
    assert dialog.locator("u").count() == 0  # the name of the judge is no markup
    dialog.get_by_label("Cells to ask about").fill("7")
    ask = dialog.get_by_role("button", name="Ask about 7 cells")
    ask.wait_for()
    screenshot(app, "ask-a-judge")
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert asked(server) == 0
    assert not session.answers_file.exists()
    app.get_by_role("button", name="Ask a judge").click()
    dialog.get_by_label("Cells to ask about").fill("7")
    ask.wait_for()
    page.keyboard.press("Enter")
    bar(app).get_by_text("7 of 7 cells").wait_for()
    bar(app).get_by_role("button", name="Close the judge's bar").wait_for()
    assert asked(server) == 7
    kept = session.voters.kept
    assert kept.height == 7
    assert kept["rater"].unique().to_list() == ["<u>m</u>"]
    assert set(kept["reason"]) == {"it says so"}


def test_what_is_left_of_a_budget_and_how_far_it_goes_is_shown_before(page, server, session):
    judge = OpenAIJudge("m", base_url=server.url, api_key="secret", workers=1, pause=0.01, retries=0, max_calls=5, max_tokens=100_000)
    app = playkit.play(page, session, judge=judge)
    app.get_by_role("button", name="Ask a judge").click()
    dialog = app.get_by_role("dialog", name="Ask a judge")
    dialog.get_by_text("Left of its budget: 5 calls and 100,000 tokens. That is enough for about 5 questions; the others wait.").wait_for()
    dialog.get_by_role("button", name=re.compile(r"Ask about \d+ cell")).click()
    bar(app).get_by_text("5 calls were allowed").wait_for()
    assert asked(server) == 5
    app.get_by_role("button", name="Ask a judge").click()
    dialog.get_by_text("Left of its budget: 0 calls").wait_for()


def test_suggestions_that_the_judge_agrees_with_are_a_queue_to_decide_at_once(app, page, server, session, screenshot):
    app.get_by_role("button", name="Ask a judge").click()
    app.get_by_role("dialog").get_by_role("button", name=re.compile(r"Ask about \d+ cell")).click()
    bar(app).get_by_role("button", name=re.compile("Judge agrees")).click()
    tab = app.get_by_role("tab", name="Judge agrees")
    tab.wait_for()
    votes = dict(zip(session.voters.kept.select("item_id", "label").rows(), session.voters.kept["value"], strict=True))
    open_ones = session.suggestions.frame.select("item_id", "label", "action").rows()
    agreed = {(item, label) for item, label, action in open_ones if votes.get((item, label)) == int(action == "add")}
    assert agreed
    assert tab.get_attribute("aria-description") == str(len(agreed))
    assert len(agreed) < len(open_ones)
    screenshot(app, "judge-agrees")
    page.keyboard.press("b")
    app.get_by_role("dialog", name="Bulk review").get_by_role("button", name=f"Apply to {len(agreed)} suggestion").click()
    app.get_by_role("status").filter(has_text=f"Accepted: {len(agreed)}").wait_for()
    decided = session.decisions
    assert {(item, label) for item, label in decided.select("item_id", "label").rows()} >= agreed
    onscreen.tab(app, "Raters")
    row = app.get_by_role("table", name="Voters").get_by_role("row").filter(has_text="<u>m</u>")
    row.get_by_text(f"of {len(agreed)}").wait_for()
    assert "100%" in row.inner_text()
    screenshot(app, "judge-measured")


def test_a_run_that_was_cancelled_goes_on_where_it_was(app, page, server, session, until):
    server.faults = dict.fromkeys(session.dataset.items["text"].to_list(), "slow")
    app.get_by_role("button", name="Ask a judge").click()
    app.get_by_role("dialog").get_by_role("button", name=re.compile(r"Ask about \d+ cell")).click()
    assert until(lambda: asked(server) >= 4)
    bar(app).get_by_role("button", name="Cancel").click()
    bar(app).get_by_role("button", name="Resume").wait_for()
    so_far = asked(server)
    kept = session.voters.kept
    assert 0 < kept.height == so_far
    server.faults = {}
    bar(app).get_by_role("button", name="Resume").click()
    bar(app).get_by_role("button", name="Resume").wait_for(state="detached")
    bar(app).get_by_role("button", name="Close the judge's bar").wait_for()
    n = session.voters.kept.height
    assert n > so_far
    assert asked(server) == n == session.voters.kept.unique(["item_id", "label"]).height  # no question was asked twice


def test_a_server_that_refuses_is_told_in_one_line_and_can_be_tried_again(app, page, server, session, judge):
    server.faults = dict.fromkeys(session.dataset.items["text"].to_list(), "key")
    page.keyboard.press("q")
    app.get_by_role("dialog").get_by_role("button", name=re.compile(r"Ask about \d+ cell")).click()
    bar(app).get_by_role("alert").filter(has_text="check the model, the key and the address").wait_for()
    bar(app).get_by_role("button", name="Resume").wait_for()
    assert session.voters.kept.height == 0


def test_a_judge_that_guesses_is_told_of_where_people_decided_otherwise(app, page, session):
    app.get_by_role("button", name="Ask a judge").click()
    app.get_by_role("dialog").get_by_role("button", name=re.compile(r"Ask about \d+ cell")).click()
    bar(app).get_by_role("button", name="Close the judge's bar").wait_for()
    votes = session.voters.kept.rows(named=True)
    session.edit_all((vote["item_id"], vote["label"], vote["value"] ^ (k % 2)) for k, vote in enumerate(votes))
    onscreen.tab(app, "Raters")
    told = app.get_by_role("tabpanel", name="Raters").get_by_role("alert")
    told.filter(has_text=f"<u>m</u> cannot be told from a guess on the {len(votes)} cells that people decided on").wait_for()


def test_without_a_judge_the_key_says_how_to_name_one(page, session):
    app = playkit.play(page, session)
    assert app.get_by_role("button", name="Ask a judge").count() == 0
    page.keyboard.press("q")
    app.get_by_role("status").filter(has_text="ls.explore(ds, judge=...)").wait_for()
