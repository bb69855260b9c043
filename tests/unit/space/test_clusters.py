import numpy as np

from labelscope.data.labels import from_dense
from labelscope.space.clusters import group, named


def test_groups_are_those_that_were_made_and_the_largest_comes_first():
    rng = np.random.default_rng(0)
    made = np.repeat([0, 1, 2], [300, 200, 100])
    X = np.eye(3)[made] * rng.uniform(1, 9, (600, 1)) + rng.normal(0, 0.02, (600, 3))
    assert group(X, 3).tolist() == made.tolist()
    assert group(X, 3).tolist() == group(X, 3).tolist()
    labels = from_dense(np.eye(3, dtype=int)[:, [0, 1]][made])
    assert named(made, labels, ["dog", "cat"]) == ["1 · dog", "2 · cat", "3"]
