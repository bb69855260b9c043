"""find_issues and suggest where cells are listed: what can judge them does, what cannot is refused or left out."""

from dataclasses import replace

import numpy as np
import polars as pl
import polars.testing
import pytest

import labelscope as ls
from labelscope.errors import StageError
from labelscope.issues.cell_block import cell_block
from labelscope.models.predict import PredictConfig


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 12, 1500)
    x = (rng.normal(size=(12, 8))[kind] + 0.3 * rng.normal(size=(1500, 8))).astype(np.float32)
    states = (rng.random((12, 30)) < 0.2)[kind].astype(np.int8)
    states = np.where(rng.random(states.shape) < 0.03, 1 - states, states)
    states[::50, 3] = -1
    items = pl.DataFrame({"text": [f"kind number{k}" for k in kind]})
    ds = ls.Dataset.from_arrays(states, embeddings=x, items=items, text="text", label_names=[f"label {k}" for k in range(30)])
    predictions = ls.predict(ds, cells="listed", config=PredictConfig(n_listed=6))
    return ds, predictions, ls.find_issues(ds, predictions)


def test_detectors_that_need_all_cells_are_left_out_unless_asked_for(found):
    ds, predictions, findings = found
    assert findings.detectors == ("label_set",)
    with pytest.raises(StageError, match=r"detectors: expected some of label_set, .*which can judge listed cells, got 'words'"):
        ls.find_issues(ds, predictions, detectors=("label_set", "words"))


@pytest.mark.parametrize("detector", ["self_confidence", "noise_rates"])
def test_a_detector_says_of_listed_cells_what_it_says_of_all(found, detector):
    ds, predictions, _ = found
    dense = ls.find_issues(ds, ls.predict(ds), detectors=(detector,), noise="both")
    listed = ls.find_issues(ds, predictions, detectors=(detector,), noise="both")
    item, label, suspicion = listed.cell_scores.cells()
    np.testing.assert_allclose(suspicion, dense.scores[item, label], atol=1e-5)


@pytest.mark.parametrize(("noise", "kind"), [("missing", "missing"), ("spurious", "spurious")])
def test_a_kind_of_noise_can_be_ruled_out(found, noise, kind):
    ds, predictions, _ = found
    assert set(ls.find_issues(ds, predictions, noise=noise).cells["kind"]) == {kind}


def test_evidence_is_what_a_detector_says_and_nothing_of_a_cell_that_is_not_listed(found):
    ds, predictions, findings = found
    top = findings.cells.head(20)
    said = findings.evidence(top, ["self_confidence"])
    p = predictions.cells.join(top, on=["item_id", "label"], maintain_order="right")["probability"]
    np.testing.assert_allclose(said["self_confidence"], np.where(top["given"] == 1, 1 - p, p), atol=1e-6)
    left = pl.DataFrame({"item_id": np.arange(ds.n_items), "label": "label 5"}).join(predictions.cells, on=["item_id", "label"], how="anti")
    assert findings.evidence(left.head(3), ["self_confidence"])["self_confidence"].null_count() == 3


def test_an_unknown_cell_is_unknown_whether_or_not_it_is_listed(found):
    ds, _, findings = found
    items = np.arange(0, 1500, 50)
    listed = findings.cell_scores.known(items, np.full(len(items), 3))
    numbers = findings.cell_scores.at(items, np.full(len(items), 3))
    np.testing.assert_array_equal(np.isnan(numbers), listed)
    assert not findings.cells.filter(pl.col("item_id").is_in(items), label="label 3").height
    assert (ds.labels.states(items, np.full(len(items), 3)) == -1).all()


def test_a_block_of_listed_cells_names_their_labels_and_finds_their_columns(found):
    ds, predictions, _ = found
    scores = predictions.cell_probabilities
    cells, p = cell_block(ds.labels, scores, np.array([40, 3]))
    for row, item in enumerate((40, 3)):
        mine = scores.items == item
        n = mine.sum()
        assert cells.label_of(np.full(n, row), np.arange(n)).tolist() == scores.labels[mine].tolist()
        assert p[row, :n].tolist() == scores.numbers[mine].tolist()
        others = np.setdiff1d(np.arange(30), scores.labels[mine])
        assert (cells.column_of(np.full(len(others), row), others) == -1).all()
        assert (cells.states[row, n:] == -1).all()
    assert cells.kept(p).tolist() == np.concatenate([scores.numbers[scores.items == item] for item in (40, 3)]).tolist()


def test_suggestions_come_from_listed_cells(found):
    ds, predictions, findings = found
    todo = ls.suggest(ds, predictions, findings).frame
    assert todo.height == findings.cells["flagged"].sum()
    assert todo["reason"].str.contains("model: ").all()


def test_sources_compare_the_listed_cells_as_they_compare_all_where_all_are_listed(found):
    ds, _, _ = found
    source = np.where(ds.labels.states(np.arange(1500), np.zeros(1500, np.int64)) == 1, "a", "b")
    ds = replace(ds, items=ds.items.with_columns(source=pl.Series(source)))
    dense = ls.find_issues(ds, ls.predict(ds), detectors=("label_set",))
    every = ls.find_issues(ds, ls.predict(ds, cells="listed", config=PredictConfig(n_listed=30)))
    told, again = (ls.sources(ds, findings, columns=["source"]).frame for findings in (dense, every))
    pl.testing.assert_frame_equal(told, again, abs_tol=1e-4)


def test_what_needs_every_probability_refuses_in_one_line(found):
    ds, predictions, findings = found
    with pytest.raises(StageError, match=r"probabilities: expected a number for each of 1,500 items x 30 labels.*use \.cells"):
        ls.pseudo_label(ds, predictions)
    with pytest.raises(StageError, match=r"scores: expected a number for each of 1,500 items x 30 labels.*use \.cells"):
        np.asarray(findings.scores)
