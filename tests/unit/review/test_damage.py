"""A ledger that is not as it was written is refused in one line, and what can be saved of it is saved."""

import random
from dataclasses import replace

import pytest

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
