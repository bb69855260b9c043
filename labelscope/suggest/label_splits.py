"""Labels that may be two: their items fall into two groups, and the groups differ in their other labels as well."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
import scipy.sparse as sp
from scipy.special import chdtrc

from labelscope.data.dataset import Dataset
from labelscope.data.results import Result
from labelscope.stats.hypergeometric import benjamini_hochberg

__all__ = ["LabelSplits", "SplitConfig", "find_splits"]

SCHEMA = {
    "label": pl.String, "n_items": pl.Int64, "n_smaller": pl.Int64, "silhouette": pl.Float64, "p_value": pl.Float64, "q_value": pl.Float64,
    "more_in_smaller": pl.String, "more_in_larger": pl.String, "reason": pl.String,
}  # fmt: skip
EXPECTED_LEAST = 5.0  # items in a cell of a 2 x 2 table, for the chi-square distribution to hold


@dataclass(frozen=True)
class SplitConfig:
    """How :func:`find_splits` works.

    Attributes
    ----------
    least_items : int
        Items of a label that is looked at.
    least_share : float
        Share of the items that the smaller part needs.
    silhouette : float
        Least mean silhouette of the two parts.
    false_discoveries : float
        False discovery rate over the labels of "the parts differ in their other labels".
    most_items : int
        Items of a label that are clustered; of more, an even sample is, and the others go to the nearer centre.
    n_components : int
        Principal components of the label's own items that are clustered.
    seed : int
    """

    least_items: int = 50
    least_share: float = 0.1
    silhouette: float = 0.15
    false_discoveries: float = 0.05
    most_items: int = 2000
    n_components: int = 10
    seed: int = 0


@dataclass(frozen=True, eq=False, repr=False)
class LabelSplits(Result):
    """Labels that may be two, clearest first.

    Attributes
    ----------
    frame : polars.DataFrame
        label, n_items, n_smaller, silhouette (-1 to 1), p_value and q_value of the parts having the same other labels,
        more_in_smaller and more_in_larger = the label that tells each part most, reason.
    smaller : mapping of label to int64 array
        Rows of the items in the smaller part.
    """

    smaller: dict[str, np.ndarray] = field(default_factory=dict)


def find_splits(ds: Dataset, *, config: SplitConfig | None = None) -> LabelSplits:
    """Labels whose items fall into two groups that differ in their other labels.

    The items of a label, on the first principal components of their embeddings, are split by 2-means. Any cloud can be cut
    in two: so the cut has to be clear (silhouette above 0.15), no few outliers (a tenth of the items), and the parts have to
    differ in what else they carry (chi-square tests of each other label, the least p-value times their number; Benjamini and
    Hochberg over the labels). A label that stands alone on its items is never split.

    Parameters
    ----------
    ds : Dataset
        Without embeddings nothing is found.
    config : SplitConfig, optional

    Returns
    -------
    LabelSplits
    """
    config = config or SplitConfig()
    if ds.embeddings is None:
        return LabelSplits(pl.DataFrame(schema=SCHEMA))
    columns = sp.csc_matrix(ds.labels.positives)
    cuts: dict[int, tuple[np.ndarray, float, float, int, int]] = {}
    tested = 0
    for label in np.flatnonzero(ds.labels.n_positive >= config.least_items):
        rows = columns.indices[columns.indptr[label] : columns.indptr[label + 1]]
        second, clear = _cut(ds.embeddings, rows, config)
        tested += 1
        if clear > config.silhouette and config.least_share <= second.mean() <= 1 - config.least_share:
            if second.mean() > 0.5:
                second = ~second
            p_value, in_smaller, in_larger = _different(ds.labels.positives[rows], second, int(label))
            cuts[int(label)] = (rows[second], clear, p_value, in_smaller, in_larger)
    p_values = np.array([cut[2] for cut in cuts.values()])
    q_values = benjamini_hochberg(p_values, max(tested, len(p_values)))
    found = [(label, cut, q) for (label, cut), q in zip(cuts.items(), q_values.tolist(), strict=True) if q <= config.false_discoveries]
    found.sort(key=lambda entry: -entry[1][1])
    rows_out = [_row(ds, label, cut, q) for label, cut, q in found]
    return LabelSplits(pl.DataFrame(rows_out, schema=SCHEMA, orient="row"), {ds.label_names[label]: cut[0] for label, cut, _ in found})


def _cut(embeddings: np.ndarray, rows: np.ndarray, config: SplitConfig) -> tuple[np.ndarray, float]:
    """Which items are in the second part, bool (n_items,), and the mean silhouette of a sample of them."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    chosen = rows if len(rows) <= config.most_items else rows[np.linspace(0, len(rows) - 1, config.most_items).astype(np.int64)]
    sample = np.asarray(embeddings[chosen], np.float32)
    mean = sample.mean(axis=0)
    axes = np.linalg.svd(sample - mean, full_matrices=False)[2][: config.n_components].T
    reduced = (sample - mean) @ axes
    if not reduced.std():
        return np.zeros(len(rows), bool), -1.0
    parts = KMeans(2, n_init=5, random_state=config.seed).fit(reduced)
    if len(np.unique(parts.labels_)) < 2:
        return np.zeros(len(rows), bool), -1.0
    every = (np.asarray(embeddings[rows], np.float32) - mean) @ axes
    distances = ((every[:, None, :] - parts.cluster_centers_) ** 2).sum(axis=2)
    return np.asarray(distances[:, 1] < distances[:, 0]), float(silhouette_score(reduced, parts.labels_))


def _different(labels: sp.csr_matrix, second: np.ndarray, own: int) -> tuple[float, int, int]:
    """P-value of the parts having the same other labels, and the label that tells each part most (its own where none does)."""
    n, n_second = len(second), int(second.sum())
    total = np.asarray(labels.sum(axis=0)).ravel().astype(np.float64)
    inside = np.asarray(labels[second].sum(axis=0)).ravel().astype(np.float64)
    expected = total * n_second / n
    least = np.minimum.reduce([expected, total - expected, n_second - expected, (n - n_second) - (total - expected)])
    told = (least >= EXPECTED_LEAST) & (np.arange(len(total)) != own)
    if not told.any():
        return 1.0, own, own
    surprise = np.zeros(len(total))
    excess = inside[told] - expected[told]
    variance = expected[told] * (1 - n_second / n) * (1 - total[told] / n)
    surprise[told] = np.sign(excess) * excess**2 / variance
    p_value = min(1.0, float(chdtrc(1, np.abs(surprise).max())) * int(told.sum()))
    more, less = int(np.argmax(surprise)), int(np.argmin(surprise))
    return p_value, more if surprise[more] > 0 else own, less if surprise[less] < 0 else own


def _row(ds: Dataset, label: int, cut: tuple[np.ndarray, float, float, int, int], q_value: float) -> tuple[object, ...]:
    rows, clear, p_value, more, less = cut
    names = [None if k == label else ds.label_names[k] for k in (more, less)]
    tells = " and ".join(
        f"{side} with '{name}'" for side, name in zip(("the smaller", "the larger"), names, strict=True) if name is not None
    )
    n_items = int(ds.labels.n_positive[label])
    reason = f"two groups of {n_items - len(rows):,} and {len(rows):,} items, {tells}"
    return (ds.label_names[label], n_items, len(rows), clear, p_value, q_value, *names, reason)
