"""Calibration, thresholds and prediction sets of the default probabilities, beside a logistic regression a label.

    python benchmarks/calibration.py [--data ../shared/data] [--audit 2000] [SET ...]

Sets with real noise (see real_sets.py). Printed a set: expected calibration error (15 bins of equal mass) against the labels as given,
pooled over all cells, where the positives are, and what chance alone would show; the same where the positives are against the
truth, before and after recalibration on `--audit` cells drawn at random, measured on all other cells; held-out macro- and micro-F1
at 0.5, at the global, at the own and at the shrunk thresholds; and the coverage realised at a stated 90 %, of cells and of label sets, with
the median number of sets.
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
from detection import usual
from real_sets import WITH_FEATURES, RealSet, load

import labelscope as ls


def ece(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """The pooled row of the calibration of some probabilities to some labels."""
    return ls.calibration(ls.Dataset.from_arrays(labels, probabilities=probabilities)).frame.row(0, named=True)


def report_calibration(model: str, p: np.ndarray, given: np.ndarray, truth: np.ndarray, n_audit: int) -> None:
    rng = np.random.default_rng(0)
    rows, columns = np.nonzero(truth >= 0)
    drawn = rng.choice(len(rows), min(n_audit, len(rows) // 2), replace=False)
    rows, columns = rows[drawn], columns[drawn]
    audit = pl.DataFrame({"item_id": rows, "label": columns.astype(str), "state": truth[rows, columns]})
    start = time.perf_counter()
    found = ls.calibration(ls.Dataset.from_arrays(given, probabilities=p), audited=audit)
    seconds = time.perf_counter() - start
    rest = truth.copy()
    rest[rows, columns] = -1
    as_given, true = ece(p, given), ece(p, rest)
    after = ece(found.recalibrated.probabilities, rest)
    print(
        f"  {model:22s} ECE given {as_given['ece']:.4f} (chance {as_given['ece_by_chance']:.4f}), "
        f"at positives {as_given['ece_positives']:.3f}, Brier {as_given['brier']:.4f} | truth {true['ece']:.4f} -> "
        f"{after['ece']:.4f}, at positives {true['ece_positives']:.3f} -> "
        f"{after['ece_positives']:.3f} | {seconds:.2f} s",
        flush=True,
    )


def report_use(ds: ls.Dataset, predictions) -> None:
    start = time.perf_counter()
    chosen = ls.thresholds(ds, predictions)
    seconds = time.perf_counter() - start
    words = ", ".join(f"{rule} {macro:.3f}/{micro:.3f}" for rule, macro, micro in chosen.scores.iter_rows())
    print(f"  macro/micro-F1: {words} | {seconds:.2f} s")
    for method in ("per_label", "label_set"):
        start = time.perf_counter()
        try:
            sets = ls.prediction_sets(ds, predictions, method=method)
        except ls.StageError as error:
            print(f"  {method}: {error}")
            continue
        seconds = time.perf_counter() - start
        frame = sets.frame
        print(
            f"  {method}: covers {sets.realised:.3f}, {frame['n_certain'].mean():.2f} certain and "
            f"{frame['n_possible'].mean():.2f} possible labels, median {frame['n_sets'].median():.0f} sets | {seconds:.2f} s",
            flush=True,
        )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared/data")
    arguments.add_argument("--audit", type=int, default=2000)
    arguments.add_argument("sets", nargs="*", default=WITH_FEATURES)
    asked = arguments.parse_args()
    for name in asked.sets:
        x, given, truth = load(name, asked.data)
        print(f"{name}: {given.shape[0]} x {given.shape[1]}")
        ds = ls.Dataset.from_arrays(given, embeddings=x)
        predictions = ls.predict(ds, progress=False)
        doubt = usual(RealSet(given, truth, {"embeddings": x}))
        report_calibration("default", predictions.probabilities, given, truth, asked.audit)
        report_calibration("logistic regression", np.where(given == 1, 1 - doubt, doubt), given, truth, asked.audit)
        report_use(ds, predictions)


if __name__ == "__main__":
    main()
