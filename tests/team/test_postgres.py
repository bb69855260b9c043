"""A ledger in PostgreSQL: nothing lost, nothing twice, and an answer within seconds, whatever the server does."""

import logging
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from msgspec.structs import replace
from postgres_server import PASSWORD
from reviewing import review_together

from labelscope.data.dataset import Dataset
from labelscope.errors import LedgerError, OtherDataSet
from labelscope.review.carry import carry
from labelscope.review.events import Event
from labelscope.review.ledger import Ledger
from labelscope.review.recovery import recover, survey
from labelscope.review.relation_verdicts import RelationVerdicts
from labelscope.session import Session
from tests.unit.review import old_ledger

NEW = Event(0, "accept", "7", "cat <b>", 0, 1, "s1", "Zoë", "2026-01-01T00:00:00+00:00")
PATIENCE = 5.0  # seconds within which a click is answered


@contextmanager
def refusal(match):
    """One clear line within five seconds."""
    begun = time.monotonic()
    with pytest.raises(LedgerError, match=match) as caught:
        yield caught
    assert time.monotonic() - begun < PATIENCE
    assert "\n" not in str(caught.value)
    assert PASSWORD not in str(caught.value)


@pytest.fixture
def ledger(url):
    ledger = Ledger.open(url, fingerprint="f")
    yield ledger
    ledger.close()


def test_events_come_back_numbered_and_unchanged(ledger, url):
    assert ledger.events() == ()
    written = ledger.append([NEW, replace(NEW, kind="undo", batch="b", undoes=1, suggestion_id=None)])
    assert [event.seq for event in written] == [1, 2]
    again = Ledger.open(url, fingerprint="f")
    assert again.events() == written
    assert again.append([NEW])[0].seq == 3
    assert [event.seq for event in ledger.events(since=2)] == [3]
    again.close()


@pytest.fixture
def old(server, database, url):
    """A ledger as an older labelscope made it; gives a function that counts its tables and drops an event."""
    with server.connect(database) as connection:
        for table in (old_ledger.HEAD, old_ledger.EVENTS, old_ledger.SAMPLES, old_ledger.EDITS, old_ledger.RELATIONS):
            connection.execute(table)
        events = old_ledger.PLAIN + old_ledger.EDIT
        for table, rows in {
            "ledger": [(2, "f", old_ledger.TIME, len(events))],
            "events": events,
            "samples": [(1, "ann", old_ledger.TIME, "one")],
            "label_edits": [("e1", "new", None, '["owl"]', None, "seen")],
            "relations": [(4, "confirm", "a", "implies", "b", "labels", "ann", old_ledger.TIME, None)],
        }.items():
            for row in rows:
                places = ", ".join(["%s"] * len(row))
                connection.execute(f"INSERT INTO labelscope_{table} VALUES ({places})", row)  # noqa: S608 - our own names
        connection.commit()
    return [Event(*row) for row in events]


def all_of(place):
    ledger = Ledger.open(place, fingerprint="f")
    try:
        verdicts = RelationVerdicts(ledger, lambda: "ann")
        return list(ledger.events()), ledger.label_edits(), ledger.sample(), [event.key for event in verdicts.events]
    finally:
        ledger.close()


def test_an_old_ledger_is_read_as_it_is_and_keeps_everything_when_it_is_written(old, url, server, database):
    before = all_of(url)
    assert before[0] == old
    ledger = Ledger.open(url, fingerprint="f")
    other = Ledger.open(url, fingerprint="f")
    with ThreadPoolExecutor(2) as pool:  # two come to the first decision at once: one of them migrates
        written = sorted((of[0] for of in pool.map(lambda of: of.append([NEW]), (ledger, other))), key=lambda event: event.seq)
    assert all_of(url) == (before[0] + written, *before[1:])
    assert before[1][0].into == ("owl",)
    assert (before[2].sample, before[3]) == ("one", [("a", "implies", "b")])
    with server.connect(database) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'labelscope%' ORDER BY 1").fetchall()
    assert [name for (name,) in tables] == ["labelscope_about", "labelscope_events", "labelscope_ledger"]
    ledger.close()
    other.close()


def test_of_an_old_ledger_that_lacks_an_event_the_others_are_recovered(old, url, server, database, tmp_path):
    before = all_of(url)
    with server.connect(database) as connection:
        connection.execute("DELETE FROM labelscope_events WHERE seq = 2")
        connection.commit()
    with refusal(r"its head tells of 6 decisions, and 5 are there.*labelscope ledger recover URL"):
        Ledger.open(url, fingerprint="f")
    found = recover(url, tmp_path / "new.sqlite")
    assert (found.n_lost, found.n_decisions) == (1, 5)
    assert survey(tmp_path / "new.sqlite").is_whole
    assert all_of(tmp_path / "new.sqlite") == ([event for event in before[0] if event.seq != 2], *before[1:])


def test_nothing_is_made_before_the_first_event(ledger, server, database):
    assert ledger.events() == ()
    with server.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'labelscope%'").fetchone() == (0,)


@pytest.mark.parametrize("_", range(3))
def test_the_first_decision_of_eight_at_once(url, _):
    ledgers = [Ledger.open(url, fingerprint="f") for _ in range(8)]
    start = threading.Barrier(len(ledgers))

    def decide(ledger):
        start.wait()
        return ledger.append([NEW])[0].seq

    with ThreadPoolExecutor(len(ledgers)) as pool:
        numbers = list(pool.map(decide, ledgers))
    assert sorted(numbers) == list(range(1, 9))
    assert [event.seq for event in ledgers[0].events()] == list(range(1, 9))
    for ledger in ledgers:
        ledger.close()


def test_a_row_that_another_session_has_locked_blocks_nobody(ledger, server, database):
    ledger.append([NEW])
    with server.connect(database) as other, other.transaction():
        other.execute("UPDATE labelscope_ledger SET seq = seq")
        with refusal("another program holds it .* nothing was written; close that program or wait"):
            ledger.append([NEW])
        assert len(ledger.events()) == 1  # reading goes on
    assert ledger.append([NEW])[0].seq == 2


def test_a_table_that_another_session_has_locked_blocks_nobody(server, database, url):
    ledger = Ledger.open(url, fingerprint="f", timeout=0.3)
    ledger.append([NEW])
    with server.connect(database) as other, other.transaction():
        other.execute("LOCK TABLE labelscope_events, labelscope_ledger")
        with refusal("another program holds it"):
            ledger.events()
        with refusal("another program holds it"):
            ledger.append([NEW])
    assert ledger.append([NEW])[0].seq == 2
    ledger.close()


def test_a_session_that_sleeps_in_the_middle_of_a_decision_is_ended(ledger):
    ledger.append([NEW])
    with ledger.writing() as connection:
        assert connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar() == "10s"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["in order", "as a crash"])
def test_the_first_click_after_a_restart_of_the_server_works(ledger, server, how):
    ledger.append([NEW])
    server.restart(how)
    assert ledger.append([NEW])[0].seq == 2
    server.restart(how)
    assert len(ledger.events()) == 2


def test_a_server_that_is_down_is_said_so(ledger, server, url):
    ledger.append([NEW])
    server.stop()
    try:
        with refusal("the server is not there .* decide again"):
            ledger.append([NEW])
        with refusal("the server is not there"):
            Ledger.open(url, fingerprint="f")
    finally:
        server.start()
    assert ledger.append([NEW])[0].seq == 2


def test_a_server_that_falls_silent_is_said_so(ledger, server):
    ledger.append([NEW])
    server.freeze()
    try:
        with refusal("the server is silent"):
            ledger.append([NEW])
    finally:
        server.go_on()
    ledger.append([NEW])
    events = ledger.events()
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert len(events) == 2


def test_neither_a_message_nor_a_log_shows_a_password(server, database, url, caplog):
    for name in ("", "sqlalchemy", "psycopg"):
        caplog.set_level(logging.DEBUG, name)
    Ledger.open(url, fingerprint="f").append([NEW])
    with refusal(r"ledger postgresql://ann:\*\*\*@127.0.0.1:\d+/team\d+: the server does not let you in") as caught:
        Ledger.open(url.replace("wo%40rd", "wr%40ng"), fingerprint="f")
    for written in (str(caught.value), caplog.text):
        assert not any(secret in written for secret in (PASSWORD, "wo%40rd", "wr@ng", "wr%40ng"))
    assert "labelscope_ledger" in caplog.text  # the logs are there, statements included


def test_a_database_that_is_not_there(server):
    with refusal('"nowhere" does not exist'):
        Ledger.open(server.url("nowhere"), fingerprint="f")


def test_another_data_set_is_refused(ledger, url):
    ledger.append([NEW])
    with refusal("expected decisions about this data set"):
        Ledger.open(url, fingerprint="g")


def test_a_schema_of_the_database_is_a_place_too(server, database):
    with server.connect(database) as connection:
        connection.execute("CREATE SCHEMA birds")
        connection.execute("CREATE SCHEMA texts")
    for name in ("birds", "texts"):
        ledger = Ledger.open(f"{server.url(database)}?options=-csearch_path%3D{name}", fingerprint=name)
        assert ledger.append([NEW])[0].seq == 1
        ledger.close()


def test_who_may_not_make_tables_is_told_what_to_ask_for(server, database):
    with server.connect(database) as connection:
        connection.execute("DROP ROLE IF EXISTS guest")
        connection.execute("CREATE ROLE guest LOGIN PASSWORD 'guest-secret'")
    url = f"postgresql://guest:guest-secret@127.0.0.1:{server.port}/{database}"
    ledger = Ledger.open(url, fingerprint="f")
    with refusal("GRANT CREATE, USAGE ON SCHEMA public"):
        ledger.append([NEW])
    with server.connect(database) as connection:
        connection.execute("GRANT CREATE, USAGE ON SCHEMA public TO guest")
    assert ledger.append([NEW])[0].seq == 1
    ledger.close()


def test_two_reviewers_at_once_with_a_restart_in_the_middle_and_a_locked_row(server, database, url):
    """The size of a test; benchmarks/team.py does it with 200 decisions each, and more kinds of trouble."""
    let_go = threading.Event()

    def hold_the_row():
        with server.connect(database) as other, other.transaction():
            other.execute("UPDATE labelscope_ledger SET seq = seq")
            held.set()
            let_go.wait(120)

    held = threading.Event()
    holder = threading.Thread(target=hold_the_row)

    def block():
        holder.start()
        held.wait(60)

    trouble = [
        ("seq", 10, block),
        ("refused", 1, let_go.set),
        ("seq", 30, server.restart),
        ("seq", 60, lambda: server.restart(signal.SIGQUIT)),
    ]
    outcome = review_together(url, 40, trouble)
    holder.join()
    assert (outcome.lost, outcome.doubled, outcome.gaps) == (0, 0, 0)
    assert len(outcome.taken) == 80
    assert outcome.slowest < PATIENCE
    assert any("another program holds it" in line for line in outcome.refused)
    assert not any("\n" in line or PASSWORD in line for line in outcome.refused)


def test_decisions_are_carried_into_a_server_and_out_of_it(url, tmp_path):
    first = Dataset.from_arrays([["cat"], ["dog"]], item_ids=["x", "y"])
    second = Dataset.from_arrays([["dog"], [], ["cat"]], item_ids=["y", "z", "x"])
    session = Session(first, ledger=tmp_path / "old.sqlite", reviewer="ann")
    session.edit("x", "dog", 1)
    session.close()
    assert carry(tmp_path / "old.sqlite", second, ledger=url).written
    assert not carry(tmp_path / "old.sqlite", second, ledger=url).written
    session = Session(second, ledger=url, reviewer="ben")
    assert session.state("x", "dog") == 1
    session.edit("z", "cat", 1)
    session.close()
    assert survey(url).is_whole
    with pytest.raises(OtherDataSet, match="2 of 2 decided cells"):
        Session(Dataset.from_arrays([["dog"], [], ["cat"], []], item_ids=["y", "z", "x", "w"]), ledger=url)
    third = Dataset.from_arrays([["cat"], []], item_ids=["x", "z"], label_names=["cat", "dog"])
    assert carry(url, third, ledger=tmp_path / "new.sqlite").counts == {"kept": 2}
    assert Session(third, ledger=tmp_path / "new.sqlite").decisions["reviewer"].to_list() == ["ann", "ben"]
