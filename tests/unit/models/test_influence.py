from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from labelscope.models import influence
from labelscope.models.influence import score_influence

N_PAIRS = 50


@pytest.fixture(autouse=True)
def no_cache(monkeypatch):
    monkeypatch.setenv("LABELSCOPE_CACHE", "off")


@pytest.fixture(scope="module")
def problem():
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(120, 9)) @ rng.normal(size=(9, 9)) + 5).astype(np.float32)
    states = (x @ rng.normal(size=9) + rng.normal(size=120) * 4 > 0).astype(np.int8)
    states[rng.random(120) < 0.2] = -1
    training = rng.random(120) < 0.8
    pairs = np.stack([rng.choice(np.flatnonzero(~training), N_PAIRS), rng.choice(np.flatnonzero(training & (states >= 0)), N_PAIRS)], 1)
    return x, states, training, pairs


def trained(x, y, penalty, target):
    """Ridge with an unpenalised constant, from the normal equations of the un-centred features."""
    wide = np.column_stack([x.astype(np.float64), np.ones(len(x))])
    ridge = np.diag([penalty] * x.shape[1] + [0.0])
    return np.append(target.astype(np.float64), 1.0) @ np.linalg.solve(wide.T @ wide + ridge, wide.T @ y.astype(np.float64))


@pytest.mark.parametrize("penalty", [0.01, 30.0])
def test_equals_training_again_on_fifty_pairs(problem, penalty):
    x, states, training, pairs = problem
    known = training & (states >= 0)
    for target, item in pairs:
        found = score_influence(x, states, training, penalty, target)
        score = trained(x[known], states[known], penalty, x[target])
        without = known & (np.arange(len(x)) != item)
        flipped = np.where(np.arange(len(x)) == item, 1 - states, states)
        assert found.score == pytest.approx(score, abs=1e-9)
        assert found.removal[item] == pytest.approx(trained(x[without], states[without], penalty, x[target]) - score, abs=1e-9)
        assert found.flip[item] == pytest.approx(trained(x[known], flipped[known], penalty, x[target]) - score, abs=1e-9)


def test_items_outside_the_training_have_none(problem):
    x, states, training, pairs = problem
    found = score_influence(x, states, training, 1.0, pairs[0, 0])
    outside = ~training | (states < 0)
    assert outside.sum() > 20
    assert not found.removal[outside].any()
    assert not found.flip[outside].any()
    assert found.removal[~outside].all()


def test_a_target_within_the_training_is_legal(problem):
    x, states, training, pairs = problem
    target = pairs[0, 1]
    known = training & (states >= 0)
    found = score_influence(x, states, training, 1.0, target)
    without = known & (np.arange(len(x)) != target)
    left_out = trained(x[without], states[without], 1.0, x[target])
    assert found.score + found.removal[target] == pytest.approx(left_out, abs=1e-9)


def test_blocks_and_executors_do_not_matter(problem, monkeypatch):
    x, states, training, pairs = problem
    whole = score_influence(x, states, training, 1.0, pairs[0, 0])
    monkeypatch.setattr(influence, "WORK_BYTES", 7 * 8 * x.shape[1])
    with ThreadPoolExecutor(2) as pool:
        blocks = score_influence(x, states, training, 1.0, pairs[0, 0], pool)
    np.testing.assert_allclose(blocks.removal, whole.removal, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(blocks.flip, whole.flip, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("penalty", [0.01, 30.0])
def test_fewer_items_than_features_equal_training_again_too(penalty):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(30, 45)).astype(np.float32) + 2
    states, training = (x[:, 0] > 2).astype(np.int8), np.arange(30) < 25
    found = score_influence(x, states, training, penalty, 27)
    score = trained(x[training], states[training], penalty, x[27])
    assert found.score == pytest.approx(score, abs=1e-8)
    for item in range(25):
        without = training & (np.arange(30) != item)
        assert found.removal[item] == pytest.approx(trained(x[without], states[without], penalty, x[27]) - score, abs=5e-8)


def test_the_factors_of_few_items_solve_outside_their_span_too():
    x = np.random.default_rng(2).normal(size=(6, 9))
    factors = influence.factorise(x, np.ones(6, bool))
    centred = x - x.mean(axis=0)
    right = np.arange(9.0)
    assert factors.solve(right, 0.5) == pytest.approx(np.linalg.solve(centred.T @ centred + 0.5 * np.eye(9), right))
