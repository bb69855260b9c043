"""Seconds and peak memory of predict, find_issues and suggest over items and labels, each case in a fresh process.

    python benchmarks/scale.py                                 # the cost curve
    python benchmarks/scale.py --peer 10                       # with the usual pipeline in the same run
    python benchmarks/scale.py --items 1000000 --labels 500 --dtype float16 --stages predict
    python benchmarks/scale.py --items 100000 --labels 100 --stages suggest    # and how many items it looks neighbours up for

Synthetic: normal features, labels drawn from a logistic model with prevalences that fall like 1/rank, three labels an item.
Features lie on disk as .npy; "float16" hands them over as a memory map, "float32" as an array in memory (which counts).
Labels are handed over sparse. Peak memory is the largest resident set of the whole process (getrusage), interpreter and
libraries included; seconds are those of a fresh process, imports included. CPU seconds stand beside wall seconds, which
other work on the machine stretches; with OMP_NUM_THREADS=1 they do not count threads that wait for each other.

The usual pipeline is a logistic regression a label, cross-fitted in 5 folds, and self-confidence. It runs on the first
`--peer` labels; where there are more, its seconds are multiplied up and marked with ~ (it treats each label alike).
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

os.environ["LABELSCOPE_CACHE"] = "off"

import numpy as np
import scipy.sparse as sp

N_FEATURES, CARDINALITY, BLOCK = 384, 3, 20_000
CURVE = [
    (10_000, 10),
    (10_000, 100),
    (10_000, 500),
    (100_000, 10),
    (100_000, 100),
    (100_000, 500),
    (1_000_000, 10),
    (1_000_000, 100),
    (1_000_000, 500),
]


def make(folder: Path, n_items: int, n_labels: int, dtype: str) -> tuple[Path, Path]:
    """Paths of features and labels, made block by block."""
    features, labels = folder / f"x_{n_items}_{dtype}.npy", folder / f"y_{n_items}_{n_labels}.npz"
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(N_FEATURES, n_labels)).astype(np.float32) * np.float32(2 / N_FEATURES**0.5)
    share = 1 / np.arange(1, n_labels + 1)
    share = np.minimum(0.5, CARDINALITY * share / share.sum())
    bias = np.log(share / (1 - share)) - 1  # the spread of the logits raises the mean: this about makes up for it
    x = None if features.exists() else np.lib.format.open_memmap(features, "w+", np.dtype(dtype), (n_items, N_FEATURES))
    parts = []
    for start in range(0, n_items, BLOCK):
        draw = np.random.default_rng([1, start])
        rows = draw.normal(size=(min(BLOCK, n_items - start), N_FEATURES)).astype(np.float32)
        if x is not None:
            x[start : start + len(rows)] = rows
        if not labels.exists():
            chance = 1 / (1 + np.exp(-(rows @ weights + bias)))
            parts.append(sp.csr_matrix(draw.random(chance.shape) < chance))
    if parts:
        sp.save_npz(labels, sp.vstack(parts, format="csr"))
    return features, labels


def one(features: Path, labels: Path, stages: str) -> dict:
    """What a fresh process takes."""
    x = np.load(features, mmap_mode="r" if "float16" in features.name else None)
    y = sp.load_npz(labels)
    took: dict = {}
    with clock() as took["predict"]:
        import labelscope as ls

        ds = ls.Dataset.from_arrays(y, embeddings=x)
        predictions = ls.predict(ds)
    if stages != "predict":
        with clock() as took["find"]:
            found = ls.find_issues(ds, predictions)
    if stages == "suggest":
        with clock() as took["suggest"]:
            todo = ls.suggest(ds, predictions, found)
        took["suggested"] = todo.frame["item_id"].n_unique()
    return took | {"method": predictions.method}


@contextmanager
def clock():
    """Filled at the end with wall seconds, CPU seconds and the peak MiB of the process."""
    took, wall, cpu = [], time.perf_counter(), time.process_time()
    yield took
    took += [time.perf_counter() - wall, time.process_time() - cpu, peak()]


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def usual(features: Path, labels: Path, n_labels: int) -> dict:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import KFold, cross_val_predict

    x, y = np.load(features).astype(np.float32), sp.load_npz(labels)[:, :n_labels].toarray()
    folds, p = KFold(5, shuffle=True, random_state=0), np.zeros(y.shape)
    with clock() as took:
        for k in np.flatnonzero((y.sum(axis=0) >= 5) & (y.sum(axis=0) <= len(y) - 5)):
            p[:, k] = cross_val_predict(LogisticRegression(max_iter=300), x, y[:, k], cv=folds, method="predict_proba")[:, 1]
        np.where(y, 1 - p, p)
    return {"usual": took, "labels": y.shape[1]}


def child(*arguments: object) -> dict:
    done = subprocess.run([sys.executable, __file__, *map(str, arguments)], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int)
    parser.add_argument("--labels", type=int)
    parser.add_argument("--dtype", choices=["float32", "float16"], default="float32")
    parser.add_argument("--stages", choices=["predict", "all", "suggest"], default="all")
    parser.add_argument("--peer", type=int, default=0, metavar="LABELS")
    parser.add_argument("--max-items", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="keep the data here")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--usual", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(one(Path(asked.one[0]), Path(asked.one[1]), asked.one[2])))
        return
    if asked.usual:
        print(json.dumps(usual(Path(asked.usual[0]), Path(asked.usual[1]), int(asked.usual[2]))))
        return
    cases = [(asked.items, asked.labels or 100)] if asked.items else [case for case in CURVE if case[0] <= asked.max_items]
    print(
        "| items | labels | features | predict s (CPU) | peak MiB | find_issues s (CPU) | peak MiB | usual pipeline s (CPU) | ratio (CPU) |"
    )
    print("|---" * 9 + "|")
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        folder.mkdir(exist_ok=True, parents=True)
        for n_items, n_labels in cases:
            paths = make(folder, n_items, n_labels, asked.dtype)
            ours = child("--one", *paths, asked.stages)
            row = [f"{n_items:,}", f"{n_labels}", asked.dtype]
            for stage in ("predict", "find"):
                wall, cpu, most = ours.get(stage, [np.nan] * 3)
                row += [f"{wall:.1f} ({cpu:.1f})", f"{most:.0f}"]
            if asked.peer:
                theirs = child("--usual", *paths, asked.peer)
                times = n_labels / theirs["labels"]
                wall, cpu = (times * seconds for seconds in theirs["usual"][:2])
                spent = np.sum([ours["predict"], ours.get("find", [0] * 3)], axis=0)
                row += [f"{'~' if times > 1 else ''}{wall:.0f} ({cpu:.0f})", f"{wall / spent[0]:.0f} ({cpu / spent[1]:.0f})"]
            print("| " + " | ".join(row) + f" | {ours['method']}", flush=True)
            if "suggest" in ours:
                wall, cpu, most = ours["suggest"]
                print(f"  suggest: {wall:.1f} s ({cpu:.1f} s CPU), peak {most:.0f} MiB, {ours['suggested']:,} items", flush=True)


if __name__ == "__main__":
    main()
