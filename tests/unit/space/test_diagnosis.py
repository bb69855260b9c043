from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from labelscope import Dataset, StageError, embedding_quality
from labelscope.space.diagnosis import hubness, rank_me
from labelscope.space.neighbors import Neighbors, nearest


@pytest.fixture
def groups():
    """Four well separated groups; label "seen" follows them, label "blind" is drawn by lot."""
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(4), 60)
    x = rng.normal(size=(240, 30)).astype(np.float32)
    x[np.arange(240), group] += 12
    labels = np.column_stack([group == 0, rng.random(240) < 0.3]).astype(int)
    split = np.where(np.arange(240) % 2, "train", "test")
    return Dataset.from_arrays(labels, label_names=["seen", "blind"], embeddings=x, items=pl.DataFrame({"split": split}))


def test_a_label_that_neighbours_do_not_share_is_invisible(groups):
    found = embedding_quality(groups)
    assert dict(found.frame.select("label", "invisible").iter_rows()) == {"seen": False, "blind": True}
    assert found.frame.filter(label="seen")["lift"].item() == pytest.approx(4, rel=0.05)
    assert any("1 label is invisible" in words and "blind" in words for words in found.warnings)


def test_duplicates_with_their_differences_and_splits(groups):
    x = groups.embeddings.copy()
    x[10], x[21] = x[7], x[20]
    labels = groups.labels.dense()
    labels[10], labels[21] = [0, 1], labels[20]
    labels[7] = [1, -1]
    ds = Dataset.from_arrays(labels, embeddings=x, items=groups.items)
    pairs = embedding_quality(ds, split="split").duplicates
    assert pairs.select("item_a", "item_b", "n_different", "across_splits").sort("item_a").rows() == [(7, 10, 1, True), (20, 21, 0, True)]
    assert embedding_quality(ds).duplicates["across_splits"].to_list() == [None, None]


def test_effective_rank_of_a_collapsed_embedding():
    rng = np.random.default_rng(0)
    line = np.outer(rng.normal(size=200), rng.normal(size=40))
    assert rank_me(line) == pytest.approx(1, abs=0.01)
    assert rank_me(rng.normal(size=(5000, 40))) == pytest.approx(40, rel=0.01)
    assert any(
        "collapsed" in words for words in embedding_quality(Dataset.from_arrays((line[:, :1] > 0).astype(int), embeddings=line)).warnings
    )


def test_hubness_is_the_skewness_of_the_occurrences():
    ring = np.arange(30)
    even = Neighbors(np.column_stack([np.roll(ring, shift) for shift in range(1, 11)]).astype(np.int32), np.ones((30, 10), np.float32))
    assert hubness(even) == 0
    hub = even.indices.copy()
    hub[:, 0] = 3
    assert hubness(Neighbors(hub, even.similarities)) > 3
    assert np.isnan(hubness(nearest(np.eye(5), 4)))


def test_columns_and_data_that_are_not_there_are_refused(groups):
    with pytest.raises(StageError, match="split: expected a column of the items"):
        embedding_quality(groups, split="fold")
    with pytest.raises(StageError, match="embeddings"):
        embedding_quality(Dataset.from_arrays([[1], [0]]))


def test_the_rank_of_few_items_with_many_features_is_found_among_the_items(monkeypatch):
    sizes, decomposed = [], np.linalg.eigvalsh
    monkeypatch.setattr(np.linalg, "eigvalsh", lambda gram: sizes.append(gram.shape) or decomposed(gram))
    X = np.random.default_rng(0).normal(size=(30, 700)) * np.linspace(1, 0.1, 700)
    assert rank_me(X) == pytest.approx(rank_me(X.T))
    assert sizes == [(30, 30), (30, 30)]
