"""Colours of items: one code an item, and what the codes mean. The palette is the view's own, so that it fits the theme.

The app and a published page show the same colours with the same words, since both come from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from labelscope.data.labels import LabelMatrix
from labelscope.query.grammar import quoted

__all__ = [
    "NONE",
    "N_HUES",
    "Colours",
    "column_values",
    "common_words",
    "commonest_labels",
    "density_levels",
    "has_groups",
    "label_states",
    "number_levels",
    "review_states",
    "suspicion_levels",
]

N_LEVELS = 16
N_HUES = 10
OF_USUAL = (-2, 3)  # powers of two: from a quarter of the average to eight times
NONE = "(none)"
MOST_VALUES = 1000  # of a column of words: one with more names items, not groups of them
STATE_WORDS = {"positive": "", "negative": ":no", "unknown": ":?"}
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
        `role` is the entry of the view's palette. A level has its `ends` too: the lowest and the highest number, in words.
    """

    codes: np.ndarray
    legend: list[dict[str, Any]]

    @classmethod
    def of(cls, codes: np.ndarray, roles: Sequence[tuple[str, str]]) -> Colours:
        """Codes 0, 1, ... that stand for the (role, name) at that position."""
        counts = np.bincount(codes, minlength=len(roles))
        legend = [{"code": code, "name": name, "role": role, "count": int(counts[code])} for code, (role, name) in enumerate(roles)]
        return cls(codes.astype(np.uint8), legend)

    def queried(self, by: str, name: str = "") -> Colours:
        """The same, each entry with the query for its items where there is one.

        Parameters
        ----------
        by : {"labels", "label", "suspicion", "density", "review", "number", "cluster", "rater", "column"}
        name : str
            Of the label or column.
        """
        return replace(self, legend=[{**entry, **_query(by, name, entry)} for entry in self.legend])

    def of_items(self, rows: np.ndarray) -> Colours:
        """The colours of some items, counted among them."""
        codes = self.codes[rows]
        counts = np.bincount(codes, minlength=len(self.legend)).tolist()
        return Colours(codes, [{**entry, "count": n} for entry, n in zip(self.legend, counts, strict=True)])


def label_states(states: np.ndarray, adds: np.ndarray, removes: np.ndarray) -> Colours:
    """State of one label.

    Parameters
    ----------
    states : array of int8, shape (n_items,)
        1, 0 or -1.
    adds, removes : array of int
        Rows of the items with a pending suggestion for it.
    """
    codes = np.where(states < 0, 2, states)
    codes[adds], codes[removes] = 3, 4
    return Colours.of(codes, STATE_ROLES)


def commonest_labels(labels: LabelMatrix, names: Sequence[str]) -> Colours:
    """Each item in the colour of the rarest of its labels among the ten commonest.

    An item without a label is one that somebody found to have none: with an unknown cell it is unknown.
    """
    common = np.argsort(-labels.n_positive, kind="stable")[: min(N_HUES, len(names))]
    other, none, unknown = len(common), len(common) + 1, len(common) + 2
    place = np.zeros(labels.shape[1], np.uint8)
    place[common] = np.arange(1, len(common) + 1)  # the rarer, the higher; 0 for the others
    codes = np.where(labels.n_unknown_of_items > 0, unknown, none).astype(np.uint8)
    starts = labels.positives.indptr
    labelled = np.flatnonzero(np.diff(starts))
    if len(labelled):
        highest = np.maximum.reduceat(place[labels.positives.indices], starts[labelled])
        codes[labelled] = np.where(highest > 0, highest - 1, other)
    roles = [(f"hue{code}", names[label]) for code, label in enumerate(common)]
    colours = Colours.of(codes, [*roles, ("other", "Other labels"), ("negative", "No label"), ("unchecked", "Unknown")])
    for entry, label in zip(colours.legend, common, strict=False):
        entry["count"] = int(labels.n_positive[label])  # an item may have several of them: the label's own count
    return colours


def suspicion_levels(suspicion: np.ndarray) -> Colours:
    """Suspicion in [0, 1] in steps; NaN is that of an item without a cell to suspect."""
    return _levels(suspicion, [f"{edge:.2f}" for edge in np.linspace(0, 1, N_LEVELS + 1)], "Not measured")


def density_levels(times: np.ndarray) -> Colours:
    """How many times the usual share of errors there is around an item, in steps of a doubling's quarter; NaN where it is not known."""
    low, high = OF_USUAL
    steps = np.linspace(low, high, N_LEVELS + 1)
    with np.errstate(divide="ignore"):  # no error at all is the lowest step
        scaled = (np.log2(times) - low) / (high - low)
    return _levels(scaled, [f"{2.0**edge:.2g}× the average" for edge in steps], "Not measured")


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


def column_values(column: pl.Series) -> Colours:
    """A column of the items: levels where it holds many numbers, else a hue for each of its commonest values."""
    if column.dtype.is_numeric():
        values = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
        if len(np.unique(values[np.isfinite(values)][:5000])) > N_HUES:
            return number_levels(values)
    return common_words(column.cast(pl.String).fill_null(NONE))


def has_groups(column: pl.Series) -> bool:
    """Whether a column can be shown in colours: a number, or words that are few."""
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        return True
    return column.dtype in (pl.String, pl.Categorical, pl.Enum) and column.head(5000).n_unique() <= MOST_VALUES


def common_words(values: pl.Series) -> Colours:
    """A hue for each of the commonest values."""
    common = values.value_counts(sort=True)[values.name].head(N_HUES).to_list()
    codes = np.full(len(values), len(common), np.uint8)
    for code, value in enumerate(common):
        codes[(values == value).to_numpy()] = code
    return Colours.of(codes, [*((f"hue{code}", str(value)) for code, value in enumerate(common)), ("other", "Other")])


def number_levels(values: np.ndarray) -> Colours:
    """Levels between the 1st and the 99th percentile: a few extreme values must not take all the colours. NaN has no value."""
    values = np.asarray(values, np.float64)
    finite = values[np.isfinite(values)]
    low, high = (float(v) for v in np.percentile(finite, [1, 99])) if len(finite) else (0.0, 1.0)
    edges = [f"{edge:.3g}" for edge in np.linspace(low, high, N_LEVELS + 1)]
    return _levels((values - low) / max(high - low, 1e-12), edges, "No value")


def _levels(scaled: np.ndarray, edges: Sequence[str], missing: str) -> Colours:
    """Numbers in [0, 1], those beside it at its ends, in equal steps between these edges; NaN is of no step."""
    unknown = np.isnan(scaled)
    codes = np.clip(np.where(unknown, 0, scaled) * N_LEVELS, 0, N_LEVELS - 1).astype(np.uint8)
    codes[unknown] = N_LEVELS
    steps = list(pairwise(edges))
    colours = Colours.of(codes, [*((f"level{k}", " to ".join(ends)) for k, ends in enumerate(steps)), ("missing", missing)])
    for entry, ends in zip(colours.legend, steps, strict=False):
        entry["ends"] = list(ends)
    return colours


def _query(by: str, name: str, entry: dict[str, Any]) -> dict[str, str]:
    """The query for the items of one colour, where there is one."""
    role, value = entry["role"], entry["name"]
    if by == "labels" and role.startswith("hue"):
        return {"query": quoted(value)}
    if by == "label" and role in STATE_WORDS:
        return {"query": f"{quoted(name)}{STATE_WORDS[role]}"}
    if by == "review" and role != "negative":
        return {"query": f"is:{role}"}
    if by == "column" and role.startswith("hue") and value != NONE:
        return {"query": f"{quoted(name)}:{quoted(value)}"}
    return {}
