import numpy as np
import pytest

from labelscope.errors import DataError


def changed(board):
    return sorted(board.session.changes.select("item_id", "label", "after").rows())


@pytest.fixture
def two(board):
    board.filters.select(np.array([True, True, False, True]))
    return board


def test_a_label_is_shown_and_set_on_the_selection_with_one_undo(ask, two):
    shown = ask("bulk", do="add", label=0).body
    assert (shown["total"], shown["items"], shown["same"], shown["decided"]) == (1, 1, 2, 0)
    assert [(one["item"], one["state"]) for one in shown["entries"]] == [("b", 0)]
    assert ask("bulk_apply", do="add", label=0, selection=shown["selection"], total=1).body["total"] == 1
    assert changed(two) == [("b", "cat", 1)]
    assert ask("undo").body["n"] == 1
    shown = ask("bulk", do="unknown", label=1).body
    ask("bulk_apply", do="unknown", label=1, selection=shown["selection"], total=3)
    assert changed(two) == [("a", "dog", -1), ("b", "dog", -1), ("d", "dog", -1)]
    assert ask("undo").body["n"] == 3
    assert changed(two) == []


def test_single_items_are_unticked_and_stay_in_the_list(ask, two):
    shown = ask("bulk", do="unknown", label=1, without=[1]).body
    assert (shown["total"], [one["item"] for one in shown["entries"]]) == (2, ["a", "b", "d"])
    ask("bulk_apply", do="unknown", label=1, without=[1], selection=shown["selection"], total=2)
    assert changed(two) == [("a", "dog", -1), ("d", "dog", -1)]


def test_what_somebody_decided_is_left_alone(ask, two):
    two.decisions.edit(1, 0, -1)
    shown = ask("bulk", do="add", label=0).body
    assert (shown["total"], shown["decided"]) == (0, 1)
    with pytest.raises(DataError, match="at least one cell"):
        ask("bulk_apply", do="add", label=0, selection=shown["selection"], total=0)


def test_rules_are_told_and_followed(ask, two):
    two.session.constraints.confirm("tree", "implies", "cat")
    two.session.constraints.confirm("tree", "exclusive", "dog")
    shown = ask("bulk", do="add", label=2).body
    assert shown["rules"] == [{"label": "cat", "state": 1, "n": 1}, {"label": "dog", "state": 0, "n": 2}]
    ask("bulk_apply", do="add", label=2, selection=shown["selection"], total=shown["total"])
    assert changed(two) == [("a", "tree", 1), ("b", "cat", 1), ("b", "dog", 0), ("b", "tree", 1), ("d", "dog", 0), ("d", "tree", 1)]
    two.filters.select(np.array([False, True, False, False]))
    two.decisions.undo()
    two.decisions.edit(1, 2, 1)
    two.decisions.undo()
    shown = ask("bulk", do="remove", label=1).body
    assert (shown["total"], shown["rules"]) == (1, [])


def test_items_are_confirmed_together(ask, two):
    shown = ask("bulk", do="confirm", without=[3]).body
    assert (shown["total"], shown["items"], len(shown["entries"])) == (4, 2, 3)
    assert ask("bulk_apply", do="confirm", without=[3], selection=shown["selection"], total=4).body["total"] == 4
    assert two.session.verdicts == {"s0": "rejected", "s1": "rejected", "s2": "rejected"}
    assert ask("undo").body["n"] == 4


def test_another_selection_than_was_shown_is_refused(ask, two):
    shown = ask("bulk", do="add", label=0).body
    two.filters.select(np.array([False, True, True, False]))
    with pytest.raises(DataError, match="selection has changed"):
        ask("bulk_apply", do="add", label=0, selection=shown["selection"], total=1)
    two.filters.clear()
    with pytest.raises(DataError, match="draw a lasso"):
        ask("bulk", do="add", label=0)
