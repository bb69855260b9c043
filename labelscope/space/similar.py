"""Items like one item, found in one pass over the embeddings: for the filter "similar to this" and for evidence.

The search for all items (:func:`labelscope.space.neighbors.nearest`) keeps its answer on disk, by content: to look up
one item there means to read and hash the whole data set. One row against all is a matrix-vector product.
"""

from __future__ import annotations

import numpy as np

from labelscope.compute.executor import row_blocks

__all__ = ["Similarity"]


class Similarity:
    """Cosine similarity to single items.

    Parameters
    ----------
    embeddings : array of float, shape (n_items, n_features)
        Kept by reference; a memory map is read block by block.
    """

    def __init__(self, embeddings: np.ndarray) -> None:
        self._embeddings = embeddings
        self._norms: np.ndarray | None = None

    def nearest(self, row: int, k: int) -> tuple[np.ndarray, np.ndarray]:
        """The `k` items most like one, nearest first, itself left out.

        Parameters
        ----------
        row : int
        k : int
            At most n_items - 1 come back.

        Returns
        -------
        rows : array of int64, shape (k,)
        similarities : array of float32, shape (k,)
            In [-1, 1]; 0 where a vector is zero.

        Examples
        --------
        >>> Similarity(np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0]])).nearest(0, 1)[0].tolist()
        [1]
        """
        cosines = self._cosines(row)
        cosines[row] = -np.inf
        k = min(k, len(cosines) - 1)
        best = np.argpartition(-cosines, k)[:k] if k < len(cosines) - 1 else np.flatnonzero(np.isfinite(cosines))
        best = best[np.lexsort((best, -cosines[best]))]
        return best.astype(np.int64), cosines[best]

    def _cosines(self, row: int) -> np.ndarray:
        X = self._embeddings
        norms = self._norms = self._lengths() if self._norms is None else self._norms
        one = np.asarray(X[row], np.float32) / max(float(norms[row]), 1e-12)
        out = np.empty(len(X), np.float32)
        for block in row_blocks(len(X), X.shape[1] * 4):
            out[block] = np.asarray(X[block], np.float32) @ one
        return out / np.maximum(norms, 1e-12)

    def _lengths(self) -> np.ndarray:
        X = self._embeddings
        out = np.empty(len(X), np.float32)
        for block in row_blocks(len(X), X.shape[1] * 4):
            rows = np.asarray(X[block], np.float32)
            out[block] = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        return out
