from __future__ import annotations

import numpy as np
import pytest

from labelscope import DataError, Dataset, relations
from labelscope.review.ledger import Ledger
from labelscope.stats.constraint_book import ConstraintBook

NAMES = ["animal", "dog", "car"]


@pytest.fixture
def place(tmp_path):
    return tmp_path / "ledger.sqlite"


def constraint_book(place, *, taxonomy=None, reviewer="ann") -> ConstraintBook:
    rng = np.random.default_rng(0)
    animal = rng.random(300) < 0.4
    labels = np.stack([animal, animal & (rng.random(300) < 0.5), ~animal], axis=1).astype(np.int8)
    ds = Dataset.from_arrays(labels, label_names=NAMES, taxonomy=taxonomy)
    return ConstraintBook(ds, Ledger.open(place, fingerprint=ds.fingerprint), lambda: reviewer)


def test_what_is_confirmed_holds_and_is_kept(place):
    book = constraint_book(place)
    book.confirm("dog", "implies", 0, source="labels")
    book.confirm("animal", "exclusive", "car")
    rules = constraint_book(place, reviewer="bob").in_force
    assert (rules.implied("dog"), rules.excluded("dog")) == (["animal"], ["car"])
    assert rules.frame.select("label_a", "source", "reviewer").rows() == [("dog", "labels", "ann"), ("animal", None, "ann")]
    book.undo()
    assert book.in_force.excluded("dog") == []
    book.redo()
    assert book.in_force.excluded("dog") == ["car"]


def test_a_rejected_edge_of_the_taxonomy_holds_no_longer(place):
    book = constraint_book(place, taxonomy=[("animal", "dog"), ("car", "dog")])
    assert book.in_force.implied("dog") == ["animal", "car"]
    book.reject("dog", "implies", "car")
    assert book.in_force.implied("dog") == ["animal"]


def test_what_contradicts_is_refused_and_not_written(place):
    book = constraint_book(place, taxonomy=[("animal", "dog")])
    with pytest.raises(DataError, match="no cycle of implications"):
        book.confirm("animal", "implies", "dog")
    with pytest.raises(DataError, match="which exclude each other"):
        book.confirm("animal", "exclusive", "dog")
    with pytest.raises(DataError, match="expected one of the 3 label names, got 'cat'"):
        book.confirm("cat", "implies", "dog")
    assert book.frame.is_empty()
    book.confirm("dog", "identical", "animal")
    assert book.in_force.implied("animal") == ["dog"]


def test_relations_come_with_their_verdicts(place):
    book = constraint_book(place)
    book.confirm("car", "exclusive", "animal")
    book.reject("dog", "implies", "animal")
    judged = book.judged(relations(book.dataset).frame)
    verdicts = {row[:3]: row[3] for row in judged.select("label_a", "relation", "label_b", "verdict").iter_rows()}
    assert verdicts == {
        ("dog", "implies", "animal"): "rejected", ("animal", "exclusive", "car"): "confirmed", ("dog", "exclusive", "car"): "pending",
    }  # fmt: skip


def test_withdrawing_leaves_nothing_said_of_a_relation_whoever_spoke(place):
    book, other = constraint_book(place), constraint_book(place, reviewer="bob")
    book.confirm("animal", "exclusive", "car")
    other.reject("car", "exclusive", "animal")
    other.confirm("dog", "implies", "animal")
    assert book.withdraw("car", "exclusive", "animal") == 2
    assert book.frame.select("label_a", "relation", "label_b").rows() == [("dog", "implies", "animal")]
    assert book.withdraw("car", "exclusive", "animal") == 0


def test_a_changed_name_signs_the_next_verdict(place):
    known = constraint_book(place).dataset
    name = "ann"
    book = ConstraintBook(known, Ledger.open(place, fingerprint=known.fingerprint), lambda: name)
    book.confirm("dog", "implies", "animal")
    name = "bob"
    book.confirm("animal", "exclusive", "car")
    assert book.frame["reviewer"].to_list() == ["ann", "bob"]
    assert constraint_book(place, reviewer="eve").frame["reviewer"].to_list() == ["ann", "bob"]
    undone = book.undo()  # the last verdict of the one who asks
    assert undone is not None
    assert book.frame["reviewer"].to_list() == ["ann"]
