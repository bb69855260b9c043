"""Data with one label an item: one decision replaces a label by another, and nothing leaves an item without one."""

from __future__ import annotations

import polars as pl
import pytest

import labelscope as ls
from labelscope.errors import DataError
from labelscope.suggest.relabel import Suggestions

EMOTIONS = ["excitement", "love", "anger", "love", "excitement", "anger"]
SWAP = pl.DataFrame({
    "suggestion_id": ["0.1", "0.0", "1.1"], "item_id": ["i0", "i0", "i1"], "label": ["love", "excitement", "love"],
    "action": ["add", "remove", "remove"], "confidence": [0.8, 0.9, 0.9], "reason": ["", "", ""],
    "swap": ["excitement", "love", None],
})  # fmt: skip


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "emotions.csv"
    pl.DataFrame({"item_id": [f"i{k}" for k in range(6)], "emotion": EMOTIONS}).write_csv(path)
    return path


@pytest.fixture
def session(table):
    ds = ls.read(table, labels="emotion")
    with_session = ls.Session(ds, ledger=table.with_name("l.sqlite"), reviewer="ann", suggestions=Suggestions(SWAP))
    yield with_session
    with_session.close()


def exported(session, table, **options) -> list[str]:
    out = table.with_name("out.csv")
    session.export(out, **options)
    return pl.read_csv(out)["emotion"].to_list()


def test_only_a_table_with_one_label_a_cell_is_such_data(table):
    assert ls.read(table, labels="emotion").one_label_each
    assert not ls.read(pl.DataFrame({"tags": [["a"], ["b"]]}), labels="tags").one_label_each
    assert not ls.Dataset.from_arrays([["a"], ["b"]]).one_label_each


def test_a_label_replaces_the_one_that_was_there_with_one_undo(session, table):
    session.edit("i2", "love", 1)
    assert [session.state("i2", name) for name in ("anger", "love")] == [0, 1]
    session.edit("i2", "excitement", 1)
    assert exported(session, table)[2] == "excitement"
    session.undo()
    assert exported(session, table)[2] == "love"
    session.undo()
    assert exported(session, table) == EMOTIONS


@pytest.mark.parametrize("suggestion", ["0.1", "0.0"])
def test_either_half_of_a_swap_brings_the_other(session, table, suggestion):
    session.accept(suggestion)
    assert session.verdicts == {"0.1": "accepted", "0.0": "accepted"}
    assert exported(session, table)[0] == "love"


@pytest.mark.parametrize("suggestion", ["0.1", "0.0"])
@pytest.mark.parametrize("verdict", ["reject", "skip"])
def test_to_take_back_either_half_brings_the_given_label_back(session, table, suggestion, verdict):
    session.accept("0.1")
    getattr(session, verdict)(suggestion)
    assert exported(session, table) == EMOTIONS


@pytest.mark.parametrize("state", [0, -1])
def test_to_take_the_only_label_away_is_refused_with_what_to_do(session, state):
    with pytest.raises(DataError, match="in place of 'anger', got none: each item has one; choose the label that it is"):
        session.edit("i2", "anger", state)
    with pytest.raises(DataError, match="in place of 'love'"):
        session.accept("1.1")  # the model does not know what it is instead
    assert not session.decisions.height


def test_two_labels_at_once_are_refused(session):
    with pytest.raises(DataError, match="'love' and 'excitement'; choose one"):
        session.edit_all([("i2", "love", 1), ("i2", "excitement", 1)])


def test_many_items_are_replaced_at_once(session, table):
    session.edit_all([(f"i{k}", "anger", 1) for k in range(6)])
    assert exported(session, table) == ["anger"] * 6
    session.undo()
    assert exported(session, table) == EMOTIONS


def test_a_decision_of_an_earlier_session_is_replaced_too(session, table):
    session.edit("i2", "love", 1)
    session.close()
    again = ls.Session(ls.read(table, labels="emotion"), ledger=table.with_name("l.sqlite"), reviewer="ann", suggestions=Suggestions(SWAP))
    again.edit("i2", "excitement", 1)
    assert exported(again, table)[2] == "excitement"
    again.close()


@pytest.mark.parametrize(("above", "first"), [(0.7, "love"), (0.85, "excitement")])
def test_pending_suggestions_replace_or_leave_alone(session, table, above, first):
    assert exported(session, table, accept_above=above) == [first, *EMOTIONS[1:]]
    session.edit("i0", "anger", 1)
    assert exported(session, table, accept_above=above)[0] == "anger"


def test_a_change_that_would_empty_a_cell_is_told_and_not_written(session, table):
    from labelscope.export.corrected import export_labels

    changes = pl.DataFrame({"item_id": ["i2"], "label": ["anger"], "before": [1], "after": [0]})
    done = export_labels(session.dataset, changes, table.with_name("out.csv"))
    assert done.unwritten.select("item_id", "label").rows() == [("i2", "anger")]
    assert pl.read_csv(done.path)["emotion"].to_list() == EMOTIONS
