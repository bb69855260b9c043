"""The answers about unknown cells, the sample of a list, the grid, and the hits of queries."""

import numpy as np
import polars as pl
import pytest

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState
from labelscope.session import Session


@pytest.fixture(scope="module")
def dataset():
    rng = np.random.default_rng(2)
    main = rng.integers(0, 2, 2000)
    labels = np.eye(2, dtype=int)[main]
    wrong = rng.random(labels.shape) < 0.04
    labels[wrong] = 1 - labels[wrong]
    labels[rng.random(labels.shape) < 0.4] = -1
    embeddings = (np.eye(2)[main] * 6 + rng.normal(size=(2000, 2))).astype("f4")
    return Dataset.from_arrays(labels, label_names=["cat", "dog"], embeddings=embeddings)


@pytest.fixture
def session(dataset, tmp_path):
    opened = Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    yield opened
    opened.close()


@pytest.fixture
def ask(session):
    board = ExplorerState(session, lambda: None)
    board.take_predictions(session.predictions)
    board.take_findings(session.findings)
    board.take_suggestions(session.suggestions)
    board.take_pseudo_labels(session.pseudo_labels)
    handlers = answers(board, lambda path: path)
    return lambda kind, **body: handlers[kind](Request("1", kind, body)).body


def listed(ask, queue, **body):
    return ask("worklist", queue=queue, order="confidence", **body)


def test_groups_are_counted_and_found_in_the_list(ask, session):
    body = listed(ask, "unknown", limit=200)
    shown = ask("unknown", listing=body["listing"])
    assert shown["source"] == session.pseudo_labels.source
    assert shown["total"] == body["counts"]["unknown"] == session.pseudo_labels.frame.height
    assert [group["n"] for group in shown["groups"]] == sorted((group["n"] for group in shown["groups"]), reverse=True)
    firsts = [group["first"] for group in shown["groups"]]
    assert firsts == np.cumsum([0, *(group["n"] for group in shown["groups"])])[:-1].tolist()
    assert all(group["weakest"] >= 0.5 for group in shown["groups"])
    one = shown["groups"][0]
    assert (body["entries"][0]["proposed"]["name"], body["entries"][0]["proposed"]["state"]) == (one["name"], one["state"])
    assert body["entries"][0]["chips"][0]["proposed"] == one["state"]


def test_a_group_is_accepted_as_shown_within_the_selection(ask, session):
    of = ask("unknown", listing="")["groups"][0]
    ask("select", rows=list(range(100)))
    few = next(group for group in ask("unknown", listing="")["groups"] if (group["label"], group["state"]) == (of["label"], of["state"]))
    assert 0 < few["n"] < of["n"]
    with pytest.raises(DataError, match=f"expected {of['n']} cells as shown, got {few['n']}"):
        ask("unknown_accept", label=of["label"], state=of["state"], total=of["n"])
    assert ask("unknown_accept", label=of["label"], state=of["state"], total=few["n"])["total"] == few["n"]
    assert session.changes.height == few["n"]
    assert ask("undo")["counts"]["unknown"] == few["n"] + sum(
        group["n"] for group in ask("unknown", listing="")["groups"] if (group["label"], group["state"]) != (of["label"], of["state"])
    )


def test_a_sample_of_the_suggestions_frees_what_nobody_decided(ask, session):
    body = listed(ask, "pending")
    n = ask("rest_draw", listing=body["listing"])["n"]
    assert n == session.suggestions.frame.height
    drawn = listed(ask, "sample", limit=200)
    for entry in drawn["entries"][:20]:
        ask("decide", suggestion=entry["suggestion"]["id"], verdict="accept")
    shown = ask("rest", alpha=0.7)
    assert (shown["n_judged"], shown["n_wrong"], shown["n_listed"]) == (20, 0, n)
    assert shown["n_free"] > 0
    assert ask("rest_accept", alpha=0.7, total=shown["n_free"])["total"] == shown["n_free"]
    unseen = session.decisions.filter(pl.col("source").is_not_null())
    assert unseen.height == shown["n_free"]
    assert set(unseen["verdict"]) == {"accepted"}
    assert ask("undo")["n"] == shown["n_free"]


def test_a_grid_holds_one_question_and_is_one_batch(ask, session):
    body = listed(ask, "pending", limit=200)
    first = body["entries"][0]["suggestion"]
    shown = ask("grid", listing=body["listing"], at=0)
    alike = session.suggestions.frame.filter(label=first["name"], action=first["action"])
    assert (shown["name"], shown["state"], shown["left"]) == (first["name"], int(first["action"] == "add"), alike.height)
    rows = [item["row"] for item in shown["items"]]
    assert ask("grid_apply", label=shown["label"], state=shown["state"], rows=rows, wrong=rows[:1])["total"] == len(rows)
    verdicts = list(session.verdicts.values())
    assert (verdicts.count("accepted"), verdicts.count("rejected")) == (len(rows) - 1, 1)
    assert ask("grid", listing=body["listing"], at=0)["left"] == alike.height - len(rows)
    with pytest.raises(DataError, match="the wrong ones among them"):
        ask("grid_apply", label=0, state=1, rows=[1, 1], wrong=[])
    ask("undo")
    assert session.verdicts == {}


def test_queries_are_counted_and_what_is_none_says_why(ask, session):
    add = session.suggestions.frame.filter(action="add", label="dog").height
    found = ask("count", queries=["cat", "add:dog", "bird"])["found"]
    assert found[0]["items"] == session.dataset.labels.n_positive[0]
    assert found[1]["cells"] == add
    assert "bird" in found[2]["error"]
    assert ask("selection")["count"] is None


def test_an_edit_moves_no_chip(ask):
    entry = listed(ask, "all")["entries"][3]
    before = [chip["label"] for chip in entry["chips"]]
    body = ask("edit", row=entry["row"], label=before[-1], state=1)
    assert [chip["label"] for chip in body["entry"]["chips"]] == before
