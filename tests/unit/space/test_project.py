"""The one file of tests that compiles umap-learn."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from labelscope.data.dataset import Dataset
from labelscope.errors import StageError
from labelscope.space import layout
from labelscope.space import project as project_module
from labelscope.space.neighbors import nearest
from labelscope.space.project import EmbeddingMap, embedding_map, project
from labelscope.space.quality import map_quality
from labelscope.space.umap_graph import fuzzy_graph


@pytest.fixture(scope="module")
def blobs():
    rng = np.random.default_rng(0)
    return (np.repeat(rng.normal(size=(4, 12)), 90, axis=0) + 0.2 * rng.normal(size=(360, 12))).astype(np.float32)


def test_umap_keeps_neighbourhoods_and_a_seed_gives_the_same_map(blobs, monkeypatch):
    monkeypatch.setenv("LABELSCOPE_CACHE", "off")
    Y = project(blobs, seed=3)
    assert (Y.shape, Y.dtype) == ((360, 2), np.float32)
    assert map_quality(blobs, Y).trustworthiness > 0.93
    np.testing.assert_array_equal(project(blobs, seed=3), Y)
    assert np.abs(project(blobs, seed=4) - Y).max() > 1e-3


def test_the_graph_is_the_one_of_umap_learn():
    from umap.umap_ import fuzzy_simplicial_set

    rng = np.random.default_rng(0)
    X = np.concatenate([np.repeat(rng.normal(size=(20, 5)), 4, axis=0), rng.normal(size=(120, 5))])
    found = nearest(X, 14)
    indices = np.concatenate([np.arange(200)[:, None], found.indices], axis=1).astype(np.int32)
    distances = np.pad(1 - found.similarities, ((0, 0), (1, 0))).clip(0)
    expected, _, _ = fuzzy_simplicial_set(X, 15, np.random.RandomState(0), "cosine", knn_indices=indices, knn_dists=distances)
    np.testing.assert_allclose(fuzzy_graph(found).toarray(), expected.toarray(), atol=1e-4)


def test_landmarks_keep_neighbourhoods_and_put_no_item_between_groups(blobs, monkeypatch):
    monkeypatch.setenv("LABELSCOPE_CACHE", "off")
    full, placed = project(blobs), project(blobs, n_landmarks=120)
    assert map_quality(blobs, placed).trustworthiness > map_quality(blobs, full).trustworthiness - 0.02
    np.testing.assert_array_equal(project(blobs, n_landmarks=120), placed)
    centres = placed.reshape(4, 90, 2).mean(axis=1)
    nearest_centre = ((placed[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest_centre == np.repeat(np.arange(4), 90)).mean() > 0.97


@pytest.mark.parametrize(
    "X",
    [
        np.ones((1, 3)),
        np.ones((3, 1)),
        np.random.default_rng(0).normal(size=(9, 4)),
        np.random.default_rng(0).normal(size=(12, 4)),
        np.random.default_rng(0).normal(size=(16, 1)),
        np.ones((40, 4)),
        np.zeros((40, 4)),
        np.repeat(np.eye(3), 20, axis=0),
        np.random.default_rng(0).normal(size=(20, 4)).astype(np.float16),
    ],
)
@pytest.mark.parametrize("method", ["pca", "umap"])
def test_degenerate_sets_have_a_finite_map_without_warnings(X, method):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Y = project(X, method=method)
    assert Y.shape == (len(X), 2)
    assert np.isfinite(Y).all()


def test_pca_agrees_with_its_definition(blobs):
    centred = blobs - blobs.mean(axis=0)
    left, size, _ = np.linalg.svd(centred, full_matrices=False)
    expected = left[:, :2] * size[:2]
    Y = project(blobs, method="pca")
    np.testing.assert_allclose(np.abs(Y), np.abs(expected), atol=1e-4)


def test_the_map_of_a_data_set_is_keyed_by_item_and_reopens_at_once(blobs, monkeypatch):
    ids = [f"item {row}" for row in range(360)]
    ds = Dataset.from_arrays(np.ones((360, 1), int), embeddings=blobs, item_ids=ids)
    found = embedding_map(ds)
    assert isinstance(found, EmbeddingMap)
    assert found.frame.columns == ["item_id", "x", "y", "distortion"]
    assert found.frame["item_id"].to_list() == ids
    assert (found.method, found.n_landmarks) == ("umap", None)
    assert 0.9 < found.trustworthiness <= 1
    assert "trustworthiness" in repr(found)
    monkeypatch.setattr(project_module, "lay_out", lambda *_, **__: pytest.fail("computed again"))
    monkeypatch.setattr(project_module, "map_quality", lambda *_, **__: pytest.fail("measured again"))
    assert embedding_map(ds).frame.equals(found.frame)


def test_large_sets_go_by_landmarks(monkeypatch):
    monkeypatch.setattr(project_module, "FULL_LIMIT", 50)
    monkeypatch.setattr(project_module, "N_LANDMARKS", 40)
    monkeypatch.setattr(layout, "lay_out", lambda X, **_: layout.principal_axes(X))
    ds = Dataset.from_arrays(np.ones((80, 1), int), embeddings=np.random.default_rng(0).normal(size=(80, 5)))
    assert embedding_map(ds).n_landmarks == 40


def test_a_map_that_misleads_says_so():
    X = np.random.default_rng(0).normal(size=(400, 50))
    found = embedding_map(Dataset.from_arrays(np.ones((400, 1), int), embeddings=X), method="pca")
    assert found.misleading
    assert "none in the embedding" in found.summary()


def test_the_first_view_of_a_large_set_does_not_wait_for_its_quality(monkeypatch):
    monkeypatch.setattr(project_module, "FULL_LIMIT", 50)
    monkeypatch.setattr(project_module, "map_quality", lambda *_, **__: pytest.fail("measured"))
    found = embedding_map(Dataset.from_arrays(np.ones((80, 1), int), embeddings=np.eye(80)), method="pca")
    assert np.isnan(found.trustworthiness)
    assert not found.misleading
    assert found.summary() == "Map of 80 items by PCA"


def test_few_items_of_many_features_have_the_axes_of_all_features():
    X = np.random.default_rng(0).normal(size=(30, 80)) * np.linspace(1, 3, 80)
    found = project(X, method="pca")
    centred = X - X.mean(axis=0)
    axes = np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :2]
    np.testing.assert_allclose(np.abs(found), np.abs(centred @ axes), atol=1e-4)


@pytest.mark.parametrize(("X", "options"), [(np.eye(3), {"method": "tsne"}), (np.ones(3), {}), (np.eye(3), {"n_landmarks": 0})])
def test_what_cannot_be_projected_is_refused_in_one_line(X, options):
    with pytest.raises(StageError, match="map: expected") as refused:
        project(X, **options)
    assert "\n" not in str(refused.value)


def test_fewer_landmarks_than_features_are_compared_in_the_span_of_the_landmarks(monkeypatch):
    sizes, decomposed = [], np.linalg.eigh
    monkeypatch.setattr(layout, "lay_out", lambda X, *, seed: X[:, :2])  # noqa: ARG005 - as it is called
    monkeypatch.setattr(np.linalg, "eigh", lambda gram: sizes.append(gram.shape) or decomposed(gram))
    X = np.random.default_rng(0).normal(size=(200, 300)).astype(np.float32)
    plane = layout.lay_out_by_landmarks(X, n_landmarks=50)
    assert sizes == [(50, 50)]
    assert np.isfinite(plane).all()
