"""Splits side by side: whether labels occur as often in training, validation and test, and what only one of them has.

A label whose share differs between splits by more than chance makes a test set measure something other than what was
trained. With many labels some differ by chance alone, so the p-values are corrected for their number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import scipy.sparse as sp
from scipy.special import gammaincc

from labelscope.compute.intervals import wilson
from labelscope.data.arguments import checked
from labelscope.data.labels import NEGATIVE
from labelscope.data.results import Result
from labelscope.errors import StageError
from labelscope.stats.characteristics import label_set_codes
from labelscope.stats.hypergeometric import benjamini_hochberg

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset
    from labelscope.data.labels import LabelMatrix

__all__ = ["Splits", "compare_splits", "split_column"]

USUAL = "split"  # how the column is usually called
MOST_SPLITS = 20
LEAST_EXPECTED = 1.0  # positives in the smallest split below which the test statistic has no known distribution
DRIFTING = 0.05  # adjusted p-value below which a label is said to drift


@dataclass(frozen=True, eq=False, repr=False)
class Splits(Result):
    """Labels in each split, and whether they differ.

    Attributes
    ----------
    frame : polars.DataFrame
        label, split, n_positive, n_known, share in [0, 1] (null where nothing is known), low and high (its 95%
        interval).
    labels : polars.DataFrame
        One row a label, the most different first: label, n_positive, lowest and highest share of a split, p_value of
        one share in all splits (null where there are too few positives to test), q_value (Benjamini-Hochberg over the
        tested labels), drifts (q_value below 0.05), absent_from (splits without a positive, joined by commas).
    overview : polars.DataFrame
        One row a split: split, n_items, cardinality (positives an item), n_label_sets, new_label_sets (share of its
        items whose combination of labels occurs in no other split).
    column : str
    """

    labels: pl.DataFrame
    overview: pl.DataFrame
    column: str

    def summary(self) -> str:
        """One line of plain text that says what was found."""
        n_drifting = int(self.labels["drifts"].sum())
        absent = int((self.labels["absent_from"] != "").sum())
        return (
            f"Splits by {self.column}: {self.overview.height} splits; {n_drifting:,} of {self.labels.height:,} labels differ between them"
            f" beyond chance, {absent:,} lack positives in one"
        )


@checked
def compare_splits(ds: Dataset, column: str | None = None) -> Splits:
    """How often each label occurs in each split of the items.

    Parameters
    ----------
    ds : Dataset
    column : str, optional
        Column of `ds.items` that names the split of each item; items without a value are left out. Default: the `split` of the
        data set, or the column of that name.

    Returns
    -------
    Splits

    Raises
    ------
    StageError
        If there is no such column, or it has fewer than 2 or more than 20 values.

    Notes
    -----
    Pearson's chi-squared test of one share in all splits, on known cells alone, where every split may expect at least
    one positive; Benjamini and Hochberg (1995) over the labels.

    Examples
    --------
    >>> from labelscope import Dataset
    >>> ds = Dataset.from_arrays([["cat"], ["cat"], ["dog"], []], items=pl.DataFrame({"split": ["a", "a", "b", "b"]}))
    >>> compare_splits(ds).labels.select("label", "absent_from").rows()
    [('cat', 'b'), ('dog', 'a')]
    """
    column = column or ds.split or USUAL
    names, of = _members(ds, column)
    indicator = sp.csr_matrix((np.ones(len(of)), (of, np.arange(len(of)))), shape=(len(names) + 1, len(of)))[:-1]
    positive, known = _counts(ds.labels, indicator)
    low, high = wilson(positive, known)
    share = np.divide(positive, known, out=np.full(known.shape, np.nan), where=known > 0)
    p_value = _homogeneity(positive, known)
    label = np.asarray(ds.label_names, object)
    frame = pl.DataFrame({
        "label": np.repeat(label, len(names)).tolist(),
        "split": names * ds.n_labels,
        "n_positive": positive.T.ravel(),
        "n_known": known.T.ravel(),
        "share": share.T.ravel(),
        "low": low.T.ravel(),
        "high": high.T.ravel(),
    }).with_columns(pl.col("share", "low", "high").fill_nan(None))  # fmt: skip
    return Splits(frame, _labels(label, names, positive, share, p_value), _overview(ds.labels, names, of, positive), column)


def split_column(ds: Dataset) -> str | None:
    """The column that names the splits: the one that was named, or "split", if there is one with 2 to 20 values."""
    name = ds.split or USUAL
    values = ds.items[name].drop_nulls().n_unique() if name in ds.items.columns else 0
    return name if 2 <= values <= MOST_SPLITS else None


def _members(ds: Dataset, column: str) -> tuple[list[str], np.ndarray]:
    """Names of the splits, and the split of each item (the number of splits for items without one)."""
    if column not in ds.items.columns:
        raise StageError(f"splits: expected a column of the items ({', '.join(ds.items.columns)}), got {column!r}")
    values = ds.items[column].cast(pl.String, strict=False)
    names = values.drop_nulls().unique(maintain_order=True).to_list()
    if not 2 <= len(names) <= MOST_SPLITS:
        raise StageError(f"splits: expected 2 to {MOST_SPLITS} values in {column!r}, got {len(names):,}; name the column of the splits")
    codes = values.replace_strict(names, list(range(len(names))), default=len(names), return_dtype=pl.Int64)
    return names, codes.to_numpy()


def _counts(labels: LabelMatrix, indicator: sp.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    """Positives and known cells of each split and label, each int64 (n_splits, n_labels)."""
    positive = (indicator @ labels.positives.astype(np.float64)).toarray()
    listed = (indicator @ labels.exceptions.astype(np.float64)).toarray()
    sizes = np.asarray(indicator.sum(axis=1))
    known = sizes - listed if labels.default == NEGATIVE else positive + listed
    return positive.astype(np.int64), known.astype(np.int64)


def _homogeneity(positive: np.ndarray, known: np.ndarray) -> np.ndarray:
    """P-value of one share in all splits, float64 (n_labels,); NaN where a split may expect less than one positive."""
    total, n = positive.sum(axis=0), known.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = total / n
        least = known.min(axis=0) * np.minimum(share, 1 - share)
        statistic = ((positive - known * share) ** 2 / (known * share * (1 - share))).sum(axis=0)
    p_value = gammaincc((len(positive) - 1) / 2, np.nan_to_num(statistic) / 2)
    return np.where(least >= LEAST_EXPECTED, p_value, np.nan)


def _labels(label: np.ndarray, names: list[str], positive: np.ndarray, share: np.ndarray, p_value: np.ndarray) -> pl.DataFrame:
    tested = np.isfinite(p_value)
    q_value = np.full(len(p_value), np.nan)
    q_value[tested] = benjamini_hochberg(p_value[tested], int(tested.sum()))
    defined = np.isfinite(share)
    frame = pl.DataFrame({
        "label": label.tolist(),
        "n_positive": positive.sum(axis=0),
        "lowest": np.where(defined, share, np.inf).min(axis=0),
        "highest": np.where(defined, share, -np.inf).max(axis=0),
        "p_value": p_value,
        "q_value": q_value,
        "absent_from": [", ".join(names[split] for split in np.flatnonzero(column == 0)) for column in positive.T],
    })  # fmt: skip
    number = pl.col("lowest", "highest", "p_value", "q_value")
    frame = frame.with_columns(pl.when(number.is_finite()).then(number).otherwise(None).name.keep())
    frame = frame.with_columns(drifts=(pl.col("q_value") < DRIFTING).fill_null(value=False))
    order = ["label", "n_positive", "lowest", "highest", "p_value", "q_value", "drifts", "absent_from"]
    return frame.select(order).sort("p_value", pl.col("highest") - pl.col("lowest"), descending=[False, True], nulls_last=True)


def _overview(labels: LabelMatrix, names: list[str], of: np.ndarray, positive: np.ndarray) -> pl.DataFrame:
    sizes = np.bincount(of, minlength=len(names) + 1)[: len(names)]
    sets = pl.DataFrame({"split": of, "set": label_set_codes(labels.positives)}).filter(pl.col("split") < len(names))
    shared = sets.group_by("set").agg(n_splits=pl.col("split").n_unique())
    per_split = (
        sets.join(shared, on="set", how="left", maintain_order="left")
        .group_by("split")
        .agg(n_label_sets=pl.col("set").n_unique(), new_label_sets=(pl.col("n_splits") == 1).mean())
        .sort("split")
    )
    return pl.DataFrame({
        "split": names,
        "n_items": sizes,
        "cardinality": positive.sum(axis=1) / np.maximum(sizes, 1),
        "n_label_sets": per_split["n_label_sets"],
        "new_label_sets": per_split["new_label_sets"],
    })  # fmt: skip
