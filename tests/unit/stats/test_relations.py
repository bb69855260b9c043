from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from labelscope import DataError, Dataset, relations
from labelscope.data.taxonomy import Taxonomy
from labelscope.stats.relation_rows import clopper_pearson
from labelscope.stats.relations import Relations, RelationsConfig

NAMES = ("animal", "mammal", "dog", "hound", "car", "red")


def noisy_dataset(taxonomy=None) -> Dataset:
    """Dog implies mammal implies animal, hound is another word for dog, animals are no cars; 3% of positives missed."""
    rng = np.random.default_rng(5)
    animal = rng.random(3000) < 0.4
    mammal = animal & (rng.random(3000) < 0.5)
    dog = mammal & (rng.random(3000) < 0.5)
    truth = np.stack([animal, mammal, dog, dog, ~animal & (rng.random(3000) < 0.5), rng.random(3000) < 0.3], axis=1)
    return Dataset.from_arrays((truth & (rng.random(truth.shape) > 0.03)).astype(np.int8), label_names=NAMES, taxonomy=taxonomy)


def found(frame: pl.DataFrame, relation: str) -> set[tuple[str, str]]:
    return set(frame.filter(pl.col("relation") == relation).select("label_a", "label_b").iter_rows())


def test_finds_the_planted_relations_through_noise():
    frame = relations(noisy_dataset()).frame
    assert found(frame, "identical") == {("dog", "hound")}
    assert found(frame, "implies") == {("mammal", "animal")} | {(dog, over) for dog in ("dog", "hound") for over in ("mammal", "animal")}
    assert found(frame, "exclusive") == {(kind, "car") for kind in ("animal", "mammal", "dog", "hound")}
    assert found(frame, "overlaps") == set()
    direct = frame.filter(pl.col("relation") == "implies", pl.col("direct"))
    assert found(direct, "implies") == {("mammal", "animal"), ("dog", "mammal"), ("hound", "mammal")}


def test_counter_examples_are_what_breaks_the_relation():
    for row in relations(noisy_dataset()).frame.iter_rows(named=True):
        broken = {
            "implies": row["n_a"] - row["n_ab"],
            "identical": row["n_a"] + row["n_b"] - 2 * row["n_ab"],
            "exclusive": row["n_ab"],
        }
        assert row["counter_examples"] == broken[row["relation"]]


def test_given_edges_come_with_their_violations_and_whether_the_labels_agree():
    frame = relations(noisy_dataset([("animal", "mammal"), ("car", "dog")])).frame
    given = frame.filter(pl.col("source") == "taxonomy").rows_by_key("label_a", named=True, unique=True)
    assert given["mammal"]["supported"] is True
    assert given["dog"]["supported"] is False
    assert given["dog"]["counter_examples"] == given["dog"]["n_a"]
    assert frame.filter(label_a="mammal", label_b="animal").height == 1


def test_too_few_positives_or_unknown_cells_are_no_evidence():
    labels = np.zeros((400, 2), np.int8)
    labels[:10] = 1
    assert found(relations(Dataset.from_arrays(labels)).frame, "implies") == set()
    labels[:60] = 1
    labels[30:60, 1] = -1  # half of the parents were never checked: no counter-example
    labels[60:100, 1] = 1
    assert found(relations(Dataset.from_arrays(labels)).frame, "implies") == {("0", "1")}


@pytest.mark.parametrize("missed", [0.0, 0.03, 0.12])
def test_how_often_noise_breaks_a_rule_is_estimated(missed):
    rng = np.random.default_rng(1)
    parent = np.repeat(np.arange(10), 5)
    leaf = rng.integers(60, size=6000)  # 50 leaves of 10 parents; the rest is neither
    truth = np.zeros((6000, 60), bool)
    inner = leaf < 50
    truth[np.flatnonzero(inner), leaf[inner]] = True
    truth[np.flatnonzero(inner), 50 + parent[leaf[inner]]] = True
    labels = (truth & (rng.random(truth.shape) >= missed)).astype(np.int8)
    result = relations(Dataset.from_arrays(labels))
    assert result.rate == pytest.approx(missed, abs=0.015)
    assert found(result.frame, "implies") == {(str(k), str(50 + parent[k])) for k in range(50)}
    assert result.n_rules == 50


def test_given_rates_decide_what_noise_explains():
    rng = np.random.default_rng(2)
    dog = rng.random(4000) < 0.1
    labels = np.stack([dog, dog & (rng.random(4000) > 0.15) | (rng.random(4000) < 0.1)], axis=1).astype(np.int8)
    ds = Dataset.from_arrays(labels, label_names=["dog", "animal"])
    assert found(relations(ds, miss=0.15, spurious=0.0).frame, "implies") == {("dog", "animal")}
    assert found(relations(ds, config=RelationsConfig(miss=0.01, spurious=0.01)).frame, "implies") == set()


def test_sources_agree_or_are_in_conflict():
    rng = np.random.default_rng(5)
    dog, mustard = rng.random(2000) < 0.3, rng.random(2000) < 0.2
    labels = np.stack([dog | (rng.random(2000) < 0.2), dog & (rng.random(2000) < 0.4), mustard, mustard & (rng.random(2000) < 0.5)], axis=1)
    labels[:8, 0] = False
    names = ["dog", "sheep dog", "mustard", "hot dog"]
    frame = relations(Dataset.from_arrays(labels.astype(np.int8), label_names=names)).frame
    rows = {(row["label_a"], row["label_b"]): row for row in frame.filter(pl.col("relation") == "implies").iter_rows(named=True)}
    assert (rows["sheep dog", "dog"]["source"], rows["sheep dog", "dog"]["sources"]) == ("labels", ["labels", "names"])
    assert rows["sheep dog", "dog"]["conflict"] is False
    wrong = rows["hot dog", "dog"]
    assert (wrong["source"], wrong["sources"], wrong["supported"], wrong["conflict"]) == ("names", ["names"], False, True)
    assert rows["hot dog", "mustard"]["confidence"] > 0.9
    alone = relations(Dataset.from_arrays(labels.astype(np.int8), label_names=names), names=False).frame
    assert not (alone["source"] == "names").any()


def test_labels_that_seem_identical_give_way_to_a_stated_direction():
    frame = relations(noisy_dataset([("dog", "hound")])).frame.filter(
        pl.col("label_a").is_in(["dog", "hound"]) & pl.col("label_b").is_in(["dog", "hound"])
    )
    row = frame.row(0, named=True)
    assert (frame.height, row["label_a"], row["relation"], row["supported"], row["conflict"]) == (1, "hound", "implies", True, False)


def test_counter_examples_come_by_item():
    result = relations(noisy_dataset())
    ids = result.counter_examples("dog", "animal", n=1000)
    states = noisy_dataset().labels.dense()[ids.to_numpy()]
    assert len(ids) == result.frame.filter(label_a="dog", label_b="animal")["counter_examples"][0]
    assert (states[:, 2] == 1).all()
    assert (states[:, 0] == 0).all()
    assert len(result.counter_examples("dog", "animal", n=2)) == 2
    both = result.counter_examples("animal", "car", n=5)
    assert both.to_list() == []
    with pytest.raises(DataError, match="expected two labels with a relation, got 'red' and 'dog'"):
        result.counter_examples("red", "dog")
    with pytest.raises(DataError, match="with their data set"):
        Relations(result.frame).counter_examples("dog", "animal")


def test_bounds_hold_the_share_that_breaks_a_rule():
    frame = relations(noisy_dataset()).frame.filter(pl.col("relation") == "implies")
    share = frame["counter_examples"] / frame["n_a"]
    assert (frame["broken_low"] <= share).all()
    assert (frame["broken_high"] >= share).all()
    low, high = clopper_pearson(np.array([0, 3]), np.array([10, 10]))
    assert low == pytest.approx([0, 0.0667], abs=1e-4)
    assert high == pytest.approx([0.3085, 0.6525], abs=1e-4)


def test_a_label_on_nearly_every_item_is_implied_by_none_and_refuted_by_none():
    rng = np.random.default_rng(0)
    labels = np.stack([rng.random(1000) < 0.96, rng.random(1000) < 0.2], axis=1).astype(np.int8)
    frame = relations(Dataset.from_arrays(labels, label_names=["thing", "dog"], taxonomy=[("thing", "dog")])).frame
    row = frame.row(0, named=True)
    assert (frame.height, row["source"], row["supported"], row["conflict"]) == (1, "taxonomy", None, False)


def test_single_label_data_is_all_exclusive():
    frame = relations(Dataset.from_arrays(np.eye(3, dtype=np.int8)[np.arange(300) % 3])).frame
    assert frame["relation"].to_list() == ["exclusive"] * 3


def test_rates_are_checked():
    with pytest.raises(DataError, match=r"miss: expected a rate in \[0, 0.5\], got 0.9"):
        relations(noisy_dataset(), miss=0.9)


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["cellcycle_fun", "eisen_fun", "gasch1_fun", "imclef07a", "imclef07d"])
def test_finds_the_edges_of_a_real_hierarchy_in_noisy_labels(shared_data, name):
    data = np.load(shared_data / "hierarchical_multilabel" / f"{name}.npz", allow_pickle=False)
    labels, names = data["sim_hier"], data["label_names"].tolist()
    frame = relations(Dataset.from_arrays(labels, label_names=names), names=False).frame
    rules = found(frame, "implies") | found(frame, "identical") | {(b, a) for a, b in found(frame, "identical")}
    edges = {(names[child], names[parent]) for parent, child in data["edges"]}
    for counts in (labels.sum(axis=0), data["truth"].sum(axis=0)):
        common = {(names[child], names[parent]) for parent, child in data["edges"] if counts[child] >= 20}
        assert len(common & rules) >= 0.95 * len(common)
    taxonomy = Taxonomy.build([(parent, child) for child, parent in edges], tuple(names))
    above = {(names[k], names[j]) for k in range(len(names)) for j in taxonomy.ancestors(k)}
    assert len(rules & above) >= 0.95 * len(rules)


def test_what_implies_two_identical_labels_goes_by_way_of_the_rarer():
    rng = np.random.default_rng(2)
    beast = rng.random(4000) < 0.4
    mammal = beast & (rng.random(4000) < 0.985)  # nearly an only child: the two seem identical
    dog, cat = (mammal & (rng.random(4000) < 0.3) for _ in range(2))
    ds = Dataset.from_arrays(np.stack([beast, mammal, dog, cat], axis=1).astype(np.int8), label_names=["beast", "mammal", "dog", "cat"])
    frame = relations(ds, miss=0.03, spurious=0.0).frame
    assert found(frame, "identical") == {("beast", "mammal")}
    assert found(frame.filter("direct"), "implies") == {("dog", "mammal"), ("cat", "mammal")}
    assert found(frame.filter(~pl.col("direct")), "implies") == {("dog", "beast"), ("cat", "beast")}


@pytest.mark.parametrize("n", [8, 30])  # too few to refute what the names say, and enough
def test_two_words_of_which_raters_use_one_are_in_conflict(n):
    frame = relations(Dataset.from_arrays([["etching"]] * n + [["etchings"]] * 60 + [["oil"]] * 60)).frame
    told = frame.filter(pl.col("label_a") == "etching", pl.col("label_b") == "etchings").select("relation", "conflict").rows()
    assert sorted(told) == [("exclusive", True), ("identical", True)]
    assert frame.filter(label_b="oil")["conflict"].to_list() == [False, False]
