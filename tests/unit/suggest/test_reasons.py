import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.models.predict import Predictions
from labelscope.space.neighbors import Neighbors
from labelscope.suggest.reasons import explain_changes

NAMES = ["animal", "dog", "cat"]


def reason(add=True, kind="flagged", cause=-1, swap=-1, column=1, p=0.9, scored=True, near=None, votes=None, n_dogs=30):
    labels = np.zeros((60, 3), int)
    labels[1 : n_dogs + 1, 1] = 1
    labels[0, 1] = 0 if add else 1
    labels[40:, [0, 2]] = 1
    ds = ls.Dataset.from_arrays(labels, label_names=NAMES, votes=votes)
    frame = pl.DataFrame({"label": NAMES, "scored": [scored] * 3})
    predictions = Predictions(frame, probabilities=np.full((60, 3), p, np.float32))
    change = {"row": [0], "column": [column], "add": [add], "kind": [kind], "cause": [cause], "swap": [swap]}
    if near is not None:
        near = Neighbors(np.array([near["rows"]], np.int32), np.array([near["cosines"]], np.float32))
    return explain_changes(pl.DataFrame(change), ds, predictions, near)[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "implied", "column": 0, "cause": 1}, "implied by 'dog'"),
        ({"kind": "forced", "column": 0, "cause": 1}, "parent of 'dog', which is suggested"),
        ({"kind": "forced", "add": False, "cause": 0}, "child of 'animal', which is to go"),
        ({"kind": "forced", "add": False, "cause": 2, "swap": 2}, "excluded by 'cat', which is suggested"),
        ({"kind": "excluded", "add": False, "cause": 2}, "its parent is excluded by 'cat'"),
        ({"kind": "instead", "cause": 2, "swap": 2}, "instead of 'cat'"),
        ({"swap": 2}, "replaces 'cat'"),
        ({"swap": 2, "add": False}, "replaced by 'cat'"),
    ],
)
def test_what_the_rules_say_comes_first(change, words):
    assert reason(**change) == f"{words}; model: 90.0%"


def test_neighbours_are_counted():
    rows = [1, 2, 3, 50, 51]
    assert reason(near={"rows": rows, "cosines": [0.9] * 5}) == "3 of 5 similar items have this label; model: 90.0%"


@pytest.mark.parametrize(
    ("rows", "cosines", "add", "words"),
    [
        ([1, 50], [1.0, 0.5], True, "a near-duplicate has this label; 1 of 2"),
        ([50, 51], [1.0, 0.5], False, "a near-duplicate lacks this label; 0 of 2"),
        ([1, 2, 50], [1.0, 1.0, 1.0], True, "2 of 3 near-duplicates have this label; 2 of 3"),
        ([50, 51], [1.0, 1.0], True, "0 of 2 similar items"),  # twins in the same state are no reason
    ],
)
def test_twins_in_the_other_state_are_named(rows, cosines, add, words):
    assert reason(add=add, near={"rows": rows, "cosines": cosines}).startswith(words)


def test_raters_are_quoted_and_the_undecided_left_out():
    votes = pl.DataFrame({
        "item_id": [0, 0, 0, 0, 1], "rater": list("abcda"), "label": ["dog"] * 5, "value": [1, 0, 1, -1, 0],
    })  # fmt: skip
    assert reason(votes=votes).startswith("2 of 3 voters said yes; ")
    assert reason(votes=votes[:1]).startswith("1 of 1 voter said yes; ")
    assert "rater" not in reason(votes=votes, column=2)


def test_few_examples_warn_and_an_unscored_label_has_no_probability():
    assert reason(n_dogs=4, scored=False) == "only 4 items have this label"
    assert reason(n_dogs=1) == "model: 90.0%; only 1 item has this label"


@pytest.mark.parametrize(("p", "words"), [(0.0004, "<1%"), (0.9999, ">99%"), (0.014, "1.4%")])
def test_extreme_probabilities_are_bounds(p, words):
    assert reason(p=p).endswith(f"model: {words}")
