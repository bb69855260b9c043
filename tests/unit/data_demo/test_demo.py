"""The demo data set holds what the tutorials promise, and the errors planted in it are the ones that are counted."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import polars as pl
import pytest
from PIL import Image

from labelscope.data.demo import DemoTruth, demo, demo_truth
from labelscope.data.demo.make import made_demo
from labelscope.data.demo.vocabulary import DESCRIPTIONS, LABELS, closure
from labelscope.errors import DataError

N_ITEMS = 2000


@pytest.fixture(scope="module")
def dataset():
    return demo(N_ITEMS)


@pytest.fixture(scope="module")
def truth() -> DemoTruth:
    return demo_truth(N_ITEMS)


def test_size_and_columns(dataset):
    assert dataset.labels.shape == (N_ITEMS, 24)
    assert dataset.items.columns == ["item_id", "image", "caption", "split"]
    assert (dataset.text, dataset.image) == ("caption", "image")
    assert dataset.item_ids.str.starts_with("synthetic-").all()
    assert all(text.endswith("(synthetic)") for text in DESCRIPTIONS.values())
    assert set(DESCRIPTIONS) == set(LABELS)


def test_fifteen_percent_of_cells_are_unknown(dataset):
    assert (dataset.labels.dense() == -1).mean() == pytest.approx(0.15, abs=0.005)


def test_long_tail(dataset):
    positives = np.sort(dataset.labels.n_positive)
    assert (positives < 20).sum() >= 3
    assert positives[0] > 0
    assert positives[-1] > 0.75 * N_ITEMS


def test_truth_obeys_taxonomy_and_exclusion(truth):
    states = truth.states.astype(bool)
    implied = states.astype(int) @ closure().astype(int) > 0
    assert (implied == states).all()
    day, night = (states[:, LABELS.index(name)] for name in ("day", "night"))
    assert not (day & night).any()


def test_labels_co_occur(truth):
    states = truth.states.astype(bool)
    star, yellow = (states[:, LABELS.index(name)] for name in ("star", "yellow"))
    assert yellow[star].mean() > 3 * yellow[~star].mean()


def test_planted_are_exactly_the_wrong_known_cells(dataset, truth):
    given = dataset.labels.dense()
    assert truth.planted.height == ((given != -1) & (given != truth.states)).sum()
    rows = truth.planted["item_id"].map_elements(dataset.position, return_dtype=pl.Int64).to_numpy()
    columns = [LABELS.index(label) for label in truth.planted["label"]]
    assert (given[rows, columns] == truth.planted["given"].to_numpy()).all()
    assert (truth.states[rows, columns] == truth.planted["truth"].to_numpy()).all()
    assert set(truth.planted["cause"]) == {"small", "hidden", "look-alike", "habit", "slip"}


def test_both_kinds_are_planted_in_a_plausible_amount(dataset, truth):
    share = truth.planted.height / (dataset.labels.dense() != -1).sum()
    kinds = dict(truth.planted.group_by("kind").len().iter_rows())
    assert 0.02 < share < 0.04
    assert kinds["missing"] > kinds["spurious"] > 200


def test_small_objects_are_missed_more_often(truth):
    made = made_demo(N_ITEMS, 0)
    small = made.table["caption"].str.contains("small").to_numpy()
    missing = ((made.annotation.given == 0) & (truth.states == 1)).sum(axis=1)
    assert missing[small].mean() > 2 * missing[~small].mean()


def test_raters_have_their_weaknesses(dataset, truth):
    votes = dataset.votes
    assert votes.rater_names == ("careful", "generous", "hasty")
    wrong = {}
    for position, rater in enumerate(votes.rater_names):
        own = votes.raters == position
        state, value = truth.states[votes.items[own], votes.labels[own]], votes.values[own]
        wrong[rater] = (value[state == 1] == 0).mean(), (value[state == 0] == 1).mean()
    assert wrong["hasty"][0] > 3 * wrong["careful"][0]
    assert wrong["generous"][1] > 5 * wrong["careful"][1]


def test_captions_name_most_but_not_all(dataset, truth):
    captions = dataset.items["caption"].str
    heart, triangle = (truth.states[:, LABELS.index(name)] == 1 for name in ("heart", "triangle"))
    named = captions.contains("triangle").to_numpy()
    assert 0.85 < named[triangle].mean() < 1
    assert not named[~triangle].any()
    assert captions.contains("heart").to_numpy()[heart].mean() > 0.7


def test_pictures_are_small_pngs(dataset):
    pictures = dataset.items["image"].head(20).to_list()
    for picture in pictures:
        with Image.open(BytesIO(picture)) as image:
            assert (image.format, image.size, image.mode) == ("PNG", (64, 64), "RGB")
    assert len(set(pictures)) == len(pictures)


def test_the_seed_decides():
    made_demo.cache_clear()
    first = demo(60, seed=3)
    made_demo.cache_clear()
    again = demo(60, seed=3)
    assert first.fingerprint == again.fingerprint
    assert first.items.equals(again.items)
    assert first.fingerprint != demo(60, seed=4).fingerprint


def test_too_few_items():
    with pytest.raises(DataError, match="at least 20 scenes, got 5"):
        demo(5)


def test_found_counts_by_kind(truth):
    some = truth.planted.head(10)
    counts = {kind: (planted, found) for kind, planted, found, _ in truth.found(pl.concat([some, some])).iter_rows()}
    assert counts["both"] == (truth.planted.height, 10)
    assert counts["missing"][1] + counts["spurious"][1] == 10
    with pytest.raises(DataError, match="label is missing"):
        truth.found(some.select("item_id"))
