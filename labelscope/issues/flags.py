"""Flags: which suspicious cells a person should look at, by a threshold that means something.

Two meanings. *Budget*: as many cells as somebody can review, a share of the given positives. *Precision*: as many as
can be listed while the share of them that is wrong is expected to stay above a figure, by the confidence of the cells.

Both hold for each kind of cell and each tier of labels by itself (head above 100 positives, tail below 20, as in
:mod:`labelscope.stats.long_tail`). So the many positives that a weak model doubts leave room for the missing ones, and
the head, which holds most of the cells, leaves the tail its share: at least `LEAST_FLAGS` cells a tier. No label is
flagged wholesale: of one label and kind, at most a share of its positives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from labelscope.compute.runs import run_places
from labelscope.data.labels import POSITIVE
from labelscope.errors import StageError
from labelscope.stats.long_tail import HEAD_ABOVE, TAIL_BELOW

__all__ = ["FindConfig", "check_config", "flag_cells"]

LEAST_FLAGS = 5


@dataclass(frozen=True)
class FindConfig:
    """How :func:`labelscope.find_issues` lists and flags.

    Attributes
    ----------
    flag : {"budget", "precision"}
        What bounds the flags: what somebody can review, or the expected share of them that is wrong.
    budget : float
        Most cells flagged of each kind and tier, as a share of the given positives of the tier's labels.
    precision : float
        Least mean confidence of the cells flagged of each kind and tier.
    flag_above : float
        Suspicion above which a cell may be flagged.
    label_share : float
        Most cells flagged of one label and kind, as a share of the label's positives: no label is flagged wholesale.
    list_above : float
        Suspicion from which a cell is listed in `cells` (the array `scores` holds all).
    max_cells : int
        Most cells listed, the most suspicious first.
    """

    flag: Literal["budget", "precision"] = "budget"
    budget: float = 0.03
    precision: float = 0.5
    flag_above: float = 0.5
    label_share: float = 0.5
    list_above: float = 0.2
    max_cells: int = 1_000_000


def check_config(config: FindConfig) -> FindConfig:
    """The configuration as it is.

    Raises
    ------
    StageError
        If a figure is outside [0, 1] or the meaning of a flag is unknown.
    """
    if config.flag not in ("budget", "precision"):
        raise StageError(f'flag: expected "budget" or "precision", got {config.flag!r}')
    for name in ("budget", "precision", "flag_above", "label_share", "list_above"):
        if not 0 <= getattr(config, name) <= 1:
            raise StageError(f"{name}: expected a number in [0, 1], got {getattr(config, name)!r}")
    return config


def flag_cells(
    suspicion: np.ndarray, confidence: np.ndarray, label: np.ndarray, states: np.ndarray, n_positive: np.ndarray, config: FindConfig
) -> np.ndarray:
    """Which cells are flagged, bool (n_cells,).

    Parameters
    ----------
    suspicion : float array of shape (n_cells,)
        Falling: the most suspicious cell comes first.
    confidence : float array of shape (n_cells,)
    label : int array of shape (n_cells,)
    states : array of 1 and 0, shape (n_cells,)
    n_positive : int array of shape (n_labels,)
    config : FindConfig
    """
    tiers = np.where(n_positive > HEAD_ABOVE, 0, np.where(n_positive >= TAIL_BELOW, 1, 2))
    positive = states == POSITIVE
    possible = suspicion > config.flag_above
    most = np.maximum(1, config.label_share * n_positive[label])
    possible &= _rank(np.where(possible, 2 * label + positive, -1)) < most
    flagged = np.zeros(len(suspicion), bool)
    for tier in range(3):
        budget = max(LEAST_FLAGS, int(np.ceil(config.budget * n_positive[tiers == tier].sum())))
        for kind in (positive, ~positive):
            cells = np.flatnonzero(possible & kind & (tiers[label] == tier))
            if config.flag == "budget":
                flagged[cells[:budget]] = True
            else:
                flagged[cells[: _longest(confidence[cells], config.precision)]] = True
    return flagged


def _longest(confidence: np.ndarray, precision: float) -> int:
    """Length of the longest head of the list whose mean confidence is at least `precision`."""
    reached = np.flatnonzero(np.cumsum(confidence) >= precision * np.arange(1, len(confidence) + 1))
    return int(reached[-1]) + 1 if len(reached) else 0


def _rank(group: np.ndarray) -> np.ndarray:
    """Place of each element within its group, from 0, in the order they come."""
    order = np.argsort(group, kind="stable")
    rank = np.empty(len(group), np.int64)
    rank[order] = run_places(group[order])
    return rank
