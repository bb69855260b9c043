"""How far raters agree, label by label, beyond what chance would give; and how each of them compares with the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import scipy.sparse as sp

from labelscope.compute.seeds import generator
from labelscope.data.arguments import checked
from labelscope.data.results import Result
from labelscope.errors import StageError
from labelscope.voters.consensus import weigh_votes
from labelscope.voters.reliability import rate_raters

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset
    from labelscope.data.votes import Votes

__all__ = ["Agreement", "agreement", "agreement_coefficients", "disputed", "masi_distances"]

N_RESAMPLES = 500
MOST_SETS = 2000  # different label sets whose distances are compared pair by pair
MASI = (1.0, 2 / 3, 1 / 3, 0.0)  # same set, one within the other, overlapping, disjoint


@dataclass(frozen=True, eq=False, repr=False)
class Agreement(Result):
    """Agreement between raters, least agreement first.

    Attributes
    ----------
    frame : polars.DataFrame
        One row a label with a cell of at least two decided votes: label; n_cells, n_votes (of these cells); yes_share
        (mean share of yes); observed (chance that two raters of a cell say the same); alpha (Krippendorff), alpha_low,
        alpha_high (95% bootstrap interval over items), kappa (Fleiss), ac1 (Gwet); null where chance alone would give
        full agreement.
    raters : polars.DataFrame
        rater, n_votes, sensitivity, specificity, informedness (sensitivity + specificity - 1), over all labels, against
        the consensus of all voters; most informed first.
    alpha : float
        Krippendorff's alpha over all cells, each label against its own chance agreement; NaN where undefined.
    set_alpha : float
        Krippendorff's alpha of whole label sets with the MASI distance, over the items that at least two raters judged;
        NaN where raters gave no comparable sets, or more than 2,000 different ones.
    """

    raters: pl.DataFrame = field(default_factory=pl.DataFrame)
    alpha: float = float("nan")
    set_alpha: float = float("nan")

    def summary(self) -> str:
        """One line of plain text that says what was found."""
        least = f"; least on '{self.frame['label'][0]}'" if self.frame.height > 1 else ""
        return f"Agreement of {self.raters.height:,} raters over {self.frame.height:,} labels: alpha {self.alpha:.2f}{least}"


@checked
def agreement(ds: Dataset, *, seed: int = 0) -> Agreement:
    """Agreement of the raters of a data set with votes.

    Three figures, because each misleads alone. Chance-corrected by the marginals, alpha and kappa fall towards 0 for a
    rare label even where raters hardly ever differ (the prevalence paradox); AC1 stays high there, and flatters raters
    who say no to everything. A label on which alpha and AC1 are both low is one that raters do not understand alike.

    Parameters
    ----------
    ds : Dataset
        With votes; undecided votes (-1) are left out.
    seed : int
        Of the bootstrap.

    Returns
    -------
    Agreement

    Raises
    ------
    StageError
        If there are no votes, or no cell has two.

    Notes
    -----
    K. Krippendorff, *Content analysis* (2004), chapter 11, nominal metric; J. Fleiss, *Measuring nominal scale agreement
    among many raters* (1971), for cells with different numbers of votes; K. Gwet, *Computing inter-rater reliability and
    its variance in the presence of high agreement* (2008); R. Passonneau, *Measuring agreement on set-valued items
    (MASI)* (2006).

    Examples
    --------
    >>> from labelscope import Dataset
    >>> answers = [(0, "ann", 1), (0, "bo", 1), (1, "ann", 0), (1, "bo", 0), (2, "ann", 1), (2, "bo", 0)]
    >>> votes = pl.DataFrame([(i, r, "x", v) for i, r, v in answers], schema=["item_id", "rater", "label", "value"], orient="row")
    >>> agreement(Dataset.from_arrays([[1], [0], [1]], label_names=["x"], votes=votes)).frame["alpha"].round(3).to_list()
    [0.444]
    """
    if ds.votes is None:
        raise StageError("agreement: expected a data set with votes, got one without; pass votes= (item_id, rater, label, value)")
    cells = _cells(ds.votes)
    if not cells.height:
        raise StageError("agreement: expected cells with at least two decided votes, got none; agreement takes two raters a cell")
    rng = generator(seed, "agreement")
    rows = [
        {"label": ds.label_names[label]} | _figures(part["n"].to_numpy(), part["yes"].to_numpy(), rng)
        for (label,), part in cells.group_by("label", maintain_order=True)
    ]
    frame = pl.DataFrame(rows).with_columns(pl.col("alpha", "alpha_low", "alpha_high", "kappa", "ac1").fill_nan(None))
    return Agreement(
        frame.sort("alpha", nulls_last=True, maintain_order=True),
        raters=rate_raters(ds.votes, _believed(ds)),
        alpha=_pooled(cells),
        set_alpha=_set_alpha(ds.votes),
    )


def _believed(ds: Dataset) -> np.ndarray:
    """What all votes come to on the cell of each vote, P(positive); 0 on a cell without a decided vote."""
    assert ds.votes is not None
    weighed, cells = weigh_votes(ds, ds.votes), ds.votes.items * ds.n_labels + ds.votes.labels
    keys = weighed.ballots.keys
    place = np.minimum(np.searchsorted(keys, cells), len(keys) - 1)
    return np.where(keys[place] == cells, weighed.posterior[place, 1], 0.0)


def _cells(votes: Votes) -> pl.DataFrame:
    """Decided votes `n` and yes votes `yes` of each cell with at least two: item, label, n, yes."""
    decided = votes.frame.filter(pl.col("value") >= 0)
    counts = decided.group_by("label", "item").agg(n=pl.len().cast(pl.Int64), yes=pl.col("value").cast(pl.Int64).sum())
    return counts.filter(pl.col("n") >= 2).sort("label", "item")


def _figures(n: np.ndarray, yes: np.ndarray, rng: np.random.Generator) -> dict[str, float]:
    """All figures of one label."""
    (size, agreed), counts = np.unique(np.stack([n, yes]), axis=1, return_counts=True)  # few: cells with the same votes are alike
    alpha, kappa, ac1, observed, share = agreement_coefficients(size, agreed, counts)
    draws = rng.multinomial(len(n), counts / len(n), N_RESAMPLES)
    low, high = np.nanquantile(agreement_coefficients(size, agreed, draws)[0], (0.025, 0.975)) if np.isfinite(alpha) else (np.nan, np.nan)
    return {
        "n_cells": len(n), "n_votes": int(n.sum()), "yes_share": float(share), "observed": float(observed), "alpha": float(alpha),
        "alpha_low": float(low), "alpha_high": float(high), "kappa": float(kappa), "ac1": float(ac1),
    }  # fmt: skip


def disputed(votes: Votes | None, label: int) -> np.ndarray:
    """The items on which some raters say that they have a label and others that they have not, int64, ascending.

    Parameters
    ----------
    votes : Votes or None
    label : int
        Its position.
    """
    if votes is None:
        return np.empty(0, np.int64)
    of_label = votes.labels == label
    yes, no = (votes.items[of_label & (votes.values == value)] for value in (1, 0))
    return np.intersect1d(yes, no)


def agreement_coefficients(n: np.ndarray, yes: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, ...]:
    """Alpha, kappa, AC1, observed agreement and share of yes of cells with `n` votes and `yes` of them yes, `counts` each."""
    no = n - yes
    same = (yes * (yes - 1) + no * (no - 1)) / (n * (n - 1))
    total = counts.sum(axis=-1)
    observed, share = counts @ same / total, counts @ (yes / n) / total
    n_votes, n_yes = counts @ n, counts @ yes
    with np.errstate(divide="ignore", invalid="ignore"):
        disagreed = counts @ (2 * yes * no / (n - 1)) / n_votes
        by_chance = 2 * n_yes * (n_votes - n_yes) / (n_votes * (n_votes - 1))
        alpha = np.where(by_chance > 0, 1 - disagreed / by_chance, np.nan)
        chance = share**2 + (1 - share) ** 2
        kappa = np.where(chance < 1, (observed - chance) / (1 - chance), np.nan)
        ac1 = (observed - 2 * share * (1 - share)) / (1 - 2 * share * (1 - share))
    return alpha, kappa, ac1, observed, share


def _pooled(cells: pl.DataFrame) -> float:
    """Alpha over all cells: observed over expected disagreement, both summed over the labels."""
    parts = cells.with_columns(no=pl.col("n") - pl.col("yes")).group_by("label").agg(
        disagreed=(2 * pl.col("yes") * pl.col("no") / (pl.col("n") - 1)).sum(),
        by_chance=2 * pl.col("yes").sum() * pl.col("no").sum() / (pl.col("n").sum() - 1),
    )  # fmt: skip
    by_chance = float(parts["by_chance"].sum())
    return 1 - float(parts["disagreed"].sum()) / by_chance if by_chance else float("nan")


def _set_alpha(votes: Votes) -> float:
    """Alpha of whole label sets with the MASI distance."""
    decided = votes.frame.filter(pl.col("value") >= 0)
    sets = decided.group_by("item", "rater").agg(labels=pl.col("label").filter(pl.col("value") == 1).unique().sort())
    sets = sets.filter(pl.len().over("item") >= 2).sort("item", "rater")
    if not sets.height:
        return float("nan")
    distinct = sets["labels"].unique(maintain_order=True)
    if len(distinct) > MOST_SETS:
        return float("nan")
    codes = sets.join(pl.DataFrame({"labels": distinct}).with_row_index("code"), on="labels", how="left", maintain_order="left")["code"]
    distances = masi_distances(distinct)
    items = sets["item"].rank("dense").to_numpy() - 1
    held = sp.csr_matrix((np.ones(len(items)), (items, codes.to_numpy())), shape=(int(items.max()) + 1, len(distinct)))
    sizes = np.asarray(held.sum(axis=1)).ravel()
    within = np.asarray((held @ distances)[np.repeat(np.arange(held.shape[0]), np.diff(held.indptr)), held.indices] * held.data)
    observed = (within / np.repeat(sizes - 1, np.diff(held.indptr))).sum() / sizes.sum()
    counts = np.asarray(held.sum(axis=0)).ravel()
    expected = counts @ distances @ counts / (sizes.sum() * (sizes.sum() - 1))
    return float(1 - observed / expected) if expected > 0 else float("nan")


def masi_distances(sets: pl.Series) -> np.ndarray:
    """MASI distances between label sets, float64 (n_sets, n_sets): 1 - Jaccard x monotonicity."""
    sizes = sets.list.len().to_numpy().astype(np.int64)
    labels = sets.explode().drop_nulls().to_numpy()
    width = int(labels.max(initial=0)) + 1
    held = sp.csr_matrix((np.ones(len(labels)), (np.repeat(np.arange(len(sets)), sizes), labels)), shape=(len(sets), width))
    both = np.asarray((held @ held.T).todense())
    either = sizes[:, None] + sizes[None, :] - both
    jaccard = np.where(either > 0, both / np.maximum(either, 1), 1.0)  # two empty sets are the same
    smaller = np.minimum(sizes[:, None], sizes[None, :])
    same, within = both == either, both == smaller
    kinds = np.select([same, within & (both > 0), both > 0], MASI[:3], MASI[3])
    return np.asarray(1 - jaccard * kinds)
