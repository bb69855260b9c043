"""What columns of the table add to the embeddings, on real noise: columns of nothing must not harm, real ones may help.

    python benchmarks/features.py [--data ../shared/data] [--sets NAME ...] [--draws 3]

For each set (``real_sets.py``): the log loss of the labels as given, the average precision of wrong cells and the number of labels
that took the features; without features, with one random number, with a random column of 30 words, with both and ten random numbers
more, and with the real columns of the sets that have one (the rater of a comment, the relation by which a sentence was found; the
words of the latter also alone, without embeddings). Random columns are drawn several times; the range of the ratio to no features is
printed.
"""

import argparse
import os
from pathlib import Path

os.environ["LABELSCOPE_CACHE"] = "off"  # every run computes everything

import numpy as np
import polars as pl
from real_sets import BOARD, MEDICAL, SETS, RealSet
from sklearn.metrics import average_precision_score

import labelscope as ls


def judge(of: RealSet, items: pl.DataFrame | None = None, *, alone: bool = False) -> tuple[float, float, str]:
    """Mean log loss of the scored labels, average precision over known cells, and the method."""
    parts = {name: part for name, part in of.parts.items() if not (alone and name == "embeddings")}
    if items is not None:
        parts |= {"items": items, "features": items.columns}
    dataset = ls.Dataset.from_arrays(of.given, **parts)
    predictions = ls.predict(dataset, progress=False)
    scores = ls.find_issues(dataset, predictions).scores
    known = (of.given >= 0) & (of.truth >= 0)
    found = average_precision_score((of.given != of.truth)[known], np.nan_to_num(scores[known]))
    return predictions.frame.filter("scored")["log_loss"].mean(), found, predictions.method.rpartition("features for ")[2]


def random_columns(n_items: int, draw: int) -> dict[str, pl.DataFrame]:
    rng = np.random.default_rng(draw)
    number = {"number": rng.normal(size=n_items)}
    words = {"word": [f"w{k}" for k in rng.integers(0, 30, n_items)]}
    many = {f"number {k}": rng.normal(size=n_items) for k in range(10)}
    return {
        "a random number": pl.DataFrame(number),
        "random words": pl.DataFrame(words),
        "12 random columns": pl.DataFrame(number | words | many),
    }


def real_columns(name: str, data: Path) -> dict[str, pl.DataFrame]:
    if name == "goemotions":
        return {"rater": pl.read_parquet(data / "goemotions/one_rater.parquet").select(pl.col("rater").cast(pl.String))}
    if name in ("medical_re", "medical_ds", "medical_expert"):
        items = pl.read_parquet(data / MEDICAL / "items.parquet").sort("item").select("seed_relation")
        kept = np.load(data / MEDICAL / "data.npz")["mc_given_worker" if name == "medical_re" else "given"]
        return {"seed_relation": items.filter(pl.Series((kept >= 0).any(axis=1)))}
    return {}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("--sets", nargs="+", default=list(BOARD))
    arguments.add_argument("--draws", type=int, default=3)
    asked = arguments.parse_args()
    for name in asked.sets:
        of = SETS[name](asked.data)
        loss, found, _ = judge(of)
        print(f"{name}: {of.given.shape[0]:,} items x {of.given.shape[1]} labels; log loss {loss:.4f}, AP {found:.4f} without features")
        drawn = [random_columns(len(of.given), draw) for draw in range(asked.draws)]
        for kind in drawn[0]:
            told = [judge(of, columns[kind]) for columns in drawn]
            losses, precisions = (np.array([t[k] for t in told]) / base for k, base in enumerate((loss, found)))
            print(f"  {kind}: log loss x {losses.min():.4f} to {losses.max():.4f}, AP x {precisions.min():.4f} to {precisions.max():.4f}; "
                  f"for {told[0][2]} in the first draw")  # fmt: skip
        for kind, items in real_columns(name, asked.data).items():
            for alone in (False, True):
                loss_with, found_with, took = judge(of, items, alone=alone)
                words = f"{kind}{', without embeddings' if alone else ''}"
                print(f"  {words}: log loss x {loss_with / loss:.4f}, AP x {found_with / found:.4f}; for {took}")


if __name__ == "__main__":
    main()
