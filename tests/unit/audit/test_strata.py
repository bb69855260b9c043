import itertools

import numpy as np
import polars as pl
import pytest

from labelscope import Dataset, StageError
from labelscope.audit import strata as module
from labelscope.audit.strata import AuditConfig, draw, flagged_cells, stratify
from labelscope.issues.find import Findings

N_ITEMS, N_LABELS = 300, 6


def made(*, one_sided=False, unknown=0.1, seed=0):
    """A data set and findings whose confidence is half the suspicion."""
    rng = np.random.default_rng(seed)
    states = (rng.random((N_ITEMS, N_LABELS)) < 0.2).astype(np.int8)
    states[rng.random(states.shape) < unknown] = -1
    scores = (rng.random(states.shape) ** 3).astype(np.float32)
    if one_sided:
        scores[states == 0] = 0
    scores[states < 0] = np.nan
    dataset = Dataset.from_arrays(states, label_names=list("abcdef"), item_ids=[f"i{k}" for k in range(N_ITEMS)])
    row, column = np.nonzero(np.nan_to_num(scores) > 0.2)
    order = np.argsort(-scores[row, column])
    row, column = row[order], column[order]
    suspicion = scores[row, column]
    cells = pl.DataFrame({
        "item_id": dataset.item_ids[row], "label": pl.Series(dataset.label_names)[column], "given": states[row, column],
        "kind": np.where(states[row, column] == 1, "spurious", "missing"), "suspicion": suspicion, "flagged": np.arange(len(row)) < 30,
        "confidence": suspicion / 2,
    })  # fmt: skip
    return dataset, Findings(cells, scores=scores)


def flags(dataset, findings):
    out = np.zeros(dataset.labels.shape, bool)
    out[flagged_cells(dataset, findings)] = True
    return out


def test_every_known_cell_has_one_stratum_and_the_counts_are_right():
    dataset, findings = made()
    strata = stratify(dataset, findings, AuditConfig())
    states, flagged = dataset.labels.dense(), flags(dataset, findings)
    codes = strata.of(states, findings.scores)
    codes[flagged] = strata.of_flagged(states[flagged])
    assert ((codes == -1) == (states == -1)).all()
    for row in strata.frame.iter_rows(named=True):
        mine = codes == row["stratum"]
        assert mine.sum() == row["n_cells"]
        assert (states[mine] == (row["kind"] == "spurious")).all()
        assert (flagged[mine] == row["flagged"]).all()
    assert strata.frame.filter("flagged").height == 2
    assert strata.frame["share"].sum() == pytest.approx(1)


def test_bands_are_in_the_order_of_suspicion():
    dataset, findings = made()
    strata = stratify(dataset, findings, AuditConfig(n_bands=4))
    codes = strata.of(dataset.labels.dense(), findings.scores)
    for kind in ("missing", "spurious"):
        bands = strata.frame.filter(~pl.col("flagged"), kind=kind)["stratum"]
        assert len(bands) == 4
        ranges = [(findings.scores[codes == b].min(), findings.scores[codes == b].max()) for b in bands]
        assert all(high <= low for (_, high), (low, _) in itertools.pairwise(ranges))


def test_shares_look_where_errors_are_likely_and_nowhere_too_thinly():
    dataset, findings = made(one_sided=True)
    frame = stratify(dataset, findings, AuditConfig(flagged_share=0.0, kind_share=0.0)).frame
    weight = (frame["n_cells"] / frame["share"]).to_numpy()
    assert weight.max() / weight.min() < np.sqrt(0.25 / (0.02 * 0.98))
    assert weight[frame["kind"].to_numpy() == "missing"].min() > weight[frame["kind"].to_numpy() == "spurious"].max()


def test_kinds_and_flags_get_their_least_share():
    dataset, findings = made()
    frame = stratify(dataset, findings, AuditConfig(kind_share=0.45, flagged_share=0.3)).frame
    assert frame.filter("flagged")["share"].sum() == pytest.approx(0.3)
    rest = frame.filter(~pl.col("flagged"))
    assert rest.filter(kind="spurious")["share"].sum() > 0.42 * rest["share"].sum()


def test_a_kind_that_nothing_is_suspected_of_needs_no_least_share():
    dataset, findings = made(one_sided=True)
    plain = stratify(dataset, findings, AuditConfig(kind_share=0.0)).frame
    asked = stratify(dataset, findings, AuditConfig(kind_share=0.5)).frame
    assert asked.filter(kind="missing")["share"].sum() <= plain.filter(kind="missing")["share"].sum() + 1e-9


def test_a_draw_takes_known_cells_once_in_their_shares():
    dataset, findings = made()
    config = AuditConfig()
    strata = stratify(dataset, findings, config)
    drawn = draw(dataset, findings, strata, 200, config, seed=1)
    flat = drawn.items * N_LABELS + drawn.labels
    assert len(np.unique(flat)) == 200
    states, flagged = dataset.labels.dense(), flags(dataset, findings)
    codes = strata.of(states, findings.scores)
    codes[flagged] = strata.of_flagged(states[flagged])
    assert (codes.ravel()[flat] == drawn.strata).all()
    assert np.bincount(drawn.strata) == pytest.approx(200 * strata.frame["share"].to_numpy(), abs=1)
    for label in range(N_LABELS):
        assert (np.bincount(codes[:, label][codes[:, label] >= 0], minlength=len(strata)) == drawn.counts[label]).all()


def test_within_a_stratum_all_cells_are_alike():
    dataset, findings = made()
    config = AuditConfig()
    strata = stratify(dataset, findings, config)
    times = np.zeros(N_ITEMS * N_LABELS)
    for seed in range(150):
        drawn = draw(dataset, findings, strata, 100, config, seed)
        times[drawn.items * N_LABELS + drawn.labels] += 1
    codes = strata.of(dataset.labels.dense(), findings.scores).ravel()
    codes[flags(dataset, findings).ravel()] = -1
    for h, size in strata.frame.filter(~pl.col("flagged")).select("stratum", "n_cells").iter_rows():
        taken = times[codes == h]
        expected = taken.mean()
        chi2 = ((taken - expected) ** 2).sum() / (expected * (1 - expected / 150))
        assert abs(chi2 - size) < 5 * np.sqrt(2 * size)


def test_a_smaller_sample_is_the_beginning_of_a_larger_one():
    dataset, findings = made()
    config = AuditConfig()
    strata = stratify(dataset, findings, config)
    small, large = (draw(dataset, findings, strata, n, config, seed=3) for n in (37, 250))
    for a, b in zip(small[:4], large[:4], strict=True):
        assert (a == b[:37]).all()


def test_the_draw_does_not_depend_on_the_blocks(monkeypatch):
    dataset, findings = made()
    config = AuditConfig()

    def drawn():
        return draw(dataset, findings, stratify(dataset, findings, config), 100, config, seed=0)

    whole, blocks = drawn(), module.row_blocks
    monkeypatch.setattr(module, "row_blocks", lambda n, width: blocks(n, width, 7 * width))
    for a, b in zip(whole, drawn(), strict=True):
        assert (a == b).all()


def test_asking_for_more_than_there_is_takes_everything():
    dataset, findings = made()
    config = AuditConfig()
    drawn = draw(dataset, findings, stratify(dataset, findings, config), 10_000, config, seed=0)
    assert len(drawn.items) == (dataset.labels.dense() >= 0).sum()


def test_large_strata_are_ordered_without_being_listed(monkeypatch):
    monkeypatch.setattr(module, "SMALL", 10)
    ranks = module.drawn_ranks(1000, 700, 0, 0)
    assert len(set(ranks.tolist())) == 700
    assert (module.drawn_ranks(1000, 50, 0, 0) == ranks[:50]).all()
    assert sorted(module.drawn_ranks(1000, 1000, 0, 0).tolist()) == list(range(1000))


def test_seats_follow_the_shares_at_every_length():
    shares = np.array([0.55, 0.3, 0.1, 0.05])
    seats = module.apportioned(shares, np.array([1000, 1000, 1000, 3]), 200)
    assert sorted(seats[:4].tolist()) == [0, 1, 2, 3]
    for n in range(10, 60):
        assert np.bincount(seats[:n], minlength=4) == pytest.approx(n * shares, abs=1.5)
    assert (seats == 3).sum() == 3


def test_findings_without_scores_are_refused():
    dataset, findings = made()
    with pytest.raises(StageError, match=r"scores of shape \(300, 6\), got \(0, 0\)"):
        stratify(dataset, Findings(findings.cells), AuditConfig())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"uniform_share": 0.6}, "uniform_share"),
        ({"uniform_share": 0, "least_error": 0}, "could never be drawn"),
        ({"confidence": 1}, "confidence"),
        ({"n_bands": 0}, "n_bands"),
    ],
)
def test_a_config_that_makes_no_sense_is_refused(options, told):
    with pytest.raises(StageError, match=told):
        AuditConfig(**options)
