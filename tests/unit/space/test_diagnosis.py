from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from labelscope import Dataset, StageError, embedding_quality
from labelscope.data.labels import from_dense
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


@pytest.fixture(scope="module")
def large():
    """More items than are all searched: label 0 is a cluster, label 1 by lot, label 2 rare; 50 copies."""
    rng = np.random.default_rng(0)
    n = 20_500
    x = rng.normal(size=(n, 24)).astype(np.float32)
    x[:3000, 0] += 9
    x[20_000:20_050] = x[5000:5050] * 2
    labels = np.zeros((n, 3), np.int8)
    labels[:3000, 0] = 1
    labels[rng.permutation(n)[:4000], 1] = 1
    labels[[7, 15_000], 2] = 1
    labels[20_000:20_050] = labels[5000:5050]
    labels[20_000, 2] = 1
    return Dataset.from_arrays(labels, label_names=["seen", "lot", "rare"], embeddings=x)


def test_many_items_are_diagnosed_by_a_sample_of_their_neighbours(large):
    found = embedding_quality(large)
    assert len(found.search.asked) == 4000
    assert set(np.flatnonzero(large.labels.dense()[:, 2])) <= set(found.search.asked)  # all positives of a rare label
    told = dict(found.frame.select("label", "invisible").iter_rows())
    assert (told["seen"], told["lot"]) == (False, True)
    assert found.frame.filter(label="seen")["lift"].item() == pytest.approx(20_500 / 3000, rel=0.1)
    assert {tuple(pair) for pair in found.search.pairs.tolist()} == {(5000 + k, 20_000 + k) for k in range(50)}
    assert found.duplicates.filter(pl.col("n_different") > 0).select("item_a", "item_b").rows() == [(5000, 20_000)]
    assert np.isnan(found.hubness)
    assert len(found.search.hubs) == 0


def test_other_labels_are_told_without_another_search(large, monkeypatch):
    found = embedding_quality(large)
    monkeypatch.setattr("labelscope.space.diagnosis.nearest_to", lambda *_, **__: pytest.fail("searched anew"))
    swapped = replace(large, labels=from_dense(large.labels.dense()[:, [1, 0, 2]]))
    again = found.on(swapped)
    assert dict(again.frame.select("label", "invisible").iter_rows())["lot"] is False
    assert again.duplicates.select("item_a", "item_b").equals(found.duplicates.select("item_a", "item_b"))
