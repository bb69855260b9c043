import numpy as np
import polars as pl
import pytest

from labelscope.data.labels import from_dense
from labelscope.data.positions import positions


@pytest.mark.parametrize("n_keys", [3, 300, 5000])
def test_positions_index_sparse_labels_whatever_memory_the_join_gave(n_keys):
    keys = pl.Series([str(k) for k in range(n_keys)])
    wanted = np.random.default_rng(0).integers(0, n_keys, 300)
    found = positions(pl.Series(wanted), keys, expected="known items", remedy="drop them")
    assert found.tolist() == wanted.tolist()
    assert found.flags.owndata
    found.flags.writeable = True  # as scipy does
    labels = from_dense(np.eye(n_keys, dtype=np.int8))
    assert labels.states(found, found).tolist() == [1] * 300
