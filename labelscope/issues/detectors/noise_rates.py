"""The posterior of an error under noise rates that are estimated from neighbours.

*Rates.* An item and its nearest neighbours mostly share the true label, so their given labels are several noisy
looks at one truth. From how often one, two and three looks agree, the miss rate and the spurious rate follow in closed
form: the binary case of Zhu, Song and Liu (2021, HOC). A label with few positives borrows from the data set.

*Posterior.* P(given | x) = (1 - miss) P(true | x) + spurious (1 - P(true | x)), solved for P(true | x), and Bayes' rule
for a positive and a negative cell.

It fails where neighbours do not share the truth: weak embeddings make misses look frequent. On the real-noise sets the
ranking loses to self-confidence, because rates are not the same everywhere: look-alikes draw most of the wrong
positives (``benchmarks/RESULTS.md``). So it is an option, for embeddings that are known to cluster.
"""

from __future__ import annotations

import numpy as np

from labelscope.data.labels import LabelMatrix
from labelscope.issues.cell_block import CellBlock
from labelscope.issues.context import Context
from labelscope.issues.detector import Detector, Scorer

__all__ = ["DETECTOR", "error_posterior", "noise_rates", "solve_rates"]

N_LOOKS = 6
MOST_MISSED, MOST_SPURIOUS = 0.6, 0.4
LEAST = 1e-3
BORROWED = 100.0  # positives' worth of the data set's rates mixed into those of each label


def solve_rates(once: np.ndarray, twice: np.ndarray, thrice: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Miss and spurious rate from the shares of one, two and three looks that are all positive; NaN without a solution.

    Parameters
    ----------
    once, twice, thrice : float array of one shape

    Examples
    --------
    >>> a, b, prior = 0.7, 0.1, 0.3  # P(seen | true), P(seen | not true)
    >>> moments = [prior * a**n + (1 - prior) * b**n for n in (1, 2, 3)]
    >>> [rate.round(6).tolist() for rate in solve_rates(*map(np.asarray, moments))]
    [0.3, 0.1]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = twice - once**2
        total, product = (thrice - once * twice) / spread, (once * thrice - twice**2) / spread
        root = np.sqrt(total**2 - 4 * product)
        seen, spurious = (total + root) / 2, (total - root) / 2
    return np.where(spread > 0, 1 - seen, np.nan), np.where(spread > 0, spurious, np.nan)


def noise_rates(labels: LabelMatrix, neighbors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Miss and spurious rate of each label, two float64 (n_labels,).

    Parameters
    ----------
    labels : LabelMatrix, shape (n_items, n_labels)
        Unknown cells count as not seen.
    neighbors : array of int, shape (n_items, k)
    """
    n_items = labels.shape[0]
    own = labels.positives.astype(np.float64)
    looks = [own[neighbors[:, k]] for k in range(min(N_LOOKS, neighbors.shape[1]))]
    n = len(looks)
    seen = sum(looks[1:], looks[0])
    pairs = (seen.multiply(seen) - seen) / (n * max(1, n - 1))  # chance that two looks drawn at random are positive
    once = np.asarray(own.sum(axis=0)).ravel() / n_items
    twice = (np.asarray(own.multiply(seen).sum(axis=0)).ravel() / n + np.asarray(pairs.sum(axis=0)).ravel()) / (2 * n_items)
    thrice = np.asarray(own.multiply(pairs).sum(axis=0)).ravel() / n_items
    moments = (once, twice, thrice)
    everywhere = solve_rates(*(np.asarray(np.average(m, weights=labels.n_positive + 1e-9)) for m in moments))
    rates = []
    for of_label, of_all, most in zip(solve_rates(*moments), everywhere, (MOST_MISSED, MOST_SPURIOUS), strict=True):
        shared = np.clip(np.nan_to_num(of_all, nan=most / 2), LEAST, most)
        known = np.clip(np.where(np.isnan(of_label), shared, of_label), LEAST, most)
        rates.append((labels.n_positive * known + BORROWED * shared) / (labels.n_positive + BORROWED))
    return rates[0], rates[1]


def error_posterior(given: np.ndarray, p: np.ndarray, missed: np.ndarray, spurious: np.ndarray) -> np.ndarray:
    """P(the given state is wrong), float array of the broadcast shape, in [0, 1].

    Parameters
    ----------
    given : array of 1 and 0
    p : float array
        P(given positive | x).
    missed, spurious : float array
        P(given negative | truly positive), P(given positive | truly negative).
    """
    true = np.clip((p - spurious) / np.maximum(1 - missed - spurious, 0.05), LEAST, 1 - LEAST)
    wrong_positive = spurious * (1 - true) / (spurious * (1 - true) + (1 - missed) * true)
    wrong_negative = missed * true / (missed * true + (1 - spurious) * (1 - true))
    return np.where(given == 1, wrong_positive, wrong_negative)


def prepare(context: Context) -> Scorer:
    """Scorer of :func:`error_posterior` under :func:`noise_rates`."""
    missed, spurious = (rate.astype(np.float32) for rate in noise_rates(context.dataset.labels, context.near.indices))

    def score(cells: CellBlock, p: np.ndarray) -> np.ndarray:
        posterior = error_posterior(cells.states, p, cells.by_label(missed), cells.by_label(spurious))
        return np.where(cells.states < 0, np.float32(np.nan), posterior).astype(np.float32)

    return score


DETECTOR = Detector("noise_rates", "estimate", ("embeddings",), "the noise rates that its neighbours reveal", prepare, on_listed=True)
