"""Relations found in noisy labels against the true hierarchy, names against curated ones, and centroids against split labels.

    python benchmarks/relations.py [--data ../shared/data] [labels | names | embeddings | splits | time ...]

labels: the sets of hierarchical_multilabel, whose noise is simulated (10 % of leaf labels swapped for a sibling, 10 %
dropped, 5 % of inner labels dropped). Found: all a => b listed, an identical pair counted both ways, from the labels alone.
Parent recall: of the edges whose child has 20 or more positives (in the noisy labels / in the true ones). Precision: share
of what is found that is a parent or an ancestor; "or true" also counts what has no exception in the true labels (an only
child and its parent have the same items). "Only direct": the rows "a implies b" that follow from no others, read as parent
edges: share that is one, strictly, and share that is one, an ancestor, or without exception in the true labels.
"""

import argparse
import os
import time
from pathlib import Path

os.environ["LABELSCOPE_CACHE"] = "off"

import numpy as np
import polars as pl
import scipy.sparse as sp

import labelscope as ls
from labelscope.stats.names import name_relations
from labelscope.suggest.label_splits import find_splits

SETS = ("cellcycle_fun", "eisen_fun", "gasch1_fun", "imclef07a", "imclef07d")


def ancestors(edges: np.ndarray, n_labels: int) -> np.ndarray:
    """Whether column j is above row i, bool (n_labels, n_labels)."""
    above = np.zeros((n_labels, n_labels), bool)
    above[edges[:, 1], edges[:, 0]] = True
    while True:
        more = above | (above.astype(np.float32) @ above.astype(np.float32) > 0)
        if (more == above).all():
            return above
        above = more


def implied(frame: pl.DataFrame, names: list[str]) -> np.ndarray:
    """What is listed as implied, bool (n_labels, n_labels)."""
    place, out = {name: k for k, name in enumerate(names)}, np.zeros((len(names),) * 2, bool)
    for a, b, relation in frame.select("label_a", "label_b", "relation").iter_rows():
        if relation in {"implies", "identical"}:
            out[place[a], place[b]] = True
        if relation == "identical":
            out[place[b], place[a]] = True
    return out


def labels(data: Path) -> None:
    print(f"{'':14s} rate   parent recall     ancestors  precision  or true  only found direct: parents, or true")
    for name in SETS:
        d = np.load(data / f"hierarchical_multilabel/{name}.npz")
        names, noisy, truth, edges = d["label_names"].tolist(), d["sim_hier"], d["truth"].astype(np.float32), d["edges"]
        result = ls.relations(ls.Dataset.from_arrays(noisy, label_names=names), names=False)
        found, above = implied(result.frame, names), ancestors(edges, len(names))
        direct = implied(result.frame.filter(pl.col("direct") & (pl.col("relation") == "implies")), names)
        together, count = truth.T @ truth, truth.sum(0)
        holds = (together == count[:, None]) & (count[:, None] > 0)
        parent = np.zeros_like(above)
        parent[edges[:, 1], edges[:, 0]] = True
        big, big_true = noisy.sum(0) >= 20, count >= 20
        print(
            f"{name:14s} {result.rate:.3f}  {found[parent & big[:, None]].mean():.3f} / {found[parent & big_true[:, None]].mean():.3f}"
            f"     {found[above & big[:, None]].mean():.3f}      {above[found].mean():.3f}      {(above | holds)[found].mean():.3f}"
            f"    {parent[direct].mean():.3f}  {(above | holds)[direct].mean():.3f}"
        )


def names(data: Path) -> None:
    table = pl.read_parquet(data / "imet2020_label_relations/labels.parquet")
    known = dict(table.select("attribute_id", "attribute_name").iter_rows())
    curated = pl.read_parquet(data / "imet2020_label_relations/edges.parquet")
    edges = {(known[c], known[p]) for c, p in curated.select("child", "parent").iter_rows()}
    for phrases in (False, True):
        start = time.perf_counter()
        result = name_relations(table["attribute_name"].to_list(), phrases=phrases)
        seconds = time.perf_counter() - start
        found = set(result.frame.filter(relation="implies").select("label_a", "label_b").iter_rows())
        hit = len(found & edges)
        print(f"phrases={phrases}: precision {hit / len(found):.3f}, recall {hit / len(edges):.3f} of {len(edges)} curated edges")
        print(f"    {seconds:.2f} s; {result.summary()}")
    rng, parts = np.random.default_rng(0), [name.split("::", 1)[1] for name in known.values()]
    many = sorted({f"{parts[i]} {parts[j]}" for i, j in rng.integers(len(parts), size=(120_000, 2))} | set(parts))[:100_000]
    start = time.perf_counter()
    result = name_relations(many)
    print(f"{len(many):,} names: {time.perf_counter() - start:.1f} s; {result.summary()}")


def embeddings(data: Path) -> None:
    """Each label given under one of two words, at random: which pairs of words are found to be one label?"""
    d = np.load(data / "goemotions/data.npz")
    vectors, given = np.load(data / "goemotions/emb_minilm.npy", mmap_mode="r"), d["given"]
    rng = np.random.default_rng(0)
    second = rng.random(given.shape) < 0.5
    split = np.concatenate([(given == 1) & ~second, (given == 1) & second], axis=1)
    n = given.shape[1]
    ds = ls.Dataset.from_arrays(sp.csr_matrix(split), label_names=[f"{k}{w}" for w in "ab" for k in range(n)], embeddings=vectors)
    frame = ls.relations(ds, names=False, embeddings=True).frame.filter(relation="identical")
    found = {(a[:-1], b[:-1]) for a, b in frame.select("label_a", "label_b").iter_rows()}
    right = sum(a == b for a, b in found)
    print(f"labels split in two words ({given.shape[0]:,} items): {right} of {n} found, {len(found) - right} wrong pairs")


def splits(data: Path) -> None:
    """Two labels made one: is the label split again? And how many labels are split as they are?"""
    for name in ("goemotions/data", "hierarchical_multilabel/imclef07a", "classic_multilabel/scene"):
        d = np.load(data / f"{name}.npz")
        if name.startswith("goemotions"):
            x, labels = np.load(data / "goemotions/emb_minilm.npy", mmap_mode="r"), d["given"]
        else:
            x, labels = np.nan_to_num(d["X"]).astype(np.float32), d["truth"]
            x = (x - x.mean(0)) / (x.std(0) + 1e-9)
        labels = np.maximum(labels, 0)
        counts, rng, found = labels.sum(0), np.random.default_rng(0), []
        common = np.flatnonzero(counts >= 50)
        alone = find_splits(ls.Dataset.from_arrays(labels, embeddings=x)).frame.height
        for _ in range(60):
            a, b = rng.choice(common, 2, replace=False)
            fewer = min(counts[a], counts[b])
            if (labels[:, a] & labels[:, b]).sum() > 0.2 * fewer or fewer < 0.15 * max(counts[a], counts[b]) or len(found) == 12:
                continue
            one = np.delete(labels, b, axis=1)
            k = a - (b < a)
            one[:, k] = labels[:, a] | labels[:, b]
            told = find_splits(ls.Dataset.from_arrays(one, embeddings=x)).frame["label"].to_list()
            found.append(str(k) in told)
        print(f"{name}: {sum(found)} of {len(found)} labels made of two are split; {alone} of {len(common)} labels as they are")


def seconds(_: Path) -> None:
    rng = np.random.default_rng(0)
    for n_items, n_labels in ((100_000, 1_000), (1_000_000, 5_000)):
        weights = 1 / np.arange(1, n_labels + 1) ** 0.7
        columns = rng.choice(n_labels, size=(n_items, 3), p=weights / weights.sum())
        matrix = sp.csr_matrix((np.ones(columns.size, bool), columns.ravel(), np.arange(0, columns.size + 1, 3)), shape=(n_items, n_labels))
        ds = ls.Dataset.from_arrays(matrix)
        start = time.perf_counter()
        result = ls.relations(ds)
        print(f"{n_items:,} x {n_labels:,}, three random labels an item: {time.perf_counter() - start:.1f} s; {result.summary()}")


PARTS = {"labels": labels, "names": names, "embeddings": embeddings, "splits": splits, "time": seconds}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared/data")
    arguments.add_argument("parts", nargs="*", default=list(PARTS))
    asked = arguments.parse_args()
    for part in asked.parts:
        PARTS[part](asked.data)


if __name__ == "__main__":
    main()
