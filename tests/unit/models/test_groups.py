import numpy as np

from labelscope.models.groups import close_neighbors, join_groups, join_pairs
from labelscope.space.duplicates import hashed_duplicates


def joined(neighbors, similarities, largest):
    return join_pairs(close_neighbors(neighbors, similarities, 0.995), len(neighbors), largest)


def test_near_duplicates_are_joined_through_a_chain():
    neighbors = np.array([[1, 2], [0, 2], [1, 0], [0, 1]])
    similarities = np.array([[0.999, 0.5], [0.999, 0.998], [0.998, 0.5], [0.2, 0.1]])
    groups = joined(neighbors, similarities, largest=3)
    assert groups[0] == groups[1] == groups[2] != groups[3]


def test_a_chain_of_a_whole_class_is_no_group_of_duplicates():
    neighbors = (np.arange(20)[:, None] + 1) % 20
    assert len(np.unique(joined(neighbors, np.ones((20, 1)), largest=10))) == 20


def test_no_pairs_no_groups():
    assert join_pairs(np.empty((0, 2), np.int64), 4, 10).tolist() == [0, 1, 2, 3]


def test_groups_of_both_kinds_are_merged_through_chains():
    merged = join_groups(np.array([0, 0, 1, 2, 3]), np.array([0, 1, 1, 2, 3]))
    assert merged[0] == merged[1] == merged[2]
    assert len(np.unique(merged)) == 3


def test_many_copies_of_one_item_and_empty_items():
    x = np.random.default_rng(0).normal(size=(500, 20)).astype(np.float32)
    x[100:200] = x[100]
    x[300:310] = 0
    groups = join_pairs(hashed_duplicates(x, 0.995, 0), 500, largest=200)
    assert len(np.unique(groups[100:200])) == 1
    assert len(np.unique(groups)) == 401  # zero vectors are like nothing
