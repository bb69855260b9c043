from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from msgspec.structs import replace

from labelscope.review.ledger import Ledger
from labelscope.review.log import EventLog
from labelscope.review.reviewer_agreement import agreement
from labelscope.review.reviewer_log import Decision, ReviewerLog
from labelscope.review.second_looks import REST, SecondLooks, spread_places

N = 1200


def review(place, reviewer):
    log = ReviewerLog(Ledger.open(place, fingerprint="f"), reviewer, lambda cells: [0] * len(cells))
    return log, SecondLooks(log)


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory):
    """1,200 cells that ann decided, one by one as far as the ledger can tell."""
    place = tmp_path_factory.mktemp("looks") / "ledger.sqlite"
    log, _ = review(place, "ann")
    decided = log.decide(Decision("accept", (str(k), "cat"), 1, f"s{k}") for k in range(N))
    return place, decided


def one_by_one(place, events):
    """The same decisions in a ledger where each was written alone."""
    ledger = Ledger.open(place, fingerprint="f")
    ledger.append([replace(event, seq=0, batch=None) for event in events])
    ledger.close()


@pytest.fixture
def place(reviewed, tmp_path):
    one_by_one(tmp_path / "ledger.sqlite", reviewed[1])
    return tmp_path / "ledger.sqlite"


def test_a_tenth_of_what_another_decided_comes_back_the_same_at_every_start(place):
    first = review(place, "bob")[1].due
    assert 0.07 * N < first.height < 0.13 * N
    assert review(place, "bob")[1].due.equals(first)
    other = review(place, "cy")[1].due
    assert 0 < len(set(first["seq"]) & set(other["seq"])) < first.height  # each has a draw of their own


def test_two_in_a_hundred_of_ones_own_come_back_once_others_were_decided(place):
    due = review(place, "ann")[1].due
    assert 0.005 * N < due.height < 0.04 * N
    assert due["seq"].max() <= N - REST


def test_a_batch_is_not_looked_at_again(reviewed):
    assert review(reviewed[0], "bob")[1].due.height == 0


def test_a_second_look_counts_once_and_a_decision_on_purpose_does_not(place):
    log, looks = review(place, "bob")
    seq, item, label = looks.due.row(0)
    looks.look(seq)
    log.decide([Decision("reject", (item, label), 1)])
    on_purpose = next(k for k in range(N) if str(k) not in set(looks.due["item_id"]) and str(k) != item)
    log.decide([Decision("reject", (str(on_purpose), label), 1)])
    assert looks.pairs.rows() == [(item, label, "ann", "bob", False)]
    assert seq not in looks.due["seq"]
    assert review(place, "cy")[1].pairs.equals(looks.pairs)
    log.undo()
    log.undo()
    assert looks.pairs.height == 0
    assert seq in looks.due["seq"]


def test_a_decision_reads_no_more_of_a_long_ledger_for_what_comes_back(reviewed, tmp_path, monkeypatch):
    one_by_one(tmp_path / "ledger.sqlite", reviewed[1] * 25)
    log, looks = review(tmp_path / "ledger.sqlite", "bob")
    read, compact = [], EventLog.compact
    monkeypatch.setattr(EventLog, "compact", lambda self: read.append(1) or compact(self))
    seq, item, label = looks.due.row(0)
    for k in range(20):
        log.decide([Decision("reject", (item if k == 0 else f"new {k}", label), 1)])
        assert seq not in looks.due["seq"]
    assert len(read) == 1
    for _ in range(20):
        log.undo()
    assert looks.due.row(0) == (seq, item, label)  # by the undo it is as it was
    assert looks.due.equals(review(tmp_path / "ledger.sqlite", "bob")[1].due)


def test_who_cannot_tell_says_nothing_of_agreement(place):
    log, looks = review(place, "bob")
    seq, item, label = looks.due.row(0)
    looks.look(seq)
    log.decide([Decision("skip", (item, label), 1)])
    assert looks.pairs.height == 0


def test_places_are_apart_and_never_at_the_ends():
    places = spread_places(1000, 500)
    assert (np.diff(places) >= 2).all()
    assert places[0] > 0
    assert places[-1] < 1000 + len(places) - 1
    assert len(spread_places(0, 5)) == len(spread_places(1, 5)) == 0


def test_agreement_of_pairs_and_own_repeats_and_who_is_steadier():
    def looks(first, second, n, same):
        return pl.DataFrame({"first": [first] * n, "second": [second] * n, "same": [True] * same + [False] * (n - same)})

    both = [looks("bob", "ann", 60, 50), looks("ann", "bob", 40, 35)]
    own = [looks("ann", "ann", 50, 49), looks("bob", "bob", 50, 36)]
    found = agreement(pl.concat([*both, *own]))
    told = [("ann", "bob", 100, 85), ("ann", "ann", 50, 49), ("bob", "bob", 50, 36)]
    assert [(of.first, of.second, of.n, of.same) for of in found] == told
    assert [of.unequal for of in found] == [True, False, False]
    assert found[0].accuracy == pytest.approx((1 + np.sqrt(2 * 0.85 - 1)) / 2)
    assert found[0].accuracy_low < found[0].accuracy < found[0].accuracy_high
    assert agreement(pl.DataFrame(schema={"first": pl.String, "second": pl.String, "same": pl.Boolean})) == []
