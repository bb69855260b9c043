"""A label that is just being made grows from a few examples, and says how many items have it."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import labelscope as ls

N_ITEMS = 1_000


@pytest.fixture(scope="module")
def clusters():
    """Ten groups of items; group 0 is the label to be made."""
    rng = np.random.default_rng(0)
    group = rng.integers(0, 10, N_ITEMS)
    points = rng.normal(size=(10, 16))[group] + 0.7 * rng.normal(size=(N_ITEMS, 16))
    ids = [f"item {k}" for k in range(N_ITEMS)]
    return ls.Dataset.from_arrays(np.ones((N_ITEMS, 1), np.int8), item_ids=ids, embeddings=points.astype(np.float32)), group == 0


def decided(ds, is_positive, shown):
    rows = [ds.position(item) for item in shown]
    return [ds.item_ids[r] for r in rows if is_positive[r]], [ds.item_ids[r] for r in rows if not is_positive[r]]


def grown(ds, is_positive, n_rounds, **how):
    yes, no = ds.item_ids.filter(pl.Series(is_positive)).head(3).to_list(), []
    for _ in range(n_rounds):
        more_yes, more_no = decided(ds, is_positive, ls.grow_label(ds, "new", yes, no, **how)["item_id"])
        yes, no = yes + more_yes, no + more_no
    return yes, no


def test_rounds_show_undecided_items_of_which_most_are_positive(clusters):
    ds, is_positive = clusters
    yes, no = grown(ds, is_positive, 3)
    assert len(set(yes + no)) == 63
    assert len(yes) >= 45


def test_the_most_probable_come_first_and_the_rest_is_drawn(clusters):
    ds, is_positive = clusters
    yes, no = grown(ds, is_positive, 1)
    best = ls.grow_label(ds, "new", yes, no, n=20, n_sampled=0)["probability"].to_numpy()
    assert (np.diff(best) <= 0).all()
    assert ((best >= 0) & (best <= 1)).all()
    some = ls.grow_label(ds, "new", yes, no, n=20, n_sampled=5)
    assert some["probability"].to_numpy()[:15].tolist() == best[:15].tolist()
    assert some["item_id"].n_unique() == 20


def test_the_count_holds_the_truth_and_narrows_with_the_sample(clusters):
    ds, is_positive = clusters
    yes, no = grown(ds, is_positive, 2)
    early = ls.count_label(ds, "new", yes, no)
    more_yes, more_no = decided(ds, is_positive, ls.grow_label(ds, "new", yes, no, n=200, n_sampled=200)["item_id"])
    late = ls.count_label(ds, "new", yes + more_yes, no + more_no)
    for count in (early, late):
        assert count.total.low <= is_positive.sum() <= count.total.high
    assert late.total.high - late.total.low < (early.total.high - early.total.low) / 2
    assert late.frame["n_items"].sum() == N_ITEMS
    assert late.frame["n_found"].sum() == len(yes + more_yes)
    assert f"[{late.total.low:,}, {late.total.high:,}] in all" in late.summary()


def test_intervals_of_many_labels_hold_their_number():
    rng = np.random.default_rng(1)
    held = []
    for draw in range(40):
        x = rng.normal(size=(600, 8)).astype(np.float32)
        is_positive = x[:, 0] + rng.normal(size=600) > 1.6
        ds = ls.Dataset.from_arrays(np.ones((600, 1), np.int8), embeddings=x)
        yes = np.flatnonzero(is_positive)[:3].tolist()
        no: list[int] = []
        for n, n_sampled in ((20, 2), (20, 2), (60, 60)):
            shown = ls.grow_label(ds, f"label {draw}", yes, no, n=n, n_sampled=n_sampled)["item_id"].to_list()
            yes, no = yes + [k for k in shown if is_positive[k]], no + [k for k in shown if not is_positive[k]]
        total = ls.count_label(ds, f"label {draw}", yes, no).total
        held.append(total.low <= is_positive.sum() <= total.high)
    assert np.mean(held) >= 0.9


def test_the_advice_is_to_stop_when_nothing_is_left(clusters):
    ds, is_positive = clusters
    yes, no = decided(ds, is_positive, ds.item_ids)
    done = ls.count_label(ds, "new", yes, no)
    assert done.total == (len(yes), len(yes), len(yes))
    assert done.advice.startswith("stop looking")
    assert done.advice.endswith("none is left")
    assert ls.grow_label(ds, "new", yes, no).height == 0
    assert ls.count_label(ds, "new", *grown(ds, is_positive, 1)).advice.startswith("go on")


def test_words_find_what_the_embeddings_do_not_hold():
    rng = np.random.default_rng(0)
    text = [f"{'comet ' if k % 10 == 0 else ''}word{rng.integers(30)} word{rng.integers(30)}" for k in range(400)]
    x = rng.normal(size=(400, 16)).astype(np.float32)
    ds = ls.Dataset.from_arrays(np.ones((400, 1), np.int8), embeddings=x, items=pl.DataFrame({"text": text}), text="text")
    shown = ls.grow_label(ds, "sky", [0, 10, 20], n=20, n_sampled=0)["item_id"].to_numpy()
    assert (shown % 10 == 0).sum() >= 7  # 2 by chance: the embeddings say nothing


def test_without_a_positive_the_texts_that_name_it_are_shown():
    text = ["a comet at night", "rain", "snow", "a meteor", "wind"]
    ds = ls.Dataset.from_arrays(np.ones((5, 1), np.int8), items=pl.DataFrame({"text": text}), text="text")
    assert ls.grow_label(ds, "comets", [], n=1)["item_id"].to_list() == [0]
    assert ls.grow_label(ds, "sky", [], description="meteor", n=1)["item_id"].to_list() == [3]
    assert ls.grow_label(ds, "comet", [], [0], n=4)["item_id"].to_list() == [1, 2, 3, 4]
    with pytest.raises(ls.StageError, match="no text names 'horse'; give one"):
        ls.grow_label(ds, "horse", [])


@pytest.mark.parametrize(
    ("arguments", "how", "message"),
    [
        (("new", ["item 1"], ["item 1"]), {}, "negatives: expected items that are not positive, got 'item 1' in both"),
        (("new", ["nothing"]), {}, "got 'nothing'"),
        ((" ", ["item 1"]), {}, "name: expected the name of a label"),
        (("new", []), {}, "positives: expected at least one item, got none"),
        (("new", ["item 1"]), {"n": 0}, "n: expected a number of items, 1 or more, got 0"),
        (("new", ["item 1"]), {"n": 5, "n_sampled": 6}, "n_sampled: expected a number of items from 0 to n"),
    ],
)
def test_what_makes_no_sense_is_one_line(clusters, arguments, how, message):
    with pytest.raises(ls.LabelscopeError, match=message):
        ls.grow_label(clusters[0], *arguments, **how)
