"""Arrays on which linear algebra breaks down, and label matrices that leave little to learn."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import scipy.sparse as sp

Make = Callable[[np.random.Generator, int], object]


def _alike(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.repeat(rng.normal(size=(1, 8)), n, axis=0)


EMBEDDINGS: dict[str, Make] = {
    "normal": lambda rng, n: rng.normal(size=(n, 8)),
    "few items, many features": lambda rng, n: rng.normal(size=(n, 3 * n)),
    "constant": lambda _, n: np.ones((n, 5)),
    "zero": lambda _, n: np.zeros((n, 5), np.float32),
    "all alike": _alike,
    "singular": lambda rng, n: rng.normal(size=(n, 1)) @ np.ones((1, 7)),
    "one feature": lambda rng, n: rng.normal(size=(n, 1)),
    "no feature": lambda _, n: np.zeros((n, 0)),
    "1e300": lambda rng, n: rng.normal(size=(n, 4)) * 1e300,
    "1e38": lambda rng, n: (rng.normal(size=(n, 4)) * 1e37).astype(np.float32),
    "1e25": lambda rng, n: (rng.normal(size=(n, 40)) * 1e25).astype(np.float32),
    "1e15": lambda rng, n: rng.normal(size=(n, 4)) * 1e15,
    "1e-300": lambda rng, n: rng.normal(size=(n, 4)) * 1e-300,
    "1e-30": lambda rng, n: (rng.normal(size=(n, 40)) * 1e-30).astype(np.float32),
    "one huge number": lambda rng, n: np.where(np.arange(n * 4).reshape(n, 4) == 3, 1e30, rng.normal(size=(n, 4))),
    "one item apart": lambda rng, n: np.where(np.arange(n)[:, None] == 0, 1e8, rng.normal(size=(n, 4))),
    "float16 limit": lambda rng, n: (rng.choice([-1, 1], size=(n, 4)) * 65504).astype(np.float16),
    "NaN": lambda _, n: np.full((n, 3), np.nan),
    "infinity": lambda _, n: np.full((n, 3), np.inf, np.float16),
    "int64 limits": lambda rng, n: rng.choice([-(2**63), 2**63 - 1], size=(n, 4)),
    "long double": lambda rng, n: rng.normal(size=(n, 4)).astype(np.longdouble) * np.longdouble(10) ** 1000,
    "complex": lambda rng, n: rng.normal(size=(n, 4)) * 1j,
    "bool": lambda rng, n: rng.random((n, 4)) < 0.5,
    "text": lambda _, n: np.full((n, 4), "1.5"),
    "objects": lambda _, n: np.full((n, 4), None),
    "dates": lambda _, n: np.full((n, 4), np.datetime64("2020-01-01")),
    "ragged": lambda _, n: [[1.0] * (k % 3) for k in range(n)],
    "three axes": lambda rng, n: rng.normal(size=(n, 2, 2)),
    "one axis": lambda rng, n: rng.normal(size=n),
    "a number": lambda _, __: 3.5,
    "masked": lambda rng, n: np.ma.masked_array(rng.normal(size=(n, 4)), mask=rng.random((n, 4)) < 0.5),
    "sparse": lambda rng, n: sp.csr_matrix(rng.random((n, 4)) < 0.5),
    "big endian": lambda rng, n: rng.normal(size=(n, 4)).astype(">f8"),
    "strided": lambda rng, n: rng.normal(size=(4, 2 * n)).T[::2],
}
PROBABILITIES: dict[str, Make] = {
    "none": lambda *_: None,
    "uniform": lambda rng, shape: rng.random(shape),
    "zero": lambda _, shape: np.zeros(shape),
    "one": lambda _, shape: np.ones(shape, np.int64),
    "half": lambda _, shape: np.full(shape, 0.5, np.float16),
    "0 or 1": lambda rng, shape: (rng.random(shape) < 0.5).astype(float),
    "denormal": lambda _, shape: np.full(shape, 5e-324),
    "next to 1": lambda _, shape: np.full(shape, np.nextafter(1.0, 0.0)),
    "above 1": lambda _, shape: np.full(shape, 1.0 + 1e-12),
    "NaN": lambda _, shape: np.full(shape, np.nan),
}
LABELS: dict[str, Make] = {
    "half": lambda rng, n: (rng.random((n, 4)) < 0.5).astype(int),
    "rare": lambda rng, n: (rng.random((n, 30)) < 2 / n).astype(int),
    "all positive": lambda _, n: np.ones((n, 3), int),
    "one positive": lambda _, n: (np.arange(n * 3).reshape(n, 3) == 4).astype(int),
    "alike": lambda rng, n: np.repeat((rng.random((n, 1)) < 0.5).astype(int), 4, axis=1),
    "hardly known": lambda rng, n: np.where(rng.random((n, 4)) < 0.9, -1, rng.integers(0, 2, (n, 4))),
    "positive or unknown": lambda rng, n: np.where(rng.random((n, 4)) < 0.5, -1, 1),
    "one label": lambda rng, n: (rng.random((n, 1)) < 0.5).astype(int),
    "sparse": lambda rng, n: sp.random(n, 50, 0.05, "coo", rng=rng, dtype=np.float32),
    "more labels than items": lambda rng, n: (rng.random((n, 3 * n)) < 0.1).astype(int),
    "opposite": lambda rng, n: np.column_stack([row := rng.random(n) < 0.5, ~row]).astype(int),
    "floats": lambda rng, n: rng.choice([0.0, 1.0, -1.0], size=(n, 4)),
    "wrong states": lambda rng, n: rng.integers(-3, 4, (n, 3)),
    "NaN": lambda _, n: np.full((n, 2), np.nan),
    "huge": lambda _, n: np.full((n, 2), 1e300),
    "text": lambda _, n: np.full((n, 2), "1"),
    "ragged": lambda _, n: [[k % 3, "a"] if k % 2 else [] for k in range(n)],
    "huge indices": lambda _, n: [[10**12 + k] for k in range(n)],
    "negative indices": lambda _, n: [[-k, 5] for k in range(n)],
    "nested": lambda _, n: [[[1], [2]]] * n,
    "objects": lambda _, n: np.full((n, 2), None),
}


def parts(draw: random.Random) -> tuple[str, dict[str, object]]:
    """A name and the arguments of `Dataset.from_arrays`, one of which at least is degenerate."""
    rng = np.random.default_rng(draw.randrange(1 << 32))
    n = draw.choice((1, 2, 5, 6, 20, 40, 60))
    labels, embeddings, probabilities = (draw.choice(list(kind)) for kind in (LABELS, EMBEDDINGS, PROBABILITIES))
    given = LABELS[labels](rng, n)
    width = getattr(given, "shape", (n, 3))[1]
    made = {
        "labels": given,
        "embeddings": EMBEDDINGS[embeddings](rng, n),
        "probabilities": PROBABILITIES[probabilities](rng, (n, width)),
    }
    return f"labels {labels}, embeddings {embeddings}, probabilities {probabilities}, {n} items", made
