import numpy as np
import polars as pl
import pytest
from scipy.stats import beta

import labelscope as ls
from labelscope.audit.sample import Audit, AuditConfig
from labelscope.issues.find import Findings


@pytest.fixture(scope="module")
def noisy():
    """2,000 cells of which 120 are wrong, 30 of them missing, with findings that are of some use."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 6)).astype(np.float32)
    truth = (x[:, :4] + 0.5 * rng.normal(size=(500, 4)) > 0.8).astype(np.int8)
    given = truth.copy()
    for state, n in ((0, 90), (1, 30)):  # wrong positives, wrong negatives
        cells = np.argwhere(truth == state)
        at = cells[rng.choice(len(cells), n, replace=False)]
        given[at[:, 0], at[:, 1]] = 1 - state
    ds = ls.Dataset.from_arrays(given, embeddings=x, label_names=["a", "b", "c", "d"], item_ids=[f"i{k}" for k in range(500)])
    return ds, ls.find_issues(ds), truth


def states(ds, truth, cells):
    rows = [ds.position(item) for item in cells["item_id"]]
    columns = [ds.label_position(label) for label in cells["label"]]
    return cells.with_columns(state=truth[rows, columns])


def test_the_sample_says_what_was_drawn_and_how_likely_it_was(noisy):
    ds, found, _ = noisy
    sample = ls.audit(ds, found, 150)
    assert sample.frame.columns == ["item_id", "label", "given", "kind", "suspicion", "flagged", "part", "stratum", "inclusion"]
    assert sample.frame.height == 150
    assert sample.frame.select("item_id", "label").is_unique().all()
    assert set(sample.frame["part"]) == {"suspicious", "uniform"}
    taken = sample.frame.group_by("stratum").agg(pl.len(), pl.col("inclusion").first()).join(sample.strata, on="stratum")
    assert (taken["inclusion"] - taken["len"] / taken["n_cells"]).abs().max() < 1e-12
    assert sample.frame.group_by("kind").agg(pl.col("given").unique()).sort("kind").rows() == [("missing", [0]), ("spurious", [1])]
    rows = [ds.position(item) for item in sample.frame["item_id"]]
    columns = [ds.label_position(label) for label in sample.frame["label"]]
    assert (sample.frame["suspicion"].to_numpy() == found.scores[rows, columns]).all()


def test_the_order_of_reading_says_nothing_about_the_suspicion(noisy):
    ds, found, _ = noisy
    frame = ls.audit(ds, found, 200).frame
    assert frame.height - 8 > 150
    order = np.arange(frame.height - 8)
    assert abs(np.corrcoef(order, frame["suspicion"][8:])[0, 1]) < 0.15
    assert "suspicion" not in ls.audit(ds, found, 20).cells.columns


def test_the_same_seed_draws_the_same_cells(noisy):
    ds, found, _ = noisy
    assert ls.audit(ds, found, 50, seed=4).frame.equals(ls.audit(ds, found, 50, seed=4).frame)
    assert not ls.audit(ds, found, 50, seed=4).frame.equals(ls.audit(ds, found, 50, seed=5).frame)


def test_a_larger_sample_extends_a_smaller_one(noisy):
    ds, found, _ = noisy
    small, large = ls.audit(ds, found, 40), ls.audit(ds, found, 90)
    assert large.extends(small)
    assert not small.extends(ls.audit(ds, found, 40, seed=1))


def test_intervals_cover_in_simulation(noisy):
    """The bar: at n = 200 at least 93% of the intervals at 95% hold the truth."""
    ds, found, truth = noisy
    wrong = ds.labels.dense() != truth
    kinds = {"all": wrong.sum(), "spurious": 90, "missing": 30, "flagged": 0}
    flagged = found.cells.filter("flagged")
    kinds["flagged"] = sum(wrong[ds.position(i), ds.label_position(k)] for i, k in flagged.select("item_id", "label").iter_rows())
    held = dict.fromkeys(kinds, 0)
    for seed in range(25):
        sample = ls.audit(ds, found, 200, seed=seed)
        told = sample.estimate(states(ds, truth, sample.cells))
        for part, n in kinds.items():
            held[part] += told.wrong(part).low <= n <= told.wrong(part).high
    assert wrong.sum() == 120
    assert sum(held.values()) >= 0.93 * 25 * len(held)
    assert min(held.values()) >= 21


def test_the_estimate_is_the_weighted_count(noisy):
    ds, found, truth = noisy
    sample = ls.audit(ds, found, 200)
    told = sample.estimate(states(ds, truth, sample.cells))
    seen = states(ds, truth, sample.frame).filter(pl.col("state") != pl.col("given"))
    assert told.wrong().estimate == pytest.approx((1 / seen["inclusion"]).sum())
    assert told.wrong("missing").estimate == pytest.approx((1 / seen.filter(kind="missing")["inclusion"]).sum())
    row = told.frame.row(0, named=True)
    assert (row["part"], row["n_cells"], row["n_audited"], row["n_wrong"]) == ("all", 2000, 200, seen.height)
    assert row["rate"] == pytest.approx(row["wrong"] / 2000)


def test_everything_audited_is_known_exactly(noisy):
    ds, found, truth = noisy
    sample = ls.audit(ds, found, 10_000)
    told = sample.estimate(states(ds, truth, sample.cells))
    assert told.wrong() == (120, 120, 120)
    assert told.wrong("spurious") == (90, 90, 90)
    labels = told.labels.sort("label")
    assert labels["prevalence"].to_list() == pytest.approx(truth.mean(0).tolist())
    assert labels["prevalence_low"].to_list() == labels["prevalence_high"].to_list()
    assert labels["error_rate"].to_list() == pytest.approx((ds.labels.dense() != truth).mean(0).tolist())
    assert told.notes == ()


def test_the_long_tail_counts_errors_as_the_audit_does(noisy):
    ds, found, truth = noisy
    given = ds.labels.dense()
    whole = ls.audit(ds, found, 10_000)
    tail = ls.long_tail(ds, audit=whole.estimate(states(ds, truth, whole.cells)))
    order = [ds.label_position(label) for label in tail.frame["label"]]
    for limit in ("", "_low", "_high"):
        assert tail.frame[f"spurious{limit}"].to_list() == ((given == 1) & (truth == 0)).sum(0)[order].tolist()
        assert tail.frame[f"missing{limit}"].to_list() == ((given == 0) & (truth == 1)).sum(0)[order].tolist()
        assert tail.frame[f"true{limit}"].to_list() == truth.sum(0)[order].tolist()
    assert tail.frame["audit"].to_list() == [""] * ds.n_labels
    some = ls.audit(ds, found, 30)
    tail = ls.long_tail(ds, audit=some.estimate(states(ds, truth, some.cells)))
    known = tail.frame.drop_nulls("spurious")
    assert (known["spurious_low"] <= known["spurious"]).all()
    assert (known["spurious"] <= known["spurious_high"]).all()
    silent = tail.frame.filter(pl.col("true").is_null())
    assert silent["audit"].str.contains("audited: too few to tell|not in the sample").all()


def test_the_false_discovery_rate_of_one_kind_is_clopper_and_pearson(noisy):
    ds, found, truth = noisy
    spurious = found.cells.with_columns(pl.col("flagged") & (pl.col("kind") == "spurious"))
    sample = ls.audit(ds, Findings(spurious, scores=found.scores), 100, config=AuditConfig(flagged_share=0.3))
    told = sample.estimate(states(ds, truth, sample.cells))
    row = told.frame.filter(part="flagged").row(0, named=True)
    n, right, size = row["n_audited"], row["n_audited"] - row["n_wrong"], row["n_cells"]
    rate = told.false_discovery_rate
    assert rate.estimate == pytest.approx(right / n)
    infinite = beta.ppf([0.025, 0.975], [max(right, 1e-9), right + 1], [n - right + 1, max(n - right, 1e-9)])
    assert infinite[0] - 1 / size <= rate.low <= rate.estimate <= rate.high <= infinite[1] + 1 / size  # narrower: the list is finite


def test_verdicts_may_come_as_words_or_states_in_any_frame(noisy):
    ds, found, truth = noisy
    sample = ls.audit(ds, found, 60)
    as_states = states(ds, truth, sample.cells)
    word = pl.when(pl.col("state") == pl.col("given")).then(pl.lit("right")).otherwise(pl.lit("wrong"))
    as_words = as_states.select("item_id", "label", verdict=word)
    assert sample.estimate(as_words).frame.equals(sample.estimate(as_states).frame)
    assert sample.estimate(as_states.to_pandas()).frame.equals(sample.estimate(as_states).frame)


def test_nothing_audited_says_nothing(noisy):
    ds, found, _ = noisy
    told = ls.audit(ds, found, 60).estimate(pl.DataFrame(schema={"item_id": pl.String, "label": pl.String, "verdict": pl.String}))
    assert told.frame["wrong"].null_count() == told.frame.height
    assert told.wrong()[1:] == (0, 2000)
    assert told.false_discovery_rate[1:] == (0, 1)
    assert told.n_left == 60
    assert "nothing can be said yet" in told.summary()
    assert told.labels["error_rate"].null_count() == told.labels.height


def test_a_few_verdicts_leave_room_for_what_was_not_looked_at(noisy):
    ds, found, truth = noisy
    sample = ls.audit(ds, found, 60)
    told = sample.estimate(states(ds, truth, sample.cells.head(3)))
    unseen = told.strata.filter(pl.col("n_audited") == 0)["n_cells"].sum()
    assert told.wrong().high >= unseen
    assert "57 cells of the sample still wait for a verdict." in told.notes[0]
    assert f"{unseen:,} cells of which none was audited" in told.notes[0]


def test_no_error_found_never_means_none(noisy):
    ds, found, _ = noisy
    sample = ls.audit(ds, found, 200)
    told = sample.estimate(sample.cells.with_columns(verdict=pl.lit("right")))
    assert told.wrong().estimate == told.wrong().low == 0
    assert told.wrong().high > 20
    assert "none found, at most" in told.summary()


def test_undecidable_cells_count_neither_way(noisy):
    ds, found, truth = noisy
    sample = ls.audit(ds, found, 120)
    answers = states(ds, truth, sample.cells).with_columns(
        state=pl.when(pl.int_range(pl.len()) < 30).then(-1).otherwise("state").cast(pl.Int8)
    )
    told = sample.estimate(answers)
    assert told.undecidable_share == 0.25
    assert told.frame.row(0, named=True)["n_audited"] == 90
    assert told.n_left == 0
    only = sample.estimate(answers[30:])
    assert told.wrong() == only.wrong()
    assert "30 cells (25% of the answers) could not be decided" in " ".join(told.notes)


def test_labels_say_so_when_the_sample_says_nothing(noisy):
    ds, found, truth = noisy
    sample = ls.audit(ds, found, 15)
    labels = sample.estimate(states(ds, truth, sample.cells)).labels
    assert labels["n_audited"].sum() == 15
    silent = labels.filter(pl.col("error_rate").is_null())
    assert silent.height
    assert silent["note"].str.contains("nothing").all()
    told = ls.audit(ds, found, 400)
    told = told.estimate(states(ds, truth, told.cells)).labels
    inside = (told["error_low"] <= told["error_rate"]) & (told["error_rate"] <= told["error_high"])
    assert inside.all()
    wrong = (ds.labels.dense() != truth).mean(0)
    for row in told.iter_rows(named=True):
        k = ds.label_position(row["label"])
        assert row["error_low"] <= wrong[k] <= row["error_high"]
        assert row["prevalence_low"] <= truth[:, k].mean() <= row["prevalence_high"]
        assert row["given_prevalence"] == pytest.approx(ds.labels.n_positive[k] / 500)


def test_limits_of_a_whole_leave_room_for_its_parts(noisy):
    ds, found, truth = noisy
    for seed in range(8):
        sample = ls.audit(ds, found, 40, seed=seed)
        told = sample.estimate(states(ds, truth, sample.cells))
        assert told.wrong().high >= max(told.wrong(kind).high for kind in ("spurious", "missing"))


def test_unknown_cells_are_no_part_of_it():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(200, 3)).astype(np.float32)
    given = np.where(rng.random((200, 3)) < 0.7, -1, x > 0).astype(np.int8)
    ds = ls.Dataset.from_arrays(given, embeddings=x)
    sample = ls.audit(ds, n=1000)
    assert sample.frame.height == (given >= 0).sum() == sample.strata["n_cells"].sum()


def test_a_sample_outlives_the_process(noisy):
    ds, found, truth = noisy
    sample = ls.audit(ds, found, 70, config=AuditConfig(confidence=0.9), seed=3)
    again = Audit.from_json(sample.to_json(), ds.item_ids.dtype)
    assert again.frame.equals(sample.frame)
    assert (again.config, again.seed) == (sample.config, 3)
    answers = states(ds, truth, sample.cells)
    assert again.estimate(answers).labels.equals(sample.estimate(answers).labels)
    with pytest.raises(ls.DataError, match="upgrade labelscope"):
        Audit.from_json('{"v": 2}', ds.item_ids.dtype)


def test_any_cell_finds_its_stratum_while_the_findings_are_the_same(noisy):
    ds, found, _ = noisy
    sample = ls.audit(ds, found, 30)
    whole = ls.audit(ds, found, 10_000).frame
    rows = np.array([ds.position(item) for item in whole["item_id"]])
    columns = np.array([ds.label_position(label) for label in whole["label"]])
    assert (sample.strata_of(ds, found, rows, columns) == whole["stratum"].to_numpy()).all()
    other = ls.find_issues(ds, noise="missing")
    assert sample.strata_of(ds, other, rows, columns) is None


def test_bad_input_is_refused_in_a_line(noisy):
    ds, found, _ = noisy
    sample = ls.audit(ds, found, 20)
    item, label, _ = sample.cells.row(0)
    for verdicts, told in [
        (pl.DataFrame({"item_id": [item], "verdict": ["right"]}), "expected the columns item_id, label and verdict or state"),
        (pl.DataFrame({"item_id": [item], "label": [label], "verdict": ["maybe"]}), "one of right, wrong, undecidable, got 'maybe'"),
        (pl.DataFrame({"item_id": [item], "label": [label], "state": [2]}), "one of 1, 0 and -1, got 2"),
        (pl.DataFrame({"item_id": [item] * 2, "label": [label] * 2, "verdict": ["right"] * 2}), "got several on item"),
        (pl.DataFrame({"item_id": ["nobody"], "label": [label], "verdict": ["right"]}), "got item 'nobody'"),
        ([1, 2], "expected a polars, pandas or Arrow frame"),
    ]:
        with pytest.raises(ls.DataError, match=told):
            sample.estimate(verdicts)
    for n in (0, 2.5, True, "many"):
        with pytest.raises(ls.StageError, match="n: expected a"):
            ls.audit(ds, found, n)
