"""A label that is just being made: from a few examples, the items to look at next, and how many there are in all.

Each round shows the items of the highest score (:mod:`labelscope.suggest.label_round`) and some of the label's own sample
(:mod:`labelscope.suggest.label_sample`). Other labels are not looked at: where most items have one label, an item without any
would always be shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.errors import StageError
from labelscope.suggest.label_round import Basis, Round, best_open, label_round
from labelscope.suggest.label_sample import NEXT, LabelCount, LabelSample, counted, drawn_next, label_sample

__all__ = ["LabelRound", "count_label", "grow_label", "next_round"]

SAMPLED = 20  # one item in so many is of the label's own sample, unless asked otherwise


@dataclass(frozen=True)
class LabelRound:
    """What to look at next for a label that is just being made, and how many items have it.

    Attributes
    ----------
    frame : polars.DataFrame
        item_id, probability, as :func:`grow_label` gives them; probability is null where the items are drawn at random.
    basis : {"examples", "words", "random"}
        What they were chosen by: items decided before, words of the name and the description, or nothing.
    count : LabelCount or None
        None before the first positive.
    """

    frame: pl.DataFrame
    basis: Basis
    count: LabelCount | None


@checked
def grow_label(
    ds: Dataset, name: str, positives: Iterable[object], negatives: Iterable[object] = (), *, description: str | None = None,
    n: int = NEXT, n_sampled: int | None = None,
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
    wanted = _n_wanted(n, n_sampled)
    here = label_round(ds, name, positives, negatives, description)
    return _shown(ds, here, None if not wanted else label_sample(here, name), n, wanted)


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
    here = label_round(ds, name, positives, negatives, description)
    return counted(ds, here, label_sample(here, name), name)


def next_round(
    ds: Dataset, name: str, positives: Iterable[object], negatives: Iterable[object] = (), *, description: str | None = None,
    n: int = NEXT, n_sampled: int | None = None,
) -> LabelRound:  # fmt: skip
    """:func:`grow_label` and :func:`count_label` in the time of one; where nothing is known yet, items at random.

    Parameters and errors as for these, but that there need be nothing to begin with.
    """
    wanted = _n_wanted(n, n_sampled)
    here = label_round(ds, name, positives, negatives, description, begin=True)
    if here.basis == "random":
        shown = best_open(here, n)
        return LabelRound(pl.DataFrame({"item_id": ds.item_ids[shown]}).with_columns(probability=pl.lit(None, pl.Float64)), "random", None)
    sample = label_sample(here, name)
    count = counted(ds, here, sample, name) if here.basis == "examples" else None
    return LabelRound(_shown(ds, here, sample, n, wanted), here.basis, count)


def _n_wanted(n: int, n_sampled: int | None) -> int:
    """How many of the items shown are of the sample."""
    if n < 1:
        raise StageError(f"n: expected a number of items, 1 or more, got {n!r}")
    wanted = n // SAMPLED if n_sampled is None else n_sampled
    if not 0 <= wanted <= n:
        raise StageError(f"n_sampled: expected a number of items from 0 to n ({n}), got {n_sampled!r}")
    return wanted


def _shown(ds: Dataset, here: Round, sample: LabelSample | None, n: int, wanted: int) -> pl.DataFrame:
    shown = best_open(here, n - wanted)
    if sample is not None and wanted:
        shown = np.concatenate([shown, drawn_next(here, sample, wanted, shown)])
    return pl.DataFrame({"item_id": ds.item_ids[shown], "probability": here.probability[shown]})
