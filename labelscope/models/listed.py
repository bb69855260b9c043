"""The listed form of :func:`labelscope.predict`: the same probabilities, kept only for the cells worth one.

Blocks of items pass by once. All cells of a block get the probability that they have in the dense form; those that are
named (:mod:`labelscope.models.candidates`), the most probable ones of each item and of each label are kept, and of the
rest sums alone. So memory grows with the cells that are listed, and time is that of the products and a few passes over
a block that stays in the cache.

Platt scaling takes one pass of its own. In a very large set its negatives are those of a sample of the items, each
standing for several; the positives are all of them.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from labelscope.compute.executor import Rows, map_chunks, one_thread, row_blocks
from labelscope.compute.progress import advance
from labelscope.compute.seeds import generator
from labelscope.data.dataset import Dataset
from labelscope.data.labels import UNKNOWN, LabelMatrix
from labelscope.data.listed_scores import ListedScores
from labelscope.models import ridge
from labelscope.models.calibration import N_BINS, Beyond, Platt, fit_platt
from labelscope.models.candidates import LabelTops, named_cells
from labelscope.models.device import accelerator
from labelscope.models.folds import assign_folds
from labelscope.models.heads import Problem
from labelscope.models.label_rows import log_losses
from labelscope.models.predict_config import PredictConfig, n_cross_fits
from labelscope.models.voting import choose_voters
from labelscope.space.neighbors import largest_of_rows

__all__ = ["Listed", "list_cells"]

SCALED = 400_000_000  # cells that Platt scaling looks at
LEAST_TOP = 10  # cells of a label that are listed for their probability, if it has fewer positives
BLOCK_BYTES = 32 << 20  # of the probabilities of a block
PART_BYTES = 16 << 20  # of the histograms of the labels scaled at once, or an eighth of their scores
FIRST_BYTES = 128 << 20  # of the probabilities of the items that tell how high the tops of a label are


@dataclass(frozen=True, eq=False)
class Listed:
    """Probabilities of the cells that are listed, and what is known of all.

    Attributes
    ----------
    scores : ListedScores, shape (n_items, n_labels)
    losses : float64, shape (n_labels,)
        Summed log loss of the known cells of each label.
    vote_share : float
    """

    scores: ListedScores
    losses: np.ndarray
    vote_share: float


class _Heads:
    """Calibrated ridge heads that did not see the items whose probabilities they give."""

    def __init__(self, problem: Problem, labels: LabelMatrix, config: PredictConfig) -> None:
        self._features = problem.features
        n_items, n_features = problem.features.shape
        here = problem.executor is None
        self.device = accelerator(n_items * n_features * float(n_features + labels.shape[1])) if here else None
        self._fits = []
        for repeat in range(n_cross_fits(problem.features, labels, config)):
            folds = assign_folds(problem.groups, config.n_folds, problem.seed + repeat)
            self._fits.append((folds, ridge.fit_heads(problem.features, labels, folds, problem.executor, self.device)))
        self._platt = self._scaled(labels, problem.seed)

    def probabilities(self, rows: Rows) -> np.ndarray:
        """P(label) of some items, float32 (n_rows, n_labels)."""
        return self._platt.apply(self._scores(rows))

    def _scores(self, rows: Rows, labels: slice = slice(None)) -> np.ndarray:
        features, total = self._features[rows], np.empty(0, np.float32)
        for folds, heads in self._fits:
            scores = ridge.score_rows(features, folds[rows], heads.chosen(labels), self.device)
            total = total + scores if len(total) else scores
        total /= len(self._fits)
        return total

    def _scaled(self, labels: LabelMatrix, seed: int) -> Platt:
        n_items, n_labels = labels.shape
        n_looked_at = max(1, SCALED // n_labels)
        whole = n_items <= n_looked_at
        rows: Rows = slice(0, n_items) if whole else np.sort(generator(seed, "scaled").permutation(n_items)[:n_looked_at])
        sample, rest = labels.rows(rows), None if whole else _positives(labels, rows)
        slope, intercept = np.empty((2, n_labels))
        for part in row_blocks(n_labels, max(8 * N_BINS, min(n_items, n_looked_at) // 2), PART_BYTES):
            of_part = LabelMatrix(sample.positives[:, part], sample.exceptions[:, part], sample.default)
            beyond = None if rest is None else self._beyond(labels, part, *rest)
            found = fit_platt(self._scores(rows, part), of_part, beyond)
            slope[part], intercept[part] = found.slope, found.intercept
            advance("predict", 0.3 + 0.2 * part.stop / n_labels)
        return Platt(slope, intercept)

    def _beyond(self, labels: LabelMatrix, part: slice, items: np.ndarray, columns: np.ndarray) -> Beyond:
        """The positives of some labels that are not in the sample, with their scores."""
        within = slice(*np.searchsorted(columns, [part.start, part.stop]))
        items, columns = items[within], columns[within] - part.start
        scores = np.zeros(len(items), np.float32)
        for folds, heads in self._fits:
            for fold in range(len(heads.weights)):
                weights, mine = np.ascontiguousarray(heads.weights[fold, :, part].T), np.flatnonzero(folds[items] == fold)
                for some in row_blocks(len(mine), 12 * weights.shape[1]):
                    at, of = items[mine[some]], columns[mine[some]]
                    x = np.asarray(self._features[at], np.float32)
                    scores[mine[some]] += np.einsum("ij,ij->i", x, weights[of]) + heads.intercepts[fold, part][of]
        return Beyond(columns, scores / np.float32(len(self._fits)), labels.n_negative[part].astype(np.float64))


def _positives(labels: LabelMatrix, left_out: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Item and label of the positives of all items but some, by label."""
    cells = labels.positives.tocoo()
    there = np.ones(labels.shape[0], bool)
    there[left_out] = False
    kept = np.flatnonzero(there[cells.row])
    kept = kept[np.argsort(cells.col[kept], kind="stable")]
    return cells.row[kept].astype(np.int64), cells.col[kept].astype(np.int64)


@dataclass(frozen=True, eq=False)
class _Block:
    """What is kept of a block: cells by item * n_labels + label, those that may be tops of their label, and sums."""

    keys: np.ndarray
    numbers: np.ndarray
    top_keys: np.ndarray
    top_numbers: np.ndarray
    sums: np.ndarray
    losses: np.ndarray


def list_cells(
    dataset: Dataset, problem: Problem, labels: LabelMatrix, prevalence: np.ndarray, enough: np.ndarray, config: PredictConfig
) -> Listed:
    """Probabilities of the cells worth one.

    Parameters
    ----------
    dataset : Dataset
    problem : Problem
        Without folds.
    labels : LabelMatrix, shape (n_items, n_labels)
        To train on.
    prevalence : float array of shape (n_labels,)
    enough : bool array of shape (n_labels,)
        Labels that are scored; the others get their prevalence.
    config : PredictConfig
    """
    n_items, n_labels = labels.shape
    heads = _Heads(problem, labels, config)
    voters = choose_voters(problem, labels, prevalence, config, heads.probabilities)
    named, share, known = named_cells(dataset), np.float32(config.vote_share), dataset.labels

    def probabilities(rows: Rows) -> np.ndarray:
        p = heads.probabilities(rows)
        if voters is not None:
            p += share * (voters.votes(rows) - p)
        p[:, ~enough] = prevalence[~enough]
        return p

    first = np.unique(np.linspace(0, n_items - 1, min(n_items, max(1, FIRST_BYTES // (4 * n_labels))), dtype=np.int64))
    some = np.concatenate([probabilities(first[part]) for part in row_blocks(len(first), 4 * n_labels, BLOCK_BYTES)])
    some[known.dense(first) == UNKNOWN] = -1
    tops = LabelTops(np.where(enough, np.maximum(LEAST_TOP, known.n_positive), 0), some)
    del some

    def look(block: slice) -> _Block:
        p, states = probabilities(block), known.dense(block)
        best, _ = largest_of_rows(p, min(config.n_listed, n_labels))
        chosen = np.zeros(p.shape, bool)
        np.put_along_axis(chosen, best, values=True, axis=1)
        of_block = named[block].tocoo()
        chosen[of_block.row, of_block.col] = True
        reached = p >= tops.floor
        if known.has_unknown:
            reached &= states != UNKNOWN
        places, top, start = np.flatnonzero(chosen), np.flatnonzero(reached), block.start * n_labels
        flat = p.ravel()
        sums = p.sum(axis=0, dtype=np.float64)
        return _Block(places + start, flat[places], top + start, flat[top], sums, log_losses(states, p))

    kept, sums, losses = [], np.zeros(n_labels), np.zeros(n_labels)
    with ExitStack() as stack:
        pool = None
        if heads.device is None and (workers := os.cpu_count() or 1) > 1:
            pool = ThreadPoolExecutor(workers)
            stack.callback(pool.shutdown, cancel_futures=True)
            stack.enter_context(one_thread())
        blocks = list(row_blocks(n_items, 4 * n_labels, BLOCK_BYTES))
        for block, found in zip(blocks, map_chunks(look, blocks, pool), strict=True):
            kept.append((found.keys, found.numbers))
            tops.add(found.top_keys, found.top_numbers)
            sums, losses = sums + found.sums, losses + found.losses
            advance("predict", 0.5 + 0.5 * block.stop / n_items)
    keys, numbers = _together(kept, tops.best())
    return Listed(_scores(labels.shape, keys, numbers, sums), losses, config.vote_share if voters is not None else 0.0)


def _together(kept: list[tuple[np.ndarray, np.ndarray]], tops: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Keys in order, each once, and their numbers."""
    keys, numbers = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    order = np.argsort(tops[0])
    more, place = tops[0][order], np.searchsorted(keys, tops[0][order])
    new = keys[np.minimum(place, len(keys) - 1)] != more
    return np.insert(keys, place[new], more[new]), np.insert(numbers, place[new], tops[1][order][new])


def _scores(shape: tuple[int, int], keys: np.ndarray, numbers: np.ndarray, sums: np.ndarray) -> ListedScores:
    n_items, n_labels = shape
    starts = np.searchsorted(keys, np.arange(n_items + 1, dtype=np.int64) * n_labels)
    labels = (keys % n_labels).astype(np.int32)
    n_left = n_items - np.bincount(labels, minlength=n_labels)
    left = np.maximum(sums - np.bincount(labels, numbers, n_labels), 0)
    rest = (left / np.maximum(n_left, 1)).astype(np.float32)
    return ListedScores(shape, starts.astype(np.int64), labels, numbers, rest, sums / n_items)
