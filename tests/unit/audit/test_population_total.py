import itertools

import numpy as np
import pytest
from scipy.stats import hypergeom

from labelscope.audit.population_total import Total, total_interval


def total(cells, drawn, hits, **options):
    return total_interval(np.array(cells), np.array(drawn), np.array(hits), **options)


def clopper_pearson(cells, drawn, hits):
    """By trying every number of cells that there could be."""
    held = np.arange(hits, cells - drawn + hits + 1)
    high = held[hypergeom.cdf(hits, cells, held, drawn) > 0.025].max()
    low = held[hypergeom.sf(hits - 1, cells, held, drawn) > 0.025].min()
    return low, high


@pytest.mark.parametrize(("cells", "drawn", "hits"), [(1000, 200, 0), (1000, 200, 7), (60, 30, 30), (50, 10, 9), (900, 60, 31), (4, 1, 0)])
def test_one_stratum_is_clopper_and_pearson_for_a_finite_population(cells, drawn, hits):
    found = total([cells], [drawn], [hits])
    assert found == (pytest.approx(cells * hits / drawn), *clopper_pearson(cells, drawn, hits))


def test_no_hit_is_the_rule_of_three_in_the_stratum_drawn_most_thinly():
    found = total([1000, 50_000, 3000], [50, 100, 50], [0, 0, 0])
    assert (found.estimate, found.low) == (0, 0)
    assert found.high == pytest.approx(-np.log(0.025) * 500, rel=0.03)


@pytest.mark.parametrize(("cells", "drawn"), [((12, 30), (5, 6)), ((4, 40), (4, 7)), ((20, 20), (2, 10)), ((9, 9, 12), (3, 4, 3))])
def test_every_truth_is_covered_counted_exactly(cells, drawn):
    """The chance of each sample under each truth, summed over the samples whose interval holds the truth."""
    outcomes = list(itertools.product(*(range(n + 1) for n in drawn)))
    limits = np.array([total(cells, drawn, hits)[1:] for hits in outcomes])
    least = 1.0
    for held in itertools.product(*(range(n + 1) for n in cells)):
        chance = np.prod([hypergeom.pmf([x[h] for x in outcomes], cells[h], held[h], drawn[h]) for h in range(len(cells))], axis=0)
        covers = (limits[:, 0] <= sum(held)) & (sum(held) <= limits[:, 1])
        least = min(least, chance[covers].sum())
    assert least > 0.94


def test_skewed_weights_are_covered_where_the_textbook_interval_is_not():
    rng = np.random.default_rng(0)
    cells, drawn, held = np.array([300, 3000, 60_000]), np.array([60, 60, 80]), np.array([200, 300, 400])
    hits = np.stack([rng.hypergeometric(m, c - m, n, 60) for c, n, m in zip(cells, drawn, held, strict=True)], axis=1)
    limits = np.array([total(cells, drawn, x)[1:] for x in hits])
    p = hits / drawn
    textbook = 1.96 * np.sqrt((cells**2 * p * (1 - p) / drawn).sum(1))
    off = np.abs((cells * p).sum(1) - held.sum())
    assert np.mean((limits[:, 0] <= held.sum()) & (held.sum() <= limits[:, 1])) >= 0.95
    assert np.mean(off <= textbook) < 0.8


def test_limits_stay_within_what_is_possible():
    found = total([10, 100, 7], [10, 40, 0], [3, 40, 0])
    assert found == Total(103.0, 3 + clopper_pearson(100, 40, 40)[0], 3 + 100 + 7)
    assert total([10, 5], [10, 5], [3, 0]) == (3, 3, 3)
    assert total([8], [0], [0]) == (0, 0, 8)


def test_what_is_known_from_elsewhere_bounds_each_stratum():
    cells, drawn, hits = [500, 20_000], [40, 160], [20, 1]
    bound = total(cells, drawn, hits, least=np.array([250, 1]), most=np.array([250, 20_000]))
    rest = total([20_000], [160], [1])
    assert bound == (250 + rest.estimate, 250 + rest.low, 250 + rest.high)


def test_a_higher_confidence_is_wider_and_more_cells_are_narrower():
    narrow, wide = (total([1000, 9000], [50, 50], [20, 1], confidence=c) for c in (0.8, 0.99))
    assert wide.low < narrow.low < narrow.estimate < narrow.high < wide.high
    more = total([1000, 9000], [500, 500], [200, 10])
    assert more.high - more.low < 0.5 * (wide.high - wide.low)


def test_very_large_strata_and_many_hits_keep_their_digits():
    found = total([400_000_000, 1_000_000], [150, 50], [3, 25])
    assert found.estimate == pytest.approx(8_500_000)
    alone = total([400_000_000], [150], [3])  # the small stratum adds half a million, known to 0.2
    assert found.low == pytest.approx(alone.low + 500_000, abs=600_000)
    assert found.high == pytest.approx(alone.high + 500_000, rel=0.1)
    many = total([60_000, 60_000], [4000, 2000], [1200, 600])
    error = np.sqrt(2 * 60_000**2 * 0.21 * (1 / 4000 + 1 / 2000) / 2)
    assert many.high - many.estimate == pytest.approx(1.96 * error, rel=0.1)
    assert many.estimate - many.low == pytest.approx(1.96 * error, rel=0.1)
