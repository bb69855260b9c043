import numpy as np
import pytest

from labelscope.errors import DataError, StageError
from labelscope.explorer.state import ExplorerState


def first_page(ask, queue="pending"):
    return ask("worklist", listing="", queue=queue, order="confidence", query="", offset=0, limit=40).body


def test_open_and_worklist_describe_what_is_there(ask):
    body = ask("open").body
    assert (body["n_items"], body["n_labels"], body["export_path"]) == (4, 3, "labels.corrected.parquet")
    page = first_page(ask)
    assert page["total"] == 3
    entry = page["entries"][0]
    assert entry["suggestion"] == {
        "id": "s0", "label": 1, "name": "dog", "action": "add", "confidence": 0.9, "reason": "close to dogs", "verdict": "pending",
        "companions": [], "instead": "",
    }  # fmt: skip
    assert [(chip["name"], chip["state"], chip.get("suggested")) for chip in entry["chips"]][:2] == [("dog", 0, "add"), ("tree", 0, "add")]
    assert entry["text"] == "a cat & a <dog>"


def test_long_texts_are_cut_and_fetched_whole(ask):
    entry = next(e for e in first_page(ask, "all")["entries"] if e["item"] == "d")
    assert len(entry["text"]) + entry["more"] == 900
    assert ask("text", row=3).body["text"] == "x" * 900


def test_accept_undo_redo_edit_change_chips_counts_and_session(ask, session):
    body = ask("decide", suggestion="s0", verdict="accept").body
    assert body["entry"]["suggestion"]["verdict"] == "accepted"
    assert body["counts"] == {
        "pending": 2,
        "accepted": 1,
        "rejected": 0,
        "skipped": 0,
        "all": 4,
        "conflicts": 0,
        "audit": 0,
        "judged": 0,
        "changed": 1,
        "agreed": 0,
        "label_next": None,  # not looked for yet
        "ask_next": 0,
        "ambiguous": 0,
        "unknown": 0,
        "sample": 0,
        "unlike": 0,
    }
    assert session.state("a", "dog") == 1
    undone = ask("undo").body
    assert (undone["entry"]["suggestion"]["verdict"], undone["label"], session.state("a", "dog")) == ("pending", "dog", 0)
    assert ask("undo").body["entry"] is None
    assert ask("redo").body["counts"]["accepted"] == 1
    edited = ask("edit", row=2, label=0, state=-1, suggestion="").body
    assert (edited["chip"]["state"], session.state("c", "cat")) == (-1, -1)
    assert [d["verdict"] for d in session.decisions.to_dicts()][-1] == "edited"


def test_an_edit_on_a_suggested_cell_answers_the_suggestion(ask):
    assert ask("edit", row=0, label=1, state=1, suggestion="s0").body["entry"]["suggestion"]["verdict"] == "accepted"


def test_decisions_are_there_when_the_ledger_is_opened_again(ask, session):
    ask("decide", suggestion="s1", verdict="reject")
    ask("edit", row=2, label=0, state=1, suggestion="")
    again = ExplorerState(session, lambda: None)
    again.take_suggestions(session.suggestions)
    assert again.worklist.counts()["rejected"] == 1
    assert ("cat", 1) in [(chip.name, chip.state) for chip in again.cards.entry(2).chips]


def test_lasso_selects_adds_and_removes(ask, board):
    square = np.array([[-0.5, -0.5], [1.5, -0.5], [1.5, 0.5], [-0.5, 0.5]], np.float32).tobytes()
    high = np.array([[0.5, 0.5], [1.5, 0.5], [1.5, 1.5], [0.5, 1.5]], np.float32).tobytes()
    reply = ask("lasso", [square], mode="replace")
    assert reply.body["count"] == 2
    assert np.frombuffer(reply.buffers[0], np.uint8).tolist() == [0b0011]
    assert reply.body["counts"]["pending"] == 3
    assert ask("lasso", [high], mode="add").body["count"] == 3
    assert ask("lasso", [square], mode="remove").body["count"] == 1
    assert ask("select", rows=[]).body["count"] is None
    assert board.filters.mask is None
    with pytest.raises(DataError, match="float32"):
        ask("lasso", [b"123"], mode="replace")


def test_a_lasso_without_a_map_says_so(session):
    with pytest.raises(StageError, match="map"):
        ExplorerState(session, lambda: None).results.inside(np.zeros((3, 2), np.float32))


def test_map_and_colours_are_bytes(ask):
    assert len(ask("map").buffers[0]) == 4 * 2 * 4
    for by in ("labels", "label", "suspicion", "review"):
        reply = ask("colours", by=by, label=1)
        assert len(reply.buffers[0]) == 4
        assert by == "labels" or sum(entry["count"] for entry in reply.body["legend"]) == 4


def test_label_search_puts_beginnings_first(ask):
    body = ask("labels", query="t", row=0).body
    assert [label["name"] for label in body["labels"]] == ["tree", "cat"]
    assert body["labels"][1]["chip"]["state"] == 1


def test_hover_export_and_bad_positions(ask):
    assert ask("hover", row=0).body["labels"] == ["cat"]
    assert ask("export", path=" out.csv ").body["summary"] == "wrote out.csv"
    for request in (
        lambda: ask("export", path=" "),
        lambda: ask("hover", row=4),
        lambda: ask("edit", row=0, label=3, state=1),
        lambda: ask("select", rows=[-1]),
    ):
        with pytest.raises(DataError):
            request()


def test_the_first_answer_brings_the_map_and_its_colours(ask):
    reply = ask("open", view="v")
    xy, codes = reply.buffers
    assert reply.body["map"] == {"version": 1, "method": "PCA", "total": 4}
    assert np.frombuffer(xy, np.float32).reshape(-1, 2).tolist() == [[0, 0], [1, 0], [1, 1], [5, 5]]
    assert len(codes) == 4
    assert sum(entry["count"] for entry in reply.body["legend"]) >= 4


def test_a_search_finds_items_by_text_id_and_suggested_label(ask):
    def found(query):
        reply = ask("find", query=query)
        return reply.body["count"], np.unpackbits(np.frombuffer(reply.buffers[0], np.uint8), bitorder="little")[:4].tolist()

    assert found("DOG") == (2, [1, 1, 0, 0])
    assert found("tree") == (1, [1, 0, 0, 0])  # suggested for it
    assert found("c") == (2, [1, 0, 1, 0])  # an id, and a text that holds it
    assert ask("find", query=" ").body == {"count": None}
