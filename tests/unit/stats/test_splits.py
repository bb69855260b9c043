from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.stats import chi2_contingency

from labelscope import Dataset, StageError, compare_splits
from labelscope.compute.intervals import wilson


def drawn(rates, sizes, seed=0):
    """One label whose rate differs between splits, and one whose rate does not."""
    rng = np.random.default_rng(seed)
    split = np.repeat([f"s{k}" for k in range(len(sizes))], sizes)
    rows = np.concatenate([np.column_stack([rng.random(n) < rate, rng.random(n) < 0.3]) for rate, n in zip(rates, sizes, strict=True)])
    return Dataset.from_arrays(rows.astype(int), label_names=["moves", "stays"], items=pl.DataFrame({"split": split}))


def test_p_values_are_those_of_pearsons_test():
    ds = drawn([0.1, 0.2, 0.15], [300, 200, 250])
    found = compare_splits(ds)
    states = ds.labels.dense()
    for column, name in enumerate(ds.label_names):
        table = [[(states[ds.items["split"].to_numpy() == s, column] == y).sum() for s in ("s0", "s1", "s2")] for y in (0, 1)]
        expected = chi2_contingency(table, correction=False).pvalue
        assert found.labels.filter(label=name)["p_value"].item() == pytest.approx(expected, rel=1e-9)


def test_a_label_that_moves_is_found_and_one_that_stays_is_not():
    labels = compare_splits(drawn([0.05, 0.3], [400, 400])).labels
    assert labels["label"].to_list() == ["moves", "stays"]
    assert labels["drifts"].to_list() == [True, False]


def test_chance_alone_rarely_counts_as_drift():
    rng = np.random.default_rng(1)
    wrong = 0
    for _ in range(20):
        states = rng.random((600, 30)) < rng.uniform(0.05, 0.5, 30)
        split = pl.DataFrame({"split": rng.choice(["a", "b", "c"], 600)})
        wrong += int(compare_splits(Dataset.from_arrays(states.astype(int), items=split)).labels["drifts"].sum() > 0)
    assert wrong <= 4, "the family-wise share of false alarms is 5% under the null"


def test_unknown_cells_and_items_without_a_split_do_not_count():
    ds = Dataset.from_arrays([[1], [-1], [0], [1]], items=pl.DataFrame({"split": ["a", "a", "b", None]}))
    rows = compare_splits(ds).frame.select("split", "n_positive", "n_known", "share").rows()
    assert rows == [("a", 1, 1, 1.0), ("b", 0, 1, 0.0)]


def test_label_sets_that_only_one_split_has():
    ds = Dataset.from_arrays([["x"], ["x", "y"], ["x"], ["y"]], items=pl.DataFrame({"split": ["a", "a", "b", "b"]}))
    overview = compare_splits(ds).overview
    assert overview["n_label_sets"].to_list() == [2, 2]
    assert overview["new_label_sets"].to_list() == [0.5, 0.5]
    assert overview["cardinality"].to_list() == [1.5, 1.0]


@pytest.mark.parametrize(("column", "words"), [("fold", "expected a column of the items"), ("item_id", "expected 2 to 20 values")])
def test_columns_that_are_no_splits_are_refused(column, words):
    ds = Dataset.from_arrays([[1]] * 30, items=pl.DataFrame({"split": ["a"] * 30}))
    with pytest.raises(StageError, match=words):
        compare_splits(ds, column)


def test_wilson_covers_and_stays_within_bounds():
    rng = np.random.default_rng(0)
    for share in (0.02, 0.3):
        count = rng.binomial(40, share, 4000)
        low, high = wilson(count, np.full(4000, 40))
        assert ((low <= share) & (share <= high)).mean() > 0.93
    assert np.isnan(wilson(np.array([0]), np.array([0]))[0]).all()
    low, high = wilson(np.array([0, 7]), np.array([7, 7]))
    assert low[0] == 0
    assert high[1] == pytest.approx(1)
