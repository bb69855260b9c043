"""How many wrong labels each order of review finds per item, on real noise: ours, parts of it, and what is usual.

    python benchmarks/review.py [--data ../shared/data] [SET ...]

An item reviewed is mended whole: every cell that the second look corrects counts. Printed for the first 100 and 300
items, without the uniform tenth (it is paid for the audit): wrong labels found per item, and in brackets the share of
each label's errors found, averaged over labels, so that rare labels count as much as frequent ones. Then the same with
the model run again on the corrected labels after every 100 items: errors found after 500.
"""

import argparse
import os
from pathlib import Path

os.environ["LABELSCOPE_CACHE"] = "off"

import numpy as np
from real_sets import BOARD, load

import labelscope as ls
from labelscope.suggest.ranking import RankConfig

SETS = (*BOARD, "medical_ds")


def ours(ds, found, n, **options):
    queue = ls.rank(ds, found, n=n, config=RankConfig(**{"uniform_share": 0.0, **options})).frame
    return queue["item_id"].to_numpy()


def most_suspicious(_, found, n):
    return found.items["item_id"].to_numpy()[:n]


ORDERS = {
    "random": lambda ds, _, n: np.random.default_rng(0).permutation(ds.n_items)[:n],
    "most suspicious first": most_suspicious,
    "sum of 3, all labels alike": lambda ds, found, n: ours(ds, found, n, pool=1, tail_weight=0.0),
    "+ tail weight 0.25": lambda ds, found, n: ours(ds, found, n, pool=1),
    "+ spread out (default)": ours,
    "tail weight 0.5": lambda ds, found, n: ours(ds, found, n, tail_weight=0.5),
    "tail weight 1": lambda ds, found, n: ours(ds, found, n, tail_weight=1.0),
}
ROUNDS = ("random", "most suspicious first", "+ tail weight 0.25", "+ spread out (default)")


def data_set(x, given, truth):
    """Items with a second look only, so that every order is scored on all of its items."""
    looked = (truth >= 0).any(1)
    return x[looked], given[looked], truth[looked]


def score(given, truth, items):
    wrong = (given != truth) & (given >= 0) & (truth >= 0)
    per_label, found = wrong.sum(0), wrong[items]
    return found.sum() / len(items), (found.sum(0) / np.maximum(per_label, 1))[per_label > 0].mean()


def rounds(x, given, truth, order, n_rounds=5, batch=100):
    given, done, found = given.copy(), np.zeros(len(given), bool), 0
    for _ in range(n_rounds):
        ds = ls.Dataset.from_arrays(given, embeddings=x)
        ranked = order(ds, ls.find_issues(ds), int(done.sum()) + batch)
        items = ranked[~done[ranked]][:batch]
        wrong = (given[items] != truth[items]) & (given[items] >= 0) & (truth[items] >= 0)
        found += int(wrong.sum())
        given[items] = np.where(wrong, truth[items], given[items])
        done[items] = True
    return found


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared/data")
    arguments.add_argument("--no-rounds", action="store_true")
    arguments.add_argument("sets", nargs="*", default=SETS)
    asked = arguments.parse_args()
    for name in asked.sets:
        x, given, truth = data_set(*load(name, asked.data))
        ds = ls.Dataset.from_arrays(given, embeddings=x)
        found = ls.find_issues(ds)
        print(f"\n{name}: {given.shape[0]} x {given.shape[1]}\n\n| order | first 100 | first 300 | after 500, model run again |")
        print("|---|---|---|---|")
        for order, run in ORDERS.items():
            cells = ["{:.2f} ({:.3f})".format(*score(given, truth, run(ds, found, n))) for n in (100, 300)]
            again = str(rounds(x, given, truth, run)) if order in ROUNDS and not asked.no_rounds else ""
            print(f"| {order} | {' | '.join(cells)} | {again} |", flush=True)


if __name__ == "__main__":
    main()
