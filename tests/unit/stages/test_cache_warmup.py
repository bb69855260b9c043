import subprocess
import time

import numpy as np
import pytest

from labelscope.compute.progress import Cancelled, watch
from labelscope.explorer.watch import Watch
from labelscope.stages import cache_warmup
from labelscope.stages.cache_warmup import warm

X = np.random.default_rng(0).normal(size=(300, 4)).astype(np.float32)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LABELSCOPE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_process_fills_the_cache_and_the_stage_only_reads_it(cache, monkeypatch):
    from labelscope.space.neighbors import nearest

    seen = []
    with watch(lambda _, done: seen.append(done)):
        assert warm("neighbours", X, 0, least=1)
    assert len(list(cache.glob("*.npz"))) == 2  # the answer, and the mark that it is there
    assert not [path for path in cache.iterdir() if path.is_dir()]
    monkeypatch.setattr("labelscope.space.neighbors.exact_neighbors", lambda *_: pytest.fail("computed again"))
    assert nearest(X).indices.shape == (300, 15)
    assert seen
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("started again"))
    assert warm("neighbours", X, 0, least=1)


def test_without_a_cache_or_for_few_items_nothing_is_started(monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("started"))
    monkeypatch.setenv("LABELSCOPE_CACHE", "off")
    assert not warm("map", X, 0, least=1)
    monkeypatch.setenv("LABELSCOPE_CACHE", "")
    assert not warm("map", X, 0)


def test_a_worker_that_dies_leaves_the_work_to_the_stage(cache):
    assert not warm("neighbours", np.full((10, 2), np.nan, np.float32), 0, least=1)


def test_cancelling_ends_the_process(cache, monkeypatch):
    started = []
    real = subprocess.Popen

    def remember(command, **options):
        started.append(real(["sleep", "60"], **options))
        return started[0]

    monkeypatch.setattr(cache_warmup.subprocess, "Popen", remember)

    def stop(*_):
        raise Cancelled

    begun = time.monotonic()
    with watch(stop), pytest.raises(Cancelled):
        warm("map", X, 0, least=1)
    assert started[0].poll() is not None
    assert time.monotonic() - begun < 30


def test_a_watch_looks_while_there_are_views_and_survives_errors(until):
    import threading

    seen, again = [], threading.Event()

    def look():
        seen.append(1)
        if len(seen) == 1:
            raise OSError("locked")
        again.set()

    watching = Watch(lambda: None, look, threading.Event(), interval=0.01)
    watching.join("a")
    watching.join("b")
    assert again.wait(10)
    watching.leave("a")
    assert [t for t in threading.enumerate() if t.name == "labelscope-watch"]
    watching.leave("b")
    assert until(lambda: not any(t.name == "labelscope-watch" for t in threading.enumerate()))
