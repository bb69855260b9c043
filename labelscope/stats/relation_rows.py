"""Rows of evidence: what the labels count about a pair, in one schema for every source of a relation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy.special import betaincinv

from labelscope.stats.pairs import LabelPairs

__all__ = ["KINDS", "broken", "clopper_pearson", "rows", "speaks_of"]

KINDS = ("identical", "implies", "exclusive", "overlaps")


def rows(
    names: Sequence[str],
    pairs: LabelPairs,
    relation: str,
    source: str,
    *,
    p_value: np.ndarray | None = None,
    q_value: np.ndarray | None = None,
    confidence: np.ndarray | None = None,
) -> pl.DataFrame:
    """A frame with one row a pair, of one relation and one source.

    Parameters
    ----------
    names : sequence of str
        Of the labels.
    pairs : LabelPairs
    relation : {"identical", "implies", "exclusive", "overlaps"}
    source : {"taxonomy", "labels", "names", "embeddings"}
    p_value, q_value, confidence : float64 array of shape (n_pairs,), optional
        Null where not given.
    """
    label = pl.Series(names, dtype=pl.String)
    count, base = broken(pairs, relation), speaks_of(pairs, relation)
    low, high = clopper_pearson(count, base)
    told = pl.Series(base > 0) if relation != "overlaps" else pl.Series([False]).new_from_index(0, len(pairs.a))
    return pl.DataFrame({
        "label_a": label[pairs.a],
        "label_b": label[pairs.b],
        "relation": pl.Series([relation]).new_from_index(0, len(pairs.a)),
        "n_a": pairs.n_a,
        "n_b": pairs.n_b,
        "n_ab": pairs.n_ab,
        "expected": pairs.expected,
        "counter_examples": pl.Series(count, dtype=pl.Int64) if relation != "overlaps" else pl.Series([None] * len(count), dtype=pl.Int64),
        "broken_low": low,
        "broken_high": high,
        "confidence": _column(confidence, len(count)),
        "p_value": _column(p_value, len(count)),
        "q_value": _column(q_value, len(count)),
        "source": pl.Series([source]).new_from_index(0, len(pairs.a)),
    }).with_columns(pl.when(told).then("broken_low"), pl.when(told).then("broken_high"))  # fmt: skip


def broken(pairs: LabelPairs, relation: str) -> np.ndarray:
    """Items that break a relation, int64 (n_pairs,); nothing breaks an overlap."""
    return {
        "implies": pairs.n_a - pairs.n_ab,
        "identical": pairs.n_a + pairs.n_b - 2 * pairs.n_ab,
        "exclusive": pairs.n_ab,
        "overlaps": np.zeros(len(pairs.a), np.int64),
    }[relation]


def speaks_of(pairs: LabelPairs, relation: str) -> np.ndarray:
    """Items that a relation says something about, int64 (n_pairs,): with a, with either, or with the rarer label."""
    either = pairs.n_a + pairs.n_b - pairs.n_ab
    return {"implies": pairs.n_a, "identical": either, "overlaps": either}.get(relation, np.minimum(pairs.n_a, pairs.n_b))


def clopper_pearson(count: np.ndarray, n: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Exact interval of a binomial share, each float64 of the shape of `count` (Clopper and Pearson 1934).

    Examples
    --------
    >>> [bound.round(3).tolist() for bound in clopper_pearson(np.array([0, 5]), np.array([20, 20]))]
    [[0.0, 0.087], [0.168, 0.491]]
    """
    count, n, beyond = np.asarray(count, np.float64), np.asarray(n, np.float64), (1 - level) / 2
    low = np.where(count > 0, betaincinv(np.maximum(count, 1), n - count + 1, beyond), 0.0)
    high = np.where(count < n, betaincinv(count + 1, np.maximum(n - count, 1), 1 - beyond), 1.0)
    return low, high


def _column(values: np.ndarray | None, n: int) -> pl.Series:
    return pl.Series([None] * n if values is None else values, dtype=pl.Float64)
