import polars as pl

from labelscope.review.decisions import conflicts, decisions
from labelscope.review.events import Event
from labelscope.review.replay_index import ReplayIndex

TIME = "2026-01-01T00:00:00+00:00"


def decision(seq, kind, after, reviewer="ann", item="1"):
    return Event(seq, kind, item, "cat", 0, after, f"s{item}", reviewer, TIME)


def undo(seq, of):
    return Event(seq, "undo", of.item_id, of.label, of.after, of.before, None, of.reviewer, TIME, None, of.seq)


def test_decisions_list_what_was_said_and_what_was_undone():
    first, second = decision(1, "accept", 1), decision(2, "edit", -1, item="2")
    frame = decisions(ReplayIndex([first, second, undo(3, first)]), pl.Int64())
    assert frame.columns == [
        "seq",
        "item_id",
        "label",
        "verdict",
        "before",
        "after",
        "suggestion_id",
        "reviewer",
        "time",
        "undone",
        "source",
        "reason",
    ]
    assert frame.select("seq", "item_id", "verdict", "after", "undone").rows() == [(1, 1, "accepted", 1, True), (2, 2, "edited", -1, False)]


def test_no_decision_is_an_empty_frame_of_the_same_types():
    assert decisions(ReplayIndex([]), pl.Int64()).schema == decisions(ReplayIndex([decision(1, "skip", 0)]), pl.Int64()).schema
    assert conflicts(ReplayIndex([]), pl.String()).height == 0


def test_two_reviewers_disagree_about_a_cell():
    said = [
        decision(1, "accept", 1),
        decision(2, "reject", 0, "ben"),
        decision(3, "accept", 1, item="2"),
        decision(4, "accept", 1, "ben", "2"),
    ]
    frame = conflicts(ReplayIndex(said), pl.String())
    assert frame.select("item_id", "reviewer", "verdict", "state").rows() == [("1", "ann", "accepted", 1), ("1", "ben", "rejected", 0)]


def test_a_conflict_ends_when_one_agrees_or_undoes():
    mine, other = decision(1, "accept", 1), decision(2, "reject", 0, "ben")
    assert conflicts(ReplayIndex([mine, other, decision(3, "accept", 1, "ben")]), pl.String()).height == 0
    assert conflicts(ReplayIndex([mine, other, undo(3, other)]), pl.String()).height == 0


def test_a_skip_is_no_opinion():
    assert conflicts(ReplayIndex([decision(1, "accept", 1), decision(2, "skip", 0, "ben")]), pl.String()).height == 0
