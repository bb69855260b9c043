"""A confirmed item: its labels are right, what is suggested for it is not, and nothing else is said."""

import json

import numpy as np
import polars as pl
import pytest

from labelscope.errors import DataError
from labelscope.review.ledger import Ledger
from labelscope.review.replay_index import ReplayIndex


def verdicts(session):
    return sorted(session.decisions.filter(~pl.col("undone")).select("item_id", "label", "verdict").rows())


def replayed(session):
    return ReplayIndex(Ledger.open(session.ledger, fingerprint=session.dataset.fingerprint).events())


def test_labels_are_confirmed_and_suggestions_rejected_with_one_undo(ask, board):
    body = ask("confirm", row=0, suggestion="s0").body
    assert (body["n"], body["entry"]["suggestion"]["verdict"]) == (3, "rejected")
    assert verdicts(board.session) == [("a", name, "confirmed") for name in ("cat", "dog", "tree")]
    assert board.session.verdicts == {"s0": "rejected", "s2": "rejected"}
    assert board.session.changes.height == 0
    assert ask("undo").body["n"] == 3
    assert (verdicts(board.session), board.session.verdicts) == ([], {})
    assert ask("redo").body["n"] == 3


def test_negative_and_unknown_cells_without_a_suggestion_are_left_alone(board):
    assert board.decisions.confirm(3) == 2
    assert verdicts(board.session) == [("d", "cat", "confirmed"), ("d", "dog", "confirmed")]


def test_an_accepted_change_stands_and_is_confirmed_with_the_rest(board):
    board.decisions.decide("s0", "accept")
    board.decisions.confirm(0)
    assert board.session.verdicts == {"s0": "accepted", "s2": "rejected"}
    assert board.session.changes.select("label", "after").rows() == [("dog", 1)]


def test_an_item_without_label_or_suggestion_says_so(board):
    board.decisions.edit(2, 2, 0)
    with pytest.raises(DataError, match="got neither; set the labels"):
        board.decisions.confirm(2)


def test_from_code_it_is_the_same(session):
    assert len(session.suggestions.frame) == 3
    session.once("suggestions", lambda _: session.suggestions)
    assert sorted(event.label for event in session.confirm_item("a")) == ["cat", "dog", "tree"]
    session.undo()
    assert session.decisions.filter(~pl.col("undone")).height == 0


def test_it_is_no_verdict_of_an_audit(board, ask):
    session = board.session
    before = session.stopping.frame if hasattr(session.stopping, "frame") else None
    board.decisions.confirm(0)
    assert replayed(session).judged(("a", "cat")) is None
    assert replayed(session).judgements.height == 0
    assert before is None or session.stopping.frame.equals(before)
    board.decisions.edit(0, 0, 1)
    board.decisions.confirm(0)
    assert replayed(session).judged(("a", "cat")).kind == "edit"  # what was judged before stays so


def test_progress_and_the_changes_file_tell_of_it(board, ask, tmp_path):
    board.decisions.confirm_all(np.array([0, 3]))
    review = ask("progress").body["review"]
    assert (review["reviewed"], review["accepted"], review["confirmed"]) == (2, 0, 3)
    done = board.session.export(tmp_path / "out.csv")
    lines = [json.loads(line) for line in done.changes_path.read_text().splitlines()]
    assert done.n_changes == 0
    assert sorted((line["item_id"], line["label"], line["before"], line["after"], line["source"]) for line in lines) == [
        ("a", "cat", 1, 1, "confirmed"), ("a", "dog", 0, 0, "confirmed"), ("a", "tree", 0, 0, "confirmed"),
        ("d", "cat", 1, 1, "confirmed"), ("d", "dog", 1, 1, "confirmed"),
    ]  # fmt: skip
