from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from labelscope.data.dataset import Dataset
from labelscope.data.label_set import drop_labels, extend_labels

STATES = np.array([[1, 0, 1], [1, -1, 0], [0, 1, 0]])
VOTES = pl.DataFrame({"item_id": [0, 1, 2], "rater": ["x", "y", "x"], "label": ["cat", "dog", "animal"], "value": [1, 0, 1]})


@pytest.fixture(params=[STATES, np.where(STATES == 0, -1, STATES)], ids=["negative", "unknown"])
def pets(request):
    return Dataset.from_arrays(
        request.param, label_names=["cat", "dog", "animal"], votes=VOTES, probabilities=np.full((3, 3), 0.5),
        taxonomy=[("animal", "cat"), ("animal", "dog")], label_descriptions={"cat": "purrs"},
    )  # fmt: skip


def test_a_label_more_has_its_states_and_no_probabilities(pets):
    more = extend_labels(pets, {"owl": np.array([-1, 0, 1], np.int8)})
    assert more.label_names == ("cat", "dog", "animal", "owl")
    assert more.labels.dense().tolist() == [[*row, s] for row, s in zip(pets.labels.dense().tolist(), (-1, 0, 1), strict=True)]
    assert more.probabilities is None
    assert more.taxonomy.n_labels == 4
    assert pets.label_names == ("cat", "dog", "animal")
    assert extend_labels(pets, {}) is pets


def test_a_renamed_label_takes_all_that_hangs_on_it(pets):
    more = extend_labels(pets, {"tom": pets.labels.columns(np.array([0]))[:, 0]}, renamed={"tom": "cat"})
    now = drop_labels(more, ["cat"])
    assert now.label_names == ("dog", "animal", "tom")
    assert now.labels.dense().tolist() == pets.labels.dense()[:, [1, 2, 0]].tolist()
    assert [now.label_names[k] for k in now.votes.labels] == ["tom", "dog", "animal"]
    assert {(now.label_names[a], now.label_names[b]) for a, b in now.taxonomy.edges} == {("animal", "tom"), ("animal", "dog")}
    assert now.label_descriptions == {"tom": "purrs"}
    assert now.probabilities.shape == (3, 3)


def test_children_of_a_label_that_goes_come_under_its_parents():
    chain = Dataset.from_arrays(
        np.ones((2, 4), np.int8), label_names=["thing", "animal", "cat", "dog"],
        taxonomy=[("thing", "animal"), ("animal", "cat"), ("animal", "dog")], votes=VOTES.head(2),
    )  # fmt: skip
    now = drop_labels(chain, ["animal"])
    assert {(now.label_names[a], now.label_names[b]) for a, b in now.taxonomy.edges} == {("thing", "cat"), ("thing", "dog")}
    assert len(drop_labels(chain, ["cat"]).votes.labels) == 1
