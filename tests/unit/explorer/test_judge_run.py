"""Judges that are asked from the app: in the background, nothing twice, nothing lost."""

from __future__ import annotations

import threading

import numpy as np
import polars as pl
import pytest

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState
from labelscope.session import Session
from labelscope.suggest.relabel import Suggestions

N = 40


class Reader:
    """Says yes to even items; counts its questions, and waits where it is told to."""

    name, workers = "reader", 2

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.go = threading.Event()
        self.go.set()

    def __call__(self, question):
        self.asked.append(question.item_id)
        self.go.wait(10)
        return int(int(question.item_id) % 2 == 0), "it is even"


@pytest.fixture
def session(tmp_path):
    items = pl.DataFrame({"text": [f"item number {k}" for k in range(N)]})
    embeddings = np.random.default_rng(0).normal(size=(N, 3))
    dataset = Dataset.from_arrays(
        [[0, k % 3 == 0] for k in range(N)], label_names=["even", "third"], items=items, text="text", embeddings=embeddings
    )
    rows = list(range(20))
    suggested = Suggestions(pl.DataFrame({
        "suggestion_id": [f"s{k}" for k in rows], "item_id": rows, "label": ["even"] * 20, "action": ["add"] * 20,
        "confidence": np.linspace(0.9, 0.5, 20).astype("f4"), "reason": ["because"] * 20,
    }))  # fmt: skip
    opened = Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer="ann", suggestions=suggested)
    yield opened
    opened.close()


@pytest.fixture
def reader():
    return Reader()


@pytest.fixture
def state(session, reader):
    made = ExplorerState(session, lambda: None, judges=[reader])
    made.take_suggestions(session.suggestions)
    made.decisions.show_audit()
    return made


@pytest.fixture
def ask(state):
    handlers = answers(state, str)
    return lambda kind, **body: handlers[kind](Request("1", kind, body)).body


def listed(ask, queue="pending"):
    return ask("worklist", queue=queue, order="confidence")


def test_the_preview_asks_nobody_and_counts_what_has_an_answer(state, session, ask, reader, until):
    listing = listed(ask)["listing"]
    shown = ask("ask_preview", listing=listing, n=12)
    assert (shown["total"], shown["cells"], shown["known"], shown["tokens"]) == (20, 12, 0, None)
    assert shown["judges"] == [{"name": "reader", "address": "", "pictures": False, "calls": None, "tokens": None}]
    assert "Label: even" in shown["text"]
    assert not reader.asked
    ask("ask", listing=listing, n=12, cells=12)
    assert until(lambda: session.voters.kept.height == 12)
    assert until(lambda: not state.judges.running)
    shown = ask("ask_preview", listing=listing, n=15)
    assert (shown["cells"], shown["known"]) == (3, 12)


def test_votes_arrive_and_agreeing_suggestions_are_a_queue(state, session, ask, until):
    ask("ask", listing=listed(ask)["listing"], n=20, cells=20)
    assert until(lambda: not state.judges.running and state.judges.report.judges)
    assert state.judges.report.judges[0].yes == 10
    found = listed(ask, "agreed")
    assert [entry["row"] for entry in found["entries"]] == list(range(0, 20, 2))
    assert found["counts"]["agreed"] == 10
    ask("decide", suggestion="s0", verdict="accept")
    assert state.decisions.counts().agreed == 9
    assert session.voters.kept["reason"].unique().to_list() == ["it is even"]


def test_a_judge_that_contradicts_takes_a_suggestion_out_of_the_queue(state, session, ask):
    said = pl.DataFrame({"item_id": [0, 0, 2], "label": ["even"] * 3, "rater": ["a", "b", "a"], "value": [1, 0, 1]})
    session.voters.keep(said)
    state.decisions.show_voters()
    assert [entry["row"] for entry in listed(ask, "agreed")["entries"]] == [2]


def test_a_run_that_was_stopped_goes_on_and_asks_nothing_twice(state, session, ask, reader, until):
    reader.go.clear()
    ask("ask", listing=listed(ask)["listing"], n=20, cells=20)
    assert until(lambda: len(reader.asked) >= 2)
    ask("ask_stop")
    assert state.judges.report.stopping
    reader.go.set()
    assert until(lambda: not state.judges.running)
    n = len(reader.asked)
    assert session.voters.kept.height == n < 20  # what was under way is kept
    ask("ask_resume")
    assert until(lambda: not state.judges.running)
    assert session.voters.kept.height == len(reader.asked) == 20
    version = session.voters.version
    ask("ask_resume")  # everything is in the answers file
    assert until(lambda: not state.judges.running and state.judges.report.judges[0].yes == 10)
    assert len(reader.asked) == 20
    assert session.voters.version == version  # no vote is written twice


def test_two_runs_at_once_other_cells_than_shown_and_the_audit_are_refused(state, session, ask, reader, until):
    listing = listed(ask)["listing"]
    with pytest.raises(DataError, match="expected 9 cells as shown, got 20"):
        ask("ask", listing=listing, n=20, cells=9)
    reader.go.clear()
    ask("ask", listing=listing, n=20, cells=20)
    with pytest.raises(DataError, match="expected no question under way"):
        ask("ask", listing=listing, n=20, cells=20)
    reader.go.set()
    assert until(lambda: not state.judges.running)
    with pytest.raises(DataError, match="got the audit"):
        ask("ask_preview", listing=listed(ask, "audit")["listing"], n=5)


def test_a_judge_with_the_name_of_a_rater_is_refused_before_it_is_asked(tmp_path, reader):
    votes = pl.DataFrame({"item_id": [0], "rater": ["reader"], "label": ["even"], "value": [1]})
    dataset = Dataset.from_arrays([[1], [0]], label_names=["even"], items=pl.DataFrame({"text": ["a", "b"]}), text="text", votes=votes)
    other = Session(dataset, ledger=tmp_path / "other.sqlite")
    state = ExplorerState(other, lambda: None, judges=[reader])
    with pytest.raises(DataError, match="expected a name that no other voter has, got 'reader'"):
        state.judges.start(np.array([0]), np.array([0]))
    other.close()
    assert not reader.asked


def test_the_fault_of_a_judge_is_told_in_one_line(session, until):
    def broken(_):
        raise ValueError("no\nanswer")

    state = ExplorerState(session, lambda: None, judges=[broken])
    state.judges.start(np.array([0]), np.array([0]))
    assert until(lambda: not state.judges.running)
    assert "judge 'broken': expected an answer, got ValueError: no answer" in state.judges.report.trouble
