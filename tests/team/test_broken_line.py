"""The line breaks while a decision is committed: it counts once if it was written, and can be made again if it was not."""

import contextlib

import pytest
from cut_line import Line
from reviewing import session

from labelscope.errors import LedgerError
from labelscope.review.events import Event
from labelscope.review.ledger import Ledger
from labelscope.review.reviewer_log import Decision, ReviewerLog


@pytest.fixture
def line(server):
    with Line(server.port) as line:
        yield line


@pytest.fixture
def reviewer(server, line, database):
    reviewer = session(server.url(database, port=line.port), "ann", 9)
    yield reviewer
    reviewer.close()


def decided(server, database):
    """What another process finds: the suggestions in the order of their decisions."""
    other = session(server.url(database), "ben", 9)
    found = other.decisions
    other.close()
    assert found["seq"].is_sorted()
    return found["suggestion_id"].to_list()


@pytest.mark.parametrize("when", ["before", "within", "after"])
@pytest.mark.parametrize("first", [True, False], ids=["first decision", "later decision"])
def test_a_decision_whose_line_breaks_counts_once(server, line, reviewer, database, first, when):
    if not first:
        reviewer.accept("ann-0")
    line.cut_at_commit(when)
    for _ in range(5):  # as a person does who reads that it was refused
        with contextlib.suppress(LedgerError):
            reviewer.accept("ann-1")
            break
    assert line.is_cut
    assert decided(server, database).count("ann-1") == 1
    reviewer.accept("ann-2")
    assert decided(server, database) == [*([] if first else ["ann-0"]), "ann-1", "ann-2"]


def test_a_decision_that_is_written_is_not_refused_because_the_server_goes_then(server, line, database):
    other = Ledger.open(server.url(database), fingerprint="f")

    def given(cells):  # is asked for between the reading and the writing
        other.append([Event(0, "edit", "7", "dog", 0, 1, None, "ben", "2026-01-01T00:00:00+00:00")])
        line.cut_at_commit("for good")
        return [0] * len(cells)

    mine = Ledger.open(server.url(database, port=line.port), fingerprint="f")
    reviewer_log = ReviewerLog(mine, "ann", given)
    assert [event.seq for event in reviewer_log.decide([Decision("edit", ("8", "dog"), 1)])] == [2]
    assert line.is_cut
    with pytest.raises(LedgerError):
        reviewer_log.sync()
    assert [event.reviewer for event in other.events()] == ["ben", "ann"]
    other.close()
    mine.close()
