import numpy as np
import pytest

import labelscope as ls
from labelscope.stats.constraints import Constraints
from labelscope.suggest.label_logic import label_logic

NAMES = ["thing", "animal", "pet", "dog", "plant"]
EDGES = [("thing", "animal"), ("animal", "dog"), ("pet", "dog"), ("thing", "plant")]


def holds(rule, *pairs):
    a, b = (np.array([NAMES.index(pair[side]) for pair in pairs]) for side in (0, 1))
    return rule(a, b).tolist()


@pytest.fixture
def ds():
    return ls.Dataset.from_arrays(np.eye(5, dtype=int), label_names=NAMES, taxonomy=EDGES)


def test_a_label_implies_all_its_ancestors_by_every_way(ds):
    implies = label_logic(ds).implies
    assert holds(implies, ("dog", "animal"), ("dog", "pet"), ("dog", "thing"), ("plant", "thing")) == [True] * 4
    assert holds(implies, ("animal", "dog"), ("dog", "dog"), ("dog", "plant"), ("pet", "thing")) == [False] * 4


def test_exclusions_are_inherited_and_symmetric(ds, exclusive):
    excludes = label_logic(ds, exclusive(("animal", "plant"))).excludes
    assert holds(excludes, ("animal", "plant"), ("plant", "dog"), ("dog", "plant")) == [True] * 3
    assert holds(excludes, ("pet", "plant"), ("dog", "animal"), ("plant", "plant")) == [False] * 3


@pytest.mark.parametrize(
    ("pair", "counts"),
    [
        (("animal", "pet"), {}),  # a dog is both
        (("animal", "dog"), {}),  # a dog is an animal
        (("animal", "plant"), {"expected": 5.0}),  # their absence is no evidence
        (("animal", "plant"), {"n_ab": 2}),  # too many items are both
    ],
)
def test_doubtful_exclusions_are_no_rules(ds, exclusive, pair, counts):
    assert label_logic(ds, exclusive(pair, **counts)).excluded.nnz == 0


def test_one_label_an_item_makes_all_labels_exclusive():
    ds = ls.Dataset.from_arrays(np.eye(3, dtype=int)[np.arange(60) % 3])
    assert label_logic(ds).excludes(np.array([0, 1, 2]), np.array([1, 2, 2])).tolist() == [True, True, False]
    assert not label_logic(ds, one_label=False).any
    assert not label_logic(ls.Dataset.from_arrays(np.where(np.eye(3)[np.arange(60) % 3] == 1, 1, -1))).any
    two = ls.Dataset.from_arrays([["a", "b"]] * 3 + [["a"], ["b"]] * 20)
    assert not label_logic(two).single
    assert label_logic(two, one_label=True).single


def test_one_label_does_not_go_with_a_taxonomy(ds):
    with pytest.raises(ls.StageError, match="expected no taxonomy"):
        label_logic(ds, one_label=True)


def test_labels_that_never_list_parents_are_not_said_to_miss_them():
    leaves = np.zeros((1500, 2), int)
    leaves[:, 1] = 1
    leaves[:5, 0] = 1
    for n, expected in ((1500, False), (900, True)):  # many children without their parent; too few to be a custom
        logic = label_logic(ls.Dataset.from_arrays(leaves[:n], label_names=["animal", "dog"], taxonomy=[("animal", "dog")]))
        assert logic.implies(np.array([1]), np.array([0]))[0] == expected


def test_confirmed_relations_are_rules_beside_those_of_the_labels(ds, exclusive):
    held = Constraints.build([("plant", "exclusive", "animal"), ("pet", "implies", "animal")], NAMES)
    logic = label_logic(ds, exclusive(("pet", "plant")), held)
    assert holds(logic.excludes, ("animal", "plant"), ("pet", "plant"), ("plant", "pet"), ("dog", "plant")) == [True] * 3 + [False]
    assert holds(logic.implies, ("pet", "animal"), ("dog", "animal")) == [True, False]  # given constraints stand for the taxonomy
    with pytest.raises(ls.DataError, match="expected those of this data set"):
        label_logic(ds, constraints=Constraints.build([], ["cat"]))


def test_relations_of_other_labels_are_refused(ds, exclusive):
    with pytest.raises(ls.DataError, match="expected labels of this data set, got 'cat'"):
        label_logic(ds, exclusive(("animal", "cat")))
