"""A ledger that is not as it was written is refused in one line, and what can be saved of it is saved."""

import random
import sqlite3
from contextlib import closing

import pytest
from msgspec.structs import replace

from labelscope.errors import LedgerError
from labelscope.review.events import EditRecord, Event
from labelscope.review.ledger import Ledger
from labelscope.review.recovery import recover

NEW = Event(0, "accept", "7", "cat <b>", 0, 1, "s1", "Zoë", "2026-01-01T00:00:00.000+00:00")


@pytest.fixture
def place(tmp_path):
    return tmp_path / "ledger.sqlite"


def fill(place, n=60):
    """Decisions, a batch, an edit of the label set, a sample longer than a page, and a note."""
    ledger = Ledger.open(place, fingerprint="f" * 40)
    for k in range(n):
        ledger.append([replace(NEW, item_id=str(k))])
    ledger.append([replace(NEW, kind="edit", batch="b", item_id=str(k)) for k in range(8)])
    ledger.append([replace(NEW, kind="label", batch="e")], EditRecord("e", "new", None, ("owl",)))
    ledger.keep("x" * 20_000, after=0, reviewer="ann")
    ledger.add("from a newer labelscope", {"any": ["thing", 1.5, None]})
    return content(ledger)


def content(ledger):
    return tuple(ledger.events()), ledger.label_edits(), ledger.sample(), ledger.notes("from a newer labelscope")


def test_no_flipped_bit_is_silently_wrong(place):
    whole = fill(place)
    data = place.read_bytes()
    chance = random.Random(0)  # noqa: S311 - which bits
    refusals = 0
    for bit in (chance.randrange(8 * len(data)) for _ in range(30)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        place.write_bytes(flipped)
        refusal = opened(place, whole)
        if refusal is None:
            continue
        refusals += 1
        assert "\n" not in refusal
        assert "labelscope ledger recover" in refusal
        saved = place.with_name(f"saved-{bit}")
        found = recover(place, saved)
        events = Ledger.open(saved, fingerprint="f" * 40).events()
        assert set(events) <= set(whole[0])
        assert len(events) >= len(whole[0]) - found.n_lost >= len(whole[0]) - 40  # at most what shares a page with the bit
        assert place.read_bytes() == flipped
    assert refusals > 5


def opened(place, whole):
    """Why a ledger was refused, or None where it says what it said when it was whole."""
    try:
        assert content(Ledger.open(place, fingerprint="f" * 40)) == whole
    except LedgerError as refusal:
        return str(refusal)
    return None


@pytest.mark.parametrize("size", [16, 20, 99, 100, 101, 108, 4096])
def test_a_file_that_was_cut_off_in_its_head_is_refused(place, size):
    fill(place, 3)
    place.write_bytes(place.read_bytes()[:size])
    with pytest.raises(LedgerError) as caught:
        Ledger.open(place, fingerprint="f" * 40).events()
    assert "\n" not in str(caught.value)


def test_what_lies_beside_a_recovered_ledger_stays_and_a_link_is_followed(place):
    whole = fill(place, 3)
    beside, link = place.with_name("new.sqlite.part"), place.with_name("link.sqlite")
    beside.write_text("somebody's")
    recover(place, place.with_name("new.sqlite"))
    link.symlink_to("target.sqlite")
    recover(place, link)
    assert beside.read_text() == "somebody's"
    assert link.is_symlink()
    for made in ("new.sqlite", "target.sqlite"):
        assert tuple(Ledger.open(place.with_name(made), fingerprint="f" * 40).events()) == whole[0]


@pytest.mark.parametrize("end", ["-journal", "-wal", "-writer"])
def test_a_name_that_is_kept_for_what_lies_beside_a_ledger_is_none_for_a_ledger(place, end):
    fill(place, 3)
    taken = place.with_name(f"{place.name}{end}")
    for attempt in (lambda: recover(place, taken), lambda: Ledger.open(taken, fingerprint="f" * 40)):
        with pytest.raises(LedgerError, match=f"choose one that does not end in {end}"):
            attempt()
    assert not taken.exists()


@pytest.mark.parametrize("size", [1, 2, 99, 511])
def test_a_file_that_is_too_short_for_a_database_is_refused_and_kept(place, size):
    fill(place)
    left = place.read_bytes()[:size]
    place.write_bytes(left)
    with pytest.raises(LedgerError, match="expected a labelscope ledger, got another or a broken file"):
        Ledger.open(place, fingerprint="f" * 40)
    assert place.read_bytes() == left


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("log", ["DELETE", "WAL"])
def test_an_empty_file_beside_a_journal_or_log_of_a_full_one_is_refused_and_both_are_kept(tmp_path, place, log, there):
    with closing(sqlite3.connect(tmp_path / "full.sqlite", isolation_level=None)) as full:
        full.execute(f"PRAGMA journal_mode={log}")
        full.execute("CREATE TABLE t (x)")
        full.execute("PRAGMA cache_spill=1")
        full.execute("PRAGMA cache_size=1")
        full.execute("BEGIN IMMEDIATE")
        full.executemany("INSERT INTO t VALUES (?)", [("x" * 4000,)] * 50)  # spills, so that the journal is on the disk
        if log == "WAL":
            full.execute("COMMIT")
        end = "-journal" if log == "DELETE" else "-wal"
        left = (tmp_path / f"full.sqlite{end}").read_bytes()
    beside = place.with_name(f"{place.name}{end}")
    beside.write_bytes(left)
    if there:
        place.touch()
    with pytest.raises(LedgerError, match=f"it is empty or missing, but {beside.name} is of a full one"):
        Ledger.open(place, fingerprint="f" * 40)
    assert beside.read_bytes() == left
    assert place.exists() == there


def test_an_empty_file_is_a_ledger_where_nobody_decided_anything_yet(place):
    place.touch()
    place.with_name(f"{place.name}-journal").write_bytes(bytes.fromhex("d9d505f920a163d7") + bytes(504))  # the first writer was killed
    ledger = Ledger.open(place, fingerprint="f" * 40)
    assert len(ledger.events()) == 0
    assert ledger.append([NEW])[0].seq == 1


@pytest.mark.parametrize("field", ["reviewer", "item_id", "label", "suggestion_id"])
def test_half_of_a_character_is_refused_before_anything_is_written(place, field):
    ledger = Ledger.open(place, fingerprint="f" * 40)
    with pytest.raises(LedgerError, match=r"expected text of whole characters, got '.*\\ud800'"):
        ledger.append([NEW, replace(NEW, **{field: "Ann \ud800"})])
    with pytest.raises(LedgerError, match="expected text of whole characters"):
        ledger.add("note", {"text": "\udfff"})
    with pytest.raises(LedgerError, match="expected text of whole characters"):
        ledger.keep("x", after=0, reviewer="\udfff")
    assert not place.exists()
