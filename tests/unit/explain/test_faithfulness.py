from itertools import permutations

import numpy as np
import pytest
from scipy.integrate import trapezoid

from labelscope.explain.faithfulness import SHARES, FaithfulnessConfig, measure

GIVES = np.array([2.0, -1.0, 0.5, 0.0, 1.5, -0.5])


def linear(keep):
    return keep @ GIVES - 0.5


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def area(order):
    kept = np.ones(6)
    curve = [sigmoid(linear(kept))]
    for part in order:
        kept[part] = 0
        curve.append(sigmoid(linear(kept)))
    return trapezoid(curve, dx=1 / 6)


def test_the_true_order_of_a_linear_model_has_the_least_area_of_all():
    found = measure(linear, GIVES)
    areas = [area(order) for order in permutations(range(6))]
    assert found.deletion_auc == pytest.approx(min(areas), abs=1e-9)
    assert found.random_deletion_auc == pytest.approx(np.mean(areas), abs=0.05)
    assert found.insertion_auc == pytest.approx(max(areas), abs=1e-9)  # leaving out in the reverse order, read backwards
    assert found.verdict == "faithful"
    assert found.beaten >= 0.95


def test_an_attribution_that_says_the_opposite_is_told_off():
    found = measure(linear, -GIVES)
    assert found.verdict == "unfaithful"
    assert found.deletion_auc > found.random_deletion_auc
    assert "do not trust this picture" in found.summary()


def test_chance_is_faithful_once_in_twenty():
    rng = np.random.default_rng(0)
    verdicts = [measure(linear, rng.normal(size=6), seed=seed).verdict for seed in range(300)]
    assert np.mean([verdict == "faithful" for verdict in verdicts]) < 0.12


@pytest.mark.parametrize(("weights", "log_odds", "verdict"), [
    (np.arange(6.0), lambda keep: np.full(len(keep), 0.3), "flat"),
    (np.arange(3.0), lambda keep: keep @ np.arange(3.0), "short"),
])  # fmt: skip
def test_where_nothing_can_be_said_it_says_so(weights, log_odds, verdict):
    assert measure(log_odds, weights).verdict == verdict


def test_curves_begin_and_end_where_they_must():
    found = measure(linear, GIVES, -GIVES, config=FaithfulnessConfig(n_steps=3, n_random=4))
    assert found.frame["curve"].unique(maintain_order=True).to_list()[:2] == ["attribution", "shuffled labels"]
    for part in found.frame.partition_by("curve"):
        assert part["share"].to_list() == pytest.approx([0, 1 / 6, 1 / 3, 1 / 2, 2 / 3, 5 / 6, 1])
        assert part["deletion"][0] == part["insertion"][-1] == pytest.approx(sigmoid(linear(np.ones(6))))
        assert part["deletion"][-1] == part["insertion"][0] == pytest.approx(sigmoid(-0.5))
    assert found.shuffled_deletion_auc > found.deletion_auc


def test_a_random_order_and_its_reverse_share_their_masks():
    asked = []

    def counting(keep):
        asked.append(np.unique(keep, axis=0))
        return keep @ np.arange(40.0)

    measure(counting, np.arange(40.0), config=FaithfulnessConfig(n_random=10))
    steps = 27  # 20 of the curve, and the shares that are not among them, from either end
    assert len(asked[0]) <= (2 + 5 * 2) * steps


def test_comprehensiveness_and_sufficiency_of_the_top_parts():
    found = measure(linear, GIVES).summary_scores
    assert found["share"].to_list() == list(SHARES)
    whole = sigmoid(linear(np.ones(6)))
    half = found.row(-1, named=True)  # of six parts the best three: 0, 4, 2
    assert half["comprehensiveness"] == pytest.approx(whole - sigmoid(-1 - 0.5 - 0.5))
    assert half["sufficiency"] == pytest.approx(whole - sigmoid(4 - 0.5))
    one = found.row(0, named=True)
    assert one["comprehensiveness"] == pytest.approx(whole - sigmoid(linear(np.ones(6)) - 2))
    assert half["comprehensiveness"] > half["random_comprehensiveness"]
    assert half["sufficiency"] < half["random_sufficiency"]


def test_the_same_seed_gives_the_same_controls():
    assert measure(linear, GIVES, seed=3).frame.equals(measure(linear, GIVES, seed=3).frame)
    assert not measure(linear, GIVES, seed=3).frame.equals(measure(linear, GIVES, seed=4).frame)
