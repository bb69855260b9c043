from datetime import datetime, timedelta, timezone

import numpy as np
import polars as pl
import pytest

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError
from labelscope.explorer.chosen import Chosen
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState
from labelscope.review import review_yield as progress
from labelscope.review.label_edit import LabelEdit
from labelscope.session import Session
from labelscope.stats.cooccurrence import cooccurrence
from labelscope.stats.relations import relations


def table(ask, **more):
    return ask("label_table", **{"sort": "count", "query": "", "offset": 0, "limit": 50, **more}).body


def test_the_label_table_counts_all_selected_and_suggested(ask):
    body = table(ask)
    assert [(row["name"], row["positive"], row["unknown"], row["selected"], row["add"], row["remove"]) for row in body["rows"]] == [
        ("cat", 2, 0, 2, 0, 0), ("dog", 2, 0, 2, 1, 1), ("tree", 1, 1, 1, 1, 0),
    ]  # fmt: skip
    assert (body["curve"][0], body["tiers"]) == ((0, 2), {"head": 0, "medium": 0, "tail": 3})
    ask("filter", by="label", label=0, state=1)
    assert [row["selected"] for row in table(ask)["rows"]] == [2, 1, 0]
    ask("decide", suggestion="s0", verdict="accept")
    assert [(row["positive"], row["add"]) for row in table(ask, sort="name")["rows"]] == [(2, 0), (3, 0), (1, 1)]
    assert [row["name"] for row in table(ask, sort="rare", query="T")["rows"]] == ["tree", "cat"]
    with pytest.raises(DataError, match="for sort"):
        table(ask, sort="size")


def test_pairs_and_relations_wait_for_their_stage(ask, board, dataset):
    assert not ask("pair_matrix", label=-1).body["ready"]
    assert not ask("relation_table").body["ready"]
    board.take_cooccurrence(cooccurrence(dataset))
    board.take_relations(relations(dataset))
    reply = ask("pair_matrix", label=-1, order="count")
    assert [label["name"] for label in reply.body["labels"]] == ["cat", "dog", "tree"]
    counts = np.frombuffer(reply.buffers[0], np.int32).reshape(3, 3)
    dense = (dataset.labels.dense() == 1).astype(int)
    assert counts.tolist() == (dense.T @ dense).tolist()
    assert np.frombuffer(reply.buffers[1], np.float32).reshape(3, 3)[0, 1] == pytest.approx(1 / (2 * 2 / 4))
    assert ask("pair_matrix", label=1, order="count").body["labels"][0]["name"] == "dog"
    assert ask("relation_table", relation="", query="").body["ready"]


def test_the_grid_of_all_labels_comes_a_window_at_a_time(ask, tmp_path):
    assert not ask("pair_grid", down=[], across=[], most=400).body["ready"]
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 30, 4000)
    labels = (np.arange(90) // 3 == kind[:, None]) & (rng.random((4000, 90)) < 0.8)
    many = Dataset.from_arrays(labels.astype(np.int8), label_names=[f"l{k:02d}" for k in range(90)])
    session = Session(many, ledger=tmp_path / "many.sqlite", reviewer="ann")
    board = ExplorerState(session, lambda: None)
    handlers = answers(board, str)

    def ask(kind, **body):
        return handlers[kind](Request("1", kind, body))

    board.take_cooccurrence(cooccurrence(many))
    board.take_relations(relations(many))
    reply = ask("pair_grid", down=[], across=[], most=30)
    assert (reply.body["n_labels"], reply.body["shape"], reply.body["down"]) == (90, (30, 30), (0, 90))
    parts = zip(reply.buffers, ("f4", *["i4"] * 4), strict=True)
    npmi, n_ab, pairs, a, b = (np.frombuffer(part, dtype).reshape(30, 30) for part, dtype in parts)
    assert (np.diag(npmi) > 0.5).all()
    assert (np.diag(pairs) >= 3).all()
    assert n_ab.sum() == 2 * cooccurrence(many).frame["n_ab"].sum()
    i, j = many.label_position(reply.body["found"][int(a[0, 0])]), int(b[0, 0])
    assert i // 3 == j // 3
    near = ask("pair_grid", down=[0, 6], across=[84, 200], most=400).body
    assert (near["shape"], near["across"], near["names"][0]) == ((6, 6), (84, 90), board.results.pairs.order[:6])
    assert near["labels"][1] == [many.label_position(name) for name in board.results.pairs.order[84:]]
    assert ask("pair_grid", down=[], across=[], most=10_000).body["shape"] == (90, 90)


def test_undo_of_an_edit_of_the_label_set_in_the_app(board, session):
    session.apply(LabelEdit.new("owl", ["a", "c"]))
    session.apply(LabelEdit.merge("tree", "dog"))
    handlers = answers(ExplorerState(session, lambda: None, before=board), str)

    def ask(kind, **body):
        return handlers[kind](Request("1", kind, body))

    assert [(row["name"], row["positive"]) for row in table(ask)["rows"]] == [("dog", 3), ("cat", 2), ("owl", 2)]
    body = ask("undo").body
    assert session.label_names == ("cat", "dog", "tree", "owl")
    assert body["label"] in ("dog", "tree")
    body = ask("undo").body
    assert (session.label_names, body["label"]) == (("cat", "dog", "tree"), "owl")
    assert ask("undo").body["entry"] is None
    assert ask("redo").body["label"] == "owl"


def test_evidence_has_both_sides_the_model_and_what_was_decided(ask, board):
    board.take_embeddings(np.array([[1, 0], [0.9, 0.1], [0, 1], [1, 0.01]], np.float32))
    ask("decide", suggestion="s0", verdict="accept")
    body = ask("evidence", row=0, label=1).body
    assert (body["given"], body["chip"]["state"], body["chip"]["probability"]) == (0, 1, 0.5)
    assert [item["item"] for item in body["neighbors"]["contradict"]["items"]] == ["d", "b"]
    assert [(item["item"], item["similarity"]) for item in body["neighbors"]["agree"]["items"]] == [("c", 0.0)]
    assert [(one["reviewer"], one["verdict"]) for one in body["history"]] == [("ann", "accepted")]
    assert body["suggestion"]["verdict"] == "accepted"
    assert ask("evidence", row=3, label=2).body["suggestion"] is None


def test_a_batch_is_shown_applied_and_undone_as_one(ask, session):
    listing = ask("worklist", listing="", queue="pending", order="confidence", query="", offset=0, limit=40).body["listing"]
    shown = ask("batch", listing=listing, like="", above=0.7).body
    assert (shown["total"], shown["items"]) == (2, 2)
    assert [(g["label"], g["action"], g["n"]) for g in shown["groups"]] in (
        [("dog", "add", 1), ("dog", "remove", 1)],
        [("dog", "remove", 1), ("dog", "add", 1)],
    )
    assert ask("batch", listing=listing, like="s2", above=0.0).body["total"] == 1
    done = ask("batch_apply", listing=listing, like="", above=0.7, total=2, verdict="accept").body
    assert (done["total"], done["counts"]["accepted"]) == (2, 2)
    assert (session.state("a", "dog"), session.state("b", "dog")) == (1, 0)
    undone = ask("undo").body
    assert (undone["n"], undone["counts"]["accepted"], session.state("a", "dog")) == (2, 0, 0)
    ask("decide", suggestion="s1", verdict="reject")
    with pytest.raises(DataError, match="somebody decided"):
        ask("batch_apply", listing=listing, like="", above=0.7, total=2, verdict="accept")
    with pytest.raises(DataError, match="refresh"):
        ask("batch", listing="L99", like="", above=0.0)


def test_progress_counts_what_was_judged_and_claims_no_more(ask):
    empty = ask("progress").body
    review = empty["review"]
    assert (review["reviewed"], review["rate"], review["per_minute"], review["curve"]) == (0, None, None, [(0, 0)])
    assert empty["remaining"]["count"] is None
    assert "No audit yet" in empty["remaining"]["text"]
    ask("decide", suggestion="s0", verdict="accept")
    ask("decide", suggestion="s1", verdict="reject")
    ask("decide", suggestion="s2", verdict="skip")
    body = ask("progress").body
    review = body["review"]
    assert (review["reviewed"], review["accepted"], review["curve"], body["counts"]["skipped"]) == (2, 1, [(0, 0), (1, 1), (2, 1)], 1)
    assert review["reviewers"] == [{"name": "ann", "n": 3}]


def test_wilson_agrees_with_published_values_and_pauses_do_not_count():
    one = progress.share(0, 10)  # Newcombe 1998: 0 of 10 gives 0 to 0.2775
    assert (one.low, round(one.high, 4)) == (0.0, 0.2775)
    assert progress.share(0, 0) is None
    start = datetime(2026, 1, 1, tzinfo=timezone.utc)
    times = [start + timedelta(seconds=s) for s in (0, 6, 12, 4000, 4006, 4012)]
    assert progress.pace(times) == 10.0


def test_two_reviewers_see_each_other_and_their_conflict(ask, board, session, dataset):
    other = type(session)(dataset, ledger=session.ledger, reviewer="bob", suggestions=session.suggestions)
    ask("decide", suggestion="s0", verdict="accept")
    other.reject("s0")
    other.accept("s1")
    assert board.decisions.sync() == 2
    assert board.decisions.sync() == 0
    page = ask("worklist", listing="", queue="conflicts", order="confidence", query="", offset=0, limit=40).body
    assert (page["total"], page["counts"]["conflicts"], page["counts"]["accepted"]) == (1, 1, 1)
    opinions = page["entries"][0]["conflict"]["opinions"]
    assert sorted((one["reviewer"], one["state"]) for one in opinions) == [("ann", 1), ("bob", 0)]
    resolved = ask("edit", row=0, label=1, state=1, suggestion="s0").body
    assert (resolved["counts"]["conflicts"], resolved["entry"]["conflict"]) == (0, None)
    assert ExplorerState(session, lambda: None).conflicts.frame.height == 0
    assert isinstance(other, Session)
    other.close()


def test_conflicts_on_cells_without_a_suggestion_are_listed(ask, board, session, dataset):
    other = type(session)(dataset, ledger=session.ledger, reviewer="bob", suggestions=session.suggestions)
    ask("edit", row=2, label=0, state=1, suggestion="")
    other.edit("c", "cat", -1)
    board.decisions.sync()
    entry = ask("worklist", listing="", queue="conflicts", order="data", query="", offset=0, limit=9).body["entries"][0]
    assert (entry["item"], entry["suggestion"], entry["conflict"]["name"], entry["chips"][0]["name"]) == ("c", None, "cat", "cat")
    other.close()


def test_the_uniform_order_is_the_same_shuffle_whatever_is_filtered(board):
    whole = board.worklist.open("all", "shuffled", None, None).rows.tolist()
    assert sorted(whole) == [0, 1, 2, 3]
    some = np.array([True, False, True, True])
    assert board.worklist.open("all", "shuffled", Chosen(some), None).rows.tolist() == [row for row in whole if some[row]]


def test_equal_changes_lie_together_in_the_order_by_group(board):
    listing = board.worklist.open("pending", "group", None, None)
    frame = board.worklist.frame[listing.suggestions]
    assert frame.select("label", "action").rows() == [("dog", "remove"), ("dog", "add"), ("tree", "add")]
    assert isinstance(frame, pl.DataFrame)
