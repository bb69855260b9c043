"""A label that grows in the app: each judgement is in the ledger, and can be taken back."""

import numpy as np
import polars as pl
import pytest

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState
from labelscope.session import Session

N = 240


@pytest.fixture
def state(tmp_path):
    rng = np.random.default_rng(3)
    group = np.arange(N) % 6
    points = (3 * rng.normal(size=(6, 8))[group] + rng.normal(size=(N, 8))).astype("f4")
    words = ["boat", "car", "tree", "house", "cloud", "river"]
    items = pl.DataFrame({"item_id": [f"i{k}" for k in range(N)], "text": [f"a {words[g]} seen on day {k}" for k, g in enumerate(group)]})
    labels = (group == 1).astype("i1")[:, None]
    dataset = Dataset.from_arrays(labels, label_names=["car"], embeddings=points, items=items, text="text")
    session = Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    yield ExplorerState(session, lambda: None)
    session.close()


@pytest.fixture
def ask(state):
    known = answers(state, str)
    return lambda kind, **body: known[kind](Request("1", kind, body)).content


def known(session, name):
    states = session.states(name)
    return np.flatnonzero(states == 1).tolist(), np.flatnonzero(states == 0).tolist()


def test_words_of_the_name_come_first_and_likely_ones_follow(ask, state):
    first = ask("grow", label="boat")
    assert (first.basis, first.there, first.count) == ("words", False, None)
    assert all("boat" in item.text for item in first.items[:-1])  # the last one is drawn at random, for the count
    for item in first.items[:-1]:
        told = ask("grow_judge", label="boat", row=item.row, state=1)
    assert (told.there, told.positive, told.negative) == (True, 19, 0)
    second = ask("grow", label="boat")
    assert second.basis == "examples"
    assert {item.row for item in second.items}.isdisjoint(item.row for item in first.items[:-1])
    assert sum(item.row % 6 == 0 for item in second.items) >= 15
    assert "of the next 20 are positive" in second.advice
    assert state.session.label_names == ("car", "boat")


def test_a_sample_says_how_many_there_are(ask, state):
    for row in range(0, 60, 6):
        ask("grow_judge", label="boat", row=row, state=1)
    for _ in range(3):
        for item in ask("grow", label="boat", of="sample").items:
            ask("grow_judge", label="boat", row=item.row, state=int(item.row % 6 == 0))
    count = ask("grow", label="boat").count
    assert count.low <= N / 6 <= count.high
    assert count.sampled >= 20


def test_where_nothing_names_it_items_are_drawn_at_random(ask):
    drawn = ask("grow", label="zeppelin")
    assert (drawn.basis, len(drawn.items), drawn.items[0].probability) == ("random", 20, None)
    assert len({item.row % 6 for item in drawn.items}) > 2


def test_what_was_judged_before_the_first_positive_is_kept_and_taken_back(ask, state):
    session = state.session
    for row in (1, 2):
        told = ask("grow_judge", label="boat", row=row, state=0)
    assert (told.there, told.negative) == (False, 2)
    assert session.label_names == ("car",)
    assert {1, 2}.isdisjoint(item.row for item in ask("grow", label="boat").items)
    ask("grow_judge", label="boat", row=0, state=1)
    ask("grow_judge", label="boat", row=3, state=0)
    assert known(session, "boat") == ([0], [1, 2, 3])
    undone = ask("grow_undo", label="boat")
    assert (undone.row, undone.state, undone.negative) == (3, -1, 2)
    undone = ask("grow_undo", label="boat")
    assert (undone.row, undone.there, undone.positive, undone.negative) == (0, False, 0, 2)
    assert session.label_names == ("car",)
    assert ask("grow_undo", label="boat").row == 2
    assert ask("grow_undo", label="boat").row == 1
    assert ask("grow_undo", label="boat").row == -1


def again(dataset, tmp_path, reviewer="ann"):
    """The answers of another kernel on the same ledger, and its session."""
    session = Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer=reviewer)
    known = answers(ExplorerState(session, lambda: None), str)
    return lambda kind, **body: known[kind](Request("1", kind, body)).content, session


def test_negatives_before_the_first_positive_survive_the_kernel_and_are_taken_back_there(ask, state, tmp_path):
    for row in (1, 2, 3):
        ask("grow_judge", label="boat", row=row, state=0)
    later, session = again(state.dataset, tmp_path)
    first = later("grow", label="boat")
    assert (first.there, first.negative) == (False, 3)
    assert {1, 2, 3}.isdisjoint(item.row for item in first.items)
    assert later("grow_undo", label="boat").row == 3
    later("grow_judge", label="boat", row=0, state=1)
    assert known(session, "boat") == ([0], [1, 2])
    later("grow_undo", label="boat")
    assert later("grow", label="boat").negative == 2  # the label is gone, what was said of it is not
    session.close()
    last, session = again(state.dataset, tmp_path)
    assert last("grow", label="boat").negative == 2
    session.close()


def test_each_reviewer_s_early_negatives_are_written_in_their_own_name(ask, state, tmp_path):
    ask("grow_judge", label="boat", row=1, state=0)
    theirs, other = again(state.dataset, tmp_path, "bo")
    assert theirs("grow", label="boat").negative == 0  # nobody decides for somebody else
    theirs("grow_judge", label="boat", row=0, state=1)
    assert known(other, "boat") == ([0], [])
    state.session.sync()
    assert ask("grow", label="boat").negative == 1
    decisions = state.session.decisions.filter(pl.col("after") == 0).select("item_id", "reviewer")
    assert decisions.rows() == [("i1", "ann")]
    state.session.edit("i1", "boat", -1)  # and is not said again once it is taken back
    assert ask("grow", label="boat").negative == 0
    other.close()


def test_a_judgement_is_changed_and_its_undo_gives_the_one_before(ask, state):
    ask("grow_judge", label="boat", row=0, state=1)
    ask("grow_judge", label="boat", row=6, state=0)
    ask("grow_judge", label="boat", row=6, state=1)
    assert known(state.session, "boat") == ([0, 6], [])
    assert ask("grow_undo", label="boat").state == 0
    assert known(state.session, "boat") == ([0], [6])


def test_nothing_else_is_undone_here(ask, state):
    ask("grow_judge", label="boat", row=0, state=1)
    state.session.edit("i5", "car", 1)
    with pytest.raises(DataError, match="expected a decision about 'boat' to be the last one, got one about 'car'"):
        ask("grow_undo", label="boat")
    assert state.session.state("i5", "car") == 1
    assert known(state.session, "boat") == ([0], [])


def test_selected_items_make_a_label_or_are_looked_at(ask, state):
    mask = np.zeros(N, bool)
    mask[:30:6] = True
    state.filters.select(mask)
    assert [item.row for item in ask("grow", label="boat", of="selection").items] == [0, 6, 12, 18, 24]
    made = ask("grow_selected", label=" boat ", description="floats")
    assert (made.name, made.positive) == ("boat", 5)
    assert state.session.label_edits.select("action", "into", "reason").row(0) == ("new", ["boat"], "floats")
    state.session.undo()
    assert state.session.label_names == ("car",)


def test_another_reviewer_sees_it_and_goes_on(ask, state, tmp_path):
    for row in (0, 6, 12):
        ask("grow_judge", label="boat", row=row, state=1)
    other = Session(state.dataset, ledger=tmp_path / "ledger.sqlite", reviewer="bo")
    assert known(other, "boat") == ([0, 6, 12], [])
    asked = answers(ExplorerState(other, lambda: None), str)["grow"](Request("1", "grow", {"label": "boat"})).content
    assert (asked.there, asked.positive) == (True, 3)
    other.close()


def test_what_cannot_grow_is_refused(ask, state):
    with pytest.raises(DataError, match="expected a new label, or one with unknown cells, got 'car'"):
        ask("grow", label="car")
    with pytest.raises(DataError, match="expected the name of a label, got an empty one"):
        ask("grow", label="  ")
    with pytest.raises(DataError, match="expected selected items, got none"):
        ask("grow_selected", label="boat")
    with pytest.raises(DataError, match="an item up to 239"):
        ask("grow_judge", label="boat", row=N, state=1)
