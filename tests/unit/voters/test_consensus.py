from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from labelscope import DataError, Dataset, StageError, consensus
from labelscope.data.cell_scores import Scores
from labelscope.views.consensus import figure
from labelscope.voters.fusion import fuse

SEVERAL = [("ann", 0.95, 0.97), ("bo", 0.85, 0.95), ("cy", 0.6, 0.9), ("di", 0.5, 0.85)]


def cast(poll, people=SEVERAL, **options):
    return pl.concat([poll.votes(name, sensitivity, specificity, **options) for name, sensitivity, specificity in people])


def majority(votes: pl.DataFrame) -> pl.DataFrame:
    return votes.group_by("item_id", "label", maintain_order=True).agg(probability=pl.col("value").cast(float).mean())


def test_the_consensus_is_better_than_the_majority_and_rates_the_raters(poll):
    votes = cast(poll)
    found = consensus(poll.ds, votes)
    assert poll.right(found.frame) > poll.right(majority(votes)) + 0.01
    cat = found.voters.filter(label="cat").sort("sensitivity", descending=True)
    assert cat["rater"].to_list() == ["ann", "bo", "cy", "di"]
    assert (cat["sensitivity"] - pl.Series([0.95, 0.85, 0.6, 0.5])).abs().max() < 0.08
    assert (cat["sensitivity_low"] <= cat["sensitivity"]).all()
    assert (cat["sensitivity"] <= cat["sensitivity_high"]).all()
    assert cat["basis"].unique().to_list() == ["agreement"]
    assert found.frame.height == 1800
    assert (found.frame["n_votes"] == 4).all()


def test_a_coin_as_voter_changes_nothing(poll):
    votes = cast(poll)
    coin = poll.votes("coin", 0.5, 0.5)
    before, after = consensus(poll.ds, votes), consensus(poll.ds, pl.concat([votes, coin]))
    moved = (before.frame["probability"] - after.frame["probability"]).abs()
    assert moved.mean() < 0.01
    assert abs(poll.right(before.frame) - poll.right(after.frame)) < 0.005


def test_copies_of_a_poor_voter_do_not_outvote_good_ones(poll):
    votes = cast(poll)
    poor = votes.filter(rater="di")
    copies = pl.concat([poor.with_columns(rater=pl.lit(f"copy {k}")) for k in range(4)])
    alone, crowded = consensus(poll.ds, votes), consensus(poll.ds, pl.concat([votes, copies]))
    assert poll.right(crowded.frame) > poll.right(alone.frame) - 0.01
    assert poll.right(majority(pl.concat([votes, copies]))) < poll.right(alone.frame) - 0.05


def test_audited_cells_tell_a_wrong_majority_from_a_right_minority(poll):
    votes = cast(poll, [("ann", 0.95, 0.97), ("bad", 0.2, 0.5), ("worse", 0.15, 0.45)])
    audited = poll.audited(60)
    told = consensus(poll.ds, votes, audited=audited)
    assert poll.right(told.frame) > 0.93
    cat = told.voters.filter(label="cat", rater="bad")
    assert cat["basis"].item() == "audited"
    known = poll.truth[:60, 0] == 1
    said = votes.filter(rater="bad", label="cat").sort("item_id")["value"].to_numpy()[:60]
    assert cat["sensitivity"].item() == pytest.approx(said[known].mean())


def test_exclusive_labels_share_one_probability():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 4, 500)
    rows = []
    for rater, right in (("a", 0.9), ("b", 0.7), ("c", 0.5)):
        said = np.where(rng.random(500) < right, truth, rng.integers(0, 4, 500))
        rows.append(pl.DataFrame({"item_id": np.arange(500), "rater": rater, "label": [str(k) for k in said], "value": 1}))
    ds = Dataset.from_arrays(np.eye(4, dtype=int)[truth])
    found = consensus(ds, pl.concat(rows), exclusive=True)
    p = found.frame["probability"].to_numpy().reshape(500, 4)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert (p.argmax(axis=1) == truth).mean() > 0.9
    a = found.voters.filter(rater="a")
    assert a["sensitivity"].mean() == pytest.approx((0.9 + 0.1 / 4), abs=0.06)


def test_a_no_is_not_counted_twice_where_labels_exclude_each_other():
    votes = pl.DataFrame({"item_id": [0, 0, 0, 1], "rater": ["a", "a", "b", "b"], "label": ["x", "y", "x", "y"], "value": [1, 0, 1, 1]})
    ds = Dataset.from_arrays([[1, 0], [0, 1]], label_names=["x", "y"])
    without = consensus(ds, votes.filter(pl.col("value") == 1), exclusive=True)
    assert consensus(ds, votes, exclusive=True).frame.equals(without.frame)


def test_of_two_rules_that_contradict_the_narrow_one_is_believed():
    wide = pl.DataFrame({"item_id": np.arange(90), "rater": "wide", "label": "x", "value": 1})
    narrow = pl.DataFrame({"item_id": np.arange(80, 95), "rater": "narrow", "label": "y", "value": 1})
    ds = Dataset.from_arrays(np.eye(2, dtype=int)[np.arange(100) % 2], label_names=["x", "y"])
    found = consensus(ds, pl.concat([wide, narrow]), exclusive=True).frame.filter(label="y")
    both = found.filter(pl.col("item_id").is_between(80, 89))
    assert (both["probability"] > 0.5).all()


def test_undecided_votes_count_for_nothing(poll):
    votes = cast(poll, share=0.5)
    more = pl.concat([votes, votes.with_columns(rater=pl.lit("unsure"), value=pl.lit(-1, pl.Int8))])
    assert consensus(poll.ds, more).frame.equals(consensus(poll.ds, votes).frame)
    assert "unsure" not in consensus(poll.ds, more).voters["rater"]


def test_the_model_counts_as_two_votes_beside_people():
    votes = pl.DataFrame({"item_id": [0, 0, 1, 1], "rater": ["a", "b"] * 2, "label": ["x"] * 4, "value": [1, 1, 0, 0]})
    ds = Dataset.from_arrays([[1, 1], [0, 1]], label_names=["x", "y"], votes=votes)
    fused = fuse(ds, ds.votes, Scores(np.full((2, 2), 0.5)))
    cells = np.arange(2)
    np.testing.assert_allclose(fused.beside(cells, np.ones(2)) - fused.beside(cells, np.zeros(2)), 0.5)


def test_refusals_say_what_to_do(poll):
    with pytest.raises(StageError, match="pass votes="):
        consensus(poll.ds)
    undecided = pl.DataFrame({"item_id": [0], "rater": ["a"], "label": ["cat"], "value": [-1]})
    with pytest.raises(StageError, match="undecided votes"):
        consensus(poll.ds, undecided)
    with pytest.raises(DataError, match="leave exclusive out"):
        consensus(poll.ds, undecided.with_columns(value=pl.lit(0)), exclusive=True)
    two = pl.DataFrame({"item_id": [0, 0], "label": ["cat", "dog"], "state": [1, 1]})
    with pytest.raises(DataError, match="one right label an item"):
        consensus(poll.ds, undecided.with_columns(value=pl.lit(1)), audited=two, exclusive=True)


def test_the_figure_draws_every_voter_and_no_name_is_markup(poll):
    found = consensus(poll.ds, cast(poll, [("<b>ann</b>", 0.9, 0.9), ("bo", 0.8, 0.9)]))
    drawn = figure(found)
    assert len(drawn.data[-1].x) == 6
    assert "<b>ann" not in str(drawn.data[-1].customdata)
    assert "2 voters" in drawn.layout.title.text
    assert found.figure.layout.title.text == drawn.layout.title.text
