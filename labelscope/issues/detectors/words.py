"""The words of the text, beside a model that learnt from something else: a second model, which sees what the first cannot.

Sentence embeddings hold the meaning of a text and lose its words; TF-IDF keeps the words and knows no meaning. Where a
data set has both, ridge heads cross-fitted on TF-IDF join the probabilities of the first model: log-odds in the shares
that a logistic regression of the given labels on both finds, which is about half and half. On every real-noise set with
text and sentence embeddings both kinds of errors are found better, missing ones by a tenth to a third
(``benchmarks/RESULTS.md``). Where the embeddings are the TF-IDF of the text there is nothing to add, and it does not run.

Items that belong together (``predict(..., groups=...)``) are not kept in one fold here: give probabilities of your own
where that matters.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from labelscope.compute.executor import row_blocks
from labelscope.compute.seeds import generator
from labelscope.data.cell_scores import Scores
from labelscope.data.labels import POSITIVE, UNKNOWN, LabelMatrix
from labelscope.issues.cell_block import CellBlock
from labelscope.issues.context import Context
from labelscope.issues.detector import Detector, Scorer
from labelscope.issues.log_odds import logit, sigmoid
from labelscope.models.predict import PredictConfig, predict

__all__ = ["DETECTOR", "second_share"]

CONFIG = PredictConfig(n_neighbors=0, n_repeats=1)
MOST_SHARE = 0.7
JUDGED = 1_000_000  # cells that the shares are learnt from
STEPS = 25


def second_share(first: Scores, second: Scores, labels: LabelMatrix, seed: int = 0) -> float:
    """Share of the second probabilities in the mean log-odds that fits the given labels, in [0, 0.7].

    Parameters
    ----------
    first, second : Scores, shape (n_items, n_labels)
        Out of fold.
    labels : LabelMatrix, shape (n_items, n_labels)
    seed : int
        Of the items that are looked at where there are very many.
    """
    n_items, n_labels = first.shape
    rows = np.sort(generator(seed, "words").permutation(n_items)[: max(1, JUDGED // n_labels)])
    states = labels.dense(rows)
    known = states != UNKNOWN
    x = np.stack([logit(p.rows(rows)[known].astype(np.float64)) for p in (first, second)] + [np.ones(known.sum())])
    y = states[known] == POSITIVE
    weights = np.array([0.5, 0.5, 0.0])
    for _ in range(STEPS):
        p = sigmoid(weights @ x)
        curvature = (x * (p * (1 - p))) @ x.T + np.eye(3)
        step = np.linalg.solve(curvature, x @ (p - y) + weights - [0.5, 0.5, 0])
        weights -= step
        if np.abs(step).max() < 1e-4:
            break
    one, other = np.maximum(weights[:2], 0)
    return float(min(MOST_SHARE, other / max(one + other, 1e-9)))


def prepare(context: Context) -> Scorer:
    """P(label) of both models together."""
    ds = context.dataset
    by_words = predict(
        replace(ds, embeddings=None, image=None, probabilities=None), config=CONFIG, seed=context.seed, executor=context.executor
    )
    second = by_words.probabilities
    second[:, ~by_words.scored] = context.probabilities.columns(np.flatnonzero(~by_words.scored))
    share = np.float32(second_share(context.probabilities, by_words.cell_probabilities, ds.labels, context.seed))

    def revise(cells: CellBlock, p: np.ndarray) -> np.ndarray:
        out = np.empty(p.shape, np.float32)
        other = second[cells.rows]
        for block in row_blocks(len(p), 16 * p.shape[1]):
            out[block] = sigmoid((1 - share) * logit(p[block]) + share * logit(other[block]))
        return out

    return revise


DETECTOR = Detector("words", "belief", ("text", "more than words"), "the words of the text", prepare)
