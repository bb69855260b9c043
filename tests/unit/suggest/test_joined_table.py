"""Two data sets joined, as a table: read again, it is the same data set."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import labelscope as ls


@pytest.fixture
def found():
    rng = np.random.default_rng(0)
    texts = [f"{rng.choice(['red apple', 'green leaf', 'blue sea'])} {k % 9}" for k in range(240)]
    truth = np.array([[word in text for word in ("apple", "leaf", "sea")] for text in texts])
    items = pl.DataFrame({"item_id": [f"i{k}" for k in range(240)], "text": texts})
    left = ls.Dataset.from_arrays(truth[:120, :2], label_names=["apple", "leaf"], items=items[:120], text="text")
    right = ls.Dataset.from_arrays(truth[120:, 1:], label_names=["foliage", "=sea"], items=items[120:], text="text")
    return ls.join(left, right)


@pytest.mark.parametrize("name", ["both.parquet", "both.csv"])
def test_a_joined_table_is_read_again_as_the_same_data_set(found, tmp_path, name):
    made = found.write(found.frame, tmp_path / name)
    again, once = ls.read(**made.arguments), found.dataset(found.frame)
    assert again.label_names == once.label_names == ("apple", "leaf", "=sea")
    assert (again.labels.dense() == once.labels.dense()).all()
    assert (again.labels.dense()[120:, 0] == -1).all()
    assert again.item_ids.to_list() == once.item_ids.to_list()
    assert again.items["source"].to_list() == ["left"] * 120 + ["right"] * 120
    assert again.votes.rater_names == ("left", "right")
    assert sorted(path.name for path in tmp_path.iterdir() if "escapes" not in path.name) == [name, "both.votes.parquet"]
    assert str(made) == f"{tmp_path / name}: 240 items x 3 labels, with its votes in both.votes.parquet"


def test_embeddings_lie_beside_it(tmp_path):
    x = np.random.default_rng(0).normal(size=(200, 4)).astype(np.float32)
    found = ls.join(*(ls.Dataset.from_arrays(of[:, :1] > 0.5, label_names=["tall"], embeddings=of) for of in (x[:100], x[100:])))
    again = ls.read(**found.write(found.frame, tmp_path / "both.parquet").arguments)
    assert (again.embeddings == x).all()


def test_a_label_that_is_called_like_a_column_and_a_source_are_refused(found, tmp_path):
    table = tmp_path / "left.csv"
    pl.DataFrame({"text": ["red apple", "green leaf"] * 40, "labels": ["text", "leaf"] * 40}).write_csv(table)
    found = ls.join(ls.read(table, labels="labels", text="text"), found.b)
    with pytest.raises(ls.DataError, match="called like no column, got 'text'"):
        found.write(found.frame, tmp_path / "both.csv")
    with pytest.raises(ls.DataError, match=r"expected a name that ends in .csv or .parquet, got 'both.xlsx'"):
        found.write(found.frame, tmp_path / "both.xlsx")
    pl.DataFrame({"text": ["red apple", "green leaf"] * 40, "labels": ["apple", "leaf"] * 40}).write_csv(table)
    found = ls.join(ls.read(table, labels="labels", text="text"), found.b)
    with pytest.raises(ls.DataError, match=r"left\.csv"):
        found.write(found.frame, table)
    assert [path.name for path in tmp_path.iterdir()] == ["left.csv"]
