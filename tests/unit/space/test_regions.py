"""Regions of the map: where items are dense, named by the words or labels that set them apart."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.errors import DataError
from labelscope.space.basins import Raster, basins
from labelscope.space.contours import contours
from labelscope.space.project import EmbeddingMap
from labelscope.space.telling_words import count_words

THINGS = ("apple pie", "green leaf", "comet orbit")
N = 60  # items of each thing


def three(text: str | None = "text") -> tuple[ls.Dataset, EmbeddingMap]:
    """Three heaps on the map, each of texts and a label of its own."""
    rng = np.random.default_rng(0)
    kinds = np.repeat([0, 1, 2], N)
    items = pl.DataFrame({"item_id": [f"i{k}" for k in range(3 * N)], "text": [f"<b>{THINGS[k]}</b> seen today" for k in kinds]})
    x = rng.normal(scale=0.1, size=(3 * N, 4)).astype(np.float32)
    x[np.arange(3 * N), kinds] += 3
    labels = np.eye(3, dtype=np.int8)[kinds]
    ds = ls.Dataset.from_arrays(labels, label_names=["fruit", "plant", "sky"], embeddings=x, items=items, text=text)
    places = np.array([[0, 0], [10, 0], [0, 10]])[kinds] + rng.normal(scale=0.2, size=(3 * N, 2))
    frame = pl.DataFrame({"item_id": items["item_id"], "x": places[:, 0], "y": places[:, 1]})
    return ds, EmbeddingMap(frame, method="pca", trustworthiness=None)


def test_each_heap_is_a_region_named_by_its_words():
    ds, layout = three()
    found = ls.map_regions(ds, layout)
    largest = found.frame.filter(level=0)
    assert largest["n_items"].to_list() == [N] * 3
    assert {frozenset(name.split(", ")) for name in largest["name"]} == {frozenset(words.split()) for words in THINGS}
    for region in largest["region"]:
        assert set(found.items(region)) in [{f"i{k}" for k in range(start, start + N)} for start in (0, N, 2 * N)]
        assert largest["exemplar"][region] in set(found.items(region))


def test_without_texts_labels_name_a_region():
    found = ls.map_regions(*three(text=None))
    assert sorted(found.frame.filter(level=0)["name"]) == ["fruit", "plant", "sky"]


def test_an_item_beside_the_map_is_in_no_region_and_a_wrong_number_is_refused():
    ds, layout = three()
    found = ls.map_regions(ds, EmbeddingMap(layout.frame.filter(pl.col("item_id") != "i0"), method="pca", trustworthiness=None))
    assert (found.codes[:, 0] == -1).all()
    assert not any("i0" in found.items(region) for region in found.frame["region"])
    with pytest.raises(DataError, match="region: expected a number from 0 to"):
        found.items(found.frame.height)


def test_a_map_of_other_items_is_refused():
    ds, layout = three()
    with pytest.raises(DataError, match=r"make it anew: ls.embedding_map\(ds\)"):
        ls.map_regions(ds, EmbeddingMap(layout.frame.with_columns(item_id="x" + pl.col("item_id")), method="pca", trustworthiness=None))


def test_a_group_of_more_than_half_the_items_has_a_name():
    told = count_words([f"word{k % 6}" if k < 60 else f"other{k % 6}" for k in range(100)])
    assert told is not None
    names = told.apart([np.arange(60), np.arange(60, 100)], 2)
    assert [len(of) for of in names] == [2, 2]
    assert all(word.startswith("word") for word in names[0])


def test_a_stop_word_and_a_number_name_nothing_however_few_texts_they_are_in():
    told = count_words(["paper of red 101", "paper of blue 101", *(f"sky{k} sun" for k in range(8))])
    assert told.apart([[0, 1]], 5) == [["paper", "blue", "red"]]


def test_points_at_one_place_are_one_basin_and_none_is_none():
    assert basins(Raster.of(np.ones((9, 2))), 0.03, least=2, most=5).codes.tolist() == [0] * 9
    nowhere = Raster.of(np.full((4, 2), np.nan))
    assert basins(nowhere, 0.03, least=1, most=5).codes.tolist() == [-1] * 4
    assert contours(nowhere) == []


def test_lines_of_equal_density_lie_around_the_points():
    xy = np.random.default_rng(0).normal(size=(4000, 2))
    lines = contours(Raster.of(xy))
    widest = max(float(np.abs(line).max()) for line in lines)
    assert 1 < widest < 3  # three quarters of the points of a normal distribution lie within 1.7
