import numpy as np
import pytest

from labelscope.data.labels import from_dense
from labelscope.models import votes
from labelscope.models.votes import Landmarks, neighbor_votes
from labelscope.space.neighbors import nearest

N = 60


@pytest.fixture(scope="module")
def problem():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(N, 4)).astype(np.float32)
    x[1] = x[0] * 2  # a copy, in direction
    states = rng.choice([1, 0, -1], size=(N, 3)).astype(np.int8)
    groups = np.arange(N)
    groups[5:9] = 5
    return x, states, np.array([0.3, 0.5, 0.1]), np.unique(groups, return_inverse=True)[1]


def cosine(x):
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    return unit @ unit.T


def expected_votes(voters, states, prevalence):
    yes = np.array([[sum(states[j, k] == 1 for j in voters[i]) for k in range(3)] for i in range(N)])
    known = np.array([[sum(states[j, k] != -1 for j in voters[i]) for k in range(3)] for i in range(N)])
    return (yes + 2 * prevalence) / (known + 2)


def test_neighbours_vote_unless_they_are_copies_or_of_the_group(problem):
    x, states, prevalence, groups = problem
    near = nearest(x, 6)
    got = np.concatenate(
        [part for _, part in neighbor_votes(from_dense(states), near.indices, near.similarities, prevalence, groups, duplicate=0.995)]
    )
    similar = cosine(x)
    voters = [
        [j for j in np.argsort(-np.where(np.arange(N) == i, -2, similar[i]))[:6] if similar[i, j] < 0.995 and groups[i] != groups[j]]
        for i in range(N)
    ]
    assert 1 not in voters[0]
    np.testing.assert_allclose(got, expected_votes(voters, states, prevalence), atol=1e-6)


def test_landmarks_vote_by_nearness_unless_they_are_of_the_group_or_the_item_itself(problem, monkeypatch):
    x, states, prevalence, groups = problem
    monkeypatch.setattr(votes, "N_LANDMARKS", 30)
    monkeypatch.setattr(votes, "NEAR", 0.5)
    jury = Landmarks(x, from_dense(states), prevalence, groups, seed=0)
    assert len(jury.landmarks) == 30
    similar = cosine(x)[:, jury.landmarks]
    deviation = similar.std(axis=1, keepdims=True)
    weights = np.maximum((similar - similar.mean(axis=1, keepdims=True)) / deviation - 0.5, 0) / votes.EXCESS
    weights[groups[:, None] == groups[jury.landmarks]] = 0  # an item is of its own group
    ballots = states[jury.landmarks]
    expected = (weights @ (ballots == 1) + 2 * prevalence) / (weights @ (ballots != -1) + 2)
    np.testing.assert_allclose(jury.votes(slice(0, N)), expected, atol=1e-5)
    np.testing.assert_allclose(jury.votes(np.array([3, 50])), expected[[3, 50]], atol=1e-5)


def test_landmarks_do_not_depend_on_the_blocks(problem, monkeypatch):
    x, states, prevalence, groups = problem
    jury = Landmarks(x, from_dense(states), prevalence, groups, seed=0)
    whole = jury.votes(slice(0, N))
    parts = np.concatenate([jury.votes(slice(start, start + 7)) for start in range(0, N, 7)])
    np.testing.assert_allclose(whole, parts, atol=1e-6)
