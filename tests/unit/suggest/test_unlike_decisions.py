from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError
from labelscope.suggest.unlike_decisions import unlike_decisions

LABELS = np.eye(6, 2, dtype=int)


def decided(*cells):
    return pl.DataFrame(cells, schema={"item_id": pl.Int64, "label": pl.String, "state": pl.Int8}, orient="row")


@pytest.fixture
def by_text():
    items = pl.DataFrame({"text": ["thanks  a lot", "thanks a lot", "other", "", None, " "]})
    return Dataset.from_arrays(LABELS, label_names=["a", "b"], items=items, text="text")


def test_the_same_text_decided_otherwise_is_found_and_an_empty_one_is_like_nothing(by_text):
    empty = [(3, "a", 1), (4, "a", 0), (5, "a", 1)]
    found = unlike_decisions(by_text, decided((0, "a", 1), (1, "a", 0), (0, "b", 1), (1, "b", 1), (2, "a", 0), *empty))
    assert found.select("item_id", "label", "state").rows() == [(1, "a", 0), (0, "a", 1)]


def test_near_duplicates_count_and_items_that_are_only_near_do_not():
    x = np.zeros((6, 8), np.float32)
    x[np.arange(6), np.arange(6)] = 1
    x[1], x[3] = x[0] + 0.01, x[2] + 0.5
    ds = Dataset.from_arrays(LABELS, label_names=["a", "b"], embeddings=x)
    found = unlike_decisions(ds, decided((0, "a", 1), (1, "a", 0), (2, "a", 1), (3, "a", 0), (4, "b", 1), (5, "b", 0)))
    assert sorted(found["item_id"].to_list()) == [0, 1]


def test_nothing_is_alike_where_nothing_tells(by_text):
    assert unlike_decisions(by_text, decided()).height == 0
    assert unlike_decisions(Dataset.from_arrays(LABELS, label_names=["a", "b"]), decided((0, "a", 1), (1, "a", 0))).height == 0


def test_an_item_of_another_data_set_is_refused(by_text):
    with pytest.raises(DataError, match="expected items of the data set"):
        unlike_decisions(by_text, decided((77, "a", 1)))
