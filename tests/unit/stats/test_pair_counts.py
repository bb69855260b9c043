from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from labelscope.stats import pair_counts
from labelscope.stats.pair_counts import count_together


def matrix(n_labels: int, most: int, n_items: int = 300) -> sp.csr_matrix:
    rng = np.random.default_rng(0)
    rows = [rng.choice(n_labels, size=rng.integers(0, most + 1), replace=False) for _ in range(n_items)]
    indices = np.concatenate(rows)
    return sp.csr_matrix((np.ones(len(indices), bool), indices, np.cumsum([0, *map(len, rows)])), shape=(n_items, n_labels))


@pytest.mark.parametrize(("n_labels", "most"), [(8, 8), (60, 5), (60, 40), (90_000, 12)])
@pytest.mark.parametrize("chunk", [pair_counts.CHUNK, 50])
def test_counts_are_those_of_the_product(monkeypatch, n_labels, most, chunk):
    monkeypatch.setattr(pair_counts, "CHUNK", chunk)
    positives = matrix(n_labels, most)
    keys, counts = count_together(positives)
    whole = (positives.T.astype(np.int64) @ positives.astype(np.int64)).tocoo()
    upper = whole.row < whole.col
    expected = dict(
        zip((whole.row[upper].astype(np.int64) * n_labels + whole.col[upper]).tolist(), whole.data[upper].tolist(), strict=True)
    )
    assert dict(zip(keys.tolist(), counts.tolist(), strict=True)) == expected
    assert (np.diff(keys) > 0).all()
    assert (keys.dtype, counts.dtype) == (np.int64, np.int64)


def test_nothing_together():
    for positives in (sp.csr_matrix((5, 3), dtype=bool), sp.csr_matrix(np.eye(3, dtype=bool)), sp.csr_matrix((0, 0), dtype=bool)):
        keys, counts = count_together(positives)
        assert len(keys) == len(counts) == 0
