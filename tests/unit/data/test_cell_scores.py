"""What stages ask of the numbers of cells is what the array says."""

import numpy as np
import pytest

import labelscope as ls
from labelscope.data.cell_scores import Scores


@pytest.fixture
def values():
    values = np.random.default_rng(0).random((7, 5)).astype(np.float32)
    values[2, 3] = np.nan
    return values


def test_rows_columns_and_cells_are_those_of_the_array(values):
    scores, items, labels = Scores(values), np.array([2, 0, 2]), np.array([3, 4, 1])
    assert scores.shape == (7, 5)
    np.testing.assert_array_equal(scores.rows(items), values[items])
    np.testing.assert_array_equal(scores.rows(slice(1, 4)), values[1:4])
    np.testing.assert_array_equal(scores.columns(labels), values[:, labels])
    np.testing.assert_array_equal(scores.columns(slice(2, 5)), values[:, 2:])
    np.testing.assert_array_equal(scores.column(3), values[:, 3])
    np.testing.assert_array_equal(scores.at(items, labels), values[items, labels])
    assert scores.of(6, 4) == float(values[6, 4])


def test_blocks_cover_every_row_once_within_the_budget(values):
    blocks = list(Scores(values).blocks(budget=2 * 5 * values.itemsize))
    assert [len(part) for _, part in blocks] == [2, 2, 2, 1]
    np.testing.assert_array_equal(np.concatenate([part for _, part in blocks]), values)
    np.testing.assert_array_equal(np.concatenate([np.arange(7)[block] for block, _ in blocks]), np.arange(7))


@pytest.mark.parametrize("n", [1, 3, 5, 9])
def test_the_highest_labels_of_an_item_come_first(values, n):
    assert Scores(values).highest(4, n).tolist() == np.argsort(-values[4])[:n].tolist()


def test_equal_rows_tell_no_items_apart(values):
    assert Scores(values).tells_items_apart()
    assert not Scores(np.tile(np.array([0.2, 0.7]), (9, 1))).tells_items_apart()


def test_results_give_arrays_outside_and_the_same_numbers_inside():
    rng = np.random.default_rng(1)
    p = rng.random((60, 3)).astype(np.float32)
    ds = ls.Dataset.from_arrays((rng.random(p.shape) < p).astype(int), probabilities=p)
    predictions = ls.predict(ds)
    findings = ls.find_issues(ds, predictions)
    for array, scores in ((predictions.probabilities, predictions.cell_probabilities), (findings.scores, findings.cell_scores)):
        assert (type(array), array.dtype, array.shape) == (np.ndarray, np.float32, (60, 3))
        np.testing.assert_array_equal(scores.rows(slice(0, 60)), array)
    np.testing.assert_array_equal(ds.cell_probabilities.means(), ds.probabilities.mean(axis=0, dtype=np.float64))
    assert ls.Dataset.from_arrays([[1], [0]]).cell_probabilities is None
