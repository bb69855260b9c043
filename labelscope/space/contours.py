"""Lines of equal density around points in the plane: where points hide one another, they say where most of them lie."""

from __future__ import annotations

import numpy as np

from labelscope.space.basins import N_CELLS, Raster

__all__ = ["contours"]

WIDTH = 0.012  # of the Gaussian, as a share of the side of the map
HELD = (0.25, 0.5, 0.75)  # shares of the points that lie inside the lines
SHORTEST = 12  # points of a line: a shorter one is around a handful of items


def contours(raster: Raster) -> list[np.ndarray]:
    """Lines inside which a quarter, a half and three quarters of the points lie: those of the highest density.

    Parameters
    ----------
    raster : Raster

    Returns
    -------
    list of float32 arrays, shape (n_vertices, 2)
        In units of the points; empty without points.

    Notes
    -----
    Highest density regions (Hyndman 1996), of a histogram smoothed by a Gaussian.

    Examples
    --------
    >>> xy = np.random.default_rng(0).normal(size=(2000, 2))
    >>> all(line.shape[1] == 2 for line in contours(Raster.of(xy)))
    True
    """
    from contourpy import contour_generator  # slow to load, and not needed before a map is shown

    density = raster.density(WIDTH)
    at_points = np.sort(density.ravel()[raster.cells[raster.cells >= 0]])
    if not len(at_points):
        return []
    middles = raster.centre(np.arange(N_CELLS**2)).reshape(N_CELLS, N_CELLS, 2)
    drawn = contour_generator(middles[0, :, 0], middles[:, 0, 1], density)
    lines: list[np.ndarray] = []
    for held in HELD:
        level = at_points[int((1 - held) * (len(at_points) - 1))]
        lines += [np.asarray(line, np.float32) for line in drawn.lines(level) if len(line) >= SHORTEST]
    return lines
