"""Listed cells answer like the array they come from; what needs all cells is refused in one line that says what to do."""

import numpy as np
import pytest

from labelscope.data.cell_scores import Scores
from labelscope.data.listed_scores import ListedScores
from labelscope.errors import StageError


@pytest.fixture
def values():
    return np.random.default_rng(0).random((9, 6)).astype(np.float32)


@pytest.fixture
def listed(values):
    chosen = values > 0.4
    chosen[3] = False  # an item of which nothing is listed
    starts = np.concatenate([[0], np.cumsum(chosen.sum(axis=1))])
    rest = np.full(6, 0.25, np.float32)
    return ListedScores((9, 6), starts, np.nonzero(chosen)[1].astype(np.int32), values[chosen], rest, values.mean(axis=0)), chosen


def test_listed_cells_have_their_number_and_the_others_that_of_the_rest(values, listed):
    scores, chosen = listed
    items, labels = (part.ravel() for part in np.mgrid[:9, :6])
    np.testing.assert_array_equal(scores.at(items, labels), np.where(chosen, values, np.float32(0.25)).ravel())
    np.testing.assert_array_equal(scores.known(items, labels), chosen.ravel())
    assert scores.of(3, 2) is None
    assert scores.of(int(scores.items[0]), int(scores.labels[0])) == float(scores.numbers[0])
    assert scores.shape == (9, 6)


@pytest.mark.parametrize("items", [slice(2, 6), np.array([8, 3, 0])])
def test_side_by_side_holds_the_cells_of_each_item_and_fills_up_behind_them(values, listed, items):
    scores, chosen = listed
    labels, numbers, sizes = scores.side_by_side(items)
    for row, (mine, given) in enumerate(zip(chosen[items], values[items], strict=True)):
        assert labels[row, : sizes[row]].tolist() == np.flatnonzero(mine).tolist()
        assert numbers[row, : sizes[row]].tolist() == given[mine].tolist()
        assert not numbers[row, sizes[row] :].any()


def test_the_highest_labels_are_those_of_the_listed_ones(values, listed):
    scores, chosen = listed
    only = np.where(chosen, values, -1)
    assert scores.highest(0, 2).tolist() == np.argsort(-only[0])[:2].tolist()
    assert len(scores.highest(3, 2)) == 0
    items, labels = np.arange(9), np.argmax(only, axis=1)
    best, most = scores.highest_besides(items, labels)
    only[items, labels] = -1
    has = only.max(axis=1) >= 0
    assert most.tolist() == only.max(axis=1).tolist()
    assert best[has].tolist() == only.argmax(axis=1)[has].tolist()


def test_the_highest_besides_is_the_same_in_the_dense_form(values):
    items, labels = np.array([4, 0, 4]), np.array([1, 2, 5])
    best, most = Scores(values).highest_besides(items, labels)
    for item, label, found, number in zip(items, labels, best, most, strict=True):
        row = np.where(np.arange(6) == label, -1, values[item])
        assert (found, number) == (row.argmax(), row.max())


def test_other_numbers_of_the_same_cells_leave_nothing_to_the_rest(listed):
    scores, _ = listed
    other = scores.like(np.full(len(scores.labels), np.nan, np.float32), "scores")
    assert np.isnan(other.at(scores.items[:1], scores.labels[:1])).all()
    assert other.at(np.array([3]), np.array([0])).tolist() == [0]  # not listed is not unknown


@pytest.mark.parametrize(
    "ask", [lambda s: s.values, lambda s: s.rows(slice(0, 2)), lambda s: s.column(1), lambda s: s.columns([1]), lambda s: list(s.blocks())]
)
def test_what_needs_all_cells_is_refused_in_one_line_with_a_remedy(listed, ask):
    with pytest.raises(StageError, match=r"expected a number for each of 9 items x 6 labels, got \d+ listed cells; use \.cells") as refused:
        ask(listed[0])
    assert "predict(..., cells='all')" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_numbers_that_differ_tell_items_apart(listed):
    scores, _ = listed
    assert scores.tells_items_apart()
    assert not scores.like(scores.rest[scores.labels], "scores").tells_items_apart()
