import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.issues.find import FindConfig
from labelscope.suggest.relabel import SuggestConfig, suggest

COLUMNS = ["suggestion_id", "item_id", "label", "action", "confidence", "reason", "set_id", "companions", "swap", "batch_id"]


def clustered(lists, **options):
    """A data set with two kinds of items far from each other: 300 of each."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 5)).astype(np.float32) * 0.2
    x[:, 0] += np.where(np.arange(600) < 300, -3, 3)
    return ls.Dataset.from_arrays(lists, embeddings=x, item_ids=list(range(100, 700)), **options)


@pytest.fixture(scope="module")
def clusters():
    lists = [["thing"]] * 300 + [["animal", "dog"]] * 300
    lists[0], lists[599], lists[598] = ["animal", "dog"], ["thing", "dog"], ["animal", "dog", "thing"]
    ds = clustered(lists, taxonomy=[("animal", "dog")])
    return ds, ls.suggest(ds)


@pytest.fixture(scope="module")
def single():
    lists = [["cat"]] * 300 + [["dog"]] * 300
    for row in range(12):
        lists[row] = ["dog"]
    ds = clustered(lists)
    return ds, ls.suggest(ds)


def cells(frame):
    return {(r["item_id"], r["label"]): r for r in frame.iter_rows(named=True)}


def test_planted_errors_are_suggested_with_the_right_action(clusters):
    got = cells(clusters[1].frame)
    assert got[(699, "animal")]["action"] == "add"
    assert got[(100, "dog")]["action"] == "remove"
    assert got[(698, "thing")]["action"] == "remove"


def test_reasons_say_what_the_neighbours_and_the_taxonomy_say(clusters):
    reason = cells(clusters[1].frame)[(699, "animal")]["reason"]
    assert "of 10 similar items have this label" in reason
    assert reason.startswith("implied by 'dog'")


def test_best_first_with_stable_unique_ids(clusters):
    ds, found = clusters
    assert found.frame.columns == COLUMNS
    assert found.frame["confidence"].is_sorted(descending=True)
    assert found.frame["suggestion_id"].is_unique().all()
    again = ls.suggest(ds)
    assert found.frame.equals(again.frame)
    assert found.batches.equals(again.batches)


def test_changes_of_one_item_that_need_each_other_are_one_set(clusters):
    got = cells(clusters[1].frame)
    parent, child = got[(100, "animal")], got[(100, "dog")]
    assert parent["action"] == child["action"] == "remove"
    assert parent["set_id"] == child["set_id"] is not None
    assert parent["companions"] == [child["suggestion_id"]]
    assert child["companions"] == []
    assert got[(698, "thing")]["set_id"] is None
    assert sorted(clusters[1].together([parent["suggestion_id"]])) == sorted([parent["suggestion_id"], child["suggestion_id"]])
    assert clusters[1].together([child["suggestion_id"]]) == [child["suggestion_id"]]


def test_single_label_data_gets_swaps_and_a_batch_of_them(single):
    found = single[1]
    got = cells(found.frame)
    for item in range(100, 112):
        assert (got[(item, "dog")]["action"], got[(item, "dog")]["swap"]) == ("remove", "cat")
        assert (got[(item, "cat")]["action"], got[(item, "cat")]["swap"]) == ("add", "dog")
        assert got[(item, "cat")]["confidence"] <= got[(item, "dog")]["confidence"]
    batch = found.batches.row(0, named=True)
    assert (batch["action"], batch["label"]) == ("swap", "cat")
    assert 5 <= batch["n"] <= 12
    assert batch["title"] == f"replace 'dog' by 'cat' on {batch['n']} items near each other"
    ids = found.of_batch(batch["batch_id"])
    assert len(ids) == len(set(ids)) == batch["n_suggestions"] == 2 * batch["n"]


def test_one_label_can_be_denied(single):
    ds, _ = single
    frame = ls.suggest(ds, config=SuggestConfig(one_label=False)).frame
    assert frame["swap"].null_count() == frame.height


def test_exclusive_relations_swap_too(exclusive):
    lists = [["x", "cat"]] * 300 + [["y", "dog"]] * 300
    lists[5] = ["x", "dog"]
    ds = clustered(lists)
    relations = exclusive(("cat", "dog"))
    got = cells(ls.suggest(ds, relations=relations).frame)
    assert got[(105, "cat")]["swap"] == "dog"
    assert got[(105, "dog")]["swap"] == "cat"
    with pytest.raises(ls.StageError, match="relations: expected"):
        ls.suggest(ds, relations=relations.frame)


def test_decisions_change_confidence_but_never_what_is_suggested():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(1500, 8)).astype(np.float32)
    truth = x[:, :4] > 0.5
    given = np.where(rng.random(truth.shape) < 0.12, ~truth, truth).astype(int)
    ds = ls.Dataset.from_arrays(given, embeddings=x)
    findings = ls.find_issues(ds, config=FindConfig(budget=0.2))
    before = suggest(ds, None, findings)
    assert before.frame["confidence"].max() <= 0.8 + 1e-6
    assert before.record.is_empty()
    for right in (True, False):
        decided = before.frame.select("item_id", "label", right=pl.lit(right))
        after = suggest(ds, None, findings, outcomes=decided)
        assert set(after.frame["suggestion_id"]) == set(before.frame["suggestion_id"])
        assert after.record["n_decided"].sum() == before.frame.height
        assert (after.frame["confidence"].mean() > before.frame["confidence"].mean()) == right


def test_bad_outcomes_and_unknown_ids_are_refused(clusters):
    ds, found = clusters
    with pytest.raises(ls.DataError, match="right is missing"):
        ls.suggest(ds, outcomes=pl.DataFrame({"item_id": [100], "label": ["dog"]}))
    with pytest.raises(ls.DataError, match=r"expected one of the .* suggestion ids, got '9.9'"):
        found.together(["9.9"])
    with pytest.raises(ls.DataError, match="batch ids, got 'b'"):
        found.of_batch("b")


def test_probabilities_without_anything_to_embed_are_enough():
    rng = np.random.default_rng(0)
    truth = rng.random((200, 4)) < 0.3
    given = truth ^ (rng.random(truth.shape) < 0.1)
    p = np.clip(truth + rng.normal(0, 0.1, truth.shape), 0.01, 0.99)
    found = ls.suggest(ls.Dataset.from_arrays(given.astype(int), probabilities=p))
    assert found.frame.height > 10
    assert found.frame["reason"].str.starts_with("model: ").all()
    assert found.batches["coherence"].null_count() == found.batches.height


@pytest.mark.parametrize("labels", [np.eye(40, 3) + np.roll(np.eye(40, 3), 3, 0), np.ones((40, 3))])
def test_nothing_suspicious_is_an_empty_list_not_an_error(labels):
    x = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
    found = ls.suggest(ls.Dataset.from_arrays(np.minimum(labels, 1).astype(int), embeddings=x))
    assert found.frame.columns == COLUMNS
    assert found.frame.filter(found.frame["action"] == "add").height == 0
