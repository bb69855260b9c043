"""The same answer for the same seed, wherever the chunks run and however large they are."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

import numpy as np
import pytest

import labelscope as ls
from labelscope.compute import executor as executor_module
from labelscope.models.predict import PredictConfig

CHUNK = 20_000  # bytes: a few dozen items


@contextmanager
def dask():
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 1, "threads_per_worker": 2, "processes": False, "dashboard_address": None}  # inproc: opens no port
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        yield client.get_executor()


EXECUTORS = {
    "threads": lambda: ThreadPoolExecutor(3),
    "processes": lambda: ProcessPoolExecutor(2, mp_context=get_context("spawn")),
    "dask": dask,
}


def dataset(unknown: float) -> ls.Dataset:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(900, 12)).astype(np.float32)
    states = (x[:, :5] + rng.normal(size=(900, 5)) > 0.7).astype(int)
    states[rng.random(states.shape) < unknown] = -1
    return ls.Dataset.from_arrays(states, embeddings=x)


def answer(ds: ls.Dataset, executor=None, **options) -> tuple[ls.Predictions, ls.Findings]:
    predictions = ls.predict(ds, seed=3, executor=executor, **options)
    return predictions, ls.find_issues(ds, predictions, seed=3, executor=executor)


@pytest.fixture(autouse=True)
def many_chunks(monkeypatch):
    monkeypatch.setattr(executor_module, "CHUNK_BYTES", CHUNK)


@pytest.fixture(scope="module", params=list(EXECUTORS))
def pool(request):
    with EXECUTORS[request.param]() as executor:
        yield executor


@pytest.mark.parametrize("unknown", [0.0, 0.01, 0.4])
def test_any_executor_gives_the_same_to_the_bit(pool, unknown):
    ds = dataset(unknown)
    serial, found = answer(ds)
    elsewhere, found_elsewhere = answer(ds, pool)
    np.testing.assert_array_equal(serial.probabilities, elsewhere.probabilities)
    np.testing.assert_array_equal(found.scores, found_elsewhere.scores)
    assert found.cells.equals(found_elsewhere.cells)
    assert serial.frame.equals(elsewhere.frame)


def test_work_really_goes_to_the_executor():
    with ThreadPoolExecutor(1) as executor:
        submitted = []
        submit = executor.submit
        executor.submit = lambda *arguments: (submitted.append(arguments[0].__name__), submit(*arguments))[1]
        answer(dataset(0.4), executor)
    assert {"_sums", "_fill_sums"} <= set(submitted)
    assert submitted.count("_sums") > 3


def test_the_embeddings_travel_once():
    ds, rows = dataset(0.0), []
    with ThreadPoolExecutor(1) as executor:
        submit = executor.submit
        executor.submit = lambda work, chunk: (rows.append(len(chunk[0])), submit(work, chunk))[1]
        ls.predict(ds, executor=executor)
    assert sum(rows) == ds.n_items


@pytest.mark.parametrize("unknown", [0.0, 0.4])
@pytest.mark.parametrize("chunk", [3_000, 64 << 20])
def test_any_chunk_size_gives_the_same_but_for_rounding(monkeypatch, chunk, unknown):
    ds = dataset(unknown)
    before, found = answer(ds)
    monkeypatch.setattr(executor_module, "CHUNK_BYTES", chunk)
    after, found_after = answer(ds)
    np.testing.assert_allclose(before.probabilities, after.probabilities, atol=1e-5)
    flagged, flagged_after = (f.cells.filter("flagged").select("item_id", "label").sort("item_id", "label") for f in (found, found_after))
    assert flagged.height > 0
    assert flagged.equals(flagged_after)


def test_trained_heads_and_ensembles_do_not_depend_on_executor_or_chunks(monkeypatch):
    ds, options = dataset(0.1), {"heads": ("ridge", "logistic"), "config": PredictConfig(n_repeats=1, n_folds=3)}
    before, _ = answer(ds, **options)
    monkeypatch.setattr(executor_module, "CHUNK_BYTES", 64 << 20)
    with ThreadPoolExecutor(2) as executor:
        after, _ = answer(ds, executor, **options)
    np.testing.assert_allclose(before.probabilities, after.probabilities, atol=1e-5)
    assert before.heads == after.heads
