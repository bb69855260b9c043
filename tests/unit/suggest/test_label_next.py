from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from labelscope import Dataset, StageError, label_next
from labelscope.models.predict import Predictions

UNSURE = np.array([[0.5, 0.01], [0.01, 0.5], [0.5, 0.5], [0.9, 0.9]], np.float32)


def known(p=UNSURE):
    return Predictions(pl.DataFrame(), p)


@pytest.fixture
def ds():
    states = np.array([[-1, -1], [-1, -1], [-1, -1], [-1, 1], [1, 0], [1, 0], [1, 1]])
    return Dataset.from_arrays(states, label_names=["common", "rare"])


@pytest.fixture
def predictions():
    return known(np.vstack([UNSURE, np.full((3, 2), 0.5, np.float32)]))


def test_the_unsure_cells_that_nobody_knows_count_and_those_of_a_rare_label_more(ds, predictions):
    found = label_next(ds, predictions, n=10)
    assert found["item_id"].to_list() == [2, 1, 0, 3]  # the others are known whole
    assert found["label"].to_list()[1:3] == ["rare", "common"]
    assert found["n_unknown"].to_list() == [2, 2, 2, 1]
    even = label_next(ds, predictions, n=10, strategy="uncertain")
    assert even["score"][1] == pytest.approx(even["score"][2])


def test_a_uniform_draw_is_the_same_again_and_needs_no_model(ds):
    first = label_next(ds, n=3, strategy="random", seed=1)
    assert first.equals(label_next(ds, n=3, strategy="random", seed=1))
    assert set(first["item_id"]) <= {0, 1, 2, 3}
    assert first["score"].is_nan().all()


@pytest.mark.parametrize(("more", "words"), [({"n": 0}, "1 or more"), ({"strategy": "best"}, "rare, uncertain, random")])
def test_what_cannot_be_asked_for_is_one_line(ds, predictions, more, words):
    with pytest.raises(StageError, match=words):
        label_next(ds, predictions, **more)


def test_without_unknown_cells_there_is_nothing_to_label():
    with pytest.raises(StageError, match="unlisted='unknown'"):
        label_next(Dataset.from_arrays([[1, 0], [0, 1]]))
