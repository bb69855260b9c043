from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from labelscope import (
    DataError,
    Dataset,
    calibration,
    compare_splits,
    embedding_quality,
    find_issues,
    nutrition_label,
    personal_data,
    predict,
    relations,
    sources,
)

EVIL = "<script>alert(1)</script>|*x*"


@pytest.fixture(scope="module")
def dataset():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 5)).astype(np.float32)
    labels = (x[:, :3] > [0, 0.5, 1]).astype(int)
    labels[:20, 1] = -1
    items = pl.DataFrame({"split": ["train", "test"] * 100, "note": [f"{EVIL} ask ann{k}@example.org" for k in range(200)]})
    return Dataset.from_arrays(labels, label_names=[EVIL, "b", "c"], embeddings=x, items=items)


@pytest.fixture(scope="module")
def full(dataset):
    predictions = predict(dataset)
    findings = find_issues(dataset, predictions)
    return nutrition_label(
        dataset, name=EVIL, findings=findings, relations=relations(dataset), splits=compare_splits(dataset),
        sources=sources(dataset, findings), personal=personal_data(dataset), calibration=calibration(dataset, predictions),
        quality=embedding_quality(dataset, split="split"), decisions=pl.DataFrame({"verdict": ["accepted", "accepted", "rejected"]}),
    )  # fmt: skip


def value(label, fact):
    return label.frame.filter(fact=fact)["value"].item()


def test_what_was_not_given_is_said_to_be_not_measured(dataset):
    label = nutrition_label(dataset)
    assert value(label, "rules between labels") == "not measured"
    assert "not known" in value(label, "wrong labels")
    assert value(label, "decisions") == "none yet"
    assert value(label, "cells that nobody checked") == "3.3%"
    assert label.frame["value"].null_count() == 0


def test_all_results_turn_into_facts(full):
    assert full.frame.filter(value="not measured").is_empty()
    assert value(full, "decisions") == "3"
    assert value(full, "accepted") == "2"
    assert value(full, "values with more errors than the others") == "0"
    assert value(full, "personal data") == "e-mail address in 200 of note"
    assert full.frame.filter(fact="items")["number"].item() == 200


def test_json_holds_every_fact(full):
    read = json.loads(full.to_json())
    assert read["name"] == EVIL
    assert sum(map(len, read["sections"].values())) == full.frame.height
    assert read["sections"]["What it is"]["labels"] == {"value": "3", "number": 3.0}


def test_markdown_is_a_page_that_data_cannot_mark_up(full):
    page = full.to_markdown()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert all(line.count(" | ") == 1 for line in page.splitlines() if line.startswith("| ") and not line.startswith("| | |"))


def test_it_comes_back_from_json_and_takes_the_review_of_today(full):
    again = type(full).from_json(full.to_json())
    assert again.frame.equals(full.frame)
    later = again.with_review(pl.DataFrame({"verdict": ["skipped"]}))
    assert later.frame.filter(section="Review")["fact"].to_list() == ["decisions", "skipped"]
    assert later.frame.filter(pl.col("section") != "Review").equals(full.frame.filter(pl.col("section") != "Review"))


@pytest.mark.parametrize("text", ["", "[]", '{"name": "x"}', '{"name": "x", "sections": {"a": 1}}'])
def test_other_json_is_refused(full, text):
    with pytest.raises(DataError, match="expected the JSON that to_json wrote"):
        type(full).from_json(text)
