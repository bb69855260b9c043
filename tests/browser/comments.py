"""Short comments of three labels, which their embeddings tell apart; a share of the cells is wrong, another is unknown."""

from __future__ import annotations

import numpy as np
import polars as pl

import labelscope as ls

NAMES = ["anger", "gratitude", "joy"]
MISSPELT = (3, 5, 8)  # comments that say "graditude"


def data_set(n: int, *, wrong: float, unknown: float) -> ls.Dataset:
    rng = np.random.default_rng(4)
    main = rng.integers(0, 3, n)
    labels = np.eye(3, dtype=int)[main]
    turned = rng.random(labels.shape) < wrong
    labels[turned] = 1 - labels[turned]
    labels[rng.random(labels.shape) < unknown] = -1
    embeddings = (np.eye(3)[main] * 6 + rng.normal(size=(n, 3))).astype("f4")
    texts = [f"comment {i}{' with graditude' if i in MISSPELT else ''}" for i in range(n)]
    items = pl.DataFrame({"item_id": [f"i{i}" for i in range(n)], "text": texts})
    return ls.Dataset.from_arrays(labels, label_names=NAMES, embeddings=embeddings, items=items, text="text")
