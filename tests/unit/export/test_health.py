from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from labelscope import Dataset, agreement, compare_splits, embedding_quality, nutrition_label
from labelscope.export.health import health_of
from labelscope.export.health_checks import HealthSources
from labelscope.export.nutrition_label import NutritionLabel
from labelscope.models.reliability import calibration
from labelscope.stats.equal_rows import equal_rows

N = 300
NAMES = ["clear", "lot", "few", "none"]


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """Label "clear" follows the embedding, "lot" is drawn by lot, "few" has 5 positives, "none" none; 20 items are there twice."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(N, 30)).astype(np.float32)
    x[:100, 0] += 12
    x[200:220] = x[20:40]
    labels = np.zeros((N, 4), np.int8)
    labels[:100, 0] = labels[200:220, 0] = 1
    labels[rng.permutation(N)[:90], 1] = 1
    labels[200:220, 1] = labels[20:40, 1]
    labels[295:, 2] = 1
    labels[200:203, 0] = 0  # three copies that lack the label
    items = pl.DataFrame({"split": ["test" if k >= 210 else "train" for k in range(N)], "name": [f"n{k % 298}" for k in range(N)]})
    return Dataset.from_arrays(labels, label_names=NAMES, embeddings=x, items=items)


def told(health, check):
    return health.frame.filter(check=check).row(0, named=True)


def test_what_nobody_measured_is_said_with_a_way_to_measure_it(dataset):
    health = health_of(dataset, HealthSources())
    open_checks = health.frame.filter(severity="not measured")["check"].to_list()
    assert sorted(open_checks) == ["agreement", "calibration", "drift", "embedding", "shortcuts"]
    assert "split= of read" in told(health, "drift")["says"]
    assert "votes= of read" in told(health, "agreement")["says"]
    assert set(health.frame["check"]) >= {"rare", "never", "unknown", "imbalance"}


def test_the_worst_comes_first_and_each_finding_names_its_items(dataset):
    health = health_of(dataset, HealthSources(quality=embedding_quality(dataset, split="split"), splits=compare_splits(dataset)))
    order = health.frame["severity"].to_list()
    assert order == sorted(order, key=["serious", "warning", "fine", "not measured"].index)
    cells = health.parts["different duplicates"]
    assert sorted(zip(cells.rows.tolist(), cells.labels.tolist(), strict=True)) == [(k, 0) for k in (20, 21, 22, 200, 201, 202)]
    assert (told(health, "different duplicates")["n_items"], told(health, "different duplicates")["n_cells"]) == (6, 6)
    assert sorted(health.parts["duplicates"].rows) == [*range(20, 40), *range(200, 220)]
    assert sorted(health.parts["leaks"].rows) == [*range(30, 40), *range(210, 220)]
    assert told(health, "leaks")["says"].startswith("10 pairs of near-duplicates lie in two splits (split)")
    assert told(health, "invisible")["labels"] == ["lot"]
    assert told(health, "absent")["labels"] == ["few"]


def test_labels_that_were_corrected_are_told_as_they_stand(dataset):
    quality = embedding_quality(dataset, split="split")
    labels = dataset.labels.replace(np.array([200, 201, 202]), np.zeros(3, np.int64), np.ones(3, np.int8))
    mended = health_of(dataset, HealthSources(labels=labels, quality=quality.on(replace(dataset, labels=labels))))
    assert told(mended, "different duplicates")["severity"] == "fine"
    assert "different duplicates" not in mended.parts
    unknown = dataset.labels.replace(np.arange(30), np.full(30, 3), np.full(30, -1, np.int8))
    left = health_of(dataset, HealthSources(labels=unknown))
    assert told(left, "unknown")["says"].startswith("2.5% of the cells are unknown (30)")
    assert left.parts["unknown"].rows.tolist() == list(range(30))
    assert set(left.parts["unknown"].labels) == {3}


def test_few_positives_are_listed_and_no_positives_are_said(dataset):
    health = health_of(dataset, HealthSources())
    assert told(health, "rare")["labels"] == ["few"]
    assert health.parts["rare"].rows.tolist() == [295, 296, 297, 298, 299]
    assert (told(health, "never")["labels"], told(health, "never")["n_items"]) == (["none"], None)


def test_equal_rows_with_other_labels_are_serious(dataset):
    items = dataset.items.drop("split").with_columns(name=pl.Series(["same" if k in (0, 150) else f"n{k}" for k in range(N)]))
    twice = replace(dataset, items=items)
    health = health_of(twice, HealthSources(equal=equal_rows(twice)))
    assert told(health, "equal rows")["severity"] == "serious"
    assert "1 group of rows is equal but for its labels, and 1 of them has other labels" in told(health, "equal rows")["says"]
    assert (0, 0) in set(zip(health.parts["equal rows"].rows.tolist(), health.parts["equal rows"].labels.tolist(), strict=True))
    agreed = replace(twice, labels=twice.labels.replace(np.repeat(150, 4), np.arange(4), twice.labels.dense()[0]))
    assert told(health_of(agreed, HealthSources(equal=equal_rows(agreed))), "equal rows")["severity"] == "warning"


def test_like_items_of_a_whole_class_are_no_copies():
    rng = np.random.default_rng(0)
    side = np.repeat([0.0, 1.5], 100)
    x = np.column_stack([np.cos(side), np.sin(side)]) + 0.001 * rng.normal(size=(200, 2))
    crowded = Dataset.from_arrays((side > 0).astype(int)[:, None], embeddings=x.astype(np.float32))
    row = told(health_of(crowded, HealthSources(quality=embedding_quality(crowded))), "duplicates")
    assert row["severity"] == "fine"
    assert row["says"] == "No near-duplicates. 200 items in large groups of like items are left out: they are no copies."


def test_raters_who_agree_and_raters_who_guess():
    rng = np.random.default_rng(0)
    truth = (rng.random((200, 1)) < 0.5).astype(int)

    def rated(error: float) -> str:
        said = [(k, f"r{r}", "a", int(truth[k, 0] ^ (rng.random() < error))) for k in range(200) for r in range(3)]
        votes = pl.DataFrame(said, schema=["item_id", "rater", "label", "value"], orient="row")
        ds = Dataset.from_arrays(truth, label_names=["a"], votes=votes)
        return told(health_of(ds, HealthSources(agreement=agreement(ds))), "agreement")["severity"]

    assert [rated(0.01), rated(0.12), rated(0.45)] == ["fine", "warning", "serious"]


def test_probabilities_that_are_off_are_named():
    rng = np.random.default_rng(0)
    p = rng.random((4000, 2))
    labels = (rng.random((4000, 2)) < p).astype(int)
    given = np.column_stack([p[:, 0], p[:, 1] ** 3])
    ds = Dataset.from_arrays(labels, label_names=["good", "off"], probabilities=given)
    row = told(health_of(ds, HealthSources(calibration=calibration(ds))), "calibration")
    assert (row["severity"], row["labels"]) == ("warning", ["off"])
    fine = told(health_of(ds, HealthSources(calibration=calibration(replace(ds, probabilities=p)))), "calibration")
    assert fine["severity"] == "fine"


def test_a_shortcut_is_serious_where_it_tells_nearly_all(dataset):
    def severity(auc):
        found = pl.DataFrame({"label": ["clear"], "column": ["name"], "value": ["n1"], "auc": [auc], "n_items": [3]})
        return told(health_of(dataset, HealthSources(shortcuts=found)), "shortcuts")["severity"]

    assert [severity(0.8), severity(0.99)] == ["warning", "serious"]


def test_the_card_has_the_same_findings_and_keeps_them_in_json(dataset):
    card = nutrition_label(dataset, quality=embedding_quality(dataset, split="split"), splits=compare_splits(dataset))
    assert told(card.health, "leaks")["figure"] == 10
    again = NutritionLabel.from_json(card.to_json())
    assert again.health.frame.equals(card.health.frame)
    assert again.with_review(pl.DataFrame({"verdict": ["accepted"]})).health.frame.equals(card.health.frame)
    assert "- 10 pairs of near-duplicates lie in two splits" in card.to_markdown()
    old = {part: of for part, of in json.loads(card.to_json()).items() if part != "health"}
    assert NutritionLabel.from_json(json.dumps(old)).health.frame.is_empty()
    assert card.health.summary() == "Health: 3 to mend, 5 to look at, 4 fine, 3 not measured"
