from __future__ import annotations

import pytest

from labelscope.errors import DataError
from labelscope.review.ledger import Ledger
from labelscope.review.notes_in_turn import redo_note, undo_note
from labelscope.review.reviewer_log import Decision, ReviewerLog
from labelscope.review.verdict_reasons import REASON_KINDS, VerdictReasons


@pytest.fixture
def place(tmp_path):
    return tmp_path / "ledger.sqlite"


def review(place, reviewer="ann"):
    log = ReviewerLog(Ledger.open(place, fingerprint="f"), reviewer, lambda cells: [0] * len(cells))
    return log, VerdictReasons(log)


def decide(log, *items, kind="accept"):
    return log.decide([Decision(kind, (item, "cat"), 1) for item in items])


def said(reasons):
    return {seq: reason for seq, reason, *_ in reasons.frame.iter_rows()}


def test_a_reason_is_about_the_last_verdict_and_the_last_one_given_stands(place):
    log, reasons = review(place)
    decide(log, "7")
    reasons.give("hard to tell")
    reasons.give("  clearly\nwrong ")
    assert said(reasons) == {1: "clearly wrong"}
    assert said(review(place, "bob")[1]) == {1: "clearly wrong"}


def test_the_reason_of_a_batch_is_that_of_each_of_its_decisions(place):
    log, reasons = review(place)
    first, second = decide(log, "7", "8")
    reasons.give("both labels fit", about=second.seq)
    assert said(reasons) == {first.seq: "both labels fit", second.seq: "both labels fit"}
    assert reasons.of(first) == "both labels fit"


def undo(log, reasons):
    return undo_note(log, [reasons.notes])


def redo(log, reasons):
    return redo_note(log, [reasons.notes])


def test_undo_takes_the_reason_back_first_and_then_the_verdict_and_redo_brings_both_again(place):
    log, reasons = review(place)
    (event,) = decide(log, "7")
    reasons.give("hard to tell")
    assert reasons.about(undo(log, reasons)) == event
    assert said(reasons) == {}
    assert undo(log, reasons) is None
    log.undo()
    assert redo(log, reasons) is None  # the verdict was undone last
    log.redo()
    assert reasons.about(redo(log, reasons)) == event
    assert said(reasons) == {1: "hard to tell"}


def test_a_reason_falls_silent_while_its_verdict_is_undone_and_comes_back_with_it(place):
    log, reasons = review(place)
    decide(log, "7")
    reasons.give("hard to tell")
    decide(log, "8")
    log.undo()
    log.undo()
    assert said(reasons) == {}
    log.redo()
    assert said(reasons) == {1: "hard to tell"}


def test_a_reason_is_not_redone_after_another_verdict(place):
    log, reasons = review(place)
    decide(log, "7")
    reasons.give("hard to tell")
    undo(log, reasons)
    decide(log, "8")
    assert redo(log, reasons) is None


def test_the_list_of_reasons_is_one_for_all_who_review_on_a_ledger(place):
    _, mine = review(place)
    assert mine.kinds == REASON_KINDS
    mine.kinds = ["sarcasm", "two people speak"]
    assert review(place, "bob")[1].kinds == ("sarcasm", "two people speak")


@pytest.mark.parametrize("kinds", [[], "sarcasm", ["a", "a"], [""], [str(n) for n in range(10)], [7]])
def test_a_list_of_reasons_that_digits_cannot_choose_from_is_refused(place, kinds):
    _, mine = review(place)
    with pytest.raises(DataError, match="expected"):
        mine.kinds = kinds
    assert not place.exists()


@pytest.mark.parametrize("words", ["", " \n", "x" * 201, "a\x00b", 7, None])
def test_a_reason_is_one_line_of_words(place, words):
    log, reasons = review(place)
    decide(log, "7")
    with pytest.raises(DataError, match="expected one line"):
        reasons.give(words)


def test_a_reason_needs_a_verdict_that_stands(place):
    log, reasons = review(place)
    with pytest.raises(DataError, match="decide first"):
        reasons.give("hard to tell")
    decide(log, "7")
    log.undo()
    for about in (None, 1, 2, 99):
        with pytest.raises(DataError, match="decide first"):
            reasons.give("hard to tell", about)
