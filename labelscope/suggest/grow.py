"""A label that is just being made: from a few examples, the items to look at next, and how many there are in all.

Each round fits a ridge regression to the items decided so far, with all others as negatives of little weight, and shows the
items of the highest score. Where there are texts, their words stand beside the embeddings: a sentence embedding hardly holds
the one word that makes "thanks" gratitude. Other labels are not looked at: where most items have one label, an item without
any would always be shown.

Some items of each round are not the best ones but the label's own sample. It is drawn from strata of like probability in one
random order that belongs to the name, so that nothing has to be remembered between the rounds: of each stratum, those items
count as drawn that were decided without a gap from the start of that order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl
from scipy.linalg import solve
from scipy.special import expit

from labelscope.audit.population_total import Total, total_interval
from labelscope.compute.seeds import generator
from labelscope.compute.vectors import unit_rows
from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.results import Result
from labelscope.errors import DataError, StageError
from labelscope.issues.detectors.mentions import find_mentions
from labelscope.space.embed import embed

__all__ = ["LabelCount", "count_label", "grow_label"]

WORDS = 0.7  # length of what the words say, beside embeddings of length 1
BACKGROUND = 200.0  # all undecided items together weigh as much as this many decided negatives
PENALTY = 4.0
ENOUGH = 5  # positives from which on a description is not needed any more
N_UNDECIDED = 200  # undecided items that stand for the negatives when scores become probabilities
N_STRATA = 4
SAMPLED = 20  # one item in so many is of the label's own sample, unless asked otherwise
ROUND = 20
COUNTS = ("n_items", "n_sampled", "n_positive", "n_found")


@dataclass(frozen=True)
class _Space:
    """What the rounds of one data set have in common: vectors of length 1 at most, and their sums of products."""

    rows: np.ndarray
    gram: np.ndarray

    @classmethod
    def of(cls, ds: Dataset) -> _Space:
        found = _SPACES.get(ds)
        if found is None:
            rows = _centred(embed(ds))
            if ds.embeddings is not None and ds.text is not None:
                words = _centred(embed(replace(ds, embeddings=None, image=None)))
                rows = np.hstack([rows, np.float32(WORDS) * words]) / np.float32((1 + WORDS**2) ** 0.5)
            found = _SPACES[ds] = cls(rows, (rows.T @ rows).astype(np.float64))
        return found


_SPACES: WeakKeyDictionary[Dataset, _Space] = WeakKeyDictionary()  # a round takes a tenth of what this takes


@dataclass(frozen=True)
class _Round:
    """Where a label stands: rows decided and their states, and the score and probability of every item.

    A decided item is scored by what the others say, as if it were undecided.
    """

    decided: np.ndarray
    states: np.ndarray
    score: np.ndarray
    probability: np.ndarray

    @property
    def open(self) -> np.ndarray:
        """Whether each item is undecided."""
        out = np.ones(len(self.score), bool)
        out[self.decided] = False
        return out


@dataclass(frozen=True)
class _Sample:
    """The label's own sample: the items of each stratum in the order of the draw, and how many of each are drawn."""

    queues: list[np.ndarray]
    n_drawn: np.ndarray


@dataclass(frozen=True, eq=False, repr=False)
class LabelCount(Result):
    """How many items have a label that is just being made.

    Attributes
    ----------
    frame : polars.DataFrame
        A row a stratum, the least probable first: probability (mean of its items, in [0, 1]), n_items, n_sampled (items of
        the label's own sample that are decided), n_positive (of these), n_found (positives known, sampled or not).
    name : str
    total : Total
        estimate, low and high: the number of positives in all, with an interval of 95 %.
    next_hits : float
        Positives to be expected among the next 20 that :func:`grow_label` shows.
    """

    name: str
    total: Total
    next_hits: float

    @property
    def advice(self) -> str:
        """Whether to go on, in one line."""
        left = max(0, self.total.high - int(self.frame["n_found"].sum()))
        if self.next_hits >= 1:
            return f"go on: about {self.next_hits:.0f} of the next {ROUND} are positive"
        count_on = f"; at most {left:,} are left, and a larger sample would say this better" if left else "; none is left"
        return f"stop looking: fewer than 1 of the next {ROUND} is expected to be positive{count_on}"

    def summary(self) -> str:
        """One line of plain text that says what was found."""
        found = int(self.frame["n_found"].sum())
        in_all = f"about {self.total.estimate:,.0f} [{self.total.low:,}, {self.total.high:,}] in all"
        return f"{self.name!r}: {found:,} found, {in_all}; {self.advice}"


@checked
def grow_label(
    ds: Dataset, name: str, positives: Iterable[object], negatives: Iterable[object] = (), *, description: str | None = None,
    n: int = ROUND, n_sampled: int | None = None,
) -> pl.DataFrame:  # fmt: skip
    """What to look at next for a label that is just being made.

    Decide the items shown, add them to `positives` or `negatives`, and ask again. What has been found becomes a label by
    ``session.apply(ls.LabelEdit.new(name, positives))``.

    Parameters
    ----------
    ds : Dataset
        With embeddings, a text or an image.
    name : str
        Of the label. It need not be a label of the data set, whose labels are not looked at.
    positives, negatives : iterable of item ids
        Items decided so far. Without any positive, items whose text holds words of the name or the description are shown.
    description : str, optional
        What the label means. It counts until there are five positives.
    n : int
        Number of items to show.
    n_sampled : int, optional
        How many of them are drawn at random for :func:`count_label`, from 0 to `n`. Default: one in twenty. ``n_sampled=n`` shows
        nothing but the sample, which is how to learn soon how many items have the label.

    Returns
    -------
    polars.DataFrame
        item_id, probability (that the item has the label, in [0, 1]; without any positive, how far the text names it). The most
        probable first, then those drawn at random. Fewer than `n` rows where fewer items are undecided.

    Raises
    ------
    DataError
        If an item is unknown, or both positive and negative.
    StageError
        If there is nothing to begin with, nothing to embed, or `n` or `n_sampled` makes no sense.

    Notes
    -----
    What neither the embeddings nor the words hold cannot be found: ``benchmarks/grow_label.py`` measures how much that is on
    three sets. Relevance feedback by ridge regression, with all undecided items as weak negatives, follows the usual practice
    of active search; the weights were chosen on goemotions, medical_re and mirflickr.

    Examples
    --------
    >>> points = np.array([[1, 0], [0.9, 0.1], [0, 1], [-1, 0], [0.95, 0]])
    >>> ds = Dataset.from_arrays(np.eye(5, dtype=np.int8), embeddings=points)
    >>> grow_label(ds, "right", [0], [2], n=2)["item_id"].to_list()
    [4, 1]
    """
    if n < 1:
        raise StageError(f"n: expected a number of items, 1 or more, got {n!r}")
    wanted = n // SAMPLED if n_sampled is None else n_sampled
    if not 0 <= wanted <= n:
        raise StageError(f"n_sampled: expected a number of items from 0 to n ({n}), got {n_sampled!r}")
    here = _round(ds, name, positives, negatives, description)
    shown = _best(here, n - wanted)
    if wanted:
        shown = np.concatenate([shown, _drawn_next(here, _sample(here, name), wanted, shown)])
    return pl.DataFrame({"item_id": ds.item_ids[shown], "probability": here.probability[shown]})


@checked
def count_label(
    ds: Dataset, name: str, positives: Iterable[object], negatives: Iterable[object] = (), *, description: str | None = None
) -> LabelCount:
    """How many items have a label that is just being made, from its own sample, and whether to go on looking.

    Parameters
    ----------
    ds : Dataset
    name : str
    positives, negatives : iterable of item ids
        All items decided so far, those that :func:`grow_label` drew at random among them.
    description : str, optional
        As for :func:`grow_label`.

    Returns
    -------
    LabelCount
        The interval is wide while the sample is small, and says so: a hundred items of
        ``grow_label(..., n=100, n_sampled=100)`` make it much narrower.

    Raises
    ------
    DataError
        If an item is unknown, or both positive and negative.
    StageError
        If there is nothing to begin with, or nothing to embed.

    Examples
    --------
    >>> points = np.array([[1, 0], [0.9, 0.1], [0, 1], [-1, 0], [0.95, 0]])
    >>> ds = Dataset.from_arrays(np.eye(5, dtype=np.int8), embeddings=points)
    >>> count_label(ds, "right", [0, 1, 4], [2, 3]).total
    Total(estimate=3.0, low=3, high=3)
    """
    here = _round(ds, name, positives, negatives, description)
    sample = _sample(here, name)
    hits = np.zeros(ds.n_items, np.int64)
    hits[here.decided] = here.states
    rows, ended = [], []
    for queue, n_drawn in zip(sample.queues, sample.n_drawn, strict=True):
        if len(queue):
            drawn, ends = queue[:n_drawn], queue[n_drawn : n_drawn + (n_drawn > 0)]
            counts = (len(queue), len(drawn), int(hits[drawn].sum()), int(hits[queue].sum()))
            rows.append((float(here.probability[queue].mean()), *counts))
            ended.append((len(ends), round(float(here.probability[ends].sum()))))
    schema = {"probability": pl.Float64, **dict.fromkeys(COUNTS, pl.Int64)}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    n_items, n_sampled, n_positive, n_found = (frame[column].to_numpy() for column in COUNTS)
    more, likely = np.array(ended).T  # inverse sampling: without the item that ends a draw, the best ones count too much
    n_sampled, n_positive = n_sampled + more, n_positive + likely
    known = hits[here.decided].sum()
    refuted = len(here.decided) - known  # decided negatives, wherever they are, cannot be positive
    total = total_interval(n_items, n_sampled, n_positive, least=np.maximum(n_found, n_positive))
    total = Total(max(total.estimate, float(known)), total.low, min(total.high, ds.n_items - int(refuted)))
    return LabelCount(frame, name, total, float(here.probability[_best(here, ROUND)].sum()))


def _centred(rows: np.ndarray) -> np.ndarray:
    """Rows of length 1, seen from their middle, of length 1 again."""
    rows = unit_rows(np.asarray(rows, np.float32))
    return unit_rows(rows - rows.mean(axis=0, dtype=np.float64).astype(np.float32))


def _round(ds: Dataset, name: str, positives: Iterable[object], negatives: Iterable[object], description: str | None) -> _Round:
    if not name.strip():
        raise DataError("name: expected the name of a label, got an empty one; name it")
    yes, no = (np.unique([ds.position(item) for item in items]).astype(np.int64) for items in (positives, negatives))
    both = np.intersect1d(yes, no)
    if len(both):
        raise DataError(f"negatives: expected items that are not positive, got {ds.item_ids[int(both[0])]!r} in both; leave it in one")
    decided, states = np.concatenate([yes, no]), np.repeat([1, 0], [len(yes), len(no)])
    named = _named(ds, name, description) if not len(yes) or (description is not None and len(yes) < ENOUGH) else None
    if not len(yes):
        if named is None or not named.any():
            raise StageError(
                f"positives: expected at least one item, got none, and no text names {name!r}; give one, or words of the texts "
                "as description="
            )
        return _Round(decided, states, named, named)
    score = _score(_Space.of(ds), decided, states)
    if named is not None:
        score = score + named / (1 + len(yes))
    return _Round(decided, states, score, _probability(score, decided, states))


def _named(ds: Dataset, name: str, description: str | None) -> np.ndarray | None:
    """How far the text of each item names the label, float64 (n_items,) in [0, 1]; None without texts."""
    if ds.text is None:
        return None
    texts = ds.items[ds.text].cast(pl.String)
    return find_mentions(texts, [name], None if description is None else {name: description}).toarray()[:, 0].astype(np.float64)


def _score(space: _Space, decided: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Ridge regression of the states on the vectors, float64 (n_items,); decided items without their own say."""
    rows, n_features = space.rows, space.rows.shape[1]
    chosen = rows[decided].astype(np.float64)
    system = BACKGROUND / len(rows) * space.gram + chosen.T @ chosen + PENALTY * np.eye(n_features)
    solved = solve(system, np.column_stack([chosen.T @ states, chosen.T]), assume_a="pos", overwrite_a=True, check_finite=False)
    score = (rows @ solved[:, 0].astype(np.float32)).astype(np.float64)
    own = np.einsum("ij,ji->i", chosen, solved[:, 1:])  # the leverage of each decided item
    score[decided] = (chosen @ solved[:, 0] - own * states) / (1 - own)
    return score


def _probability(score: np.ndarray, decided: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Scores as probabilities: logistic regression on the decided items, and on undecided ones as negatives."""
    from sklearn.linear_model import LogisticRegression

    open_ = np.setdiff1d(np.arange(len(score)), decided)
    others = open_[np.unique(np.linspace(0, len(open_) - 1, min(N_UNDECIDED, len(open_))).astype(np.int64))]
    spread = float(score[np.concatenate([decided, others])].std()) or 1.0
    given = np.concatenate([states, np.zeros(len(others), np.int64)])
    if given.all():  # every item is decided, and positive
        return np.ones(len(score))
    model = LogisticRegression().fit(score[np.concatenate([decided, others])][:, None] / spread, given)
    return np.asarray(expit(score * (model.coef_[0, 0] / spread) + model.intercept_[0]))


def _best(here: _Round, n: int) -> np.ndarray:
    """The undecided items of the highest score, by position."""
    if n < 1:
        return np.zeros(0, np.int64)
    open_ = np.flatnonzero(here.open)
    score = -here.score[open_]
    near = np.flatnonzero(score <= np.partition(score, n - 1)[n - 1]) if n < len(score) else np.arange(len(score))
    return open_[near[np.argsort(score[near], kind="stable")[:n]]]


def _sample(here: _Round, name: str) -> _Sample:
    """Strata of equal sums of the standard deviation sqrt(p (1 - p)) (Dalenius and Hodges 1959), and what of them is drawn."""
    order = np.argsort(here.probability, kind="stable")
    p = here.probability[order]
    deviation = np.cumsum(np.sqrt(p * (1 - p)) + 1e-6)
    stratum = np.empty(len(order), np.int64)
    stratum[order] = np.minimum(N_STRATA * deviation / deviation[-1], N_STRATA - 1).astype(np.int64)
    drawn = generator(0, "sample of a new label", name).permutation(len(order))
    queues = [drawn[stratum[drawn] == h] for h in range(N_STRATA)]
    open_ = here.open
    n_drawn = [int(np.argmax(open_[queue])) if open_[queue].any() else len(queue) for queue in queues]
    return _Sample(queues, np.array(n_drawn))


def _drawn_next(here: _Round, sample: _Sample, n: int, shown: np.ndarray) -> np.ndarray:
    """The next items of the sample, each from the stratum that gains most by it (Neyman 1934, Wright 2012)."""
    fresh = here.open
    fresh[shown] = False
    waiting = [queue[k:][fresh[queue[k:]]] for queue, k in zip(sample.queues, sample.n_drawn, strict=True)]
    p = [here.probability[queue] for queue in sample.queues]
    weight = np.array([np.sqrt(q * (1 - q)).sum() for q in p])
    n_drawn, taken = sample.n_drawn.copy(), np.zeros(N_STRATA, np.int64)
    out: list[int] = []
    left = np.array([len(queue) for queue in waiting])
    while len(out) < n and (taken < left).any():
        h = int(np.argmax(np.where(taken < left, weight / np.sqrt((n_drawn + 0.5) * (n_drawn + 1.5)), -1)))
        out.append(int(waiting[h][taken[h]]))
        taken[h] += 1
        n_drawn[h] += 1
    return np.array(out, np.int64)
