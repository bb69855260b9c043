"""Which heads and losses find most wrong labels on real noise.

    python benchmarks/heads.py [--data ../shared/data] [SET ...]

Each head of `predict`, each loss of the logistic and the MLP head, and ensembles of heads with weights chosen out of fold,
on the sets of real_sets.py. Printed: average precision over all known cells (AP), over given positives (spurious)
and given negatives (missing), mean log loss of the given labels out of fold, seconds.
"""

import argparse
import os
import time
from pathlib import Path

os.environ["LABELSCOPE_CACHE"] = "off"

import numpy as np
from detection import average_precisions
from real_sets import BOARD, RealSet, load

import labelscope as ls
from labelscope.models.heads import LOSS_NAMES

CASES: dict[str, dict] = {
    "ridge (default)": {},
    "votes": {"heads": "votes"},
    **{f"logistic, {loss}": {"heads": "logistic", "loss": loss} for loss in LOSS_NAMES},
    **{f"mlp, {loss}": {"heads": "mlp", "loss": loss} for loss in LOSS_NAMES},
    "ridge + logistic": {"heads": ("ridge", "logistic")},
    "ridge + mlp": {"heads": ("ridge", "mlp")},
    "ridge + votes": {"heads": ("ridge", "votes")},
    "ridge + logistic + mlp + votes": {"heads": ("ridge", "logistic", "mlp", "votes")},
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared/data")
    parser.add_argument("sets", nargs="*", default=BOARD)
    asked = parser.parse_args()
    table = {}
    for name in asked.sets:
        x, given, truth = load(name, asked.data)
        ls.predict(ls.Dataset.from_arrays(np.abs(given[-500:]), embeddings=x[-500:]), heads="logistic")  # warm-up: imports
        print(f"\n{name}: {given.shape[0]} x {given.shape[1]}\n{'':32s} AP     spurious missing log loss  seconds  weights")
        for case, options in CASES.items():
            dataset = ls.Dataset.from_arrays(given, embeddings=x)
            start = time.perf_counter()
            predictions = ls.predict(dataset, **options)
            seconds = time.perf_counter() - start
            found = average_precisions(RealSet(given, truth), ls.find_issues(dataset, predictions).scores)[:3]
            table.setdefault(case, []).append(found)
            weights = ", ".join(f"{head} {weight:.2f}" for head, weight in predictions.heads.items()) if len(predictions.heads) > 1 else ""
            loss = predictions.frame["log_loss"].mean()
            print(f"{case:32s} " + "  ".join(f"{v:.4f}" for v in found) + f"  {loss:.4f}  {seconds:8.2f}  {weights}", flush=True)
    print("\nmean over sets                   AP     spurious missing")
    for case, rows in table.items():
        print(f"{case:32s} " + "  ".join(f"{v:.4f}" for v in np.nanmean(np.array(rows), axis=0)))


if __name__ == "__main__":
    main()
