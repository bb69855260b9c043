"""Realised false discovery rate and power of the pseudo-labels, at a stated rate of 0.1.

    python benchmarks/pseudo_labels.py [--data ../shared/data] [--seeds 5] [--audit 500] [SET ...]

Real noise (labels as shipped, and a better second look as the truth): three in ten cells are hidden at random. Simulated noise
(`sim_missing30`: each true label dropped with probability 0.3; never to be reported as real), in four readings:

    complete   the true labels, three in ten cells hidden at random
    hidden     the labels with dropped positives, three in ten cells hidden at random: known negatives are partly wrong
    former     the dropped positives themselves are the unknown cells: every unknown cell is positive
    missed     the labels with dropped positives, none hidden: missed labels are looked for among the negatives (audited only)

Printed for each set, reading and method, as means over the seeds: the share of wrong states among those given (FDR; 0 where
none is given) and the share of the cells of that state that were found (power), for positive and negative states, against
the truth, and the FDR of positive states against the labels as given where they were hidden. An audit is `--audit` cells with
their true state, at most a quarter of the cells to choose from, drawn with odds .9 sqrt(p (1 - p)) + .1 uniform; power is that among the
others. "mean" lines average over sets; found+ is how many right positives there are in the list.
"""

import argparse
import os
import sys
import time
from pathlib import Path

os.environ["LABELSCOPE_CACHE"] = "off"  # every run computes everything
sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
import polars as pl
import scipy.sparse as sp
from real_sets import WITH_FEATURES as REAL
from real_sets import load as load_real
from sklearn.decomposition import TruncatedSVD

import labelscope as ls

SIMULATED = ("birds", "cal500", "emotions", "flags", "genbase", "langlog", "medical", "plant_pseaac", "rcv1_subset1", "scene",
             "yahoo_arts", "yahoo_education")  # fmt: skip
HIDDEN = 0.3
READINGS = ("complete", "hidden", "former", "missed")
METHODS = ("conformal", "conformal, audited", "propagation", "class_aware", "asymmetric")
COLUMNS = ("FDR+", "power+", "found+", "FDR-", "power-", "FDR+ given", "FDR- given", "seconds")


def load_simulated(name: str, data: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Embeddings, labels with dropped positives and the true ones."""
    d = np.load(data / f"classic_multilabel/{name}.npz")
    if "X" in d.files:
        x = d["X"].astype(np.float32)
        x = (x - x.mean(0)) / (x.std(0) + 1e-9)
    else:
        x = sp.csr_matrix((d["X_data"], d["X_indices"], d["X_indptr"]), shape=tuple(d["X_shape"])).astype(np.float32)
        x = TruncatedSVD(200, random_state=0).fit_transform(x)
    return x.astype(np.float32), d["sim_missing30"], d["truth"]


def arrange(given: np.ndarray, truth: np.ndarray, reading: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Labels to work on, and the cells to choose from, for one reading."""
    if reading == "missed":
        return given, given == 0
    if reading == "former":
        dropped = (truth == 1) & (rng.random(truth.shape) < HIDDEN)
        return np.where(dropped, -1, truth).astype(np.int8), dropped
    hidden = (rng.random(truth.shape) < HIDDEN) & (given >= 0)
    return np.where(hidden, -1, truth if reading == "complete" else given).astype(np.int8), hidden


def draw_audit(p: np.ndarray, able: np.ndarray, truth: np.ndarray, n: int, rng: np.random.Generator) -> pl.DataFrame:
    rows, columns = np.nonzero(able & (truth >= 0))
    unsure = np.sqrt(p[rows, columns].astype(np.float64) * (1 - p[rows, columns]))
    odds = 0.9 * unsure / unsure.sum() + 0.1 / len(rows)
    drawn = rng.choice(len(rows), min(n, len(rows) // 4), replace=False, p=odds / odds.sum())
    rows, columns = rows[drawn], columns[drawn]
    return pl.DataFrame({"item_id": rows, "label": columns.astype(str), "state": truth[rows, columns]})


def score(frame: pl.DataFrame, able: np.ndarray, truth: np.ndarray, given: np.ndarray) -> list[float]:
    rows, columns = frame["item_id"].to_numpy(), frame["label"].cast(pl.Int64).to_numpy()
    state, out = frame["state"].to_numpy(), []
    for wanted in (1, 0):
        mine = (state == wanted) & (truth[rows, columns] >= 0)
        right = truth[rows[mine], columns[mine]] == wanted
        there = (able & (truth == wanted)).sum()
        out += [1 - right.mean() if len(right) else 0.0, right.sum() / max(1, there)] + [float(right.sum())] * (wanted == 1)
    for wanted in (1, 0):
        mine = (state == wanted) & (given[rows, columns] >= 0)
        out.append((given[rows[mine], columns[mine]] != wanted).mean() if mine.any() else 0.0)
    return out


def run(x: np.ndarray, given: np.ndarray, truth: np.ndarray, reading: str, seed: int, n_audit: int) -> dict[str, list[float]]:
    rng = np.random.default_rng(seed)
    labels, able = arrange(given, truth, reading, rng)
    ds = ls.Dataset.from_arrays(labels, embeddings=x)
    predictions = ls.predict(ds, seed=seed, progress=False)
    audit = draw_audit(predictions.probabilities, able, truth, n_audit, rng)
    target = "negatives" if reading == "missed" else "unknown"
    out = {}
    for method in METHODS if reading != "missed" else ("conformal, audited", "class_aware"):
        start = time.perf_counter()
        frame = ls.pseudo_label(
            ds, predictions, method=method.split(",")[0], audited=audit if "audited" in method else None, target=target
        ).frame
        seconds = time.perf_counter() - start
        left = able.copy()
        if "audited" in method:
            left[audit["item_id"].to_numpy(), audit["label"].cast(pl.Int64).to_numpy()] = False
        out[method] = [*score(frame, left, truth, truth if reading == "complete" else given), seconds]
    return out


def line(name: str, values: np.ndarray) -> str:
    return f"{name:50s} " + " ".join(f"{v:10.0f}" if c == "found+" else f"{v:10.3f}" for c, v in zip(COLUMNS, values, strict=True))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared/data")
    arguments.add_argument("--seeds", type=int, default=5)
    arguments.add_argument("--audit", type=int, default=500)
    arguments.add_argument("sets", nargs="*", default=(*REAL, *SIMULATED))
    asked = arguments.parse_args()
    print(f"{'set, reading, method':50s} " + " ".join(f"{c:>10s}" for c in COLUMNS))
    means: dict[tuple[str, str], list[np.ndarray]] = {}
    for name in asked.sets:
        real = name in REAL
        x, given, truth = (load_real if real else load_simulated)(name, asked.data)
        for reading in ("real",) if real else READINGS:
            runs = [run(x, given, truth, reading, seed, asked.audit) for seed in range(asked.seeds)]
            for method in runs[0]:
                mean = np.mean([r[method] for r in runs], axis=0)
                means.setdefault((reading, method), []).append(mean)
                print(line(f"{name}, {reading}, {method}", mean), flush=True)
    for (reading, method), rows in means.items():
        print(line(f"mean of {len(rows)}, {reading}, {method}", np.mean(rows, axis=0)))
    print("most wrong of any set: " + ", ".join(f"{r} {m} {max(v[0] for v in rows):.3f}" for (r, m), rows in means.items() if "conf" in m))


if __name__ == "__main__":
    main()
