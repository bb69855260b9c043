"""The map of items: coordinates as bytes, colour codes, and the items inside a lasso.

Coordinates go to the browser once as float32, colours as one byte an item; a lasso comes back as a polygon and the
selection goes out as one bit an item. The palette is the view's own, so that it fits the theme.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from labelscope.data.labels import LabelMatrix
from labelscope.explorer.label_column import states_of

__all__ = ["Colours", "commonest_labels", "coordinates", "inside", "label_states", "near", "pack", "review_states", "suspicion_levels"]

N_LEVELS = 16
N_HUES = 10
STATE_ROLES = (
    ("negative", "Negative"),
    ("positive", "Positive"),
    ("unknown", "Unknown"),
    ("add", "Add suggested"),
    ("remove", "Remove suggested"),
)
REVIEW_ROLES = (
    ("negative", "Nothing suggested"),
    ("pending", "Pending"),
    ("accepted", "Accepted"),
    ("rejected", "Rejected"),
    ("skipped", "Skipped"),
)


@dataclass(frozen=True)
class Colours:
    """One code an item and what the codes mean.

    Attributes
    ----------
    codes : array of uint8, shape (n_items,)
    legend : list of {"code", "name", "role", "count"}
        `role` is the entry of the view's palette.
    """

    codes: np.ndarray
    legend: list[dict[str, Any]]

    @classmethod
    def of(cls, codes: np.ndarray, roles: Sequence[tuple[str, str]]) -> Colours:
        """Codes 0, 1, ... that stand for the (role, name) at that position."""
        counts = np.bincount(codes, minlength=len(roles))
        legend = [{"code": code, "name": name, "role": role, "count": int(counts[code])} for code, (role, name) in enumerate(roles)]
        return cls(codes.astype(np.uint8), legend)


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


def label_states(labels: LabelMatrix, label: int, decided: tuple[np.ndarray, np.ndarray], adds: np.ndarray, removes: np.ndarray) -> Colours:
    """State of one label.

    Parameters
    ----------
    labels, label, decided
        As for :func:`labelscope.explorer.label_column.states_of`.
    adds, removes : array of int
        Rows of the items with a pending suggestion for it.
    """
    states = states_of(labels, label, decided)
    codes = np.where(states < 0, 2, states)
    codes[adds], codes[removes] = 3, 4
    return Colours.of(codes, STATE_ROLES)


def commonest_labels(labels: LabelMatrix, names: Sequence[str]) -> Colours:
    """Each item in the colour of the rarest of its labels among the ten commonest."""
    common = np.argsort(-labels.n_positive, kind="stable")[: min(N_HUES, len(names))]
    other, none = len(common), len(common) + 1
    place = np.zeros(labels.shape[1], np.uint8)
    place[common] = np.arange(1, len(common) + 1)  # the rarer, the higher; 0 for the others
    codes = np.full(labels.shape[0], none, np.uint8)
    starts = labels.positives.indptr
    labelled = np.flatnonzero(np.diff(starts))
    if len(labelled):
        highest = np.maximum.reduceat(place[labels.positives.indices], starts[labelled])
        codes[labelled] = np.where(highest > 0, highest - 1, other)
    roles = [(f"hue{code}", names[label]) for code, label in enumerate(common)]
    colours = Colours.of(codes, [*roles, ("other", "Other labels"), ("negative", "No label")])
    for entry, label in zip(colours.legend, common, strict=False):
        entry["count"] = int(labels.n_positive[label])  # an item may have several of them: the label's own count
    return colours


def suspicion_levels(suspicion: np.ndarray) -> Colours:
    """Suspicion in [0, 1] in steps; NaN (nothing to suspect) is the lowest."""
    codes = np.clip(np.nan_to_num(suspicion) * N_LEVELS, 0, N_LEVELS - 1).astype(np.int64)
    return Colours.of(codes, [(f"level{code}", f"{code / N_LEVELS:.2f}-{(code + 1) / N_LEVELS:.2f}") for code in range(N_LEVELS)])


def review_states(n_items: int, rows: np.ndarray, verdicts: np.ndarray) -> Colours:
    """What review has come to, by item: a pending suggestion counts before a decided one.

    Parameters
    ----------
    rows, verdicts : array of int, shape (n_suggestions,)
        Item of each suggestion, and its verdict: 0 pending, 1 accepted, 2 rejected, 3 skipped.
    """
    codes = np.zeros(n_items, np.int64)
    for verdict, code in ((3, 4), (2, 3), (1, 2), (0, 1)):
        codes[rows[verdicts == verdict]] = code
    return Colours.of(codes, REVIEW_ROLES)
