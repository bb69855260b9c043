from __future__ import annotations

import json
import re

import numpy as np
import polars as pl
import pytest

from labelscope import DataError, Dataset, Rule, propose_rules, read_rules, rule_report, rule_votes, write_rules
from labelscope.voters.rules import holds

TEXTS = ["Win MONEY now", "hello you", None, "money back, please", "your order\n"]


@pytest.fixture
def ds():
    items = pl.DataFrame({"text": TEXTS, "source": ["mail", "web", "mail", "web", "mail"], "length": [13, 9, 0, 18, 11]})
    states = [[1, 0], [0, 1], [0, -1], [0, 0], [1, 1]]
    return Dataset.from_arrays(states, label_names=["spam", "question"], items=items, text="text")


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (re.compile("money"), [0, 0, 0, 1, 0]),
        (re.compile("money", re.IGNORECASE), [1, 0, 0, 1, 0]),
        (re.compile("order$"), [0, 0, 0, 0, 1]),  # Python's end of text is before a last line feed
        (re.compile(r"(?<!back, )please"), [0, 0, 0, 0, 0]),
        (re.compile(r"(l)\1"), [0, 1, 0, 0, 0]),
        ("text:money AND source:web", [0, 0, 0, 1, 0]),
        ("length>=11", [1, 0, 0, 1, 1]),
        ("question", [0, 1, 0, 0, 1]),
        (lambda row: row["source"] == "web" and row["length"] > 10, [0, 0, 0, 1, 0]),
    ],
)
def test_a_rule_holds_where_its_condition_does(ds, when, expected):
    assert holds(ds, Rule("r", "spam", when)).astype(int).tolist() == expected


@pytest.mark.parametrize("pattern", ["^win", r"\bnow\b", "[aeiou]{2}", "(?i)MONEY|hello", r"\w+ \w+", "o.", r"\s", "please|back", r"\d*y"])
def test_patterns_find_what_python_finds(ds, pattern):
    compiled = re.compile(pattern)
    expected = [text is not None and compiled.search(text) is not None for text in TEXTS]
    assert holds(ds, Rule("r", "spam", compiled)).tolist() == expected


def test_votes_name_the_item_the_rule_and_the_label(ds):
    votes = rule_votes(ds, [Rule("money", "spam", "text:money"), Rule("web", "spam", "source:web", vote=0)])
    assert votes.rows() == [(0, "money", "spam", 1), (3, "money", "spam", 1), (1, "web", "spam", 0), (3, "web", "spam", 0)]
    assert Dataset.from_arrays(ds.labels.dense(), label_names=ds.label_names, votes=votes).votes.rater_names == ("money", "web")
    assert rule_votes(ds, []).height == 0


@pytest.mark.parametrize(
    ("query", "got"),
    [
        ("spam", "its own label"),
        ("text:money OR NOT spam:yes", "its own label"),
        ("SPAM>0.5", "its own label"),
        ("suspicion>0.5", "suspicion:"),
        ("is:flagged", "is:"),
        ("decided:spam", "decided:"),
        ("vote:ann", "vote:"),
        ("labels>2", "the number of labels"),
    ],
)
def test_a_rule_may_not_be_its_own_witness(query, got):
    with pytest.raises(DataError, match=f"got {got}") as refused:
        Rule("r", "spam", query)
    assert "\n" not in str(refused.value)


def test_a_probability_of_another_label_is_refused_too(ds):
    with pytest.raises(DataError, match="got a probability"):
        rule_votes(ds, [Rule("r", "spam", "question>0.5")])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("", "spam", "text:x"), "expected a name"),
        (("r", "spam", 3), "re.compile"),
        (("r", "spam", "text:x", 2), "vote 1 or 0"),
        (("r", "spam", re.compile(b"x")), "pattern of text"),
        (("r", "spam", "(text:x"), "closing bracket"),
    ],
)
def test_rules_that_cannot_be_are_refused(arguments, words):
    with pytest.raises(DataError, match=words):
        Rule(*arguments)


def test_a_failing_function_and_unknown_names_are_one_line(ds):
    with pytest.raises(DataError, match=r"rule 'f'.*KeyError.*item 0; mend it"):
        rule_votes(ds, [Rule("f", "spam", lambda row: row["no such column"])])
    with pytest.raises(DataError, match="expected a label of the data set"):
        rule_votes(ds, [Rule("f", "ham", "text:x")])
    with pytest.raises(DataError, match="one rule a name"):
        rule_votes(ds, [Rule("f", "spam", "text:x")] * 2)
    with pytest.raises(DataError, match="text column"):
        rule_votes(Dataset.from_arrays([[1]], label_names=["spam"]), [Rule("f", "spam", re.compile("x"))])


def test_the_report_counts_overlaps_conflicts_and_who_is_right(ds):
    rules = [Rule("money", "spam", re.compile("money", re.IGNORECASE)), Rule("web", "spam", "source:web", vote=0)]
    audited = pl.DataFrame({"item_id": [3], "label": ["spam"], "state": [1]})
    report = rule_report(ds, rules, audited=audited)
    money, web = report.frame.to_dicts()
    assert (money["n"], money["overlaps"], money["conflicts"]) == (2, 1, 1)
    assert (money["right"], money["wrong"], money["precision"]) == (1, 1, 0.5)
    assert (money["n_audited"], money["right_audited"], money["precision_audited"]) == (1, 1, 1.0)
    assert (web["right"], web["wrong"], web["wrong_audited"]) == (2, 0, 1)
    assert money["low"] == pytest.approx(0.0945, abs=1e-3)  # Wilson, 1 of 2
    assert "<b>" not in str(report.figure.layout.yaxis.ticktext)
    assert rule_report(ds, rules).frame["precision_audited"].null_count() == 2


def test_proposed_words_go_with_the_label_and_chance_proposes_none():
    rng = np.random.default_rng(0)
    spam = rng.random(400) < 0.3
    noise = [" ".join(rng.choice(["and", "the", "of", "you", "mail"], 5)) for _ in spam]
    texts = [f"{text} {'Refund' if is_spam and at % 2 else 'thanks'}" for at, (text, is_spam) in enumerate(zip(noise, spam, strict=True))]
    ds = Dataset.from_arrays(spam.astype(int)[:, None], label_names=["spam"], items=pl.DataFrame({"text": texts}), text="text")
    found = propose_rules(ds, "spam")
    assert found.frame["word"].to_list() == ["refund"]
    assert found.frame["low"][0] >= 0.8
    assert rule_votes(ds, found.rules)["item_id"].to_list() == [at for at, text in enumerate(texts) if "Refund" in text]
    shuffled = Dataset.from_arrays(rng.permutation(spam).astype(int)[:, None], label_names=["spam"], items=ds.items, text="text")
    assert propose_rules(shuffled, "spam").frame.is_empty()


def test_rules_come_back_from_their_file_as_they_were(ds, tmp_path):
    rules = (
        Rule("money", "spam", re.compile(r"money\b", re.IGNORECASE | re.DOTALL)),
        Rule("web", "spam", 'source:web AND NOT text:"a \\"quote\\""', vote=0),
    )
    write_rules(rules, tmp_path / "rules.json")
    back = read_rules(tmp_path / "rules.json")
    assert [(r.name, r.label, r.vote) for r in back] == [(r.name, r.label, r.vote) for r in rules]
    assert back[0].when.pattern == rules[0].when.pattern
    assert back[0].when.flags == rules[0].when.flags
    assert rule_votes(ds, back).equals(rule_votes(ds, rules))
    with pytest.raises(DataError, match="no file may hold"):
        write_rules([Rule("f", "spam", bool)], tmp_path / "none.json")
    assert not (tmp_path / "none.json").exists()


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"regex": "("}, "regular expression"),
        ({"regex": "x", "query": "text:x"}, "expected one of query"),
        ({}, "got none"),
        ({"regex": "x", "flags": "q"}, "flags out of"),
        ({"words": []}, "expected words"),
        ({"query": "suspicion>1"}, "conclusions"),
        ({"python": "import os"}, "unknown field"),
        ({"regex": "x", "vote": 3}, "Invalid enum value 3"),
    ],
)
def test_a_file_of_rules_is_checked_and_nothing_in_it_runs(tmp_path, rule, words):
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"labelscope_rules": 1, "rules": [{"name": "r", "label": "spam", **rule}]}))
    with pytest.raises(DataError, match=words):
        read_rules(path)


def test_a_list_of_words_is_a_rule(ds, tmp_path):
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"labelscope_rules": 1, "rules": [{"name": "w", "label": "spam", "words": ["hello", "win"]}]}))
    assert rule_votes(ds, read_rules(path))["item_id"].to_list() == [0, 1]
