"""Data with one label an item: one decision replaces a label by another, and nothing leaves an item without one."""

from __future__ import annotations

import json
from contextlib import closing

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.errors import DataError, ReadingWarning
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


MANY = EMOTIONS * 5
WRITTEN = {
    "lists": {"y": [[name] for name in MANY]},
    "lists and an item of which nothing is known": {"y": [*([name] for name in MANY), None]},
    "JSON": {"y": [json.dumps([name]) for name in MANY]},
    "joined, with the mark at the end": {"y": [f"{name};" for name in MANY]},
    "columns of 1 and 0": {label: [int(name == label) for name in MANY] for label in sorted(set(MANY))},
}


def read_written(columns, **options):
    table = pl.DataFrame(columns)
    return ls.read(table, labels="y" if "y" in columns else list(columns), **options)


def test_a_table_with_one_label_a_cell_is_such_data(table):
    assert ls.read(table, labels="emotion").one_label_each


@pytest.mark.parametrize("columns", WRITTEN.values(), ids=WRITTEN)
def test_lists_and_columns_with_one_label_an_item_are_such_data_unless_told_otherwise(columns, tmp_path):
    with pytest.warns(ReadingWarning, match="every item has exactly one label.*pass labels_per_item='several'"):
        ds = read_written(columns)
    assert ds.one_label_each
    with closing(ls.Session(ds, ledger=tmp_path / "l.sqlite", reviewer="ann")) as session:
        with pytest.raises(DataError, match="each item has one"):
            session.edit(2, "anger", 0)
        session.edit(2, "love", 1)
        session.export(tmp_path / "out.parquet")
    again = ls.read(tmp_path / "out.parquet", labels="y" if "y" in columns else list(columns), labels_per_item="one")
    assert [again.label_names[k] for k in again.labels.positives[2].indices] == ["love"]
    assert not read_written(columns, labels_per_item="several").one_label_each


def test_where_several_are_allowed_a_second_label_stays_beside_the_first(tmp_path):
    ds = read_written(WRITTEN["lists"], labels_per_item="several")
    with closing(ls.Session(ds, ledger=tmp_path / "l.sqlite", reviewer="ann")) as session:
        session.edit(2, "love", 1)
        session.edit(3, "love", 0)
        session.export(tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet")["y"].to_list()[2:4] == [["anger", "love"], []]


FEW = [[name] for name in MANY]
OTHERWISE = {
    "an item has two": ([*FEW, ["anger", "love"]], {}),
    "an item has none": ([*FEW, []], {}),
    "what is not listed is unknown": (FEW, {"unlisted": "unknown"}),
    "few items say little": (FEW[:19], {}),
    "labels with parents": (FEW, {"taxonomy": {"love": "excitement"}}),
    "all have the same": ([["love"]] * 30, {}),
}


@pytest.mark.parametrize(("cells", "options"), OTHERWISE.values(), ids=OTHERWISE)
def test_what_does_not_show_one_label_each_is_not_taken_so(cells, options):
    assert not ls.read(pl.DataFrame({"y": cells}), labels="y", **options).one_label_each
    found = ls.inspect(pl.DataFrame({"y": cells}), labels="y", **options)
    assert not found.keeps_one
    assert not any("labels_per_item" in line for line in found.warnings)


def test_arrays_are_such_data_where_it_is_said():
    assert ls.Dataset.from_arrays(FEW, labels_per_item="one").one_label_each
    assert not ls.Dataset.from_arrays(FEW).one_label_each
    with pytest.raises(DataError, match="labels_per_item: expected one label an item"):
        ls.Dataset.from_arrays([["a"], ["a", "b"]], labels_per_item="one")


SAID = {
    "more than one": ({"y": [["a"], ["a", "b"]]}, "one", "got an item with several; leave labels_per_item out"),
    "a cell holds one": ({"y": ["a", "b", "a"]}, "several", "pass labels_delimiter=';'"),
    "another word": ({"y": [["a"], ["b"]]}, "two", "expected 'one' or 'several', got 'two'"),
}


@pytest.mark.parametrize(("columns", "said", "told"), SAID.values(), ids=SAID)
def test_what_cannot_be_is_refused_by_reading_and_told_by_inspection(columns, said, told):
    with pytest.raises(DataError, match=told):
        read_written(columns, labels_per_item=said)
    assert told in ls.inspect(pl.DataFrame(columns), labels="y", labels_per_item=said).refusals[0]


def test_the_way_out_for_a_column_of_one_label_a_cell_lets_a_second_one_in(tmp_path):
    ds = read_written({"y": ["a", "b", "a"]}, labels_per_item="several", labels_delimiter=";")
    with closing(ls.Session(ds, ledger=tmp_path / "l.sqlite", reviewer="ann")) as session:
        session.edit(0, "b", 1)
        session.export(tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet")["y"].to_list() == ["a;b", "b", "a"]


def test_inspection_says_that_one_label_replaces_another_and_how_to_say_otherwise():
    found = ls.inspect(pl.DataFrame(WRITTEN["lists"]), labels="y")
    assert found.keeps_one
    assert any("labels_per_item='several'" in line for line in found.warnings)
    assert not ls.inspect(pl.DataFrame(WRITTEN["lists"]), labels="y", labels_per_item="several").keeps_one


@pytest.mark.parametrize("columns", WRITTEN.values(), ids=WRITTEN)
def test_changes_that_would_leave_an_item_without_a_label_are_told_and_not_written(columns, tmp_path):
    from labelscope.export.corrected import export_labels

    ds = read_written(columns, labels_per_item="one")
    changes = pl.DataFrame({"item_id": [2, 3, 3], "label": ["anger", "love", "anger"], "before": [1, 1, 0], "after": [0, 0, 1]})
    done = export_labels(ds, changes, tmp_path / "out.parquet")
    assert done.unwritten.rows() == [(2, "anger", 0, 1)]
    again = ls.read(done.path, labels="y" if "y" in columns else list(columns), labels_per_item="one")
    assert [again.label_names[k] for k in again.labels.positives[2:4].indices] == ["anger", "anger"]


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


@pytest.mark.parametrize("suggestion", ["0.1", "0.0"])
@pytest.mark.parametrize(("verdict", "said"), [("reject", "rejected"), ("skip", "skipped")])
def test_what_is_said_of_one_half_is_said_of_the_other_with_one_undo(session, table, suggestion, verdict, said):
    getattr(session, verdict)(suggestion)
    assert session.verdicts == {"0.1": said, "0.0": said}
    assert exported(session, table) == EMOTIONS
    session.undo()
    assert not session.verdicts


def test_a_swap_is_one_entry_of_the_worklist_and_says_both_labels(session):
    from labelscope.suggest.replacements import other_labels, second_halves

    ds = session.dataset
    rows, labels = np.array([0, 0, 1]), np.array([ds.label_position(name) for name in SWAP["label"]])
    others = other_labels(ds, SWAP, rows, labels)
    assert [ds.label_names[k] if k >= 0 else None for k in others.tolist()] == ["excitement", "love", None]
    assert second_halves(ds, SWAP, rows, labels).tolist() == [False, True, False]
