import numpy as np
import pytest

from labelscope.errors import DataError
from labelscope.explorer.filters import Filters

A, B = np.array([1, 1, 0, 0], bool), np.array([1, 0, 1, 0], bool)


def chips(filters):
    return [(chip.title, chip.negated, chip.count) for chip in filters.chips]


def test_all_filters_hold_and_each_can_be_taken_away_or_turned_round():
    filters = Filters()
    assert filters.mask is None
    first = filters.put("label", "a", A)
    second = filters.put("label", "b", B)
    assert filters.mask.tolist() == [True, False, False, False]
    filters.negate(second.key)
    assert filters.mask.tolist() == [False, True, False, False]
    assert chips(filters) == [("a", False, 2), ("b", True, 2)]
    filters.remove(first.key)
    filters.remove(first.key)
    assert filters.mask.tolist() == [False, True, False, True]
    filters.clear()
    assert (filters.mask, filters.chips) == (None, [])


def test_the_same_filter_counts_once_and_some_kinds_replace_one_another():
    filters = Filters()
    assert filters.put("label", "a", A) is filters.put("label", "a", A)
    filters.put("item", "item 1", A)
    filters.put("item", "item 2", B, only=True)
    assert chips(filters) == [("a", False, 2), ("item 2", False, 2)]


def test_a_lasso_replaces_adds_and_removes():
    filters = Filters()
    filters.draw(A, "remove")
    assert filters.mask.tolist() == (~A).tolist()  # without a lasso, from everything
    filters.draw(A, "replace")
    filters.draw(B, "add")
    assert filters.mask.tolist() == (A | B).tolist()
    filters.draw(A, "remove")
    assert (filters.mask.tolist(), len(filters.chips)) == ((B & ~A).tolist(), 1)
    filters.draw(B, "remove")
    assert filters.mask is None
    with pytest.raises(DataError, match="mode"):
        filters.draw(A, "xor")


def test_the_named_cells_of_all_filters_are_listed_and_all_cells_of_an_item_where_none_is_named():
    filters = Filters()
    first = filters.put("query", "add:x", A, (np.array([0, 1]), np.array([5, 5])))
    assert filters.chosen.keeps(np.array([0, 0, 1, 2]), np.array([5, 6, 5, 5])).tolist() == [True, False, True, False]
    assert [chip.cells for chip in filters.chips] == [2]
    filters.put("label", "b", B)
    assert (filters.chosen.n_entries, filters.chosen.named[0].tolist()) == (1, [0])  # an item that is not selected has no cell
    filters.negate(first.key)
    rows = np.array([2, 2, 0])
    assert filters.chosen.keeps(rows, np.array([5, 6, 5])).tolist() == [True, True, False]
    assert not filters.chosen.names(rows, np.array([5, 6, 5])).any()
