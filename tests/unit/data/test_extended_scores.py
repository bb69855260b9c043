"""Scores with labels behind the known ones say what one array of all of them would, and copy it only when it is asked for."""

import numpy as np
import pytest

from labelscope.data.cell_scores import Scores
from labelscope.data.extended_scores import ExtendedScores

FIRST, MORE = np.random.default_rng(0).random((2, 6, 3)).astype(np.float32)
ITEMS, LABELS = np.array([0, 5, 2, 3]), np.array([0, 1, 2, 3])


@pytest.mark.parametrize("n_first", [0, 2, 3])
def test_they_say_what_one_array_would(n_first):
    wide, plain = ExtendedScores(Scores(FIRST), n_first, MORE[:, :2]), Scores(np.hstack([FIRST[:, :n_first], MORE[:, :2]]))
    labels = np.minimum(LABELS, plain.shape[1] - 1)
    assert wide.shape == plain.shape
    assert (wide.at(ITEMS, labels) == plain.at(ITEMS, labels)).all()
    assert wide.at(ITEMS, labels).dtype == np.float32
    assert wide.of(4, plain.shape[1] - 1) == plain.of(4, plain.shape[1] - 1)
    assert "values" not in vars(wide)
    for label in range(plain.shape[1]):
        assert (wide.column(label) == plain.column(label)).all()
    assert (wide.rows(slice(1, 4)) == plain.rows(slice(1, 4))).all()
    assert (wide.highest(2, 2) == plain.highest(2, 2)).all()
    assert wide.means().tolist() == plain.means().tolist()
