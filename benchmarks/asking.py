"""How many votes it takes: asking about the least sure items first against asking at random; votes of real workers are replayed.

    python benchmarks/asking.py [--data ../shared/data] [--most 3.0] [--batch 314] [--seed 0]

medical_re (3,142 sentences, 13 relations, about 15 workers a sentence): one worker a sentence to start, then `ask_next` picks the
sentences; the worker is the next one who did that sentence. Printed: micro-F1 of voters and model together against the crowd, by
votes an item, both ways; and with how many votes the chosen way reaches what random asking has at the end.
"""

import argparse
import os
from pathlib import Path

os.environ["LABELSCOPE_CACHE"] = "off"  # every run computes everything

import numpy as np
import polars as pl
from real_sets import MEDICAL

import labelscope as ls
from labelscope.data.cell_scores import Scores
from labelscope.voters.fusion import fuse


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("--most", type=float, default=3.0, help="Votes an item at which it ends.")
    arguments.add_argument("--batch", type=int, default=314)
    arguments.add_argument("--seed", type=int, default=0)
    asked = arguments.parse_args()
    d = np.load(asked.data / MEDICAL / "data.npz")
    judged = (d["mc_given_worker"] >= 0).any(axis=1)
    p = np.load(asked.data / MEDICAL / "oof_probs.npz")["oof_mc_worker"]
    rows = np.flatnonzero(judged & np.isfinite(p).all(axis=1))
    names, truth = d["mc_label_names"].tolist(), d["mc_truth"][rows]
    votes = pl.read_parquet(asked.data / MEDICAL / "votes.parquet").filter(pl.col("item").is_in(rows.tolist()))
    place = dict(zip(rows.tolist(), range(len(rows)), strict=True))
    rng = np.random.default_rng(asked.seed)
    votes = votes.with_columns(pl.col("item").replace_strict(place), draw=pl.Series(rng.random(votes.height))).sort("item", "draw")
    votes = votes.with_columns(turn=pl.int_range(pl.len()).over("item"))
    courses = {way: course(votes, names, truth, p[rows], asked, way) for way in ("random", "ask_next")}
    print("| votes an item | random | ask_next |\n|---|---|---|")
    for (n, one), (_, other) in zip(courses["random"], courses["ask_next"], strict=True):
        print(f"| {n:.2f} | {one:.3f} | {other:.3f} |")
    goal = courses["random"][-1][1]
    reached = next((n for n, score in courses["ask_next"] if score >= goal), float("nan"))
    print(f"random asking has {goal:.3f} at {courses['random'][-1][0]:.2f} votes an item; ask_next reaches that with {reached:.2f}")


def course(
    votes: pl.DataFrame, names: list[str], truth: np.ndarray, p: np.ndarray, asked: argparse.Namespace, way: str
) -> list[tuple[float, float]]:
    """Votes an item and micro-F1, after each batch."""
    rng = np.random.default_rng(asked.seed)
    cells = votes.join(pl.DataFrame({"name": names, "at": range(len(names))}), how="cross")
    value = cells["labels"].list.contains(cells["at"].cast(pl.Int8)).cast(pl.Int8)
    long = cells.select("turn", item_id="item", rater=pl.col("rater").cast(pl.String), label="name", value=value)
    most = votes.group_by("item").len().sort("item")["len"].to_numpy()
    had, told = np.ones(len(truth), int), []
    while True:
        given = long.filter(pl.col("turn") < pl.Series(had).gather(pl.Series(long["item_id"]))).drop("turn")
        ds = ls.Dataset.from_arrays(np.full(truth.shape, -1, np.int8), label_names=names, probabilities=p, votes=given)
        fused = fuse(ds, ds.votes, Scores(p))
        q = fused.beside(np.arange(len(fused.keys)), p.ravel()[fused.keys])
        known = truth.ravel()[fused.keys] >= 0
        right, said = truth.ravel()[fused.keys][known] == 1, q[known] > 0.5
        told.append((had.mean(), float(2 * (right & said).sum() / (right.sum() + said.sum()))))
        if had.mean() >= asked.most:
            return told
        free = np.flatnonzero(had < most)
        if way == "random":
            chosen = rng.choice(free, asked.batch, replace=False)
        else:
            listed = ls.ask_next(ds, len(truth), raters=["anybody"])["item_id"].to_numpy()
            chosen = listed[np.isin(listed, free)][: asked.batch]
        had[chosen] += 1


if __name__ == "__main__":
    main()
