from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from labelscope import DataError, Dataset, StageError, ask_next, raters
from labelscope.errors import LabelscopeWarning


@pytest.fixture
def votes(poll):
    people = [("ann", 0.95, 0.97), ("bo", 0.85, 0.95), ("cy", 0.7, 0.9), ("coin", 0.5, 0.5)]
    return pl.concat([poll.votes(*person) for person in people])


def test_raters_are_ordered_by_how_well_they_tell_and_a_guess_is_named(poll, votes):
    with pytest.warns(LabelscopeWarning, match="'coin' cannot be told from a guess"):
        found = raters(poll.ds, votes, audited=poll.audited(60))
    assert found.frame["rater"].to_list() == ["ann", "bo", "cy", "coin"]
    assert found.frame["at_chance"].to_list() == [False, False, False, True]
    assert found.frame["basis"].unique().to_list() == ["audited"]
    assert found.frame["n_items"].to_list() == [600] * 4
    assert (found.frame["informedness_low"] <= found.frame["informedness"]).all()
    assert found.labels["label"].n_unique() == 3
    assert found.voters.height == 12


def test_the_interval_of_the_informedness_covers_the_truth(poll):
    inside, rng = 0, np.random.default_rng(5)
    for _ in range(40):
        truth = (rng.random((80, 1)) < 0.4).astype(int)
        yes = np.where(truth == 1, rng.random((80, 1)) < 0.8, rng.random((80, 1)) > 0.7)
        frame = pl.DataFrame({"item_id": range(80), "rater": "a", "label": "x", "value": yes.ravel().astype(int)})
        audited = pl.DataFrame({"item_id": range(80), "label": "x", "state": truth.ravel()})
        row = raters(Dataset.from_arrays(truth, label_names=["x"]), frame, audited=audited).frame.row(0, named=True)
        inside += row["informedness_low"] <= 0.5 <= row["informedness_high"]
    assert inside >= 36


def test_a_rater_who_changes_over_time_is_seen(poll):
    steady, first, second = poll.votes("steady", 0.9, 0.95), poll.votes("tired", 0.95, 0.97), poll.votes("tired", 0.5, 0.6)
    tired = pl.concat([first.filter(pl.col("item_id") < 300), second.filter(pl.col("item_id") >= 300)])
    found = raters(poll.ds, pl.concat([steady, poll.votes("other", 0.9, 0.95), tired])).frame
    p = dict(found.select("rater", "drift").iter_rows())
    assert p["tired"] < 1e-6
    assert p["steady"] > 0.01


def test_cells_on_which_many_disagree_are_ambiguous_and_soft_labels_keep_the_share():
    rows = [
        (item, f"r{k}", "x", value)
        for item, values in enumerate([[1, 1, 1, 0, 0, 0], [1] * 6, [0] * 6, [0] * 6])
        for k, value in enumerate(values)
    ]
    votes = pl.DataFrame(rows, schema=["item_id", "rater", "label", "value"], orient="row")
    found = raters(Dataset.from_arrays([[1], [1], [0], [0]], label_names=["x"]), votes)
    assert found.ambiguous["item_id"].to_list() == [0]
    assert found.soft["share"].to_list() == [0.5, 1, 0, 0]
    assert found.suffice
    assert "votes suffice" in found.summary()


def test_the_figure_names_every_rater_as_text(poll):
    drawn = raters(poll.ds, poll.votes("<b>ann</b>", 0.9, 0.9)).figure
    assert "<b>" not in "".join(drawn.layout.yaxis.ticktext)


def test_the_least_sure_item_is_asked_about_first_and_nobody_twice(poll, votes):
    some = votes.filter(pl.col("item_id") < 500)
    ds = Dataset.from_arrays(poll.truth, label_names=poll.ds.label_names, votes=some)
    asked = ask_next(ds, 50)
    assert (asked["item_id"] >= 500).all()  # without a vote
    assert asked["score"].is_sorted()
    assert asked.filter(rater="ann").height > asked.filter(rater="coin").height
    everybody = Dataset.from_arrays(poll.truth, label_names=poll.ds.label_names, votes=votes)
    assert ask_next(everybody, 50).height == 0
    assert ask_next(everybody, 5, raters=["new"])["rater"].to_list() == ["new"] * 5


def test_asking_is_refused_without_votes_or_anybody_to_ask(poll, votes):
    with pytest.raises(StageError, match="with votes"):
        ask_next(poll.ds, 3)
    ds = Dataset.from_arrays(poll.truth, label_names=poll.ds.label_names, votes=votes)
    with pytest.raises(DataError, match="1 or more"):
        ask_next(ds, 0)
    with pytest.raises(DataError, match="leave raters out"):
        ask_next(ds, 3, raters=[])
