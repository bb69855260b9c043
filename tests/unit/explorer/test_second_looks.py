"""Decided suggestions that come back as if nobody had decided on them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState
from labelscope.review import second_looks
from labelscope.session import Session
from labelscope.suggest.relabel import Suggestions

N = 60


@pytest.fixture
def board(tmp_path, monkeypatch):
    """The list of bob, where ann has decided on every third suggestion and all of her cells come back."""
    monkeypatch.setattr(second_looks, "OF_OTHERS", 1.0)
    dataset = Dataset.from_arrays(np.eye(3, dtype=int)[np.arange(N) % 3], label_names=["cat", "dog", "owl"])
    rows = [(f"s{k}", k, ("cat", "dog", "owl")[(k + 1) % 3], "add", 0.9 - k / 100, "") for k in range(N)]
    schema = {"suggestion_id": pl.String, "item_id": pl.Int64, "label": pl.String, "action": pl.String, "confidence": pl.Float32}
    suggested = Suggestions(pl.DataFrame(rows, schema={**schema, "reason": pl.String}, orient="row"))
    ann = Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer="ann", suggestions=suggested)
    for k in range(0, N, 3):
        ann.accept(f"s{k}")
    ann.close()
    session = Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer="bob", suggestions=suggested)
    board = ExplorerState(session, lambda: None)
    board.take_suggestions(suggested)
    yield board
    session.close()


@pytest.fixture
def ask(board):
    handlers = answers(board, str)
    return lambda kind, **body: handlers[kind](Request("1", kind, body)).body


def pending(ask, **more):
    return ask("worklist", **{"queue": "pending", "order": "confidence", "limit": 200, **more})


def back(listed):
    return [entry for entry in listed["entries"] if int(entry["suggestion"]["id"][1:]) % 3 == 0]


def test_they_lie_between_the_others_and_nothing_on_their_cards_or_in_the_evidence_tells(ask, board):
    listed = pending(ask)
    entries = back(listed)
    assert 0 < len(entries) <= listed["total"] // 8
    for entry in entries:
        chip = next(chip for chip in entry["chips"] if chip["label"] == entry["label"])
        assert (entry["suggestion"]["verdict"], chip["state"], chip["suggested"]) == ("pending", 0, "add")
        assert board.session.state(int(entry["item"]), entry["label"]) == 1
        evidence = ask("evidence", row=entry["row"], label=entry["label"])
        assert (evidence["history"], evidence["chip"]["state"], evidence["suggestion"]["verdict"]) == ([], 0, "pending")
        name = entry["suggestion"]["name"]
        assert name not in ask("hover", row=entry["row"])["labels"]
        ask("decide", suggestion=entry["suggestion"]["id"], verdict="accept")
        assert name in ask("hover", row=entry["row"])["labels"]  # no longer blind


def test_no_colour_of_the_map_tells_them_from_what_nobody_has_decided_on(ask, board):
    entries = back(pending(ask))
    others = [k for k in range(N) if k % 3]
    by_review = np.asarray(board.colouring.colours("review").codes)
    assert {by_review[entry["row"]] for entry in entries} == set(by_review[others].tolist())
    owl, dog = (board.session.dataset.label_names.index(name) for name in ("owl", "dog"))
    pending_codes = set(np.asarray(board.colouring.colours("label", owl).codes)[1::3].tolist())  # suggested there, undecided
    of_dog = np.asarray(board.colouring.colours("label", dog).codes)
    assert {of_dog[entry["row"]] for entry in entries} == pending_codes
    ask("decide", suggestion=entries[0]["suggestion"]["id"], verdict="accept")
    assert board.colouring.colours("review").codes[entries[0]["row"]] not in by_review[others]  # no longer blind


def test_a_verdict_on_one_is_a_second_look_and_an_opinion_that_may_differ(ask, board):
    first, second = back(pending(ask))[:2]
    assert ask("decide", suggestion=first["suggestion"]["id"], verdict="reject")["entry"]["suggestion"]["verdict"] == "rejected"
    ask("decide", suggestion=second["suggestion"]["id"], verdict="accept")
    assert sorted(board.session.second_looks["same"].to_list()) == [False, True]
    assert board.session.conflicts["reviewer"].to_list() == ["ann", "bob"]
    agreed = ask("progress")["agreement"]
    assert [(of["first"], of["second"], of["n"], of["same"]) for of in agreed] == [("ann", "bob", 2, 1)]
    assert board.session.reviewer_agreement.select("n", "same").rows() == [(2, 1)]


def test_after_undo_a_cell_comes_back_unmarked_again(ask, board):
    entry = back(pending(ask))[0]
    ask("decide", suggestion=entry["suggestion"]["id"], verdict="reject")
    assert ask("undo")["entry"]["suggestion"]["verdict"] == "pending"
    assert board.session.second_looks.height == 0


def test_a_filtered_list_and_a_search_hold_what_they_say(ask):
    ask("filter", by="label", label=1, state=1)
    assert back(pending(ask)) == []
    ask("unfilter", key=ask("selection")["filters"][0]["key"])
    assert back(pending(ask, query="item")) == []


def test_only_what_is_due_can_be_looked_at_again(board):
    with pytest.raises(DataError, match="looks_due"):
        board.session.look_again(10_000)
