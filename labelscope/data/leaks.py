"""Features that tell a label exactly: a column that was made from the labels teaches a model nothing but to repeat them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import scipy.sparse as sp

from labelscope.compute.executor import row_blocks
from labelscope.data.item_columns import typed_feature
from labelscope.data.labels import NEGATIVE, POSITIVE, LabelMatrix

__all__ = ["find_leaks"]

LEAST = 5  # items on each side of a label, and items a value on average, from which an exact fit is no accident


def find_leaks(items: pl.DataFrame, features: Sequence[str], labels: LabelMatrix, label_names: Sequence[str]) -> dict[str, str]:
    """The features that tell a label of every item, each with the first label that it tells.

    A column whose values recur tells a label if all items of a value have the same state; a column of numbers or dates
    also if all positives are above, or all below, every negative.

    Parameters
    ----------
    items : polars.DataFrame
    features : sequence of str
    labels : LabelMatrix
    label_names : sequence of str

    Examples
    --------
    >>> from labelscope.data.labels import from_dense
    >>> labels = from_dense(np.arange(40).reshape(-1, 1) % 2)
    >>> items = pl.DataFrame({"copy": ["odd" if k % 2 else "even" for k in range(40)], "size": range(40)})
    >>> find_leaks(items, ["copy", "size"], labels, ["odd"])
    {'copy': 'odd'}
    """
    if not features:
        return {}
    judged = np.flatnonzero(np.minimum(labels.n_positive, labels.n_negative) >= LEAST)
    columns = {name: typed_feature(items[name]) for name in features} if len(judged) else {}
    found: dict[str, str] = {}
    for block in row_blocks(len(judged), 8 * labels.shape[0]):
        states = labels.columns(judged[block])
        for name in [name for name in columns if name not in found]:
            told = np.flatnonzero(_told(columns[name], states))
            if len(told):
                found[name] = label_names[judged[block][told[0]]]
    return found


def _told(column: pl.Series, states: np.ndarray) -> np.ndarray:
    """Labels that a feature tells, bool (n_labels,)."""
    ranks = column.rank("dense").fill_null(0).to_numpy().astype(np.int64)  # 0: nothing is known
    yes, no = states == POSITIVE, states == NEGATIVE
    told = np.zeros(states.shape[1], bool)
    n_values = int(ranks.max()) + 1
    if n_values * LEAST <= len(ranks):
        members = sp.csr_matrix((np.ones(len(ranks), np.float32), (ranks, np.arange(len(ranks)))), shape=(n_values, len(ranks)))
        told |= ~((members @ yes.astype(np.float32) > 0) & (members @ no.astype(np.float32) > 0)).any(axis=0)
    elif column.dtype.is_numeric() or column.dtype.is_temporal():
        there = ranks > 0
        if there.all():
            high, low = n_values, 0
            told |= np.where(yes, ranks[:, None], high).min(axis=0) > np.where(no, ranks[:, None], low).max(axis=0)
            told |= np.where(no, ranks[:, None], high).min(axis=0) > np.where(yes, ranks[:, None], low).max(axis=0)
    return told
