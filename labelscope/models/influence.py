"""What each training label does to a ridge score: exact, without training again.

Ridge regression with an unpenalised constant is linear in its targets, and removing one item changes its normal matrix by
a matrix of rank one. So both what would happen without an item and what would happen with its label flipped follow from
one factorisation in closed form. With the training items centred on their mean, S their Gram matrix, n their number,

    g_ti = 1/n + x_tᵀ (S + λI)⁻¹ x_i,        h_i = g_ii,        r_i = y_i - (fitted y)_i,

removing item i changes the score of item t by -g_ti r_i / (1 - h_i), and flipping its label by (1 - 2 y_i) g_ti: the
leave-one-out identity of linear smoothers (Cook 1977; Sherman and Morrison 1950 for the inverse), in centred form, where
1/n is the part of the constant. The penalty is held fixed. The test trains again without the item.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from labelscope.compute.cache import cached, content_key
from labelscope.compute.executor import map_chunks, one_thread, row_blocks
from labelscope.compute.progress import advance
from labelscope.compute.seeds import generator
from labelscope.models.label_head import LabelHead

__all__ = ["Factors", "ScoreInfluence", "factorise", "head_influence", "score_influence", "shuffled_weights"]

STAGE = "influence"
WORK_BYTES = 16 << 20  # of a block in double precision


@dataclass(frozen=True, eq=False)
class Factors:
    """The training items of one head, factorised.

    Attributes
    ----------
    n_items : int
        Training items.
    mean : float64, shape (n_features,)
    values, vectors : float64, shapes (n_axes,) and (n_features, n_axes)
        Of the Gram matrix of the centred training items; where these are fewer than the features, those of their span.
    """

    n_items: int
    mean: np.ndarray
    values: np.ndarray
    vectors: np.ndarray

    def solve(self, right: np.ndarray, penalty: float) -> np.ndarray:
        """(S + penalty I)⁻¹ `right`, (n_features,)."""
        inside = self.vectors.T @ right
        found = self.vectors @ (inside / (self.values + penalty))
        if self.vectors.shape[1] < len(right):  # outside the span of the items the penalty is all there is
            found += (right - self.vectors @ inside) / penalty
        return np.asarray(found)


@dataclass(frozen=True, eq=False)
class ScoreInfluence:
    """What each item's label does to one score, on the scale of the 0/1 targets.

    Attributes
    ----------
    score : float
        Of the target, from a head trained on the known cells alone.
    removal, flip : float64, shape (n_items,)
        Change of the score without the item, and with its label flipped; 0 for an item that took no part.
    """

    score: float
    removal: np.ndarray
    flip: np.ndarray


def factorise(features: np.ndarray, training: np.ndarray, executor: Executor | None = None, *, key: str | None = None) -> Factors:
    """One pass for the mean, one for the Gram matrix, one eigendecomposition (few items: one SVD of theirs); kept by content.

    Parameters
    ----------
    features : array of shape (n_items, n_features)
    training : bool, shape (n_items,)
    executor : concurrent.futures.Executor, optional
        Where blocks of items are multiplied; the answer does not depend on it.
    key : str, optional
        ``content_key(features)``, where it is known already: of many items it takes as long as the rest.
    """

    def compute() -> dict[str, np.ndarray]:
        n_items = int(training.sum())
        mean = sum((rows.sum(axis=0) for _, rows in _blocks(features, training)), np.zeros(features.shape[1])) / max(1, n_items)
        if n_items < features.shape[1]:
            with one_thread():
                _, sizes, axes = np.linalg.svd(np.asarray(features[training], np.float64) - mean, full_matrices=False)
            return {"n_items": np.array(n_items), "mean": mean, "values": sizes**2, "vectors": axes.T}
        gram = np.zeros((features.shape[1],) * 2)
        chunks = ((rows, mean) for _, rows in _blocks(features, training))
        for part in map_chunks(_outer, chunks, executor):
            gram += part
        with one_thread():
            values, vectors = np.linalg.eigh(gram)
        return {"n_items": np.array(n_items), "mean": mean, "values": values.clip(0), "vectors": vectors}

    found = cached(content_key("ridge factors", 2, key or content_key(features), training), compute)
    return Factors(int(found["n_items"]), found["mean"], found["values"], found["vectors"])


def score_influence(
    features: np.ndarray,
    states: np.ndarray,
    training: np.ndarray,
    penalty: float,
    target: int,
    executor: Executor | None = None,
    *,
    key: str | None = None,
) -> ScoreInfluence:
    """What each training label does to the score that a ridge head gives one item.

    Parameters
    ----------
    features : array of shape (n_items, n_features)
    states : int8, shape (n_items,)
        1 or 0; -1 takes no part.
    training : bool, shape (n_items,)
        The items that the head was trained on; unknown cells among them are left out.
    penalty : float
        Of the squared weights; the constant has none.
    target : int
        Row of the item whose score is looked at; usually none of the training items.
    executor : concurrent.futures.Executor, optional
    key : str, optional
        As for :func:`factorise`.

    Returns
    -------
    ScoreInfluence
        O(n_items n_features) once the factors and leverages are there, which are kept by content.
    """
    training, key = training & (states >= 0), key or content_key(features)
    factors = factorise(features, training, executor, key=key)
    leverage = _leverage(features, training, factors, penalty, executor, key)
    wanted = np.flatnonzero(training)
    y = states[wanted].astype(np.float64)
    aim = factors.solve(np.asarray(features[target], np.float64) - factors.mean, penalty)
    reach, cross = np.empty(len(wanted)), np.zeros(features.shape[1])
    share = y.mean()
    for place, rows in _blocks(features, training):
        centred = rows - factors.mean
        reach[place] = centred @ aim
        cross += centred.T @ (y[place] - share)
    weights = factors.solve(cross, penalty)
    fitted = np.empty(len(wanted))
    for place, rows in _blocks(features, training):
        fitted[place] = share + (rows - factors.mean) @ weights
    gain = 1 / factors.n_items + reach
    removal, flip = np.zeros(len(features)), np.zeros(len(features))
    removal[wanted] = -gain * (y - fitted) / np.maximum(1 - leverage, 1e-12)
    flip[wanted] = (1 - 2 * y) * gain
    score = share + float((np.asarray(features[target], np.float64) - factors.mean) @ weights)
    return ScoreInfluence(score, removal, flip)


def head_influence(features: np.ndarray, head: LabelHead, target: int, executor: Executor | None = None) -> ScoreInfluence:
    """What each training label does to the out-of-fold score of an item, averaged over the cross-fits.

    In each cross-fit the head is the one that saw neither the item nor what shares its fold (its near-duplicates do);
    those have no influence there. Unknown cells are left out, where `predict` fills them with the fit: nearly the same.

    Parameters
    ----------
    features : array of shape (n_items, n_features)
    head : LabelHead
    target : int
        Row of the item.
    executor : concurrent.futures.Executor, optional
    """
    parts, key = [], content_key(features)
    for repeat, (folds, penalties) in enumerate(zip(head.folds, head.penalties, strict=True)):
        fold = int(folds[target])
        parts.append(score_influence(features, head.states, folds != fold, float(penalties[fold]), target, executor, key=key))
        advance(STAGE, (repeat + 1) / len(head.folds))
    return ScoreInfluence(
        float(np.mean([part.score for part in parts])),
        np.mean([part.removal for part in parts], axis=0),
        np.mean([part.flip for part in parts], axis=0),
    )


def shuffled_weights(features: np.ndarray, head: LabelHead, target: int, seed: int) -> np.ndarray:
    """Weights (n_features,) of a head like the item's own in the first cross-fit, trained on labels dealt out at random.

    What an attribution to this head finds is what it finds without any sense in the labels: a control.
    """
    folds, penalties = head.folds[0], head.penalties[0]
    training = (folds != folds[target]) & (head.states >= 0)
    dealt = generator(seed, "shuffled labels").permutation(head.states[training]).astype(np.float64)
    factors = factorise(features, training)
    cross = np.zeros(features.shape[1])
    for place, rows in _blocks(features, training):
        cross += (rows - factors.mean).T @ (dealt[place] - dealt.mean())
    return factors.solve(cross, float(penalties[folds[target]]))


def _leverage(
    features: np.ndarray, training: np.ndarray, factors: Factors, penalty: float, executor: Executor | None, key: str
) -> np.ndarray:
    """Leverage h of each training item, float64 (n_training,)."""

    def compute() -> dict[str, np.ndarray]:
        root = factors.vectors / np.sqrt(factors.values + penalty)
        chunks = ((rows, factors.mean, root) for _, rows in _blocks(features, training))
        return {"h": 1 / factors.n_items + np.concatenate(list(map_chunks(_lengths, chunks, executor)))}

    return cached(content_key("ridge leverage", 2, key, training, penalty), compute)["h"]


def _blocks(features: np.ndarray, training: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """The training items in double precision, block by block, and where they stand among the training items."""
    start = 0
    for block in row_blocks(len(features), 8 * features.shape[1], WORK_BYTES):
        rows = np.asarray(features[block][training[block]], np.float64)
        yield slice(start, start + len(rows)), rows
        start += len(rows)


def _outer(chunk: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    rows, mean = chunk
    centred = rows - mean
    return np.asarray(centred.T @ centred)


def _lengths(chunk: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
    rows, mean, root = chunk
    return np.asarray((((rows - mean) @ root) ** 2).sum(axis=1))
