from __future__ import annotations

import numpy as np
import pytest

from labelscope import Dataset
from labelscope.stats.cooccurring_evidence import hearing
from labelscope.stats.pairs import count_given_pairs

A, B, C, D = range(4)  # a => b is asked; c => b is known; d is about something else


def asked(truly_absent: bool, unlisted_unknown: bool = False) -> float:
    """Half of the items with a and b carry c; 20 items with a lack b, by an oversight or truly."""
    rng = np.random.default_rng(0)
    labels = np.zeros((600, 4), np.int8)
    labels[:200, A] = labels[:300, B] = 1
    labels[:300, C] = rng.random(300) < 0.5
    labels[:, D] = rng.random(600) < 0.3
    labels[:20, B] = 0
    if truly_absent:
        labels[:20, C] = 0
    if unlisted_unknown:
        labels = np.where((labels == 0) & (rng.random(labels.shape) < 0.7), -1, labels)
        labels[:20, B] = 0
    matrix = Dataset.from_arrays(labels).labels
    assert matrix.default == (-1 if unlisted_unknown else 0)
    pairs = count_given_pairs(matrix, np.array([A, C]), np.array([B, B]))
    return float(hearing(matrix, pairs, np.array([False, True]), 0.02)[0])


@pytest.mark.parametrize("unlisted_unknown", [False, True])
def test_narrower_labels_tell_an_oversight_from_an_absence(unlisted_unknown):
    assert asked(truly_absent=False, unlisted_unknown=unlisted_unknown) > 0.5
    assert asked(truly_absent=True, unlisted_unknown=unlisted_unknown) < -3


def test_without_witnesses_nothing_is_said():
    labels = np.zeros((60, 3), np.int8)
    labels[:30, 0] = labels[:28, 1] = labels[:10, 2] = 1
    matrix = Dataset.from_arrays(labels).labels
    pairs = count_given_pairs(matrix, np.array([0, 2, 2]), np.array([1, 1, 0]))
    assert hearing(matrix, pairs, np.array([True, False, False]), 0.05).tolist() == [0, 0, 0]
    every = hearing(matrix, pairs, np.array([True, True, True]), 0.05)
    assert every[0] == 0  # label 2 comes with label 0: no independent witness
