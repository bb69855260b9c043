import numpy as np
import pytest

from labelscope.space.duplicates import hashed_duplicates


@pytest.mark.parametrize(("distance", "found"), [(0.0, 1.0), (0.03, 0.99), (0.09, 0.9)])
@pytest.mark.parametrize("n_features", [50, 300])
def test_hashing_finds_planted_duplicates_and_nothing_else(n_features, distance, found):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3000, n_features))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    shift = rng.normal(size=(200, n_features))
    x[:200] = x[1000:1200] + distance * shift / np.linalg.norm(shift, axis=1, keepdims=True)
    x *= rng.random((3000, 1)) + 0.5  # length does not matter
    pairs = {tuple(sorted(pair)) for pair in hashed_duplicates(x.astype(np.float32), 0.995, 0).tolist()}
    planted = {(i, 1000 + i) for i in range(200)}
    assert pairs <= planted
    assert len(pairs) >= found * len(planted)


def test_one_item_has_no_duplicate():
    assert len(hashed_duplicates(np.ones((1, 3), np.float32), 0.995, 0)) == 0
