"""An order of labels in which those that occur together lie side by side, so that blocks show."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from labelscope.compute.vectors import unit_rows

__all__ = ["cluster_order", "sparse_cluster_order"]

OPTIMAL_UP_TO = 200  # labels; optimal leaf ordering takes cubic time
DENSE_UP_TO = 1000  # labels; a tree of more takes their square in memory and time
N_COMPONENTS = 48


def cluster_order(similarity: np.ndarray) -> np.ndarray:
    """Order of the leaves of an average-linkage tree on 1 - similarity.

    Parameters
    ----------
    similarity : array of shape (n_labels, n_labels)
        Symmetric, in [-1, 1].

    Returns
    -------
    array of int, shape (n_labels,)
        Up to 200 labels in optimal leaf order (Bar-Joseph et al., Bioinformatics 2001).
    """
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
    from scipy.spatial.distance import squareform

    if len(similarity) < 3:
        return np.arange(len(similarity))
    distance = squareform(1.0 - np.clip(similarity, -1, 1), checks=False)
    tree = linkage(distance, "average")
    if len(similarity) <= OPTIMAL_UP_TO:
        tree = optimal_leaf_ordering(tree, distance)
    return np.asarray(leaves_list(tree))


def sparse_cluster_order(similarity: sp.csr_matrix) -> np.ndarray:
    """:func:`cluster_order` of any number of labels, from the similarities that are not 0.

    More than 1,000 labels are first put into groups (k-means on the leading singular vectors), then the groups are ordered,
    and the labels in each.

    Parameters
    ----------
    similarity : scipy.sparse.csr_matrix of shape (n_labels, n_labels)
        Symmetric, in [-1, 1].

    Returns
    -------
    array of int, shape (n_labels,)
    """
    n = similarity.shape[0]
    if n <= DENSE_UP_TO:
        dense = similarity.toarray()
        np.fill_diagonal(dense, 1.0)
        return cluster_order(dense)
    linked = np.flatnonzero(np.diff(similarity.indptr))
    alone = np.setdiff1d(np.arange(n), linked)
    if len(linked) <= DENSE_UP_TO:
        return np.concatenate([linked[sparse_cluster_order(similarity[linked][:, linked])], alone])
    linking = similarity[linked][:, linked]
    places = _places(linking)
    group, centres = _groups(places)
    order = [_within(np.flatnonzero(group == g), linking, places) for g in cluster_order(_cosines(centres))]
    return np.concatenate([linked[np.concatenate(order)], alone])


def _within(members: np.ndarray, similarity: sp.csr_matrix, places: np.ndarray) -> np.ndarray:
    """The labels of a group in order: by what they share with one another, or in a large one by where they lie."""
    small = len(members) <= DENSE_UP_TO
    return members[sparse_cluster_order(similarity[members][:, members]) if small else np.argsort(places[members, -1], kind="stable")]


def _places(similarity: sp.csr_matrix) -> np.ndarray:
    """Labels as points: those with the same neighbours lie together."""
    from scipy.sparse.linalg import svds

    n = similarity.shape[0]
    matrix = sp.csr_matrix(similarity, dtype=np.float64) + sp.identity(n, format="csr")
    left, values, _ = svds(matrix, k=min(N_COMPONENTS, n - 2), v0=np.full(n, n**-0.5))
    return np.asarray(left * values)


def _groups(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Group of each label, none of more than 1,000 where that can be helped, and the centres of the groups."""
    from sklearn.cluster import KMeans

    n_groups = min(400, max(2, round(2 * len(places) ** 0.5)))
    found = KMeans(n_groups, n_init=1, max_iter=50, random_state=0).fit(unit_rows(places))
    used = np.unique(found.labels_)
    return np.searchsorted(used, found.labels_), found.cluster_centers_[used]


def _cosines(places: np.ndarray) -> np.ndarray:
    unit = unit_rows(places)
    return np.asarray(unit @ unit.T)
