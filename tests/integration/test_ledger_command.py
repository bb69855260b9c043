"""``labelscope ledger``: what the refusal of a damaged ledger says to do, done."""

import re
import shlex

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

import labelscope as ls
from labelscope.cli.app import app
from labelscope.errors import LedgerError
from labelscope.review.events import Event
from labelscope.review.ledger import Ledger

NEW = Event(0, "accept", "7", "cat", 0, 1, "s1", "Zoë", "2026-01-01T00:00:00.000+00:00")


def run(*arguments):
    done = CliRunner().invoke(app, list(map(str, arguments)))
    return done.exit_code, " ".join(done.output.split())


@pytest.fixture
def place(tmp_path):
    place = tmp_path / "a folder" / "ledger.sqlite"
    ledger = Ledger.open(place, fingerprint="f" * 40)
    for k in range(50):
        ledger.append([replace(NEW, item_id=f"item {k:03}")])
    return place


def test_a_whole_ledger(place):
    assert run("ledger", "check", place) == (0, f"ledger {place}: whole; 50 decisions and undos, 0 other entries, on the data set ffffffff")


def test_what_the_refusal_says_to_do_works(place):
    data = place.read_bytes()
    assert data.count(b"item 020") == 1
    place.write_bytes(damaged := data.replace(b"item 020", b"item 02X"))
    with pytest.raises(LedgerError) as refusal:
        Ledger.open(place, fingerprint="f" * 40)
    status, told = run("ledger", "check", place)
    assert (status, told) == (1, str(refusal.value))
    assert "49 of 50 entries can be read and proved" in told
    command = shlex.split(re.search(r"labelscope (ledger recover .*)$", told).group(1))
    status, told = run(*command)
    saved = place.with_name("ledger.recovered.sqlite")
    assert status == 0
    assert f"{saved}: 49 of 50 entries (49 decisions and undos); 1 are lost" in told
    assert place.read_bytes() == damaged
    assert [event.item_id for event in Ledger.open(saved, fingerprint="f" * 40).events()] == [f"item {k:03}" for k in range(50) if k != 20]
    assert run("ledger", "check", saved)[0] == 0
    with pytest.raises(LedgerError, match="expected a file that is not there yet"):
        app(command, standalone_mode=False)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_ledger_that_was_cut_off_gives_what_is_left(place, share):
    Ledger.open(place, fingerprint="f" * 40).append([replace(NEW, item_id=str(k)) for k in range(500)])
    data = place.read_bytes()
    place.write_bytes(data[: int(len(data) * share)])
    assert run("ledger", "check", place)[0] == 1
    status, told = run("ledger", "recover", place, "--to", place.with_name("new.sqlite"))
    assert status == 0, told
    events = Ledger.open(place.with_name("new.sqlite"), fingerprint="f" * 40).events()
    assert 0 < len(events) < 550
    assert len(events) == int(re.search(r"(\d+) of", told).group(1))


def test_a_recovered_ledger_is_gone_on_with(place):
    data = ls.Dataset.from_arrays([["cat"], ["dog"]])
    session = ls.Session(data, ledger=place.with_name("mine.sqlite"), reviewer="ann")
    session.edit(0, "dog", 1)
    session.edit(1, "cat", 1)
    session.undo()
    session.close()
    assert run("ledger", "recover", place.with_name("mine.sqlite"), "--to", place.with_name("mine 2.sqlite"))[0] == 0
    again = ls.Session(data, ledger=place.with_name("mine 2.sqlite"), reviewer="ann")
    assert again.decisions.drop("seq").equals(session.decisions.drop("seq"))
    assert again.undo() is not None
    assert again.changes.is_empty()


def test_what_is_no_ledger_is_said_so(tmp_path):
    (tmp_path / "x.txt").write_text("nothing of ours" * 100)
    with pytest.raises(LedgerError, match="expected a labelscope ledger"):
        app(["ledger", "check", str(tmp_path / "x.txt")], standalone_mode=False)
    with pytest.raises(LedgerError, match="No such file"):
        app(["ledger", "recover", str(tmp_path / "nothing.sqlite")], standalone_mode=False)
