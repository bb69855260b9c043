from __future__ import annotations

import numpy as np
import pytest

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError
from labelscope.review.label_edit import LabelEdit, plan

#                cat dog pet
STATES = np.array([[1, 0, 1], [1, -1, 0], [0, 1, -1], [-1, 0, 1]])
PETS = Dataset.from_arrays(STATES, label_names=["cat", "dog", "pet"], item_ids=list("abcd"))


def changes(edit):
    return plan(PETS, edit).frame.rows()


def test_a_new_label_is_positive_on_its_items_and_changes_no_other_cell():
    preview = plan(PETS, LabelEdit.new("owl", ["d", "a", "d"]))
    assert preview.frame.rows() == [("a", "owl", -1, 1), ("d", "owl", -1, 1)]
    assert preview.counts.rows() == [("owl", None, 2)]
    assert (preview.added, preview.removed) == (("owl",), ())
    assert repr(preview) == "Changes 2 cells (owl: new, 2 positives)"


def test_a_merge_moves_the_positives_and_the_label_goes():
    preview = plan(PETS, LabelEdit.merge("cat", "pet"))
    assert preview.frame.rows() == [("b", "pet", 0, 1), ("a", "cat", 1, 0), ("b", "cat", 1, 0)]
    assert preview.counts.rows() == [("pet", 2, 3), ("cat", 2, None)]
    assert (preview.added, preview.removed) == ((), ("cat",))
    assert repr(LabelEdit.merge("cat", "pet")) == "Merge 'cat' into 'pet'; 'cat' goes"


def test_a_rename_keeps_every_state_and_into_a_label_it_merges():
    preview = plan(PETS, LabelEdit.rename("cat", "tom"))
    assert preview.frame.rows() == [("a", "cat", 1, 0), ("b", "cat", 1, 0)]
    assert preview.counts.rows() == [("tom", None, 2), ("cat", 2, None)]
    assert changes(LabelEdit.rename("cat", "pet")) == changes(LabelEdit.merge("cat", "pet"))


@pytest.mark.parametrize(("parent", "left"), [("narrows", [("b", "cat", 1, 0)]), ("stays", [])])
def test_a_split_is_known_wherever_its_label_is(parent, left):
    preview = plan(PETS, LabelEdit.split("cat", {"tom": ["b", "c"]}, parent=parent))  # "c" is no cat: it stays out
    assert preview.frame.rows() == [("a", "tom", -1, 0), ("b", "tom", -1, 1), *left]  # c starts as 0, d stays unknown
    assert preview.removed == ()


def test_a_split_into_a_label_of_the_data_set_leaves_its_other_cells():
    assert changes(LabelEdit.split("cat", {"dog": ["b"]})) == [("b", "dog", -1, 1), ("b", "cat", 1, 0)]


def test_a_label_that_goes_leaves_no_item_behind():
    both = LabelEdit.split("cat", {"tom": ["a"], "tabby": ["b"]}, parent="goes")
    assert plan(PETS, both).removed == ("cat",)
    with pytest.raises(DataError, match="all items of 'cat', which goes, got 1 left over; name a label for them"):
        plan(PETS, LabelEdit.split("cat", {"tom": ["a"]}, parent="goes"))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (LabelEdit.new("cat", ["a"]), "name: expected a label that the data set has not got, got 'cat'"),
        (LabelEdit.new("owl", ["z"]), "items: expected item ids of the data set, got 'z'"),
        (LabelEdit.merge("owl", "cat"), "label: expected one of the 3 label names, got 'owl'"),
        (LabelEdit.merge("cat", "owl"), "into: expected one of the 3 label names, got 'owl'; a label gets a new name by a rename"),
        (LabelEdit.merge("cat", "cat"), "into: expected another label than 'cat', got the same"),
        (LabelEdit.split("cat", {"dog": ["c"]}), "edit: expected one that changes something"),
    ],
)
def test_what_cannot_be_done_is_refused(edit, message):
    with pytest.raises(DataError, match=message):
        plan(PETS, edit)


def test_what_makes_no_edit():
    with pytest.raises(DataError, match="name: expected the name of a label, got ' '"):
        LabelEdit.new(" ", ["a"])
    with pytest.raises(DataError, match="items: expected at least one item, got none"):
        LabelEdit.new("owl", [])
    with pytest.raises(DataError, match="parent: expected narrows, stays, goes, got 'dies'"):
        LabelEdit.split("cat", {"tom": ["a"]}, parent="dies")
    with pytest.raises(DataError, match="parts: expected labels that take items of 'cat', got none"):
        LabelEdit.split("cat", {})
