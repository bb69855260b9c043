"""Co-occurrence of labels: which pairs meet more often, or less often, than independent labels would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from labelscope.compute.intervals import wilson
from labelscope.data.arguments import checked
from labelscope.data.results import Result
from labelscope.data.view_hook import views
from labelscope.errors import DataError
from labelscope.stats.hypergeometric import benjamini_hochberg, tail
from labelscope.stats.pair_grid import MOST_CELLS, PairGrid, pair_grid, similarity_order
from labelscope.stats.pairs import LabelPairs, count_pairs

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from labelscope.data.dataset import Dataset

__all__ = ["Cooccurrence", "cooccurrence"]

SIGNIFICANT = 0.05
STRAY_SHARE = 0.02  # of the rarer label's items: labels that share no more seem to avoid each other
Z95 = 1.959964
RATIOS = ("expected", "jaccard", "lift", "lift_low", "lift_high", "npmi", "phi", "p_b_given_a", "p_a_given_b")
CHUNK = 1 << 15  # pairs at a time, so that what is in between stays in the processor's cache


@dataclass(frozen=True, eq=False, repr=False)
class Cooccurrence(Result):
    """Pairs of labels, those with most common items first; then those expected together and never seen so.

    Attributes
    ----------
    frame : polars.DataFrame
        label_a, label_b (each unordered pair once); n_a, n_b, n_ab, n_known = items with a, b, both, and items counted,
        all among the items where *both* labels are known; expected = n_a n_b / n_known; jaccard, lift, npmi, phi;
        lift_low, lift_high = 95 % bounds; p_b_given_a, p_a_given_b; p_value (two-sided, hypergeometric), q_value
        (Benjamini-Hochberg over all pairs of labels). A ratio that is not defined is null.
    n_items, n_labels : int
        Of the data set.
    dataset : Dataset or None
        What was counted.
    """

    n_items: int
    n_labels: int
    dataset: Dataset | None = None

    def summary(self) -> str:
        """One line of plain text that says what was found."""
        n_ab, q, lift = (self.frame[name] for name in ("n_ab", "q_value", "lift"))
        more, less = ((q <= SIGNIFICANT) & (lift > 1)).sum(), ((q <= SIGNIFICANT) & (lift < 1)).sum()
        possible = self.n_labels * (self.n_labels - 1) // 2
        return (
            f"Co-occurrence of {self.n_labels:,} labels over {self.n_items:,} items: {(n_ab > 0).sum():,} of {possible:,} pairs occur; "
            f"{more:,} more and {less:,} less often than independent labels would (5% false discovery rate)"
        )

    @property
    def absent(self) -> pl.DataFrame:
        """Pairs that never occur although significantly many were to be expected, most expected first."""
        return self.frame.filter((pl.col("n_ab") == 0) & (pl.col("q_value") <= SIGNIFICANT)).sort("expected", descending=True)

    @property
    def unheard_of(self) -> pl.DataFrame:
        """Pairs that avoid each other and yet occur in a few items (at most 2% of the rarer label's), strangest first.

        Those items are worth a look (:meth:`items`): one of the two labels may be wrong.
        """
        few = pl.col("n_ab") <= STRAY_SHARE * pl.min_horizontal("n_a", "n_b")
        return self.frame.filter((pl.col("n_ab") > 0) & few & (pl.col("q_value") <= SIGNIFICANT) & (pl.col("lift") < 1)).sort("lift_high")

    def items(self, label_a: str, label_b: str, n: int = 10) -> pl.Series:
        """Ids of items with both labels, in the order of the data set.

        Parameters
        ----------
        label_a, label_b : str
        n : int
            Most ids returned.

        Raises
        ------
        DataError
            If there is no such label, or the result came without its data set.
        """
        if self.dataset is None:
            raise DataError("items: expected a co-occurrence with its data set, got a frame alone; run labelscope.cooccurrence")
        a, b = self.dataset.label_position(label_a), self.dataset.label_position(label_b)
        both = np.asarray(self.dataset.labels.positives[:, [a, b]].sum(axis=1)).ravel() == 2
        return self.dataset.item_ids[np.flatnonzero(both)[:n]]

    def bounds(self, frame: pl.DataFrame | None = None) -> pl.DataFrame:
        """The pairs with 95% bounds of the shares: jaccard, p_b_given_a and p_a_given_b, each with `_low` and `_high`.

        Wilson's score interval (1927), which holds for shares near 0 and 1 too. Computed when asked for: millions of
        pairs need them seldom.

        Parameters
        ----------
        frame : polars.DataFrame, optional
            Some rows of :attr:`frame`. Default: all.
        """
        frame = self.frame if frame is None else frame
        n_a, n_b, n_ab = (frame[name].to_numpy() for name in ("n_a", "n_b", "n_ab"))
        bounds = {name: wilson(n_ab, n) for name, n in {"jaccard": n_a + n_b - n_ab, "p_b_given_a": n_a, "p_a_given_b": n_b}.items()}
        return frame.with_columns(
            pl.Series(f"{name}_{end}", side) for name, sides in bounds.items() for end, side in zip(("low", "high"), sides, strict=True)
        )

    @cached_property
    def order(self) -> list[str]:
        """The labels that are in any listed pair, so that those that go together lie side by side."""
        return similarity_order(self.frame, significant=SIGNIFICANT)

    def grid(self, rows: Sequence[str] | None = None, columns: Sequence[str] | None = None, *, most: int = MOST_CELLS) -> PairGrid:
        """The cells of a heat map, at most 400 a side: with more labels, neighbours in the order share a cell.

        Parameters
        ----------
        rows, columns : sequence of str, optional
            Labels to show, in this order; `columns` are the rows by default, and the rows are all in :attr:`order`. Ask again
            with the labels of some cells to see them apart.
        most : int
            Most cells a side.
        """
        if not 1 <= most <= MOST_CELLS:
            raise DataError(f"most: expected 1 to {MOST_CELLS} cells a side, got {most}")
        down = self.order if rows is None else list(rows)
        across = down if columns is None else list(columns)
        return pair_grid(self.frame, down, across, significant=SIGNIFICANT, most=most)

    def figure_of(self, rows: Sequence[str] | None = None, columns: Sequence[str] | None = None) -> Figure:
        """The heat map of some labels by some labels, as for :meth:`grid`: what a zoom asks for."""
        return views().figure(self, rows=rows, columns=columns, most=MOST_CELLS)


@checked
def cooccurrence(ds: Dataset, *, min_count: int = 1) -> Cooccurrence:
    """Counts and association measures of the label pairs of a data set.

    Unknown cells are left out pair by pair: an item counts for (a, b) where both labels are known. All is computed on
    sparse matrices and whole columns: time and memory follow the pairs that occur, not n_labels squared.

    Parameters
    ----------
    ds : Dataset
    min_count : int
        Least number of common items of a listed pair. Pairs without any common item are listed where at least three
        were to be expected, whatever this is.

    Returns
    -------
    Cooccurrence

    Notes
    -----
    NPMI: Bouma, "Normalized (pointwise) mutual information in collocation extraction" (GSCL 2009). The bounds of the
    lift are Byar's approximation of the Poisson interval of n_ab. Rank by `lift_low`, never by the raw lift, which is
    largest where one item decides.

    Examples
    --------
    >>> from labelscope import Dataset
    >>> found = cooccurrence(Dataset.from_arrays([["cat", "dog"], ["cat", "dog"], ["dog"], ["bird"]]))
    >>> found.frame.select("label_a", "label_b", "n_ab", "jaccard").row(0)
    ('cat', 'dog', 2, 0.6666666666666666)
    """
    if min_count < 1:
        raise DataError(f"min_count: expected at least 1, got {min_count}")
    pairs = count_pairs(ds.labels)
    p_value = np.minimum(1.0, 2 * tail(pairs.n_ab, pairs.n_a, pairs.n_b, pairs.n_known))
    q_value = benjamini_hochberg(p_value, ds.n_labels * (ds.n_labels - 1) // 2)
    listed = (pairs.n_ab >= min_count) | (pairs.n_ab == 0)
    if not listed.all():
        pairs, p_value, q_value = pairs.select(listed), p_value[listed], q_value[listed]
    order = _most_common_first(pairs)
    pairs = pairs.select(order)
    names = pl.Series(ds.label_names, dtype=pl.String)
    frame = pl.DataFrame({"label_a": names[pairs.a], "label_b": names[pairs.b]} | measures(pairs))
    frame = frame.with_columns(pl.Series("p_value", p_value[order]), pl.Series("q_value", q_value[order]))
    return Cooccurrence(frame.with_columns(pl.col(pl.Float64).fill_nan(None)), ds.n_items, ds.n_labels, ds)


def _most_common_first(pairs: LabelPairs) -> np.ndarray:
    largest = int(pairs.n_ab.max(initial=0))
    rank = largest - pairs.n_ab
    order = np.argsort(rank.astype(np.uint16) if largest < 1 << 16 else rank, kind="stable")  # 16 bits: a radix sort
    n_common = int((pairs.n_ab > 0).sum())
    absent = order[n_common:]
    return np.concatenate([order[:n_common], absent[np.argsort(-pairs.expected[absent], kind="stable")]])


def measures(pairs: LabelPairs) -> dict[str, np.ndarray]:
    """The columns of a pair frame that follow from its counts; NaN where a ratio is not defined."""
    n_pairs = len(pairs.a)
    out = {name: np.empty(n_pairs) for name in RATIOS}
    counts = np.arange(pairs.n_ab.max(initial=0) + 1.0)  # far fewer than pairs: the bounds are looked up
    with np.errstate(divide="ignore"):
        low, high = _byar(counts, -1.0), _byar(counts, 1.0)
    for start in range(0, n_pairs, CHUNK):
        part = slice(start, start + CHUNK)
        for name, values in _ratios(pairs.select(part), low, high).items():
            out[name][part] = values
    return {"n_a": pairs.n_a, "n_b": pairs.n_b, "n_known": pairs.n_known, "n_ab": pairs.n_ab} | out


def _ratios(pairs: LabelPairs, low: np.ndarray, high: np.ndarray) -> dict[str, np.ndarray]:
    a, b, both, n = (np.asarray(c, np.float64) for c in (pairs.n_a, pairs.n_b, pairs.n_ab, pairs.n_known))
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = a * b / n
        lift = both / expected
        return {
            "expected": expected,
            "jaccard": both / (a + b - both),
            "lift": lift,
            "lift_low": low[pairs.n_ab] / expected,
            "lift_high": high[pairs.n_ab] / expected,
            "npmi": np.where(both > 0, np.log(lift) / -np.log(both / n), -1.0),
            "phi": (n * both - a * b) / np.sqrt(a * b * (n - a) * (n - b)),
            "p_b_given_a": both / a,
            "p_a_given_b": both / b,
        }


def _byar(count: np.ndarray, side: float) -> np.ndarray:
    """Lower (-1) or upper (+1) 95% bound of the mean of a Poisson count."""
    shifted = count + (side > 0)
    root = 1 - 1 / (9 * shifted) + side * Z95 / (3 * np.sqrt(shifted))
    return np.where(shifted > 0, shifted * np.maximum(root, 0) ** 3, 0.0)
