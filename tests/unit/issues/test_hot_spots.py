"""Hot spots: suspicious cells of a label that lie closer together on the map than chance would have it."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.errors import DataError
from labelscope.issues.find import Findings
from labelscope.issues.hot_spots import error_density
from labelscope.space.project import EmbeddingMap

N = 400


def world(default: int = 0) -> tuple[ls.Dataset, ls.MapRegions]:
    """Two heaps of items; label a is on every second item, b on none of the first heap."""
    rng = np.random.default_rng(0)
    heap = np.arange(N) % 4 == 0
    labels = np.column_stack([np.arange(N) % 2, ~heap]).astype(np.int8)
    if default < 0:
        labels[(labels == 0) & (rng.random(labels.shape) < 0.5)] = -1
    x = rng.normal(size=(N, 3)) + 5 * heap[:, None]
    ds = ls.Dataset.from_arrays(labels, label_names=["a", "b"], embeddings=x)
    places = rng.normal(scale=0.3, size=(N, 2)) + 10 * heap[:, None]
    frame = pl.DataFrame({"item_id": ds.item_ids, "x": places[:, 0], "y": places[:, 1]})
    return ds, ls.map_regions(ds, EmbeddingMap(frame, method="pca", trustworthiness=None))


def findings(ds: ls.Dataset, rows: np.ndarray, label: str, kind: str) -> Findings:
    frame = pl.DataFrame({"item_id": ds.item_ids.gather(rows)}).with_columns(
        label=pl.lit(label),
        given=pl.lit(0 if kind == "missing" else 1, pl.Int8),
        kind=pl.lit(kind),
        suspicion=0.9,
        flagged=False,
        confidence=0.5,
    )
    return Findings(frame)


HEAP = np.flatnonzero(np.arange(N) % 4 == 0)


@pytest.mark.parametrize("default", [0, -1])
def test_suspicious_cells_in_one_heap_are_a_spot(default):
    ds, regions = world(default)
    cells = HEAP[ds.labels.states(HEAP, np.zeros(len(HEAP), np.int64)) == 0][:20]
    found = ls.hot_spots(ds, findings(ds, cells, "a", "missing"), regions)
    assert found.frame.select("label", "kind", "n_cells").row(0) == ("a", "missing", 20)
    assert set(found.cells.filter(spot=0)["item_id"]) == set(ds.item_ids.gather(cells))
    assert 5 < found.frame["expected"][0] < 14  # about half of all that could be missing are in this heap
    assert found.frame["x"][0] > 5


def test_cells_spread_evenly_are_none():
    ds, regions = world()
    found = ls.hot_spots(ds, findings(ds, np.arange(1, N, 8), "a", "spurious"), regions)
    assert found.frame.is_empty()
    assert found.cells.is_empty()
    assert "spread over the map as chance would have it" in found.summary()


def test_no_suspicious_cell_is_no_spot():
    ds, regions = world()
    assert ls.hot_spots(ds, findings(ds, np.array([], np.int64), "a", "missing"), regions).frame.is_empty()


def test_regions_of_other_items_are_refused():
    ds, regions = world()
    other = ls.Dataset.from_arrays(np.ones((3, 2), np.int8), label_names=["a", "b"], embeddings=np.eye(3))
    with pytest.raises(DataError, match=r"make them anew: ls.map_regions\(ds\)"):
        ls.hot_spots(other, findings(ds, HEAP, "a", "missing"), regions)


def test_density_is_one_where_errors_are_as_common_as_everywhere():
    xy = np.repeat([[0.0, 0.0], [9.0, 9.0], [np.nan, np.nan]], [50, 50, 1], axis=0)
    ds = ls.Dataset.from_arrays(np.ones((101, 1), np.int8), label_names=["a"])

    def density(rows: list[int]) -> np.ndarray:
        return error_density(ds, findings(ds, rows, "a", "spurious"), xy)

    even = density(list(range(0, 100, 5)))
    assert np.allclose(even[:100], 1)
    assert np.isnan(even[100])
    one_side = density(list(range(10)))
    assert np.allclose(one_side[:50], 2)
    assert np.allclose(one_side[50:100], 0, atol=1e-6)
    assert np.isnan(density([])).all()
