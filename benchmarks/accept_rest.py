"""Whether "accept the rest" keeps its promise when one looks after every ten decisions, and how much it frees.

    python benchmarks/accept_rest.py [--data ../shared/data] [--runs 200] [--decisions 400] [--learn 100] [--alpha 0.2] [SET ...]

A list: the most suspicious cells of a set that a second look decided, a fifth as many as it has positives. A run draws them
uniformly, and after every ten decisions looks at what would be free. Of a list of 400 cells or more, the first `--learn` decisions
teach the order: the list is what is left, in the order that learned from them, and is drawn from anew. Printed a set: share of wrong
changes in the list and in its first tenth, the share of the runs in which what was free had more wrong changes than promised at any
look (delta is .1), and the share of the cells that are free at the end, averaged over the runs, and in how many runs any is.
"""

import argparse
import os
from pathlib import Path

os.environ["LABELSCOPE_CACHE"] = "off"

import numpy as np
import polars as pl
from cell_order import looked_at
from real_sets import SETS

import labelscope as ls
from labelscope.explorer.rest_sample import LONG, TAUGHT

LOOK_EVERY = 10


def run(listed, right, decisions, alpha, seed):
    """Whether the promise was broken at any look, and the share of the list that is free at the last."""
    drawn = np.random.default_rng(seed).permutation(len(right))[:decisions]
    outcomes = listed[drawn].with_columns(wrong=pl.Series(right[drawn]))
    broken, free = False, 0
    for n in range(LOOK_EVERY, len(drawn) + 1, LOOK_EVERY):
        frame = ls.accept_rest(listed, outcomes.head(n), alpha=alpha).filter("free")
        free = 0
        if frame.height:
            unseen = np.arange(len(right)) < frame["n_cells"].max()
            unseen[drawn[:n]] = False
            free = int(unseen.sum())
            broken |= free > 0 and (~right[unseen]).mean() > alpha
    return broken, free / len(right)


def learned(found, listed, right, n, seed):
    """What is left of a list after `n` decisions at random, in the order that learned from them, and which changes are right."""
    cells = listed.with_columns(right=pl.Series(right))
    first = cells[np.random.default_rng([seed, 1]).permutation(len(right))[:n]]
    order = ls.rank_cells(found, first.select("item_id", "label", wrong="right")).select("item_id", "label")
    rest = order.join(cells, on=["item_id", "label"], how="inner", maintain_order="left")
    return rest.select("item_id", "label"), rest["right"].to_numpy()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared/data")
    arguments.add_argument("--runs", type=int, default=200)
    arguments.add_argument("--decisions", type=int, default=400)
    arguments.add_argument("--learn", type=int, default=TAUGHT)
    arguments.add_argument("--alpha", type=float, default=0.2)
    arguments.add_argument("sets", nargs="*", default=list(SETS))
    asked = arguments.parse_args()
    for name in asked.sets:
        found, right = looked_at(name, asked.data)
        n = min(len(right), int((found.cells["given"] == 1).sum() / 5) or len(right))
        listed, right = found.cells.select("item_id", "label").head(n), right[:n]
        decisions = min(asked.decisions, n // 2)
        first = asked.learn if n >= LONG else 0
        runs = []
        for seed in range(asked.runs):
            left = learned(found, listed, right, first, seed) if first else (listed, right)
            runs.append(run(*left, decisions - first, asked.alpha, seed))
        broken, freed = np.array(runs).T
        print(
            f"{name:16} {n:6,} cells, wrong changes {1 - right.mean():.2f} (first tenth {1 - right[: n // 10].mean():.2f})  "
            f"broken {broken.mean():.3f}  free {freed.mean():.3f}, any in {(freed > 0).mean():.2f} of the runs",
            flush=True,
        )


if __name__ == "__main__":
    main()
