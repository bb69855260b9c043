import gc
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from labelscope.errors import LedgerError
from labelscope.review.ledger import Ledger
from labelscope.review.reviewer_log import Decision, ReviewerLog

CAT, DOG = ("1", "cat"), ("1", "dog")


def nothing_given(cells):
    return [0] * len(cells)


@pytest.fixture
def reviewer_logs(tmp_path):
    """Two reviewers, each with a connection of their own."""
    ledgers = [Ledger.open(tmp_path / "ledger.sqlite", fingerprint="f") for _ in range(2)]
    return [ReviewerLog(ledger, name, nothing_given) for ledger, name in zip(ledgers, ("ann", "ben"), strict=True)]


def test_accept_sets_the_target_and_reject_takes_it_back(reviewer_logs):
    ann, _ = reviewer_logs
    assert ann.decide([Decision("reject", CAT, 1)])[0].after == 0
    assert ann.decide([Decision("accept", CAT, 1)])[0].after == 1
    rejected = ann.decide([Decision("reject", CAT, 1)])[0]
    assert (rejected.before, rejected.after) == (1, 0)


def test_reject_and_skip_leave_an_edited_cell(reviewer_logs):
    ann, _ = reviewer_logs
    ann.decide([Decision("edit", CAT, -1)])
    assert ann.decide([Decision("skip", CAT, 1)])[0].after == -1
    assert ann.decide([Decision("reject", CAT, 1)])[0].after == -1


def test_a_batch_is_one_undo_and_knows_its_own_order(reviewer_logs):
    ann, _ = reviewer_logs
    ann.decide([Decision("edit", DOG, -1)])
    batch = ann.decide([Decision("accept", CAT, 1), Decision("accept", DOG, 1), Decision("edit", CAT, -1)])
    assert len({event.batch for event in batch}) == 1
    assert batch[2].before == 1
    assert ann.together(batch[0]) == batch
    assert len(ann.undo()) == 3
    assert (ann.state(CAT), ann.state(DOG)) == (0, -1)
    assert len(ann.redo()) == 3
    assert (ann.state(CAT), ann.state(DOG)) == (-1, 1)
    ann.undo()
    assert len(ann.undo()) == 1
    assert ann.undo() == ()
    assert ann.state(DOG) == 0


def test_each_sees_what_the_other_decided_once(reviewer_logs):
    ann, ben = reviewer_logs
    mine = ann.decide([Decision("accept", CAT, 1)])
    assert ann.sync() == ()
    assert ben.sync() == mine
    assert ben.sync() == ()
    assert ben.state(CAT) == 1


def test_what_came_in_with_a_decision_is_still_news(reviewer_logs):
    ann, ben = reviewer_logs
    mine = ann.decide([Decision("accept", CAT, 1)])
    edited = ben.decide([Decision("edit", CAT, -1)])[0]
    assert (edited.before, edited.after) == (1, -1)
    assert ben.sync() == mine


def test_what_comes_between_reading_and_writing_is_taken_in_first(reviewer_logs, monkeypatch):
    ann, ben = reviewer_logs
    append = ben.ledger.append

    def late(events):
        ann.decide([Decision("accept", CAT, 1)])
        return append(events)

    monkeypatch.setattr(ben.ledger, "append", late)
    ben.decide([Decision("edit", DOG, -1)])
    assert [event.seq for event in ben.events] == [1, 2]
    assert ben.state(CAT) == 1
    assert len(ben.sync()) == 1


def test_undo_takes_back_only_ones_own(reviewer_logs):
    ann, ben = reviewer_logs
    ann.decide([Decision("accept", CAT, 1)])
    assert ben.undo() == ()
    ben.decide([Decision("edit", CAT, -1)])
    ann.undo()
    assert ann.state(CAT) == -1
    ben.undo()
    assert ben.state(CAT) == 0


def test_a_decision_that_was_not_written_does_not_count(reviewer_logs, monkeypatch):
    ann, _ = reviewer_logs

    def full(_):
        raise LedgerError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(ann.ledger, "append", full)
        with pytest.raises(LedgerError):
            ann.decide([Decision("accept", CAT, 1)])
    assert ann.state(CAT) == 0
    assert ann.events == ()
    assert ann.undo() == ()


def test_every_subscription_reads_every_event_once_whoever_wrote_it(reviewer_logs):
    ann, ben = reviewer_logs
    early = ann.subscribe()
    mine = ann.decide([Decision("accept", CAT, 1)])
    late = ann.subscribe()
    theirs = ben.decide([Decision("edit", DOG, -1)])
    ann.catch_up()
    assert early.read() == mine + theirs
    assert late.read() == theirs
    assert (early.read(), late.read()) == ((), ())
    assert ann.sync() == theirs  # and a subscription takes nothing from it


def test_sync_takes_nothing_from_a_subscription_and_does_not_tell_of_what_was_decided_here(reviewer_logs):
    ann, ben = reviewer_logs
    reader = ben.subscribe()
    ann.decide([Decision("accept", CAT, 1)])
    ben.decide([Decision("edit", DOG, 1)])
    ann.decide([Decision("reject", CAT, 1)])
    assert [event.seq for event in ben.sync()] == [1, 3]
    ben.undo()
    assert ben.sync() == ()
    assert [event.seq for event in reader.read()] == [1, 2, 3, 4]


def test_who_reads_is_woken_by_decisions_of_this_process_at_once_and_of_others_when_they_are_taken_in(reviewer_logs):
    ann, ben = reviewer_logs
    wake = Event()
    reader = ann.subscribe(wake)
    ann.catch_up()
    assert not wake.is_set()
    ann.decide([Decision("accept", CAT, 1)])
    assert wake.is_set()
    wake.clear()
    ben.undo()
    ben.decide([Decision("edit", DOG, 1)])
    ann.catch_up()
    assert wake.is_set()
    assert len(reader.read()) == 2


def test_a_subscription_that_nobody_holds_is_gone(reviewer_logs):
    ann, _ = reviewer_logs
    wake = Event()
    ann.subscribe(wake)
    gc.collect()
    ann.decide([Decision("accept", CAT, 1)])
    assert not wake.is_set()


def test_threads_that_decide_and_read_at_once_lose_and_double_nothing(reviewer_logs):
    ann, ben = reviewer_logs
    reader, seen, n = ann.subscribe(), [], 40

    def decide(reviewer_log):
        for k in range(n):
            reviewer_log.decide([Decision("edit", (str(k), reviewer_log.reviewer), 1)])

    with ThreadPoolExecutor(2) as pool:
        writing = [pool.submit(decide, reviewer_log) for reviewer_log in (ann, ben)]
        while not all(done.done() for done in writing):
            seen += reader.read()
        for done in writing:
            done.result()
    ann.catch_up()
    seen += reader.read()
    assert [event.seq for event in seen] == list(range(1, 2 * n + 1))
    assert {event.reviewer for event in ann.sync()} == {"ben"}
