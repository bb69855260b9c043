import errno
import os
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from labelscope.errors import LedgerError
from labelscope.review import sqlite_file as module
from labelscope.review.events import Event
from labelscope.review.ledger import Ledger

NEW = Event(0, "accept", "7", "cat <b>", 0, 1, "s1", "Zoë", "2026-01-01T00:00:00+00:00")


@pytest.fixture
def place(tmp_path):
    return tmp_path / "data.csv.labelscope" / "ledger.sqlite"


def refused(place, fingerprint="f" * 40, **options):
    with pytest.raises(LedgerError) as caught:
        Ledger.open(place, fingerprint=fingerprint, **options).append([NEW])
    message = str(caught.value)
    assert "\n" not in message
    return message


def listen(monkeypatch, pragma):
    """Make every new connection of a ledger run a pragma too."""
    usual = module.open_file

    def connect(path, timeout, *, writes):
        connection = usual(path, timeout, writes=writes)
        connection.execute(pragma)
        return connection

    monkeypatch.setattr(module, "open_file", connect)


def test_events_come_back_numbered_and_unchanged(place):
    written = Ledger.open(place, fingerprint="f").append([NEW, replace(NEW, kind="undo", batch="b", undoes=1, suggestion_id=None)])
    assert [event.seq for event in written] == [1, 2]
    again = Ledger.open(place, fingerprint="f")
    assert again.events() == written
    assert again.events(since=1) == written[1:]
    assert again.append([NEW])[0].seq == 3


def test_nothing_is_made_before_the_first_event(place):
    ledger = Ledger.open(place, fingerprint="f")
    assert ledger.events() == ()
    assert ledger.append([]) == ()
    assert not place.parent.exists()
    ledger.append([NEW])
    assert place.exists()


def test_the_file_is_as_durable_as_sqlite_can(place):
    ledger = Ledger.open(place, fingerprint="f")
    ledger.append([NEW])
    with ledger.writing() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 3
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 10_000


def test_a_url_is_a_place_too(place):
    place.parent.mkdir()
    Ledger.open(f"sqlite:///{place}", fingerprint="f").append([NEW])
    assert len(Ledger.open(place, fingerprint="f").events()) == 1
    assert Ledger.open(sa.URL.create("sqlite", database=str(place)), fingerprint="f").path == place


def test_another_data_set_is_refused(place):
    Ledger.open(place, fingerprint="a" * 40).append([NEW])
    message = refused(place, "b" * 40)
    assert "aaaaaaaa" in message
    assert "bbbbbbbb" in message
    assert "ledger=" in message


def test_a_newer_schema_is_refused(place):
    Ledger.open(place, fingerprint="f").append([NEW])
    with sqlite3.connect(place) as database:
        database.execute("UPDATE labelscope_ledger SET schema = 4")
    assert "upgrade labelscope" in refused(place, "f")


@pytest.mark.parametrize("content", [b"not a database, but long enough to look like one" * 50, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_broken_file_is_refused(place, content):
    place.parent.mkdir()
    place.write_bytes(content)
    assert "expected a labelscope ledger" in refused(place)
    assert place.read_bytes() == content


def test_a_full_disk_is_refused_and_the_ledger_goes_on(place, monkeypatch):
    Ledger.open(place, fingerprint="f").append([NEW])
    with monkeypatch.context() as patch:
        listen(patch, "PRAGMA max_page_count = 4")
        ledger = Ledger.open(place, fingerprint="f")
        with pytest.raises(LedgerError, match=r"the disk is full \(database or disk is full\); nothing was written"):
            ledger.append([NEW] * 1000)
    assert len(ledger.events()) == 1
    assert Ledger.open(place, fingerprint="f").append([NEW])[0].seq == 2


def test_a_full_disk_while_making_the_folder(place, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", full)
    assert "the disk is full" in refused(place)


def test_a_ledger_that_can_only_be_read(place, monkeypatch):
    Ledger.open(place, fingerprint="f").append([NEW])
    listen(monkeypatch, "PRAGMA query_only = ON")
    ledger = Ledger.open(place, fingerprint="f")
    assert len(ledger.events()) == 1
    with pytest.raises(LedgerError, match=r"it can only be read .* with ledger="):
        ledger.append([NEW])


def test_an_old_write_ahead_log_is_read_where_nothing_can_be_written(place, monkeypatch):
    Ledger.open(place, fingerprint="f").append([NEW])
    to_log(place)
    with monkeypatch.context() as patch:
        patch.setattr(module.os, "access", lambda *_: False)
        viewer = Ledger.open(place, fingerprint="f")
        assert len(viewer.events()) == 1
    Ledger.open(place, fingerprint="f").append([NEW])  # by somebody who may write
    with monkeypatch.context() as patch:
        patch.setattr(module.os, "access", lambda *_: False)
        assert len(viewer.events()) == 2
    assert [path.name for path in place.parent.iterdir()] == [place.name]


def to_log(place):
    """Make a file as an older labelscope left it: with a write-ahead log."""
    database = sqlite3.connect(place)
    assert database.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)
    database.close()
    assert place.read_bytes()[18:20] == b"\2\2"


def test_a_file_with_a_write_ahead_log_gets_a_rollback_journal(place):
    Ledger.open(place, fingerprint="f").append([NEW])
    to_log(place)
    ledger = Ledger.open(place, fingerprint="f")
    assert len(ledger.events()) == 1
    assert ledger.append([NEW])[0].seq == 2
    assert place.read_bytes()[18:20] == b"\1\1"
    assert [path.name for path in place.parent.iterdir()] == [place.name]


def test_a_write_ahead_log_that_another_program_holds_open_is_refused(place):
    Ledger.open(place, fingerprint="f").append([NEW])
    to_log(place)
    other = sqlite3.connect(place)
    other.execute("SELECT count(*) FROM labelscope_events").fetchone()
    ledger = Ledger.open(place, fingerprint="f", timeout=0.05)
    assert len(ledger.events()) == 1
    with pytest.raises(LedgerError, match="another program holds it"):
        ledger.append([NEW])
    other.close()
    assert ledger.append([NEW])[0].seq == 2


def test_a_folder_that_cannot_be_made(place, monkeypatch):
    def denied(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", denied)
    message = refused(place)
    assert "Permission denied" in message
    assert "ledger=" in message


def test_a_locked_ledger_says_so(place):
    Ledger.open(place, fingerprint="f").append([NEW])
    other = sqlite3.connect(place, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert "another program holds it" in refused(place, "f", timeout=0.05)
    assert len(Ledger.open(place, fingerprint="f").events()) == 1  # reading goes on
    other.execute("ROLLBACK")
    assert Ledger.open(place, fingerprint="f").append([NEW])[0].seq == 2


def test_impossible_places_are_refused_at_once(tmp_path):
    (tmp_path / "file").write_text("")
    if os.name != "nt":
        os.mkfifo(tmp_path / "pipe")  # to open it would wait for ever
    for place, told in [
        (tmp_path, "got the folder"),
        (tmp_path / "file" / "x" / "ledger.sqlite", "is a file"),
        ("sqlite://", "in memory"),
        ("nosuch://host/db", "expected a file or the URL of a database"),
        ("sqlite:///:memory:", "in memory"),
        *([] if os.name == "nt" else [(tmp_path / "pipe", "a device or a pipe")]),
    ]:
        with pytest.raises(LedgerError, match=told) as caught:
            Ledger.open(place, fingerprint="f")
        assert "\n" not in str(caught.value)


def test_a_removed_file_loses_no_decision_in_silence(place):
    ledger = Ledger.open(place, fingerprint="f")
    ledger.append([NEW])
    for path in place.parent.iterdir():
        path.unlink()
    with pytest.raises(LedgerError, match="removed or replaced while in use"):
        ledger.append([NEW])
    ledger.close()
    assert ledger.append([NEW])[0].seq == 1


def test_no_password_is_shown():
    ledger = Ledger(sa.make_url("postgresql://ann:secret@host/team"), "f", 1.0)
    assert ledger.name == "postgresql://ann:***@host/team"
    assert ledger.path is None


def test_audit_samples_are_numbered_and_the_last_stands(place):
    ledger = Ledger.open(place, fingerprint="f")
    assert ledger.sample() is None
    assert not place.parent.exists()
    first = ledger.keep("one", after=0, reviewer="Zoë")
    assert (first.number, first.reviewer, first.sample) == (1, "Zoë", "one")
    second = ledger.keep("two", after=1, reviewer="ben")
    assert second.number == 2
    again = Ledger.open(place, fingerprint="f")
    assert again.sample() == second
    assert again.events() == ()
    assert again.append([NEW])[0].seq == 3  # one stream: the samples were 1 and 2


def test_whoever_draws_first_is_not_overruled(place):
    ann, ben = (Ledger.open(place, fingerprint="f") for _ in range(2))
    standing = ann.keep("ann's", after=0, reviewer="ann")
    assert ben.keep("ben's", after=0, reviewer="ben") == standing
    assert ann.sample() == ben.sample() == standing


def test_a_sample_that_cannot_be_written_does_not_stand(place, monkeypatch):
    Ledger.open(place, fingerprint="f").append([NEW])
    with monkeypatch.context() as patch:
        listen(patch, "PRAGMA max_page_count = 8")
        with pytest.raises(LedgerError, match="the disk is full"):
            Ledger.open(place, fingerprint="f").keep("x" * 100_000, after=0, reviewer="ann")
    assert Ledger.open(place, fingerprint="f").sample() is None
