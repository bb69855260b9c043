import re

import polars as pl
import pytest

import labelscope as ls
from labelscope.errors import DataError
from labelscope.voters.rule_file import SavedRule

TEXTS = ["win money", "hello", "money back", "good day", None]


@pytest.fixture
def dataset():
    votes = pl.DataFrame({"item_id": ["a", "b"], "rater": ["ann", "ann"], "label": ["spam"] * 2, "value": [1, 0]})
    items = pl.DataFrame({"item_id": list("abcde"), "text": TEXTS})
    return ls.Dataset.from_arrays(
        [[1, 0], [0, 1], [0, 0], [0, 1], [0, 0]], label_names=["spam", "ham"], items=items, text="text", votes=votes
    )


@pytest.fixture
def opened(dataset, tmp_path):
    sessions = []

    def opened(reviewer="ann"):
        sessions.append(ls.Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer=reviewer))
        return sessions[-1]

    yield opened
    for session in sessions:
        session.close()


def said(session):
    votes = session.voters.votes
    names = [votes.rater_names[k] for k in votes.raters]
    return sorted(zip(votes.items.tolist(), names, votes.labels.tolist(), votes.values.tolist(), strict=True))


def test_a_saved_rule_votes_here_and_for_every_reviewer_of_the_ledger(opened):
    one, other = opened(), opened("bo")
    assert said(one) == [(0, "ann", 0, 1), (1, "ann", 0, 0)]
    one.voters.save(ls.Rule("money", "spam", re.compile("MONEY", re.IGNORECASE)))
    one.voters.save(SavedRule("greets", "spam", 0, words=("hello", "good day")))
    other.voters.sync()
    expected = [(0, "ann", 0, 1), (0, "money", 0, 1), (1, "ann", 0, 0), (1, "greets", 0, 0), (2, "money", 0, 1), (3, "greets", 0, 0)]
    assert said(one) == said(other) == said(opened()) == expected
    assert one.voters.kinds == {"ann": "rater", "money": "rule", "greets": "rule"}
    assert [kept.reviewer for kept in other.voters.kept_rules] == ["ann", "ann"]


def test_rules_are_changed_deleted_and_taken_back(opened):
    book = opened().voters
    book.save(ls.Rule("money", "spam", "text:money"))
    of = book.kept_rules[0].rule_id
    book.save(ls.Rule("cash", "ham", "text:money", vote=0), rule_id=of)
    assert [(rule.name, rule.label, rule.vote) for rule in book.rules] == [("cash", "ham", 0)]
    book.delete(of)
    assert not book.rules
    book.undo()
    book.undo()
    assert [rule.name for rule in book.rules] == ["money"]
    book.redo()
    assert [rule.name for rule in book.rules] == ["cash"]
    with pytest.raises(DataError, match="somebody may have deleted it"):
        book.delete("none")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (SavedRule("ann", "spam", query="text:money"), "name that no other voter has"),
        (SavedRule("x", "eggs", query="text:money"), "expected a label of the data set"),
        (SavedRule("x", "spam", query="colour:red"), "no label, column or condition"),
        (SavedRule("x", "spam", query="spam"), "its own label"),
        (SavedRule("x", "spam", regex="("), "regular expression"),
    ],
)
def test_a_rule_that_cannot_vote_is_refused_and_nothing_is_written(opened, rule, words):
    session = opened()
    with pytest.raises(DataError, match=words):
        session.voters.save(rule)
    assert session.voters.version == (0, 0)


def test_two_reviewers_who_choose_one_name_keep_both_rules(opened, monkeypatch):
    one, other = opened(), opened("bo")
    monkeypatch.setattr(other.voters, "sync", lambda: False)  # pressed at the same time
    one.voters.save(SavedRule("r", "spam", query="text:money"))
    other.voters.save(SavedRule("r", "spam", query="text:hello"))
    one.voters.sync()
    assert [rule.name for rule in one.voters.rules] == ["r", "r (bo 2)"]


def test_of_a_function_only_the_votes_are_kept(opened):
    session = opened()
    session.voters.save(ls.Rule("short", "spam", lambda row: len(row["text"] or "") < 6))
    again = opened().voters
    assert not again.rules
    assert again.kinds["short"] == "rule"
    assert again.kept.select("item_id", "rater", "value").rows() == [("b", "short", 1), ("e", "short", 1)]
    session.voters.save(ls.Rule("short", "spam", lambda row: row["text"] is None))
    assert session.voters.kept["item_id"].to_list() == ["e"]


def test_votes_of_judges_are_kept_with_their_reasons_and_dropped(opened):
    session = opened()
    answers = pl.DataFrame({"item_id": ["a", "c"], "rater": ["llm"] * 2, "label": ["spam"] * 2, "value": [1, 0], "reason": ["wins", ""]})
    session.voters.keep(answers)
    session.voters.keep(answers.with_columns(value=pl.lit(-1)).head(1))
    book = opened().voters
    assert dict(book.kept.select("item_id", "reason").iter_rows()) == {"a": "wins", "c": ""}
    assert dict(book.kept.select("item_id", "value").iter_rows()) == {"a": -1, "c": 0}
    assert book.kinds["llm"] == "judge"
    with pytest.raises(DataError, match="no other voter has"):
        book.keep(answers.with_columns(rater=pl.lit("ann")))
    with pytest.raises(DataError, match="no other voter has"):
        book.save(SavedRule("llm", "spam", query="text:money"))
    book.drop("llm")
    assert not book.kept.height


def test_rules_go_to_a_file_and_come_from_one_once(opened, tmp_path):
    book = opened().voters
    with pytest.raises(DataError, match="expected a rule to write"):
        book.export_rules(tmp_path / "rules.json")
    book.save(SavedRule("w", "spam", words=("money", "cash")))
    book.save(ls.Rule("q", "ham", "text:good", vote=0))
    assert book.export_rules(tmp_path / "rules.json") == 2
    assert [rule.name for rule in ls.read_rules(tmp_path / "rules.json")] == ["w", "q"]
    assert book.import_rules(tmp_path / "rules.json") == (0, 2)
    book.delete(book.kept_rules[0].rule_id)
    assert book.import_rules(tmp_path / "rules.json") == (1, 1)


def test_findings_and_pseudo_labels_hear_rules_once_they_are_reconsidered(tmp_path):
    n_items = 200
    texts = [f"{'money' if k % 2 else 'day'} {k}" for k in range(n_items)]
    items = pl.DataFrame({"item_id": [str(k) for k in range(n_items)], "text": texts})
    given = [[int(k % 2 and k % 10 != 1), int(k % 3 == 0)] for k in range(n_items)]
    dataset = ls.Dataset.from_arrays(given, label_names=["spam", "other"], items=items, text="text")
    session = ls.Session(dataset, ledger=tmp_path / "l.sqlite")
    before = session.findings
    session.voters.save(SavedRule("money", "spam", words=("money",)))
    assert session.findings is before
    session.reconsider()
    assert session.findings is not before
    changed = (session.findings.scores != before.scores).any(axis=1)
    assert changed[1::2].all()
    assert not changed[::2].any()
    session.close()


def test_kept_votes_are_carried_to_a_table_with_other_ids(tmp_path):
    rows = pl.DataFrame({"text": ["win money", "hello you", "money back"], "labels": ["spam", "ham", "ham"]})
    old, new = (ls.read(frame, text="text", labels="labels") for frame in (rows, rows.reverse()))
    session = ls.Session(old, ledger=tmp_path / "old.sqlite")
    session.voters.keep(pl.DataFrame({"item_id": [0, 2], "rater": ["llm"] * 2, "label": ["spam"] * 2, "value": [1, 0]}))
    session.voters.save(SavedRule("w", "spam", words=("money",)))
    session.edit(1, "spam", 1)
    session.close()
    ls.carry(old, new, earlier_ledger=tmp_path / "old.sqlite", ledger=tmp_path / "new.sqlite")
    carried = ls.Session(new, ledger=tmp_path / "new.sqlite")
    assert sorted(carried.voters.kept.select("item_id", "value").rows()) == [("0", 0), ("2", 1)]
    assert [rule.name for rule in carried.voters.rules] == ["w"]
    carried.close()
