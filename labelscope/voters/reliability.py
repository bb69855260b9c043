"""Sensitivity and specificity of each voter on each label, with intervals, as a table."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
import scipy.sparse as sp

from labelscope.compute.intervals import wilson
from labelscope.data.labels import NEGATIVE, POSITIVE
from labelscope.data.votes import Votes

__all__ = ["VOTER_COLUMNS", "rate_raters", "rate_voters"]

SHRINK = 5.0  # votes of the average voter mixed into each
RATES = ("sensitivity", "sensitivity_low", "sensitivity_high", "specificity", "specificity_low", "specificity_high")
VOTER_COLUMNS: dict[str, type[pl.DataType]] = {
    "rater": pl.String,
    "label": pl.String,
    **dict.fromkeys(RATES, pl.Float64),
    "n": pl.Int64,
    "basis": pl.String,
}


class _Counts(NamedTuple):
    """Of each pair of voter and label: positives, those said yes to, negatives, those said yes to."""

    positives: np.ndarray
    hits: np.ndarray
    negatives: np.ndarray
    alarms: np.ndarray


def rate_voters(
    votes: Votes, names: tuple[str, ...], keys: np.ndarray, believed: np.ndarray, audited: np.ndarray | None, *, exclusive: bool
) -> pl.DataFrame:
    """Every voter on every label that it voted on: against audited cells where there are any, else against the consensus.

    A voter who never says no to a label, as most rules do, is taken to have passed over every cell of the label that
    it did not speak on; where labels exclude each other and the voter speaks for several, every item it spoke on.

    Parameters
    ----------
    votes : Votes
    names : tuple of str
        Of the labels.
    keys : int array of shape (n_cells,)
        The cells with a vote, as item * n_labels + label, rising.
    believed : float array of shape (n_cells,)
        P(positive).
    audited : int array of shape (n_cells,), optional
        1, 0, and -1 for cells that nobody audited.
    exclusive : bool
    """
    n_labels = len(names)
    decided = votes.values >= NEGATIVE
    cast = pl.DataFrame({"pair": votes.raters * n_labels + votes.labels, "cell": votes.items * n_labels + votes.labels})
    cast = cast.with_columns(yes=votes.values == POSITIVE).filter(pl.Series(decided))
    if exclusive:
        cast = cast.filter("yes")  # a no says nothing that a yes to another label does not
    pair, of = np.unique(cast["pair"].to_numpy(), return_inverse=True)
    place, yes = np.searchsorted(keys, cast["cell"].to_numpy()), cast["yes"].to_numpy()
    count = _Counter(of, place, yes, pair, keys, n_labels, exclusive=exclusive)
    counts, basis = count(believed, np.ones(len(keys))), np.zeros(len(pair), bool)
    if audited is not None:
        checked = count(audited == POSITIVE, audited >= NEGATIVE)
        basis = checked.positives + checked.negatives > 0
        counts = _Counts(*(np.where(basis, new, old) for new, old in zip(checked, counts, strict=True)))
    columns: dict[str, pl.Series | np.ndarray] = {}
    for name, right, asked in (
        ("sensitivity", counts.hits, counts.positives),
        ("specificity", counts.negatives - counts.alarms, counts.negatives),
    ):
        low, high = wilson(right, np.where(asked > 1e-9, asked, 0))
        columns |= {name: np.where(asked > 1e-9, right / np.maximum(asked, 1e-9), np.nan), f"{name}_low": low, f"{name}_high": high}
    table = pl.DataFrame({
        "rater": pl.Series(votes.rater_names, dtype=pl.String).gather(pair // n_labels),
        "label": pl.Series(names, dtype=pl.String).gather(pair % n_labels),
        **columns,
        "n": np.bincount(of, minlength=len(pair)).astype(np.int64),
        "basis": pl.Series(np.where(basis, "audited", "agreement"), dtype=pl.String),
    }, schema=VOTER_COLUMNS)  # fmt: skip
    return table.with_columns(pl.col(pl.Float64).fill_nan(None))


def rate_raters(votes: Votes, truth: np.ndarray) -> pl.DataFrame:
    """Every voter over all labels: rater, n_votes, sensitivity, specificity, informedness; the most informed first.

    Shrunk by five votes to the average voter, so that a few votes make nobody the best.

    Parameters
    ----------
    votes : Votes
    truth : float array of shape (n_votes,)
        P(positive) of the cell of each vote; not looked at where the vote is undecided.
    """
    decided = votes.values >= NEGATIVE
    rater, yes, n = votes.raters[decided], votes.values[decided] == POSITIVE, len(votes.rater_names)
    rates = []
    for side, said in ((truth[decided], yes), (1 - truth[decided], ~yes)):
        right, asked = np.bincount(rater, side * said, n), np.bincount(rater, side, n)
        average = right.sum() / max(asked.sum(), 1e-9)
        rates.append((right + SHRINK * average) / (asked + SHRINK))
    table = pl.DataFrame({
        "rater": pl.Series(votes.rater_names, dtype=pl.String), "n_votes": np.bincount(rater, minlength=n).astype(np.int64),
        "sensitivity": rates[0], "specificity": rates[1], "informedness": rates[0] + rates[1] - 1,
    })  # fmt: skip
    return table.sort("informedness", "n_votes", descending=True)


class _Counter:
    """Counts what the voters said against one belief about the truth."""

    def __init__(
        self, of: np.ndarray, place: np.ndarray, yes: np.ndarray, pair: np.ndarray, keys: np.ndarray, n_labels: int, *, exclusive: bool
    ) -> None:
        self._of, self._place, self._yes, self._pair, self._keys, self._n_labels = of, place, yes, pair, keys, n_labels
        self._silent = np.bincount(of, ~yes, len(pair)) == 0
        n_spoken_for = np.bincount(pair // n_labels)
        self._several = n_spoken_for[pair // n_labels] > 1 if exclusive else np.zeros(len(pair), bool)

    def __call__(self, truth: np.ndarray, counted: np.ndarray) -> _Counts:
        positive, negative = truth * counted, (1 - truth) * counted
        n, at = len(self._pair), self._place
        return _Counts(
            self._asked(positive),
            np.bincount(self._of, positive[at] * self._yes, n),
            self._asked(negative),
            np.bincount(self._of, negative[at] * self._yes, n),
        )

    def _asked(self, weight: np.ndarray) -> np.ndarray:
        """Sum of a weight over the cells that each pair was asked about."""
        label = self._pair % self._n_labels
        spoken = np.bincount(self._of, weight[self._place], len(self._pair))
        everywhere = np.bincount(self._keys % self._n_labels, weight, self._n_labels)[label]
        asked = np.where(self._silent, everywhere, spoken)
        if not self._several.any():
            return asked
        items, item = np.unique(self._keys // self._n_labels, return_inverse=True)
        voter = self._pair[self._of] // self._n_labels
        spoke = sp.csr_matrix((np.ones(len(voter)), (voter, item[self._place])), shape=(int(voter.max()) + 1, len(items)))
        spoke.data[:] = 1
        by_item = sp.csr_matrix((weight, (item, self._keys % self._n_labels)), shape=(len(items), self._n_labels))
        there = np.asarray((spoke @ by_item).todense())[self._pair // self._n_labels, label]
        return np.where(self._several, there, asked)
