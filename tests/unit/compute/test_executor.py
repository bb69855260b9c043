import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from threadpoolctl import threadpool_info

from labelscope.compute import executor as executor_module
from labelscope.compute.executor import map_chunks, one_thread, row_blocks


def square(x):
    return x * x


def test_order_of_the_chunks_is_kept_and_few_are_in_flight(monkeypatch):
    monkeypatch.setattr(executor_module, "IN_FLIGHT", 3)
    taken = []

    def chunks():
        for x in range(10):
            taken.append(x)
            yield x

    with ThreadPoolExecutor(2) as pool:
        results = map_chunks(square, chunks(), pool)
        assert next(results) == 0
        assert len(taken) == 3
        assert list(results) == [x * x for x in range(1, 10)]


def test_blocks_cover_every_row_once():
    blocks = list(row_blocks(10, bytes_per_row=100, budget=300))
    assert np.concatenate([np.arange(10)[b] for b in blocks]).tolist() == list(range(10))
    assert len(blocks) == 4


def test_one_thread_is_for_the_block_alone():
    def threads():
        return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]

    before = threads()
    with one_thread():
        assert set(threads()) <= {1}
    assert threads() == before


LATER = """
from threadpoolctl import threadpool_info
from labelscope.compute.executor import one_thread
with one_thread():
    pass
known = {library["filepath"] for library in threadpool_info()}
import scipy.linalg
with one_thread():
    new = [library["num_threads"] for library in threadpool_info() if library["filepath"] not in known]
assert new and set(new) == {1}, new
"""


def test_a_library_that_was_loaded_later_is_held_to_one_thread_too():
    several = os.environ | {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"}
    subprocess.run([sys.executable, "-c", LATER], env=several, check=True)
