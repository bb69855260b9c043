"""Vectors: rows of one length, so that a product is a cosine."""

from __future__ import annotations

import numpy as np

__all__ = ["unit_rows"]


def unit_rows(X: np.ndarray, *, tiny: float = 0.0) -> np.ndarray:
    """Rows of length 1, float of the kind of `X`, shape (n_rows, n_features); a row not longer than `tiny` becomes 0.

    Parameters
    ----------
    X : array of float, shape (n_rows, n_features)
    tiny : float
        Length up to which a row has no direction: what is left of it is rounding.

    Examples
    --------
    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    length = np.linalg.norm(X, axis=1, keepdims=True)
    return np.divide(X, length, out=np.zeros_like(X), where=length > tiny)
