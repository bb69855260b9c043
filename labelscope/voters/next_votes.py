"""Which vote to ask for next: about which item, and whom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.labels import NEGATIVE
from labelscope.errors import DataError, StageError
from labelscope.models.predict import Predictions
from labelscope.voters.consensus import weigh_votes
from labelscope.voters.fusion import MODEL_VOTES
from labelscope.voters.reliability import rate_raters

__all__ = ["ask_next", "votes_wanted"]

DOUBTED = 3  # labels of an item that are looked at
LEAST_WORTH = 0.05


@checked
def ask_next(ds: Dataset, n: int, *, raters: Sequence[str] | None = None, predictions: Predictions | None = None) -> pl.DataFrame:
    """The votes to ask for next, the most useful first: whom, about which item.

    An item is worth a vote if what is known of its labels, votes and model together, would change most by one more. It is
    asked of the most informed rater who has not voted on it, the work shared among those who are about as good.

    Parameters
    ----------
    ds : Dataset
        With votes; items without any vote are asked about too.
    n : int
        Most votes to ask for, one an item.
    raters : sequence of str, optional
        Who can be asked. Default: everybody who has voted.
    predictions : Predictions, optional
        Of a model, which counts as two votes. Default: probabilities of the data set, or else how frequent the label is.

    Returns
    -------
    polars.DataFrame
        item_id, rater, score (in [0, 1]; the least sure items first, so that a lower score is more urgent). Fewer rows
        than `n` where everybody has voted on everything.

    Raises
    ------
    StageError
        If there are no votes.
    DataError
        If `n` is less than 1, or nobody can be asked.

    Notes
    -----
    H. Goh and J. Mueller, *ActiveLab: active learning with re-labeling by multiple annotators* (2023), for yes and no
    cells: the score of a cell is ((w + m) max(q, 1 - q) + v / 2) / (w + m + v), with the weight w of its votes, m of the model
    and v of one more vote; that of an item is the mean of its three lowest.

    Examples
    --------
    >>> votes = pl.DataFrame({"item_id": [0, 0, 1], "rater": ["a", "b", "a"], "label": ["x"] * 3, "value": [1, 1, 0]})
    >>> ask_next(Dataset.from_arrays([[1], [0]], label_names=["x"], votes=votes), 5).select("item_id", "rater").rows()
    [(1, 'b')]
    """
    return votes_wanted(ds, n, raters=raters, predictions=predictions).drop("label")


def votes_wanted(ds: Dataset, n: int, *, raters: Sequence[str] | None = None, predictions: Predictions | None = None) -> pl.DataFrame:
    """The votes to ask for next as :func:`ask_next` has them, with the label of each item that is the least sure.

    Parameters
    ----------
    ds : Dataset
    n : int
    raters : sequence of str, optional
    predictions : Predictions, optional

    Returns
    -------
    polars.DataFrame
        item_id, rater, label, score.

    Raises
    ------
    StageError
        If there are no votes.
    DataError
        If `n` is less than 1, or nobody can be asked.
    """
    if ds.votes is None or not (ds.votes.values >= NEGATIVE).any():
        raise StageError("ask_next: expected a data set with votes, got none; give the votes that there are with votes=")
    if n < 1:
        raise DataError(f"n: expected 1 or more, got {n}; it is how many votes to ask for")
    names = list(dict.fromkeys(ds.votes.rater_names if raters is None else raters))
    if not names:
        raise DataError("raters: expected somebody to ask, got an empty list; name them, or leave raters out")
    weighed = weigh_votes(ds, ds.votes)
    cells = (weighed.ballots.keys // ds.n_labels, weighed.ballots.keys % ds.n_labels)
    belief = _model(ds, predictions)
    weight = np.zeros(belief.shape)
    weight[cells] = weighed.ballots.counts.sum(axis=1)
    agreed = belief.copy()
    agreed[cells] = weighed.posterior[:, 1]
    q = (weight * agreed + MODEL_VOTES * belief) / (weight + MODEL_VOTES)
    score = ((weight + MODEL_VOTES) * np.maximum(q, 1 - q) + 0.5) / (weight + MODEL_VOTES + 1)
    lowest = np.partition(score, min(DOUBTED, ds.n_labels) - 1, axis=1)[:, :DOUBTED].mean(axis=1)
    asked = _assigned(ds, lowest, names, n, _worth(ds, names))
    doubted = pl.Series("label", ds.label_names, dtype=pl.String).gather(score.argmin(axis=1)[asked["row"].to_numpy()])
    return asked.select(item_id=ds.item_ids.gather(asked["row"]), rater="rater", label=doubted, score="score")


def _model(ds: Dataset, predictions: Predictions | None) -> np.ndarray:
    """P(label) of every cell by something that does not vote, float64 (n_items, n_labels)."""
    if predictions is not None:
        if predictions.probabilities.shape != ds.labels.shape:
            raise StageError(f"predictions: expected shape {ds.labels.shape}, got {predictions.probabilities.shape}; predict this data set")
        return predictions.probabilities.astype(np.float64)
    if ds.probabilities is not None:
        return np.asarray(ds.probabilities, np.float64)
    assert ds.votes is not None
    decided = ds.votes.values >= NEGATIVE
    asked = np.bincount(ds.votes.labels[decided], minlength=ds.n_labels)
    yes = np.bincount(ds.votes.labels[decided], ds.votes.values[decided], minlength=ds.n_labels)
    return np.broadcast_to((yes + 0.5) / (asked + 1), ds.labels.shape).astype(np.float64)


def _worth(ds: Dataset, names: list[str]) -> np.ndarray:
    """Informedness of those who can be asked; that of the average for who has not voted yet."""
    assert ds.votes is not None
    weighed = weigh_votes(ds, ds.votes)
    keys = weighed.ballots.keys
    place = np.minimum(np.searchsorted(keys, ds.votes.items * ds.n_labels + ds.votes.labels), len(keys) - 1)
    rated = rate_raters(ds.votes, weighed.posterior[place, 1])
    known = dict(zip(rated["rater"].to_list(), rated["informedness"].to_list(), strict=True))
    average = float(np.mean(rated["informedness"].to_numpy()))
    return np.array([max(known.get(name, average), LEAST_WORTH) for name in names])


def _assigned(ds: Dataset, score: np.ndarray, names: list[str], n: int, worth: np.ndarray) -> pl.DataFrame:
    """Items in the order of their score, each to the best rater who has not voted on it and is not asked too often."""
    assert ds.votes is not None
    column = {name: at for at, name in enumerate(names)}
    at = np.array([column.get(name, -1) for name in ds.votes.rater_names])[ds.votes.raters]
    done = np.zeros((ds.n_items, len(names)), bool)
    done[ds.votes.items[at >= 0], at[at >= 0]] = True
    load = np.zeros(len(names))
    rows: list[tuple[int, str, float]] = []
    for item in np.argsort(score, kind="stable"):
        if len(rows) == n:
            break
        free = np.flatnonzero(~done[item])
        if len(free):
            chosen = int(free[np.argmax(worth[free] / (1 + load[free]))])
            load[chosen] += 1
            rows.append((int(item), names[chosen], float(score[item])))
    return pl.DataFrame(rows, schema={"row": pl.Int64, "rater": pl.String, "score": pl.Float64}, orient="row")
