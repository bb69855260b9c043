"""What is said of groups: the last word counts, an undo takes it back, and a group is known again by its items."""

from __future__ import annotations

import pytest

from labelscope.errors import DataError
from labelscope.review.group_verdicts import GroupVerdicts, overlap, sketch
from labelscope.review.ledger import Ledger

ITEMS = tuple(f"i{k}" for k in range(20))


@pytest.fixture
def ledger(tmp_path):
    opened = Ledger.open(tmp_path / "ledger.sqlite", fingerprint="f")
    yield opened
    opened.close()


@pytest.fixture
def said(ledger):
    return GroupVerdicts(ledger, lambda: "ann")


def jaccard(one, other):
    return len(set(one) & set(other)) / len(set(one) | set(other))


def test_a_dismissed_group_is_known_again_by_most_of_its_items_and_others_are_not(said):
    said.say("dismiss", "noise", ITEMS)
    assert said.of(sketch(ITEMS)).dismissed
    assert said.of(sketch(ITEMS[6:])).dismissed  # 14 of 20
    assert not said.of(sketch(ITEMS[11:])).dismissed  # 9 of 20
    assert not said.of(sketch(["x", "y"])).dismissed


def test_the_last_word_counts_whoever_says_it_and_undo_takes_back_ones_own(said, ledger):
    said.say("dismiss", "noise", ITEMS)
    bob = GroupVerdicts(ledger, lambda: "bob")
    restored = bob.say("restore", "noise", ITEMS[1:])
    named = bob.say("name", " slow\n cars ", ITEMS)
    said.sync()
    assert said.of(sketch(ITEMS)) == (False, "slow cars")
    assert bob.undo().undoes == named.seq
    assert bob.undo().undoes == restored.seq
    assert bob.undo() is None  # what ann said is hers
    said.sync()
    assert said.of(sketch(ITEMS)) == (True, "")
    bob.redo()
    assert not GroupVerdicts(ledger, lambda: "eve").of(sketch(ITEMS)).dismissed


def test_a_name_is_a_line_and_a_proposal_of_any_length_can_be_dismissed(said):
    for name in ("", "  ", "a\x1bb", "x" * 121, 5):
        with pytest.raises(DataError, match="name: expected a line of up to 120 letters"):
            said.say("name", name, ITEMS)
    assert not said.standing
    said.say("dismiss", "like item " + "x" * 500, ITEMS)
    assert said.of(sketch(ITEMS)).dismissed


@pytest.mark.parametrize("shared", [0, 2000, 5000, 9000])
def test_sketches_of_large_groups_tell_how_much_they_share(shared):
    one = [f"item {k}" for k in range(10_000)]
    other = [f"item {k}" for k in range(10_000 - shared, 20_000 - shared)]
    assert len(sketch(one)) == 1000
    assert overlap(sketch(one), sketch(other)) == pytest.approx(jaccard(one, other), abs=0.05)  # three standard errors


def test_sketches_of_small_groups_tell_it_exactly():
    assert overlap(sketch(ITEMS), sketch((*ITEMS[5:], "new"))) == jaccard(ITEMS, (*ITEMS[5:], "new"))
    assert overlap((), ()) == 0
