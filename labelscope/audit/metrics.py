"""What a model is judged by: each metric is a ratio of two sums over cells, linear in the truth of each cell."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = ["CODES", "METRICS", "Metric", "count_value", "value_of"]

CODES = 4  # of a cell: twice the given state (0, 1) plus what the model says (0, 1)
GIVEN, SAID = np.arange(CODES) // 2, np.arange(CODES) % 2


class Metric(NamedTuple):
    """A ratio (sum of top * truth + top_rest) / (sum of bottom * truth + bottom_rest); each part float64 (CODES,), by code of the cell."""

    top: np.ndarray
    top_rest: np.ndarray
    bottom: np.ndarray
    bottom_rest: np.ndarray


def _metric(top: tuple[int, int], top_rest: tuple[int, int], bottom: tuple[int, int], bottom_rest: tuple[int, int]) -> Metric:
    """Each part is given for cells that the model leaves out, and for those that it says are positive."""
    return Metric(*(np.asarray(part, np.float64)[SAID] for part in (top, top_rest, bottom, bottom_rest)))


METRICS = {
    "f1": _metric((0, 2), (0, 0), (1, 1), (0, 1)),
    "precision": _metric((0, 1), (0, 0), (0, 0), (0, 1)),
    "recall": _metric((0, 1), (0, 0), (1, 1), (0, 0)),
    "accuracy": _metric((-1, 1), (1, 0), (0, 0), (1, 1)),
}


def value_of(top: float, bottom: float) -> float:
    """The ratio, NaN where there is nothing to divide by."""
    return top / bottom if bottom > 0 else float("nan")


def count_value(metric: Metric, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both sums of a metric where the given state is taken for the truth, float64 of the leading shape of `counts` each.

    Parameters
    ----------
    metric : Metric
    counts : int array of shape (..., CODES)
        Cells by code.
    """
    return counts @ (metric.top * GIVEN + metric.top_rest), counts @ (metric.bottom * GIVEN + metric.bottom_rest)
