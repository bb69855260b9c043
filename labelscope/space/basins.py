"""Regions of points in the plane: each belongs to the peak of the density that it leads up to.

The density is a histogram smoothed by a Gaussian; from each of its cells the steepest way up ends at a peak, as in a watershed. A
wider Gaussian leaves fewer peaks, which gives the regions of a farther look.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

__all__ = ["Basins", "Raster", "basins"]

N_CELLS = 256  # of the raster, in each direction


@dataclass(frozen=True, eq=False)
class Raster:
    """Points in the plane by the cells of a square grid.

    Attributes
    ----------
    cells : array of int64, shape (n_points,)
        Row-major; -1 for a point without finite coordinates.
    low : array of float64, shape (2,)
        The corner of the grid.
    side : float
        Of a cell, in units of the points.
    """

    cells: np.ndarray
    low: np.ndarray
    side: float

    @classmethod
    def of(cls, xy: np.ndarray) -> Raster:
        """The points of an array of shape (n_points, 2)."""
        known = np.isfinite(xy).all(axis=1)
        cells = np.full(len(xy), -1, np.int64)
        if not known.any():
            return cls(cells, np.zeros(2), 1.0)
        points = xy[known].astype(np.float64)
        low, high = points.min(axis=0), points.max(axis=0)
        side = max(float((high - low).max()), 1e-9) / (N_CELLS - 1)
        low = (low + high - side * N_CELLS) / 2
        at = np.clip((points - low) / side, 0, N_CELLS - 1).astype(np.int64)
        cells[known] = at[:, 1] * N_CELLS + at[:, 0]
        return cls(cells, low, side)

    def density(self, width: float, weights: np.ndarray | None = None) -> np.ndarray:
        """Smoothed number of points (or sum of their weights) of each cell, float64 (n_cells, n_cells).

        Parameters
        ----------
        width : float
            Standard deviation of the Gaussian, as a share of the side of the grid.
        weights : array, shape (n_points,), optional
        """
        known = self.cells >= 0
        counts = np.bincount(self.cells[known], None if weights is None else weights[known], N_CELLS**2)
        return np.asarray(gaussian_filter(counts.reshape(N_CELLS, N_CELLS).astype(np.float64), width * N_CELLS, mode="constant"))

    def centre(self, cells: np.ndarray) -> np.ndarray:
        """The middle of some cells, in units of the points, float64 (n, 2)."""
        return self.low + self.side * (np.stack([cells % N_CELLS, cells // N_CELLS], axis=1) + 0.5)


@dataclass(frozen=True, eq=False)
class Basins:
    """Points by the peak that they lead up to.

    Attributes
    ----------
    codes : array of int64, shape (n_points,)
        Basin of each point, the largest 0; -1 for a point in none.
    peaks : array of float64, shape (n_basins, 2)
    """

    codes: np.ndarray
    peaks: np.ndarray


def basins(raster: Raster, width: float, *, least: int, most: int) -> Basins:
    """The basins of the points of a raster.

    Parameters
    ----------
    raster : Raster
    width : float
        Of the Gaussian, as for :meth:`Raster.density`.
    least : int
        Points of a basin at least.
    most : int
        Basins at most: the largest.

    Examples
    --------
    >>> xy = np.array([[0, 0], [0, 0.1], [9, 9], [9.1, 9], [9, 9.1], [5, 0]])
    >>> basins(Raster.of(xy), 0.03, least=2, most=5).codes.tolist()
    [1, 1, 0, 0, 0, -1]
    """
    up = _uphill(raster.density(width))
    known = np.flatnonzero(raster.cells >= 0)
    peak, code = np.unique(up[raster.cells[known]], return_inverse=True)
    sizes = np.bincount(code, minlength=len(peak))
    kept = np.argsort(-sizes, kind="stable")[:most]
    kept = kept[sizes[kept] >= least]
    place = np.full(len(peak), -1, np.int64)
    place[kept] = np.arange(len(kept))
    codes = np.full(len(raster.cells), -1, np.int64)
    codes[known] = place[code]
    return Basins(codes, raster.centre(peak[kept]))


def _uphill(density: np.ndarray) -> np.ndarray:
    """The cell in which the steepest way up from each cell ends, int64 (n_cells * n_cells,)."""
    n = len(density)
    apart = 1 + 1e-9 * np.arange(n * n).reshape(n, n) / (n * n)  # equal neighbours on a summit are one peak
    framed = np.pad(density * apart, 1, constant_values=-1.0)
    steps = [(0, 0), *((dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0))]  # to stay comes first: no circles
    around = np.stack([framed[1 + dy : 1 + dy + n, 1 + dx : 1 + dx + n] for dy, dx in steps])
    by = np.array([dy * n + dx for dy, dx in steps])[around.argmax(axis=0)].ravel()
    to = np.arange(n * n) + by
    while True:
        further = to[to]
        if np.array_equal(further, to):
            return to
        to = further
