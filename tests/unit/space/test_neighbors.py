from __future__ import annotations

import sys
import types

import numpy as np
import pytest

from labelscope.errors import StageError
from labelscope.space import neighbors
from labelscope.space.neighbors import nearest, nearest_to, unit_rows


def brute(X, k):
    unit = unit_rows(X).astype(np.float64)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -np.inf)
    return -np.sort(-cosines, axis=1)[:, :k]


@pytest.fixture
def clustered():
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(9, 24))
    return (centres[np.sort(rng.integers(0, 9, 1501))] + 0.3 * rng.normal(size=(1501, 24))).astype(np.float32)


@pytest.mark.parametrize(("small", "block"), [(10_000, 4096), (100, 4096), (100, 256), (100, 77)])
def test_exact_search_agrees_with_brute_force_for_every_tiling(clustered, monkeypatch, small, block):
    monkeypatch.setattr(neighbors, "SMALL", small)
    monkeypatch.setattr(neighbors, "BLOCK", block)
    found = nearest(clustered, 15)
    assert (found.indices.shape, found.indices.dtype, found.similarities.dtype) == ((1501, 15), np.int32, np.float32)
    np.testing.assert_allclose(found.similarities, brute(clustered, 15), atol=1e-5)
    unit = unit_rows(clustered)
    np.testing.assert_allclose(np.einsum("ij,ikj->ik", unit, unit[found.indices]), found.similarities, atol=1e-5)
    assert not (found.indices == np.arange(1501)[:, None]).any()
    assert all(len(set(row)) == 15 for row in found.indices.tolist())


def test_duplicates_and_zero_vectors_give_no_nan_and_never_the_item_itself():
    X = np.zeros((300, 4), np.float16)
    X[:200] = np.repeat(np.eye(4)[:2], 100, axis=0)
    found = nearest(X, 15)
    assert np.isfinite(found.similarities).all()
    assert (found.similarities[:200] > 0.999).all()
    assert (found.similarities[200:] == 0).all()
    assert ((found.indices[:100] < 100) & (found.indices[:100] != np.arange(100)[:, None])).all()


@pytest.mark.parametrize(("n_items", "k"), [(1, 0), (2, 1), (3, 2), (15, 14), (16, 15)])
def test_small_sets_hold_all_others(n_items, k):
    found = nearest(np.random.default_rng(0).normal(size=(n_items, 3)), 15)
    assert found.indices.shape == (n_items, k)
    assert all(sorted({*row, own}) == list(range(n_items)) for own, row in enumerate(found.indices.tolist()) if k)


def test_scale_does_not_matter_and_a_memory_map_is_read(tmp_path, clustered):
    np.save(tmp_path / "X.npy", clustered.astype(np.float64) * 1e300)
    found = nearest(np.load(tmp_path / "X.npy", mmap_mode="r"), 5)
    np.testing.assert_allclose(found.similarities, brute(clustered, 5), atol=1e-5)


def test_the_second_call_reads_the_first(clustered, monkeypatch):
    first = nearest(clustered, 4)
    monkeypatch.setattr(neighbors, "exact_neighbors", lambda *_: pytest.fail("computed again"))
    np.testing.assert_array_equal(nearest(clustered.copy(), 4).indices, first.indices)


def test_the_approximate_search_has_full_rows_without_the_item_itself(clustered, monkeypatch):
    """NN-descent may list the item anywhere or leave holes; pynndescent itself takes most of a minute to compile."""

    class Descent:
        def __init__(self, unit, n_neighbors, **_):
            order = np.argsort(-(unit @ unit.T), axis=1)[:, :n_neighbors].astype(np.int32)
            order[5, 3:] = -1
            order[7, 0], order[7, 1] = order[7, 1], order[7, 0]
            self.neighbor_graph = order, None

    monkeypatch.setitem(sys.modules, "pynndescent", types.SimpleNamespace(NNDescent=Descent))
    monkeypatch.setattr(neighbors, "EXACT_LIMIT", 0)
    found = nearest(clustered, 15)
    np.testing.assert_allclose(found.similarities, brute(clustered, 15), atol=1e-5)
    assert not (found.indices == np.arange(1501)[:, None]).any()


@pytest.mark.parametrize("X", [np.zeros(3), np.array([[1.0, np.nan]] * 2), np.array([[1.0, np.inf]] * 2)])
def test_bad_features_are_refused_in_one_line(X):
    with pytest.raises(StageError, match="expected") as refused:
        nearest(X)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("kind", ["smooth", "few values", "a peak in unsampled columns"])
def test_the_largest_of_each_row_are_those_of_a_sort(kind):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(40, 1000)).astype(np.float32).clip(-1, 1)
    if kind == "few values":
        values = np.round(values)
    if kind == "a peak in unsampled columns":
        values[:, 1:8] = 5  # no sampled column shows them
        values[:20, ::8] = 4  # the sample promises more than there is
    columns, largest = neighbors.largest_of_rows(values, 10)
    np.testing.assert_array_equal(largest, -np.sort(-values, axis=1)[:, :10])
    np.testing.assert_array_equal(np.take_along_axis(values, columns, axis=1), largest)
    assert all(len(set(row)) == 10 for row in columns.tolist())
    if kind == "few values":  # of equal values those in front, whatever the blocks
        np.testing.assert_array_equal(columns, np.argsort(-values, axis=1, kind="stable")[:, :10])


@pytest.mark.parametrize("small", [100_000, 100])
def test_neighbours_of_some_are_those_that_the_whole_search_finds(clustered, monkeypatch, small):
    monkeypatch.setattr(neighbors, "SMALL", small)
    rows = np.array([1500, 3, 3, 700, 0])
    all_, some = nearest(clustered, 15), nearest_to(clustered, rows, 15)
    np.testing.assert_allclose(some.similarities, all_.similarities[rows], atol=1e-6)
    assert (some.indices == all_.indices[rows]).mean() > 0.98  # items that are equally near may change places
    assert some.indices.dtype == np.int32
    assert not (some.indices == rows[:, None]).any()


def test_few_are_looked_up_without_searching_for_all(clustered, monkeypatch):
    monkeypatch.setattr(neighbors, "SMALL", 100)
    monkeypatch.setattr(neighbors, "nearest", None)
    assert nearest_to(clustered, np.arange(300)).indices.shape == (300, 15)
    with pytest.raises(TypeError):
        nearest_to(clustered, np.arange(900))  # of so many, all are found
    with pytest.raises(StageError, match="row 7"):
        nearest_to(np.where(np.arange(len(clustered))[:, None] == 7, np.nan, clustered), np.arange(3))
