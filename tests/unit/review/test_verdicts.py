import polars as pl
import pytest

from labelscope.errors import DataError
from labelscope.review.events import Event
from labelscope.review.replay_index import ReplayIndex
from labelscope.review.verdicts import Verdicts

FRAME = pl.DataFrame({"suggestion_id": ["a", "b"], "item_id": [1, 2], "label": ["cat", "dog"], "action": ["add", "remove"]})


def decision(seq, kind, cell, before, after):
    return Event(seq, kind, *cell, before, after, None, "ann", "2026-01-01T00:00:00+00:00")


@pytest.mark.parametrize(
    ("kind", "after", "verdict"),
    [("accept", 1, "accepted"), ("reject", 0, "rejected"), ("skip", 0, "skipped"), ("edit", 1, "accepted"), ("edit", -1, "rejected")],
)
def test_the_last_decision_on_the_cell_is_the_verdict(kind, after, verdict):
    index = ReplayIndex()
    verdicts = Verdicts(FRAME, index)
    assert verdicts.of("a") == "pending"
    index.take_in([decision(1, kind, ("1", "cat"), 0, after)])
    assert verdicts.of("a") == verdict
    assert verdicts.of("b") == "pending"
    assert verdicts.decided() == {"a": verdict}
    assert verdicts.counts() == {"pending": 1, "accepted": 0, "rejected": 0, "skipped": 0} | {verdict: 1}


def test_an_undo_makes_it_pending_again():
    accepted = decision(1, "accept", ("2", "dog"), 1, 0)
    verdicts = Verdicts(FRAME, ReplayIndex([accepted, Event(2, "undo", "2", "dog", 0, 1, None, "ann", accepted.time, None, 1)]))
    assert verdicts.of("b") == "pending"
    assert verdicts.counts()["pending"] == 2


def test_decisions_elsewhere_are_none_of_its_business():
    verdicts = Verdicts(FRAME, ReplayIndex([decision(1, "edit", ("1", "dog"), 0, 1)]))
    assert verdicts.counts()["pending"] == 2


def test_an_unknown_suggestion_is_refused():
    with pytest.raises(DataError, match="one of the 2 suggestion ids, got 'c'"):
        Verdicts(FRAME, ReplayIndex()).of("c")
