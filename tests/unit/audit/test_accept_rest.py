"""The promise of accept_rest: at most so many wrong changes unseen, however often one looks."""

import numpy as np
import polars as pl
import pytest

import labelscope as ls


def listing(n):
    return pl.DataFrame({"item_id": np.arange(n), "label": "cat"})


def with_outcomes(cells, given_is_wrong):
    return cells.with_columns(wrong=pl.Series(given_is_wrong[cells["item_id"].to_numpy()]))


def freed(given_is_wrong, n, alpha=0.2, seed=0):
    """Whether each cell may be accepted unseen after n draws."""
    listed = listing(len(given_is_wrong))
    outcomes = with_outcomes(ls.draw_rest(listed, n=n, seed=seed), given_is_wrong)
    frame = ls.accept_rest(listed, outcomes, alpha=alpha)
    unseen = np.arange(len(given_is_wrong)) < frame.filter("free")["n_cells"].max() if frame["free"].any() else np.zeros(len(listed), bool)
    unseen[outcomes["item_id"].to_numpy()] = False
    return unseen


def test_a_good_list_is_freed_whole_and_a_bad_one_not_at_all():
    right = np.random.default_rng(0).random(2000)
    assert freed(right < 0.97, 200).sum() == 1800
    assert freed(right < 0.7, 200).sum() == 0


def test_only_the_good_top_is_freed():
    share_right = np.where(np.arange(3000) < 1200, 0.98, 0.5)
    unseen = freed(np.random.default_rng(1).random(3000) < share_right, 400)
    assert unseen[:900].sum() > 700
    assert not unseen[1800:].any()


def test_the_promise_holds_when_one_looks_after_every_ten_decisions():
    """A list just below the promise all along: the error of what is freed is above it in few runs, though each looks 30 times."""
    broken = 0
    for seed in range(40):
        given_is_wrong = np.random.default_rng(seed).random(800) < 0.78  # .22 of the changes are wrong
        looks = [freed(given_is_wrong, n, seed=seed) for n in range(20, 320, 10)]
        broken += any(unseen.any() and (~given_is_wrong[unseen]).mean() > 0.2 for unseen in looks)
    assert broken <= 6


def test_pseudo_labels_are_right_where_they_are_not_wrong():
    listed = listing(500).with_columns(state=1)
    outcomes = ls.draw_rest(listed, n=120).with_columns(wrong=False)
    assert ls.accept_rest(listed, outcomes)["n_free"].max() == 380


def test_more_decisions_are_foretold():
    listed = listing(2000)
    frame = ls.accept_rest(listed, ls.draw_rest(listed, n=40).with_columns(wrong=True), alpha=0.1)
    longest = frame.row(-1, named=True)
    assert not longest["free"]
    enough = ls.draw_rest(listed, n=40 + longest["n_more"]).with_columns(wrong=True)
    assert ls.accept_rest(listed, enough, alpha=0.1)["free"].to_list()[-1]


def test_the_draw_goes_on_behind_what_is_decided_and_is_uniform():
    listed = listing(1000)
    first = ls.draw_rest(listed, n=30)
    assert ls.draw_rest(listed, first, n=20).rows() == ls.draw_rest(listed, n=50).rows()[30:]
    assert ls.draw_rest(listed, n=2000).height == 1000
    assert 350 < ls.draw_rest(listed, n=200)["item_id"].median() < 650


def test_decisions_in_the_order_of_the_list_are_refused():
    listed = listing(1000)
    with pytest.raises(ls.DataError, match=r"drawn uniformly from the list, got 100 whose middle one stands at 5% of it; decide the cells"):
        ls.accept_rest(listed, listed.head(100).with_columns(wrong=True))


def test_a_uniform_sample_that_happens_to_be_uneven_is_not_refused():
    """One in 100,000 samples of 12 lies like this, and a person looks after each decision."""
    listed = listing(1200)
    early = listed[[420 * k // 12 for k in range(12)]].with_columns(wrong=True)
    assert ls.accept_rest(listed, early)["n_decided"].max() == 12


def test_other_decisions_do_not_count_and_none_are_legal():
    listed = listing(100)
    other = pl.DataFrame({"item_id": [1], "label": ["dog"], "wrong": [True]})
    assert ls.accept_rest(listed, other)["n_decided"].sum() == 0
    assert not ls.accept_rest(listed, other.clear())["free"].any()
    assert ls.accept_rest(listed.clear(), other.clear()).height <= 1


@pytest.mark.parametrize(
    ("listed", "outcomes", "options", "said"),
    [
        (listing(9).drop("label"), listing(2).with_columns(wrong=True), {}, "listed: expected the columns item_id and label, got item_id"),
        (listing(9), listing(2), {}, "outcomes: expected the column wrong"),
        (listing(9), listing(2).with_columns(wrong=1), {}, "expected True or False in wrong, got Int32"),
        (pl.concat([listing(2)] * 2), listing(2).with_columns(wrong=True), {}, "expected each cell once, got item 0, label 'cat'"),
        (listing(9), listing(2).with_columns(wrong=True), {"alpha": 1.5}, "alpha: expected a number between 0 and 1, got 1.5"),
    ],
)
def test_bad_input_is_one_line(listed, outcomes, options, said):
    with pytest.raises(ls.LabelscopeError, match=said.replace("(", r"\(")) as caught:
        ls.accept_rest(listed, outcomes, **options)
    assert "\n" not in str(caught.value)
