import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.suggest.soft_targets import SoftLabels


@pytest.fixture
def soft():
    rng = np.random.default_rng(0)
    states = rng.integers(-1, 2, (50, 4)).astype(np.int8)
    ds = ls.Dataset.from_arrays(states, label_names=list("abcd"), item_ids=[f"i{k}" for k in range(50)])
    return SoftLabels(ds, rng.random((50, 4)).astype(np.float32), -1)


def test_the_frame_holds_the_unknown_cells(soft):
    frame = soft.to_frame()
    states = soft.dataset.labels.dense()
    rows, columns = np.nonzero(states == -1)
    assert frame["item_id"].to_list() == [f"i{row}" for row in rows]
    assert frame["label"].to_list() == ["abcd"[k] for k in columns]
    np.testing.assert_array_equal(frame["probability"], soft.probabilities[rows, columns])
    assert soft.to_frame(least=0.5).equals(frame.filter(pl.col("probability") >= 0.5))
    assert f"{len(rows)} cells" in repr(soft)


def test_lazy_and_parquet_say_the_same(soft, tmp_path):
    frame = soft.to_frame(least=0.2)
    assert soft.lazy(least=0.2).collect().equals(frame)
    assert (
        soft.lazy()
        .filter(pl.col("label") == "b")
        .select("probability")
        .head(3)
        .collect()
        .equals(soft.to_frame().filter(label="b").select("probability").head(3))
    )
    soft.write_parquet(tmp_path / "soft.parquet", least=0.2)
    assert pl.read_parquet(tmp_path / "soft.parquet").equals(frame)


def test_parquet_replaces_neither_the_table_nor_a_ledger_and_a_failure_leaves_nothing(tmp_path):
    table, ledger = tmp_path / "table.parquet", tmp_path / "ledger.sqlite"
    pl.DataFrame({"id": ["a", "b"], "labels": [["x"], None]}).write_parquet(table)
    ds = ls.read(table, labels="labels", id="id", unlisted="unknown")
    ls.Session(ds, ledger=ledger).edit("a", "x", 0)
    before = {path: path.read_bytes() for path in (table, ledger)}
    soft = SoftLabels(ds, np.full((2, 1), 0.5, np.float32), -1)
    for path in before:
        with pytest.raises(ls.DataError, match="write_parquet: expected"):
            soft.write_parquet(path)
    with pytest.raises(ls.DataError, match="there is no such folder"):
        soft.write_parquet(tmp_path / "nowhere" / "soft.parquet")
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_matrix_holds_known_positives_and_soft_labels(soft):
    states = soft.dataset.labels.dense()
    expected = np.where(states == 1, 1, np.where((states == -1) & (soft.probabilities >= 0.3), soft.probabilities, 0))
    np.testing.assert_array_equal(soft.to_sparse(least=0.3).toarray(), expected.astype(np.float32))


def test_soft_labels_of_an_audited_set_are_probabilities_of_the_truth():
    rng = np.random.default_rng(0)
    p = rng.beta(0.5, 1, (3000, 2)).astype(np.float32)
    truth = (rng.random(p.shape) < p).astype(np.int8)
    states = np.where(rng.random(p.shape) < 0.5, -1, truth & (rng.random(p.shape) < 0.5))
    ds = ls.Dataset.from_arrays(states, probabilities=p / 2)
    rows, columns = np.nonzero(states == -1)
    drawn = rng.choice(len(rows), 800, replace=False)
    audited = pl.DataFrame({"item_id": rows[drawn], "label": columns[drawn].astype(str), "state": truth[rows[drawn], columns[drawn]]})
    pseudo = ls.pseudo_label(ds, audited=audited)
    frame = pseudo.soft.to_frame()
    assert np.abs(frame["probability"] - p[frame["item_id"], frame["label"].cast(int)]).mean() < 0.06
    both = pseudo.frame.join(frame, on=["item_id", "label"])
    np.testing.assert_allclose(both["probability"], both["probability_right"], atol=1e-6)
