"""What to label next: the items with unknown cells from whose labels the model would learn most.

An item is worth the sum, over its unknown cells, of how unsure the model is of each (entropy), divided by the square root of the
positives that the label has: a rare label gains more from one item than a frequent one. Of the best, those are taken that lie far
from one another, since two like items teach the same. Chosen on twelve sets, each judged by the strategy that was best on the
others (``benchmarks/label_next.py``): it gains up to .06 of macro average precision over a uniform draw, .007 in the mean, and
loses up to .018 on some sets.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import polars as pl

from labelscope.compute.executor import row_blocks
from labelscope.compute.seeds import generator
from labelscope.data.arguments import checked
from labelscope.data.cell_scores import Scores
from labelscope.data.dataset import Dataset
from labelscope.data.labels import UNKNOWN
from labelscope.errors import StageError
from labelscope.models.predict import Predictions, predict
from labelscope.suggest.ranking import spread

__all__ = ["Strategy", "information", "label_next", "most_instructive"]

Strategy = Literal["rare", "uncertain", "random"]
POOL = 5  # of so many times as many items, those are taken that are the most spread out
SURE = 1e-7  # a probability is no nearer to 0 or 1 than this
TAIL = 0.5  # power of a label's positives that its uncertainty is divided by


@checked
def label_next(
    ds: Dataset, predictions: Predictions | None = None, *, n: int = 20, strategy: Strategy = "rare", seed: int = 0
) -> pl.DataFrame:
    """The items to label next, the most instructive first.

    Parameters
    ----------
    ds : Dataset
        With unknown cells. Label all cells of an item that you know, then ask again.
    predictions : Predictions, optional
        Default: ``predict(ds, seed=seed)``. Not needed at random.
    n : int
        Items; fewer where fewer have unknown cells.
    strategy : {"rare", "uncertain", "random"}
        "rare": uncertainty, which counts more for labels with few positives, spread over the embeddings where there are some.
        "uncertain": uncertainty alone. "random": a uniform draw, from
        which an evaluation can be made as well.
    seed : int
        Of the draw.

    Returns
    -------
    polars.DataFrame
        item_id, label (the unknown cell that counts most), score (0 or more, to compare items of one call; NaN at random),
        n_unknown (unknown cells of the item).

    Raises
    ------
    StageError
        If no cell is unknown, `n` is not positive, the strategy is unknown, or nothing can be predicted.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(300, 4)).astype(np.float32)
    >>> labels = (x[:, :2] > 0).astype(int)
    >>> labels[60:] = -1
    >>> found = label_next(Dataset.from_arrays(labels, embeddings=x), n=3)
    >>> found["n_unknown"].to_list()
    [2, 2, 2]
    """
    if n < 1:
        raise StageError(f"n: expected a number of items, 1 or more, got {n!r}")
    if strategy not in get_args(Strategy):
        raise StageError(f"strategy: expected one of {', '.join(get_args(Strategy))}, got {strategy!r}")
    if not ds.labels.has_unknown:
        raise StageError("label_next: expected unknown cells, got none; read the data with unlisted='unknown', or write -1")
    if strategy == "random":
        scores, labels, n_unknown = _at_random(ds, seed)
    else:
        found = predict(ds, seed=seed, progress=False) if predictions is None else predictions
        scores, labels, n_unknown = information(ds, found.cell_probabilities, tail=TAIL if strategy == "rare" else 0.0)
    chosen = most_instructive(ds, scores, n_unknown, n, pool=POOL if strategy == "rare" else 1)
    return pl.DataFrame({
        "item_id": ds.item_ids.gather(chosen),
        "label": pl.Series(ds.label_names, dtype=pl.String).gather(labels[chosen]),
        "score": np.full(len(chosen), np.nan) if strategy == "random" else scores[chosen],
        "n_unknown": n_unknown[chosen],
    })  # fmt: skip


def most_instructive(ds: Dataset, scores: np.ndarray, n_unknown: np.ndarray, n: int, *, pool: int = POOL) -> np.ndarray:
    """Rows of the items to label next, int64 (at most n,); without embeddings in the data set they are not spread out.

    Parameters
    ----------
    ds : Dataset
    scores, n_unknown : array of shape (n_items,)
        As of :func:`information`.
    n : int
    pool : int
        The chosen items are the most spread out of so many times as many.
    """
    able = np.flatnonzero(n_unknown > 0)
    ranked = able[np.argsort(-scores[able], kind="stable")]
    return spread(ds, pl.DataFrame({"row": ranked, "value": scores[ranked]}), n, 1 if ds.embeddings is None else pool)


def information(ds: Dataset, probabilities: Scores, *, tail: float = TAIL) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What each item's unknown cells are worth together, the label that counts most, and how many they are.

    Parameters
    ----------
    ds : Dataset
    probabilities : Scores
        Of shape (n_items, n_labels).
    tail : float
        Power of a label's positives that its uncertainty is divided by; 0: all labels count alike.

    Returns
    -------
    tuple of float64, int64, int64 (n_items,)
    """
    weight = ((np.asarray(ds.labels.n_positive, np.float64) + 1) ** -tail).astype(np.float32)
    scores, labels, n_unknown = np.zeros(ds.n_items), np.zeros(ds.n_items, np.int64), np.zeros(ds.n_items, np.int64)
    for block in row_blocks(ds.n_items, 24 * ds.n_labels):
        unknown = ds.labels.dense(block) == UNKNOWN
        worth = _entropy(probabilities.rows(block)) * weight
        worth[~unknown] = -1
        labels[block] = worth.argmax(axis=1)
        scores[block] = np.maximum(worth, 0, out=worth).sum(axis=1)
        n_unknown[block] = np.count_nonzero(unknown, axis=1)
    return scores, labels, n_unknown


def _entropy(probabilities: np.ndarray) -> np.ndarray:
    """Entropy of each cell in nats, float32: logarithms of numpy, which takes many at a time."""
    p = np.clip(probabilities, SURE, 1 - SURE, dtype=np.float32)
    not_p = 1 - p
    return -(p * np.log(p) + not_p * np.log(not_p))


def _at_random(ds: Dataset, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    unknown = np.zeros(ds.n_items, np.int64)
    first = np.zeros(ds.n_items, np.int64)
    for block in row_blocks(ds.n_items, 8 * ds.n_labels):
        here = ds.labels.dense(block) == UNKNOWN
        unknown[block], first[block] = here.sum(axis=1), here.argmax(axis=1)
    return generator(seed, "label next").random(ds.n_items), first, unknown
