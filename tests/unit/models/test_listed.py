"""Where cells are listed: which ones, in which sets, and that a sample for the scaling changes little."""

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.errors import StageError
from labelscope.models import listed
from labelscope.models.predict import PredictConfig

LISTED = PredictConfig(cells="listed", n_listed=4)


@pytest.fixture(scope="module")
def tailed():
    """Eighty labels with centres, five to an item, most of them rare."""
    rng = np.random.default_rng(0)
    share = np.arange(1, 81) ** -0.8
    drawn = rng.choice(80, size=(2500, 5), p=share / share.sum())
    x = rng.normal(size=(80, 12))[drawn].mean(axis=1) + 0.1 * rng.normal(size=(2500, 12))
    states = np.zeros((2500, 80), np.int8)
    np.put_along_axis(states, drawn, 1, axis=1)
    names = [f"label {k}" for k in range(80)]
    votes = pl.DataFrame({"item_id": [7, 9], "rater": ["a", "a"], "label": ["label 79", "label 78"], "value": [1, 0]})
    taxonomy = [("label 77", "label 0"), ("label 76", "label 77")]
    return ls.Dataset.from_arrays(states, embeddings=x.astype(np.float32), label_names=names, votes=votes, taxonomy=taxonomy), states


@pytest.fixture(scope="module")
def both(tailed):
    return ls.predict(tailed[0]), ls.predict(tailed[0], config=LISTED)


def test_the_positives_and_the_most_probable_labels_of_each_item_are_listed(tailed, both):
    dense, scores = both[0].probabilities, both[1].cell_probabilities
    for cells in (np.nonzero(tailed[1] == 1), (np.repeat(np.arange(2500), 4), np.argsort(-dense, axis=1)[:, :4].ravel())):
        assert scores.known(*cells).all()


def test_the_most_probable_items_of_each_label_are_listed(tailed, both):
    dense, scores, n_positive = both[0].probabilities, both[1].cell_probabilities, tailed[1].sum(axis=0)
    for label in np.flatnonzero(both[0].scored):
        best = np.argsort(-dense[:, label])[: max(10, n_positive[label])]
        assert scores.known(best, np.full(len(best), label)).all()


def test_voted_cells_and_ancestors_of_the_positives_are_listed(tailed, both):
    scores = both[1].cell_probabilities
    assert scores.known(np.array([7, 9]), np.array([79, 78])).all()
    carriers = np.flatnonzero(tailed[1][:, 0] == 1)
    for ancestor in (77, 76):
        assert scores.known(carriers, np.full(len(carriers), ancestor)).all()


def test_the_sums_over_all_cells_are_those_of_the_dense_form(both):
    dense, found = both
    np.testing.assert_allclose(found.cell_probabilities.means(), dense.cell_probabilities.means(), atol=1e-6)
    np.testing.assert_allclose(found.frame["log_loss"], dense.frame["log_loss"], atol=1e-6)
    item, label, p = found.cell_probabilities.cells()
    rest = dense.probabilities.sum(axis=0, dtype=np.float64) - np.bincount(label, p, 80)
    left = 2500 - np.bincount(label, minlength=80)
    np.testing.assert_allclose(found.cell_probabilities.rest[left > 0], rest[left > 0] / left[left > 0], atol=1e-5)
    assert len(item) < 0.5 * dense.probabilities.size


def test_the_cells_are_a_table_by_name_in_both_forms(tailed, both):
    dense, found = (predictions.cells for predictions in both)
    assert dense.height == 2500 * 80
    named = found.join(dense, on=["item_id", "label"], how="left", validate="1:1")
    np.testing.assert_allclose(named["probability"], named["probability_right"], atol=1e-5)


def test_workers_and_their_number_change_no_bit(tailed, both, monkeypatch):
    monkeypatch.setattr(listed, "BLOCK_BYTES", 40_000)
    several = []
    for workers in (1, 3):
        monkeypatch.setattr(listed.os, "cpu_count", lambda n=workers: n)
        several.append(ls.predict(tailed[0], config=LISTED).cell_probabilities)
    np.testing.assert_array_equal(several[0].labels, several[1].labels)
    np.testing.assert_allclose(several[0].numbers, several[1].numbers, atol=1e-6)
    np.testing.assert_array_equal(several[0].labels, both[1].cell_probabilities.labels)


def test_scaling_on_a_sample_of_the_negatives_and_all_positives_comes_near_scaling_on_all(tailed, both, monkeypatch):
    monkeypatch.setattr(listed, "SCALED", 80 * 800)
    item, label, p = ls.predict(tailed[0], config=LISTED).cell_probabilities.cells()
    exact = both[0].probabilities[item, label]
    assert np.abs(p - exact).mean() < 0.01
    assert p.mean() == pytest.approx(exact.mean(), rel=0.05)


def test_cells_are_listed_above_both_sizes_only(tailed):
    def form(**sizes):
        return type(ls.predict(tailed[0], config=PredictConfig(**sizes)).cell_probabilities).__name__

    assert form() == "Scores"
    assert form(dense_cells=1000, dense_labels=50) == "ListedScores"
    assert form(dense_cells=1000, dense_labels=80) == "Scores"
    assert form(dense_cells=1000, dense_labels=50, cells="all") == "Scores"


def test_what_listed_cells_cannot_do_is_refused_before_any_work(tailed):
    with pytest.raises(StageError, match="heads: expected 'ridge' where cells are listed, got 2,500 items x 80 labels and logistic"):
        ls.predict(tailed[0], heads="logistic", config=LISTED)
    with pytest.raises(StageError, match='cells: expected "auto", "all" or "listed", got \'some\''):
        ls.predict(tailed[0], config=PredictConfig(cells="some"))
    with pytest.raises(StageError, match="n_listed: expected at least 1 cell an item, got 0"):
        ls.predict(tailed[0], config=PredictConfig(n_listed=0))
    items = pl.DataFrame({"source": ["a", "a", "b", "b"] * 10})
    ds = ls.Dataset.from_arrays([["x"], ["y"]] * 20, embeddings=np.eye(40), items=items, features="source")
    with pytest.raises(StageError, match="features: expected none beside embeddings where cells are listed"):
        ls.predict(ds, config=LISTED)


def test_columns_alone_can_be_learnt_from(tailed):
    items = pl.DataFrame({"source": ["a", "a", "b", "b"] * 10})
    ds = ls.Dataset.from_arrays([["x"], ["y"]] * 20, items=items, features="source")
    found, dense = ls.predict(ds, config=LISTED), ls.predict(ds)
    assert found.method == dense.method
    np.testing.assert_allclose(found.cells["probability"], dense.probabilities.ravel(), atol=1e-5)
