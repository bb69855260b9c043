import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from labelscope.data.labels import from_dense
from labelscope.explorer import map_geometry as maps
from labelscope.explorer import map_sample
from labelscope.explorer.label_column import states_of
from labelscope.views import item_colours


def test_inside_agrees_with_a_painted_polygon():
    rng = np.random.default_rng(0)
    polygon = np.array([[10, 10], [90, 20], [60, 55], [85, 90], [20, 80], [40, 50]], float)
    image = Image.new("1", (100, 100))
    ImageDraw.Draw(image).polygon([tuple(p) for p in polygon], fill=1)
    points = rng.uniform(1, 99, (4000, 2))
    painted = np.asarray(image)[points[:, 1].astype(int), points[:, 0].astype(int)]
    assert (maps.inside(points.astype(np.float32), polygon) == painted).mean() > 0.98


def test_a_line_and_a_missing_point_enclose_nothing():
    xy = np.array([[0.5, 0.5], [np.nan, np.nan]], np.float32)
    assert not maps.inside(xy, np.array([[0, 0], [1, 1]])).any()
    assert maps.inside(xy, np.array([[0, 0], [1, 0], [1, 1], [0, 1]])).tolist() == [True, False]


@given(st.lists(st.booleans(), min_size=1, max_size=70))
def test_masks_are_packed_with_the_first_item_lowest(bits):
    packed = np.frombuffer(maps.pack(np.array(bits)), np.uint8)
    assert [bool(packed[i >> 3] >> (i & 7) & 1) for i in range(len(bits))] == bits


def test_coordinates_follow_the_item_ids_and_not_the_rows():
    frame = pl.DataFrame({"item_id": ["b", "a"], "x": [1.0, 2.0], "y": [3.0, 4.0]})
    xy = maps.coordinates(frame, pl.Series("item_id", ["a", "b", "c"]))
    assert xy.dtype == np.float32
    assert xy[:2].tolist() == [[2, 4], [1, 3]]
    assert np.isnan(xy[2]).all()


def test_colours_of_one_label_and_of_the_commonest():
    for unknown_default in (False, True):
        states = np.array([[1, 0], [0, 1], [-1, -1], [1, 1]] + [[-1, -1]] * (6 if unknown_default else 0))
        labels = from_dense(states)
        decided = np.array([3]), np.array([-1])
        codes = item_colours.label_states(states_of(labels, 0, decided), np.array([1]), np.array([], int)).codes
        assert codes[:4].tolist() == [1, 3, 2, 2]
    colours = item_colours.commonest_labels(from_dense(np.array([[1, 0], [1, 1], [0, 0]])), ["often", "seldom"])
    assert [colours.legend[code]["name"] for code in colours.codes] == ["often", "seldom", "No label"]
    assert [entry["count"] for entry in colours.legend] == [2, 1, 0, 1, 0]


def test_an_item_that_nobody_looked_at_is_unknown_and_not_without_a_label():
    for unknown_default in (False, True):
        states = [[1, -1], [0, 0], [-1, -1], [0, -1]] + [[-1, -1] if unknown_default else [0, 0]] * 6
        labels = from_dense(np.array(states))
        assert labels.default == (-1 if unknown_default else 0)
        assert labels.n_unknown_of_items[:4].tolist() == [1, 0, 2, 1]
        colours = item_colours.commonest_labels(labels, ["often", "seldom"])
        assert [colours.legend[code]["name"] for code in colours.codes[:4]] == ["often", "No label", "Unknown", "Unknown"]
        assert colours.legend[-1] == {"code": 4, "name": "Unknown", "role": "unchecked", "count": 8 if unknown_default else 2}


def test_a_part_of_the_map_shows_more_of_its_items_than_the_overview(monkeypatch):
    monkeypatch.setattr(map_sample, "MOST", 50)
    xy = np.random.default_rng(0).random((1000, 2)).astype(np.float32)
    overview, part = map_sample.in_sight(xy), map_sample.in_sight(xy, [0, 0, 0.3, 0.3])
    assert (len(overview), len(part)) == (50, 50)
    assert (np.diff(overview) > 0).all()
    assert (xy[part] <= 0.3).all()
    in_part = overview[(xy[overview] <= 0.3).all(axis=1)]
    assert np.isin(in_part, part).all()
    assert len(map_sample.in_sight(xy, [0, 0, 0.1, 0.1])) == (xy <= 0.1).all(axis=1).sum()
    monkeypatch.setattr(map_sample, "MOST", 1000)
    assert map_sample.in_sight(xy) is None


def test_suspicion_and_review_codes():
    suspicion = item_colours.suspicion_levels(np.array([0, 0.5, 1, np.nan]))
    assert suspicion.codes.tolist() == [0, 8, 15, 16]
    assert suspicion.legend[16] == {"code": 16, "name": "Not measured", "role": "missing", "count": 1}
    numbers = item_colours.number_levels(np.array([-2.0, 2.0, np.nan, np.inf]))
    assert [numbers.legend[code]["name"] for code in numbers.codes[2:]] == ["No value", numbers.legend[15]["name"]]
    assert numbers.legend[0]["name"].split(" to ")[0].startswith("-1.9")
    codes = item_colours.review_states(3, np.array([0, 0, 1]), np.array([1, 0, 2])).codes
    assert codes.tolist() == [1, 3, 0]  # pending before accepted, rejected, nothing
