"""Seconds of predict and find_issues against the usual pipeline, in one run, on every real set of 4,000 items or more.

    python benchmarks/speed.py [--data ../shared/data] [--least 4000]

Embeddings are given, so neither side spends time on them. The usual pipeline is a logistic regression a label,
cross-fitted in 5 folds, and self-confidence; it runs once. Ours runs before and after it, three times each, and the
median counts: work that the machine does for others meets both. One warm-up on a few items loads the libraries.
"""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

os.environ["LABELSCOPE_CACHE"] = "off"  # every run computes everything

import numpy as np
from detection import usual
from real_sets import SETS, RealSet

import labelscope as ls


def ours(of: RealSet) -> None:
    dataset = of.dataset()
    ls.find_issues(dataset, ls.predict(dataset))


def seconds(do: Callable[[RealSet], object], of: RealSet, n_times: int = 1) -> list[float]:
    took = []
    for _ in range(n_times):
        start = time.perf_counter()
        do(of)
        took.append(time.perf_counter() - start)
    return took


def first(of: RealSet, n_items: int) -> RealSet:
    return RealSet(of.given[:n_items], of.truth[:n_items], {"embeddings": of.parts["embeddings"][:n_items]})


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared/data")
    arguments.add_argument("--least", type=int, default=4000, metavar="ITEMS")
    asked = arguments.parse_args()
    print(f"{'set':14s} items x features x labels   ours s  usual s  ratio")
    for name, load in SETS.items():
        of = load(asked.data)
        if len(of.given) < asked.least or "embeddings" not in of.parts or name == "audioset":  # 527 regressions: an hour
            continue
        ours(first(of, 500))
        before = seconds(ours, of, 3)
        theirs = seconds(usual, of)[0]
        median = float(np.median(before + seconds(ours, of, 3)))
        shape = f"{len(of.given):,} x {of.parts['embeddings'].shape[1]} x {of.given.shape[1]}"
        print(f"{name:14s} {shape:26s} {median:7.3f} {theirs:8.1f} {theirs / median:6.1f}", flush=True)


if __name__ == "__main__":
    main()
