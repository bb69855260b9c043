"""Do the intervals of `labelscope.evaluate` hold the truth, how wide are they, and is the better model named rightly?

    python benchmarks/evaluate.py [--repeats 1000] [--n 300] [--data ../shared/data] [sets ...]

Every set with a second look, which is taken for the truth; cells without one are left out. Two models: the out-of-fold
predictions, and the votes of neighbours alone (where the probabilities were given: these, and the same with noise added to
their logits). A repeat draws a sample of `--n` cells as `labelscope.audit` does and evaluates both models with it; the
strata are those of one audit, drawn from anew. Printed for F1, precision, recall and accuracy: the share of intervals
(nominal 95 %) that hold the truth, and their mean width over that of a uniform sample of the same size (Wilson's interval
of the share among the cells that count; F1 is a function of the share of true positives among the cells that are positive
or predicted). Then how often the F1 of the two models is decided, and how often wrongly, and the time of a call.
"""

import argparse
import os
import time
from pathlib import Path

os.environ["LABELSCOPE_CACHE"] = "off"

import numpy as np
import polars as pl
from real_sets import SETS

import labelscope as ls
from labelscope.compute.intervals import wilson

METRICS = ("f1", "precision", "recall", "accuracy")


def population(name, data):
    """A data set of the cells that have a truth, the truth, and two models, int8 (n_items, n_labels) each."""
    of = SETS[name](data)
    given = np.where(of.truth < 0, -1, of.given).astype(np.int8)
    keep = (given >= 0).any(axis=1)
    parts = {part: of.parts[part][keep] for part in ("embeddings", "probabilities") if part in of.parts}
    ds = ls.Dataset.from_arrays(given[keep], **parts)
    first = ls.predict(ds).probabilities
    if "embeddings" in parts:
        second = ls.predict(ds, heads="votes").probabilities
    else:
        p = np.clip(first.astype(np.float64), 1e-6, 1 - 1e-6)
        second = 1 / (1 + np.exp(-(np.log(p / (1 - p)) + np.random.default_rng(0).normal(0, 1.5, p.shape))))
    return ds, of.truth[keep], (first >= 0.5).astype(np.int8), (second >= 0.5).astype(np.int8)


def true_values(truth, said):
    hit, both = int((truth * said).sum()), int(truth.sum() + said.sum())
    return {
        "f1": 2 * hit / max(both, 1),
        "precision": hit / max(int(said.sum()), 1),
        "recall": hit / max(int(truth.sum()), 1),
        "accuracy": float((truth == said).mean()),
    }


def uniform(truth, said):
    """Limits of each metric from a uniform sample; the whole range where nothing counts."""
    hit, positive, told = int((truth * said).sum()), int(truth.sum()), int(said.sum())
    counted = {
        "f1": (hit, positive + told - hit),
        "precision": (hit, told),
        "recall": (hit, positive),
        "accuracy": (int((truth == said).sum()), len(truth)),
    }
    found = {}
    for metric, (x, n) in counted.items():
        low, high = (float(limit) for limit in wilson(np.array(x), np.array(n))) if n else (0.0, 1.0)
        found[metric] = (2 * low / (1 + low), 2 * high / (1 + high)) if metric == "f1" else (low, high)
    return found


def measure(name, repeats, n, data):
    ds, truth, first, second = population(name, data)
    given = ds.labels.dense().ravel()
    flat = np.flatnonzero(given >= 0)
    known = {"truth": truth.ravel()[flat].astype(int), "first": first.ravel()[flat].astype(int)}
    goal, other = true_values(known["truth"], known["first"]), true_values(known["truth"], second.ravel()[flat].astype(int))
    sample = ls.audit(ds, ls.find_issues(ds), n)
    rows, columns = np.divmod(flat, ds.n_labels)
    stratum = sample.strata_of(ds, ls.find_issues(ds), rows, columns)
    taken = np.bincount(sample.frame["stratum"], minlength=sample.strata.height)
    members = [np.flatnonzero(stratum == h) for h in range(len(taken))]
    rng, covered, width, decided, seconds = np.random.default_rng(0), [], [], [], 0.0
    for _ in range(repeats):
        drawn = np.concatenate([rng.choice(of, k, replace=False) for of, k in zip(members, taken, strict=True) if k])
        cells = pl.DataFrame({
            "item_id": rows[drawn], "label": [str(k) for k in columns[drawn]], "state": known["truth"][drawn],
            "inclusion": [taken[h] / len(members[h]) for h in stratum[drawn]], "stratum": stratum[drawn],
        })  # fmt: skip
        start = time.perf_counter()
        told = ls.evaluate(ds, {"first": first, "second": second}, audited=cells)
        seconds += time.perf_counter() - start
        limits = {m: (low, high) for m, low, high in told.frame.filter(model="first", labels="truth")["metric", "low", "high"].iter_rows()}
        plain = rng.choice(len(flat), n, replace=False)
        base = uniform(known["truth"][plain], known["first"][plain])
        limits = {m: (0.0, 1.0) if low is None else (low, high) for m, (low, high) in limits.items()}
        covered.append([limits[m][0] - 1e-9 <= goal[m] <= limits[m][1] + 1e-9 for m in METRICS])
        width.append([(limits[m][1] - limits[m][0], base[m][1] - base[m][0]) for m in METRICS])
        better = told.differences.filter(metric="f1")["better"][0]
        decided.append(0 if better is None else 1 if (better == "first") == (goal["f1"] > other["f1"]) else -1)
    mean = np.mean(width, axis=0)
    return np.mean(covered, axis=0), mean[:, 0] / mean[:, 1], np.array(decided), goal["f1"], other["f1"], 1000 * seconds / repeats


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared/data")
    arguments.add_argument("--repeats", type=int, default=1000)
    arguments.add_argument("--n", type=int, default=300)
    arguments.add_argument("sets", nargs="*", default=list(SETS))
    asked = arguments.parse_args()
    head = [f"{metric} {what}" for metric in METRICS for what in ("coverage", "width")]
    print(f"| set | F1, first and second | {' | '.join(head)} | decided | wrongly | ms a call |\n" + "|---" * 13 + "|")
    ratios = []
    for name in asked.sets:
        covers, wide, decided, first, second, ms = measure(name, asked.repeats, asked.n, asked.data)
        cells = " | ".join(f"{c:.3f} | {w:.2f}" for c, w in zip(covers, wide, strict=True))
        rates = f"{(decided != 0).mean():.3f} | {(decided < 0).mean():.3f}"
        print(f"| {name} | {first:.3f}, {second:.3f} | {cells} | {rates} | {ms:.0f} |", flush=True)
        ratios.append(wide)
    print(" ".join(f"{m}: median width {np.median(w):.2f}, most {max(w):.2f};" for m, w in zip(METRICS, np.transpose(ratios), strict=True)))


if __name__ == "__main__":
    main()
