from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState
from labelscope.models.predict import predict
from labelscope.session import Session
from labelscope.widgets.static_view import summary

N = 120


@pytest.fixture
def opened(tmp_path):
    rng = np.random.default_rng(0)
    truth = (rng.random((N, 3)) < [0.5, 0.4, 0.1]).astype(np.int8)
    x = np.c_[truth * 3, np.zeros((N, 20))] + rng.normal(size=(N, 23)) * 0.5
    x[100:110] = x[:10]
    labels = truth.copy()
    labels[100:110] = labels[:10]
    labels[100, 0] = 1 - labels[0, 0]  # one copy that differs
    labels[50:80, 1] = -1
    items = pl.DataFrame({"split": ["test" if k >= 105 else "train" for k in range(N)]})
    dataset = Dataset.from_arrays(labels, label_names=["a", "b", "c"], items=items, embeddings=x.astype(np.float32))
    session = Session(dataset, ledger=tmp_path / "l.sqlite", reviewer="ann")
    board = ExplorerState(session, lambda: None)
    handlers = answers(board, lambda path: path)
    yield session, board, lambda of, **body: handlers[of](Request("1", of, body)).body
    session.close()


def rows(told):
    return {row["check"]: row for row in told["rows"]}


def test_before_the_stage_is_over_the_labels_tell_what_they_can_and_no_stage_starts(opened):
    session, board, ask = opened
    told = ask("health")
    assert not told["measured"]
    assert set(rows(told)) == {"unknown", "rare", "imbalance"}
    assert board.health.line() == ""
    assert not session.ready


def test_each_finding_lists_its_items_or_cells_one_at_a_time(opened):
    session, board, ask = opened
    board.take_health(session.health)
    told = rows(ask("health"))
    assert (told["different duplicates"]["items"], told["different duplicates"]["cells"]) == (2, 2)
    (chip,) = ask("filter", by="health", check="different duplicates")["filters"]
    assert (chip["title"], chip["count"], chip["cells"]) == ("Near-duplicates with other labels", 2, 2)
    (chip,) = ask("filter", by="health", check="leaks")["filters"]
    assert (chip["title"], chip["count"]) == ("Near-duplicates in two splits", told["leaks"]["items"])
    listed = ask("filter", by="health", check="unknown")["filters"][0]
    assert listed["cells"] == told["unknown"]["cells"] == 30
    with pytest.raises(DataError, match="expected a finding with items or cells"):
        ask("filter", by="health", check="calibration")


def test_a_decision_changes_what_is_said_and_undo_brings_it_back(opened):
    session, board, ask = opened
    board.take_health(session.health)
    assert rows(ask("health"))["different duplicates"]["severity"] == "serious"
    session.edit(100, "a", int(session.state(0, "a")))
    told = rows(ask("health"))["different duplicates"]
    assert (told["severity"], told["items"]) == ("fine", None)
    session.edit(50, "b", 0)
    assert rows(ask("health"))["unknown"]["cells"] == 29
    session.undo()
    session.undo()
    told = rows(ask("health"))
    assert (told["different duplicates"]["cells"], told["unknown"]["cells"]) == (2, 30)


def test_what_mends_a_finding_is_offered_where_there_is_such_a_thing(opened):
    session, board, ask = opened
    board.take_health(session.health)
    told = rows(ask("health"))
    assert told["unknown"]["fix"] == {"words": "Look at proposed states", "queue": "unknown", "tab": ""}
    assert told["rare"]["fix"]["queue"] == "label_next"
    assert told["leaks"]["fix"] is None
    assert told["imbalance"]["fix"] is None  # fine: nothing to mend
    assert told["rare"]["labels"] == [{"label": 2, "name": "c", "words": told["rare"]["labels"][0]["words"]}]
    assert json.dumps(told)


def test_predictions_bring_calibration_and_the_saved_picture_says_what_to_mend(opened):
    session, board, ask = opened
    board.take_health(session.health)
    assert rows(ask("health"))["calibration"]["severity"] == "not measured"
    board.take_findings(session.findings)
    board.take_suggestions(session.suggestions)
    board.take_health(session.health)
    assert rows(ask("health"))["calibration"]["severity"] in ("fine", "warning")
    (line,) = [line for line in summary("data", board) if line.startswith("Health: ")]
    assert line.startswith("Health: 2 to mend, ")
    assert session.nutrition_label.health.frame.equals(session.health.frame)


def test_where_only_some_cells_have_probabilities_calibration_is_not_measured(opened):
    session, _, _ = opened
    session.once("predictions", lambda of: predict(of.embedded, cells="listed"))
    assert not session.scored
    row = session.health.frame.filter(check="calibration").row(0, named=True)
    assert (row["severity"], row["says"]) == ("not measured", "Calibration is not measured: it needs a probability for every cell.")
