"""Two data sets become one: labels that are the same are one, and what a set never annotated is unknown there."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import labelscope as ls

N_ITEMS = 400


@pytest.fixture(scope="module")
def sides():
    x = np.random.default_rng(0).normal(size=(2 * N_ITEMS, 6)).astype(np.float32)
    truth = x > 0.8
    left = ls.Dataset.from_arrays(truth[:N_ITEMS, [0, 1, 2]], label_names=["cat", "dog", "sun"], embeddings=x[:N_ITEMS])
    right = ls.Dataset.from_arrays(truth[N_ITEMS:, [1, 0, 3]], label_names=["hound", "cat", "sun"], embeddings=x[N_ITEMS:])
    return left, right


def test_the_same_labels_are_found_whatever_they_are_called(sides):
    frame = ls.join(*sides).frame
    same = frame.filter(pl.col("relation") == "identical").select("left", "right").rows()
    assert sorted(same) == [("cat", "cat"), ("dog", "hound")]
    assert ("sun", None, "not annotated") in frame.select("left", "right", "relation").rows()
    assert (None, "sun", "not annotated") in frame.select("left", "right", "relation").rows()


def test_what_a_set_never_annotated_is_unknown_there(sides):
    left, right = sides
    found = ls.join(left, right)
    both = found.dataset(found.frame)
    assert both.label_names == ("cat", "dog", "sun", "sun (right)")
    states = both.labels.dense()
    assert (states[N_ITEMS:, 2] == -1).all()
    assert (states[:N_ITEMS, 3] == -1).all()
    assert (states[:N_ITEMS, :3] == left.labels.dense()).all()
    assert (states[N_ITEMS:, [1, 0, 3]] == right.labels.dense()).all()
    assert both.items["source"].to_list() == ["left"] * N_ITEMS + ["right"] * N_ITEMS
    assert both.votes.rater_names == ("left", "right")
    assert len(both.votes.values) == 2 * N_ITEMS * 3


def test_without_confirmation_nothing_is_one(sides):
    found = ls.join(*sides)
    assert found.dataset(found.frame.head(0)).label_names == ("cat", "dog", "sun", "hound", "cat (right)", "sun (right)")


def test_a_confirmed_implication_makes_positives_and_no_negatives(sides):
    left, right = sides
    rule = pl.DataFrame({"left": ["cat"], "right": ["sun"], "relation": ["implies"]})
    both = ls.join(left, right).dataset(rule)
    implied = both.labels.dense()[:N_ITEMS, both.label_position("sun (right)")]
    assert (implied == np.where(left.labels.dense()[:, 0] == 1, 1, -1)).all()


def test_a_wrong_confirmation_is_one_line(sides):
    found = ls.join(*sides)
    row = {"left": ["cat"], "right": ["cat"], "relation": ["identical"]}
    with pytest.raises(ls.DataError, match="confirmed: expected the relations"):
        found.dataset(pl.DataFrame(row | {"relation": ["alike"]}))
    with pytest.raises(ls.DataError, match="to be identical to one other"):
        found.dataset(pl.DataFrame({name: value * 2 for name, value in row.items()}))
    with pytest.raises(ls.DataError, match="got no relation"):
        found.dataset(pl.DataFrame({"left": ["cat"], "right": ["cat"]}))
    with pytest.raises(ls.StageError, match="got 6 and 2 features"):
        ls.join(sides[0], ls.Dataset.from_arrays([[1]], embeddings=np.ones((1, 2))))
