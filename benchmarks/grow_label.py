"""A label that is just being made: positives among the first 100 items shown, from five examples; truth plays the person.

    python benchmarks/grow_label.py [--data ../shared/data] [--draws 2] [--items 12000]

goemotions (its 24 most frequent labels, each hidden in turn), medical_re and mirflickr (labels with 30 positives): five rounds of
20, against the 100 items nearest to the centroid of the examples, and against the rounds without the words of the texts. Then 200
items of the label's own sample: in how many cases the interval of `count_label` holds the true number, and how wide it is. At the
end the seconds of a round on 100,000 items x 384 features.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import polars as pl
from real_sets import SETS, TEXT_SETS, texts

import labelscope as ls


def goemotions(data: Path, n_items: int) -> tuple[ls.Dataset, np.ndarray, np.ndarray]:
    d = np.load(data / "goemotions/data.npz")
    rows = np.random.default_rng(0).permutation(np.flatnonzero((d["truth"] >= 0).all(axis=1)))[:n_items]
    truth, x = d["truth"][rows], np.load(data / "goemotions/emb_minilm.npy")[rows]
    text = pl.read_parquet(data / "goemotions/items.parquet").sort("item")["text"][rows]
    ds = ls.Dataset.from_arrays(truth, embeddings=x, **texts(text, d["label_names"].tolist()))
    return ds, truth, np.argsort(-(truth == 1).sum(axis=0))[:24]


def real(name: str, data: Path) -> tuple[ls.Dataset, np.ndarray, np.ndarray]:
    of = TEXT_SETS.get(name, SETS[name])(data)
    truth = np.maximum(of.truth, 0)
    return of.dataset(), truth, np.flatnonzero(truth.sum(axis=0) >= 30)


def nearest(ds: ls.Dataset, start: np.ndarray, n: int) -> np.ndarray:
    x = np.asarray(ds.embeddings, np.float32)
    x = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-9)
    score = x @ x[start].mean(axis=0)
    score[start] = -np.inf
    return np.argsort(-score)[:n]


def rounds(ds: ls.Dataset, name: str, truth: np.ndarray, start: np.ndarray) -> tuple[int, list[int], list[int]]:
    """Positives among 100 shown, and all decided."""
    yes, no, hits = start.tolist(), [], 0
    for _ in range(5):
        shown = ls.grow_label(ds, name, yes, no)["item_id"].to_list()
        hits += int(truth[shown].sum())
        yes += [item for item in shown if truth[item]]
        no += [item for item in shown if not truth[item]]
    return hits, yes, no


def counted(ds: ls.Dataset, name: str, truth: np.ndarray, yes: list[int], no: list[int]) -> tuple[bool, float]:
    for _ in range(2):
        shown = ls.grow_label(ds, name, yes, no, n=100, n_sampled=100)["item_id"].to_list()
        yes, no = yes + [item for item in shown if truth[item]], no + [item for item in shown if not truth[item]]
    total = ls.count_label(ds, name, yes, no).total
    return total.low <= truth.sum() <= total.high, (total.high - total.low) / truth.sum()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("--draws", type=int, default=2)
    arguments.add_argument("--items", type=int, default=12_000)
    asked = arguments.parse_args()
    print("| set | labels | centroid | rounds without words | rounds | labels with 1.5 x centroid | interval holds | its width / truth |")
    print("|---|---|---|---|---|---|---|---|")
    for name, (ds, truth, labels) in {
        "goemotions": goemotions(asked.data, asked.items),
        **{name: real(name, asked.data) for name in ("medical_re", "mirflickr")},
    }.items():
        bare = ls.Dataset.from_arrays(truth, embeddings=ds.embeddings)
        base, plain, ours, held, width = np.zeros((5, asked.draws, len(labels)))
        for draw in range(asked.draws):
            for at, label in enumerate(labels):
                of = truth[:, label] == 1
                start = np.random.default_rng([draw, label]).choice(np.flatnonzero(of), 5, replace=False)
                base[draw, at] = of[nearest(ds, start, 100)].sum()
                plain[draw, at] = rounds(bare, f"label {label}", of, start)[0]
                ours[draw, at], yes, no = rounds(ds, f"label {label}", of, start)
                held[draw, at], width[draw, at] = counted(ds, f"label {label}", of, yes, no)
        share = (ours.mean(axis=0) >= 1.5 * base.mean(axis=0)).mean()
        print(f"| {name} | {len(labels)} | {base.mean():.1f} | {plain.mean():.1f} | {ours.mean():.1f} | {share:.0%} | {held.mean():.0%} "
              f"| {np.median(width):.2f} |", flush=True)  # fmt: skip
    rng = np.random.default_rng(0)
    ds = ls.Dataset.from_arrays(np.ones((100_000, 1), np.int8), embeddings=rng.normal(size=(100_000, 384)).astype(np.float32))
    seconds = []
    for n in range(5, 125, 20):
        start = time.perf_counter()
        ls.grow_label(ds, "new", range(n), range(n, 2 * n))
        seconds.append(time.perf_counter() - start)
    print(f"100,000 x 384: first round {seconds[0]:.2f} s, the others {np.median(seconds[1:]) * 1000:.0f} ms (median), "
          f"{max(seconds[1:]) * 1000:.0f} ms at most")  # fmt: skip


if __name__ == "__main__":
    main()
