"""Every way to write label sets comes back equal or is refused with advice that leads on; nothing differs in silence."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from label_shapes import SHAPES, attempt

N_EXAMPLES = 8  # of each shape; `benchmarks/readings.py` runs thousands


@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_is_read_differently_from_how_it_was_written(shape):
    outcomes = [attempt(seed, shape) for seed in range(N_EXAMPLES)]
    wrong = [outcome for outcome in outcomes if outcome.kind not in {"read", "refused"}]
    assert not wrong, wrong[0]
    assert any(outcome.kind == "read" for outcome in outcomes)
