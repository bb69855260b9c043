"""Seconds of predict on few items of many features, against the same heads fitted on all the features.

    python benchmarks/few_items.py [--items 300] [--features 2000]

Both ways run in turn in one process, without a cache; the largest difference of the scores is printed beside the ratio.
"""

import argparse
import os
import time
from unittest.mock import patch

os.environ["LABELSCOPE_CACHE"] = "off"  # every run computes everything

import numpy as np

import labelscope as ls
from labelscope.models import ridge
from labelscope.models.folds import assign_folds


def seconds(dataset: ls.Dataset) -> float:
    start = time.perf_counter()
    ls.predict(dataset)
    return time.perf_counter() - start


def scores(dataset: ls.Dataset) -> np.ndarray:
    return ridge.cross_fit(dataset.embeddings, dataset.labels, assign_folds(np.arange(dataset.n_items), 5, 0))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--items", type=int, default=300)
    arguments.add_argument("--features", type=int, default=2000)
    asked = arguments.parse_args()
    rng = np.random.default_rng(0)
    x = rng.normal(size=(asked.items, asked.features)).astype(np.float32)
    signal = x @ rng.normal(size=(asked.features, 10))
    dataset = ls.Dataset.from_arrays((signal > np.median(signal, axis=0)).astype(np.int8), embeddings=x)
    ls.predict(ls.Dataset.from_arrays(dataset.labels.dense()[:50], embeddings=x[:50, :40]))  # loads the libraries
    ours, found = seconds(dataset), scores(dataset)
    with patch.object(ridge, "rotate_to_span", lambda rows: (np.eye(rows.shape[1]), rows)):
        theirs, expected = seconds(dataset), scores(dataset)
    print(f"{asked.items:,} items x {asked.features:,} features: {ours:.2f} s; on all features {theirs:.2f} s, ratio {theirs / ours:.1f}")
    print(f"largest difference of an out-of-fold score: {np.abs(found - expected).max():.1e}")


if __name__ == "__main__":
    main()
