"""What is labelled next, and what a model learns from it: macro average precision on held-out thirds.

    python benchmarks/label_next.py [--data ../shared/data] [--seeds 6] [SET ...]

All labels are hidden; 40 items are labelled at random, then six batches of 20 as each strategy chooses, with a ridge regression
(its penalty chosen by leave-one-out error) fitted again after each. Printed: the mean of macro average precision on the held-out
third over the six rounds. "leave one out": the strategy that is best on all other sets, on this one. Real second looks are the truth
of goemotions, medical_re, mirflickr and yeastmf; the others are classic sets with their labels as shipped. At the end the
seconds of a call at 100,000 items x 100 labels.
"""

import argparse
import os
import sys
import time
from pathlib import Path

os.environ["LABELSCOPE_CACHE"] = "off"
sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
import polars as pl
from pseudo_labels import load_simulated
from real_sets import BOARD, load
from sklearn.decomposition import PCA
from sklearn.metrics import average_precision_score

import labelscope as ls
from labelscope.data.cell_scores import Scores
from labelscope.models.predict import Predictions
from labelscope.suggest.label_next import information
from labelscope.suggest.ranking import farthest

CLASSIC = ("scene", "emotions", "birds", "yahoo_arts", "yahoo_education", "plant_pseaac", "medical", "cal500")
FIRST, ROUNDS, BATCH = 40, 6, 20
MOST_ITEMS, N_FEATURES = 3000, 100
PENALTIES = 10.0 ** np.arange(-2, 4)
STRATEGIES = {
    "random": None,
    "uncertain": (0.0, 1),
    "tail 0.25": (0.25, 1),
    "tail 0.5": (0.5, 1),
    "tail 1": (1.0, 1),
    "uncertain, spread": (0.0, 5),
    "tail 0.5, spread": (0.5, 5),
}


def data_set(name, data):
    """Features and true labels of the items that are known whole."""
    x, truth = load(name, data)[::2] if name in BOARD else load_simulated(name, data)[::2]
    known = (truth >= 0).all(axis=1)
    if not known.sum() > 500:  # of these sets no item has a second look at every label: what nobody looked at is no positive
        known, truth = (truth >= 0).any(axis=1), np.maximum(truth, 0)
    rows = np.random.default_rng(0).permutation(np.flatnonzero(known))[:MOST_ITEMS]
    x, truth = x[rows], truth[rows]
    x = PCA(min(N_FEATURES, x.shape[1], len(x) - 1), random_state=0).fit_transform(x)
    return (x / (np.linalg.norm(x, axis=1).mean() + 1e-9)).astype(np.float64), truth


def fitted(x, y, everywhere):
    """Scores of a ridge regression at all items."""
    middle, mean = x.mean(axis=0), y.mean(axis=0)
    values, vectors = np.linalg.eigh((x - middle) @ (x - middle).T)
    turned = vectors.T @ (y - mean)
    best = None
    for penalty in PENALTIES * values.mean() / 10:
        weight = 1 / (np.maximum(values, 0) + penalty)
        alpha = vectors @ (weight[:, None] * turned)
        error = ((alpha / ((vectors**2) @ weight)[:, None]) ** 2).mean()
        if best is None or error < best[0]:
            best = (error, alpha)
    return (everywhere - middle) @ ((x - middle).T @ best[1]) + mean


def macro(truth, scores):
    able = truth.sum(axis=0) >= 5
    return np.mean([average_precision_score(truth[:, k], scores[:, k]) for k in np.flatnonzero(able)])


def learned(x, truth, strategy, seed):
    """Macro average precision on the held-out third, mean of the rounds."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(x))
    held, pool = order[: len(x) // 3], order[len(x) // 3 :]
    labelled, out = pool[:FIRST].tolist(), []
    for _ in range(ROUNDS):
        scores = np.clip(fitted(x[labelled], truth[labelled], x), 1e-3, 1 - 1e-3).astype(np.float32)
        left = np.setdiff1d(pool, labelled)
        labelled += chosen(x, truth, labelled, left, scores, strategy, random).tolist()
        out.append(macro(truth[held], fitted(x[labelled], truth[labelled], x[held])))
    return np.mean(out)


def chosen(x, truth, labelled, left, scores, strategy, random):
    if strategy is None:
        return random.choice(left, BATCH, replace=False)
    tail, spread = strategy
    states = np.full(truth.shape, -1, np.int8)
    states[labelled] = truth[labelled]
    worth = information(ls.Dataset.from_arrays(states), Scores(scores), tail=tail)[0]
    best = left[np.argsort(-worth[left], kind="stable")][: spread * BATCH]
    if spread == 1:
        return best
    unit = x[best] / (np.linalg.norm(x[best], axis=1, keepdims=True) + 1e-9)
    return best[farthest(unit, worth[best], BATCH)]


def speed():
    random = np.random.default_rng(0)
    states = np.where(random.random((100_000, 100)) < 0.1, 1, -1).astype(np.int8)
    ds, known = ls.Dataset.from_arrays(states), Predictions(pl.DataFrame(), random.random(states.shape, np.float32))
    start = time.perf_counter()
    ls.label_next(ds, known, n=100)
    return time.perf_counter() - start


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared/data")
    arguments.add_argument("--seeds", type=int, default=6)
    arguments.add_argument("sets", nargs="*", default=(*BOARD, *CLASSIC))
    asked = arguments.parse_args()
    names = list(STRATEGIES)
    print(f"| set | {' | '.join(names)} | s.e. of 'tail 0.5' - random |\n|---|{'---|' * (len(names) + 1)}", flush=True)
    means = []
    for name in asked.sets:
        x, truth = data_set(name, asked.data)
        found = np.array([[learned(x, truth, STRATEGIES[of], seed) for seed in range(asked.seeds)] for of in names])
        means.append(found.mean(axis=1))
        error = (found[names.index("tail 0.5")] - found[0]).std(ddof=1) / np.sqrt(asked.seeds)
        print(f"| {name} | {' | '.join(f'{value:.3f}' for value in means[-1])} | {error:.3f} |", flush=True)
    gains = np.array(means) - np.array(means)[:, :1]
    print("\nleave one set out: gain over random of the strategy that is best on the others")
    for k, name in enumerate(asked.sets if len(asked.sets) > 1 else ()):
        best = int(np.delete(gains, k, axis=0).mean(axis=0).argmax())
        print(f"{name:16} {names[best]:20} {gains[k, best]:+.3f}")
    print(f"seconds of a call at 100,000 x 100: {speed():.2f}")


if __name__ == "__main__":
    main()
