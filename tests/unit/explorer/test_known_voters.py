import numpy as np
import polars as pl
import pytest

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError
from labelscope.explorer.publish import publish
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState
from labelscope.session import Session
from labelscope.voters.rule_file import SavedRule
from labelscope.widgets.explorer import STATIC
from labelscope.widgets.static_view import summary

N = 60


@pytest.fixture
def opened(tmp_path):
    truth = np.arange(N) % 2
    said = [(k, rater, "spam", int(truth[k] if rater != "Cy" or k % 3 else 1 - truth[k])) for k in range(N) for rater in ("ann", "Cy")]
    votes = pl.DataFrame(said, schema=["item_id", "rater", "label", "value"], orient="row")
    items = pl.DataFrame({"item_id": np.arange(N), "text": ["money" if one else "hello" for one in truth]})
    given = np.stack([truth, 1 - truth], axis=1)
    dataset = Dataset.from_arrays(given, label_names=["spam", "ham"], items=items, text="text", votes=votes)
    session = Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    session.voters.save(SavedRule("money", "spam", words=("money",)))
    session.voters.keep(pl.DataFrame({"item_id": [1], "rater": ["llm"], "label": ["spam"], "value": [-1], "reason": ["<i>who knows</i>"]}))
    board = ExplorerState(session, lambda: None)
    handlers = answers(board, str)
    yield session, lambda kind, **body: handlers[kind](Request("1", kind, body)).body
    session.close()


def test_evidence_has_the_word_of_every_voter_and_how_far_to_believe_it(opened):
    session, ask = opened
    found = ask("evidence", row=1, label=0)
    assert [(v["rater"], v["kind"], v["value"], v["reason"]) for v in found["votes"]] == [
        ("ann", "rater", 1, ""), ("Cy", "rater", 1, ""), ("money", "rule", 1, ""), ("llm", "judge", -1, "<i>who knows</i>"),
    ]  # fmt: skip
    rates = {v["rater"]: v["rates"] for v in found["votes"]}
    share, low, high = rates["ann"]["specificity"]
    assert 0 <= low <= share <= high <= 1
    assert rates["ann"]["sensitivity"][0] > rates["Cy"]["sensitivity"][0]
    assert (rates["ann"]["basis"], rates["ann"]["n"], rates["llm"]) == ("agreement", N, None)
    assert found["agreed"] > 0.5
    assert ask("evidence", row=1, label=1)["votes"] == []
    for item in range(20):
        session.confirm(item, "spam")
    assert {v["rates"]["basis"] for v in ask("evidence", row=1, label=0)["votes"] if v["rates"]} == {"audited"}


def test_the_filter_finds_what_a_voter_spoke_on(opened):
    _, ask = opened
    assert ask("filter", by="query", text="vote:money")["count"] == N // 2
    assert ask("filter", by="query", text="vote:LLM")["count"] == 1
    ask("select", rows=[])
    assert ask("filter", by="query", text="NOT vote:money AND vote:cy")["count"] == N // 2
    with pytest.raises(DataError, match="expected vote: and the name of a voter, such as 'Cy', 'ann', 'llm', 'money', got 'nobody'"):
        ask("filter", by="query", text="vote:nobody")


def test_a_rule_that_another_reviewer_saves_is_heard_at_the_next_look(opened):
    session, ask = opened
    other = Session(session.dataset, ledger=session.ledger, reviewer="bo")
    other.voters.save(SavedRule("greets", "ham", words=("hello",)))
    session.voters.sync()
    assert ask("filter", by="query", text="vote:greets")["count"] == N // 2
    assert [v["rater"] for v in ask("evidence", row=0, label=1)["votes"]] == ["greets"]
    other.close()


def test_the_table_of_voters_says_whom_to_believe_and_where_they_agree(opened):
    session, ask = opened
    table = ask("raters")
    assert [row["rater"] for row in table["rows"]][:1] == ["ann"]
    rows = {row["rater"]: row for row in table["rows"]}
    assert (rows["ann"]["kind"], rows["money"]["kind"], rows["ann"]["n_votes"], rows["ann"]["basis"]) == ("rater", "rule", N, "agreement")
    share, low, high = rows["Cy"]["sensitivity"]
    assert low < share < high
    assert [(of["label"], of["n_cells"]) for of in table["labels"]] == [("spam", N)]
    assert table["labels"][0]["alpha"][0] < 1
    assert table["ambiguous"] == 0
    for item in range(20):
        session.confirm(item, "spam")
    assert {row["basis"] for row in ask("raters")["rows"] if row["rater"] != "llm"} == {"audited"}


@pytest.mark.skipif(not (STATIC / "published.js").is_file(), reason="the front end is not built")
def test_a_saved_picture_and_a_published_page_say_who_votes(opened, tmp_path):
    session, _ = opened
    said = "Voters: 2 raters, 1 rule, 1 judge"
    page = publish(session, tmp_path / "page.html").path.read_text("utf-8")
    assert f"read-only copy. {said}." in page
    state = ExplorerState(session, lambda: None)
    assert said not in summary("A", state)  # not before the stages have heard them
    state.take_suggestions(session.suggestions)
    assert summary("A", state)[-1] == said


def test_ambiguous_cells_are_listed(tmp_path):
    said = [(k, f"r{r}", "spam", int(r < 3 if k == 7 else k % 2)) for k in range(N) for r in range(6)]
    votes = pl.DataFrame(said, schema=["item_id", "rater", "label", "value"], orient="row")
    dataset = Dataset.from_arrays([[k % 2] for k in range(N)], label_names=["spam"], votes=votes)
    session = Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    handlers = answers(ExplorerState(session, lambda: None), str)
    assert handlers["raters"](Request("1", "raters", {})).body["ambiguous"] == 1
    listed = handlers["worklist"](Request("3", "worklist", {"queue": "ambiguous", "order": "data"})).body
    assert [(entry["row"], entry["label"]) for entry in listed["entries"]] == [(7, 0)]
    assert listed["counts"]["ambiguous"] == 1
    session.close()


def test_votes_wanted_are_a_queue_that_says_whom_to_ask(opened, tmp_path):
    _, ask = opened
    assert ask("worklist", queue="all", order="data")["counts"]["ask_next"] is None  # it takes time: not before somebody asks
    assert ask("raters")["wanted"] == 0  # both have voted on everything
    assert ask("worklist", queue="ask_next", order="confidence")["total"] == 0
    with pytest.raises(DataError, match=r"expected a name that ends in .csv or .parquet, got 'votes.txt'"):
        ask("raters_export", what="wanted", path="votes.txt")
    with pytest.raises(DataError, match="expected a file name, got none"):
        ask("raters_export", what="soft", path=" ")
    votes = pl.DataFrame({"item_id": [0, 1, 2, 2], "rater": ["ann", "ann", "ann", "Cy"], "label": ["spam"] * 4, "value": [1, 0, 1, 0]})
    dataset = Dataset.from_arrays([[1], [0], [1], [1]], label_names=["spam"], votes=votes)
    other = Session(dataset, ledger=tmp_path / "other.sqlite", reviewer="ann")
    handlers = answers(ExplorerState(other, lambda: None), str)
    listed = handlers["worklist"](Request("1", "worklist", {"queue": "ask_next", "order": "rare"})).body
    wanted = other.votes_wanted(10)
    assert [(entry["row"], entry["ask"], entry["label"]) for entry in listed["entries"]] == [
        (item, rater, 0) for item, rater in wanted.select("item_id", "rater").iter_rows()
    ]
    assert dict(wanted.select("item_id", "rater").iter_rows()) | {3: ""} == {0: "Cy", 1: "Cy", 3: ""}
    handlers["raters_export"](Request("2", "raters_export", {"what": "wanted", "path": str(tmp_path / "wanted.csv")}))
    assert pl.read_csv(tmp_path / "wanted.csv").equals(wanted.with_columns(pl.col("item_id").cast(pl.Int64)), null_equal=True)
    other.close()


def test_a_data_set_without_voters_says_how_to_get_some(tmp_path):
    session = Session(Dataset.from_arrays([[1], [0]], label_names=["x"]), ledger=tmp_path / "ledger.sqlite")
    handlers = answers(ExplorerState(session, lambda: None), str)
    assert "Nobody votes here" in handlers["raters"](Request("1", "raters", {})).body["why"]
    session.close()
