from __future__ import annotations

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from labelscope.data.labels import from_dense
from labelscope.space import quality
from labelscope.space.neighbors import nearest
from labelscope.space.quality import distortion, label_lift, map_quality


@pytest.fixture
def spaces():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 6))
    return X / np.linalg.norm(X, axis=1, keepdims=True), rng.normal(size=(300, 2)) + X[:, :2]


def test_both_figures_equal_scikit_learn_on_all_items(spaces):
    X, Y = spaces
    found = map_quality(X, Y, k=7)
    assert found.trustworthiness == pytest.approx(trustworthiness(X, Y, n_neighbors=7), abs=1e-5)
    assert found.continuity == pytest.approx(trustworthiness(Y, X, n_neighbors=7), abs=1e-5)


def test_a_sample_estimates_the_whole(monkeypatch):
    X = np.random.default_rng(1).normal(size=(900, 5))
    whole = map_quality(X, X[:, :2])
    monkeypatch.setattr(quality, "MOST_PAIRS", 1)
    sampled = map_quality(X, X[:, :2])
    assert (whole.n_sampled, sampled.n_sampled) == (900, 300)
    assert sampled.trustworthiness == pytest.approx(whole.trustworthiness, abs=0.02)


def test_an_isometry_is_perfect_and_noise_is_not():
    angle = np.random.default_rng(0).uniform(0, 1, 200)
    arc = np.stack([np.cos(angle), np.sin(angle)], 1)
    assert map_quality(arc, 5 * arc + 3).trustworthiness == pytest.approx(1, abs=1e-3)
    assert map_quality(arc, np.random.default_rng(1).normal(size=(200, 2))).trustworthiness < 0.6


@pytest.mark.parametrize("n_items", [1, 2, 3])
def test_tiny_sets_have_no_quality(n_items):
    assert np.isnan(map_quality(np.ones((n_items, 2)), np.ones((n_items, 2))).trustworthiness)


def test_four_constant_items_are_fine():
    found = map_quality(np.ones((4, 2)), np.zeros((4, 2)))
    assert (found.trustworthiness, found.continuity, found.k) == (1, 1, 1)


@pytest.mark.parametrize("unknown_default", [False, True])
def test_lift_finds_the_label_that_the_embedding_does_not_see(unknown_default):
    rng = np.random.default_rng(0)
    seen = rng.random(600) < 0.2
    X = np.where(seen[:, None], [1, 0], [0, 1]) + 0.1 * rng.normal(size=(600, 2))
    states = np.stack([seen, rng.random(600) < 0.2, np.arange(600) == 3], 1).astype(np.int8)
    if unknown_default:
        states[rng.random(600) < 0.7] = -1
        states[3, 2] = 1
    neighbors = nearest(X, 15)
    frame = label_lift(from_dense(states), neighbors)
    expected = []
    for k in range(2):
        around = states[neighbors.indices[states[:, k] == 1], k].ravel()
        around = around[around != -1]
        expected.append(around.mean() / states[states[:, k] != -1, k].mean())
    assert frame["lift"].to_list()[:2] == pytest.approx(expected)
    assert frame["invisible"].to_list() == [False, True, None]
    assert frame["lift"][2] is None


def by_hand(X, Y, k):
    """Distortion, item by item."""
    unit = X / np.linalg.norm(X, axis=1, keepdims=True)
    alike = unit @ unit.T
    random = alike[~np.eye(len(X), dtype=bool)].mean()
    out = []
    for i in range(len(X)):
        others = np.delete(np.arange(len(X)), i)
        near = others[np.argsort(((Y[others] - Y[i]) ** 2).sum(1))[:k]]
        best = np.sort(alike[i, others])[-k:]
        out.append(1 - (alike[i, near].mean() - random) / (best.mean() - random))
    return np.clip(out, 0, 1)


def test_distortion_is_what_its_formula_says(spaces):
    X, Y = spaces
    assert distortion(X, Y, k=7) == pytest.approx(by_hand(X, Y, 7), abs=1e-5)


def test_an_item_put_among_strangers_is_distorted_and_the_others_are_not():
    rng = np.random.default_rng(0)
    kind = np.repeat([0, 1], 60)
    X = np.eye(8)[kind] + rng.normal(scale=0.05, size=(120, 8))
    Y = np.stack([10.0 * kind, np.zeros(120)], 1) + rng.normal(scale=0.3, size=(120, 2))
    Y[0] = [10, 0]
    found = distortion(X, Y)
    assert found[0] > 0.95
    assert found[1:].max() < 0.25  # some have the stranger among their fifteen


def test_distortion_in_a_large_set_is_by_a_sample(monkeypatch, spaces):
    X, Y = spaces
    whole = distortion(X, Y)
    monkeypatch.setattr(quality, "ALL_COMPARED", 100)
    monkeypatch.setattr(quality, "N_COMPARED", 150)
    sampled = distortion(X, Y, seed=1)
    assert np.corrcoef(whole, sampled)[0, 1] > 0.5
    assert (sampled == distortion(X, Y, seed=1)).all()


def test_distortion_of_copies_and_of_next_to_nothing():
    assert np.isnan(distortion(np.ones((3, 2)), np.ones((3, 2)))).all()
    assert distortion(np.ones((40, 3)), np.zeros((40, 2))).tolist() == [0.0] * 40


def test_a_common_label_has_no_room_for_a_lift_and_is_seen_all_the_same():
    kind = np.arange(400) % 5 > 0  # four in five carry it
    X = np.eye(4)[kind.astype(int)] + np.random.default_rng(0).normal(scale=0.05, size=(400, 4))
    frame = label_lift(from_dense(np.stack([kind, np.roll(kind, 2)], 1).astype(np.int8)), nearest(X, 10))
    assert frame["lift"].max() < 1.3
    assert frame["invisible"].to_list() == [False, True]
