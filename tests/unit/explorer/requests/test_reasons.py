"""The reason of the last verdict: asked for, given, counted, exported, taken back."""

import json

import pytest

from labelscope.errors import DataError
from labelscope.session import Session
from labelscope.widgets.static_view import summary


def test_the_last_verdict_is_shown_with_the_reasons_to_choose_from(ask, board):
    ask("decide", suggestion="s0", verdict="reject")
    shown = ask("reasons").body
    assert (shown["verdict"], shown["label"], shown["item"], shown["n"], shown["reason"]) == ("rejected", "dog", "a", 1, "")
    assert ask("reason", about=shown["about"], reason=shown["kinds"][1]).body["reason"] == shown["kinds"][1]


def test_a_reason_is_about_the_verdict_that_was_shown_whatever_was_decided_since(ask, board):
    ask("decide", suggestion="s0", verdict="reject")
    shown = ask("reasons").body
    ask("decide", suggestion="s2", verdict="accept")
    ask("reason", about=shown["about"], reason="hard to tell")
    assert board.session.reasons.select("label", "reason").rows() == [("dog", "hard to tell")]


def test_a_reason_is_counted_exported_and_told_in_python_and_in_the_saved_picture(ask, board, tmp_path):
    ask("decide", suggestion="s0", verdict="accept")
    ask("reason", about=ask("reasons").body["about"], reason="clearly wrong")
    assert ask("progress").body["review"]["reasons"] == [{"reason": "clearly wrong", "n": 1}]
    done = board.session.export(tmp_path / "out.csv")
    assert [json.loads(line)["reason"] for line in done.changes_path.read_text().splitlines()] == ["clearly wrong"]
    again = Session(board.session.dataset, ledger=board.session.ledger)
    assert again.reasons.select("item_id", "label", "verdict", "reason").rows() == [("a", "dog", "accepted", "clearly wrong")]
    assert "Reasons given: clearly wrong 1" in summary("pets", board)


def test_a_card_tells_the_reason_of_the_decision_on_its_cell_until_it_is_taken_back(ask):
    ask("decide", suggestion="s0", verdict="accept")
    ask("reason", about=ask("reasons").body["about"], reason="clearly wrong")
    listed = ask("worklist", queue="accepted", order="confidence").body["entries"]
    assert [entry["said"] for entry in listed] == ["clearly wrong"]
    waiting = ask("worklist", queue="pending", order="confidence").body["entries"]
    assert [entry for entry in waiting if "said" in entry] == []
    assert "said" not in ask("undo").body["entry"]


def test_undo_says_that_only_the_reason_was_taken_back(ask, board):
    ask("decide", suggestion="s0", verdict="accept")
    ask("reason", about=ask("reasons").body["about"], reason="clearly wrong")
    before = ask("undo").body
    assert (before["reason"], before["label"], before["n"], board.session.verdicts) == (True, "dog", 1, {"s0": "accepted"})
    assert ask("undo").body["reason"] is False
    assert board.session.verdicts == {}
    assert ask("redo").body["reason"] is False
    assert ask("redo").body["reason"] is True
    assert board.session.reasons["reason"].to_list() == ["clearly wrong"]


def test_the_list_of_reasons_is_written_anew_for_all(ask, board):
    ask("decide", suggestion="s0", verdict="accept")
    assert ask("reason_kinds", kinds=["sarcasm"]).body["kinds"] == ["sarcasm"]
    assert Session(board.session.dataset, ledger=board.session.ledger).reason_kinds == ("sarcasm",)
    with pytest.raises(DataError, match="1 to 9 different reasons"):
        ask("reason_kinds", kinds=[])


def test_without_a_verdict_there_is_nothing_to_give_a_reason_for(ask):
    with pytest.raises(DataError, match="decide first"):
        ask("reasons")
