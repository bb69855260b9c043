import sys

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.suggest.batches import SCHEMA, gather

NAMES = ["anger", "annoyance", "joy", "cat", "dog"]
NOTHING = (np.empty(0, np.int64), np.empty(0, np.int64))


def blobs(sizes, seed=0, spread=0.05):
    """Unit-like features of groups far from each other, and the group of each item."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(len(sizes)), sizes)
    return (np.eye(max(len(sizes), 2), 12)[group] + rng.normal(0, spread, (len(group), 12))).astype(np.float32), group


def changes(rows, column=1, add=True, kind="flagged", cause=-1, swap=-1, confidence=0.5):
    rows = np.asarray(rows)
    ids = pl.Series("id", [f"{r}.{column}" for r in rows], dtype=pl.String)
    words = {"column": column, "add": add, "kind": kind, "cause": cause, "swap": swap, "confidence": confidence}
    return pl.DataFrame({"id": ids, "row": rows}).with_columns(**{name: pl.lit(value) for name, value in words.items()})


def dataset(n, given=("joy",), some=0):
    lists = [list(given)] * some + [["cat"]] * (n - some)
    return ls.Dataset.from_arrays(lists, label_names=NAMES, item_ids=[f"i{k}" for k in range(n)])


def gathered(frame, ds, features, required=NOTHING, reach=0.5):
    return gather(frame, required, ds, features, reach)


def members(of, batch):
    return np.array((of == batch).fill_null(value=False))


def test_items_near_each_other_are_one_batch_and_strays_are_none():
    features, group = blobs([20, 12, 3])
    batches, of = gathered(changes(np.arange(35)), dataset(35), features)
    assert of[32:].null_count() == 3
    assert of[:32].null_count() <= 2  # the outermost
    assert [set(group[members(of, batch)]) for batch in batches["batch_id"]] == [{0}, {1}]
    assert batches["batch_id"].to_list() == ["b0.1", "b20.1"]
    assert batches.schema == SCHEMA
    assert batches["n"].sum() == len(of) - of.null_count()
    assert (batches["coherence"] > 0.8).all()
    assert set(batches["item_ids"][0]) <= {f"i{k}" for k in range(20)}


def test_items_that_are_not_as_alike_as_neighbours_usually_are_make_no_batch():
    features, _ = blobs([20], spread=0.6)
    assert gathered(changes(np.arange(20)), dataset(20), features, reach=0.9)[0].is_empty()
    assert gathered(changes(np.arange(20)), dataset(20), features, reach=-1)[0].height > 0


def test_titles_say_what_where_and_what_the_items_carry():
    features, _ = blobs([40])
    titles = [
        gathered(changes(np.arange(8)), dataset(40, ["anger"], 8), features)[0]["title"][0],
        gathered(changes(np.arange(8), add=False), dataset(40, ["annoyance", "anger"], 8), features)[0]["title"][0],
        gathered(changes(np.arange(8), column=4, swap=3), dataset(40), features)[0]["title"][0],
        gathered(changes(np.arange(8), column=0, kind="implied", cause=1), dataset(40), features)[0]["title"][0],
        gathered(changes(np.arange(8)), dataset(40, ["anger"], 8), None)[0]["title"][0],
    ]
    assert titles == [
        "add 'annoyance' to 8 items near each other that have 'anger'",
        "remove 'annoyance' from 8 items near each other that also have 'anger'",
        "replace 'cat' by 'dog' on 8 items near each other",
        "add 'anger' to 8 items that have 'annoyance'",
        "add 'annoyance' to 8 items that have 'anger'",
    ]


def test_other_labels_actions_and_swaps_are_other_fixes():
    features, _ = blobs([40])
    frame = pl.concat([
        changes(np.arange(10)), changes(np.arange(10, 20), column=2),
        changes(np.arange(20, 30), add=False), changes(np.arange(30, 40), swap=0),
    ])  # fmt: skip
    batches, of = gathered(frame, dataset(40), features)
    assert batches.select("action", "label").sort("action", "label").rows() == [
        ("add", "annoyance"), ("add", "joy"), ("remove", "annoyance"), ("swap", "annoyance"),
    ]  # fmt: skip
    assert of.drop_nulls().n_unique() == 4


def test_what_a_change_brings_along_is_in_its_batch():
    features, _ = blobs([6])
    frame = pl.concat([changes(np.arange(6), column=4, swap=3), changes(np.arange(6), column=3, add=False, swap=4, kind="forced", cause=4)])
    required = np.arange(6), np.arange(6, 12)
    batches, of = gathered(frame, dataset(6), features, required)
    assert batches.select("action", "label", "n", "n_suggestions").rows() == [("swap", "dog", 6, 12)]
    assert of.to_list() == ["b0.3"] * 12


def test_a_long_chain_is_cut_and_many_items_are_compared_piece_by_piece(monkeypatch):
    features, group = blobs([400, 300])
    whole, of = gathered(changes(np.arange(700)), dataset(700), features)
    assert whole["n"].max() <= 60
    assert all(len(set(group[members(of, b)])) == 1 for b in whole["batch_id"])
    monkeypatch.setattr(sys.modules[gather.__module__], "PIECE", 300)
    pieces, _ = gathered(changes(np.arange(700)), dataset(700), features)
    assert pieces["n"].sum() > 0.8 * whole["n"].sum()


def test_thousands_of_copies_are_no_trouble(monkeypatch):
    monkeypatch.setattr(sys.modules[gather.__module__], "PIECE", 50)
    batches, _ = gathered(changes(np.arange(300)), dataset(300), np.ones((300, 12), np.float32))
    assert batches["n"].max() <= 60
    assert batches["n"].sum() > 200


def test_the_order_of_the_suggestions_does_not_matter():
    features, _ = blobs([15, 10])
    frame = changes(np.arange(25), confidence=0.5)
    one, of_one = gathered(frame, dataset(25), features)
    order = np.random.default_rng(1).permutation(25)
    other, of_other = gathered(frame[order], dataset(25), features)
    assert one.drop("item_ids").equals(other.drop("item_ids"))
    assert of_one.gather(order).equals(of_other)


@pytest.mark.parametrize("n", [0, 4])
def test_too_few_suggestions_make_no_batch(n):
    batches, of = gathered(changes(np.arange(n)), dataset(10), blobs([10])[0])
    assert batches.schema == SCHEMA
    assert batches.is_empty()
    assert of.to_list() == [None] * n
