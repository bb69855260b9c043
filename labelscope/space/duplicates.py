"""Near-duplicates: found without comparing all items with all, by hyperplane hashing (Charikar 2002), and where their labels differ."""

from __future__ import annotations

import numpy as np

from labelscope.compute.executor import row_blocks
from labelscope.compute.seeds import generator
from labelscope.data.labels import UNKNOWN, LabelMatrix

__all__ = ["hashed_duplicates", "n_different", "pair_cosines", "unlike_cells"]

TABLES, SPARE_BITS = 4, 1  # a pair is found if one of the tables puts it into one cell; bits beyond those that tell n_items apart
REACH = 3  # items of a cell are compared with so many that follow them
GUIDES = 8  # directions along which a pair must be close before its cosine is taken


def hashed_duplicates(features: np.ndarray, threshold: float, seed: int) -> np.ndarray:
    """Pairs of items at least this similar, without comparing all pairs, int64 (n_pairs, 2).

    The sides on which an item lies of hyperplanes through the data (perpendicular to items drawn at random) are its key;
    items of one key are sorted along one direction and compared with those that follow. Copies always meet. A pair at a
    cosine of 0.995 falls apart in one table with a probability of 0.2 to 0.4, so that of four tables 97% or more of such
    pairs meet in at least one, and the closer the surer.

    Parameters
    ----------
    features : array of shape (n_items, n_features)
    threshold : float
        Cosine.
    seed : int
    """
    n_items = len(features)
    n_bits = n_items.bit_length() + SPARE_BITS
    chosen = generator(seed, "duplicates").integers(n_items, size=TABLES * n_bits)
    planes = _unit(features[np.sort(chosen)])
    planes -= planes.mean(axis=0)
    powers = np.kron(np.eye(TABLES), 2.0 ** np.arange(n_bits)[:, None]).astype(np.float32 if n_bits <= 24 else np.float64)  # exact
    keys, along = np.empty((TABLES, n_items), np.uint16 if n_bits <= 16 else np.int64), np.empty((n_items, GUIDES), np.float32)
    for block in row_blocks(n_items, 4 * (features.shape[1] + 2 * len(planes))):
        sides = _unit(features[block]) @ planes.T
        along[block] = sides[:, :GUIDES]
        keys[:, block] = ((sides > planes @ planes.mean(axis=0)).astype(powers.dtype) @ powers).T
    order = np.argsort(along[:, 0], kind="stable")
    candidates = np.concatenate([_within_cells(order, key, along, (2 - 2 * threshold) ** 0.5) for key in keys])
    return candidates[pair_cosines(features, candidates) >= threshold]


def pair_cosines(features: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Cosine similarity of the two items of each pair, float32 (n_pairs,); 0 where either vector is zero.

    Parameters
    ----------
    features : array of shape (n_items, n_features)
    pairs : array of int64, shape (n_pairs, 2)
    """
    cosines = np.empty(len(pairs), np.float32)
    for block in row_blocks(len(pairs), 16 * features.shape[1]):
        a, b = (_unit(features[rows]) for rows in pairs[block].T)
        cosines[block] = np.einsum("ij,ij->i", a, b)
    return cosines


def n_different(labels: LabelMatrix, pairs: np.ndarray) -> np.ndarray:
    """Labels that are positive in one of a pair and negative in the other, int32 (n_pairs,).

    Parameters
    ----------
    labels : LabelMatrix
    pairs : array of int64, shape (n_pairs, 2)
    """
    different = np.zeros(len(pairs), np.int32)
    for block in row_blocks(len(pairs), labels.shape[1] * 4):
        different[block] = _unlike(labels, pairs[block]).sum(axis=1)
    return different


def unlike_cells(labels: LabelMatrix, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The cells in which the items of pairs have other states, of both items, each once.

    Parameters
    ----------
    labels : LabelMatrix
    pairs : array of int64, shape (n_pairs, 2)

    Returns
    -------
    rows, labels : array of int64, shape (n_cells,)
    """
    found = []
    for block in row_blocks(len(pairs), labels.shape[1] * 4):
        pair, column = np.nonzero(_unlike(labels, pairs[block]))
        found += [pairs[block][pair, side] * labels.shape[1] + column for side in (0, 1)]
    keys = np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)
    return np.divmod(keys, labels.shape[1])


def _within_cells(order: np.ndarray, key: np.ndarray, along: np.ndarray, radius: float) -> np.ndarray:
    """Pairs of items of one cell that may be within `radius` of each other (unit vectors, so no projection is further apart)."""
    order = order[np.argsort(key[order], kind="stable")]
    key, pairs = key[order], []
    for ahead in range(1, REACH + 1):
        together = np.flatnonzero(key[ahead:] == key[:-ahead])
        pairs.append(np.stack([order[together], order[together + ahead]], axis=1))
    found = np.concatenate(pairs)
    return found[np.abs(along[found[:, 0]] - along[found[:, 1]]).max(axis=1, initial=0) <= radius]


def _unit(rows: np.ndarray) -> np.ndarray:
    rows = np.asarray(rows, np.float32)
    length = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    return rows / np.where(length > 0, length, 1)


def _unlike(labels: LabelMatrix, pairs: np.ndarray) -> np.ndarray:
    """Where the two of a pair have other states, both known, bool (n_pairs, n_labels)."""
    one, other = (labels.dense(rows) for rows in pairs.T)
    return (one != other) & (one != UNKNOWN) & (other != UNKNOWN)
