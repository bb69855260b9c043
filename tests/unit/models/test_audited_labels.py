import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.models.audited_labels import audited_labels

DS = ls.Dataset.from_arrays([[1, 0], [0, 1], [1, 1]], label_names=["a", "b"], item_ids=["x", "y", "z"])


def frame(rows):
    return pl.DataFrame(rows, schema={"item_id": pl.String, "label": pl.String, "state": pl.Int64}, orient="row")


def test_audited_cells_are_known_and_all_others_unknown():
    found = audited_labels(DS, frame([("x", "a", 0), ("z", "b", 1), ("y", "a", -1), ("x", "a", 0)]))
    assert found.dense().tolist() == [[0, -1], [-1, -1], [-1, 1]]


def test_a_pandas_frame_with_float_states_will_do():
    pandas = pytest.importorskip("pandas")
    assert audited_labels(DS, pandas.DataFrame({"item_id": ["y"], "label": ["b"], "state": [1.0]})).dense()[1, 1] == 1


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("x", "a", 1), ("x", "a", 0)], "both 1 and 0 for item 'x', label 'a'"),
        ([("w", "a", 1)], "item_id"),
        ([("x", "c", 1)], "label"),
        ([("x", "a", 2)], "states 1, 0 and -1, got 2"),
        ([("x", "a", -1)], "at least one cell"),
    ],
)
def test_bad_audits_are_refused_in_one_line(rows, words):
    with pytest.raises(ls.DataError, match=words) as error:
        audited_labels(DS, frame(rows))
    assert "\n" not in str(error.value)


def test_a_missing_column_is_named():
    with pytest.raises(ls.DataError, match="state is missing"):
        audited_labels(DS, pl.DataFrame({"item_id": ["x"], "label": ["a"]}))
    assert np.array_equal(DS.labels.dense(), [[1, 0], [0, 1], [1, 1]])
