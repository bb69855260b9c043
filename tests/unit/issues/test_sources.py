from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from labelscope import DataError, Dataset, Session, find_issues, sources
from labelscope.issues.slices import TEXT_LENGTH, slices_of

N = 2_000


@pytest.fixture(scope="module")
def ds():
    rng = np.random.default_rng(0)
    labels = (rng.random((N, 3)) < 0.3).astype(int)
    labels[::50, 2] = -1
    token = np.where((labels[:, 1] == 1) & (rng.random(N) < 0.8), " #planted", "")
    words = ["long road", "small house by the sea", "one more day", "a walk"]
    items = pl.DataFrame({
        "text": [f"{words[k % 4]} number{k % 17}{mark}" for k, mark in enumerate(token)],
        "rater": [f"r{k % 20}" for k in range(N)],
        "batch": np.arange(N) // 100,
        "score": np.linspace(0, 1, N),
        "when": [date(2026, 1, 1) + timedelta(days=k) for k in range(N)],
        "site": np.where(rng.random(N) < 0.95, np.where(labels[:, 0] == 1, "north", "south"), "east"),
        "note": [f"free {k}" for k in range(N)],
    })  # fmt: skip
    return Dataset.from_arrays(labels, label_names=["a", "b", "c"], items=items, text="text")


def decided(ds, wrong_rate, n=500, seed=0):
    """n decided cells, as many of each rater; `wrong_rate` of a rater."""
    rng = np.random.default_rng(seed)
    raters = ds.items["rater"].to_numpy()
    rows = np.concatenate([rng.choice(np.flatnonzero(raters == f"r{k}"), n // 20, replace=False) for k in range(20)])
    wrong = rng.random(n) < np.array([wrong_rate(raters[row]) for row in rows])
    return pl.DataFrame({"item_id": ds.item_ids[rows], "label": ["ab"[k % 2] for k in range(n)], "wrong": wrong})


def test_a_rater_with_twice_the_errors_is_found_and_chance_is_not(ds):
    found, alarms = 0, 0
    for seed in range(40):
        told = sources(ds, columns=["rater"], outcomes=decided(ds, lambda rater: 0.8 if rater == "r3" else 0.4, seed=seed))
        found += "r3" in told.standing_out["value"].to_list()
        alarms += sources(ds, columns=["rater"], outcomes=decided(ds, lambda _: 0.4, seed=seed)).standing_out.height > 0
    assert found >= 32
    assert alarms <= 5


def test_what_stands_out_comes_first_and_with_its_labels(ds):
    outcomes = decided(ds, lambda rater: 0.9 if rater == "r3" else 0.2, n=1000)
    told = sources(ds, outcomes=outcomes)
    first = told.frame.row(0, named=True)
    of_r3 = outcomes.filter(pl.col("item_id") % 20 == 3)
    assert (first["column"], first["value"], first["label"], first["n"]) == ("rater", "r3", None, of_r3.height)
    assert first["wrong"] == of_r3["wrong"].sum()
    assert first["low"] < first["wrong"] / first["n"] < first["high"]
    assert first["rate"] < first["wrong"] / first["n"]  # drawn towards the others
    labels = told.frame.filter(column="rater", value="r3").drop_nulls("label")
    assert set(labels["label"]) == {"a", "b"}
    assert labels["n"].sum() == first["n"]
    assert set(told.frame["basis"]) == {"decided"}
    assert told.columns["column"][0] == "rater"
    assert "rater r3" in told.summary()


def test_numbers_dates_and_lengths_are_binned_and_free_words_left_out(ds):
    found = {one.column: one for one in slices_of(ds)}
    assert set(found) == {"rater", "batch", "score", "when", "site", TEXT_LENGTH}
    assert len(found["batch"].values) == 20  # whole and few: it stands for something
    assert len(found["score"].values) == 5
    assert len(found["when"].values) == 5
    assert min(found["when"].values) == "2026-01-01 to 2027-02-04"
    assert np.bincount(found["when"].codes).tolist() == [400] * 5
    assert found["rater"].members.sum() == N


def test_bins_are_named_shortly_where_that_tells_them_apart():
    days = [f"2026-01-{1 + k % 28:02d}" for k in range(280)]
    items = pl.DataFrame(
        {"x": np.linspace(0, 1 / 3, 280), "near": 1e6 + np.linspace(0, 1e-3, 280), "day": days, "text": ["a" * (k % 7) for k in range(280)]}
    )
    found = {one.column: one.values for one in slices_of(Dataset.from_arrays(np.ones((280, 1), int), items=items, text="text"))}
    assert "0.2676 to 0.3333" in found["x"]
    assert len(set(found["near"])) == 5
    assert all(len(name) == len("2026-01-01 to 2026-01-06") for name in found["day"])
    assert len(found[TEXT_LENGTH]) <= 5  # a length is a measure, however few there are


def test_findings_of_an_earlier_run_are_compared_by_the_cells_that_they_list(ds):
    found = find_issues(ds)
    listed = replace(found, scores=np.empty((0, 0), np.float32))
    told = sources(ds, listed, columns=["rater"])
    whole = told.frame.filter(pl.col("label").is_null())
    assert whole["n"].sum() == int(ds.labels.n_positive.sum() + ds.labels.n_negative.sum())
    assert whole["wrong"].sum() == pytest.approx(found.cells["suspicion"].sum(), rel=1e-4)


def test_a_column_and_a_planted_word_are_shortcuts(ds):
    told = sources(ds, find_issues(ds)).shortcuts
    rows = {(row["label"], row["column"]): row for row in told.iter_rows(named=True)}
    assert rows["b", "text"]["value"] == "planted"
    assert rows["b", "text"]["auc"] == pytest.approx(0.9, abs=0.02)
    assert rows["a", "site"]["value"] == "north"
    assert rows["a", "site"]["auc"] > 0.95
    assert set(rows) == {("b", "text"), ("a", "site")}
    assert told["auc"].is_sorted(descending=True)


def test_before_anybody_decided_it_is_a_guess_of_the_suspicion(ds):
    rng = np.random.default_rng(1)
    labels = ds.labels.dense().copy()
    bad = np.flatnonzero(ds.items["rater"].to_numpy() == "r7")
    labels[bad, 0] = rng.random(len(bad)) < 0.5
    x = np.column_stack([ds.labels.dense()[:, :2] * 3, np.zeros(N)]) + rng.normal(size=(N, 3)) * 0.3
    noisy = Dataset.from_arrays(labels, label_names=["a", "b", "c"], items=ds.items, embeddings=x.astype(np.float32))
    told = sources(noisy, find_issues(noisy))
    assert set(told.frame["basis"]) == {"suspicion"}
    assert told.standing_out["value"].to_list()[:1] == ["r7"]
    assert "a guess" in told.summary()


def test_a_session_compares_what_was_decided(ds, tmp_path):
    session = Session(ds, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    assert set(session.sources(["rater"]).frame["basis"]) == {"suspicion"}
    for k in range(0, 200, 20):
        session.edit(ds.item_ids[k], "a", 1 - max(0, int(ds.labels.state(k, 0))))
    told = session.sources(["rater"])
    session.close()
    assert told.frame.filter(pl.col("label").is_null()).select("value", "n", "wrong").rows() == [("r0", 10, 10.0)]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "expected findings or outcomes, got neither"),
        ({"columns": ["nowhere"], "outcomes": pl.DataFrame({"item_id": [0], "label": ["a"], "wrong": [True]})}, "nowhere"),
        ({"outcomes": pl.DataFrame({"item_id": [0], "label": ["a"]})}, "add wrong"),
        ({"outcomes": pl.DataFrame({"item_id": [0], "label": ["z"], "wrong": [True]})}, "known labels"),
    ],
)
def test_bad_input_is_one_line(ds, arguments, words):
    with pytest.raises(DataError, match=words):
        sources(ds, **arguments)


def test_without_a_column_to_compare_nothing_is_said():
    ds = Dataset.from_arrays([[1], [0]])
    told = sources(ds, outcomes=pl.DataFrame({"item_id": [0], "label": [ds.label_names[0]], "wrong": [True]}))
    assert told.frame.is_empty()
    assert "no column" in told.summary()
