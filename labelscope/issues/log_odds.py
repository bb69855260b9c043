"""Probabilities as log-odds and back."""

from __future__ import annotations

import numpy as np

__all__ = ["logit", "sigmoid"]

EDGE = 1e-6


def logit(p: np.ndarray) -> np.ndarray:
    """Log-odds of probabilities, kept finite; same shape and type of float.

    Examples
    --------
    >>> logit(np.array([0.5, 0.0])).round(1).tolist()
    [0.0, -13.8]
    """
    p = np.clip(p, EDGE, 1 - EDGE)
    return np.asarray(np.log(p / (1 - p)))


def sigmoid(z: np.ndarray) -> np.ndarray:
    """Probabilities of log-odds, same shape and type of float.

    Examples
    --------
    >>> sigmoid(np.array([0.0, -1000.0])).round(3).tolist()
    [0.5, 0.0]
    """
    return np.asarray(1 / (1 + np.exp(-np.clip(z, -30, 30))))
