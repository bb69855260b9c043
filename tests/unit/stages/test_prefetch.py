import threading

import numpy as np
import pytest

import labelscope as ls
from labelscope.compute.progress import advance
from labelscope.errors import DataError
from labelscope.session import Session
from labelscope.stages.prefetch import Prefetch


@pytest.fixture
def session(tmp_path):
    x = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
    return Session(ls.Dataset.from_arrays((x[:, :2] > 0).astype(int), embeddings=x), ledger=tmp_path / "ledger.sqlite")


def test_the_stages_run_until_the_session_is_taken(session, tmp_path):
    prefetch = Prefetch(lambda: session)
    assert prefetch.join(30)
    assert {"embeddings", "first_map", "predictions", "findings", "suggestions"} <= session.ready
    assert "map" not in session.ready
    assert prefetch.take() is session
    assert not (tmp_path / "ledger.sqlite").exists()  # nothing is written before something is decided


def test_taking_it_lets_the_running_stage_finish_and_begins_no_other(session, monkeypatch):
    began, go_on = threading.Event(), threading.Event()

    def slow(*_, **__):
        began.set()
        assert go_on.wait(10)
        return "a map"

    monkeypatch.setattr("labelscope.space.project.embedding_map", slow)
    prefetch = Prefetch(lambda: session)
    assert began.wait(10)
    assert prefetch.take() is session
    go_on.set()
    assert prefetch.join(10)
    assert session.ready == {"embeddings", "first_map"}


def test_dropping_it_stops_inside_a_stage(session, monkeypatch):
    began, reached = threading.Event(), []

    def slow(*_, **__):
        began.set()
        for _ in range(1000):
            advance("map", 0.5)
            threading.Event().wait(0.01)
        reached.append(True)

    monkeypatch.setattr("labelscope.space.project.embedding_map", slow)
    prefetch = Prefetch(lambda: session)
    assert began.wait(10)
    prefetch.drop()
    assert prefetch.join(5)
    assert not reached
    assert session.ready == {"embeddings"}


def test_what_making_the_session_raised_is_raised_to_who_takes_it():
    def make():
        raise DataError("labels: expected a column 'y'")

    with pytest.raises(DataError, match="'y'"):
        Prefetch(make).take()


def test_a_stage_that_fails_is_left_to_the_explorer(session, monkeypatch):
    monkeypatch.setattr("labelscope.space.project.embedding_map", lambda *_, **__: (_ for _ in ()).throw(DataError("no")))
    prefetch = Prefetch(lambda: session)
    assert prefetch.join(10)
    assert prefetch.take().ready == {"embeddings"}
