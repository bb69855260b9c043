"""The tests behind the relations: every pair of labels that could stand in one, tested against noise and against chance."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from scipy.special import gammaincinv

from labelscope.data.labels import NEGATIVE, LabelMatrix
from labelscope.stats.hypergeometric import benjamini_hochberg, tail
from labelscope.stats.implications import Implications, believed, implications
from labelscope.stats.pairs import EXPECTED_LEAST, LabelPairs, count_given_pairs, count_pairs
from labelscope.stats.relation_rows import rows

__all__ = ["LabelTests", "RelationsConfig", "broken_items"]

USUAL_SPURIOUS = 0.05  # where the rate of wrong positives is not given


@dataclass(frozen=True)
class RelationsConfig:
    """How :func:`labelscope.relations` tests.

    Attributes
    ----------
    miss : float, optional
        Share of true positives that the labels lack, in [0, 0.5].
    spurious : float, optional
        Wrong positives as a share of a label's positives, in [0, 0.5]. Where neither rate is given, how often noise
        breaks a rule is estimated from the labels; where one is given, the other counts as 0.05.
    least_positives : int
        Items that a label needs for what it implies to be testable.
    false_discoveries : float
        False discovery rate of the tests against independence.
    stray_share : float
        Largest share of the rarer label's items that an exclusive pair may have in common.
    cosine : float
        Least cosine of the centroids of two labels that the embeddings call identical.
    """

    miss: float | None = None
    spurious: float | None = None
    least_positives: int = 12
    false_discoveries: float = 0.05
    stray_share: float = 0.02
    cosine: float = 0.95

    @property
    def rates(self) -> tuple[float, float] | None:
        """(miss, spurious), or None where they are to be estimated."""
        if self.miss is None and self.spurious is None:
            return None
        return (USUAL_SPURIOUS if self.miss is None else self.miss, USUAL_SPURIOUS if self.spurious is None else self.spurious)


@dataclass(frozen=True)
class LabelTests:
    """All tested pairs. Make one with :meth:`run`.

    Attributes
    ----------
    names : tuple of str
        Of the labels.
    labels : LabelMatrix
    config : RelationsConfig
    pairs : LabelPairs
        The pairs that occur together, and those expected to and do not; a < b.
    p_more, q_more, p_fewer, q_fewer : float64, shape (n_pairs,)
        Of being together more, and less often than by chance: one-sided, and adjusted.
    rules : Implications
    """

    names: tuple[str, ...]
    labels: LabelMatrix
    config: RelationsConfig
    pairs: LabelPairs
    p_more: np.ndarray
    q_more: np.ndarray
    p_fewer: np.ndarray
    q_fewer: np.ndarray
    rules: Implications
    _order: np.ndarray = field(repr=False)

    @classmethod
    def run(cls, names: tuple[str, ...], labels: LabelMatrix, config: RelationsConfig) -> LabelTests:
        """Count and test all pairs of labels."""
        pairs, n_labels = count_pairs(labels), len(names)
        expected = pairs.expected
        tails = tail(pairs.n_ab, pairs.n_a, pairs.n_b, pairs.n_known)
        more, fewer = np.where(pairs.n_ab >= expected, tails, 1.0), np.where(pairs.n_ab < expected, tails, 1.0)
        q_more = benjamini_hochberg(more, n_labels * (n_labels - 1) // 2)
        testable, q_fewer = expected >= EXPECTED_LEAST, np.ones(len(expected))
        q_fewer[testable] = benjamini_hochberg(fewer[testable], int(testable.sum()))
        rules = implications(
            labels, pairs, q_more, least=config.least_positives, false_discoveries=config.false_discoveries, rates=config.rates
        )
        order = np.argsort(pairs.a * n_labels + pairs.b)
        return cls(names, labels, config, pairs, more, q_more, fewer, q_fewer, rules, order)

    def frame(self) -> pl.DataFrame:
        """The relations that the labels support, as rows of evidence."""
        limit = self.config.false_discoveries
        forth, back = believed(self.rules.forth), believed(self.rules.back)
        exclusive = (self.q_fewer <= limit) & self._strays_explained()
        overlaps = (self.q_more <= limit) & ~forth & ~back
        return pl.concat([
            self._rows(self.pairs, forth & back, "identical", more=True, confidence=self.rules.forth * self.rules.back),
            self._rows(self.pairs, forth & ~back, "implies", more=True, confidence=self.rules.forth),
            self._rows(self.pairs.swapped(), back & ~forth, "implies", more=True, confidence=self.rules.back),
            self._rows(self.pairs, exclusive, "exclusive", more=False),
            self._rows(self.pairs, overlaps, "overlaps", more=True),
        ])  # fmt: skip

    def given(self, a: np.ndarray, b: np.ndarray, relation: str, source: str) -> pl.DataFrame:
        """Rows of evidence on given pairs, whatever the labels say of them, and `supported`: whether they agree.

        Null where they cannot tell: too few items, or a label b so common that what lacks it by noise alone is as much
        as what would by chance.
        """
        pairs = count_given_pairs(self.labels, a, b)
        place, found = self._places(np.minimum(a, b), np.maximum(a, b))

        def tested(values: np.ndarray, otherwise: float) -> np.ndarray:
            out = np.full(len(a), otherwise)
            out[found] = values[place[found]]
            return out

        forth, back = tested(self.rules.forth, 0.0), tested(self.rules.back, 0.0)
        forward, backward = np.where(a < b, forth, back), np.where(a < b, back, forth)
        p_value, q_value = tested(self.p_more, 1.0), tested(self.q_more, 1.0)
        both = relation == "identical"
        can_tell = self._can_tell(pairs) & (self._can_tell(pairs.swapped()) | (not both))
        holds = believed(forward) & (believed(backward) | (not both))
        confidence = forward * backward if both else forward
        frame = rows(self.names, pairs, relation, source, p_value=p_value, q_value=q_value, confidence=confidence)
        unknown = pl.lit(None)
        return frame.with_columns(
            supported=pl.when(pl.Series(can_tell)).then(pl.Series(holds)).otherwise(unknown),
            confidence=pl.when(pl.Series(can_tell)).then("confidence").otherwise(unknown),
        )

    def _rows(
        self, pairs: LabelPairs, chosen: np.ndarray, relation: str, *, more: bool, confidence: np.ndarray | None = None
    ) -> pl.DataFrame:
        p_value, q_value = (self.p_more, self.q_more) if more else (self.p_fewer, self.q_fewer)
        kept = None if confidence is None else confidence[chosen]
        frame = rows(
            self.names, pairs.select(chosen), relation, "labels", p_value=p_value[chosen], q_value=q_value[chosen], confidence=kept
        )
        return frame.with_columns(supported=pl.lit(value=True))

    def _strays_explained(self) -> np.ndarray:
        """Whether wrong positives alone explain the items that a pair has in common: few, and few of those expected.

        A wrong positive meets the other label as often as chance has it, so two exclusive labels have 2 s n_a n_b / n
        items in common; tested against the lower 95% bound of the count (Garwood's, of a Poisson mean).
        """
        pairs, rates = self.pairs, self.config.rates
        spurious = USUAL_SPURIOUS if rates is None else rates[1]
        least = np.where(pairs.n_ab > 0, gammaincinv(np.maximum(pairs.n_ab, 1), 0.05), 0.0)
        few = pairs.n_ab <= self.config.stray_share * np.minimum(pairs.n_a, pairs.n_b)
        return np.asarray(few & (least <= 2 * spurious * pairs.expected))

    def _can_tell(self, pairs: LabelPairs) -> np.ndarray:
        by_chance = 1 - pairs.n_b / np.maximum(pairs.n_known, 1)
        return np.asarray((pairs.n_a >= self.config.least_positives) & (by_chance >= 2 * self.rules.model.rate))

    def _places(self, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where pairs stand among the tested ones, and whether they do."""
        keys = (self.pairs.a * len(self.names) + self.pairs.b)[self._order]
        if not len(keys):
            return np.zeros(len(a), np.int64), np.zeros(len(a), bool)
        flat = np.asarray(a, np.int64) * len(self.names) + b
        place = np.minimum(np.searchsorted(keys, flat), len(keys) - 1)
        return self._order[place], keys[place] == flat


def broken_items(labels: LabelMatrix, a: int, b: int, relation: str) -> np.ndarray:
    """Rows of the items that break a relation between two labels, int64, ascending; cells that are unknown break nothing."""
    states = labels.columns(np.array([a, b]))
    has_a, has_b = states[:, 0] == 1, states[:, 1] == 1
    no_a, no_b = states[:, 0] == NEGATIVE, states[:, 1] == NEGATIVE
    broken = {
        "implies": has_a & no_b,
        "identical": (has_a & no_b) | (no_a & has_b),
        "exclusive": has_a & has_b,
    }.get(relation, np.zeros(len(states), bool))
    return np.flatnonzero(broken)
