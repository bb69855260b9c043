"""The raters of a data set: whom to believe on which label, who changes over time, and where people disagree with reason."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any
from warnings import warn

import numpy as np
import polars as pl
from scipy.stats import chi2_contingency

from labelscope.compute.intervals import wilson
from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN, LabelMatrix
from labelscope.data.results import Result
from labelscope.data.votes import Votes
from labelscope.errors import LabelscopeWarning, StageError
from labelscope.models.audited_labels import audited_labels
from labelscope.voters.agreement import agreement
from labelscope.voters.consensus import agreed_on, votes_of, weigh_votes

__all__ = ["Raters", "raters"]

ENOUGH = 5  # votes on a cell from which disagreement says something about the cell
BETWEEN = (0.3, 0.7)  # share of yes on a cell on which people disagree with reason
SUFFICE = 0.01  # share of the cells that better weights would change, below which more votes change little
DRIFT_VOTES = 30  # of a rater in each half
LEVEL = 0.01


@dataclass(frozen=True, eq=False, repr=False)
class Raters(Result):
    """Who voted, and how far to believe whom.

    Attributes
    ----------
    frame : polars.DataFrame
        One row a voter, the most informed first: rater, n_votes, n_items, sensitivity and specificity (each with its
        95 % interval, `_low` and `_high`), informedness (their sum
        less one: 0 for a guess, 1 for perfect), informedness_low and informedness_high (95%), basis ("audited" or
        "agreement"), n_audited (its votes on audited cells), right (the share of them that are right, with right_low and right_high),
        at_chance (whether the interval holds 0), drift (p-value that the voter agrees with the consensus as often
        in the second half of its votes, in the order of the table, as in the first; null with fewer than 30 in each).
    labels : polars.DataFrame
        label, alpha (Krippendorff) with its interval, ac1 (Gwet) and more, as of :class:`labelscope.voters.agreement.Agreement`;
        empty where no cell has two votes.
    voters : polars.DataFrame
        rater, label, sensitivity, specificity with limits, n, as of :class:`labelscope.voters.consensus.Consensus`.
    ambiguous : polars.DataFrame
        item_id, label, share, n, q as of `soft`: cells with five votes or more of which .3 to .7 say yes. People disagree
        with reason there; it is no error to be mended.
    soft : polars.DataFrame
        item_id, label, share (of yes among the votes), n (votes), q (P(positive) by the consensus): soft labels for training.
    undecided : float
        Share of the voted cells on which the consensus and the majority differ.
    suffice : bool
        Whether that is below one in a hundred, and some cell has two votes: weighing the voters better, or more votes of the same
        ones, changes little.
    """

    labels: pl.DataFrame = field(default_factory=pl.DataFrame)
    voters: pl.DataFrame = field(default_factory=pl.DataFrame)
    ambiguous: pl.DataFrame = field(default_factory=pl.DataFrame)
    soft: pl.DataFrame = field(default_factory=pl.DataFrame)
    undecided: float = float("nan")
    suffice: bool = False

    def summary(self) -> str:
        """One line of plain text."""
        depend = f"{self.undecided:.1%} of the cells depend on whom to believe" if self.labels.height else "no cell has two votes"
        votes = "the votes suffice" if self.suffice else depend
        chance = int(self.frame["at_chance"].sum())
        return (
            f"Raters: {self.frame.height:,}, {chance:,} of them not better than a guess; {votes}; {self.ambiguous.height:,} ambiguous cells"
        )


@checked
def raters(ds: Dataset, votes: Any = None, *, audited: Any = None, seed: int = 0) -> Raters:
    """How far each voter can be believed, label by label, and which cells their votes leave open.

    Parameters
    ----------
    ds : Dataset
    votes : frame of (item_id, rater, label, value), optional
        Default: the votes of the data set. Rules and judges are voters as people are.
    audited : frame of (item_id, label, state), optional
        Cells that a person has checked. Where a voter voted on some, they alone say what it is worth; a voter that is not
        better than a guess there is told of in a warning.
    seed : int
        Of the intervals of agreement.

    Returns
    -------
    Raters

    Raises
    ------
    StageError
        If nobody voted.
    DataError
        If votes or audited cells do not fit the data set.

    Notes
    -----
    The limits of the informedness are those of a sum of two independent shares: R. Newcombe, *Interval estimation for the
    difference between independent proportions* (1998), method 10. Drift is a chi-squared test of the two halves of a
    voter's votes against the consensus.

    Examples
    --------
    >>> answers = [(i, r, "x", int(i % 2 == 0)) for i in range(20) for r in ("ann", "bo", "cy")]
    >>> votes = pl.DataFrame(answers, schema=["item_id", "rater", "label", "value"], orient="row")
    >>> raters(Dataset.from_arrays([[1], [0]] * 10, label_names=["x"]), votes).suffice
    True
    """
    cast = votes_of(ds, votes)
    known = None if audited is None else audited_labels(ds, audited)
    weighed = weigh_votes(ds, cast, known)
    agreed = agreed_on(ds, cast, known, weighed)
    keys, belief, counts = weighed.ballots.keys, weighed.posterior[:, 1], weighed.ballots.counts
    n, yes = counts.sum(axis=1), counts[:, 1]
    place = np.minimum(np.searchsorted(keys, cast.items * ds.n_labels + cast.labels), len(keys) - 1)
    frame = _people(ds, cast, belief[place], known)
    soft = agreed.frame.select("item_id", "label", share=pl.Series(yes / n), n=pl.Series(n.astype(np.int64)), q="probability")
    tied = 2 * yes == n
    undecided = float(np.mean(((belief > 0.5) != (2 * yes > n)) & ~tied))
    open_cells = soft.filter((pl.col("n") >= ENOUGH) & pl.col("share").is_between(*BETWEEN))
    _warn_of_guesses(frame)
    return Raters(
        frame,
        labels=_labels(ds, cast, seed),
        voters=agreed.voters,
        ambiguous=open_cells.sort((pl.col("share") - 0.5).abs(), maintain_order=True),
        soft=soft,
        undecided=undecided,
        suffice=undecided < SUFFICE and bool((n >= 2).any()),
    )


def _labels(ds: Dataset, votes: Votes, seed: int) -> pl.DataFrame:
    try:
        return agreement(replace(ds, votes=votes), seed=seed).frame
    except StageError:  # no cell has two votes
        return pl.DataFrame()


def _people(ds: Dataset, votes: Votes, believed: np.ndarray, audited: LabelMatrix | None) -> pl.DataFrame:
    decided = votes.values >= NEGATIVE
    states = np.full(len(decided), UNKNOWN) if audited is None else audited.states(votes.items, votes.labels)
    n = len(votes.rater_names)
    told = np.bincount(votes.raters[decided & (states >= 0)], minlength=n) > 0
    used = decided & np.where(told[votes.raters], states >= 0, True)
    truth = np.where(told[votes.raters], states == POSITIVE, believed)
    yes = votes.values == POSITIVE

    def share(side: np.ndarray, said: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        right = np.bincount(votes.raters[used], (side * said)[used], n)
        asked = np.bincount(votes.raters[used], side[used], n)
        low, high = wilson(right, np.where(asked > 1e-9, asked, 0))
        return np.where(asked > 1e-9, right / np.maximum(asked, 1e-9), np.nan), low, high

    sensitivity, specificity = share(truth, yes), share(1 - truth, ~yes)
    informed = sensitivity[0] + specificity[0] - 1
    down = np.hypot(sensitivity[0] - sensitivity[1], specificity[0] - specificity[1])  # limits of a sum (Newcombe 1998, method 10)
    up = np.hypot(sensitivity[2] - sensitivity[0], specificity[2] - specificity[0])
    audited_votes = decided & (states >= 0)
    n_audited = np.bincount(votes.raters[audited_votes], minlength=n)
    n_right = np.bincount(votes.raters[audited_votes & (states == votes.values)], minlength=n)
    right_low, right_high = (np.where(n_audited > 0, limit, np.nan) for limit in wilson(n_right, n_audited))
    pairs = np.unique(votes.raters[decided] * ds.n_items + votes.items[decided])
    table = pl.DataFrame({
        "rater": pl.Series(votes.rater_names, dtype=pl.String),
        "n_votes": np.bincount(votes.raters[decided], minlength=n).astype(np.int64),
        "n_items": np.bincount(pairs // ds.n_items, minlength=n).astype(np.int64),
        "sensitivity": sensitivity[0], "sensitivity_low": sensitivity[1], "sensitivity_high": sensitivity[2],
        "specificity": specificity[0], "specificity_low": specificity[1], "specificity_high": specificity[2], "informedness": informed,
        "informedness_low": np.maximum(informed - down, -1), "informedness_high": np.minimum(informed + up, 1),
        "basis": pl.Series(np.where(told, "audited", "agreement"), dtype=pl.String),
        "n_audited": n_audited.astype(np.int64), "right": np.where(n_audited > 0, n_right / np.maximum(n_audited, 1), np.nan),
        "right_low": right_low, "right_high": right_high,
        "drift": _drift(votes, believed, decided),
    }).with_columns(pl.col(pl.Float64).fill_nan(None))  # fmt: skip
    table = table.with_columns(at_chance=(pl.col("informedness_low") <= 0).fill_null(value=True))
    return table.filter(pl.col("n_votes") > 0).sort("informedness", "n_votes", descending=True, nulls_last=True)


def _drift(votes: Votes, believed: np.ndarray, decided: np.ndarray) -> np.ndarray:
    """P-value that a voter agrees with the consensus alike in both halves of its votes; NaN with too few."""
    out = np.full(len(votes.rater_names), np.nan)
    agrees = (believed > 0.5) == (votes.values == POSITIVE)
    order = np.argsort(votes.raters[decided], kind="stable")
    starts = np.searchsorted(votes.raters[decided][order], np.arange(len(out) + 1))
    said = agrees[decided][order]
    for rater in np.flatnonzero(np.diff(starts) >= 2 * DRIFT_VOTES):
        halves = np.array_split(said[starts[rater] : starts[rater + 1]], 2)
        table = np.array([[half.sum(), (~half).sum()] for half in halves])
        out[rater] = chi2_contingency(table)[1] if table.sum(axis=0).all() else 1.0
    return out


def _warn_of_guesses(frame: pl.DataFrame) -> None:
    guessing = frame.filter((pl.col("basis") == "audited") & pl.col("at_chance"))["rater"].to_list()
    if guessing:
        named = ", ".join(repr(name) for name in guessing[:3]) + (" and others" if len(guessing) > 3 else "")
        warn(
            f"raters: {named} cannot be told from a guess on the audited cells; audit more cells that they voted on, or leave them out",
            LabelscopeWarning,
            stacklevel=4,
        )
