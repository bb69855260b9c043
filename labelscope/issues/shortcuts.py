"""Shortcuts: labels that one column, or one word, tells nearly as well as all the rest."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
import polars as pl
import scipy.sparse as sp

from labelscope.compute.executor import row_blocks
from labelscope.data.dataset import Dataset
from labelscope.data.labels import LabelMatrix
from labelscope.issues.slices import Slices
from labelscope.space.text import TOKEN

__all__ = ["SHORTCUTS", "shortcuts"]

SHORTCUTS = {"label": pl.String, "column": pl.String, "value": pl.String, "auc": pl.Float64, "n_items": pl.Int64}
TELLING = 0.7  # area under the ROC curve from which one field alone is a shortcut
LEAST = 10  # positives and negatives of a label
LEAST_WORDS, MOST_WORDS = 10, 20_000
BYTES_A_TEXT = 1000  # of the texts that are Python objects at one time
PRIOR = 2.0  # items of the label's share that are added to each value


def shortcuts(ds: Dataset, slices: Sequence[Slices]) -> pl.DataFrame:
    """Labels that one column or one word of the text tells with an area under the ROC curve of at least 0.7.

    A column is judged on the half of the items that its values' shares were not counted on, and the other way round. A
    word is judged as it stands: it has nothing to fit.

    Parameters
    ----------
    ds : Dataset
    slices : sequence of Slices

    Returns
    -------
    polars.DataFrame
        label, column, value (the word, or the value with the largest share of the label), auc in [0.7, 1], n_items (with
        that word or value); the most telling first.
    """
    tested = np.flatnonzero((ds.labels.n_positive >= LEAST) & (ds.labels.n_negative >= LEAST))
    labels = ds.labels.chosen(tested)
    names = [ds.label_names[k] for k in tested]
    frames = [_of_column(one, labels, names) for one in slices]
    if ds.text is not None:
        frames.append(_of_words(ds.items[ds.text], labels, names))
    found = pl.concat([pl.DataFrame(schema=SHORTCUTS), *frames])
    return found.sort("auc", "label", descending=[True, False])


def _of_column(one: Slices, labels: LabelMatrix, names: Sequence[str]) -> pl.DataFrame:
    """The labels that a column tells."""
    members = one.members
    side = sp.diags_array((np.arange(members.shape[1]) % 2).astype(np.float32))
    odd = (members @ side).tocsr()
    (hits, misses), (other_hits, other_misses) = (_counts(part, labels) for part in (odd, (members - odd).tocsr()))
    auc = (_auc(hits, misses, _shares(other_hits, other_misses)) + _auc(other_hits, other_misses, _shares(hits, misses))) / 2
    share = _shares(hits + other_hits, misses + other_misses)
    told = np.flatnonzero(auc >= TELLING)
    best = share[:, told].argmax(axis=0)
    counts = np.bincount(one.codes[one.codes >= 0], minlength=len(one.values))
    return pl.DataFrame({
        "label": [names[k] for k in told.tolist()],
        "column": [one.column] * len(told),
        "value": [one.values[k] for k in best.tolist()],
        "auc": auc[told],
        "n_items": counts[best].astype(np.int64),
    }, schema=SHORTCUTS)  # fmt: skip


def _counts(members: sp.csr_matrix, labels: LabelMatrix) -> tuple[np.ndarray, np.ndarray]:
    """Positives and negatives of each label among the items of each row, float64 (n_rows, n_labels) each."""
    positive = np.asarray((members @ labels.positives.astype(np.float32)).todense(), np.float64)
    return positive, labels.count_known(members) - positive


def _shares(n_positive: np.ndarray, n_negative: np.ndarray) -> np.ndarray:
    """Share of each label among the items of each value, drawn towards that of all: (n_values, n_labels)."""
    overall = n_positive.sum(axis=0) / np.maximum((n_positive + n_negative).sum(axis=0), 1)
    return np.asarray((n_positive + PRIOR * overall) / (n_positive + n_negative + PRIOR))


def _auc(n_positive: np.ndarray, n_negative: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Area under the ROC curve of each label when its items are ranked by the score of their value; ties count half."""
    order = np.argsort(score, axis=0)
    ranked = np.take_along_axis(score, order, axis=0)
    hit, miss = (np.take_along_axis(n, order, axis=0) for n in (n_positive, n_negative))
    # values of one score are one: the area within it is that of a tie
    before = np.vstack([np.zeros(miss.shape[1]), np.cumsum(miss, axis=0)[:-1]])
    first = np.vstack([np.ones(ranked.shape[1], bool), ranked[1:] > ranked[:-1]])
    start = np.maximum.accumulate(np.where(first, np.arange(len(ranked))[:, None], 0), axis=0)
    below = np.take_along_axis(before, start, axis=0)
    last = np.vstack([first[1:], np.ones(ranked.shape[1], bool)])[::-1]
    ends = len(ranked) - 1 - np.maximum.accumulate(np.where(last, np.arange(len(ranked))[:, None], 0), axis=0)[::-1]
    through = np.take_along_axis(np.cumsum(miss, axis=0), ends, axis=0)
    total = n_positive.sum(axis=0) * n_negative.sum(axis=0)
    area = (hit * (below + through) / 2).sum(axis=0)
    return np.divide(area, total, out=np.full(len(total), 0.5), where=total > 0)


def _of_words(column: pl.Series, labels: LabelMatrix, names: Sequence[str]) -> pl.DataFrame:
    """The most telling word of each label."""
    from sklearn.feature_extraction.text import CountVectorizer

    parts = row_blocks(len(column), BYTES_A_TEXT)  # never all texts as Python objects at once
    counter = CountVectorizer(binary=True, token_pattern=TOKEN, min_df=LEAST_WORDS, max_features=MOST_WORDS, dtype=np.float32)
    try:
        held = counter.fit_transform(chain.from_iterable(column[at].cast(pl.String).fill_null("").to_list() for at in parts))
    except ValueError:  # no word is in ten texts
        return pl.DataFrame(schema=SHORTCUTS)
    hits, misses = _counts(held.T.tocsr(), labels)
    auc = (1 + hits / labels.n_positive - misses / labels.n_negative) / 2
    best = auc.argmax(axis=0)
    told = np.flatnonzero(auc[best, np.arange(len(names))] >= TELLING)
    words, n_items = counter.get_feature_names_out(), np.asarray(held.sum(axis=0)).ravel().astype(np.int64)
    return pl.DataFrame({
        "label": [names[k] for k in told.tolist()],
        "column": [column.name] * len(told),
        "value": [str(words[best[k]]) for k in told],
        "auc": auc[best[told], told],
        "n_items": n_items[best[told]],
    }, schema=SHORTCUTS)  # fmt: skip
