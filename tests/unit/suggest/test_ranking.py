import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.issues.find import Findings
from labelscope.suggest import ranking
from labelscope.suggest.ranking import RankConfig

EXACT = RankConfig(uniform_share=0.0, pool=1)


def found(rows, labels=None, **options):
    """A data set of ten items and findings with the given (item, label, confidence)."""
    given = np.zeros((10, 4), np.int8) if labels is None else labels
    given[:, 0] = 1
    ds = ls.Dataset.from_arrays(given, label_names=["a", "b", "c", "d"], item_ids=[f"i{k}" for k in range(10)], **options)
    item, label, confidence = (list(column) for column in zip(*rows, strict=True))
    cells = pl.DataFrame({
        "item_id": [f"i{k}" for k in item], "label": [ds.label_names[k] for k in label], "given": given[item, label],
        "kind": ["spurious" if state else "missing" for state in given[item, label]], "suspicion": confidence,
        "flagged": [True] * len(item), "confidence": pl.Series(confidence, dtype=pl.Float32),
    })  # fmt: skip
    return ds, Findings(cells, scores=np.zeros((10, 4), np.float32))


def test_the_three_best_cells_of_an_item_count():
    ds, findings = found([(0, 1, 0.9), (1, 1, 0.4), (1, 2, 0.4), (1, 3, 0.4), (1, 0, 0.4), (2, 1, 0.2)])
    queue = ls.rank(ds, findings, n=3, config=RankConfig(uniform_share=0.0, pool=1, tail_weight=0.0)).frame
    assert queue["item_id"].to_list() == ["i1", "i0", "i2"]
    assert queue["n_cells"].to_list() == [3, 1, 1]
    assert queue["expected_repairs"].to_list() == pytest.approx([1.2, 0.9, 0.2])
    assert queue["rank"].to_list() == [1, 2, 3]


def test_rare_labels_come_earlier_the_more_the_tail_weighs():
    given = np.zeros((10, 4), np.int8)
    given[:2, 1] = 1
    rows = [(3, 0, 0.8), (4, 1, 0.6)]  # label a has ten positives, b two
    for weight, first in [(0.0, "i3"), (0.1, "i3"), (0.25, "i4"), (1.0, "i4")]:
        ds, findings = found(rows, given.copy())
        queue = ls.rank(ds, findings, n=2, config=RankConfig(uniform_share=0.0, pool=1, tail_weight=weight)).frame
        assert queue["item_id"][0] == first
    assert queue["expected_repairs"].to_list() == pytest.approx([0.6, 0.8])  # what is expected is not weighed


def test_the_reason_names_the_cells_and_what_may_be_wrong_with_them():
    ds, findings = found([(5, 2, 0.31), (5, 0, 0.3)])
    row = ls.rank(ds, findings, n=1, config=EXACT).frame.row(0, named=True)
    assert row["label"] == "c"
    assert row["reason"] == "'c' may be missing (31%); 'a' may be wrong (30%)"


def test_a_tenth_is_drawn_uniformly_all_along_the_queue():
    rng = np.random.default_rng(0)
    given = (rng.random((400, 5)) < 0.3).astype(np.int8)
    ds = ls.Dataset.from_arrays(given, embeddings=rng.normal(size=(400, 4)).astype(np.float32))
    findings = ls.find_issues(ds)
    queue = ls.rank(ds, findings, n=100)
    uniform = queue.frame.filter(part="uniform")
    assert uniform.height == 10
    assert ((uniform["rank"] - 1) // 10).to_list() == list(range(10))
    assert queue.frame["item_id"].is_unique().all()
    assert queue.summary() == "Queue: 90 items by what their review repairs, and 10 drawn uniformly"
    assert ls.rank(ds, findings, n=100).frame.equals(queue.frame)
    other = ls.rank(ds, findings, n=100, seed=1).frame
    assert set(other.filter(part="repair")["item_id"]) == set(queue.frame.filter(part="repair")["item_id"])
    assert set(other.filter(part="uniform")["item_id"]) != set(uniform["item_id"])


def test_duplicates_of_a_chosen_item_wait():
    x = np.eye(10, 6, dtype=np.float32) + 0.01
    x[1] = x[0]
    rows = [(0, 1, 0.90), (1, 1, 0.89), (2, 1, 0.7), (3, 1, 0.6), (4, 1, 0.1)]
    ds, findings = found(rows, embeddings=x)
    ranked = ls.rank(ds, findings, n=3, config=RankConfig(uniform_share=0.0)).frame
    assert ranked["item_id"].to_list() == ["i0", "i2", "i3"]
    assert ls.rank(ds, findings, n=3, config=EXACT).frame["item_id"].to_list() == ["i0", "i1", "i2"]


def test_the_spread_is_the_greedy_one(monkeypatch):
    rng = np.random.default_rng(3)
    unit = rng.normal(size=(30, 3))
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    values = rng.random(30)
    chosen = [int(values.argmax())]
    while len(chosen) < 8:
        distance = np.linalg.norm(unit[:, None] - unit[chosen], axis=2).min(1)
        chosen.append(int(np.argmax(np.where(np.isin(np.arange(30), chosen), -1, distance * values))))
    assert ranking.farthest(unit, values, 8).tolist() == chosen
    monkeypatch.setattr(ranking, "BATCH", 3)
    items = pl.DataFrame({"row": np.arange(30), "value": values}).sort("value", descending=True)
    rows = ranking.spread(ls.Dataset.from_arrays([[1]] * 30, embeddings=unit), items, 10, 2)
    assert len(set(rows.tolist())) == 10
    assert set(rows[:3].tolist()) <= set(items["row"][:6].to_list())


def test_without_embeddings_the_order_is_that_of_the_value():
    ds, findings = found([(0, 1, 0.9), (1, 1, 0.8), (2, 1, 0.7)])
    assert ls.rank(ds, findings, n=3, config=RankConfig(uniform_share=0.0)).frame["item_id"].to_list() == ["i0", "i1", "i2"]


def test_a_queue_is_no_longer_than_there_is_to_do():
    ds, findings = found([(0, 1, 0.9), (1, 1, 0.8)])
    queue = ls.rank(ds, findings, n=50).frame
    assert queue.group_by("part").len().sort("part").rows() == [("repair", 2), ("uniform", 1)]
    silent = queue.filter(part="uniform").row(0, named=True)
    assert silent["reason"].startswith("drawn uniformly")
    nothing = Findings(findings.cells.head(0), scores=findings.scores)
    assert ls.rank(ds, nothing, n=50).frame["part"].to_list() == ["uniform"]


def test_items_without_a_known_cell_are_not_drawn():
    given = np.full((40, 2), -1, np.int8)
    given[:4] = 1
    ds = ls.Dataset.from_arrays(given)
    cells = found([(0, 1, 0.9)])[1].cells.head(0).with_columns(item_id=pl.lit(0))
    queue = ls.rank(ds, Findings(cells), n=40, config=RankConfig(uniform_share=0.9)).frame
    assert set(queue["item_id"]) <= set(range(4))


def test_what_makes_no_sense_is_refused():
    ds, findings = found([(0, 1, 0.9)])
    for n in (0, 1.5, True):
        with pytest.raises(ls.StageError, match="n: expected a number of items"):
            ls.rank(ds, findings, n=n)
    for options in ({"n_cells": 0}, {"pool": 0}, {"tail_weight": -1}, {"uniform_share": 1}):
        with pytest.raises(ls.StageError, match=next(iter(options))):
            RankConfig(**options)
    with pytest.raises(ls.DataError, match="find the issues of this one"):
        ls.rank(ls.Dataset.from_arrays([["x"]]), findings, n=1)
