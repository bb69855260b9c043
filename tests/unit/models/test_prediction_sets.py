import itertools

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.models.prediction_sets import SetConfig
from labelscope.models.set_regions import cheapest_subsets
from labelscope.models.subset_count import count_subsets


def drawn(seed=0, n=2000, k=8):
    rng = np.random.default_rng(seed)
    p = rng.beta(0.5, 1.2, (n, k))
    y = (rng.random(p.shape) < p).astype(np.int8)
    return ls.Dataset.from_arrays(y, probabilities=p), p, y


def brute_force(p, budget):
    """All label sets of one item within a budget of negative log-likelihood, the most likely first."""
    found = []
    for states in itertools.product((0, 1), repeat=len(p)):
        cost = -np.log(np.where(np.array(states) == 1, p, 1 - p)).sum()
        if cost <= budget:
            found.append((cost, tuple(str(k) for k in np.flatnonzero(states))))
    return sorted(found)


def test_label_sets_are_exactly_those_within_the_budget():
    ds, p, _ = drawn(n=400)
    result = ls.prediction_sets(ds, method="label_set")
    budgets = result.region.budgets.budgets
    for row in range(0, 400, 10):
        expected = brute_force(p[row], budgets[result.region.folds[row]])
        listed = result.sets(row)
        assert result.frame["n_sets"][row] == len(expected) == listed.height
        assert [tuple(labels) for labels in listed["labels"]] == [labels for _, labels in expected]
        np.testing.assert_allclose(listed["log_likelihood"], [-cost for cost, _ in expected], atol=1e-4)  # probabilities are float32
        some = set().union(*(set(labels) for _, labels in expected))
        every = set(some).intersection(*(set(labels) for _, labels in expected)) if expected else set()
        assert set(result.frame["certain"][row]) == every
        never = {str(k) for k in range(8)} - some
        assert set(result.frame["possible"][row]) == {str(k) for k in range(8)} - every - never


def test_counting_stops_at_the_cap():
    ds, *_ = drawn(k=14)
    result = ls.prediction_sets(ds, method="label_set", coverage=0.99, config=SetConfig(max_sets=50))
    assert result.frame["n_sets"].max() == 50
    assert result.sets(int(result.frame["n_sets"].arg_max())).height == 50


@pytest.mark.parametrize("method", ["per_label", "label_set"])
@pytest.mark.parametrize("coverage", [0.8, 0.95])
def test_new_items_are_covered_as_stated(method, coverage):
    hits = []
    for seed in range(6):
        _, p, y = drawn(seed, n=1000, k=4)
        hidden = y.copy()
        hidden[:500] = -1  # their labels play no part
        result = ls.prediction_sets(ls.Dataset.from_arrays(hidden, probabilities=p), coverage=coverage, method=method, seed=seed)
        certain, possible = result.region.masks(slice(0, 500))
        if method == "per_label":
            positive = y[:500] == 1
            hits.append([(certain | possible)[positive].mean(), (~certain)[~positive].mean()])
        else:
            cost = -np.log(np.where(y[:500] == 1, p[:500], 1 - p[:500])).sum(axis=1)
            hits.append([(cost <= result.region.budgets.budgets[result.region.folds[:500]]).mean()])
    assert np.mean(hits, axis=0).min() > coverage - 0.012


def test_realised_coverage_is_held_out_and_near_the_stated_one():
    result = ls.prediction_sets(drawn(n=4000)[0], coverage=0.9)
    assert result.realised == pytest.approx(0.9, abs=0.01)
    assert result.labels["covered_positive"].min() > 0.87
    assert "90% stated (against the labels as given)" in result.summary()


def test_certain_labels_of_a_rare_label_are_mostly_right():
    rng = np.random.default_rng(0)
    y = (rng.random((20_000, 1)) < 0.01).astype(np.int8)
    p = 1 / (1 + np.exp(-(rng.normal(size=y.shape) + 4 * y - 5)))
    result = ls.prediction_sets(ls.Dataset.from_arrays(y, probabilities=p))
    certain, _ = result.region.masks(slice(0, 20_000))
    assert certain[y == 0].sum() <= 0.13 * y.sum()
    assert certain[y == 1].mean() > 0.5


def test_a_label_with_too_few_positives_stays_possible():
    rng = np.random.default_rng(0)
    y = np.zeros((300, 2), np.int8)
    y[:7, 0] = y[:150, 1] = 1
    result = ls.prediction_sets(ls.Dataset.from_arrays(y, probabilities=np.clip(y * 0.8 + rng.random(y.shape) * 0.2, 0, 1)))
    certain, possible = result.region.masks(slice(0, 300))
    assert (certain | possible)[:, 0].all()  # fewer than 9 positives cannot exclude anything at 90%
    assert not (certain | possible)[:, 1].all()


def test_sets_without_a_budget_are_those_of_the_undecided_labels():
    result = ls.prediction_sets(drawn(n=300, k=5)[0])
    row = int(result.frame["n_possible"].arg_max())
    listed = result.sets(row)
    assert listed.height == result.frame["n_sets"][row] == 2 ** result.frame["n_possible"][row]
    assert listed["log_likelihood"].is_sorted(descending=True)
    certain = set(result.frame["certain"][row])
    assert all(certain <= set(labels) for labels in listed["labels"])


def test_cheapest_subsets_come_in_order_and_once():
    costs = np.sort(np.random.default_rng(0).random(9))
    found = list(cheapest_subsets(costs))
    assert len({tuple(chosen) for _, chosen in found}) == len(found) == 2**9
    sums = [costs[chosen].sum() for _, chosen in found]
    np.testing.assert_allclose([total for total, _ in found], sums)
    assert np.diff(sums).min() > -1e-12


def test_subsets_are_counted_as_by_brute_force():
    rng = np.random.default_rng(0)
    rows = [np.sort(rng.random(size)) for size in (0, 1, 5, 9)]
    budgets = np.array([0.3, 0.0, 1.1, 1.7])
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    expected = [sum(sum(c) <= budget for n in range(len(row) + 1) for c in itertools.combinations(row, n))
                for row, budget in zip(rows, budgets, strict=True)]  # fmt: skip
    assert count_subsets(np.concatenate(rows), starts, budgets, 10_000).tolist() == expected


def test_audited_cells_take_the_place_of_the_labels():
    ds, p, y = drawn(n=3000, k=2)
    noisy = ls.Dataset.from_arrays(np.where(np.random.default_rng(1).random(y.shape) < 0.4, 0, y), probabilities=p)
    rows, columns = np.divmod(np.arange(2000), 2)
    audited = pl.DataFrame({"item_id": rows, "label": columns.astype(str), "state": y[rows, columns]})
    result = ls.prediction_sets(noisy, audited=audited)
    assert "2,000 audited cells" in result.summary()
    certain, possible = result.region.masks(slice(1000, 3000))
    assert (certain | possible)[y[1000:] == 1].mean() == pytest.approx(0.9, abs=0.03)
    assert ds.n_labels == result.labels.height


def test_bad_arguments_are_refused():
    ds, *_ = drawn(n=60, k=2)
    for arguments, word in (({"coverage": 1.0}, "coverage"), ({"method": "magic"}, "method"), ({"config": SetConfig(n_folds=1)}, "n_folds"),
                            ({"config": SetConfig(max_sets=0)}, "max_sets")):  # fmt: skip
        with pytest.raises(ls.StageError, match=word):
            ls.prediction_sets(ds, **arguments)
    with pytest.raises(ls.StageError, match="99 items"):
        ls.prediction_sets(ds, method="label_set", coverage=0.99)
    with pytest.raises(ls.DataError, match="item"):
        ls.prediction_sets(ds).sets("nobody")
