import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.suggest.acceptance import PROOF, UNPROVEN, calibrate, outcomes, place_outcomes


def changes(strength, confidence, add=True, kind="flagged", column=0):
    n = len(strength)
    return pl.DataFrame({
        "row": np.arange(n), "column": np.broadcast_to(column, n).astype(np.int64), "add": np.broadcast_to(add, n),
        "kind": [kind] * n, "confidence": np.broadcast_to(confidence, n).astype(float), "strength": np.asarray(strength, float),
    })  # fmt: skip


def reviewed(frame, right, weight=1.0):
    return frame[: len(right)].select("row", "column").with_columns(right=pl.Series(np.asarray(right, float)), weight=pl.lit(weight))


def test_without_decisions_nothing_is_surer_than_the_cap_and_the_order_stays():
    stated, record = calibrate(changes([0.9, 0.8, 0.7], [0.95, 0.6, 0.1]), None)
    assert stated.tolist() == [UNPROVEN, 0.6, 0.1]
    assert record.is_empty()


@pytest.mark.parametrize(("n", "low", "high"), [(20, 0.45, 0.75), (500, 0.97, 0.99)])
def test_twenty_decisions_move_it_and_five_hundred_decide(n, low, high):
    frame = changes(np.full(n, 0.9), 0.4)
    right = np.arange(n) % 50 > 0 if n > 50 else np.ones(n)  # 98% right
    stated, record = calibrate(frame, reviewed(frame, right))
    assert low < stated[0] < high
    assert record["n_decided"][0] == n
    assert record["stated"][0] == pytest.approx(0.4)


def test_few_decisions_never_lift_above_the_cap():
    frame = changes(np.full(400, 0.9), 0.7)
    enough = int(PROOF)
    assert calibrate(frame, reviewed(frame, np.ones(enough - 1)))[0].max() == UNPROVEN
    assert calibrate(frame, reviewed(frame, np.ones(enough)))[0].max() > 0.9
    assert calibrate(frame, reviewed(frame, np.ones(2 * enough - 2), weight=0.5))[0].max() == UNPROVEN


def test_below_the_reviewed_range_it_fades_to_the_prior_and_never_above_it():
    strength = np.linspace(0.99, 0.55, 400)
    frame = changes(strength, 0.4)
    good = calibrate(frame, reviewed(frame, np.ones(150)))[0]
    assert good[:150].min() > 0.9
    assert good[350:].max() <= UNPROVEN
    assert np.all(np.diff(good) <= 1e-9)
    alike = changes(np.repeat([0.9, 0.88], 200), 0.4)  # decisions without any spread say nothing about less evidence
    assert calibrate(alike, reviewed(alike, np.ones(200)))[0][-1] == pytest.approx(0.4, abs=0.01)
    bad = calibrate(frame, reviewed(frame, np.zeros(100)))[0]
    assert bad[:100].max() < 0.1
    assert bad[100:].max() <= bad[99] + 1e-9


def test_a_slope_is_not_drawn_out_of_the_range_it_was_seen_in():
    strength = np.concatenate([np.linspace(0.99, 0.98, 200), np.linspace(0.97, 0.6, 50)])
    frame = changes(strength, 0.6)
    right = np.concatenate([np.arange(100) % 20 > 0, np.arange(100) % 4 > 0])  # 95%, then 75%
    stated = calibrate(frame, reviewed(frame, right))[0]
    assert 0.6 <= stated[200:].min() <= stated[200:].max() < 0.8
    assert stated[-1] == pytest.approx(0.6, abs=0.05)


def test_kinds_are_calibrated_apart():
    frame = pl.concat([changes(np.full(200, 0.9), 0.4, add=a, column=c) for a, c in ((True, 0), (False, 1))])
    stated, record = calibrate(frame, reviewed(frame, np.ones(200)))
    assert stated[0] > 0.95
    assert stated[-1] == 0.4
    assert record.rows() == [("add", "flagged", 200, 200, pytest.approx(0.4))]


def test_a_label_with_another_record_is_shifted_and_one_without_is_not():
    column = np.repeat([0, 1, 2], 100)
    frame = changes(np.full(300, 0.9), 0.5, column=column)
    right = np.concatenate([np.ones(100), np.arange(100) % 2])  # label 0 always, label 1 half the time
    stated = calibrate(frame, reviewed(frame, right))[0]
    assert stated[0] > stated[250] > stated[150]
    assert stated[150] == pytest.approx(0.55, abs=0.08)


def test_stated_confidence_is_right_as_often_as_it_says():
    """Reliability on simulated decisions whose true rate is a steep function of the evidence."""
    near, right_near = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        strength = np.sort(rng.uniform(0.5, 0.999, 1500))[::-1]
        truth = rng.random(1500) < 1 / (1 + np.exp(-(0.8 * np.log(strength / (1 - strength)) - 0.3)))
        frame = changes(strength, 0.3)
        decided = rng.permutation(1500)[:300]
        known = frame.select("row", "column").with_columns(right=pl.Series(truth.astype(float)), weight=pl.lit(1.0))[decided]
        stated = calibrate(frame, known)[0]
        band = (stated >= 0.85) & (stated < 0.95)
        band[decided] = False
        near.append(band.sum())
        right_near.append(truth[band].sum())
    assert sum(near) > 2000
    assert 0.87 < sum(right_near) / sum(near) < 0.93


def decisions(*rows):
    columns = ["seq", "item_id", "label", "verdict", "before", "after", "reviewer", "time", "undone"]
    return pl.DataFrame([(k + 1, *row) for k, row in enumerate(rows)], schema=columns, orient="row")


def test_the_last_decision_on_a_cell_that_stands_says_whether_the_change_was_right():
    got = outcomes(decisions(
        (1, "a", "accepted", 0, 1, "ann", "t1", False),
        (2, "a", "accepted", 0, 1, "ann", "t2", True),  # undone
        (3, "a", "skipped", 1, 1, "ann", "t3", False),
        (4, "a", "accepted", 0, 1, "ann", "t4", False),
        (4, "a", "rejected", 1, 0, "ben", "t5", False),
        (5, "a", "edited", 0, 1, "ann", "t6", False),
        (6, "a", "edited", 0, 1, "ann", "t7", False),
        (6, "a", "edited", 1, 0, "ann", "t8", False),  # and back to what was given
        (7, "a", "edited", 0, -1, "ann", "t9", False),
    ))  # fmt: skip
    assert dict(got.select("item_id", "right").rows()) == {1: True, 4: False, 5: True, 6: False}


def test_a_bulk_decision_weighs_five():
    bulk = [(k, "a", "accepted", 0, 1, "ann", "t", False) for k in range(50)]
    got = outcomes(decisions(*bulk, (99, "a", "rejected", 1, 1, "ann", "u", False)))
    assert got["weight"].sum() == pytest.approx(6)
    assert got.filter(item_id=99)["weight"].item() == 1


def test_no_decisions_are_no_outcomes():
    empty = decisions((1, "a", "skipped", 0, 0, "ann", "t", False))
    assert outcomes(empty).rows() == []
    assert calibrate(changes([0.9], 0.4), place_outcomes(outcomes(empty), pl.Series([1, 2]), ("a",)))[0].tolist() == [0.4]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"item_id": [1], "label": ["a"]}, "right is missing"),
        ({"item_id": [1], "label": ["a"], "right": [1]}, "expected True or False in right"),
        ({"item_id": [1], "label": ["a"], "right": [None]}, "expected True or False in right"),
        ({"item_id": [9], "label": ["a"], "right": [True]}, "expected known items, got 9"),
        ({"item_id": [1], "label": ["z"], "right": [True]}, "expected known labels, got 'z'"),
        ({"item_id": [1], "label": ["a"], "right": [True], "weight": [2.0]}, "weights within"),
    ],
)
def test_bad_outcomes_are_refused_in_one_line(frame, message):
    with pytest.raises(ls.DataError, match=message):
        place_outcomes(pl.DataFrame(frame), pl.Series([1, 2]), ("a", "b"))
