from __future__ import annotations

import sqlite3

import pytest

from labelscope.errors import DataError, LedgerError
from labelscope.review.events import Event
from labelscope.review.ledger import Ledger
from labelscope.review.relation_verdicts import RelationVerdicts

CELL = Event(0, "accept", "7", "cat", 0, 1, "s1", "ann", "2026-01-01T00:00:00+00:00")


@pytest.fixture
def place(tmp_path):
    return tmp_path / "x.labelscope" / "ledger.sqlite"


def verdicts(place, reviewer="ann") -> RelationVerdicts:
    return RelationVerdicts(Ledger.open(place, fingerprint="f"), lambda: reviewer)


def standing(of: RelationVerdicts) -> dict[tuple[str, ...], str]:
    return {row[:3]: row[3] for row in of.frame.iter_rows()}


def test_verdicts_survive_and_the_last_one_counts(place):
    mine = verdicts(place)
    mine.confirm("dog", "implies", "animal", source="labels")
    mine.confirm("hound", "identical", "dog")
    mine.reject("hound", "identical", "dog")
    again = verdicts(place, "bob")
    assert standing(again) == {("dog", "implies", "animal"): "confirmed", ("dog", "identical", "hound"): "rejected"}
    assert again.frame["source"].to_list() == ["labels", None]
    assert [event.seq for event in again.events] == [1, 2, 3]


def test_undo_and_redo_are_events_of_one_reviewer(place):
    ann, bob = verdicts(place), verdicts(place, "bob")
    ann.confirm("a", "implies", "b")
    bob.reject("a", "implies", "b")
    assert standing(ann) != standing(bob)  # not synchronised yet
    undone = ann.undo()
    assert (undone.kind, undone.undoes) == ("undo", 1)
    assert standing(ann) == {("a", "implies", "b"): "rejected"}
    assert ann.undo() is None
    assert bob.undo().undoes == 2
    assert standing(bob) == {}
    assert bob.redo().undoes == 4
    assert standing(bob) == {("a", "implies", "b"): "rejected"}
    assert bob.redo() is None
    ann.sync()
    assert standing(ann) == standing(bob)
    assert [event.seq for event in ann.events] == [1, 2, 3, 4, 5]


def test_nothing_is_made_before_the_first_verdict_and_cells_are_not_touched(place):
    mine = verdicts(place)
    assert mine.events == ()
    assert mine.undo() is None
    assert not place.parent.exists()
    ledger = Ledger.open(place, fingerprint="f")
    ledger.append([CELL])
    assert verdicts(place).events == ()  # cells alone
    mine.confirm("a", "exclusive", "b")
    assert [event.seq for event in ledger.append([CELL])] == [3]
    assert len(verdicts(place).events) == 1
    assert len(ledger.events()) == 2


def test_a_verdict_may_come_before_any_cell(place):
    verdicts(place).confirm("a", "implies", "b")
    ledger = Ledger.open(place, fingerprint="f")
    assert ledger.events() == ()
    assert ledger.append([CELL])[0].seq == 2


def test_what_is_refused(place):
    mine = verdicts(place)
    with pytest.raises(DataError, match="expected implies, identical, exclusive, got 'overlaps'"):
        mine.confirm("a", "overlaps", "b")
    with pytest.raises(DataError, match="expected two labels, got 'a' twice"):
        mine.reject("a", "implies", "a")
    mine.confirm("a", "implies", "b")
    with pytest.raises(LedgerError, match="another"):
        RelationVerdicts(Ledger.open(place, fingerprint="g"), lambda: "ann")


def test_a_verdict_that_cannot_be_written_does_not_count(place):
    mine = RelationVerdicts(Ledger.open(place, fingerprint="f", timeout=0.1), lambda: "ann")
    mine.confirm("a", "implies", "b")
    other = sqlite3.connect(place, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerError, match="another program holds it"):
        mine.confirm("c", "implies", "d")
    other.execute("ROLLBACK")
    other.close()
    assert len(mine.events) == len(verdicts(place).events) == 1
