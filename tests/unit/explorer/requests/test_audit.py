"""The audit in the app, on findings that are real."""

from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from labelscope.data.cell_scores import Scores
from labelscope.data.dataset import Dataset
from labelscope.errors import DataError, StageError
from labelscope.explorer.remaining_errors import remaining
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState
from labelscope.issues.find import find_issues
from labelscope.session import Session


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3)).astype(np.float32)
    truth = (x > 0.6).astype(np.int8)
    given = np.where(rng.random(truth.shape) < 0.05, 1 - truth, truth)
    dataset = Dataset.from_arrays(given, embeddings=x, label_names=["cat", "dog", "tree"], item_ids=[f"i{k}" for k in range(200)])
    return dataset, find_issues(dataset), truth


class Found(Session):
    """A session whose findings are there."""

    known = None

    @property
    def findings(self):
        return self.known


@pytest.fixture
def opened(found, tmp_path):
    dataset, findings, _ = found

    def opened(reviewer="ann"):
        session = Found(dataset, ledger=tmp_path / "ledger.sqlite", reviewer=reviewer)
        session.known = findings
        board = ExplorerState(session, lambda: None)
        board.take_findings(findings)
        return board

    return opened


@pytest.fixture
def board(opened):
    return opened()


def ask(board, kind, **body):
    return answers(board, str)[kind](Request("1", kind, body, ())).body


def listed(board, **body):
    return ask(board, "worklist", **{"queue": "audit", "order": "confidence", "limit": 200, **body})


def test_no_sample_is_drawn_by_looking(board):
    assert (len(board.sample), board.decisions.counts().audit, listed(board)["total"]) == (0, 0, 0)
    assert ask(board, "progress")["audit"] is None
    with pytest.raises(StageError, match="none"):
        _ = board.session.audit_cells
    assert remaining(board.session).count is None


def test_an_audit_needs_the_findings_and_a_size_that_makes_sense(board):
    for n in (0, 30_000):
        with pytest.raises(DataError, match="20,000"):
            ask(board, "audit", n=n)
    board.results.searched = False
    with pytest.raises(StageError, match="wait"):
        ask(board, "audit", n=10)


def test_the_cards_are_blind_and_in_the_order_of_reading(board):
    assert ask(board, "audit", n=40)["counts"]["audit"] == 40
    board.take_predictions(SimpleNamespace(cell_probabilities=Scores(np.full((200, 3), 0.9, np.float32))))
    entries = listed(board)["entries"]
    cells = [(entry["item"], entry["audit"]["name"], entry["audit"]["given"]) for entry in entries]
    assert cells == board.session.audit_cells.rows()
    assert {(entry["suggestion"], tuple(entry["chips"]), entry["conflict"]) for entry in entries} == {(None, (), None)}
    assert "probab" not in str(entries)
    assert "suspic" not in str(entries)


def test_neither_selection_nor_search_nor_order_touch_the_sample(board):
    ask(board, "audit", n=30)
    whole = [entry["row"] for entry in listed(board)["entries"]]
    board.filters.select(np.arange(200) < 5)
    assert [entry["row"] for entry in listed(board, query="i1", order="rare")["entries"]] == whole
    assert board.decisions.counts().audit == 30


def test_judgements_are_decisions_with_one_undo_each(board):
    ask(board, "audit", n=12)
    entries = listed(board)["entries"]
    states = []
    for entry, verdict in zip(entries, ["right", "wrong", "undecidable"], strict=False):
        reply = ask(board, "judge", row=entry["row"], label=entry["label"], verdict=verdict)
        assert reply["entry"]["audit"]["judgement"] == verdict
        states.append(board.session.state(entry["item"], entry["audit"]["name"]) == entry["audit"]["given"])
    assert states == [True, False, True]
    assert (reply["counts"]["audit"], reply["counts"]["judged"], len(board.session.decisions)) == (9, 3, 3)
    assert board.session.estimate.strata.select(pl.col("n_audited", "n_wrong", "n_undecidable").sum()).row(0) == (2, 1, 1)
    back = ask(board, "undo", blind=True)
    assert (back["entry"]["audit"]["judgement"], back["entry"]["row"], back["counts"]["judged"]) == (None, entries[2]["row"], 2)
    back = ask(board, "undo")  # from another queue: the ordinary card
    assert "audit" not in back["entry"]
    assert ask(board, "redo", blind=True)["entry"]["audit"]["judgement"] == "judged"


def test_only_cells_of_the_sample_are_judged(board):
    ask(board, "audit", n=5)
    sample = set(zip(board.sample.rows.tolist(), board.sample.labels.tolist(), strict=True))
    outside = next((row, 0) for row in range(200) if (row, 0) not in sample)
    with pytest.raises(DataError, match="sample"):
        ask(board, "judge", row=outside[0], label=outside[1], verdict="right")
    row, label = next(iter(sample))
    with pytest.raises(DataError, match="undecidable"):
        ask(board, "judge", row=row, label=label, verdict="maybe")
    assert board.session.decisions.is_empty()


def test_an_edit_anywhere_is_a_judgement_of_a_cell_of_the_sample(board):
    ask(board, "audit", n=10)
    row, label = int(board.sample.rows[0]), int(board.sample.labels[0])
    board.decisions.edit(row, label, board.cards.question(row, label, None).audit.given)
    assert board.decisions.counts().judged == 1


def test_the_numbers_come_with_intervals_and_name_what_is_not_known(board, found):
    _, _, truth = found
    ask(board, "audit", n=100)
    assert "wait" in ask(board, "progress")["remaining"]["text"]
    for entry in listed(board)["entries"]:
        right = truth[entry["row"], entry["label"]] == entry["audit"]["given"]
        ask(board, "judge", row=entry["row"], label=entry["label"], verdict="right" if right else "wrong")
    report = ask(board, "progress")
    told = {part["part"]: part for part in report["audit"]["parts"]}
    n_wrong = int((board.dataset.labels.states(*np.indices((200, 3)).reshape(2, -1)) != truth.ravel()).sum())
    assert told["all"]["wrong_low"] <= n_wrong <= told["all"]["wrong_high"]
    assert {"spurious", "missing"} <= set(told)
    left = report["remaining"]
    assert (left["n_judged"], left["text"]) == (100, board.session.stopping.words)
    assert left["low"] <= left["count"] <= left["high"]
    share = report["audit"]["discoveries"]
    assert 0 <= share["low"] <= share["share"] <= share["high"] <= 1


def test_a_sample_and_its_judgements_survive_and_others_see_them(board, opened):
    ask(board, "audit", n=10)
    entry = listed(board)["entries"][0]
    ask(board, "judge", row=entry["row"], label=entry["label"], verdict="wrong")
    other = opened("bob")
    other.decisions.show_audit()  # looked for once the view is there
    assert other.decisions.counts().judged == 1
    assert ask(board, "audit", n=15)["n"] == 15  # larger: the judgement stays
    assert board.decisions.counts().judged == 1
    entry = listed(board)["entries"][0]
    ask(board, "judge", row=entry["row"], label=entry["label"], verdict="right")
    assert other.decisions.sync() == 1
    assert (other.decisions.counts().audit, other.decisions.counts().judged) == (13, 2)


def test_the_reviewer_can_be_named(board, monkeypatch):
    monkeypatch.delenv("LABELSCOPE_REVIEWER", raising=False)
    assert ask(board, "open")["guessed"] is False
    assert ask(board, "rename", name="  Cleo  Ng ")["reviewer"] == "Cleo Ng"
    board.decisions.edit(0, 0, 1)
    assert board.session.decisions["reviewer"].to_list() == ["Cleo Ng"]
    with pytest.raises(DataError, match="name"):
        ask(board, "rename", name=" ")
    board.session.reviewer = __import__("getpass").getuser()
    assert ask(board, "open")["guessed"] is True
    monkeypatch.setenv("LABELSCOPE_REVIEWER", board.session.reviewer)
    assert ask(board, "open")["guessed"] is False
