"""Wrong cells among the first that are reviewed: the order of the findings, and the one that learns from each verdict.

    python benchmarks/cell_order.py [--data ../shared/data] [--cells 1000] [SET ...]

A person decides cell after cell; the second look is the person. Printed a set: wrong cells found by the order of the
findings, by the order that learns (ten verdicts between two updates), by an oracle, the share of the difference between
oracle and findings that is closed, and how far each model was trusted in the end. Then the same with one model taken away
each time (`--ablation`), averaged over the sources of the sets, and the seconds of an update at 1,000,000 items (`--speed`).
"""

import argparse
import os
import time
from collections import defaultdict
from pathlib import Path
from unittest import mock

os.environ["LABELSCOPE_CACHE"] = "off"

import numpy as np
import polars as pl
from real_sets import SETS

import labelscope as ls
from labelscope.suggest import cell_evidence
from labelscope.suggest.cell_order import CellOrder

EVERY = 10
VERDICTS, UPDATES = (500, 1000), 20  # of --speed: after so many verdicts, each of the last so many
NAMES = ("level", "kind", "label", "item", "embedding")


def source(name):
    return {"cifar10n": "cifar10n", "cifar10": "cifar10"}.get(name, name.split("_")[0])


def looked_at(name, data):
    """The findings with the cells that a second look decided only, and whether each is wrong."""
    of = SETS[name](data)
    ds = of.dataset()
    found = ls.find_issues(ds)
    cells = found.cells
    rows = pl.DataFrame({"item_id": ds.item_ids, "row": np.arange(ds.n_items)})
    columns = pl.DataFrame({"label": list(ds.label_names), "column": np.arange(ds.n_labels)})
    placed = cells.join(rows, on="item_id", how="left", maintain_order="left").join(columns, on="label", how="left", maintain_order="left")
    truth = of.truth[placed["row"].to_numpy(), placed["column"].to_numpy()]
    known = pl.Series(truth >= 0)
    wrong = truth != cells["given"].to_numpy()
    object.__setattr__(found, "frame", cells.filter(known))
    return found, wrong[known.to_numpy()]


def reviewed(found, wrong, n):
    """Wrong cells found by the order that learns, and how far each model was trusted."""
    keys = found.cells.select("item_id", "label").with_columns(wrong=pl.Series(wrong))
    order, outcomes = CellOrder(found), []
    while len(outcomes) * EVERY < n:
        batch = order.frame(min(EVERY, n - len(outcomes) * EVERY)).select("item_id", "label")
        outcomes.append(batch.join(keys, on=["item_id", "label"], how="left", maintain_order="left"))
        order.learn(pl.concat(outcomes))
        if batch.height < EVERY:
            break
    return int(pl.concat(outcomes)["wrong"].sum()), order.trust


def compare(names, n, *, told=True):
    closed, worst = defaultdict(list), (0.0, "")
    for name, (found, wrong) in names.items():
        at_most = min(n, len(wrong))
        plain, oracle = int(wrong[:at_most].sum()), min(at_most, int(wrong.sum()))
        ours, trust = reviewed(found, wrong, at_most)
        if oracle - plain >= 5:
            closed[source(name)].append((ours - plain) / (oracle - plain))
        lost = max(0.0, (plain - ours - 3) / plain) if plain - ours > 3 else 0.0
        worst = max(worst, (lost and (plain - ours) / plain, name))
        if told:
            share = f"{(ours - plain) / (oracle - plain):6.2f}" if oracle > plain else "     -"
            trusted = " ".join(f"{label} {weight:.2f}" for label, weight in zip(NAMES, trust, strict=False))
            print(f"{name:16} findings {plain:4}  learns {ours:4}  oracle {oracle:4}  closed {share}   {trusted}", flush=True)
    mean = np.mean([np.mean(shares) for shares in closed.values()])
    print(f"closed, mean of {len(closed)} sources: {mean:.3f}; most lost beyond 3 errors: {worst[0]:.1%} {worst[1]}", flush=True)


def speed(n_items=1_000_000, n_labels=100, n_suspicious=100_000):
    """Seconds of an update by one verdict, at about 500 and 1,000 of them."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, n_labels, n_suspicious)
    falling = np.sort(rng.random(n_suspicious))[::-1]
    cells = pl.DataFrame({
        "item_id": rng.integers(0, n_items, n_suspicious),
        "label": pl.Series(labels).cast(pl.String),
        "given": (labels % 2).astype(np.int8),
        "kind": np.where(labels % 2, "spurious", "missing"),
        "suspicion": falling.astype(np.float32),
        "flagged": False,
        "confidence": 0.8 * falling,
    })  # fmt: skip
    cells = cells.unique(["item_id", "label"], maintain_order=True)
    x = rng.normal(size=(n_items, 64)).astype(np.float32)
    given = np.zeros((n_items, n_labels), np.int8)
    given[cells["item_id"].to_numpy(), cells["label"].cast(pl.Int64).to_numpy()] = cells["given"].to_numpy()
    probabilities = np.full((n_items, n_labels), 0.1, np.float32)
    ds = ls.Dataset.from_arrays(given, embeddings=x, probabilities=probabilities, label_names=[str(k) for k in range(n_labels)])
    found = ls.find_issues(ds, detectors=["self_confidence"])
    object.__setattr__(found, "frame", cells)
    order = CellOrder(found)
    wrong = pl.Series("wrong", rng.random(max(VERDICTS)) < 0.5)
    for n in VERDICTS:
        outcomes = cells.head(n).select("item_id", "label").with_columns(wrong.head(n))
        order.learn(outcomes.head(n - UPDATES))
        seconds = []
        for known in range(n - UPDATES + 1, n + 1):
            start = time.perf_counter()
            order.learn(outcomes.head(known))
            order.frame(100)
            seconds.append(time.perf_counter() - start)
        told = f"{np.median(seconds):.3f} s, {max(seconds):.3f} s at most of {UPDATES}"
        print(f"update at {n_items:,} items, {cells.height:,} cells, {n:,} verdicts: {told}", flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared/data")
    arguments.add_argument("--cells", type=int, default=1000)
    arguments.add_argument("--ablation", action="store_true")
    arguments.add_argument("--speed", action="store_true")
    arguments.add_argument("sets", nargs="*", default=list(SETS))
    asked = arguments.parse_args()
    if asked.speed:
        return speed()
    names = {name: looked_at(name, asked.data) for name in asked.sets}
    compare(names, asked.cells)
    for k, name in enumerate(NAMES if asked.ablation else ()):
        print(f"without {name}:", end=" ")
        with mock.patch.object(cell_evidence, "MODELS", tuple(m for i, m in enumerate(cell_evidence.MODELS) if i != k)):
            compare(names, asked.cells, told=False)
    return None


if __name__ == "__main__":
    main()
