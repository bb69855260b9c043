from types import SimpleNamespace

import polars as pl
import pytest

from labelscope.errors import DataError
from labelscope.explorer.replies.state import SinceSuggestions
from labelscope.explorer.state import ExplorerState
from labelscope.widgets.explorer import Explorer


@pytest.fixture
def related(board):
    row = {
        "label_a": "cat", "label_b": "dog", "relation": "implies", "n_a": 2, "n_b": 2, "n_ab": 1, "expected": 1.0,
        "counter_examples": 1, "q_value": 0.5, "source": "labels", "supported": True, "direct": True,
    }  # fmt: skip
    board.take_cooccurrence(SimpleNamespace())
    board.take_relations(SimpleNamespace(frame=pl.DataFrame([row])))
    return board


def verdicts(ask):
    return [row["verdict"] for row in ask("relation_table").body["rows"]]


def test_a_relation_is_confirmed_rejected_and_taken_back(ask, related):
    said = {"a": "cat", "relation": "implies", "b": "dog"}
    seen = related.versions["pairs"]
    assert verdicts(ask) == ["pending"]
    ask("rule", **said, verdict="confirm")
    assert verdicts(ask) == ["confirmed"]
    ask("rule", **said, verdict="reject")
    assert verdicts(ask) == ["rejected"]
    ask("rule", **said, verdict="withdraw")
    assert verdicts(ask) == ["pending"]
    assert related.versions["pairs"] == seen + 3
    assert related.decisions.since_suggestions.report(related.decisions.n_decided) == SinceSuggestions(0, 3, 0, 0)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"relation": "implies", "verdict": "maybe"}, "expected confirm, reject or withdraw"),
        ({"relation": "overlaps", "verdict": "confirm"}, "expected"),
    ],
)
def test_a_verdict_that_is_none_changes_nothing(ask, related, asked, message):
    with pytest.raises(DataError, match=message):
        ask("rule", a="cat", b="dog", **asked)
    assert verdicts(ask) == ["pending"]


def test_decisions_since_the_suggestions_were_made_are_counted(ask, board: ExplorerState):
    ask("decide", suggestion="s0", verdict="accept")
    ask("decide", suggestion="s1", verdict="skip")
    assert board.decisions.since_suggestions.report(board.decisions.n_decided) == SinceSuggestions(1, 0, 0, 0)
    board.take_suggestions(board.session.suggestions)
    assert board.decisions.since_suggestions.report(board.decisions.n_decided) == SinceSuggestions(0, 0, 0, 0)
    ask("undo")
    ask("undo")
    assert board.decisions.since_suggestions.report(board.decisions.n_decided) == SinceSuggestions(0, 0, 0, 0)


def test_suggestions_are_made_anew_on_request_only(session, monkeypatch, talk):
    def listed(**known):
        return talk.ask(app, "worklist", queue="pending", order="confidence", **known)

    made = session.suggestions.frame
    better = SimpleNamespace(frame=made.head(1).with_columns(confidence=pl.lit(0.99, pl.Float32)))

    def reconsider(_):
        monkeypatch.setattr(type(session), "suggestions", better)
        return better

    monkeypatch.setattr(type(session), "reconsider", reconsider)
    app = Explorer(session)
    assert app.wait(30)
    old = listed()
    assert old["total"] == made.height
    assert listed(listing=old["listing"])["listing"] == old["listing"]
    talk.ask(app, "reconsider")
    assert app.wait(30)
    new = listed(listing=old["listing"])  # of the suggestions before: not there any more
    assert new["listing"] != old["listing"]
    assert [entry["suggestion"]["confidence"] for entry in new["entries"]] == pytest.approx([0.99])
    app.close()
