import sqlite3
from contextlib import closing
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.errors import DataError, OutcomeUnknown
from labelscope.explorer.chosen import Chosen
from labelscope.explorer.replies.card import Change
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState
from labelscope.review.ledger import Ledger


def ids(board, listing):
    return [board.worklist.frame["suggestion_id"][i] if i >= 0 else None for i in listing.suggestions.tolist()]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("confidence", ["s0", "s1", "s2"]),
        ("uncertain", ["s2", "s1", "s0"]),
        ("rare", ["s2", "s0", "s1"]),  # tree has one positive, dog two
        ("label", ["s0", "s1", "s2"]),
        ("suspicion", ["s0", "s2", "s1"]),
        ("data", ["s0", "s2", "s1"]),
    ],
)
def test_orders(board, order, expected):
    assert ids(board, board.worklist.open("pending", order, None, None)) == expected


def test_all_items_show_their_best_suggestion_and_those_without_come_last(board):
    listing = board.worklist.open("all", "rare", None, None)
    assert ids(board, listing) == ["s0", "s1", None, None]
    assert listing.rows.tolist() == [0, 1, 2, 3]


def test_selection_and_search_narrow_the_list(board):
    only_b = Chosen(np.array([False, True, False, False]))
    assert ids(board, board.worklist.open("pending", "confidence", only_b, None)) == ["s1"]
    assert ids(board, board.worklist.open("pending", "confidence", None, board.search.entries("TREE"))) == ["s2"]
    assert ids(board, board.worklist.open("pending", "confidence", None, board.search.entries("<dog>"))) == ["s0", "s2"]
    assert board.worklist.open("all", "data", None, board.search.entries("c")).rows.tolist() == [0, 2]  # a text, an id
    assert board.worklist.counts(only_b) == {"pending": 1, "accepted": 0, "rejected": 0, "skipped": 0, "all": 1}


def test_a_listing_stays_as_it_was_when_something_is_decided(board):
    listing = board.worklist.open("pending", "confidence", None, None)
    board.decisions.decide("s0", "accept")
    assert ids(board, board.worklist.listing(listing.token)) == ["s0", "s1", "s2"]
    assert ids(board, board.worklist.open("pending", "confidence", None, None)) == ["s1", "s2"]
    assert ids(board, board.worklist.open("accepted", "confidence", None, None)) == ["s0"]


def _client_of_last(place):
    """The id under which the last batch of a ledger was written."""
    with closing(sqlite3.connect(place)) as database:
        return database.execute("SELECT client FROM labelscope_events WHERE client IS NOT NULL ORDER BY seq DESC").fetchone()[0]


@pytest.fixture
def linked(session, tmp_path):
    """Suggestions of which s0 makes s2 necessary, and s1 and s2 are one batch."""
    columns = {"companions": [["s2"], [], []], "set_id": ["a", None, "a"], "batch_id": [None, "b1", "b1"]}
    frame = session.suggestions.frame.with_columns(**{name: pl.Series(values) for name, values in columns.items()})
    made = SimpleNamespace(frame=frame)
    with closing(type(session)(session.dataset, ledger=tmp_path / "linked.sqlite", reviewer="ann", suggestions=made)) as opened:
        board = ExplorerState(opened, lambda: None)
        board.take_suggestions(opened.suggestions)
        yield board


def test_what_a_suggestion_makes_necessary_is_accepted_with_it_and_undone_with_it(linked):
    card = linked.cards.entry(0, 0)
    assert card.suggestion.companions == [Change(2, "tree", "add")]
    assert linked.decisions.decide("s0", "accept") == (0, 2)
    assert linked.session.verdicts == {"s0": "accepted", "s2": "accepted"}
    assert linked.decisions.undo().n == 2
    assert linked.session.verdicts == {}


def test_a_companion_that_somebody_rejected_stays_rejected(linked):
    linked.decisions.decide("s2", "reject")
    assert linked.cards.entry(0, 0).suggestion.companions == []
    assert linked.decisions.decide("s0", "accept") == (0, 1)
    assert linked.session.verdicts == {"s0": "accepted", "s2": "rejected"}


def test_only_accepting_takes_companions_along(linked):
    assert linked.decisions.decide("s0", "reject") == (0, 1)
    assert linked.session.verdicts == {"s0": "rejected"}


def test_the_same_change_together_is_by_batch_where_there_are_batches(linked):
    assert ids(linked, linked.worklist.open("pending", "group", None, None)) == ["s1", "s2", "s0"]
    assert ids(linked, linked.worklist.open("all", "group", None, None)) == ["s1", "s0", None, None]


def test_many_decisions_at_once_tell_and_take_what_they_make_necessary(linked):
    linked.filters.select(np.array([True, False, False, False]))
    handlers = answers(linked, str)

    def ask(kind, **body):
        return handlers[kind](Request("1", kind, body, ())).body

    listing = ask("worklist", queue="pending", order="confidence", offset=0, limit=10)["listing"]
    assert ask("batch", listing=listing, like="s0")["companions"] == 1
    assert ask("batch_apply", listing=listing, like="s0", total=1, verdict="accept")["total"] == 2


@pytest.mark.parametrize("way", ["one", "many"])
def test_a_press_of_unknown_outcome_is_about_the_same_suggestions_again(linked, monkeypatch, way):
    listing = linked.worklist.open("pending", "confidence", Chosen(np.array([True, False, False, False])), None).token
    body = (
        {"suggestion": "s0", "verdict": "accept"} if way == "one" else {"listing": listing, "total": 1, "verdict": "accept", "like": "s0"}
    )
    kind = {"one": "decide", "many": "batch_apply"}[way]

    def press():
        return answers(linked, str)[kind](Request("1", kind, body, ())).body

    append = Ledger.append

    def lost(ledger, events):
        append(ledger, events)
        raise OutcomeUnknown("it is unknown whether the decision was written", _client_of_last(ledger.path))

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "append", lost)
        with pytest.raises(OutcomeUnknown):
            press()
    linked.decisions.sync()  # as a view does every two seconds: what was pressed shows by now
    assert press()["n" if way == "one" else "total"] == 2
    assert linked.session.decisions.height == 2


def test_unknown_queue_and_suggestion_are_refused(board):
    with pytest.raises(DataError, match="expected a queue"):
        board.worklist.open("later", "confidence", None, None)
    with pytest.raises(DataError, match="s9"):
        board.worklist.position("s9")


@pytest.fixture
def learning(tmp_path):
    """3,000 items whose suggestions are right for one label and wrong for the other."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3000, 4)).astype(np.float32)
    given = np.where(rng.random((3000, 2)) < 0.12, x[:, :2] < 0, x[:, :2] > 0).astype(int)
    session = ls.Session(
        ls.Dataset.from_arrays(given, embeddings=x, label_names=["cat", "dog"]), ledger=tmp_path / "ledger.sqlite", reviewer="ann"
    )
    board = ExplorerState(session, lambda: None)
    board.take_findings(session.findings)
    board.take_suggestions(session.suggestions)
    return board


def test_the_order_that_learns_sorts_what_nobody_has_seen(learning):
    handlers = answers(learning, str)

    def window(offset, listing=""):
        body = {"listing": listing, "queue": "pending", "order": "learned", "query": "", "offset": offset, "limit": 10}
        return handlers["worklist"](Request("1", "worklist", body, ())).body

    first = window(0)
    confident = learning.worklist.open("pending", "confidence", None, None)
    assert [e["suggestion"]["id"] for e in first["entries"]] == ids(learning, confident)[:10]
    for k in range(30):
        entry = window(k, first["listing"])["entries"][0]
        learning.decisions.decide(entry["suggestion"]["id"], "reject" if entry["suggestion"]["label"] else "accept")
    rest = [entry["suggestion"]["label"] for offset in (40, 50) for entry in window(offset, first["listing"])["entries"]]
    assert rest == [0] * 20  # cats only
    assert [e["suggestion"]["id"] for e in window(0, first["listing"])["entries"]] == [e["suggestion"]["id"] for e in first["entries"]]
    assert window(0, first["listing"])["total"] == len(confident.rows)
