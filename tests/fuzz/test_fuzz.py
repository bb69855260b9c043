"""150 broken, hostile and degenerate inputs: each is read and studied, or refused in one line. `benchmarks/fuzz.py` has 3,000."""

from __future__ import annotations

import pytest
from fuzzing.attempts import attempt, attempt_hostile
from fuzzing.hostile import HOSTILE

SLOW_TO_WRITE = {
    name for name in HOSTILE if any(word in name for word in ("million", "50 MB", "100 MB", "gzip", "zip", "npz", "200,000", "20,000"))
}
SEEDS = [seed for seed in range(10_000, 10_200) if seed % 10]  # the tenth ones are hostile files, which are tested by name


@pytest.fixture(autouse=True)
def no_cache(monkeypatch):
    monkeypatch.setenv("LABELSCOPE_CACHE", "off")


@pytest.mark.parametrize("first", range(0, 100, 10))
def test_broken_files_and_degenerate_numbers_are_read_or_refused(first, tmp_path):
    outcomes = [(seed, attempt(seed, tmp_path)) for seed in SEEDS[first : first + 10]]
    assert [(seed, outcome) for seed, outcome in outcomes if outcome.failed] == []


@pytest.mark.parametrize("name", sorted(HOSTILE.keys() - SLOW_TO_WRITE))
def test_hostile_files_are_read_or_refused(name, tmp_path):
    outcome = attempt_hostile(name, tmp_path)
    assert not outcome.failed, outcome.detail


def test_a_seed_makes_the_same_input_again(tmp_path):
    first, second = ([attempt(seed, tmp_path) for seed in (11, 15, 19)] for _ in range(2))
    assert first == second


def test_a_traceback_is_a_failure(tmp_path, monkeypatch):
    monkeypatch.setattr("fuzzing.attempts.ls.read", lambda *_, **__: 1 / 0)
    outcome = attempt(17, tmp_path)
    assert outcome.failed
    assert "ZeroDivisionError" in outcome.detail
