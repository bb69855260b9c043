"""Very many labels: seconds, memory and exponents of predict, find_issues and suggest where cells are listed, and their worth.

    python benchmarks/sparse.py --items 200000 --labels 13000 --features 256     # one case
    python benchmarks/sparse.py --curve                                          # items x1 x2 x4 x8, labels x1 x2 x4 x8
    python benchmarks/sparse.py --worth --peer                                   # finds hidden positives, beside one-vs-rest

Synthetic and long-tailed: each label has a centre, an item lies at the mean of the centres of its five labels plus normal
noise of 0.3, and a label is drawn in proportion to rank to the power -0.8. Each case runs in a fresh process; features
lie on disk as float32. Seconds are wall seconds with processor seconds in brackets; memory is the largest resident set.

`--worth` hides a fifth of the positives and ranks all cells given as negative: average precision (AP) of the hidden ones,
where a cell that is not listed counts as never found. `--peer` cross-fits one-vs-rest logistic regressions (LIBLINEAR by
napkinxc, `pip install napkinxc`) in the same five folds and ranks its 50 most probable labels an item the same way.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ["LABELSCOPE_CACHE"] = "off"

import numpy as np
import scipy.sparse as sp
from scale import clock

EACH, NOISE, POWER, TOP = 5, 0.3, -0.8, 50
CURVE = [(n, 1_000) for n in (25_000, 50_000, 100_000, 200_000)] + [(25_000, k) for k in (2_000, 4_000, 8_000)]
STAGES = ("predict", "find", "suggest")


def make(folder: Path, n_items: int, n_labels: int, n_features: int) -> tuple[Path, Path]:
    """Paths of features and positives."""
    features, labels = folder / f"x_{n_items}_{n_labels}_{n_features}.npy", folder / f"y_{n_items}_{n_labels}_{n_features}.npz"
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(n_labels, n_features)).astype(np.float32)
    share = np.arange(1, n_labels + 1) ** POWER
    drawn = rng.choice(n_labels, size=(n_items, EACH), p=share / share.sum())
    x = np.lib.format.open_memmap(features, "w+", np.float32, (n_items, n_features))
    for start in range(0, n_items, 10_000):
        part = drawn[start : start + 10_000]
        x[start : start + 10_000] = centers[part].mean(axis=1) + NOISE * rng.normal(size=(len(part), n_features))
    cells = (np.ones(drawn.size, bool), (np.repeat(np.arange(n_items), EACH), drawn.ravel()))
    sp.save_npz(labels, sp.csr_matrix(cells, shape=(n_items, n_labels), dtype=bool))
    return features, labels


def one(features: Path, labels: Path, last: str, hide: float) -> dict:
    """What a fresh process takes, and AP where positives are hidden."""
    x, truth = np.load(features, mmap_mode="r"), sp.load_npz(labels)
    given, hidden = _hidden(truth, hide)
    took: dict = {}
    import labelscope as ls

    ds = ls.Dataset.from_arrays(given, embeddings=x, label_names=[f"label {k}" for k in range(truth.shape[1])])
    with clock() as took["predict"]:
        predictions = ls.predict(ds, cells="listed")
    if last != "predict":
        with clock() as took["find"]:
            found = ls.find_issues(ds, predictions)
    if last == "suggest":
        with clock() as took["suggest"]:
            todo = ls.suggest(ds, predictions, found)
        took["suggested"] = todo.frame.height
    listed = predictions.cell_probabilities
    took["cells"] = len(listed.cells()[0])
    if hide:
        item, label, p = listed.cells()
        took["AP probability"] = _precision(item, label, p, given, hidden)
        took["AP suspicion"] = _precision(*found.cell_scores.cells(), given, hidden)
    return took


def peer(features: Path, labels: Path, hide: float) -> dict:
    from napkinxc.models import BR
    from sklearn.model_selection import KFold

    x, truth = np.load(features), sp.load_npz(labels)
    given, hidden = _hidden(truth, hide)
    start, parts = time.perf_counter(), []
    with tempfile.TemporaryDirectory() as folder:
        for fold, (rest, held) in enumerate(KFold(5, shuffle=True, random_state=0).split(x)):
            model = BR(str(Path(folder) / str(fold)), threads=os.cpu_count(), optimizer="liblinear", loss="log")
            model.fit(sp.csr_matrix(x[rest]), [row.tolist() for row in np.split(given[rest].indices, given[rest].indptr[1:-1])])
            found = model.predict_proba(sp.csr_matrix(x[held]), top_k=TOP)
            parts += [(i, k, p) for i, row in zip(held, found, strict=True) for k, p in row]
    seconds = time.perf_counter() - start
    item, label, p = (np.array(column) for column in zip(*parts, strict=True))
    return {"seconds": seconds, "AP": _precision(item.astype(int), label.astype(int), p, given, hidden)}


def _hidden(truth: sp.csr_matrix, share: float) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """The positives that are given, and those that are hidden."""
    cells = truth.tocoo()
    gone = np.random.default_rng(1).random(truth.nnz) < share
    ones = np.ones(truth.nnz, bool)
    given, hidden = (sp.csr_matrix((ones[of], (cells.row[of], cells.col[of])), shape=truth.shape) for of in (~gone, gone))
    return given, hidden


def _precision(item: np.ndarray, label: np.ndarray, score: np.ndarray, given: sp.csr_matrix, hidden: sp.csr_matrix) -> float:
    """Average precision of the hidden cells among all cells given as negative; a cell without a score is never found."""
    negative = ~np.asarray(given[item, label]).ravel()
    item, label, score = item[negative], label[negative], score[negative]
    hit = np.asarray(hidden[item, label]).ravel()[np.argsort(-score, kind="stable")]
    return float((np.cumsum(hit)[hit] / (np.flatnonzero(hit) + 1)).sum() / hidden.nnz)


def child(*arguments: object) -> dict:
    done = subprocess.run([sys.executable, __file__, *map(str, arguments)], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def row(n_items: int, n_labels: int, n_features: int, took: dict) -> str:
    stages = [f"{took[name][0]:.1f} ({took[name][1]:.1f})" if name in took else "" for name in STAGES]
    most = max(took[name][2] for name in STAGES if name in took)
    return f"| {n_items:,} | {n_labels:,} | {n_features} | {took['cells'] / n_items:.0f} | {' | '.join(stages)} | {most:,.0f} |"


def exponents(cases: list[tuple[int, int]], all_took: list[dict]) -> None:
    """Slope of log seconds over log size, of items and of labels."""
    for axis, name in ((0, "items"), (1, "labels")):
        least = min(case[1 - axis] for case in cases)
        chosen = [(case[axis], took) for case, took in zip(cases, all_took, strict=True) if case[1 - axis] == least]
        for stage in STAGES:
            points = [(np.log(size), np.log(took[stage][1])) for size, took in chosen if stage in took]
            if points:
                print(f"{stage}: {name} to the power {np.polyfit(*zip(*points, strict=True), 1)[0]:.2f} (processor seconds)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--labels", type=int, default=10_000)
    parser.add_argument("--features", type=int, default=32)
    parser.add_argument("--last", choices=STAGES, default="suggest", help="the last stage that runs")
    parser.add_argument("--curve", action="store_true")
    parser.add_argument("--worth", action="store_true")
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    parser.add_argument("--theirs", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(one(Path(asked.one[0]), Path(asked.one[1]), asked.one[2], float(asked.one[3]))))
        return
    if asked.theirs:
        print(json.dumps(peer(Path(asked.theirs[0]), Path(asked.theirs[1]), float(asked.theirs[2]))))
        return
    cases, hide = CURVE if asked.curve else [(asked.items, asked.labels)], 0.2 if asked.worth else 0.0
    print("| items | labels | features | cells an item | predict s (CPU) | find_issues s (CPU) | suggest s (CPU) | peak MiB |")
    print("|---" * 8 + "|")
    results = []
    for n_items, n_labels in cases:
        with tempfile.TemporaryDirectory() as folder:
            paths = make(Path(folder), n_items, n_labels, asked.features)
            results.append(child("--one", *paths, asked.last, hide))
            print(row(n_items, n_labels, asked.features, results[-1]), flush=True)
            if hide:
                print({name: round(value, 4) for name, value in results[-1].items() if name.startswith("AP")}, flush=True)
            if asked.peer:
                print("one-vs-rest:", child("--theirs", *paths, hide), flush=True)
    if asked.curve:
        exponents(cases, results)


if __name__ == "__main__":
    main()
