"""Clusters of similar items, to colour the map by: k-means on the embeddings, each group named by the label that sets it apart.

A way to look, not a finding: how many groups there are is fixed by how many colours can be told apart.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from labelscope.compute.executor import row_blocks
from labelscope.compute.vectors import unit_rows
from labelscope.data.labels import LabelMatrix

__all__ = ["group", "named"]

MOST_FITTED = 20_000  # items that the centres are found on
APART = 0.1  # share of its items that a label must have beyond its share of all to name a group


def group(X: np.ndarray, n_groups: int, *, seed: int = 0) -> np.ndarray:
    """The group of each item, int64 (n_items,), the largest group 0.

    Parameters
    ----------
    X : array of float, shape (n_items, n_features)
        Compared by direction.
    n_groups : int
        At most; fewer where there are fewer items.
    seed : int

    Examples
    --------
    >>> group(np.array([[1, 0], [1, 0.1], [0, 1]]), 2).tolist()
    [0, 0, 1]
    """
    from sklearn.cluster import MiniBatchKMeans  # slow to load

    fitted = np.random.default_rng(seed).permutation(len(X))[:MOST_FITTED]
    means = MiniBatchKMeans(min(n_groups, len(fitted)), n_init=3, random_state=seed).fit(unit_rows(X[np.sort(fitted)]))
    found = np.concatenate([means.predict(unit_rows(X[block])) for block in row_blocks(len(X), 4 * X.shape[1])])
    ranks = np.argsort(np.argsort(-np.bincount(found, minlength=means.n_clusters), kind="stable"), kind="stable")
    return ranks[found].astype(np.int64)


def named(groups: np.ndarray, labels: LabelMatrix, names: Sequence[str]) -> list[str]:
    """A name for each group: the label whose share of it is most above its share of all items, or a number.

    Examples
    --------
    >>> from labelscope.data.labels import from_dense
    >>> named(np.array([0, 0, 1]), from_dense([[1], [1], [0]]), ["dog"])
    ['1 · dog', '2']
    """
    sizes = np.maximum(1, np.bincount(groups))
    member = sp.csr_matrix((np.ones(len(groups)), (groups, np.arange(len(groups)))), shape=(len(sizes), len(groups)))
    shares = np.asarray((member @ labels.positives.astype(np.float64)).todense()) / sizes[:, None]
    above = shares - labels.n_positive / max(1, len(groups))
    best = above.argmax(axis=1)
    return [f"{i + 1} · {names[k]}" if above[i, k] >= APART else f"{i + 1}" for i, k in enumerate(best)]
