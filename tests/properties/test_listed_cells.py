"""Listed cells have the probability, the suspicion and the suggestions that they have where every cell has one."""

import numpy as np
import polars as pl
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import labelscope as ls
from labelscope.models.predict import PredictConfig


@st.composite
def data_sets(draw):
    seed, n_items, n_labels = draw(st.integers(0, 2**16)), draw(st.sampled_from([120, 350, 2600])), draw(st.integers(2, 30))
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n_items, draw(st.sampled_from([3, 8, 130])))).astype(np.float32)
    weights = rng.normal(size=(x.shape[1], n_labels))
    z = x @ weights / np.linalg.norm(weights, axis=0) + 0.5 * rng.normal(size=(n_items, n_labels))
    above = np.diagonal(np.quantile(z, rng.uniform(0.6, 0.93, n_labels), axis=0))
    states = (z > above).astype(np.int8)  # with enough positives of every label that it is scored
    names = [f"label {k}" for k in range(n_labels)]
    extras = {}
    if draw(st.booleans()):
        states[rng.random(states.shape) < 0.1] = -1
    if draw(st.booleans()):
        extras["taxonomy"] = [(names[0], names[1])]
    if draw(st.booleans()):
        item, label = rng.integers(0, n_items, 60), rng.integers(0, n_labels, 60)
        raters, values = [f"r{k}" for k in rng.integers(0, 4, 60)], rng.integers(0, 2, 60)
        votes = pl.DataFrame({"item_id": item, "rater": raters, "label": [names[k] for k in label], "value": values})
        extras["votes"] = votes.unique(["item_id", "rater", "label"], keep="first", maintain_order=True)
    return ls.Dataset.from_arrays(states, embeddings=x, label_names=names, **extras), draw(st.integers(1, 12))


def is_clear(ds, predictions):
    """Whether no two items are as likely where the highest of a label end: which of them counts as one is chance."""
    for label, states in enumerate(ds.labels.dense().T):
        falling = -np.sort(-predictions.probabilities[states != -1, label])
        n_positive = int((states == 1).sum())
        ends = [n for n in (max(10, n_positive // 10), max(10, n_positive)) if n < len(falling)]
        if any(falling[n - 1] == falling[n] for n in ends):
            return False
    return True


@settings(max_examples=12, deadline=None)
@given(data_sets())
def test_both_forms_agree_on_the_listed_cells(made):
    ds, n_listed = made
    dense, listed = ls.predict(ds), ls.predict(ds, cells="listed", config=PredictConfig(n_listed=n_listed))
    assume(is_clear(ds, dense))
    item, label, p = listed.cell_probabilities.cells()
    np.testing.assert_allclose(p, dense.probabilities[item, label], atol=1e-5)
    assert listed.method == dense.method
    findings, found = ls.find_issues(ds, dense), ls.find_issues(ds, listed)
    assert found.missing_weight == findings.missing_weight
    np.testing.assert_allclose(found.miss_rates["miss_rate"], findings.miss_rates["miss_rate"], atol=1e-9)
    item, label, suspicion = found.cell_scores.cells()
    np.testing.assert_allclose(suspicion, findings.scores[item, label], atol=1e-5)
    assert found.detectors == findings.detectors


@settings(max_examples=6, deadline=None)
@given(data_sets())
def test_where_all_cells_are_listed_the_suggestions_are_the_same(made):
    ds, _ = made
    dense, listed = ls.predict(ds), ls.predict(ds, cells="listed", config=PredictConfig(n_listed=ds.n_labels))
    assume(is_clear(ds, dense))
    findings, found = ls.find_issues(ds, dense), ls.find_issues(ds, listed)
    suggested, again = ls.suggest(ds, dense, findings).frame, ls.suggest(ds, listed, found).frame
    by = ["item_id", "label"]
    same = suggested.select(*by, "action", "confidence").join(again.select(*by, "action", "confidence"), on=[*by, "action"], how="full")
    assert same.null_count().sum_horizontal().item() <= 0.02 * 4 * max(1, same.height)  # ties at the end of a budget
    shared = same.drop_nulls()
    np.testing.assert_allclose(shared["confidence"], shared["confidence_right"], atol=1e-4)
