"""The tab "Models": what it says before an audit and after, what it reads once, and the line in the saved picture."""

from __future__ import annotations

import numpy as np
import pytest

import labelscope as ls
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState

NAMES = ["cat", "dog"]


@pytest.fixture
def truth():
    return (np.random.default_rng(0).normal(size=(120, 2)) > 0).astype(np.int8)


@pytest.fixture
def session(truth, tmp_path):
    rng = np.random.default_rng(1)
    x = np.hstack([truth + 0.3 * rng.normal(size=truth.shape), rng.normal(size=truth.shape)]).astype(np.float32)
    given = np.where(rng.random(truth.shape) < 0.1, 1 - truth, truth)
    opened = ls.Session(ls.Dataset.from_arrays(given, label_names=NAMES, embeddings=x), ledger=tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


def ask(board, average="micro"):
    return answers(board, lambda path: path)["models"](Request("1", "models", {"average": average})).body


def audited(session, truth, n=80):
    cells = session.audit(n).cells
    session.edit_all((i, k, int(truth[i, NAMES.index(k)])) for i, k in cells.select("item_id", "label").iter_rows())


def test_it_starts_no_stage_and_says_what_is_missing(session, truth):
    board = ExplorerState(session, lambda: None)
    assert ask(board)["why"].startswith("No model yet")
    assert "predictions" not in session.ready
    session.models["mine"] = truth
    told = ask(board)
    assert told["why"].startswith("Nobody has audited these labels")
    assert (told["rows"], told["averages"]) == ([], ["micro", "macro"])


def test_models_pairs_and_labels_are_told_after_an_audit(session, truth):
    session.models |= {"good": truth, "bad": 1 - truth}
    audited(session, truth)
    board = ExplorerState(session, lambda: None)
    told = ask(board)
    first = told["rows"][0]
    assert (first["model"], first["metric"]) == ("good", "f1")
    assert first["truth"][1] <= 1 == first["truth"][2]
    assert first["given"] < first["corrected"]
    assert (told["pairs"][0]["better"], told["n_audited"]) == ("good", 80)
    assert {one["name"]: one["label"] for one in told["labels"]} == {"cat": 0, "dog": 1}
    assert sum(one["n_audited"] for one in told["labels"]) == 80
    assert ask(board, "macro")["average"] == "macro"


def test_the_predictions_of_the_stages_are_a_model_once_they_are_there(session, truth):
    audited(session, truth)
    board = ExplorerState(session, lambda: None)
    assert [row["model"] for row in ask(board)["rows"][:1]] == ["labelscope"]


def test_a_table_is_made_anew_only_when_something_was_decided_or_a_model_came(session, truth):
    session.models["good"] = truth
    audited(session, truth, 40)
    board = ExplorerState(session, lambda: None)
    assert board.models.line() == ""
    one = board.models.table()
    assert board.models.table() is one
    assert board.models.line().startswith("F1 on the truth: good 1.00 (")
    session.edit(0, "cat", 1 - int(session.state(0, "cat")))
    assert board.models.table() is not one
    session.models["bad"] = 1 - truth
    assert len(board.models.table().pairs) == 4


def test_predictions_that_cannot_be_read_are_one_line(session, truth):
    session.models["mine"] = truth[:3]
    audited(session, truth, 20)
    with pytest.raises(ls.DataError, match=r"models\['mine'\]: expected shape \(120, 2\), got \(3, 2\)"):
        ask(ExplorerState(session, lambda: None))
