import numpy as np
import polars as pl
import pytest

from labelscope import Dataset
from labelscope.models.audited_labels import audited_labels
from labelscope.models.histograms import bins_of
from labelscope.models.predict import Predictions
from labelscope.suggest.conformal import audited_bounds, known_bounds, lowest_bins


def plain_selection(reference, candidates, rate):
    """Benjamini and Hochberg on conformal p-values, cell by cell, with Storey's share where the wrong are a minority."""
    p = np.array([(1 + (reference >= c).sum()) / (1 + len(reference)) for c in candidates])
    share = min(1.0, (1 + (p > 0.5).sum()) / (0.5 * len(p)))
    share = share if share < 0.5 else 1.0
    passed = [value for value in p if value <= rate and value <= rate * (p <= value).sum() / (share * len(p))]
    return p <= max(passed, default=-1)


@pytest.mark.parametrize("signal", [0, 1, 3])
def test_the_bound_selects_what_the_procedure_selects(signal):
    for seed in range(8):
        rng = np.random.default_rng(seed)
        reference, candidates = rng.integers(0, 60, 200), np.minimum(rng.integers(0, 60, 90) + 10 * signal, 89)
        counts = (np.bincount(values, minlength=90) for values in (reference, candidates))
        bound = lowest_bins(*counts, 0.2)
        np.testing.assert_array_equal(candidates >= bound, plain_selection(reference, candidates, 0.2))


def test_many_labels_at_once_are_as_many_alone():
    rng = np.random.default_rng(0)
    reference, candidates = rng.integers(0, 4, (7, 50)), rng.integers(0, 4, (7, 50)) * (np.arange(50) > 35)
    alone = [int(lowest_bins(r, c, 0.3)) for r, c in zip(reference, candidates, strict=True)]
    assert lowest_bins(reference, candidates, 0.3).tolist() == alone
    assert lowest_bins(np.zeros(50), np.ones(50), 0.3) == 50  # nothing to measure errors on


def test_the_rate_holds_when_no_candidate_is_right():
    """Against pure chance any selection is wrong: it may happen in a tenth of the cases at most."""
    made = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        counts = (np.bincount(rng.integers(0, 500, size), minlength=500) for size in (300, 150))
        made += lowest_bins(*counts, 0.1) < 500
    assert made / 400 < 0.1 + 2 * (0.1 * 0.9 / 400) ** 0.5


def simulated(seed, n_labels, shift=0.0):
    rng = np.random.default_rng(seed)
    truth = (rng.random((400, n_labels)) < 0.08).astype(np.int8)
    z = rng.normal(size=truth.shape) + 3 * truth - 2 + shift * rng.normal(size=n_labels)
    p = (1 / (1 + np.exp(-z))).astype(np.float32)
    hidden = rng.random(truth.shape) < 0.3
    ds = Dataset.from_arrays(np.where(hidden, -1, truth), probabilities=p)
    return ds, Predictions(pl.DataFrame({"label": list(ds.label_names), "scored": np.ones(n_labels, bool)}), p), truth, hidden


def test_the_list_over_many_labels_holds_the_rate():
    shares, found = [], 0
    for seed in range(20):
        ds, predictions, truth, hidden = simulated(seed, 40, shift=1.0)
        bounds = known_bounds(ds, predictions, 0.1, 0)
        bins = bins_of(predictions.probabilities)
        for within, wrong in ((bins >= bounds.positive[bounds.folds], truth == 0), (bins <= bounds.negative[bounds.folds], truth == 1)):
            made = within & hidden
            shares.append(wrong[made].mean() if made.any() else 0.0)
            found += made.sum()
    assert np.mean(shares[::2]) < 0.11
    assert np.mean(shares[1::2]) < 0.03  # hardly any unknown cell is positive
    assert found > 20 * 2000


def test_scores_of_labels_on_different_scales_are_made_comparable():
    _, predictions, truth, hidden = simulated(0, 40)
    p = predictions.probabilities.astype(np.float64)
    odds = np.log(p / (1 - p))
    squeezed = (1 / (1 + np.exp(-(odds * 0.2 - np.arange(40) / 8)))).astype(np.float32)
    ds = Dataset.from_arrays(np.where(hidden, -1, truth), probabilities=squeezed)
    counts = []
    for made in (predictions, Predictions(predictions.frame, squeezed)):
        bounds = known_bounds(ds, made, 0.1, 0)
        counts.append(((bins_of(made.probabilities) >= bounds.positive[bounds.folds]) & hidden).sum())
    assert counts[1] == pytest.approx(counts[0], rel=0.05)


def test_an_audit_drawn_by_score_is_weighed_back():
    """As many of the audited cells near the top as one likes: the rate stays that of the whole list."""
    shares, found = [], 0
    for seed in range(40):
        rng = np.random.default_rng(1000 + seed)
        ds, predictions, truth, hidden = simulated(seed, 10)
        rows, columns = np.nonzero(hidden)
        odds = predictions.probabilities[rows, columns] + 0.02
        drawn = rng.choice(len(rows), 300, replace=False, p=odds / odds.sum())
        rows, columns = rows[drawn], columns[drawn]
        audited = audited_labels(ds, pl.DataFrame({"item_id": rows, "label": columns.astype(str), "state": truth[rows, columns]}))
        bounds = audited_bounds(ds, predictions, audited, 0.2, -1)
        made = (bins_of(predictions.probabilities) >= bounds.positive[0]) & hidden & (audited.dense() < 0)
        shares.append((truth[made] == 0).mean() if made.any() else 0.0)
        found += made.sum()
    assert np.mean(shares) < 0.22
    assert found > 40 * 10
