import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.data.cell_scores import Scores
from labelscope.data.labels import from_dense
from labelscope.issues.asymmetry import MOST, miss_rates, missing_weight, weigh_odds
from labelscope.issues.confidence import BELIEVED
from labelscope.issues.find import FindConfig
from labelscope.issues.flags import flag_cells
from labelscope.issues.rarity import rarity_weights
from labelscope.stats.characteristics import single_choice


@pytest.fixture(scope="module")
def noisy():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1500, 8)).astype(np.float32)
    truth = (x[:, :4] > 0.8).astype(np.int8)
    given = truth.copy()
    flip = rng.random(given.shape) < np.where(truth == 1, 0.25, 0.02)
    given[flip] ^= 1
    given[rng.random(given.shape) < 0.1] = -1
    ds = ls.Dataset.from_arrays(given, embeddings=x, item_ids=[f"i{k}" for k in range(1500)], label_names=list("abcd"))
    return ds, given, truth


def test_wrong_cells_come_first(noisy):
    ds, given, truth = noisy
    found = ls.find_issues(ds, ls.predict(ds))
    assert np.array_equal(np.isnan(found.scores), given == -1)
    known = given >= 0
    wrong = (given != truth)[known]
    top = np.argsort(-found.scores[known])[:100]
    assert wrong[top].mean() > 0.8 > 8 * wrong.mean()


def test_frames_are_keyed_by_name_and_sorted(noisy):
    ds, given, _ = noisy
    found = ls.find_issues(ds, ls.predict(ds))
    assert found.cells.columns == ["item_id", "label", "given", "kind", "suspicion", "flagged", "confidence"]
    assert found.items.columns == ["item_id", "suspicion", "n_flagged"]
    assert found.cells["suspicion"].is_sorted(descending=True)
    first = found.cells.row(0, named=True)
    i, k = ds.position(first["item_id"]), ds.label_position(first["label"])
    assert first["given"] == given[i, k]
    assert first["suspicion"] == found.scores[i, k]
    assert {"spurious": 1, "missing": 0}[first["kind"]] == first["given"]
    assert found.items["n_flagged"].sum() == found.cells["flagged"].sum()


@pytest.mark.parametrize(("noise", "absent"), [("missing", "spurious"), ("spurious", "missing")])
def test_stated_noise_rules_the_other_kind_out(noisy, noise, absent):
    ds, _, _ = noisy
    found = ls.find_issues(ds, ls.predict(ds), noise=noise)
    assert found.cells.filter(pl.col("kind") == absent).height == 0
    assert found.cells.height > 0


def test_rare_labels_are_reported_not_scored(noisy):
    ds, given, _ = noisy
    rare = np.zeros((len(given), 1), np.int8)
    rare[:3] = 1
    found = ls.find_issues(ls.Dataset.from_arrays(np.hstack([np.abs(given), rare]), embeddings=ds.embeddings))
    assert found.not_scored == ("4",)
    assert (found.scores[:, 4] == 0).all()


def test_misses_that_persist_at_the_top_weigh_more_than_those_that_vanish():
    rng = np.random.default_rng(0)
    p = np.sort(rng.random((4000, 1)) ** 2, axis=0)
    vanishing = rng.random(p.shape) < p  # the model's own doubt: at the top every cell is given
    persisting = (rng.random(p.shape) < p) & (rng.random(p.shape) > 0.5)
    np.testing.assert_allclose(miss_rates(from_dense(persisting), Scores(p))[0], 0.55, atol=0.1)
    weights = [missing_weight(labels, miss_rates(labels, Scores(p))) for labels in (from_dense(vanishing), from_dense(persisting))]
    assert weights[0] < 0.01 * MOST
    assert weights[1] > 0.2 * MOST


def test_miss_rates_against_sorting():
    rng = np.random.default_rng(1)
    p, states = rng.random((500, 3)), rng.integers(-1, 2, (500, 3))
    top, broad = miss_rates(from_dense(states), Scores(p), (0.1, 0.5))
    for k in range(3):
        known = states[:, k] >= 0
        order = np.argsort(-p[known, k])
        n = (states[:, k] == 1).sum()
        assert top[k] == pytest.approx((states[known, k][order][: int(0.1 * n)] == 0).mean())
        assert broad[k] == pytest.approx((states[known, k][order][: int(0.5 * n)] == 0).mean())


def test_where_every_item_carries_one_label_a_wrong_one_means_a_missed_one():
    one = np.eye(3, dtype=int)[np.random.default_rng(0).integers(0, 3, 900)]
    several = one.copy()
    several[:300, 0] = 1
    vanishing = np.array([[0.0] * 3, [0.3] * 3])
    assert single_choice(from_dense(one)) == 1
    assert missing_weight(from_dense(one), vanishing) == MOST
    assert missing_weight(from_dense(several), vanishing) < 0.01 * MOST


def test_where_no_miss_was_to_be_expected_that_there_is_none_says_nothing():
    several = from_dense([[1, 1, 0]] * 50 + [[0, 1, 1]] * 50)
    assert missing_weight(several, np.zeros((2, 3))) == MOST
    few, many = (missing_weight(several, np.array([[0.0] * 3, [broad] * 3])) for broad in (0.01, 0.2))
    assert MOST > few > 0.1 * MOST > many


def test_a_single_planted_miss_in_clean_labels_is_found():
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(600, 5)) * 0.2).astype(np.float32)
    x[:, 0] += np.where(np.arange(600) < 300, -3, 3)
    lists = [["x", "cat"]] * 300 + [["y", "dog"]] * 300
    lists[5] = ["x"]
    cells = ls.find_issues(ls.Dataset.from_arrays(lists, embeddings=x)).cells
    assert cells.select("item_id", "label", "kind", "flagged").row(0) == (5, "cat", "missing", True)


def test_items_that_nobody_checked_do_not_count_as_without_label():
    states = np.eye(3, dtype=int)[np.arange(30) % 3]
    states[:20] = -1
    assert single_choice(from_dense(states)) == 1


def test_weighed_odds():
    s = np.array([0.0, 0.2, 0.5, 1.0], np.float32)
    odds = 3 * 0.25
    np.testing.assert_allclose(weigh_odds(s, 3.0), [0, odds / (1 + odds), 0.75, 1])
    np.testing.assert_allclose(weigh_odds(s, 1e-18), [0, 0, 0, 1], atol=1e-9)


def test_positives_of_rare_labels_weigh_less_and_the_typical_one_as_before():
    weights = rarity_weights(np.array([0.3, 0.01]), np.array([3000, 100]))
    assert 0.4 < weights[1] < weights[0]
    assert np.average(np.log(weights), weights=[3000, 100]) == pytest.approx(0, abs=1e-6)


def test_a_taxonomy_is_heard_although_negatives_are_ruled_out_otherwise(noisy):
    ds, given, _ = noisy
    tree = ls.Dataset.from_arrays(given, embeddings=ds.embeddings, label_names=list("abcd"), taxonomy=[("a", "b")])
    with_tree, without = ls.find_issues(tree), ls.find_issues(tree, detectors=["label_set"])
    broken = (given[:, 0] == 0) & (given[:, 1] == 1)
    assert (with_tree.scores[broken, 0] >= without.scores[broken, 0]).all()
    assert (with_tree.scores[broken, 0] > without.scores[broken, 0]).any()
    np.testing.assert_array_equal(with_tree.scores[~broken], without.scores[~broken])


def test_detectors_by_name(noisy):
    ds, given, _ = noisy
    pred = ls.predict(ds)
    found = ls.find_issues(ds, pred, noise="spurious", detectors=["self_confidence"])
    assert found.detectors == ("self_confidence",)
    for k in range(4):  # the order within a label is that of self-confidence
        mine = given[:, k] == 1
        np.testing.assert_array_equal(np.argsort(-found.scores[mine, k]), np.argsort(pred.probabilities[mine, k]))
    both = ls.find_issues(ds, pred, detectors=("self_confidence", "neighbors")).scores
    assert not np.array_equal(np.nan_to_num(both), np.nan_to_num(found.scores))


@pytest.mark.parametrize(
    ("names", "words"),
    [(["magic"], "expected names out of label_set.*got 'magic'"), (["votes"], "which needs votes"), ([], "at least one of")],
)
def test_refuses_detectors_that_there_are_not_or_that_cannot_run(noisy, names, words):
    with pytest.raises(ls.StageError, match=words):
        ls.find_issues(noisy[0], detectors=names)


def test_votes_settle_the_cells_they_are_about(noisy):
    ds, given, truth = noisy
    rows = np.flatnonzero(given[:, 0] >= 0)[:200]
    votes = pl.DataFrame({
        "item_id": np.repeat(rows, 4), "rater": ["r1", "r2", "r3", "r4"] * 200, "label": "a", "value": np.repeat(truth[rows, 0], 4),
    })  # fmt: skip
    people = ls.Dataset.from_arrays(given, embeddings=ds.embeddings, label_names=list("abcd"), votes=votes)
    found, alone = ls.find_issues(people), ls.find_issues(people, detectors=["label_set"])
    wrong = given[rows, 0] != truth[rows, 0]
    assert found.scores[rows, 0][wrong].min() > 0.6
    assert found.scores[rows, 0][~wrong].max() < 0.4
    rest = np.setdiff1d(np.arange(1500), rows)
    np.testing.assert_array_equal(found.scores[rest], alone.scores[rest])


def test_votes_or_a_taxonomy_can_speak_alone():
    labels = np.eye(3, dtype=int)[np.arange(30) % 3]
    votes = pl.DataFrame({"item_id": [0] * 3, "rater": ["r", "s", "t"], "label": ["a"] * 3, "value": [0] * 3})
    found = ls.find_issues(ls.Dataset.from_arrays(labels, label_names=list("abc"), votes=votes))
    assert found.cells.select("item_id", "label", "kind").rows() == [(0, "a", "spurious")]
    found = ls.find_issues(ls.Dataset.from_arrays(labels, label_names=list("abc"), taxonomy=[("a", "b")]))
    assert found.cells["label"].unique().to_list() == ["a"]
    assert found.cells.height == 10
    with pytest.raises(ls.StageError, match="expected embeddings"):
        ls.find_issues(ls.Dataset.from_arrays(labels))


def test_evidence_says_what_each_detector_says(noisy):
    ds, given, _ = noisy
    pred = ls.predict(ds)
    found = ls.find_issues(ds, pred)
    said = found.evidence()
    flagged = found.cells.filter("flagged")
    assert said.select("item_id", "label").equals(flagged.select("item_id", "label"))
    assert {"self_confidence", "label_set", "neighbors"} <= set(said.columns)
    i, k = ds.position(said["item_id"][0]), ds.label_position(said["label"][0])
    assert said["self_confidence"][0] == pytest.approx(ls.score_cells(given, pred.probabilities)[i, k])
    one = found.evidence(found.cells.tail(3), ["self_confidence"])
    assert one.columns == ["item_id", "label", "self_confidence"]
    assert one.height == 3
    with pytest.raises(ls.DataError, match="known items"):
        found.evidence(pl.DataFrame({"item_id": ["nobody"], "label": ["a"]}))


def test_blocks_and_seeds_do_not_change_the_answer(noisy, monkeypatch):
    ds, *_ = noisy
    pred = ls.predict(ds)
    whole = ls.find_issues(ds, pred)
    monkeypatch.setattr("labelscope.issues.find.BLOCK_BYTES", 1000)
    parts = ls.find_issues(ds, pred)
    np.testing.assert_array_equal(whole.scores, parts.scores)
    assert whole.cells.equals(parts.cells)


def test_flags_stay_within_the_budget_of_each_kind_tier_and_label(noisy):
    ds, *_ = noisy
    config = FindConfig(flag_above=0.0, budget=0.02, label_share=0.01)
    flagged = ls.find_issues(ds, ls.predict(ds), config=config).cells.filter("flagged")
    n_positive = ds.labels.n_positive
    by_kind = flagged.group_by("kind").len()
    assert set(by_kind["kind"]) == {"missing", "spurious"}
    assert by_kind["len"].max() <= np.ceil(0.02 * n_positive.sum())
    by_label = flagged.group_by("label", "kind").len()
    assert by_label["len"].max() <= np.ceil(0.01 * n_positive.max())


def test_the_tail_is_neither_drowned_nor_flagged_wholesale():
    n_positive = np.array([5000, 3000, 12, 12])
    rng = np.random.default_rng(0)
    label = np.r_[np.repeat([0, 1], 2000), np.repeat([2, 3], 12)]
    suspicion = np.r_[rng.uniform(0.9, 1, 4000), rng.uniform(0.6, 0.8, 24)]  # every head cell looks worse than any tail cell
    order = np.argsort(-suspicion)
    label, suspicion = label[order], suspicion[order]
    flagged = flag_cells(suspicion, suspicion, label, np.ones(len(label), int), n_positive, FindConfig())
    by_label = np.bincount(label[flagged], minlength=4)
    assert by_label[:2].sum() == 240  # 3% of the head's positives
    assert by_label[2:].sum() == 5  # never drowned: a few cells whatever the head looks like
    assert (by_label[2:] <= 6).all()  # never wholesale: at most half of the label's positives
    every = flag_cells(suspicion, suspicion, label, np.ones(len(label), int), n_positive, FindConfig(budget=1.0))
    assert (np.bincount(label[every], minlength=4)[2:] == 6).all()


def test_flags_by_expected_precision():
    confidence = np.array([0.9, 0.8, 0.7, 0.4, 0.2])
    label, states = np.zeros(5, int), np.ones(5, int)
    for precision, expected in ((0.8, 3), (0.95, 0), (0.6, 5), (0.7, 4)):
        config = FindConfig(flag="precision", precision=precision, flag_above=0.0)
        flagged = flag_cells(confidence, confidence, label, states, np.array([1000]), config)
        assert flagged.sum() == expected
        assert flagged[:expected].all()
        assert not expected or confidence[flagged].mean() >= precision


@pytest.mark.parametrize(("config", "words"), [({"flag": "all"}, '"budget" or "precision"'), ({"budget": 3}, r"budget: .*\[0, 1\]")])
def test_refuses_flags_without_a_meaning(noisy, config, words):
    with pytest.raises(ls.StageError, match=words):
        ls.find_issues(noisy[0], config=FindConfig(**config))


def test_confidence_follows_the_suspicion_and_never_exceeds_it(noisy):
    ds, *_ = noisy
    cells = ls.find_issues(ds, ls.predict(ds)).cells
    assert cells["confidence"].is_sorted(descending=True)
    assert (cells["confidence"] <= cells["suspicion"]).all()
    assert 0.3 < cells["confidence"].max() <= BELIEVED


def test_arrays_in_place_of_predictions_are_refused(noisy):
    with pytest.raises(ls.StageError, match="what predict returns"):
        ls.find_issues(noisy[0], np.zeros((3, 3)))


def test_refuses_an_unknown_word_for_noise(noisy):
    with pytest.raises(ls.StageError, match="expected"):
        ls.find_issues(noisy[0], noise="some")
