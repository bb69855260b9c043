"""Whether the names of the map's regions say something: a stand-in for a reader matches names to regions, and the time they take.

    python benchmarks/region_names.py [--data ../shared/data]

goemotions (54,643 comments) and the demo. The names are made of one half of the texts. The stand-in sees the names and the other half:
it gives each name to the region whose texts hold the name's words most often, compared with all texts. The same is done with the names
permuted among the regions of a level.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import polars as pl

import labelscope as ls
from labelscope.space.embed import embed

N_PERMUTED = 200


def goemotions(folder: Path) -> ls.Dataset:
    """Comments with 28 emotions."""
    arrays = np.load(folder / "data.npz")
    items = pl.read_parquet(folder / "items.parquet").select("item_id", "text")
    embeddings = np.load(folder / "emb_minilm.npy").astype(np.float32)
    names = arrays["label_names"].tolist()
    return ls.Dataset.from_arrays(arrays["given"], label_names=names, items=items, text="text", embeddings=embeddings)


def matched(ds: ls.Dataset, found: ls.MapRegions, held_out: np.ndarray, level: int) -> tuple[float, float, int]:
    """Share of the names that are given to their own region, the same with the names permuted, and how many regions there are."""
    texts = ds.items[ds.text].str.to_lowercase()
    regions = found.frame.filter(level=level)
    codes, ids = found.codes[level], regions["region"].to_numpy()
    members = [held_out & (codes == region) for region in ids]
    score = np.zeros((len(ids), len(ids)))  # of a name (row) for the texts of a region (column)
    for k, words in enumerate(regions["words"].list.head(2)):
        for word in words:
            holds = texts.str.contains(rf"\b{word}\b").to_numpy()
            overall = holds[held_out].mean() + 1e-4
            score[k] += [np.log((holds[of].mean() + 1e-4) / overall) if of.any() else 0 for of in members]
    chosen = score.argmax(axis=1)
    rng = np.random.default_rng(0)
    by_chance = np.mean([(chosen[rng.permutation(len(ids))] == np.arange(len(ids))).mean() for _ in range(N_PERMUTED)])
    return float((chosen == np.arange(len(ids))).mean()), float(by_chance), len(ids)


def measure(name: str, ds: ls.Dataset) -> None:
    """Print what one data set gives."""
    layout = ls.embedding_map(ds)
    embed(ds)
    started, busy = time.perf_counter(), time.process_time()
    ls.map_regions(ds, layout)
    took, busy = time.perf_counter() - started, time.process_time() - busy
    print(f"{name}: {ds.n_items:,} items; regions and names {took:.2f} s, {busy:.2f} s of processor")
    named = np.random.default_rng(0).random(ds.n_items) < 0.5
    found = ls.map_regions(half(ds, named), layout)
    for level in range(3):
        own, chance, n = matched(ds, found, ~named, level)
        print(
            f"  level {level}: {n} regions; names given to their own {own:.2f}, permuted {chance:.2f}, {own / max(chance, 1e-9):.1f} times"
        )


def half(ds: ls.Dataset, kept: np.ndarray) -> ls.Dataset:
    """The same items, of which only some have their text."""
    texts = pl.DataFrame({"text": ds.items[ds.text], "kept": kept}).select(pl.when("kept").then("text").otherwise(pl.lit("")))["text"]
    items = pl.DataFrame({"item_id": ds.item_ids, "text": texts})
    return ls.Dataset.from_arrays(ds.labels.dense(), label_names=list(ds.label_names), items=items, text="text", embeddings=embed(ds))


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    folder = arguments.parse_args().data
    ls.map_regions(ls.demo(240))  # loads the libraries, as the stages of the app have done by then
    measure("goemotions", goemotions(folder / "goemotions"))
    measure("demo", ls.demo(3000))
