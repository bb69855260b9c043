"""The span of a few items in a space of many features: what a matrix of features x features would say, at the size of the items."""

from __future__ import annotations

import numpy as np

from labelscope.compute.executor import one_thread

__all__ = ["rotate_to_span"]


def rotate_to_span(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Orthonormal axes that hold all items, and the items on these axes: ``rows == rotated @ axes.T``.

    Whatever rests on inner products alone (a ridge regression, principal components) has the same answer for the rotated
    items. Worth its time where there are fewer items than features.

    Parameters
    ----------
    rows : array of shape (n_items, n_features)

    Returns
    -------
    axes : float64, shape (n_features, n_axes)
        As many as the smaller of the two sizes.
    rotated : float64, shape (n_items, n_axes)

    Examples
    --------
    >>> axes, rotated = rotate_to_span(np.array([[3.0, 0, 4, 0], [0, 1, 0, 0]]))
    >>> axes.shape, np.allclose(rotated @ axes.T, [[3, 0, 4, 0], [0, 1, 0, 0]])
    ((4, 2), True)
    """
    with one_thread():
        axes, triangle = np.linalg.qr(np.asarray(rows, np.float64).T)
    return axes, np.ascontiguousarray(triangle.T)
