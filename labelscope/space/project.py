"""The map of the items: embeddings in the plane, at once by PCA, better by UMAP, with a figure of how far to trust it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from labelscope.compute.cache import cached, content_key
from labelscope.compute.progress import advance
from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.results import Result
from labelscope.errors import StageError
from labelscope.space.embed import embed
from labelscope.space.layout import FULL_LIMIT, N_LANDMARKS, STAGE, lay_out, lay_out_by_landmarks, principal_axes
from labelscope.space.quality import MISLEADING, distortion, map_quality

__all__ = ["EmbeddingMap", "embedding_map", "project"]

METHODS = ("umap", "pca")


@dataclass(frozen=True, eq=False, repr=False)
class EmbeddingMap(Result):
    """The items in the plane: what is near is alike; distances between far groups mean little.

    Attributes
    ----------
    frame : polars.DataFrame
        `item_id`, `x`, `y` (Float32), `distortion` (Float32, 0 to 1: how far the map misleads about the item, see
        :func:`labelscope.space.quality.distortion`; null where not measured), in the order of the data set.
    method : {"umap", "pca"}
    n_landmarks : int or None
        Items that UMAP laid out where it did not lay out all of them.
    trustworthiness, continuity : float
        In [0, 1] at k = 15, see :func:`labelscope.space.quality.map_quality`. NaN where not measured: below four items,
        and for PCA of more than `labelscope.space.layout.FULL_LIMIT` items, which is there to be seen at once.
    """

    method: str = "umap"
    n_landmarks: int | None = None
    trustworthiness: float = float("nan")
    continuity: float = float("nan")

    @property
    def misleading(self) -> bool:
        """Whether so many neighbours on the map are none in the embedding that groups on it need a second look."""
        return min(self.trustworthiness, self.continuity) < MISLEADING

    def summary(self) -> str:
        """One line of plain text that says how it was made and how far to trust it."""
        landmarks = "" if self.n_landmarks is None else f" from {self.n_landmarks:,} landmarks"
        measured = np.isfinite(self.trustworthiness)
        quality = f": trustworthiness {self.trustworthiness:.2f}, continuity {self.continuity:.2f}" if measured else ""
        warning = "; neighbours on this map are often none in the embedding" if self.misleading else ""
        return f"Map of {self.frame.height:,} items by {self.method.upper()}{landmarks}{quality}{warning}"


def project(X: np.ndarray, *, method: str = "umap", seed: int = 0, n_landmarks: int | None = None) -> np.ndarray:
    """Embeddings in two dimensions.

    Parameters
    ----------
    X : array of float, shape (n_items, n_features)
    method : {"umap", "pca"}
        UMAP keeps neighbourhoods (of cosine similarity); PCA is instant and keeps the directions of largest variance.
    seed : int
        The same seed gives the same map.
    n_landmarks : int, optional
        UMAP lays out this many items and places the others among them. Default: all items up to
        `labelscope.space.layout.FULL_LIMIT` (10,000), 5,000 beyond.

    Returns
    -------
    float32, shape (n_items, 2)
        Finite. Kept by content.

    Raises
    ------
    StageError
        If the method is unknown or `X` is not a finite array of two dimensions.

    Examples
    --------
    >>> project(np.eye(4), method="pca").shape
    (4, 2)
    """
    if method not in METHODS:
        raise StageError(f'map: expected method="umap" or method="pca", got {method!r}')
    if X.ndim != 2:
        raise StageError(f"map: expected an array of shape (n_items, n_features), got {X.shape}")
    if method == "pca":
        return _finite(principal_axes(X))
    n_landmarks = _landmarks(len(X), n_landmarks)

    def compute() -> dict[str, np.ndarray]:
        rows = np.asarray(X, np.float32)
        everything = n_landmarks is None
        return {"Y": lay_out(rows, seed=seed) if everything else lay_out_by_landmarks(rows, n_landmarks=n_landmarks or 0, seed=seed)}

    return _finite(cached(content_key("umap", 1, X, seed, n_landmarks), compute)["Y"])


@checked
def embedding_map(ds: Dataset, *, method: str = "umap", seed: int = 0, n_landmarks: int | None = None) -> EmbeddingMap:
    """The map of the items of a data set.

    Parameters
    ----------
    ds : Dataset
        With embeddings, a text or an image.
    method : {"umap", "pca"}
    seed : int
    n_landmarks : int, optional
        See :func:`project`.

    Returns
    -------
    EmbeddingMap

    Raises
    ------
    StageError
        If there is nothing to embed, or the method is unknown.

    Examples
    --------
    >>> ds = Dataset.from_arrays([[1], [0], [1], [0]], embeddings=np.eye(4))
    >>> embedding_map(ds, method="pca").frame.columns
    ['item_id', 'x', 'y', 'distortion']
    """
    X = embed(ds, seed=seed)
    Y = project(X, method=method, seed=seed, n_landmarks=n_landmarks)
    if method == "pca" and ds.n_items > FULL_LIMIT:
        trustworthiness, continuity, misled = float("nan"), float("nan"), np.full(ds.n_items, np.nan, np.float32)
    else:
        trustworthiness, continuity, misled = _quality(X, Y, seed)
    advance(STAGE, 1.0)
    return EmbeddingMap(
        pl.DataFrame({"item_id": ds.item_ids, "x": Y[:, 0], "y": Y[:, 1], "distortion": misled}).with_columns(
            pl.col("distortion").fill_nan(None)
        ),
        method=method,
        n_landmarks=_landmarks(ds.n_items, n_landmarks) if method == "umap" else None,
        trustworthiness=trustworthiness,
        continuity=continuity,
    )


def _landmarks(n_items: int, wanted: int | None) -> int | None:
    """How many landmarks to lay out; None for all items."""
    if wanted is None:
        return N_LANDMARKS if n_items > FULL_LIMIT else None
    if wanted < 1:
        raise StageError(f"map: expected a positive number of landmarks, got {wanted}; leave n_landmarks out for the default")
    return wanted if wanted < n_items else None


def _quality(X: np.ndarray, Y: np.ndarray, seed: int) -> tuple[float, float, np.ndarray]:
    def compute() -> dict[str, np.ndarray]:
        quality = map_quality(X, Y, seed=seed)
        measured = np.array([quality.trustworthiness, quality.continuity])
        return {"quality": measured, "distortion": distortion(X, Y, seed=seed)}

    found = cached(content_key("map quality", 2, X, Y, seed), compute)
    trustworthiness, continuity = found["quality"]
    return float(trustworthiness), float(continuity), found["distortion"]


def _finite(Y: np.ndarray) -> np.ndarray:
    if not np.isfinite(Y).all():
        raise StageError("map: expected finite embeddings, got NaN, infinity or numbers beyond float32; rescale or drop them")
    return Y
