"""300 short texts of four labels, of which two mostly come together; one cell in twenty is wrong."""

from __future__ import annotations

import numpy as np
import polars as pl

import labelscope as ls


def data_set(n: int = 300) -> ls.Dataset:
    rng = np.random.default_rng(0)
    names = ["dog", "cat", "beach", "snow"]
    main = rng.integers(0, 4, n)
    embeddings = (np.eye(4)[main] * 4 + rng.normal(size=(n, 4))).astype("f4")
    truth = np.eye(4, dtype=int)[main]
    labels = np.where(rng.random(truth.shape) < 0.05, 1 - truth, truth)
    labels[:, 3] = np.where(rng.random(n) < 0.9, labels[:, 0], labels[:, 3])
    texts = [f"{names[k]} seen on a walk, number {i}" for i, k in enumerate(main)]
    items = pl.DataFrame({"item_id": [f"i{i}" for i in range(n)], "text": texts})
    return ls.Dataset.from_arrays(labels, label_names=names, embeddings=embeddings, items=items, text="text")
