import numpy as np
import pytest
from sklearn.linear_model import Ridge

from labelscope.data.labels import from_dense
from labelscope.models import ridge
from labelscope.models.folds import assign_folds


@pytest.fixture
def problem():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 12)).astype(np.float32) + 3
    y = (x @ rng.normal(size=(12, 4)) + rng.normal(size=(300, 4)) > 0).astype(np.float32)
    return x, y, assign_folds(np.arange(300), 5, 0)


def test_equals_ridge_refitted_on_each_fold(problem, monkeypatch):
    x, y, folds = problem
    monkeypatch.setattr(ridge, "PENALTIES", np.array([0.1]))
    monkeypatch.setattr(ridge, "OVERSHOOT", 1.0)
    scores = ridge.cross_fit(x, from_dense(y), folds)
    for fold in range(5):
        train = folds != fold
        centred = x[train] - x[train].mean(0)
        penalty = 0.1 * np.linalg.eigvalsh(centred.T.astype(float) @ centred).mean()
        expected = Ridge(alpha=penalty).fit(x[train], y[train]).predict(x[~train])
        np.testing.assert_allclose(scores[~train], expected, atol=2e-3)


def test_penalty_from_sums_is_the_one_that_refitting_finds(problem, monkeypatch):
    x, y, folds = problem
    squared = {}
    monkeypatch.setattr(ridge, "OVERSHOOT", 1.0)
    for penalty in ridge.PENALTIES:
        monkeypatch.setattr(ridge, "PENALTIES", np.array([penalty]))
        squared[penalty] = ((ridge.cross_fit(x, from_dense(y), folds) - y) ** 2).sum(0)
    monkeypatch.undo()
    monkeypatch.setattr(ridge, "OVERSHOOT", 1.0)
    chosen = ((ridge.cross_fit(x, from_dense(y), folds) - y) ** 2).sum(0)
    np.testing.assert_allclose(chosen, np.min(list(squared.values()), axis=0), rtol=1e-4)


@pytest.mark.parametrize("sparse", [0.0, 1.0])
def test_unknown_cells_take_no_part(problem, monkeypatch, sparse):
    x, y, folds = problem
    monkeypatch.setattr(ridge, "PENALTIES", np.array([0.1]))
    monkeypatch.setattr(ridge, "OVERSHOOT", 1.0)
    monkeypatch.setattr(ridge, "MAX_FILLS", 60)
    monkeypatch.setattr(ridge, "TOLERANCE", 1e-7)
    unknown = np.random.default_rng(1).random(y.shape) < 0.3
    monkeypatch.setattr(ridge, "SPARSE", sparse)
    scores = ridge.cross_fit(x, from_dense(np.where(unknown, -1, y)), folds)
    train, label = (folds != 2) & ~unknown[:, 1], 1
    mean = x[folds != 2].mean(0)
    penalty = 0.1 * np.linalg.eigvalsh((x[folds != 2] - mean).T.astype(float) @ (x[folds != 2] - mean)).mean()
    expected = Ridge(alpha=penalty).fit(x[train], y[train, label]).predict(x[folds == 2])
    np.testing.assert_allclose(scores[folds == 2, label], expected, atol=5e-3)


@pytest.mark.parametrize("share_unknown", [0.0, 0.3])
def test_few_items_of_many_features_have_the_heads_that_the_features_themselves_would_give(monkeypatch, share_unknown):
    rng = np.random.default_rng(3)
    x = (rng.normal(size=(90, 200)) * rng.exponential(size=200) + 3).astype(np.float32)
    signal = x @ rng.normal(size=(200, 4))
    y = (signal > np.median(signal, axis=0)).astype(np.int8)
    labels = from_dense(np.where(rng.random(y.shape) < share_unknown, -1, y))
    folds = assign_folds(np.arange(90), 5, 0)
    found, scores = ridge.fit_heads(x, labels, folds), ridge.cross_fit(x, labels, folds)
    monkeypatch.setattr(ridge, "rotate_to_span", lambda rows: (np.eye(rows.shape[1]), rows))  # all the features as they are
    expected = ridge.fit_heads(x, labels, folds)
    np.testing.assert_allclose(found.penalties, expected.penalties, rtol=1e-5)
    np.testing.assert_allclose(found.weights, expected.weights, atol=1e-5)
    np.testing.assert_allclose(scores, ridge.cross_fit(x, labels, folds), atol=1e-5)


def test_few_items_never_make_a_matrix_of_features_by_features(monkeypatch):
    sizes = []
    monkeypatch.setattr(np.linalg, "eigh", lambda matrix, eigh=np.linalg.eigh: (sizes.append(len(matrix)), eigh(matrix))[1])
    x = np.random.default_rng(0).normal(size=(40, 3000)).astype(np.float32)
    ridge.fit_heads(x, from_dense((x[:, :2] > 0).astype(np.int8)), assign_folds(np.arange(40), 5, 0))
    assert sizes == [40] * 5


@pytest.mark.parametrize("features", [np.ones((20, 30)), np.zeros((20, 30)), np.ones((20, 3)), np.full((20, 30), 1e15)], ids=str)
def test_features_without_any_variance_give_finite_scores(features):
    labels = from_dense((np.arange(20)[:, None] % 2).astype(np.int8))
    assert np.isfinite(ridge.cross_fit(features.astype(np.float32), labels, assign_folds(np.arange(20), 5, 0))).all()
