"""400 items whose text and one label name would run code, if anything of them were taken for markup."""

from __future__ import annotations

import numpy as np
import polars as pl

import labelscope as ls

HOSTILE = "<script>window.hacked=1</script><img src=x onerror='window.hacked=1'>"


def data_set(n: int = 400) -> ls.Dataset:
    rng = np.random.default_rng(0)
    main = rng.integers(0, 4, n)
    embeddings = (np.eye(4)[main] * 6 + rng.normal(size=(n, 4))).astype("f4")
    labels = np.eye(4, dtype=int)[main]
    labels |= rng.random(labels.shape) < 0.03
    wrong = rng.random(labels.shape) < 0.04
    labels[wrong] = 1 - labels[wrong]
    labels[rng.random(labels.shape) < 0.05] = -1
    items = pl.DataFrame({"item_id": [f"i{i}" for i in range(n)], "text": [f"{HOSTILE} seen {i}" for i in range(n)]})
    names = ["dog", "cat", "beach", "<img src=x onerror=window.hacked=1>"]
    return ls.Dataset.from_arrays(labels, label_names=names, embeddings=embeddings, items=items, text="text")
