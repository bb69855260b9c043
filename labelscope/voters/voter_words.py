"""What every voter says of a cell, how far each is to be believed, and what all of them come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.labels import NEGATIVE
from labelscope.data.positions import positions
from labelscope.data.votes import Votes
from labelscope.voters.consensus import Consensus, consensus
from labelscope.voters.voter_book import VoterBook, VoterKind

__all__ = ["Rates", "VoterWords", "Word", "headcount", "unmeasured", "words_of"]

Share = tuple[float, float, float]
DIGITS = 3


@dataclass(frozen=True)
class Rates:
    """How far to believe a voter on a label: share and 95% limits.

    `sensitivity`: of the cells that have the label, those that the voter says yes to; `specificity`: of the others, those that
    it does not say yes to. `basis`: whether that was counted on cells that people decided on, or by what the others say.
    """

    sensitivity: Share | None
    specificity: Share | None
    n: int
    basis: Literal["audited", "agreement"]


@dataclass(frozen=True)
class Word:
    """What a voter says of a cell: 1, 0 or -1 (undecided), and why, where it gave a reason."""

    rater: str
    value: Literal[1, 0, -1]
    kind: VoterKind
    reason: str
    rates: Rates | None


@dataclass(frozen=True, eq=False)
class VoterWords:
    """The votes on a data set, cell by cell.

    Attributes
    ----------
    votes : Votes
    n_labels : int
    kinds : mapping of voter to kind
    consensus : Consensus or None
        None where no vote is decided.
    agreed : mapping of item * n_labels + label to float
        P(positive) by all voters.
    reasons : mapping of (item * n_labels + label, voter) to str
    rates : mapping of (voter, label) to Rates
    """

    votes: Votes
    n_labels: int
    kinds: Mapping[str, VoterKind]
    consensus: Consensus | None
    agreed: Mapping[int, float]
    reasons: Mapping[tuple[int, str], str]
    rates: Mapping[tuple[str, int], Rates]

    @property
    def headcount(self) -> str:
        """How many voters of each kind there are, in words."""
        return headcount(self.kinds.get(name, "rater") for name in self.votes.rater_names)

    def on(self, row: int, label: int) -> list[Word]:
        """What is said of a cell, in the order of the votes."""
        key = row * self.n_labels + label
        cells, order = self._cells
        start, stop = np.searchsorted(cells, [key, key + 1])
        return [self.word(int(vote)) for vote in order[start:stop]]

    def word(self, vote: int) -> Word:
        """A vote, by its position, in full."""
        votes = self.votes
        name, label = votes.rater_names[votes.raters[vote]], int(votes.labels[vote])
        key = int(votes.items[vote]) * self.n_labels + label
        kind = self.kinds.get(name, "rater")
        value: Literal[1, 0, -1] = votes.values[vote].item()
        return Word(name, value, kind, self.reasons.get((key, name), ""), self.rates.get((name, label)))

    def belief(self, row: int, label: int) -> float | None:
        """P(positive) of a cell by all voters; None where no vote on it is decided."""
        return self.agreed.get(row * self.n_labels + label)

    @cached_property
    def _cells(self) -> tuple[np.ndarray, np.ndarray]:
        cells = self.votes.items * self.n_labels + self.votes.labels
        order = np.argsort(cells, kind="stable")
        return cells[order], order


def headcount(kinds: Iterable[VoterKind]) -> str:
    """How many voters of each kind there are, in words; "" for none.

    Parameters
    ----------
    kinds : iterable of {"rater", "rule", "judge"}

    Examples
    --------
    >>> headcount(["rater", "rule", "rater"])
    'Voters: 2 raters, 1 rule'
    """
    known = Counter(kinds)
    said = [f"{known[kind]:,} {kind}{'s' * (known[kind] != 1)}" for kind in ("rater", "rule", "judge") if known[kind]]
    return f"Voters: {', '.join(said)}" if said else ""


def words_of(book: VoterBook, decided: pl.DataFrame) -> VoterWords | None:
    """The words of all voters of a book; None where nobody votes.

    Parameters
    ----------
    book : VoterBook
    decided : polars.DataFrame
        item_id, label, state of cells that people decided on: what the voters are measured by where they voted on them.
    """
    votes, ds = book.votes, book.dataset
    if votes is None or not len(votes.items):
        return None
    agreed: Consensus | None = None
    if (votes.values >= NEGATIVE).any():
        agreed = consensus(replace(ds, votes=votes), audited=decided if decided.height else None)
    return VoterWords(votes, ds.n_labels, book.kinds, agreed, _agreed(ds, agreed), _reasons(ds, book.kept), _rates(ds, agreed))


def unmeasured(ds: Dataset) -> VoterWords | None:
    """The votes that came with a data set, without a word on how far to believe anybody; None where there are none."""
    return None if ds.votes is None else VoterWords(ds.votes, ds.n_labels, {}, None, {}, {}, {})


def _agreed(ds: Dataset, agreed: Consensus | None) -> dict[int, float]:
    if agreed is None:
        return {}
    keys = _keys(ds, agreed.frame)
    return dict(zip(keys.tolist(), agreed.frame["probability"].round(DIGITS).to_list(), strict=True))


def _reasons(ds: Dataset, kept: pl.DataFrame) -> dict[tuple[int, str], str]:
    ids = ds.item_ids.cast(pl.String)
    told = kept.filter(pl.col("reason") != "", pl.col("label").is_in(ds.label_names), pl.col("item_id").is_in(ids.implode()))
    if not told.height:
        return {}
    keys = _keys(ds, told)
    return dict(zip(zip(keys.tolist(), told["rater"].to_list(), strict=True), told["reason"].to_list(), strict=True))


def _rates(ds: Dataset, agreed: Consensus | None) -> dict[tuple[str, int], Rates]:
    if agreed is None:
        return {}
    out = {}
    for row in agreed.voters.iter_rows(named=True):
        out[row["rater"], ds.label_position(row["label"])] = Rates(
            _share(row, "sensitivity"), _share(row, "specificity"), row["n"], row["basis"]
        )
    return out


def _share(row: Mapping[str, Any], name: str) -> Share | None:
    found = row[name], row[f"{name}_low"], row[f"{name}_high"]
    if any(value is None for value in found):
        return None
    share, low, high = (round(float(value), DIGITS) for value in found)
    return share, low, high


def _keys(ds: Dataset, cells: pl.DataFrame) -> np.ndarray:
    here = {"expected": "votes: expected items and labels of this data set", "remedy": "read it anew"}
    rows = positions(cells["item_id"].cast(pl.String), ds.item_ids.cast(pl.String), **here)
    return rows * ds.n_labels + positions(cells["label"], pl.Series(ds.label_names, dtype=pl.String), **here)
