"""Every view follows every decision, whoever makes it and where, and nobody takes a decision away from another."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from labelscope.explorer.decided import DecidedCells
from labelscope.explorer.open_conflicts import OpenConflicts
from labelscope.explorer.replies.reply import as_json
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState
from labelscope.explorer.watch import Watch
from labelscope.review.label_edit import LabelEdit
from labelscope.widgets.explorer import STATIC, Explorer


@pytest.fixture
def opened(dataset, session):
    """Opens boards: on the session, or on another one with the same ledger."""
    others = []

    def open_(of=None, *, reviewer=None, changed=lambda: None, wake=None):
        if reviewer is not None:
            of = type(session)(dataset, ledger=session.ledger, reviewer=reviewer, suggestions=session.suggestions)
            others.append(of)
        board = ExplorerState(of or session, changed, wake=wake)
        board.take_suggestions(board.session.suggestions)
        return board

    yield open_
    for other in others:
        other.close()


def ask(board, kind, **body):
    return answers(board, lambda path: path)[kind](Request("1", kind, body)).body


def counts(board):
    return {
        name: n
        for name, n in as_json(board.decisions.counts()).items()
        if n and name in ("accepted", "rejected", "skipped", "conflicts", "changed")
    }


def test_what_code_decides_reaches_every_board_of_the_session(opened, session):
    boards = [opened(), opened()]
    session.accept("s0")
    session.edit("c", "cat", 1)
    session.reject("s1")
    session.undo()
    for board in boards:
        assert board.decisions.follow() == 4
        assert counts(board) == {"accepted": 1, "changed": 2}
        assert board.labels.column(0).tolist() == [1, 0, 1, 1]
        assert board.terms.query("is:changed").tolist() == [True, False, True, False]
        assert ask(board, "evidence", row=0, label=1)["history"][0]["reviewer"] == "ann"
        assert board.versions["decisions"] == 4
    session.redo()
    assert [board.decisions.follow() for board in boards] == [1, 1]
    assert [counts(board)["rejected"] for board in boards] == [1, 1]


def test_to_sync_in_a_cell_takes_nothing_from_a_board_and_a_board_takes_nothing_from_it(opened, session):
    board, other = opened(), opened(reviewer="bob")
    ask(other, "decide", suggestion="s0", verdict="accept")
    assert [event.reviewer for event in session.sync()] == ["bob"]
    assert board.decisions.sync() == 1
    assert counts(board) == {"accepted": 1, "changed": 1}
    ask(other, "decide", suggestion="s1", verdict="reject")
    assert board.decisions.sync() == 1
    assert len(session.sync()) == 1
    assert session.sync() == ()


def test_boards_on_two_sessions_and_code_see_each_other_and_their_conflict(opened, session):
    ann, bob = opened(), opened(reviewer="bob")
    session.accept("s0")
    bob.session.reject("s0")
    for board in (ann, bob):
        board.decisions.sync()
        assert counts(board) == {"rejected": 1, "conflicts": 1}
        assert board.terms.query("is:conflict").tolist() == [True, False, False, False]
    ann.filters.select(np.array([False, True, True, True]))
    assert "conflicts" not in counts(ann)
    bob.session.edit("a", "dog", -1)  # who has seen both settles it
    assert [bob.decisions.follow(), ann.decisions.sync()] == [1, 1]
    assert ann.conflicts.frame.is_empty()
    ann.filters.select(None)
    assert counts(ann) == counts(bob) == {"rejected": 1, "changed": 1}


def test_with_a_selection_no_click_gathers_all_conflicts_of_the_ledger(opened, session, monkeypatch):
    ann, bob = opened(), opened(reviewer="bob")
    session.accept("s0")
    bob.session.reject("s0")
    ann.decisions.sync()
    ann.filters.select(np.array([True, True, True, False]))
    assert counts(ann)["conflicts"] == 1
    monkeypatch.setattr(OpenConflicts, "cells", property(lambda _: pytest.fail("gathered")))
    ask(ann, "decide", suggestion="s1", verdict="accept")
    ask(ann, "worklist", listing="", queue="pending", order="data", query="", offset=0, limit=40)
    ask(ann, "edit", row=0, label=1, state=1, suggestion="")  # settles it
    assert "conflicts" not in counts(ann)
    ask(ann, "undo")
    assert counts(ann)["conflicts"] == 1


def test_what_others_decided_before_a_click_is_shown_and_counted_with_it(opened):
    ann, bob = opened(), opened(reviewer="bob")
    ask(bob, "edit", row=3, label=2, state=1, suggestion="")
    reply = ask(ann, "decide", suggestion="s0", verdict="accept")
    assert reply["decisions"] == 2 > reply["n"]  # so the view knows that there is more than its own
    assert reply["counts"]["changed"] == 2
    assert ann.labels.column(2).tolist() == [0, -1, 1, 1]


def test_an_edit_of_the_label_set_in_a_cell_reaches_a_board(opened, session):
    board = opened()
    session.edit("b", "tree", 1)
    session.apply(LabelEdit.merge("tree", "dog"))
    assert board.decisions.follow() > 1
    board = ExplorerState(session, lambda: None, before=board)  # as the app does
    assert board.labels.column(1).tolist() == session.states_at([(row, 1) for row in range(4)])
    assert ask(board, "hover", row=1)["row"] == 1  # a cell of a label that went can still be shown
    session.undo()
    board = ExplorerState(session, lambda: None, before=board)
    assert board.labels.column(1).tolist() == [0, 1, 0, 1]
    assert board.labels.column(2).tolist() == [0, 1, 1, 0]


def test_a_judgement_by_code_counts_for_the_audit_of_a_board(opened, session, monkeypatch):
    board = opened()
    cells = pl.DataFrame({"item_id": ["a", "b"], "label": ["cat", "dog"], "given": [1, 1]})
    board.decisions.show_audit()
    monkeypatch.setattr(type(session), "audit_sample", SimpleNamespace(cells=cells))
    monkeypatch.setattr(type(session), "audit_cells", cells)
    board.decisions.sync()  # drawn by code
    assert (board.decisions.counts().audit, board.decisions.counts().judged, board.versions["decisions"]) == (2, 0, 1)
    session.confirm("a", "cat")
    board.decisions.follow()
    assert (board.decisions.counts().audit, board.decisions.counts().judged) == (1, 1)
    session.undo()
    board.decisions.follow()
    assert (board.decisions.counts().audit, board.decisions.counts().judged) == (2, 0)


def test_verdicts_on_relations_by_code_and_by_others_reach_every_board(opened, session):
    ann, bob = opened(), opened(reviewer="bob")
    boards = [ann, opened(), bob]
    for board in boards:
        board.decisions.show_audit()
    session.constraints.confirm("cat", "implies", "tree")
    bob.session.constraints.reject("dog", "implies", "cat")
    for board in boards:
        known = board.versions["pairs"]
        board.decisions.sync()
        assert board.decisions.since_suggestions.report(0).relations == 2
        assert board.versions["pairs"] == known + 1
        board.decisions.sync()
        assert board.versions["pairs"] == known + 1
    ask(ann, "rule", a="cat", relation="implies", b="tree", verdict="withdraw")
    assert ann.decisions.since_suggestions.report(0).relations == 3


def test_what_is_decided_while_suggestions_are_taken_is_not_missed(opened, session, monkeypatch):
    board = opened()
    known = type(session).verdicts

    def late(self):
        before = known.fget(self)
        session.accept("s1")  # after the verdicts were read, before the list stands
        return before

    monkeypatch.setattr(type(session), "verdicts", property(late))
    board.take_suggestions(session.suggestions)
    board.decisions.follow()
    assert counts(board)["accepted"] == 1


def test_threads_that_decide_and_follow_at_once_end_with_the_same_counts(opened):
    ann, bob = opened(), opened(reviewer="bob")

    def decide(session):
        for k in range(40):
            session.edit("abcd"[k % 4], k % 3, k % 2)

    with ThreadPoolExecutor(3) as pool:
        deciding = [pool.submit(decide, board.session) for board in (ann, bob)]
        following = pool.submit(lambda: [(ann.decisions.sync(), bob.decisions.sync()) for _ in range(40)])
        for done in [*deciding, following]:
            done.result()
    ann.decisions.sync(), bob.decisions.sync()
    assert ann.versions["decisions"] == bob.versions["decisions"] == 80
    assert ann.decisions.counts() == bob.decisions.counts()
    for label in range(3):
        assert (
            ann.labels.column(label).tolist() == bob.labels.column(label).tolist() == ann.session.states_at([(k, label) for k in range(4)])
        )


@pytest.mark.skipif(not (STATIC / "explorer.js").is_file(), reason="the front end is not built")
def test_an_open_explorer_shows_what_code_and_others_decide_without_being_asked(opened, session, monkeypatch):
    changed, shown = threading.Condition(), {}

    def send(app, content, buffers=None):
        with changed:
            if content["kind"] == "state":
                shown[app] = content["body"]["counts"]["changed"]
            changed.notify_all()

    monkeypatch.setattr(Explorer, "send", send)
    apps = [Explorer(session, start=False) for _ in range(2)]

    def show(n):
        with changed:
            return changed.wait_for(lambda: [shown.get(app) for app in apps] == [n, n], 20)

    try:
        for app in apps:
            opening = {"method": "custom", "content": {"id": "1", "kind": "open", "body": {"view": "v"}}}
            app.comm.handle_msg({"content": {"data": opening}, "buffers": []})
        session.edit("c", "cat", 1)
        assert show(1), shown
        bob = opened(reviewer="bob")
        bob.session.edit("d", "tree", 1)
        assert show(2), shown
        assert len(session.sync()) == 1
    finally:
        for app in apps:
            app.close()


def test_a_watch_follows_at_a_sign_and_looks_all_the_same():
    followed, looked, wake = threading.Event(), threading.Event(), threading.Event()
    watching = Watch(followed.set, looked.set, wake, interval=3600, pause=0)
    watching.join("a")
    wake.set()
    assert followed.wait(10)
    watching.leave("a")
    assert not looked.is_set()
    busy = Watch(wake.set, looked.set, wake, interval=0.01, pause=0)  # never at rest
    busy.join("a")
    wake.set()
    assert looked.wait(10)
    busy.close()


def test_a_watch_goes_on_after_an_error_that_nobody_expected(caplog):
    wake, again, calls = threading.Event(), threading.Event(), []

    def look():
        calls.append(time.monotonic())
        if len(calls) == 1:
            raise ValueError("odd")
        again.set()

    watching = Watch(lambda: None, look, wake, interval=0.01)
    watching.join("a")
    assert again.wait(10)
    watching.close()
    assert "odd" in caplog.text


def test_decided_cells_are_by_item_and_by_label_in_any_order(dataset):
    cells = pl.DataFrame({"item_id": ["c", "a", "c"], "label": ["dog", "cat", "cat"], "given": [0, 1, 0], "state": [1, 0, 0]})
    decided = DecidedCells(dataset, cells)
    expected = {(2, 1): 1, (0, 0): 0, (2, 0): 0}
    rng = np.random.default_rng(0)
    for k in range(60):
        row, label, state = int(rng.integers(4)), int(rng.integers(3)), int(rng.integers(-1, 2))
        decided.put(row, label, state)
        expected[row, label] = state
        if k % 3 == 0:
            rows, states = decided.of_label(label)
            assert dict(zip(rows.tolist(), states.tolist(), strict=True)) == {r: s for (r, of), s in expected.items() if of == label}
        assert decided.of_row(row) == {of: s for (r, of), s in expected.items() if r == row}
    given = {cell: dataset.labels.state(*cell) for cell in expected}
    assert decided.changed_rows().tolist() == sorted({row for (row, label), s in expected.items() if s != given[row, label]})
    assert list(DecidedCells(dataset, cells).of_row(2)) == [1, 0]  # as they were decided
