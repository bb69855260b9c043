import json

import numpy as np
import polars as pl
import pytest

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState
from labelscope.session import Session
from labelscope.voters.rule_file import SavedRule

N = 80
TEXTS = ["win money now" if k % 2 else "good day to you" for k in range(N)]


@pytest.fixture
def opened(tmp_path):
    given = np.array([[int(k % 2 and k != 1), int(k % 4 == 0)] for k in range(N)])
    items = pl.DataFrame({"item_id": np.arange(N), "text": TEXTS, "shop": ["north" if k < N // 2 else "south" for k in range(N)]})
    dataset = Dataset.from_arrays(given, label_names=["spam", "ham"], items=items, text="text")
    session = Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    board = ExplorerState(session, lambda: None)
    board.decisions.show_audit()
    handlers = answers(board, str)
    yield session, board, lambda kind, **body: handlers[kind](Request("1", kind, body)).body
    session.close()


def saved(ask, **rule):
    ask("rule_save", **{"label": "spam", **rule})
    return next(row for row in ask("rules")["rows"] if row["name"] == rule["name"])


def test_a_rule_is_tried_saved_edited_deleted_and_brought_back(opened):
    session, board, ask = opened
    tried = ask("rule_try", name="money", label="spam", words=["money", " "])
    assert (tried["n"], tried["coverage"], tried["right"], tried["wrong"]) == (N // 2, 0.5, N // 2 - 1, 1)
    assert tried["given"][1] < tried["given"][0] < tried["given"][2]
    assert ask("rules")["rows"] == []
    row = saved(ask, name="money", words=["money"])
    assert (row["condition"], row["vote"], row["measured"]["n"], row["reviewer"]) == ("words: money", 1, N // 2, "ann")
    assert board.versions["voters"] == 1
    ask("rule_save", name="cash", label="spam", regex="MONEY", flags="i", rule_id=row["rule_id"])
    assert [one["condition"] for one in ask("rules")["rows"]] == ["/MONEY/i"]
    assert ask("rules")["undo"] == "Undo: save cash"
    ask("rule_delete", rule_id=row["rule_id"])
    assert ask("rules")["rows"] == []
    ask("rule_undo")
    ask("rule_undo")
    assert [one["name"] for one in ask("rules")["rows"]] == ["money"]
    assert board.decisions.since_suggestions.report(0).voters == 5
    session.edit(1, "spam", 1)
    session.edit(3, "spam", 0)
    assert ask("rules")["rows"][0]["measured"]["n_decided"] == 2


def test_the_numbers_of_a_rule_open_its_cells(opened):
    _, _, ask = opened
    money = saved(ask, name="money", words=["money"])
    north = saved(ask, name="not in the north", query="shop:north", vote=0)
    assert (money["measured"]["overlaps"], north["measured"]["conflicts"]) == (0, N // 4)
    assert ask("rules")["rows"][0]["measured"]["conflicts"] == N // 4
    for which, rows in (("votes", range(1, N, 2)), ("conflicts", range(1, N // 2, 2)), ("wrong", [1]), ("right", range(3, N, 2))):
        ask("filter", by="rule", rule_id=money["rule_id"], which=which)
        listed = ask("worklist", queue="all", order="data")
        assert [(entry["row"], entry["label"]) for entry in listed["entries"]] == [(row, 0) for row in rows], which
    ask("rule_delete", rule_id=money["rule_id"])
    with pytest.raises(DataError, match="somebody may have deleted it"):
        ask("filter", by="rule", rule_id=money["rule_id"])


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"query": "spam"}, "its own label"),
        ({"query": "suspicion>0.5"}, "suspicion:"),
        ({"regex": "("}, "regular expression"),
        ({"query": "colour:red"}, "colour"),
        ({"words": ["a"], "query": "shop:north"}, "expected one of query, regex and words"),
        ({}, "expected one of query, regex and words"),
        ({"words": ["a"], "label": "eggs"}, "expected a label"),
        ({"words": ["a"], "name": " "}, "name"),
    ],
)
def test_what_cannot_vote_is_refused_in_the_form_and_when_it_is_saved(opened, rule, words):
    _, _, ask = opened
    for kind in ("rule_try", "rule_save"):
        with pytest.raises(DataError, match=words):
            ask(kind, **{"name": "r", "label": "spam", **rule})
    assert ask("rules")["rows"] == []


def test_words_are_proposed_with_their_limits(opened):
    _, _, ask = opened
    found = ask("rule_words", label="spam")
    assert found["words"][0]["word"] in {"money", "now", "win"}
    share, low, high = found["words"][0]["precision"]
    assert (found["words"][0]["n"], found["words"][0]["right"]) == (N // 2, N // 2 - 1)
    assert low < share <= high


def test_rules_go_to_a_file_and_come_from_one(opened, tmp_path):
    _, _, ask = opened
    path = str(tmp_path / "rules.json")
    path_of_others = tmp_path / "others.json"
    path_of_others.write_text(json.dumps({"labelscope_rules": 1, "rules": [{"name": "day", "label": "ham", "words": ["day"]}]}))
    saved(ask, name="money", words=["money"])
    assert ask("rules_export", path=path)["summary"].startswith("1 rule written to ")
    assert ask("rules_import", path=path)["summary"].endswith("already here: 1")
    assert ask("rules_import", path=str(path_of_others))["summary"].startswith("1 new rule of ")
    assert [row["name"] for row in ask("rules")["rows"]] == ["money", "day"]
    with pytest.raises(DataError, match="expected a file name"):
        ask("rules_export", path=" ")


def test_a_rule_of_another_reviewer_comes_with_the_next_look(opened):
    session, board, ask = opened
    other = Session(session.dataset, ledger=session.ledger, reviewer="bo")
    other.voters.save(SavedRule("bo's", "ham", 0, words=("money",)))
    board.decisions.sync()
    assert [row["name"] for row in ask("rules")["rows"]] == ["bo's"]
    assert ask("rules")["undo"] == ""
    other.close()
