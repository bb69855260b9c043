from __future__ import annotations

import numpy as np
import pytest

import labelscope as ls
from labelscope.errors import DataError
from labelscope.review.label_edit import plan
from labelscope.suggest.label_splits import SplitConfig, find_splits


def two_banks(*, apart: float = 6.0, told: bool = True) -> ls.Dataset:
    """ "bank" is a river's or a place for money, in two places of the embeddings, with "water" or "money" beside it."""
    rng = np.random.default_rng(0)
    bank, river = rng.random(600) < 0.5, rng.random(600) < 0.35
    beside = rng.random(600) < 0.7
    other = rng.random(600) < 0.5
    water = (beside & river if told else other) & (bank | other)
    money = (beside & ~river if told else ~other) & (bank | other)
    x = rng.normal(size=(600, 12)) + apart * np.eye(12)[np.where(bank, np.where(river, 0, 1), 2)]
    labels = np.stack([bank, water, money], axis=1).astype(np.int8)
    return ls.Dataset.from_arrays(labels, label_names=["bank", "water", "money"], embeddings=x.astype(np.float32))


def synonyms() -> ls.Dataset:
    rng = np.random.default_rng(1)
    dog = rng.random(800) < 0.4
    both = np.stack([dog & (rng.random(800) < 0.97), dog & (rng.random(800) < 0.97), rng.random(800) < 0.3], axis=1).astype(np.int8)
    both[0] = [0, 1, 0]
    both[1, :2] = [1, -1]
    return ls.Dataset.from_arrays(both, label_names=["dog", "hound", "car"], item_ids=[f"i{k}" for k in range(800)])


def test_identical_labels_merge_into_the_more_common():
    ds = synonyms()
    edits = ls.label_edits(ds)
    row = edits.frame.row(0, named=True)
    counts = dict(zip(ds.label_names, ds.labels.n_positive, strict=True))
    rarer = min(("dog", "hound"), key=counts.__getitem__)
    assert (edits.frame.height, row["action"], row["label"], row["n_items"]) == (1, "merge", rarer, counts[rarer])
    assert row["score"] > 0.9
    assert "1 merges" in edits.summary()


def test_a_preview_is_what_changes_and_the_session_applies_it(tmp_path):
    ds = synonyms()
    preview = ls.label_edits(ds).preview(f"merge:{'hound' if ds.labels.n_positive[1] <= ds.labels.n_positive[0] else 'dog'}", into=None)
    taker, source = preview.counts["label"].to_list()
    session = ls.Session(ds, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    session.edit_all(preview.cells)
    before, after = ds.labels.dense(), session.labels.dense()
    either = (before[:, ds.label_position(taker)] == 1) | (before[:, ds.label_position(source)] == 1)
    assert ((after[:, ds.label_position(taker)] == 1) == either).all()
    assert not (after[:, ds.label_position(source)] == 1).any()
    assert (after[:, 2] == before[:, 2]).all()
    assert (before != after).sum() == preview.frame.height
    assert preview.counts["after"].to_list() == [either.sum(), None]
    assert preview.frame["before"].to_list() == [ds.labels.state(ds.position(i), ds.label_position(n)) for i, n, _ in preview.cells]
    assert "Changes" in repr(preview)
    session.undo()
    assert (session.labels.dense() == before).all()


def test_names_spelt_in_two_ways_are_renames_and_no_label_goes_twice():
    lists = [["etching"]] * 3 + [["etchings"]] * 2 + [["Etching"], ["ink"]]
    edits = ls.label_edits(ls.Dataset.from_arrays(lists))
    assert sorted(edits.frame.select("action", "label", "into").iter_rows()) == [
        ("rename", "Etching", "etching"), ("rename", "etchings", "etching"),
    ]  # fmt: skip


def test_a_label_that_is_two_things_is_split():
    ds = two_banks()
    edits = ls.label_edits(ds)
    row = edits.frame.filter(edit_id="split:bank").row(0, named=True)
    assert row["into"] is None
    assert "the smaller with 'water' and the larger with 'money'" in row["reason"]
    preview = edits.preview("split:bank", into="water")
    river = ds.embeddings[:, 0] > 3
    moved = preview.frame.filter(label="bank")["item_id"].to_numpy()
    assert river[moved].mean() > 0.95
    assert len(moved) == row["n_shared"]
    with pytest.raises(DataError, match="into: expected a label that takes the smaller part of 'bank'"):
        edits.preview("split:bank")


@pytest.mark.parametrize("ds", [two_banks(apart=0.0), two_banks(told=False)], ids=["one place", "same other labels"])
def test_what_is_one_thing_is_not_split(ds):
    assert "bank" not in find_splits(ds).frame["label"].to_list()


def test_splits_are_the_same_each_time_and_of_a_sample():
    whole, again = find_splits(two_banks()), find_splits(two_banks())
    assert whole.frame.equals(again.frame)
    sampled = find_splits(two_banks(), config=SplitConfig(most_items=100))
    assert len(np.setxor1d(sampled.smaller["bank"], whole.smaller["bank"])) <= 3
    assert find_splits(ls.Dataset.from_arrays([["a"], ["b"]])).frame.is_empty()
    flat = ls.Dataset.from_arrays([["a"]] * 60, embeddings=np.ones((60, 4)))
    assert find_splits(flat).frame.is_empty()


def test_what_is_refused():
    edits = ls.label_edits(ls.Dataset.from_arrays([["etching"], ["etchings"], ["etching"]]))
    with pytest.raises(DataError, match="expected one of the 1 edit ids, got 'x'"):
        edits.preview("x")
    with pytest.raises(DataError, match="expected another label than 'etchings'"):
        edits.preview("rename:etchings", into="etchings")
    assert edits.preview("rename:etchings", into="ink").added == ("ink",)
    with pytest.raises(DataError, match="label names, got 'ink'; a label gets a new name by a rename"):
        ls.label_edits(synonyms()).preview(
            "merge:hound" if "merge:hound" in ls.label_edits(synonyms()).frame["edit_id"] else "merge:dog", into="ink"
        )


def test_a_split_in_two_new_labels():
    edits = ls.label_edits(two_banks())
    edit = edits.edit("split:bank", into="river bank", rest="money bank", parent="goes")
    preview = plan(edits.dataset, edit)
    n, n_smaller = edits.frame.filter(edit_id="split:bank").select("n_items", "n_shared").row(0)
    assert preview.added == ("river bank", "money bank")
    assert preview.removed == ("bank",)
    assert preview.counts.rows() == [("river bank", None, n_smaller), ("money bank", None, n - n_smaller), ("bank", n, None)]
    with pytest.raises(DataError, match="left over; name a label for them"):
        edits.preview("split:bank", into="river bank", parent="goes")
