"""A search in the rows of a sparse matrix finds what looking into the dense one finds."""

import numpy as np
import scipy.sparse as sp

from labelscope.compute.row_search import find_in_rows


def test_cells_are_found_where_they_are_and_not_elsewhere():
    rng = np.random.default_rng(0)
    matrix = sp.random(60, 40, 0.2, format="csr", random_state=0)
    matrix.data[:] = np.arange(matrix.nnz) + 1
    rows, columns = rng.integers(0, 60, 2000), rng.integers(0, 40, 2000)
    place = find_in_rows(matrix.indptr, matrix.indices, rows, columns)
    np.testing.assert_array_equal(np.where(place >= 0, matrix.data[place], 0), matrix.toarray()[rows, columns])


def test_an_empty_matrix_and_an_empty_question_find_nothing():
    starts, none = np.zeros(4, np.int64), np.empty(0, np.int64)
    assert find_in_rows(starts, none, np.array([0, 2]), np.array([1, 0])).tolist() == [-1, -1]
    assert find_in_rows(np.array([0, 1]), np.array([5]), none, none).tolist() == []
