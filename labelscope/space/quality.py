"""How far to trust an embedding and its map: trustworthiness, continuity, and labels that the embedding cannot see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from labelscope.compute.executor import row_blocks
from labelscope.compute.seeds import generator
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN, LabelMatrix
from labelscope.space.neighbors import Neighbors, nearest_to, unit_rows

if TYPE_CHECKING:
    import scipy.sparse as sp
    from torch import Tensor

__all__ = ["INVISIBLE", "MISLEADING", "MapQuality", "Sight", "distortion", "label_lift", "lift_of", "map_quality"]

MISLEADING = 0.85  # trustworthiness or continuity below which neighbours on the map are often no neighbours
INVISIBLE = 2.0  # lift below which the embedding says little about a label,
GAIN = 0.1  # if neighbours go less than this share of the way from chance to certainty: a common label has no room for a lift
LEAST_ASKED = 10  # positives in a sample that tell whether a label is seen, or all that there are
MOST_PAIRS = 2.5e7
N_LOOKED_AT, N_NEIGHBORS = 500, 25  # positives of a label whose neighbours tell whether it is seen, and how many of each
ALL_COMPARED, N_COMPARED = 10_000, 5_000  # items up to which each is compared with all, and beyond which with so many


@dataclass(frozen=True)
class MapQuality:
    """How well neighbourhoods survive on a map; both in [0, 1], 1 is best, NaN below four items.

    Attributes
    ----------
    trustworthiness : float
        Near 1: what is near on the map is near in the embedding.
    continuity : float
        Near 1: what is near in the embedding is near on the map.
    k : int
        Neighbours an item.
    n_sampled : int
        Items measured, each against all others.
    """

    trustworthiness: float
    continuity: float
    k: int
    n_sampled: int


def map_quality(X: np.ndarray, Y: np.ndarray, *, k: int = 15, seed: int = 0) -> MapQuality:
    """Trustworthiness and continuity of a map on a sample of the items.

    Parameters
    ----------
    X : array of float, shape (n_items, n_features)
        Embeddings, compared by cosine similarity.
    Y : array of float, shape (n_items, 2)
        The map, compared by Euclidean distance.
    k : int
        Neighbours an item; fewer in sets of less than 2 k items.
    seed : int
        Of the sample: up to 2,000 items, fewer in large sets (300 in a million), each ranked against all items. The
        standard error of both figures stays below 0.01.

    Notes
    -----
    J. Venna, S. Kaski, *Neighborhood preservation in nonlinear projection methods* (ICANN 2001). Equal to
    ``sklearn.manifold.trustworthiness(X, Y, metric="cosine")`` where all items are sampled, but sampling items, not
    the set they are ranked in, keeps the meaning of k and holds n_sampled x n_items numbers instead of n_items^2.

    Examples
    --------
    >>> X = np.array([[np.cos(a), np.sin(a)] for a in np.linspace(0, 1, 9)])
    >>> round(map_quality(X, X, k=2).trustworthiness, 6)
    1.0
    """
    import torch

    n_items = len(X)
    k = min(k, (n_items - 1) // 2)
    n_sampled = min(n_items, int(np.clip(MOST_PAIRS / max(1, n_items), 300, 2000)))
    if n_items < 4:
        return MapQuality(float("nan"), float("nan"), k, n_sampled)
    sample = np.sort(generator(seed, "map quality").choice(n_items, n_sampled, replace=False))
    unit = torch.from_numpy(unit_rows(X))
    flat = torch.from_numpy(np.ascontiguousarray(Y - Y.mean(axis=0), dtype=np.float64))
    intruders = strangers = 0.0
    for block in row_blocks(n_sampled, n_items * 24):
        rows = torch.from_numpy(sample[block])
        alike = unit[rows] @ unit.T
        near = 2 * (flat[rows] @ flat.T) - (flat**2).sum(1) - (flat[rows] ** 2).sum(1, keepdim=True)  # minus squared distance
        for side in (alike, near):
            side[torch.arange(len(rows)), rows] = -torch.inf
        intruders += _excess(alike, near, k)
        strangers += _excess(near, alike, k)
    worst = n_sampled * k * (2 * n_items - 3 * k - 1) / 2
    return MapQuality(1 - intruders / worst, 1 - strangers / worst, k, n_sampled)


def _excess(reference: Tensor, other: Tensor, k: int) -> float:
    """By how much the ranks, in `reference`, of each row's `k` nearest in `other` exceed k, summed."""
    import torch

    values = reference.gather(1, torch.topk(other, k, dim=1).indices).sort(dim=1).values
    beaten = torch.searchsorted(values, reference, out_int32=True)  # of the k, how many each item is nearer than
    beaten += torch.arange(len(values), dtype=torch.int32)[:, None] * (k + 1)
    counts = torch.bincount(beaten.flatten(), minlength=len(values) * (k + 1)).reshape(-1, k + 1)
    ranks = counts.flip(1).cumsum(1)[:, :k] + 1  # items nearer than the k-th, then than the one before, ...
    return float((ranks - k).clamp_min(0).sum())


def distortion(X: np.ndarray, Y: np.ndarray, *, k: int = 15, seed: int = 0) -> np.ndarray:
    """How far the map misleads about each item: whether its neighbours there are alike in the embedding.

    One minus how much more alike (by cosine, above a random pair) the nearest on the map are than random items, as a share
    of the same for the nearest in the embedding. Trustworthiness by ranks would call an item in a dense group distorted
    whenever one near-copy stands in for another; this asks whether the neighbours shown are as alike as neighbours can be.

    Parameters
    ----------
    X : array of float, shape (n_items, n_features)
    Y : array of float, shape (n_items, 2)
    k : int
        Neighbours an item.
    seed : int
        Above 10,000 items, neighbours are looked for among 5,000 items drawn at random, on the map and in the embedding
        alike.

    Returns
    -------
    float32, shape (n_items,)
        In [0, 1]; 0: the neighbours on the map are as alike as any, 1: no more alike than random items. NaN below four items.
        0 where no item is more alike than random ones: there is nothing to distort.

    Examples
    --------
    >>> X = np.array([[np.cos(a), np.sin(a)] for a in np.linspace(0, 1, 9)])
    >>> distortion(X, X, k=2).tolist()[:3]
    [0.0, 0.0, 0.0]
    """
    import torch
    from scipy.spatial import cKDTree

    n_items = len(X)
    if n_items < 4:
        return np.full(n_items, np.nan, np.float32)
    rng = generator(seed, "map distortion")
    among = np.arange(n_items) if n_items <= ALL_COMPARED else np.sort(rng.choice(n_items, N_COMPARED, replace=False))
    k = min(k, (len(among) - 1) // 2)
    unit = unit_rows(X)
    near = _others(cKDTree(Y[among]).query(Y, k + 1)[1], among, k)
    others = torch.from_numpy(unit[among])
    place = np.full(n_items, -1)
    place[among] = np.arange(len(among))
    mean = unit.mean(axis=0, dtype=np.float64)
    random = float((mean @ mean * n_items - 1) / (n_items - 1))  # unit vectors: the mean over pairs of two different items
    out = np.zeros(n_items, np.float32)
    for block in row_blocks(n_items, len(among) * 4 + k * X.shape[1] * 4):
        alike = torch.from_numpy(unit[block]) @ others.T
        own = place[block]
        alike[torch.from_numpy(np.flatnonzero(own >= 0)), torch.from_numpy(own[own >= 0])] = -torch.inf
        best = torch.topk(alike, k, dim=1).values.mean(dim=1).numpy() - random
        shown = torch.take_along_dim(alike, torch.from_numpy(place[near[block]]), dim=1).mean(dim=1).numpy() - random
        out[block] = np.where(best > 1e-6, 1 - shown / np.maximum(best, 1e-6), 0)
    return np.clip(out, 0, 1)


def _others(found: np.ndarray, among: np.ndarray, k: int) -> np.ndarray:
    """The k nearest of each item without itself, as positions in the whole set."""
    near = among[found]
    own = near == np.arange(len(near))[:, None]
    last = ~own.any(axis=1)
    own[last, -1] = True  # an item that is not among those, or has k copies of itself in its place
    return near[~own].reshape(len(near), k)


def label_lift(labels: LabelMatrix, neighbors: Neighbors, rows: np.ndarray | None = None) -> pl.DataFrame:
    """How much likelier than chance the neighbours of a label's positives carry that label.

    A lift below `INVISIBLE` means that this embedding does not see the label: votes of neighbours and what rests on
    them (noise rates from neighbours, pseudo-labels) say little about it.

    Parameters
    ----------
    labels : LabelMatrix, shape (n_items, n_labels)
    neighbors : Neighbors
        Of the same items, or of `rows`.
    rows : array of int64, optional
        Items whose neighbours these are. Default: all.

    Returns
    -------
    polars.DataFrame
        `label` (Int64, position of the label), `lift` (Float64, null where there are fewer than two positives or no
        known neighbour of one; of `rows`, where they hold fewer than ten positives and not all) and `invisible` (Boolean,
        null with the lift). Lift = share of positives among the known neighbours of positives / share among all known cells.
        Invisible: a lift below 2, and neighbours of positives less than a tenth of the way from that share to all of them
        being positive. The lift alone would call every label on half of the items invisible: its lift cannot be 2.

    Examples
    --------
    >>> from labelscope.data.labels import from_dense
    >>> pairs = Neighbors(np.array([[1], [0], [3], [2]], np.int32), np.ones((4, 1), np.float32))
    >>> label_lift(from_dense([[1], [1], [0], [0]]), pairs)["lift"].to_list()
    [2.0]
    """
    n_items, n_labels = labels.shape
    hits, known = np.zeros(n_labels, np.int64), np.zeros(n_labels, np.int64)
    positives = labels.positives
    asked = positives if rows is None else positives[rows]
    n_known = n_items - labels.n_unknown
    unlisted_known = labels.default == NEGATIVE
    for block in row_blocks(asked.shape[0], 40 * max(1, neighbors.k) * max(1, asked.nnz // max(1, asked.shape[0]))):
        entries = asked[block].tocoo()
        own, column = entries.row + block.start, entries.col
        partner = neighbors.indices[own].ravel()
        label = np.repeat(column, neighbors.k)
        positive = _has(positives, partner, label)
        exception = _has(labels.exceptions, partner, label)
        hits += np.bincount(label[positive], minlength=n_labels)
        known += np.bincount(label[~exception if unlisted_known else positive | exception], minlength=n_labels)
    n_asked = np.bincount(asked.indices, minlength=n_labels)
    defined = (n_asked >= np.clip(labels.n_positive, 2, LEAST_ASKED)) & (known > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        lift, blind = _seen(hits / known, labels.n_positive / n_known)
    frame = pl.DataFrame({"label": np.arange(n_labels), "lift": np.where(defined, lift, np.nan), "invisible": blind})
    frame = frame.with_columns(pl.col("lift").fill_nan(None))
    return frame.with_columns(pl.when(pl.col("lift").is_not_null()).then("invisible"))


class Sight(NamedTuple):
    """Whether an embedding sees a label: its lift as of :func:`label_lift`, and whether that is so low that it does not."""

    lift: float
    invisible: bool


def lift_of(labels: LabelMatrix, column: int, X: np.ndarray, *, seed: int = 0) -> Sight | None:
    """The lift of one label, from at most 500 of its positives: no search of all items is needed for it.

    Parameters
    ----------
    labels : LabelMatrix, shape (n_items, n_labels)
    column : int
        Position of the label.
    X : array of float, shape (n_items, n_features)
        Embeddings of the items.
    seed : int
        Of the sample.

    Returns
    -------
    Sight or None
        None where there are fewer than two positives or no known neighbour of one.

    Examples
    --------
    >>> from labelscope.data.labels import from_dense
    >>> lift_of(from_dense([[1], [1], [0], [0]]), 0, np.array([[1, 0.1], [1, 0], [0, 1], [0.1, 1]])).lift
    0.6666666666666666
    """
    states = labels.columns(np.array([column]))[:, 0]
    rows = np.flatnonzero(states == POSITIVE)
    base = len(rows) / max(1, int((states != UNKNOWN).sum()))
    if len(rows) > N_LOOKED_AT:
        rows = np.sort(generator(seed, "lift", column).choice(rows, N_LOOKED_AT, replace=False))
    if len(rows) < 2:
        return None
    near = states[nearest_to(X, rows, min(N_NEIGHBORS, len(X) - 1), seed=seed).indices]
    known = int((near != UNKNOWN).sum())
    if not known:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):  # a label on every item has a base of 1
        lift, blind = _seen(np.array([(near == POSITIVE).sum() / known]), np.array([base]))
    return Sight(lift.item(), blind.item())


def _seen(near: np.ndarray, base: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lift, and whether a label is invisible, by the share of positives near positives and among all known cells."""
    lift, gain = near / base, (near - base) / (1 - base)
    return lift, (lift < INVISIBLE) & ~(gain >= GAIN)


def _has(matrix: sp.csr_matrix, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Whether each cell is stored in a csr matrix."""
    if not len(rows) or not matrix.nnz:
        return np.zeros(len(rows), bool)
    return np.asarray(matrix[rows, columns]).ravel().astype(bool)
