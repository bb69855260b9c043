import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import labelscope as ls
from labelscope.compute.intervals import wilson
from labelscope.data.cell_scores import Scores
from labelscope.models.calibration_error import calibration_error, chance_error, count_cells, equal_mass
from labelscope.models.recalibration import fit_recalibration, known_cells
from labelscope.models.reliability import CalibrationConfig, label_calibration


def drawn(seed=0, n=4000, k=3, bend=1.0):
    """Probabilities p, and labels that are positive with probability p ** bend."""
    rng = np.random.default_rng(seed)
    p = rng.beta(0.6, 2, (n, k))
    return ls.Dataset.from_arrays((rng.random(p.shape) < p**bend).astype(int), probabilities=p), p


def plain_ece(p, y, n_bins=15):
    order = np.argsort(p, kind="stable")
    parts = np.array_split(order, n_bins)
    return sum(len(part) * abs(p[part].mean() - y[part].mean()) for part in parts) / len(p)


def test_a_bin_says_which_probabilities_it_holds():
    rng = np.random.default_rng(0)
    p = np.concatenate([rng.random(1500), [0, 1]]).astype(np.float32)[:, None]
    ds = ls.Dataset.from_arrays((rng.random(p.shape) < p).astype(int), probabilities=p)
    bins = ls.calibration(ds).bins.drop_nulls("label")
    inside = [int(((p >= start) & (p < stop)).sum()) for start, stop in bins.select("start", "stop").iter_rows()]
    assert inside == bins["n"].to_list()
    assert bins.filter(equal="cells").select(pl.col("start").first(), pl.col("stop").last()).row(0) == (0, np.inf)


def test_errors_are_those_of_a_plain_computation():
    ds, p = drawn(bend=1.5)
    frame = ls.calibration(ds).frame
    y = ds.labels.dense()
    for row in frame.iter_rows(named=True):
        mine = slice(None) if row["label"] is None else int(row["label"])
        q, t = p[:, mine].ravel(), y[:, mine].ravel()
        assert row["ece"] == pytest.approx(plain_ece(q, t), abs=0.004)  # bins end on the fine grid, not at the exact cell
        assert row["brier"] == pytest.approx(((q - t) ** 2).mean())
        assert (row["n"], row["n_positive"]) == (t.size, t.sum())
        assert row["mean_probability"] == pytest.approx(q.mean())
    assert frame["label"][0] is None


def test_bins_that_fall_between_cells_give_the_plain_error_exactly():
    p = np.repeat(np.linspace(0.05, 0.95, 15), 40)
    y = (np.random.default_rng(0).random(p.size) < p).astype(np.int8)
    cells = count_cells(np.zeros(p.size, np.int64), y, p, 1)
    assert calibration_error(equal_mass(cells, 15))[0] == pytest.approx(plain_ece(p, y))


def test_positive_bins_hold_equally_many_positives_and_weigh_by_them():
    ds, _ = drawn(n=30_000, k=1)
    bins = ls.calibration(ds).bins.filter(pl.col("label").is_null(), equal="positives")
    positives = (bins["n"] * bins["share_positive"]).to_numpy()
    assert positives.sum() == pytest.approx(ds.labels.n_positive.sum())
    assert positives.max() / positives.min() < 1.3
    gap = np.abs(bins["mean_probability"] - bins["share_positive"]).to_numpy()
    assert ls.calibration(ds).frame["ece_positives"][0] == pytest.approx((positives * gap).sum() / positives.sum())
    assert bins["low"].is_between(0, bins["share_positive"]).all()


def test_an_exact_model_errs_as_much_as_chance_says():
    found, expected = [], []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        p = rng.beta(0.3, 4, 600)
        bins = equal_mass(count_cells(np.zeros(600, np.int64), (rng.random(600) < p).astype(np.int8), p, 1), 15)
        found.append(calibration_error(bins)[0])
        expected.append(chance_error(bins)[0])
    assert np.mean(found) == pytest.approx(np.mean(expected), rel=0.1)


def test_unknown_cells_take_no_part():
    ds, p = drawn()
    hidden = ds.labels.dense()
    hidden[::2] = -1
    half = ls.Dataset.from_arrays(ds.labels.dense()[1::2], probabilities=p[1::2])
    whole = ls.Dataset.from_arrays(hidden, probabilities=p)
    numbers = ["n", "n_positive", "ece", "ece_by_chance", "ece_positives", "brier"]
    assert ls.calibration(whole).frame.select(numbers).equals(ls.calibration(half).frame.select(numbers))


def test_an_audit_takes_the_place_of_labels_that_miss_half():
    rng = np.random.default_rng(1)
    p = rng.beta(0.5, 2, (5000, 6))
    truth = (rng.random(p.shape) < p).astype(np.int8)
    given = np.where(rng.random(p.shape) < 0.5, 0, truth)
    ds = ls.Dataset.from_arrays(given, probabilities=p / 2)  # calibrated to the labels as given
    rows, columns = rng.integers(0, 5000, 4000), rng.integers(0, 6, 4000)
    audited = pl.DataFrame({"item_id": rows, "label": columns.astype(str), "state": truth[rows, columns]}).unique(["item_id", "label"])
    as_given, found = ls.calibration(ds), ls.calibration(ds, audited=audited)
    assert as_given.frame["ece"][0] < 0.01
    assert found.frame["ece"][0] > 0.08
    assert found.frame["ece_recalibrated"][0] < 0.03
    assert f"{audited.height:,} audited cells" in found.summary()
    assert "the labels as given" in as_given.summary()
    assert np.abs(found.recalibrated.probabilities - p).mean() < 0.03
    assert "recalibrated" in found.recalibrated.method
    assert as_given.recalibrated is None


def test_the_curve_is_as_free_as_the_audit_allows():
    rng = np.random.default_rng(0)
    p = np.tile(rng.random((6000, 1)), (1, 3))
    truth = (rng.random(p.shape) < p**3).astype(np.int8)
    rows = np.concatenate([np.arange(6000), np.arange(300), np.arange(40)])
    columns = np.repeat([0, 1, 2], [6000, 300, 40])
    found = fit_recalibration(rows, columns, truth[rows, columns], Scores(p))
    assert found.kinds.tolist() == ["isotonic", "own", "shared"]
    bent = found.apply(Scores(p))
    assert np.abs(bent[:, 0] - p[:, 0] ** 3).mean() < 0.02
    assert np.abs(bent[:, 1] - p[:, 1] ** 3).mean() < 0.06
    for column in range(3):
        assert np.diff(bent[np.argsort(p[:, column]), column]).min() >= -1e-6


def test_known_cells_come_in_the_order_of_the_items():
    ds, _ = drawn(n=10)
    states = ds.labels.dense()
    rows, columns, found = known_cells(ls.Dataset.from_arrays(np.where(states == 1, 1, np.where(states == 0, 0, -1))).labels)
    assert np.all(np.diff(rows) >= 0)
    assert (found == states[rows, columns]).all()


def test_wilson_is_the_published_interval():
    low, high = wilson(np.array([0, 81]), np.array([20, 263]))  # R. G. Newcombe, Statistics in Medicine 17 (1998), table I
    assert low.round(4).tolist() == [0.0, 0.2553]
    assert high.round(4).tolist() == [0.1611, 0.3662]


def test_bad_arguments_are_refused():
    ds, _ = drawn(n=50)
    with pytest.raises(ls.StageError, match="n_bins"):
        ls.calibration(ds, config=CalibrationConfig(n_bins=1))
    with pytest.raises(ls.StageError, match="expected shape"):
        ls.calibration(ds, ls.predict(drawn(n=60)[0]))
    with pytest.raises(ls.StageError, match="scored"):
        ls.calibration(ls.Dataset.from_arrays(np.eye(20, dtype=int), probabilities=np.full((20, 20), 0.5)))


def test_one_label_alone_is_measured_as_among_all():
    ds, _ = drawn(k=4)
    predictions = ls.predict(ds, progress=False)
    everything = ls.calibration(ds, predictions)
    for k, name in enumerate(ds.label_names):
        alone = label_calibration(ds, predictions, k)
        assert_frame_equal(alone.frame, everything.frame.filter(label=name))
        assert_frame_equal(alone.bins, everything.bins.filter(label=name))


def test_a_label_that_is_not_scored_has_no_calibration():
    ds = ls.Dataset.from_arrays([[1, 0]] * 20 + [[0, 0]] * 20, probabilities=np.full((40, 2), 0.5))
    predictions = ls.predict(ds, progress=False)
    assert not predictions.scored[1]
    assert label_calibration(ds, predictions, 1) is None
