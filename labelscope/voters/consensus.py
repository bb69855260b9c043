"""What all voters together come to: P(positive) of each cell with votes, and how far each voter is to be believed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.frames import to_polars
from labelscope.data.labels import NEGATIVE, UNKNOWN, LabelMatrix
from labelscope.data.results import Result
from labelscope.data.votes import Votes
from labelscope.errors import DataError, StageError
from labelscope.models.audited_labels import audited_labels
from labelscope.voters.ballots import Ballots, cell_ballots, item_ballots
from labelscope.voters.reliability import VOTER_COLUMNS, rate_voters
from labelscope.voters.weighing import Weighed, weigh

__all__ = ["Consensus", "agreed_on", "consensus", "votes_of", "weigh_votes"]


@dataclass(frozen=True, eq=False, repr=False)
class Consensus(Result):
    """What the voters of a data set come to.

    Attributes
    ----------
    frame : polars.DataFrame
        item_id, label, probability (that the label is right, in [0, 1]), n_votes (decided votes on the cell; on the item
        where labels exclude each other); the cells in the order of the items.
    voters : polars.DataFrame
        rater, label, sensitivity (share of the positives that the voter says yes to) and specificity (of the negatives that
        it does not say yes to), each with a 95% interval (`_low`, `_high`), n (votes), basis ("audited" where audited
        cells tell, "agreement" where only the other voters do). Null where there is nothing to count.
    exclusive : bool
        Whether exactly one label was taken to be right for each item.
    """

    voters: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=VOTER_COLUMNS))
    exclusive: bool = False

    def summary(self) -> str:
        """One line of plain text."""
        n_voters = self.voters["rater"].n_unique()
        open_cells = self.frame.filter(pl.col("probability").is_between(0.2, 0.8)).height
        return f"Consensus of {n_voters:,} voters on {self.frame.height:,} cells: {open_cells:,} of them open (probability .2 to .8)"


@checked
def consensus(ds: Dataset, votes: Any = None, *, audited: Any = None, exclusive: bool = False) -> Consensus:
    """The consensus of raters, rules, judges or whoever else voted.

    Every voter counts by how well its yes and its no tell positives from negatives: estimated for each voter and label,
    shrunk to what the voter is on other labels and what others are on this one, from audited cells where there are any
    and from agreement otherwise (:mod:`labelscope.voters.weighing`). So a voter who guesses changes little, and voters
    who repeat each other share one weight (:mod:`labelscope.voters.dependence`). What all voters get wrong together
    cannot be seen without audited cells.

    Parameters
    ----------
    ds : Dataset
    votes : frame of (item_id, rater, label, value), optional
        `value`: 1, 0, or -1 for undecided, which counts for nothing. Default: the votes of the data set.
    audited : frame of (item_id, label, state), optional
        Cells that a person has checked.
    exclusive : bool
        Exactly one label is right for each item: a yes to one label is then a no to all others.

    Returns
    -------
    Consensus

    Raises
    ------
    StageError
        If nobody voted, or no vote is decided.
    DataError
        If votes or audited cells do not fit the data set.

    Notes
    -----
    A. Dawid and A. Skene, *Maximum likelihood estimation of observer error-rates using the EM algorithm* (1979), with
    shrunk tables. Voters with one answer only, as most rules are: A. Ratner and others, *Snorkel* (2017), for the
    model of rules by accuracy; here without audited cells rated by how often they speak, since agreement misleads there.

    Examples
    --------
    >>> answers = [(0, "ann", 1), (0, "bo", 1), (1, "ann", 0), (1, "bo", 0), (2, "ann", 1), (2, "bo", 0)]
    >>> votes = pl.DataFrame([(i, r, "x", v) for i, r, v in answers], schema=["item_id", "rater", "label", "value"], orient="row")
    >>> consensus(Dataset.from_arrays([[1], [0], [1]], label_names=["x"]), votes).frame["probability"].round(1).to_list()
    [0.9, 0.1, 0.5]
    """
    cast = votes_of(ds, votes)
    known = audited_labels(ds, audited) if audited is not None else None
    return agreed_on(ds, cast, known, weigh_votes(ds, cast, known, exclusive=exclusive), exclusive=exclusive)


def agreed_on(ds: Dataset, cast: Votes, known: LabelMatrix | None, weighed: Weighed, *, exclusive: bool = False) -> Consensus:
    """The consensus of votes that :func:`weigh_votes` has weighed."""
    keys, probability, n_votes = _cells(ds, weighed, exclusive=exclusive)
    audited_states = None if known is None else known.states(keys // ds.n_labels, keys % ds.n_labels)
    voters = rate_voters(cast, ds.label_names, keys, probability, audited_states, exclusive=exclusive)
    return Consensus(_frame(ds, keys, probability, n_votes), voters=voters, exclusive=exclusive)


def votes_of(ds: Dataset, votes: Any) -> Votes:
    """Votes given as a frame, or those of the data set.

    Raises
    ------
    StageError
        If there are none, or none is decided.
    """
    cast = ds.votes if votes is None else Votes.build(to_polars(votes, "votes"), ds.item_ids, ds.label_names)
    if cast is None:
        raise StageError("votes: expected a data set with votes, got one without; pass votes= (item_id, rater, label, value)")
    if not (cast.values >= NEGATIVE).any():
        raise StageError("votes: expected at least one vote of 1 or 0, got none; undecided votes (-1) alone say nothing")
    return cast


def weigh_votes(ds: Dataset, votes: Votes, audited: LabelMatrix | None = None, *, exclusive: bool = False) -> Weighed:
    """The votes weighed, by position.

    Raises
    ------
    DataError
        If the labels exclude each other and nobody says yes, or a cell audit names two labels of an item.
    """
    if not exclusive:
        ballots = cell_ballots(votes, ds.n_labels)
        known = None if audited is None else audited.states(ballots.keys // ds.n_labels, ballots.keys % ds.n_labels).astype(np.int64)
        positive = (ds.labels.n_positive + 0.5) / (ds.labels.n_positive + ds.labels.n_negative + 1)
        return weigh(ballots, known=known, base=np.stack([1 - positive, positive], axis=1))
    ballots = item_ballots(votes, ds.n_labels)
    if not ballots.n_questions:
        raise DataError("votes: expected a yes to some label, got none; leave exclusive out")
    return weigh(ballots, known=None if audited is None else _known_label(ds, audited, ballots))


def _known_label(ds: Dataset, audited: LabelMatrix, ballots: Ballots) -> np.ndarray:
    """The one audited label of each item, -1 where none is known."""
    positives = audited.positives[ballots.keys]
    several = np.flatnonzero(np.diff(positives.indptr) > 1)
    if len(several):
        raise DataError(
            f"audited: expected one right label an item, got several for {ds.item_ids[int(ballots.keys[several[0]])]!r};"
            " leave exclusive out"
        )
    known = np.full(ballots.n_questions, UNKNOWN, np.int64)
    known[np.diff(positives.indptr) == 1] = positives.indices
    return known


def _cells(ds: Dataset, weighed: Weighed, *, exclusive: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The cells that were voted on, as item * n_labels + label in rising order, with P(positive) and the number of votes."""
    ballots = weighed.ballots
    asked = ballots.counts.sum(axis=1).astype(np.int64)
    if not exclusive:
        return ballots.keys, weighed.posterior[:, 1], asked
    keys = (ballots.keys[:, None] * ds.n_labels + np.arange(ds.n_labels)).ravel()
    return keys, weighed.posterior.ravel(), np.repeat(asked, ds.n_labels)


def _frame(ds: Dataset, keys: np.ndarray, probability: np.ndarray, n_votes: np.ndarray) -> pl.DataFrame:
    names = pl.Series("label", ds.label_names, dtype=pl.String)
    return pl.DataFrame({
        "item_id": ds.item_ids.gather(keys // ds.n_labels), "label": names.gather(keys % ds.n_labels), "probability": probability,
        "n_votes": n_votes,
    })  # fmt: skip
