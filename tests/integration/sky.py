"""Apples and leaves have labels; comets, one item in thirteen, have none that fits: a group that no label explains."""

from __future__ import annotations

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset

__all__ = ["COMETS", "sky"]

KINDS = np.repeat([0, 1, 2], [180, 180, 30])
WORDS = ("red apple", "green leaf", "comet orbit")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
COMETS = tuple(f"i{k}" for k in np.flatnonzero(KINDS == 2))


def sky() -> Dataset:
    """390 items with texts and embeddings, and the labels apple, leaf and small."""
    rng = np.random.default_rng(0)
    within = rng.normal(scale=0.3, size=(len(KINDS), 6))  # items differ in a few directions, and none is that of the groups
    x = np.pad(within, ((0, 0), (3, 0))).astype(np.float32)
    x[np.arange(len(KINDS)), KINDS] += 3
    labels = np.column_stack([KINDS == 0, KINDS == 1, rng.random(len(KINDS)) < 0.4]).astype(np.int8)
    texts = [f"<b>{WORDS[kind]}</b> seen on {DAYS[rng.integers(7)]}" for kind in KINDS]
    items = pl.DataFrame({"item_id": [f"i{k}" for k in range(len(KINDS))], "text": texts})
    return Dataset.from_arrays(labels, label_names=["apple", "leaf", "small"], embeddings=x, items=items, text="text")
