"""One round of a label that is just being made: a ridge regression on what was decided, and the probability of every item.

All undecided items are negatives of little weight. Where there are texts, their words stand beside the embeddings: a sentence
embedding hardly holds the one word that makes "thanks" gratitude.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl
from scipy.linalg import solve
from scipy.special import expit

from labelscope.compute.seeds import generator
from labelscope.compute.vectors import unit_rows
from labelscope.data.dataset import Dataset
from labelscope.errors import DataError, StageError
from labelscope.issues.detectors.mentions import find_mentions
from labelscope.space.embed import embed

__all__ = ["Basis", "Round", "best_open", "draw_order", "label_round"]

Basis = Literal["examples", "words", "random"]

WORDS = 0.7  # length of what the words say, beside embeddings of length 1
BACKGROUND = 200.0  # all undecided items together weigh as much as this many decided negatives
PENALTY = 4.0
ENOUGH = 5  # positives from which on a description is not needed any more
N_UNDECIDED = 200  # undecided items that stand for the negatives when scores become probabilities


@dataclass(frozen=True)
class Space:
    """What the rounds of one data set have in common: vectors of length 1 at most, and their sums of products."""

    rows: np.ndarray
    gram: np.ndarray

    @classmethod
    def of(cls, ds: Dataset) -> Space:
        """Those of a data set, made once."""
        found = _SPACES.get(ds)
        if found is None:
            rows = _centred(embed(ds))
            if ds.embeddings is not None and ds.text is not None:
                words = _centred(embed(replace(ds, embeddings=None, image=None)))
                rows = np.hstack([rows, np.float32(WORDS) * words]) / np.float32((1 + WORDS**2) ** 0.5)
            found = _SPACES[ds] = cls(rows, (rows.T @ rows).astype(np.float64))
        return found


_SPACES: WeakKeyDictionary[Dataset, Space] = WeakKeyDictionary()  # a round takes a tenth of what this takes


@dataclass(frozen=True)
class Round:
    """Where a label stands: rows decided and their states, the score and probability of every item, and what these rest on.

    A decided item is scored by what the others say, as if it were undecided.
    """

    decided: np.ndarray
    states: np.ndarray
    score: np.ndarray
    probability: np.ndarray
    basis: Basis

    @property
    def open(self) -> np.ndarray:
        """Whether each item is undecided."""
        out = np.ones(len(self.score), bool)
        out[self.decided] = False
        return out


def label_round(
    ds: Dataset, name: str, positives: Iterable[object], negatives: Iterable[object], description: str | None, *, begin: bool = False
) -> Round:  # fmt: skip
    """Where a label stands; `begin`: also where nothing is known of it."""
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
            if begin:  # in the order of the label's own sample, so that what is decided counts as drawn
                turn = np.empty(ds.n_items)
                turn[draw_order(ds.n_items, name)] = np.arange(ds.n_items)
                return Round(decided, states, -turn, np.full(ds.n_items, np.nan), "random")
            raise StageError(
                f"positives: expected at least one item, got none, and no text names {name!r}; give one, or words of the texts "
                "as description="
            )
        return Round(decided, states, named, named, "words")
    score = _score(Space.of(ds), decided, states)
    if named is not None:
        score = score + named / (1 + len(yes))
    return Round(decided, states, score, _probability(score, decided, states), "examples")


def best_open(here: Round, n: int) -> np.ndarray:
    """The undecided items of the highest score, by position."""
    if n < 1:
        return np.zeros(0, np.int64)
    open_ = np.flatnonzero(here.open)
    score = -here.score[open_]
    near = np.flatnonzero(score <= np.partition(score, n - 1)[n - 1]) if n < len(score) else np.arange(len(score))
    return open_[near[np.argsort(score[near], kind="stable")[:n]]]


def draw_order(n_items: int, name: str) -> np.ndarray:
    """All items in the order in which the label's own sample is drawn."""
    return generator(0, "sample of a new label", name).permutation(n_items)


def _centred(rows: np.ndarray) -> np.ndarray:
    """Rows of length 1, seen from their middle, of length 1 again."""
    rows = unit_rows(np.asarray(rows, np.float32))
    return unit_rows(rows - rows.mean(axis=0, dtype=np.float64).astype(np.float32))


def _named(ds: Dataset, name: str, description: str | None) -> np.ndarray | None:
    """How far the text of each item names the label, float64 (n_items,) in [0, 1]; None without texts."""
    if ds.text is None:
        return None
    texts = ds.items[ds.text].cast(pl.String)
    return find_mentions(texts, [name], None if description is None else {name: description}).toarray()[:, 0].astype(np.float64)


def _score(space: Space, decided: np.ndarray, states: np.ndarray) -> np.ndarray:
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
