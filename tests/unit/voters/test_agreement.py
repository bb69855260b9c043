from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from labelscope import Dataset, StageError, agreement
from labelscope.voters.agreement import agreement_coefficients, masi_distances


def voted(answers: np.ndarray, **options) -> Dataset:
    """A data set with one label and `answers` (n_items, n_raters): 1, 0, -1, or 9 for no vote."""
    item, rater = np.nonzero(answers != 9)
    votes = pl.DataFrame({"item_id": item, "rater": [f"r{r}" for r in rater], "label": ["x"] * len(item), "value": answers[item, rater]})
    labels = np.ones((len(answers), 1), int)
    labels[0] = 0
    return Dataset.from_arrays(labels, label_names=["x"], votes=votes, **options)


def test_alpha_of_krippendorffs_binary_example():
    answers = np.array([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]).T
    found = agreement(voted(answers))
    assert found.frame["alpha"][0] == pytest.approx(0.095, abs=5e-4)  # Computing Krippendorff's alpha-reliability (2011), part A
    assert found.alpha == pytest.approx(found.frame["alpha"][0])


def test_coefficients_of_gwets_table():
    pairs = [(1, 1)] * 118 + [(1, 0)] * 5 + [(0, 1)] * 2
    row = agreement(voted(np.array(pairs))).frame.row(0, named=True)
    assert row["observed"] == pytest.approx(0.944)
    assert row["ac1"] == pytest.approx(0.9408, abs=1e-4)  # Gwet (2008), table 2
    assert row["kappa"] == pytest.approx(-0.0288, abs=1e-4)  # for two raters Fleiss' kappa is Scott's pi


def test_varying_numbers_of_votes_against_the_definition():
    rng = np.random.default_rng(0)
    answers = rng.integers(0, 2, (40, 6))
    answers[rng.random(answers.shape) < 0.4] = 9
    answers[rng.random(answers.shape) < 0.1] = -1
    values = [[v for v in row if v in (0, 1)] for row in answers]
    units = [v for v in values if len(v) >= 2]
    within = sum(sum(a != b for i, a in enumerate(u) for j, b in enumerate(u) if i != j) / (len(u) - 1) for u in units)
    pooled = [v for u in units for v in u]
    across = sum(a != b for i, a in enumerate(pooled) for j, b in enumerate(pooled) if i != j) / (len(pooled) - 1)
    row = agreement(voted(answers)).frame.row(0, named=True)
    assert row["alpha"] == pytest.approx(1 - within / across)
    assert row["n_cells"] == len(units)
    assert row["alpha_low"] < row["alpha"] < row["alpha_high"]


def test_raters_who_always_say_the_same_leave_alpha_undefined():
    row = agreement(voted(np.zeros((5, 3), int))).frame.row(0, named=True)
    assert row["alpha"] is None
    assert row["ac1"] == 1


def test_interval_covers_the_truth():
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(40):
        truth = rng.random(200) < 0.3
        answers = truth[:, None] ^ (rng.random((200, 3)) < 0.15)
        row = agreement(voted(answers.astype(int))).frame.row(0, named=True)
        share = 0.3 * 0.85 + 0.7 * 0.15
        expected = 1 - (2 * 0.85 * 0.15) / (2 * share * (1 - share))
        hits += row["alpha_low"] <= expected <= row["alpha_high"]
    assert hits >= 34


def test_masi_of_its_four_cases():
    sets = pl.Series([[0, 1], [0, 1], [0], [1, 2], [3], []])
    distances = masi_distances(sets)
    assert distances[0, 1] == 0
    assert distances[0, 2] == pytest.approx(1 - 0.5 * 2 / 3)
    assert distances[0, 3] == pytest.approx(1 - 1 / 3 * 1 / 3)
    assert distances[0, 4] == 1
    assert (distances[5] == [1, 1, 1, 1, 1, 0]).all()


def test_sets_agree_where_labels_do():
    ds = voted(np.array([[1, 1], [0, 0], [1, 1], [0, 0]]))
    assert agreement(ds).set_alpha == 1


def test_the_better_rater_is_listed_first():
    rng = np.random.default_rng(0)
    truth = (rng.random(400) < 0.2).astype(int)
    errors = np.array([0.02, 0.05, 0.1, 0.35, 0.45])
    answers = truth[:, None] ^ (rng.random((400, 5)) < errors)
    assert agreement(voted(answers.astype(int))).raters["rater"].to_list() == ["r0", "r1", "r2", "r3", "r4"]


def test_a_rater_who_always_says_no_is_worth_nothing_on_a_rare_label():
    rng = np.random.default_rng(0)
    truth = (rng.random(1000) < 0.03).astype(int)
    answers = np.stack([truth ^ (rng.random(1000) < 0.02), truth ^ (rng.random(1000) < 0.02), truth * 0], axis=1)
    raters = agreement(voted(answers.astype(int))).raters
    assert raters["rater"][2] == "r2"
    assert raters["informedness"][2] < 0.3 * raters["informedness"][0]


def test_coefficients_of_many_resamples_at_once_are_those_one_by_one():
    n, yes = np.array([2, 3, 3]), np.array([1, 0, 3])
    counts = np.array([[4, 1, 2], [1, 5, 2]])
    together = agreement_coefficients(n, yes, counts)
    for k in range(2):
        for many, one in zip(together, agreement_coefficients(n, yes, counts[k]), strict=True):
            assert many[k] == one


def test_refuses_data_without_comparable_votes():
    with pytest.raises(StageError, match="with votes"):
        agreement(Dataset.from_arrays([[1], [0]]))
    with pytest.raises(StageError, match="two decided votes"):
        agreement(voted(np.array([[1, -1], [9, 0]])))


def test_the_same_seed_gives_the_same_interval():
    ds = voted(np.random.default_rng(0).integers(0, 2, (30, 3)))
    assert agreement(ds, seed=1).frame.equals(agreement(ds, seed=1).frame)
    assert not agreement(ds, seed=1).frame.equals(agreement(ds, seed=2).frame)
