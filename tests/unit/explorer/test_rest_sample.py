"""The sample of a list in the app: judged in the order of the draw, and what it frees is what accept_rest says."""

import numpy as np
import polars as pl
import pytest

from labelscope.audit.accept_rest import accept_rest, draw_rest
from labelscope.errors import DataError
from labelscope.explorer.rest_sample import RestSample

N = 600
ROWS, LABELS = np.arange(N) // 2, np.arange(N) % 2
LISTED = pl.DataFrame({"item_id": ROWS, "label": LABELS})


@pytest.fixture
def rest():
    drawn = RestSample()
    drawn.draw("cat present", "pseudo-label", ROWS, LABELS, np.ones(N, np.int8))
    return drawn


def judge(rest, n, wrong=()):
    for k, (row, label) in enumerate(draw_rest(LISTED, n=n).iter_rows()):
        rest.put(row, label, 0 if k in wrong else 1, decided=True)


def test_it_is_drawn_as_in_python_and_frees_the_same(rest):
    rows, labels = rest.left
    assert list(zip(rows.tolist(), labels.tolist(), strict=True)) == draw_rest(LISTED, n=N).rows()
    judge(rest, 200, wrong=(3,))
    answers = draw_rest(LISTED, n=200).with_columns(wrong=pl.Series([k == 3 for k in range(200)]))
    expected = accept_rest(LISTED.with_columns(state=pl.lit(1)), answers, alpha=0.1)
    shown = rest.shown(0.1)
    assert (shown.n_judged, shown.n_wrong, shown.n_listed, rest.n_left) == (200, 1, N, N - 200)
    assert shown.n_free == expected.filter("free")["n_free"].max() == len(rest.free(0.1))
    assert shown.within == expected.filter("free")["n_cells"].max()
    assert rest.source(0.1) == "pseudo-label, accepted unseen: at most 10% wrong by a sample in which 1 of 200 judged cells were wrong"


def test_what_is_decided_out_of_turn_says_nothing_and_is_not_accepted_again(rest):
    rows, labels = (of[200:260] for of in rest.left)
    for row, label in zip(rows, labels, strict=True):
        rest.put(int(row), int(label), 1, decided=True)
    assert rest.n_judged == 0
    judge(rest, 60)
    free = rest.free(0.2)
    assert len(free) == rest.shown(0.2).n_free
    assert not set(zip(rows.tolist(), labels.tolist(), strict=True)) & set(
        zip(rest.rows[free].tolist(), rest.labels[free].tolist(), strict=True)
    )


def test_too_few_decisions_say_how_many_more_would_free_some(rest):
    judge(rest, 5)
    shown = rest.shown(0.3)
    assert (shown.n_free, shown.within) == (0, 0)
    assert 0 < shown.n_more <= N
    assert 0 < shown.n_then <= N


@pytest.mark.parametrize(("source", "n", "anew"), [("suggestion", 100, True), ("suggestion", 99, False), ("pseudo-label", 100, False)])
def test_a_hundred_decisions_on_suggestions_teach_another_order(source, n, anew):
    rest = RestSample()
    rest.draw("suggestions of the list", source, ROWS, LABELS, np.ones(N, np.int8))
    judge(rest, n)
    assert rest.shown(0.1).anew is anew


def test_a_decision_that_is_undone_waits_again(rest):
    judge(rest, 3)
    row, label = draw_rest(LISTED, n=1).row(0)
    rest.put(row, label, -1, decided=False)
    assert rest.n_judged == 0


def test_without_a_sample_one_is_to_be_drawn():
    with pytest.raises(DataError, match="draw one first"):
        RestSample().shown(0.1)
