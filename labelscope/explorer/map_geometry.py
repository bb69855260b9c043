"""The map of items: coordinates as bytes, and the items inside a lasso or near a stroke.

Coordinates go to the browser once as float32; a lasso comes back as a polygon and the selection goes out as one bit an item.
"""

from __future__ import annotations

import numpy as np
import polars as pl

__all__ = ["coordinates", "inside", "near", "pack"]


def coordinates(frame: pl.DataFrame, item_ids: pl.Series) -> np.ndarray:
    """Coordinates of every item in the order of `item_ids`, float32 (n_items, 2); NaN for an item that is not on the map."""
    if frame.height != len(item_ids) or not frame["item_id"].equals(item_ids):
        frame = pl.DataFrame({"item_id": item_ids}).join(frame, on="item_id", how="left", maintain_order="left")
    return np.ascontiguousarray(frame.select("x", "y").to_numpy().astype(np.float32))


def inside(xy: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """Which points lie inside a polygon, by the even-odd rule.

    Parameters
    ----------
    xy : array, shape (n_points, 2)
    polygon : array, shape (n_vertices, 2)
        Closed by itself; fewer than three vertices enclose nothing.

    Returns
    -------
    array of bool, shape (n_points,)

    Examples
    --------
    >>> inside(np.array([[0.5, 0.5], [2.0, 0.5]]), np.array([[0, 0], [1, 0], [1, 1], [0, 1]])).tolist()
    [True, False]
    """
    out = np.zeros(len(xy), bool)
    if len(polygon) < 3:
        return out
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    near = np.flatnonzero((xy >= low).all(axis=1) & (xy <= high).all(axis=1))
    x, y = xy[near, 0].astype(np.float64), xy[near, 1].astype(np.float64)
    odd = np.zeros(len(near), bool)
    for (x1, y1), (x2, y2) in zip(polygon.astype(np.float64), np.roll(polygon, -1, axis=0).astype(np.float64), strict=True):
        if y1 != y2:
            crosses = (y1 > y) != (y2 > y)
            odd ^= crosses & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    out[near] = odd
    return out


def near(xy: np.ndarray, stroke: np.ndarray, radius: float) -> np.ndarray:
    """Which points lie within `radius` of a line through the points of `stroke`.

    Parameters
    ----------
    xy : array, shape (n_points, 2)
    stroke : array, shape (n_vertices, 2)
        One vertex is a dab.
    radius : float

    Returns
    -------
    array of bool, shape (n_points,)

    Examples
    --------
    >>> near(np.array([[0.5, 0.1], [0.5, 0.9]]), np.array([[0.0, 0.0], [1.0, 0.0]]), 0.2).tolist()
    [True, False]
    """
    out = np.zeros(len(xy), bool)
    ends = stroke.astype(np.float64)
    candidates = np.flatnonzero((xy >= ends.min(axis=0) - radius).all(axis=1) & (xy <= ends.max(axis=0) + radius).all(axis=1))
    points = xy[candidates].astype(np.float64)
    close = np.zeros(len(points), bool)
    for start, end in zip(ends, ends[1:] if len(ends) > 1 else ends, strict=False):
        along = end - start
        share = np.clip((points - start) @ along / max(float(along @ along), 1e-30), 0, 1)
        close |= ((points - start - share[:, None] * along) ** 2).sum(axis=1) <= radius**2
    out[candidates] = close
    return out


def pack(mask: np.ndarray) -> bytes:
    """A mask as one bit an item, the first item in the lowest bit of the first byte."""
    return np.packbits(mask, bitorder="little").tobytes()
