import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.data.cell_scores import Scores
from labelscope.issues.find import Findings
from labelscope.stats.constraints import Constraints
from labelscope.suggest.changes import SCHEMA
from labelscope.suggest.consistency import cohere, complete, requirements
from labelscope.suggest.label_logic import label_logic

NAMES = ["animal", "mammal", "dog", "cat", "car"]
EDGES = [("animal", "mammal"), ("mammal", "dog"), ("mammal", "cat")]


def completed(given, flags, suspicion=None, relations=None, taxonomy=EDGES, names=NAMES, probabilities=None, apart=()):
    """What becomes of flagged cells of one item: {label: (action, kind, cause)}.

    `given` lists the item's labels; `flags` maps labels to suspicion; other labels have `suspicion` or 0.1. `apart`: pairs of labels
    that a person said exclude each other.
    """
    filler = [[name] for name in names]
    ds = ls.Dataset.from_arrays([given, *filler], label_names=names, taxonomy=taxonomy)
    scores = np.full((len(filler) + 1, len(names)), 0.1, np.float32)
    for name, value in {**(suspicion or {}), **flags}.items():
        scores[0, names.index(name)] = value
    rows = [(0, names.index(name), name not in given, 0.5 * value, value, "flagged", -1) for name, value in flags.items()]
    changes = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    cells = pl.DataFrame({"item_id": [0], "label": ["none"], "kind": ["spurious"], "confidence": [0.5]})
    stated = [(child, "implies", parent) for parent, child in taxonomy or ()] + [(a, "exclusive", b) for a, b in apart]
    logic = label_logic(ds, relations, Constraints.build(stated, names), one_label=taxonomy is None)
    p = np.full(scores.shape, 0.1) if probabilities is None else np.tile(probabilities, (len(scores), 1))
    got = complete(changes, ds, Findings(cells, scores=scores), Scores(p), logic).filter(row=0)
    cause = [None if k < 0 else names[k] for k in got["cause"]]
    rows = zip(got["column"], got["add"], got["kind"], cause, strict=True)
    return {names[k]: ("add" if add else "remove", kind, by) for k, add, kind, by in rows}


def test_a_child_brings_the_parents_that_the_item_lacks():
    assert completed(["animal", "car"], {"dog": 0.9}) == {"dog": ("add", "flagged", None), "mammal": ("add", "forced", "dog")}


def test_a_flagged_parent_is_not_suggested_twice():
    got = completed(["car"], {"dog": 0.9, "animal": 0.8})
    assert got["animal"] == ("add", "flagged", None)
    assert got["mammal"] == ("add", "forced", "dog")


def test_a_removed_parent_takes_its_doubtful_children_along():
    got = completed(["animal", "mammal", "dog", "car"], {"mammal": 0.9}, {"dog": 0.7})
    assert got == {"mammal": ("remove", "flagged", None), "dog": ("remove", "forced", "mammal")}


def test_a_plausible_child_keeps_its_parent():
    assert completed(["animal", "mammal", "dog", "car"], {"mammal": 0.9}, {"dog": 0.4}) == {}


def test_of_two_that_contradict_each_other_the_first_stays():
    got = completed(["animal", "mammal"], {"dog": 0.9, "animal": 0.8}, {"mammal": 0.6})
    assert got == {"dog": ("add", "flagged", None)}
    got = completed(["animal", "mammal"], {"animal": 0.95, "dog": 0.9}, {"mammal": 0.6})
    assert got == {"animal": ("remove", "flagged", None), "mammal": ("remove", "forced", "animal")}


def test_a_given_child_brings_its_missing_parent_unflagged():
    assert completed(["animal", "dog"], {}) == {"mammal": ("add", "implied", "dog")}
    assert completed(["animal", "dog"], {"mammal": 0.6}) == {"mammal": ("add", "implied", "dog")}
    assert completed(["animal", "dog"], {"dog": 0.9}) == {"dog": ("remove", "flagged", None)}


def test_an_exclusive_label_is_swapped_if_it_is_less_plausible_and_blocks_otherwise(exclusive):
    apart = exclusive(("dog", "cat"))
    given = ["animal", "mammal", "cat"]
    assert completed(given, {"dog": 0.8}, {"cat": 0.6}, apart) == {
        "dog": ("add", "flagged", None),
        "cat": ("remove", "forced", "dog"),
    }
    assert completed(given, {"dog": 0.8}, {"cat": 0.1}, apart) == {}


def test_a_parent_that_another_label_excludes_is_not_added_the_child_goes(exclusive):
    got = completed(["animal", "dog", "car"], {}, relations=exclusive(("mammal", "car")))
    assert got == {"dog": ("remove", "excluded", "car")}


def test_of_given_labels_that_a_person_said_exclude_each_other_the_most_plausible_stays():
    got = completed(["animal", "mammal", "dog", "car"], {}, {"car": 0.3}, apart=[("animal", "car")])
    assert got == {"car": ("remove", "exclusive", "animal")}
    got = completed(["animal", "mammal", "dog", "car"], {}, {"dog": 0.6, "mammal": 0.6, "animal": 0.6}, apart=[("animal", "car")])
    assert got == dict.fromkeys(("animal", "mammal", "dog"), ("remove", "exclusive", "car"))


def test_with_one_label_an_item_the_lost_label_is_replaced_by_a_probable_one():
    options = {"taxonomy": None, "names": ["a", "b", "c"]}
    assert completed(["a"], {"a": 0.9}, probabilities=[0.1, 0.7, 0.2], **options) == {
        "a": ("remove", "flagged", None),
        "b": ("add", "instead", "a"),
    }
    assert completed(["a"], {"a": 0.9}, probabilities=[0.1, 0.4, 0.4], **options) == {"a": ("remove", "flagged", None)}
    assert completed(["a"], {"b": 0.8, "c": 0.7}, {"a": 0.5}, **options) == {
        "b": ("add", "flagged", None),
        "a": ("remove", "forced", "b"),
    }


def test_unknown_parents_of_an_added_child_are_added_and_those_of_a_given_child_left_alone():
    labels = np.array([[-1, -1, 0, 0, 1], [-1, -1, 1, 0, 0]])
    ds = ls.Dataset.from_arrays(labels, label_names=NAMES, taxonomy=EDGES)
    changes = pl.DataFrame([(0, 2, True, 0.5, 0.9, "flagged", -1)], schema=SCHEMA, orient="row")
    cells = pl.DataFrame({"item_id": [0], "label": ["none"], "kind": ["spurious"], "confidence": [0.5]})
    got = complete(
        changes, ds, Findings(cells, scores=np.full(labels.shape, 0.1, np.float32)), Scores(np.zeros(labels.shape)), label_logic(ds)
    )
    assert sorted(got.select("row", "column").rows()) == [(0, 0), (0, 1), (0, 2)]


def test_requirements_are_transitive_and_confidence_follows_them():
    ds = ls.Dataset.from_arrays(np.eye(5, dtype=int), label_names=NAMES, taxonomy=EDGES)
    changes = pl.DataFrame([(4, k, True, c, c, "flagged", -1) for k, c in ((2, 0.7), (1, 0.3), (0, 0.9))], schema=SCHEMA, orient="row")
    source, needed = requirements(changes, label_logic(ds))
    assert set(zip(source.tolist(), needed.tolist(), strict=True)) == {(0, 1), (0, 2), (1, 2)}
    assert cohere(np.array([0.7, 0.3, 0.9]), source, needed).tolist() == [0.7, 0.7, 0.9]
    swapped = np.array([True, False, False])[np.argsort(np.argsort(source * 3 + needed))]
    assert cohere(np.array([0.7, 0.3, 0.2]), source, needed, swapped).tolist() == pytest.approx([0.3, 0.3, 0.3])
