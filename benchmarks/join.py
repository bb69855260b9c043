"""Which labels of two data sets are the same, without their names: halves of one set, and two sets that have nothing in common.

    python benchmarks/join.py [--data ../shared/data] [--draws 3]

goemotions: 4,000 comments each, 22 of the 28 labels each, drawn at random; recall and precision of the identical labels among those
with 30 positives on either side, and of what is said not to be annotated. goemotions and medical_re in one embedding: the share of
labels that are matched. All cells that a set has not got must be unknown in the joined set.
"""

import argparse
from pathlib import Path

import numpy as np
import polars as pl
from real_sets import SETS

import labelscope as ls


def half(truth: np.ndarray, x: np.ndarray, labels: np.ndarray) -> ls.Dataset:
    return ls.Dataset.from_arrays(truth[:, labels], embeddings=x)


def negatives_made_up(found: ls.Dataset, a: ls.Dataset, b: ls.Dataset) -> int:
    """Negative cells of the joined set beyond those of both."""
    return int(found.labels.n_negative.sum() - a.labels.n_negative.sum() - b.labels.n_negative.sum())


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("--draws", type=int, default=3)
    asked = arguments.parse_args()
    d, x = np.load(asked.data / "goemotions/data.npz"), np.load(asked.data / "goemotions/emb_minilm.npy")
    labelled = np.flatnonzero((d["truth"] >= 0).all(axis=1))
    medical = SETS["medical_re"](asked.data)
    other = ls.Dataset.from_arrays(medical.truth, embeddings=medical.parts["embeddings"])
    for draw in range(asked.draws):
        rng = np.random.default_rng(draw)
        rows = rng.permutation(labelled)[:8000].reshape(2, 4000)
        labels = [np.sort(rng.choice(28, 22, replace=False)) for _ in range(2)]
        a, b = (half(d["truth"][part], x[part].astype(np.float32), of) for part, of in zip(rows, labels, strict=True))
        found = ls.join(a, b)
        same = found.frame.filter(pl.col("relation") == "identical")
        pairs = [(labels[0][int(i)], labels[1][int(j)]) for i, j in same.select("left", "right").iter_rows()]
        frequent = [of[ds.labels.n_positive >= 30] for of, ds in zip(labels, (a, b), strict=True)]
        right, wanted = sum(i == j for i, j in pairs), len(np.intersect1d(*frequent))
        counts = dict(found.frame["relation"].value_counts().iter_rows())
        made_up = negatives_made_up(found.dataset(same), a, b)
        unrelated = ls.join(a, other).frame.filter(pl.col("relation") == "identical").height
        print(f"draw {draw}: {right} of {wanted} same labels found, {len(pairs) - right} wrong; {counts}; {made_up} cells made negative; "
              f"with medical_re {unrelated} of {min(a.n_labels, other.n_labels)} matched", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
