from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from labelscope import Dataset, long_tail


def columns_with(*counts: int, n_items: int = 200) -> np.ndarray:
    return (np.arange(n_items)[:, None] < np.array(counts)).astype(np.int8)


def test_counts_tiers_and_shares():
    labels = columns_with(19, 101, 100, 20)
    labels[-10:, 0] = -1
    frame = long_tail(Dataset.from_arrays(labels, label_names=["rare", "common", "some", "few"])).frame
    assert frame["label"].to_list() == ["common", "some", "few", "rare"]
    assert frame["tier"].to_list() == ["head", "medium", "medium", "tail"]
    rare = frame.row(3, named=True)
    assert (rare["n_positive"], rare["n_negative"], rare["n_unknown"]) == (19, 171, 10)
    assert rare["share"] == 19 / 190
    assert rare["ir_lbl"] == pytest.approx(101 / 19)
    assert frame["cumulative_share"].to_list() == pytest.approx([101 / 240, 201 / 240, 221 / 240, 1])


def test_a_label_without_positives_or_without_knowledge_has_no_ratio():
    frame = long_tail(Dataset.from_arrays([[1, 0, -1], [1, 0, -1]])).frame
    assert frame["ir_lbl"].to_list() == [1, None, None]
    assert frame["share"].to_list() == [1, 0, None]


def test_summary_says_what_was_found():
    result = long_tail(Dataset.from_arrays(columns_with(150, 30)))
    assert result.summary() == repr(result)
    assert "2 labels over 200 items: 1 head, 1 medium, 0 tail; 0.90 labels an item" in result.summary()


def test_without_an_audit_no_error_is_counted():
    result = long_tail(Dataset.from_arrays(columns_with(150, 30)))
    assert not result.audited
    assert result.frame["audit"].unique().to_list() == ["no audit yet"]
    assert all(result.frame[name].null_count() == 2 for name in ("spurious", "missing", "true", "true_low", "true_high"))
    assert result.summary().endswith("no audit yet")
    assert "no audit yet" in result.figure.layout.title.subtitle.text


def test_many_labels_stay_sparse():
    rows = np.repeat(np.arange(20_000), 3)
    columns = np.random.default_rng(0).integers(0, 100_000, len(rows))
    positives = sp.csr_matrix((np.ones(len(rows), bool), (rows, columns)), shape=(20_000, 100_000))
    positives.sum_duplicates()
    assert long_tail(Dataset.from_arrays(positives)).frame["n_positive"].sum() == positives.nnz
