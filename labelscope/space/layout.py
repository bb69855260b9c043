"""Laying items out in the plane: UMAP of all of them, or of landmarks among which the others are placed.

UMAP of 54,643 sentence embeddings takes three quarters of a minute once compiled, and compiling it takes most of a
minute in every process, nearly all of it the neighbour search and its graph. So these are our own
(:mod:`labelscope.space.neighbors`, :mod:`labelscope.space.umap_graph`), umap-learn does the layout, and above `FULL_LIMIT`
items it lays out only `N_LANDMARKS` of them.

An item between two groups of landmarks must not land in the empty middle, where nothing is like it: a weighted mean
of its nearest landmarks does that and costs 0.10 of trustworthiness. So an item goes where most of its landmarks
are: at the median of the five most like it, then by two mean-shift steps towards the mode of the fifteen. A narrower
kernel scores higher still but piles the items up.
``benchmarks/RESULTS.md`` holds the alternatives that were measured.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from labelscope.compute.executor import row_blocks
from labelscope.compute.progress import advance
from labelscope.compute.seeds import generator
from labelscope.compute.span import rotate_to_span
from labelscope.space.neighbors import nearest, unit_rows
from labelscope.space.umap_graph import fuzzy_graph

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["FULL_LIMIT", "N_LANDMARKS", "lay_out", "lay_out_by_landmarks", "principal_axes"]

FULL_LIMIT = 10_000
N_LANDMARKS = 5_000
N_NEIGHBORS = 15  # umap-learn counts the item itself
FEWEST = 10  # items below which a neighbour graph says nothing
N_ANCHORS, N_MEDIAN = 15, 5  # landmarks that place an item; the most alike of them, whose median it starts from
N_SEARCHED = 128  # dimensions in which landmarks are compared
SHIFTS = 2
BANDWIDTH = 1.5  # of the mean shift, in distances from a landmark to its fifteenth nearest
STAGE = "map"


def principal_axes(X: np.ndarray, n_dimensions: int = 2) -> np.ndarray:
    """The items on their first principal components, float32 (n_items, n_dimensions). Instant, exact, and needs no seed."""
    centre = np.asarray(X.mean(axis=0, dtype=np.float64))
    if len(X) < X.shape[1]:
        axes = _axes_of_few(X - centre, n_dimensions)
    else:
        axes = np.linalg.eigh(_scatter(X, centre))[1][:, ::-1][:, :n_dimensions]
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])] < 0, -1, 1)  # one sign on every machine
    plane = np.zeros((len(X), n_dimensions), np.float32)
    for block in row_blocks(len(X), X.shape[1] * 8):
        plane[block, : axes.shape[1]] = (X[block] - centre) @ axes
    return plane


def _axes_of_few(rows: np.ndarray, n_axes: int) -> np.ndarray:
    """The directions that hold most of fewer rows than features, float64 (n_features, n_axes): looked for in the rows' span alone."""
    span, rotated = rotate_to_span(rows)
    return span @ np.linalg.eigh(rotated.T @ rotated)[1][:, ::-1][:, :n_axes]


def _scatter(X: np.ndarray, centre: np.ndarray) -> np.ndarray:
    scatter = np.zeros((X.shape[1], X.shape[1]))
    for block in row_blocks(len(X), X.shape[1] * 8, budget=8 << 20):
        rows = (X[block] - centre).astype(np.float32)
        scatter += rows.T @ rows
    return scatter


def lay_out(X: np.ndarray, *, n_dimensions: int = 2, min_dist: float = 0.1, seed: int = 0) -> np.ndarray:
    """UMAP of all items, float32 (n_items, n_dimensions).

    Parameters
    ----------
    X : float32, shape (n_items, n_features)
        Compared by cosine similarity.
    n_dimensions : int
        2 to look at, more to cluster in.
    min_dist : float
        How near items may lie: 0 packs groups tight, which is for clustering.
    seed : int
        The same seed gives the same map; for that umap-learn optimises in one thread.

    Notes
    -----
    L. McInnes, J. Healy, J. Melville, *UMAP* (arXiv:1802.03426), umap-learn's defaults (15 neighbours, min_dist 0.1)
    but exact neighbours, and 200 to 500 epochs (fewer the larger the set). Below `FEWEST` items: the first principal
    components.
    """
    if len(X) < FEWEST:
        return principal_axes(X, n_dimensions)
    found = nearest(X, N_NEIGHBORS - 1, seed=seed)
    graph = fuzzy_graph(found)
    whole = sp.csgraph.connected_components(graph, directed=False, return_labels=False) == 1
    advance(STAGE, 0.1)
    from umap.umap_ import find_ab_params, simplicial_set_embedding

    curve = find_ab_params(1.0, min_dist)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plane, _ = simplicial_set_embedding(
            X,
            graph,
            n_components=n_dimensions,
            initial_alpha=1.0,
            a=curve[0],
            b=curve[1],
            gamma=1.0,
            negative_sample_rate=5,
            n_epochs=int(np.clip(1_000_000 / len(X), 200, 500)),
            init="spectral" if whole else _wide_axes(X, n_dimensions, seed),  # a spectrum says nothing about how pieces lie to each other
            random_state=np.random.RandomState(seed),
            metric="cosine",
            metric_kwds={},
            densmap=False,
            densmap_kwds={},
            output_dens=False,
        )
    return np.asarray(plane, np.float32)


def lay_out_by_landmarks(X: np.ndarray, *, n_landmarks: int = N_LANDMARKS, seed: int = 0) -> np.ndarray:
    """UMAP of a random sample, every other item placed among the landmarks most like it; float32 (n_items, 2).

    Parameters
    ----------
    X : float32, shape (n_items, n_features)
    n_landmarks : int
        Size of the sample.
    seed : int
        Of the sample and of UMAP.
    """
    import torch

    chosen = np.sort(generator(seed, "landmarks").choice(len(X), n_landmarks, replace=False))
    plane = np.empty((len(X), 2), np.float32)
    plane[chosen] = lay_out(np.ascontiguousarray(X[chosen]), seed=seed)
    advance(STAGE, 0.5)
    axes = torch.from_numpy(_search_axes(unit_rows(X[chosen])))
    landmarks, places = torch.from_numpy(unit_rows(X[chosen])) @ axes, torch.from_numpy(plane[chosen])
    bandwidth = BANDWIDTH * _reach(plane[chosen])
    others = np.setdiff1d(np.arange(len(X)), chosen, assume_unique=True)
    for block in row_blocks(len(others), n_landmarks * 4):
        rows = torch.from_numpy(unit_rows(X[others[block]]))
        plane[others[block]] = _place(rows @ axes, landmarks, places, bandwidth).numpy()
        advance(STAGE, 0.5 + 0.5 * block.stop / len(others))
    return plane


def _place(rows: Tensor, landmarks: Tensor, places: Tensor, bandwidth: float) -> Tensor:
    import torch

    similarities, anchors = torch.topk(rows @ landmarks.T, min(N_ANCHORS, len(landmarks)), dim=1)
    anchor = places[anchors]
    distance = similarities[:, :1] - similarities
    weight = torch.exp(-distance / distance.mean(1, keepdim=True).clamp_min(1e-4))
    place = anchor[:, :N_MEDIAN].median(1).values
    for _ in range(SHIFTS):
        kernel = weight * torch.exp(-((anchor - place[:, None]) ** 2).sum(2) / (2 * bandwidth**2)) + 1e-12
        place = (kernel[..., None] * anchor).sum(1) / kernel.sum(1, keepdim=True)
    return place


def _search_axes(unit: np.ndarray) -> np.ndarray:
    """The `N_SEARCHED` directions that hold most of the similarities: enough to tell which landmarks are near, at less cost."""
    if len(unit) < unit.shape[1]:
        axes = _axes_of_few(unit, N_SEARCHED)
    else:
        axes = np.linalg.eigh((unit.T @ unit).astype(np.float64))[1][:, ::-1][:, :N_SEARCHED]
    return np.ascontiguousarray(axes, dtype=np.float32)


def _reach(plane: np.ndarray) -> float:
    """The usual distance from a landmark to its fifteenth nearest on the map."""
    from scipy.spatial import cKDTree

    distances, _ = cKDTree(plane).query(plane, min(N_NEIGHBORS + 1, len(plane)))
    return max(float(np.median(distances[:, -1])), 1e-6)


def _wide_axes(X: np.ndarray, n_dimensions: int, seed: int) -> np.ndarray:
    """The first principal components at the width of 20 that umap-learn starts from, with a little noise to part what coincides."""
    plane = principal_axes(X, n_dimensions)
    widest = float(np.abs(plane).max())
    noise = generator(seed, "layout").normal(scale=1e-3, size=plane.shape)
    return np.asarray(plane * (10 / widest if widest > 0 else 1) + noise, np.float32)
