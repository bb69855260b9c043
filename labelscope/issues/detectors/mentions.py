"""Label names and descriptions: an item whose text names a label is more likely to carry it.

Words are compared by their beginnings (two thirds of a word, at least four letters), so that "annoyed" speaks for
"annoyance" in any language that separates words. A label's words count by how telling they are: the fewer texts hold
one, the more. What a mention is worth is learnt from the labels as given, as an addition to the log-odds of the model:
one figure for the data set, and one for each label, drawn to it; never below 0, for naming a label is no reason against
it.

A sentence encoder or a TF-IDF space blurs this into its other directions: the model on top of them misses more than
half of what the words say on the real-noise sets with text (``benchmarks/RESULTS.md``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile

import numpy as np
import polars as pl
import scipy.sparse as sp

from labelscope.data.cell_scores import Scores
from labelscope.data.labels import POSITIVE, UNKNOWN, LabelMatrix
from labelscope.issues.cell_block import CellBlock
from labelscope.issues.context import Context
from labelscope.issues.detector import Detector, Scorer
from labelscope.issues.log_odds import logit, sigmoid

__all__ = ["DETECTOR", "find_mentions", "learn_worth"]

WORD = r"[\p{L}\p{M}\p{N}]{3,}"
STEM_SHARE, STEM_LEAST = 0.65, 4
COMMON = 0.5  # a word in more than half of the texts names nothing
PRIOR_WORTH, PRIOR_LABEL = 0.1, 1.0  # precision of the normal priors: the figure of the data set, a label's distance from it
STEPS = 25


def find_mentions(texts: pl.Series, label_names: Sequence[str], descriptions: Mapping[str, str] | None = None) -> sp.csr_matrix:
    """How far each text names each label, sparse float32 (n_items, n_labels) in [0, 1].

    The share of the label's words that the text holds, weighted by how rare they are; of the name and the description
    the larger.

    Parameters
    ----------
    texts : polars.Series of str, shape (n_items,)
        Null texts name nothing.
    label_names : sequence of str, shape (n_labels,)
    descriptions : mapping of label name to text, optional

    Examples
    --------
    >>> find_mentions(pl.Series(["so annoyed today", "a fine day", None]), ["annoyance", "joy"]).toarray().round(3).tolist()
    [[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]]
    """
    held, vocabulary = _tokens(texts)
    out = _named(held, vocabulary, [_stems(name) for name in label_names])
    if descriptions:
        out = out.maximum(_named(held, vocabulary, [_stems(descriptions.get(name) or "") for name in label_names]))
    return out.tocsr()


def learn_worth(mentions: sp.csr_matrix, labels: LabelMatrix, probabilities: Scores) -> np.ndarray:
    """What a full mention adds to the log-odds of each label, float64 (n_labels,), at least 0.

    Logistic regression of the given states on the mention alone, with the log-odds of the model as offset, over the
    cells with a mention: first one figure for all labels, then each label's own with a normal prior around it.

    Parameters
    ----------
    mentions : sparse float of shape (n_items, n_labels)
    labels : LabelMatrix, shape (n_items, n_labels)
    probabilities : float array of shape (n_items, n_labels)
        Out of fold.
    """
    cells = mentions.tocoo()
    states = labels.states(cells.row, cells.col)
    known = states != UNKNOWN
    row, column, amount = cells.row[known], cells.col[known], cells.data[known].astype(np.float64)
    offset, given = logit(probabilities.at(row, column).astype(np.float64)), states[known] == POSITIVE
    shared = _fit(np.zeros(len(row), np.int64), 1, amount, offset, given, np.zeros(1), PRIOR_WORTH)
    return np.maximum(_fit(column, labels.shape[1], amount, offset, given, np.repeat(shared, labels.shape[1]), PRIOR_LABEL), 0)


def prepare(context: Context) -> Scorer:
    """P(label) with what the text says added."""
    ds = context.dataset
    assert ds.text is not None
    mentions = find_mentions(ds.items[ds.text].cast(pl.String), ds.label_names, ds.label_descriptions)
    worth = learn_worth(mentions, ds.labels, context.probabilities)
    added = mentions.multiply(worth[None, :]).tocsr().astype(np.float32)
    added.eliminate_zeros()

    def revise(cells: CellBlock, p: np.ndarray) -> np.ndarray:
        row, column, more = cells.entries(added)
        out = p.copy()
        out[row, column] = sigmoid(logit(p[row, column]) + more)
        return out

    return revise


def _tokens(texts: pl.Series) -> tuple[sp.csr_matrix, list[str]]:
    """Which words each text holds, sparse bool (n_items, n_words), and the words in order."""
    lists = texts.fill_null("").str.to_lowercase().str.extract_all(WORD)
    words = lists.explode().drop_nulls()
    rows = np.repeat(np.arange(len(texts)), lists.list.len().to_numpy())
    vocabulary = words.unique().sort()
    codes = words.to_frame("word").join(vocabulary.to_frame("word").with_row_index("code"), on="word", how="left", maintain_order="left")
    matrix = sp.csr_matrix((np.ones(len(rows), np.float32), (rows, codes["code"].to_numpy())), shape=(len(texts), len(vocabulary)))
    matrix.data[:] = 1
    return matrix, vocabulary.to_list()


def _stems(words: str) -> list[str]:
    found = {word for word in re.findall(r"[^\W_]+", words.lower()) if len(word) >= 3 and not word.isdigit()}
    return sorted({word[: max(STEM_LEAST, int(STEM_SHARE * len(word)))] for word in found})


def _named(held: sp.csr_matrix, vocabulary: list[str], stems: list[list[str]]) -> sp.csr_matrix:
    """Weighted share of each label's stems that each text holds, sparse (n_items, n_labels)."""
    n_items = held.shape[0]
    distinct = sorted({stem for of_label in stems for stem in of_label})
    place = {stem: k for k, stem in enumerate(distinct)}
    starts = np.searchsorted(np.asarray(vocabulary, dtype=object), np.asarray(distinct, dtype=object)) if distinct else np.empty(0, int)
    words, columns = [], []
    for column, (stem, start) in enumerate(zip(distinct, starts.tolist(), strict=True)):
        begun = list(takewhile(lambda word, stem=stem: vocabulary[word].startswith(stem), range(start, len(vocabulary))))  # type: ignore[misc]
        words += begun
        columns += [column] * len(begun)
    begins = sp.csr_matrix((np.ones(len(words), np.float32), (words, columns)), shape=(len(vocabulary), len(distinct)))
    hits = (held @ begins).tocsr()
    hits.data[:] = 1
    n_texts = np.asarray(hits.sum(axis=0)).ravel()
    telling = np.where(n_texts <= COMMON * n_items, np.log((n_items + 1) / (n_texts + 1)) + 1e-6, 0)
    rows = [place[stem] for of_label in stems for stem in of_label]
    labels = np.repeat(np.arange(len(stems)), [len(of_label) for of_label in stems])
    weights = sp.csr_matrix((telling[rows] if rows else [], (rows, labels)), shape=(len(distinct), len(stems)), dtype=np.float32)
    total = np.maximum(np.asarray(weights.sum(axis=0)).ravel(), 1e-9)
    return (hits @ weights).multiply(1 / total[None, :]).tocsr()


def _fit(
    group: np.ndarray, n_groups: int, amount: np.ndarray, offset: np.ndarray, given: np.ndarray, center: np.ndarray, precision: float
) -> np.ndarray:
    """Slope of each group by Newton's method, with a normal prior around `center`; float64 (n_groups,)."""
    worth = center.astype(np.float64)
    for _ in range(STEPS):
        p = sigmoid(offset + worth[group] * amount)
        gradient = np.bincount(group, (p - given) * amount, minlength=n_groups) + precision * (worth - center)
        curvature = np.bincount(group, p * (1 - p) * amount**2, minlength=n_groups) + precision
        step = np.clip(gradient / curvature, -1, 1)
        worth = worth - step
        if np.abs(step).max(initial=0) < 1e-5:
            break
    return worth


DETECTOR = Detector("mentions", "belief", ("text", "label words"), "the text, which names the label", prepare)
