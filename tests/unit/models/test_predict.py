import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.compute.progress import watch
from labelscope.models import predict as predict_module
from labelscope.models import voting
from labelscope.models.predict import PredictConfig
from labelscope.space.neighbors import nearest


def separable(n_features, n_items=600, **options):
    x = np.random.default_rng(0).normal(size=(n_items, n_features)).astype(np.float32)
    return ls.Dataset.from_arrays((x[:, :2] > 0).astype(int), embeddings=x, **options)


@pytest.mark.parametrize("n_features", [2, 3, 20])
def test_separable_labels_are_predicted_in_any_number_of_dimensions(n_features):
    ds = separable(n_features)
    p = ls.predict(ds).probabilities
    assert np.isfinite(p).all()
    assert ((p > 0.5) == (ds.labels.dense() == 1)).mean() > 0.9


def test_groups_are_never_split():
    groups = np.repeat(np.arange(60), 10)
    rng = np.random.default_rng(0)
    labels = np.repeat(rng.random((60, 1)) < 0.5, 10, axis=0)
    x = np.repeat(rng.normal(size=(60, 30)), 10, axis=0) + rng.normal(size=(600, 30)) * 0.3  # an item tells its group
    ds = ls.Dataset.from_arrays(labels.astype(int), embeddings=x, items=pl.DataFrame({"patient": groups}))
    leaking, held_out = (((ls.predict(ds, groups=g).probabilities > 0.5) == labels).mean() for g in (None, "patient"))
    assert leaking > 0.8
    assert held_out < 0.65


def test_too_few_groups_and_unknown_columns_are_refused():
    ds = separable(5, items=pl.DataFrame({"site": [0, 1] * 300}))
    with pytest.raises(ls.StageError, match="at least 5 groups"):
        ls.predict(ds, groups="site")
    with pytest.raises(ls.StageError, match="column of the items"):
        ls.predict(ds, groups="patient")


def test_given_probabilities_are_taken_as_they_are():
    p = np.random.default_rng(0).random((50, 2)).astype(np.float32)
    ds = ls.Dataset.from_arrays((p > 0.5).astype(int), probabilities=p)
    assert (ls.predict(ds).probabilities == p).all()
    assert "given" in ls.predict(ds).method


def test_same_seed_same_answer_and_rare_labels_get_their_prevalence():
    ds = separable(6)
    labels = np.hstack([ds.labels.dense(), np.eye(600, 1, dtype=np.int8)])
    rare = ls.Dataset.from_arrays(labels, embeddings=ds.embeddings)
    first, second = ls.predict(rare, seed=5), ls.predict(rare, seed=5)
    assert (first.probabilities == second.probabilities).all()
    assert first.frame["scored"].to_list() == [True, True, False]
    assert np.ptp(first.probabilities[:, 2]) == 0


def test_progress_is_reported_unless_it_is_declined():
    seen = []
    with watch(lambda stage, done: seen.append((stage, done))):
        ls.predict(separable(5), progress=False)
        assert not seen
        ls.predict(separable(5))
    assert seen[-1] == ("predict", 1.0)


def crowd(kind, n_items=2500):
    """More items than all pairs are compared of, with one label."""
    x = np.random.default_rng(0).normal(size=(n_items, 4)).astype(np.float32)
    label = x[:, 0] > 0 if kind == "linear" else np.abs(x[:, 0]) > np.abs(x[:, 1])
    return ls.Dataset.from_arrays(label[:, None].astype(int), embeddings=x)


def test_landmarks_vote_where_they_lower_the_log_loss_and_only_there():
    curved, straight = ls.predict(crowd("curved")), ls.predict(crowd("linear"))
    assert "10% neighbour votes" in curved.method
    assert curved.vote_share == 0.1
    assert curved.frame["log_loss"][0] < ls.predict(crowd("curved"), config=PredictConfig(vote_share=0)).frame["log_loss"][0]
    assert "votes" not in straight.method
    assert straight.vote_share == 0


@pytest.mark.parametrize("judged", [500, 1_000_000])
def test_votes_judged_on_a_sample_are_those_of_all(monkeypatch, judged):
    monkeypatch.setattr(voting, "JUDGED", judged)
    got = ls.predict(crowd("curved"))
    monkeypatch.setattr(voting, "JUDGED", 10_000)
    np.testing.assert_allclose(got.probabilities, ls.predict(crowd("curved")).probabilities, atol=1e-6)


def test_near_duplicates_share_a_fold_with_and_without_a_search():
    rng = np.random.default_rng(0)
    x = np.repeat(rng.normal(size=(300, 30)), 2, axis=0) + rng.normal(size=(600, 30)) * 1e-3
    ds = ls.Dataset.from_arrays((rng.random((600, 2)) < 0.5).astype(int), embeddings=x.astype(np.float32))
    for config in (PredictConfig(n_neighbors=5), PredictConfig(n_neighbors=0)):
        near = nearest(x, 5) if config.n_neighbors else None
        together = predict_module.kept_together(ds, x, near, None, config, seed=0)
        assert (together[::2] == together[1::2]).all()
        assert len(np.unique(together)) == 300


def test_one_cross_fit_is_enough_where_there_are_many_items_a_feature(monkeypatch):
    seeds = []
    assign = predict_module.assign_folds
    monkeypatch.setattr(
        predict_module, "assign_folds", lambda groups, n_folds, seed: (seeds.append(seed), assign(groups, n_folds, seed))[1]
    )
    ls.predict(separable(15), seed=7)
    ls.predict(separable(14), seed=70)
    assert seeds == [7, 8, 9, 70]
