import sqlite3
from contextlib import closing

import pytest

from labelscope.errors import LedgerError
from labelscope.review import sqlite_file
from labelscope.review.events import EditRecord, Event
from labelscope.review.ledger import Ledger
from labelscope.review.recovery import recover, survey
from labelscope.review.relation_verdicts import RelationVerdicts
from tests.unit.review.old_ledger import TIME, make_old

NEW = Event(0, "accept", "7", "cat", 0, 1, "s1", "Zoë", "2026-01-01T00:00:00+00:00")


@pytest.fixture
def place(tmp_path):
    return tmp_path / "x.labelscope" / "ledger.sqlite"


def schema(place):
    with closing(sqlite3.connect(place)) as database:
        return database.execute("SELECT schema FROM labelscope_ledger").fetchone()[0]


def all_of(place):
    """Everything that a ledger says, but for the numbers of its notes."""
    ledger = Ledger.open(place, fingerprint="f")
    verdicts = RelationVerdicts(ledger, lambda: "ann")
    return tuple(ledger.events()), ledger.label_edits(), ledger.sample(), verdicts.frame.rows(), [e.kind for e in verdicts.events]


@pytest.mark.parametrize("log", [True, False], ids=["write-ahead log", "rollback journal"])
@pytest.mark.parametrize("old", [1, 2])
def test_an_old_ledger_is_read_as_it_is_and_keeps_everything_when_it_is_written(place, old, log):
    told = [Event(*row) for row in make_old(place, old, log=log)]
    before = all_of(place)
    assert list(before[0]) == told
    assert schema(place) == old  # to look at it changes nothing
    ledger = Ledger.open(place, fingerprint="f")
    written = ledger.append([NEW])
    after = all_of(place)
    assert after == (before[0] + written, *before[1:])
    assert schema(place) == 3
    assert place.read_bytes()[18:20] == b"\1\1"
    if old == 2:
        assert after[1] == (EditRecord("e1", "new", None, ("owl",), None, "seen"),)
        assert after[2] == (2, "Zoë", TIME, "two")
        assert after[4] == ["confirm", "undo"]


def test_whoever_reads_an_old_ledger_goes_on_when_another_writes_it(place):
    make_old(place, 2)
    reader, writer = (Ledger.open(place, fingerprint="f") for _ in range(2))
    verdicts = RelationVerdicts(reader, lambda: "ann")
    written = writer.append([NEW])
    assert reader.events(since=6) == written
    assert reader.sample().number == 2
    assert verdicts.redo() is not None  # numbers of notes are others now
    assert RelationVerdicts(writer, lambda: "ann").frame.height == 1


def test_a_migration_that_fails_leaves_the_old_ledger(place, monkeypatch):
    make_old(place, 2, log=False)
    before = all_of(place)
    usual = sqlite_file.open_file

    def full(path, timeout, *, writes):
        connection = usual(path, timeout, writes=writes)
        connection.execute("PRAGMA max_page_count = 7")
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(sqlite_file, "open_file", full)
        with pytest.raises(LedgerError, match=r"the disk is full .* nothing was written"):
            Ledger.open(place, fingerprint="f").append([NEW] * 1000)
    assert schema(place) == 2
    assert all_of(place) == before


def test_an_old_ledger_that_lacks_an_event_is_refused(place):
    make_old(place, 1, log=False)
    with closing(sqlite3.connect(place)) as database, database:
        database.execute("DELETE FROM labelscope_events WHERE seq = 2")
    with pytest.raises(LedgerError, match=r"its head tells of 4 decisions, and 3 are there.*labelscope ledger recover"):
        Ledger.open(place, fingerprint="f")


def test_an_older_labelscope_refuses_what_this_one_wrote(place):
    Ledger.open(place, fingerprint="f").append([NEW])
    with closing(sqlite3.connect(place)) as database:  # what every version asks first
        assert database.execute("SELECT schema, fingerprint FROM labelscope_ledger").fetchall() == [(3, "f")]


MANY = [(seq, "accept", f"item {seq:04}", "cat", 0, 1, f"s{seq}", "Zoë", TIME, None, None) for seq in range(1, 401)]


def zero(place, text):
    """Overwrite the page in which a text lies, as a bad disk does."""
    content = bytearray(place.read_bytes())
    start = content.index(text) // 4096 * 4096
    content[start : start + 4096] = bytes(4096)
    place.write_bytes(content)


@pytest.mark.parametrize("log", [True, False], ids=["write-ahead log", "rollback journal"])
@pytest.mark.parametrize("old", [1, 2])
def test_of_a_damaged_old_ledger_is_recovered_what_can_be_read(place, old, log):
    make_old(place, old, events=MANY, log=log)
    whole = all_of(place)
    zero(place, b"item 0200")
    with pytest.raises(LedgerError, match=r"entries can be read; save what can be saved: labelscope ledger recover"):
        Ledger.open(place, fingerprint="f")
    damaged, to = place.read_bytes(), place.with_name("new.sqlite")
    found = recover(place, to)
    saved = all_of(to)
    assert place.read_bytes() == damaged
    assert found.summary.endswith("entries can be read")
    assert 10 < found.n_lost < 100
    assert len(saved[0]) == 400 - found.n_lost == found.n_decisions
    assert set(saved[0]) < set(whole[0])
    assert saved[1:] == whole[1:]
    assert survey(to).is_whole
    assert Ledger.open(to, fingerprint="f").append([NEW])[0].seq > 400


def test_the_sample_of_an_old_ledger_without_a_decision_is_recovered(place):
    make_old(place, 2, events=[], log=False)
    whole = all_of(place)
    recover(place, place.with_name("new.sqlite"))
    assert all_of(place.with_name("new.sqlite")) == whole
    assert whole[2].sample == "two"


def test_an_undo_of_a_verdict_that_is_lost_is_left_out(place):
    make_old(place, 2, log=False)
    with closing(sqlite3.connect(place)) as database, database:
        database.execute("DELETE FROM labelscope_relations WHERE seq = 1")
    to = place.with_name("new.sqlite")
    recover(place, to)
    assert all_of(to)[4] == []
    assert all_of(to)[:3] == all_of(place)[:3]
