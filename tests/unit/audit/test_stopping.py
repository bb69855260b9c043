import polars as pl
import pytest
from scipy.stats import beta

from labelscope import DataError, StageError
from labelscope.audit.estimate import estimate
from labelscope.audit.stopping import StoppingConfig, stopping

NO_LABELS = pl.DataFrame(
    schema={"label": pl.String, "stratum": pl.Int64, "kind": pl.String, "n_cells": pl.Int64, "n_audited": pl.Int64, "n_wrong": pl.Int64}
)


def audited(flagged=(300, 40, 20), rest=(9700, 160, 0)):
    """An estimate from (cells, audited, wrong) of a flagged and of an unflagged stratum."""
    rows = zip(flagged, rest, strict=True)
    cells, n, wrong = (list(row) for row in rows)
    strata = pl.DataFrame({
        "stratum": [0, 1], "kind": ["spurious", "missing"], "flagged": [True, False], "n_cells": cells, "n_drawn": n, "n_audited": n,
        "n_wrong": wrong, "n_undecidable": [0, 0],
    })  # fmt: skip
    return estimate(strata, NO_LABELS, 0.95)


def review(found, total, *, early=True, stratum=None):
    """Decisions of which the first (or last) are wrong cells."""
    wrong = [k < found for k in range(total)] if early else [k >= total - found for k in range(total)]
    frame = pl.DataFrame({"item_id": range(total), "label": ["a"] * total, "wrong": wrong}, schema_overrides={"wrong": pl.Boolean})
    return frame if stratum is None else frame.with_columns(stratum=pl.lit(stratum, pl.Int64))


def test_a_fruitful_queue_goes_on():
    told = stopping(review(80, 100, early=False), audited())
    assert told.advice == "go on"
    assert "the last 50 decisions found 50 wrong cells" in told.words
    assert told.spent < 1e-6


def test_a_spent_queue_with_an_audit_stops_and_says_what_stays():
    told = stopping(review(20, 100), audited())
    assert told.advice == "stop"
    assert told.spent == pytest.approx(beta.cdf(0.1, 1, 51))
    assert told.words.startswith("Stop: the last 50 decisions found 0 wrong cells, less than one in 10 is worth. Stopping now would leave")
    assert told.words.endswith("40 were found.")
    assert told.found == 40


def test_no_hits_lately_alone_is_never_enough():
    assert stopping(review(20, 200)).advice == "audit first"
    assert stopping(review(20, 200), audited((300, 0, 0), (9700, 0, 0))).advice == "audit first"
    assert stopping(review(0, 5), audited()).advice == "go on"
    assert stopping(review(0, 0), audited()).advice == "go on"
    assert stopping(review(0, 0)).advice == "go on"


def test_what_is_left_is_the_total_less_what_was_found():
    estimate = audited()
    told = stopping(review(100, 200), estimate)
    assert told.left.estimate == pytest.approx(estimate.wrong().estimate - 120)
    assert told.left.low == max(0, estimate.wrong().low - 120)
    assert told.left.high == pytest.approx(estimate.wrong().high - 120, abs=2)
    assert told.unflagged.high == pytest.approx(9700 * 3.69 / 160, rel=0.03)  # elusion: nothing found in 160


def test_known_strata_leave_only_what_nobody_has_seen():
    reviewed = review(150, 260, stratum=0)  # with the 40 audited: all flagged cells were seen, 170 of them wrong
    told = stopping(reviewed, audited())
    assert (told.left.estimate, told.left.low) == (0, 0)
    assert told.left.high == told.unflagged.high == pytest.approx(9700 * 3.69 / 160, rel=0.03)
    blunt = stopping(reviewed.drop("stratum"), audited())
    assert blunt.left.low == 0
    assert told.advice == blunt.advice == "stop"


def test_nothing_left_is_said_plainly():
    told = stopping(review(0, 60, stratum=0), audited((100, 40, 0), (30, 30, 2)))
    assert told.left == (0, 0, 0)
    assert "Stopping now would leave no wrong cell" in told.words


def test_a_bound_on_what_may_stay_keeps_it_going():
    config = StoppingConfig(most_left=0.01)
    told = stopping(review(20, 100), audited(), config=config)
    assert told.advice == "go on"
    assert "100 are allowed" in told.words
    assert stopping(review(20, 100), audited(), config=StoppingConfig(most_left=0.05)).advice == "stop"


def test_the_course_counts_and_averages_the_last_decisions():
    told = stopping(review(3, 8), config=StoppingConfig(window=4))
    assert told.frame.columns == ["n_reviewed", "item_id", "label", "wrong", "n_found", "precision"]
    assert told.frame["n_found"].to_list() == [1, 2, 3, 3, 3, 3, 3, 3]
    assert told.frame["precision"].to_list() == pytest.approx([1, 1, 1, 0.75, 0.5, 0.25, 0, 0])
    assert told.summary().startswith("Stopping: ")


def test_a_cheaper_look_goes_on_longer():
    reviewed = review(20, 100)
    assert stopping(reviewed, audited(), config=StoppingConfig(cost_per_value=0.01)).advice == "go on"
    assert stopping(reviewed, audited(), config=StoppingConfig(cost_per_value=0.5)).advice == "stop"


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (review(1, 2).drop("wrong"), "wrong is missing"),
        (review(1, 2).cast({"wrong": pl.Int8}), "got Int8"),
        (review(1, 2).with_columns(wrong=pl.lit(None, pl.Boolean)), "got null"),
    ],
)
def test_frames_that_do_not_fit_are_refused(frame, told):
    with pytest.raises(DataError, match=told):
        stopping(frame)


@pytest.mark.parametrize("options", [{"window": 0}, {"cost_per_value": 0}, {"probability": 1}, {"most_left": 2}])
def test_a_config_that_makes_no_sense_is_refused(options):
    with pytest.raises(StageError, match=next(iter(options))):
        StoppingConfig(**options)
