"""Who may only look at a ledger sees what others write, at once and whole."""

import os
import subprocess
import sys

import pytest

from labelscope.review import sqlite_file
from labelscope.review.events import Event
from labelscope.review.ledger import Ledger
from labelscope.review.reviewer_log import ReviewerLog
from tests.unit.review.old_ledger import make_old

NEW = Event(0, "accept", "7", "cat", 0, 1, "s1", "Zoë", "2026-01-01T00:00:00+00:00")
WRITE = """
import sys
from labelscope.review.events import Event
from labelscope.review.ledger import Ledger
new = Event(0, "accept", "7", "cat", 0, 1, "s1", "ben", "2026-01-01T00:00:00+00:00")
print(Ledger.open(sys.argv[1], fingerprint="f").append([new])[0].seq)
"""


@pytest.fixture
def looking(monkeypatch):
    """As if nobody in this process might write where the ledger lies."""
    usual = os.access
    monkeypatch.setattr(sqlite_file.os, "access", lambda path, mode, **options: mode != os.W_OK and usual(path, mode, **options))


def write(place):
    done = subprocess.run([sys.executable, "-c", WRITE, place], check=True, capture_output=True, text=True)
    return int(done.stdout)


@pytest.mark.parametrize("old", [None, "write-ahead log", "rollback journal"])
def test_a_viewer_is_never_stale(tmp_path, looking, old):
    place = tmp_path / "ledger.sqlite"
    if old is not None:
        make_old(place, 2, log=old == "write-ahead log")
    viewer = ReviewerLog(Ledger.open(place, fingerprint="f"), "ann", lambda cells: [0] * len(cells))
    subscription = viewer.subscribe()
    before = len(viewer.events)
    for k in range(2):  # the first makes the file, or gives it another form
        seq = write(place)
        assert [event.seq for event in viewer.sync()] == [seq]
        assert [event.seq for event in subscription.read()] == [seq]
        assert len(viewer.events) == before + k + 1
        assert viewer.state(("7", "cat")) == 1
